package order

import (
	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

func writeBasket(tx *storage.Tx, a Ask, c Checkout, b Basket, sealed []byte) {
	tx.Queue("INSERT INTO baskets (market_id, id, buyer_id, placed_by, payment_id, way, currency, total_minor, state, deliver_to_sealed, placed_at, expires_at) VALUES ($1, $2, $3, $4, nullif($5::uuid, '00000000-0000-0000-0000-000000000000'), $6, $7, $8, 'placed', $9, $10, $11)",
		b.Market, b.ID, a.Buyer.ID, a.PlacedBy.ID, c.Payment, c.Way, c.Currency, b.Total, sealed, tx.Now, c.ExpiresAt)
}

// writeOrders writes all orders of a basket and all their lines. The text of the
// lines' statement does not depend on how many there are. Their columns are taken
// out of arrays by number: unnest would set up a function for each of them, and
// there are more columns than lines.
func writeOrders(tx *storage.Tx, orders []Order) {
	var charges []Charge
	var l lineColumnsOf
	for _, o := range orders {
		tx.Queue(`INSERT INTO orders (market_id, id, basket_id, number, kind, state, buyer_id, seller_id, seller_payee, agent_id, currency, total_minor, placed_at, for_id, covered_by, fee_to)
			VALUES ($1, $2, $3, $4, $5, 'placed', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			o.Market, o.ID, o.Basket, o.Number, o.Kind, o.Buyer, o.Seller, o.SellerPayee, o.Agent, o.Currency, o.Total, o.PlacedAt, o.For, o.CoveredBy, o.FeeTo)
		charges = append(charges, o.Charges...)
		for _, line := range o.Lines {
			l.add(o.ID, line)
		}
	}
	tx.Queue(`INSERT INTO order_lines (market_id, order_id, line_no, listing_id, title, title_en, photo, category, unit, unit_base, quantity, weight_band_bp, price_minor, total_minor, seller_minor, agent_minor, fee_minor, tax_minor, fee_bp, tax_bp, agent_payee, return_days, release_days)
		SELECT $1::int, ($2::uuid[])[n], ($3::int[])[n], ($4::uuid[])[n], ($5::text[])[n], ($6::text[])[n], ($7::text[])[n], ($8::text[])[n], ($9::text[])[n],
			($10::bigint[])[n], ($11::bigint[])[n], ($12::int[])[n], ($13::bigint[])[n], ($14::bigint[])[n], ($15::bigint[])[n], ($16::bigint[])[n], ($17::bigint[])[n],
			($18::bigint[])[n], ($19::int[])[n], ($20::int[])[n], ($21::uuid[])[n], ($22::int[])[n], ($23::int[])[n]
		FROM generate_series(1, $24::int) AS n`,
		orders[0].Market, pq.Array(l.order), l.no, pq.Array(l.listing), l.title, l.titleEN, l.photo, l.category, l.unit,
		l.base, l.quantity, l.band, l.price, l.total, l.seller, l.agent, l.fee, l.tax, l.feeBP, l.taxBP, pq.Array(l.payee), l.returns, l.release, len(l.no))
	putCharges(tx, charges)
}

// lineColumnsOf holds lines column by column, as arrays.
type lineColumnsOf struct {
	order                                                                                           []id.ID
	listing, payee                                                                                  []*id.ID
	title, titleEN, photo, category, unit                                                           pq.StringArray
	no, base, quantity, band, price, total, seller, agent, fee, tax, feeBP, taxBP, returns, release pq.Int64Array
}

func (c *lineColumnsOf) add(order id.ID, l Line) {
	c.order = append(c.order, order)
	c.no = append(c.no, int64(l.No))
	c.listing = append(c.listing, l.Listing)
	c.title = append(c.title, l.Title)
	c.titleEN = append(c.titleEN, l.TitleEN)
	c.photo = append(c.photo, l.Photo)
	c.category = append(c.category, l.Category)
	c.unit = append(c.unit, l.Unit)
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
	c.payee = append(c.payee, l.AgentPayee)
	c.returns = append(c.returns, int64(l.ReturnDays))
	c.release = append(c.release, int64(l.ReleaseDays))
}

// texts is an array of texts that may be missing.
type texts []*string

func (t *texts) add(s string) { *t = append(*t, &s) }

func (t texts) array() any { return pq.Array([]*string(t)) }
