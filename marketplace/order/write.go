package order

import (
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

func writeBasket(tx *storage.Tx, a Ask, c Checkout, b Basket, sealed []byte) {
	tx.Queue("INSERT INTO baskets (market_id, id, buyer_id, placed_by, payment_id, way, currency, total_minor, state, deliver_to_sealed, placed_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'placed', $9, $10, $11)",
		b.Market, b.ID, a.Buyer.ID, a.PlacedBy.ID, c.Payment, c.Way, c.Currency, b.Total, sealed, tx.Now, c.ExpiresAt)
}

// writeOrders writes all orders of a basket and all their lines, each table in
// one statement whose text does not depend on how many there are.
func writeOrders(tx *storage.Tx, orders []Order) {
	first := orders[0]
	var oid, number, seller, payee, agent texts
	var total pq.Int64Array
	var l lineColumnsOf
	var charges []Charge
	for _, o := range orders {
		charges = append(charges, o.Charges...)
		oid.add(o.ID.String())
		number.add(o.Number)
		seller.id(o.Seller)
		payee.id(o.SellerPayee)
		agent.id(o.Agent)
		total = append(total, o.Total)
		for _, line := range o.Lines {
			l.add(o.ID, line)
		}
	}
	tx.Queue(`INSERT INTO orders (market_id, id, basket_id, number, kind, state, buyer_id, seller_id, seller_payee, agent_id, currency, total_minor, placed_at)
		SELECT $1::int, u.id, $2::uuid, u.number, $3::text, 'placed', $4::uuid, u.seller, u.payee, u.agent, $5::text, u.total, $6::timestamptz
		FROM unnest($7::uuid[], $8::text[], $9::uuid[], $10::uuid[], $11::uuid[], $12::bigint[]) AS u (id, number, seller, payee, agent, total)`,
		first.Market, first.Basket, first.Kind, first.Buyer, first.Currency, first.PlacedAt.Truncate(time.Microsecond),
		oid.array(), number.array(), seller.array(), payee.array(), agent.array(), total)
	tx.Queue(`INSERT INTO order_lines (market_id, order_id, line_no, listing_id, title, title_en, photo, category, unit, unit_base, quantity, weight_band_bp, price_minor, total_minor, seller_minor, agent_minor, fee_minor, tax_minor, fee_bp, tax_bp, agent_payee, return_days, release_days)
		SELECT $1::int, u.* FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::bigint[], $12::int[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::int[], $20::int[], $21::uuid[], $22::int[], $23::int[]) AS u`,
		first.Market, l.order.array(), l.no, l.listing.array(), l.title.array(), l.titleEN.array(), l.photo.array(), l.category.array(), l.unit.array(),
		l.base, l.quantity, l.band, l.price, l.total, l.seller, l.agent, l.fee, l.tax, l.feeBP, l.taxBP, l.payee.array(), l.returns, l.release)
	putCharges(tx, charges)
}

// lineColumnsOf holds lines column by column, as arrays.
type lineColumnsOf struct {
	order, listing, title, titleEN, photo, category, unit, payee                                    texts
	no, base, quantity, band, price, total, seller, agent, fee, tax, feeBP, taxBP, returns, release pq.Int64Array
}

func (c *lineColumnsOf) add(order id.ID, l Line) {
	c.order.add(order.String())
	c.no = append(c.no, int64(l.No))
	c.listing.id(l.Listing)
	c.title.add(l.Title)
	c.titleEN.add(l.TitleEN)
	c.photo.add(l.Photo)
	c.category.add(l.Category)
	c.unit.add(l.Unit)
	c.base = append(c.base, l.UnitBase)
	c.quantity = append(c.quantity, l.Quantity)
	c.band = append(c.band, int64(l.BandBP))
	c.price = append(c.price, l.Price)
	c.total = append(c.total, l.Total)
	c.seller = append(c.seller, l.SellerShare)
	c.agent = append(c.agent, l.AgentShare)
	c.fee = append(c.fee, l.Fee)
	c.tax = append(c.tax, l.Tax)
	c.feeBP = append(c.feeBP, int64(l.FeeBP))
	c.taxBP = append(c.taxBP, int64(l.TaxBP))
	c.payee.id(l.AgentPayee)
	c.returns = append(c.returns, int64(l.ReturnDays))
	c.release = append(c.release, int64(l.ReleaseDays))
}

// texts is an array of texts that may be missing.
type texts []*string

func (t *texts) add(s string) { *t = append(*t, &s) }

func (t *texts) id(i *id.ID) {
	if i == nil || *i == id.None {
		*t = append(*t, nil)
		return
	}
	t.add(i.String())
}

func (t texts) array() any { return pq.Array([]*string(t)) }
