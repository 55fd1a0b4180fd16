package order

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/terms"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// Charge is any other sum on the order. One that adds (delivery) has a split of
// its own; a negative one names the line, or the charge, that it takes from. What
// the market bears of a sum is its fifth share: a discount that the market pays
// takes nothing from the line's owners.
type Charge struct {
	Order  id.ID     `db:"order_id"`
	No     int       `db:"charge_no"`
	Line   *int      `db:"line_no"`
	Of     *int      `db:"of_charge"`
	Label  string    `db:"label"`
	Source string    `db:"source"`
	Amount int64     `db:"amount_minor"`
	Seller int64     `db:"seller_minor"`
	Agent  int64     `db:"agent_minor"`
	Fee    int64     `db:"fee_minor"`
	Tax    int64     `db:"tax_minor"`
	Market int64     `db:"market_minor"`
	Tariff []byte    `db:"tariff"` // how a delivery was reckoned: Brought
	Reason string    `db:"reason"`
	At     time.Time `db:"created_at"`
	Left   Shares    `db:"-"` // of one that adds, what others have left of its split
}

// The labels of charges.
const (
	Delivery = "delivery"
	Discount = "discount"
	FeeOnTop = "fee" // the buyer pays the platform's fee on top
)

// Brought is how a delivery was reckoned, frozen with it: what is asked when less
// of the goods is sent.
type Brought struct {
	terms.Tariff
	Grams int64   `json:"grams"`
	Lines []int64 `json:"lines"` // grams, line by line
}

// placed begins the source of what was on the order from the start.
const placed = "place"

// FromStart says whether a charge was on the order when it was placed.
func (c Charge) FromStart() bool { return strings.HasPrefix(c.Source, placed) }

// Stands says whether it is a sum of its own, with owners: what adds.
func (c Charge) Stands() bool { return c.Line == nil && c.Of == nil }

func (c Charge) split() Shares { return Shares{c.Seller, c.Agent, c.Fee, c.Tax} }

const chargeColumns = "order_id, charge_no, line_no, of_charge, label, source, amount_minor, seller_minor, agent_minor, fee_minor, tax_minor, market_minor, tariff, reason, created_at"

// withLines reads the lines of an order and its charges; both come with what is
// left of them.
func withLines(tx *storage.Tx, o *Order) error {
	if err := tx.Select(&o.Lines, "SELECT "+lineColumns+" FROM order_lines WHERE market_id = $1 AND order_id = $2 ORDER BY line_no", o.Market, o.ID); err != nil {
		return err
	}
	if err := tx.Select(&o.Charges, "SELECT "+chargeColumns+" FROM order_charges WHERE market_id = $1 AND order_id = $2 ORDER BY charge_no", o.Market, o.ID); err != nil {
		return err
	}
	o.leave()
	return nil
}

// leave works out what charges have left of each line and of each charge that adds.
func (o *Order) leave() {
	lines := map[int]*Line{}
	for i := range o.Lines {
		l := &o.Lines[i]
		l.Left, l.Gift, l.Cost = Shares{l.SellerShare, l.AgentShare, l.Fee, l.Tax}, 0, l.Total
		lines[l.No] = l
	}
	adds := map[int]*Charge{}
	for i := range o.Charges {
		c := &o.Charges[i]
		switch {
		case c.Line != nil:
			l := lines[*c.Line]
			if l == nil {
				continue
			}
			l.Left, l.Gift = l.Left.plus(c.split()), l.Gift-c.Market
			if c.FromStart() {
				l.Cost += c.Amount
			}
		case c.Of != nil:
			if a := adds[*c.Of]; a != nil {
				a.Left = a.Left.plus(c.split())
			}
		default:
			c.Left = c.split()
			adds[c.No] = c
		}
	}
}

// Back is what can still be given back of a line to its buyer.
func (l Line) Back() int64 { return l.Left.Sum() - l.Gift }

// Taken is how much of it the seller has taken on.
func (l Line) Taken() int64 {
	if l.Accepted != nil {
		return *l.Accepted
	}
	return l.Quantity
}

// discount takes off what sellers and market take off, over each seller's lines
// by largest remainder. What the seller gives makes tax, fee and commission
// smaller; what the market gives is its own.
func discount(priced []Priced, at time.Time) {
	of := map[whose][]int{}
	for i, l := range priced {
		of[l.whose()] = append(of[l.whose()], i)
	}
	for _, lines := range of {
		own, gift := priced[lines[0]].Terms.Discount, priced[lines[0]].Gift
		if own == nil && gift == nil {
			continue
		}
		worth, goods := make([]int64, len(lines)), int64(0)
		for n, i := range lines {
			worth[n] = priced[i].Total
			goods += worth[n]
		}
		for n, off := range money.Split(own.Off(goods, at), worth) {
			l := &priced[lines[n]]
			l.off, worth[n] = off, worth[n]-off
			goods -= off
			if off > 0 {
				l.Tax, l.Fee = money.Included(worth[n], l.TaxBP), money.Part(worth[n], l.FeeBP)
			}
		}
		for n, off := range money.Split(gift.Off(goods, at), worth) {
			priced[lines[n]].gift = off
		}
	}
}

// charge puts on an order what its seller's terms say, and what the kind adds.
func (o *Order) charge(lines []Priced, to *Address) error {
	var goods, grams int64
	weighs := make([]int64, len(lines))
	for i, l := range lines {
		weighs[i] = l.Grams
		no := o.Lines[i].No
		if l.off > 0 {
			o.add(Charge{Line: &no, Label: Discount, Source: placed + ":seller", Amount: -l.off, Seller: -l.off})
		}
		if l.gift > 0 {
			o.add(Charge{Line: &no, Label: Discount, Source: placed + ":market", Amount: -l.gift, Market: -l.gift})
			o.Bears += l.gift
		}
		for _, c := range l.Adds {
			c.Source = placed + ":" + c.Label
			o.add(c)
		}
		goods, grams = goods+l.Total-l.off, grams+l.Grams
	}
	first, listing := lines[0], ""
	if first.Listing != nil {
		listing = first.Listing.String()
	}
	bring := first.Terms.Delivery
	if o.Point = first.Terms.Pickup; o.Comes {
		if o.Point == nil {
			return fault.Conflict("pickup_none", fault.Args{"id": listing})
		}
		return nil
	}
	if bring == nil {
		return nil
	}
	if to == nil || to.Code == "" {
		o.Unplaced = true
		return nil
	}
	if len(to.Code) < 2 || len(to.Code) > 12 || strings.Trim(to.Code, "0123456789") != "" {
		return fault.Invalid("province", "region_unknown")
	}
	tariff, there := bring.For(to.Code)
	if !there {
		return fault.Conflict("not_delivered", fault.Args{"listing": first.Title, "listing_en": first.TitleEN, "id": listing})
	}
	sum, err := tariff.Costs(grams, goods)
	if err != nil || sum > terms.MostMinor {
		return fault.Invalid("items", "quantity_too_large")
	}
	frozen, err := json.Marshal(Brought{tariff, grams, weighs})
	if err != nil {
		return err
	}
	tax := taxOn(sum, lines)
	o.add(Charge{Label: Delivery, Source: placed + ":" + Delivery, Amount: sum, Seller: sum - tax, Tax: tax, Tariff: frozen})
	return nil
}

// somewhere asks where to, of orders whose delivery nobody can reckon yet, and of
// those that are sent while the buyer comes for others.
func (a Ask) somewhere(orders []Order) error {
	for _, o := range orders {
		if o.Unplaced {
			return fault.Invalid("province", "delivery_where", fault.Args{"listing": o.Lines[0].Title, "listing_en": o.Lines[0].TitleEN})
		}
		if len(a.Collect) > 0 && !o.Comes && (a.DeliverTo == nil || a.DeliverTo.Street == "") {
			return fault.Invalid("street", "required")
		}
	}
	return nil
}

// taxOn is the tax in a sum that comes on top of the goods: it follows their rates.
// Of what goods of one rate and their part of the sum come to, after discounts, the
// tax is reckoned once; their lines have theirs of it, and the rest is the sum's. So
// all the tax of an order is what is in what it comes to, whatever lines it has.
func taxOn(sum int64, lines []Priced) int64 {
	var rates []int32
	var worth, taxed []int64
	at := map[int32]int{}
	for _, l := range lines {
		n, known := at[l.TaxBP]
		if !known {
			n = len(rates)
			at[l.TaxBP] = n
			rates, worth, taxed = append(rates, l.TaxBP), append(worth, 0), append(taxed, 0)
		}
		worth[n] += l.Total - l.off
		taxed[n] += l.Tax
	}
	var tax int64
	for n, part := range money.Split(sum, worth) {
		// Many lines, each rounded up, may have more than is in all of it: then it has none.
		tax += min(max(money.Included(worth[n]+part, rates[n])-taxed[n], 0), part)
	}
	return tax
}

func (o *Order) add(c Charge) {
	c.Order, c.No, c.At = o.ID, len(o.Charges)+1, o.PlacedAt
	o.Charges = append(o.Charges, c)
}

// putCharges writes charges of one market, of one order or of several.
func putCharges(tx *storage.Tx, charges []Charge) {
	if len(charges) == 0 {
		return
	}
	var order, label, source, reason, tariff texts
	var line, of []*int64
	var no, amount, seller, agent, fee, tax, market pq.Int64Array
	for _, c := range charges {
		order.add(c.Order.String())
		label.add(c.Label)
		source.add(c.Source)
		reason.add(c.Reason)
		line, of = append(line, wide(c.Line)), append(of, wide(c.Of))
		if c.Tariff == nil {
			tariff = append(tariff, nil)
		} else {
			tariff.add(string(c.Tariff))
		}
		no, amount, market = append(no, int64(c.No)), append(amount, c.Amount), append(market, c.Market)
		seller, agent, fee, tax = append(seller, c.Seller), append(agent, c.Agent), append(fee, c.Fee), append(tax, c.Tax)
	}
	tx.Queue(`INSERT INTO order_charges (market_id, order_id, charge_no, line_no, of_charge, label, source, amount_minor, seller_minor, agent_minor, fee_minor, tax_minor, market_minor, tariff, reason, created_at)
		SELECT $1::int, u.of_order, u.no, u.line, u.of, u.label, u.source, u.amount, u.seller, u.agent, u.fee, u.tax, u.market, u.tariff::jsonb, u.reason, $2::timestamptz
		FROM unnest($3::uuid[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::text[])
			AS u (of_order, no, line, of, label, source, amount, seller, agent, fee, tax, market, tariff, reason)`,
		tx.Market, tx.Now, order.array(), no, pq.Array(line), pq.Array(of), label.array(), source.array(), amount, seller, agent, fee, tax, market, tariff.array(), reason.array())
}

func wide(n *int) *int64 {
	if n == nil {
		return nil
	}
	w := int64(*n)
	return &w
}
