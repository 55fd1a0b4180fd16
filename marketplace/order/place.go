package order

import (
	"fmt"
	"slices"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/cash"
	"commonfield/agents/commission"
	"commonfield/agents/region"
	"commonfield/marketplace/kept"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/money"
)

// placing is one market's part of what a buyer confirms.
type placing struct {
	market region.Market
	zone   *time.Location // a number carries the day of its market
	items  []Item
	at     []int // where the ask names them
	basket id.ID
	sealed []byte
}

// place writes one market's basket with its payment: the whole of it, or, away
// from the payment's home, that market's share.
func (p *Pipeline) place(tx *storage.Tx, kind Kind, a Ask, c Checkout, m placing, others []Basket) (Checkout, error) {
	if m.market.Paused() {
		return c, fault.Conflict("market_paused")
	}
	given, rules, err := p.attribute(tx, a)
	if err != nil {
		return c, err
	}
	// Last of the reads: what is promised stays locked until the commit.
	priced, keep, err := kind.hold(tx, m.items)
	if err != nil {
		return c, err
	}
	discount(priced, tx.Now)
	dues := earning(a.Kind, rules, priced, tx.Now)
	orders, err := p.cut(a, c, m, priced, given, dues, tx.Now)
	if err != nil {
		return c, err
	}
	if err := a.somewhere(orders); err != nil {
		return c, err
	}
	if err := kind.freeze(orders); err != nil {
		return c, err
	}
	b := Basket{Market: m.market.ID, ID: m.basket}
	for _, o := range orders {
		b.Total += o.Total
		b.Orders = append(b.Orders, o.ID)
	}
	home := c.Market == b.Market
	c.Baskets = append([]Basket{b}, others...)
	shares, err := c.add()
	if err != nil {
		return c, err
	}
	if home && a.Seen >= 0 && a.Seen != c.Total {
		return c, fault.Conflict("price_changed", fault.Args{"old": a.Seen, "new": c.Total, "currency": c.Currency})
	}
	wait := 15 * time.Minute
	if kind.Expiry != nil {
		wait = kind.Expiry(a.Way)
	}
	c.ExpiresAt = tx.Now.Add(wait)
	if a.Way == payment.Cash {
		if _, err := mayCash(tx, a.Buyer.ID, orders, cash.Keep); err != nil {
			return c, err
		}
	}
	if err := keep(tx, orders, a.PlacedBy.ID); err != nil {
		return c, err
	}
	if kind.Covers != nil {
		return p.cover(tx, kind, a, c, b, orders, given, dues, m.sealed)
	}
	payment.Expect(tx, payment.Payment{ID: c.Payment, Home: c.Market, Sale: b.ID, Gateway: a.Way, Reference: payment.Reference(c.Payment),
		Currency: c.Currency, Due: c.Total, ExpiresAt: c.ExpiresAt, Promise: a.promise()}, shares...)
	if err := p.write(tx, a, c, b, orders, given, dues, m.sealed); err != nil {
		return c, err
	}
	if home && a.Way != payment.Cash {
		jobs.Add(tx, JobExpire, c.Payment.String(), expireJob{Payment: c.Payment}, c.ExpiresAt)
	}
	if home && a.Kept {
		kept.Later(tx, c.Payment.String(), a.Buyer.ID, a.wanted())
	}
	if a.Way == payment.Cash {
		return c, p.agree(tx, orders)
	}
	return c, nil
}

// write puts a basket down with its orders, and what an agent may earn of them.
func (p *Pipeline) write(tx *storage.Tx, a Ask, c Checkout, b Basket, orders []Order, given attribution.Given, dues map[whose][]commission.Due, sealed []byte) error {
	writeBasket(tx, a, c, b, sealed)
	writeOrders(tx, orders)
	var lines []attribution.Line
	var earns []commission.Due
	for _, o := range orders {
		if o.Comes {
			comes(tx, o, *o.Point, a.PlacedBy.ID)
		}
		wrote(tx, o.ID, "", Placed, By{Person: a.PlacedBy}, "")
		p.told(tx, o, "", By{Person: a.PlacedBy}, "")
		for _, l := range o.Lines {
			lines = append(lines, attribution.Line{Sale: o.ID, No: l.No})
		}
		for _, d := range dues[o.whose()] {
			d.Sale = o.ID
			earns = append(earns, d)
		}
	}
	attribution.Record(tx, given, lines...)
	if err := commission.Estimate(tx, given, earns); err != nil {
		return err
	}
	jobs.Add(tx, JobSeen, a.Buyer.ID.String(), seenJob{Person: a.Buyer.ID})
	return nil
}

// attribute decides which agent the basket is owed to, and by which rules; there
// are none when nobody earns.
func (p *Pipeline) attribute(tx *storage.Tx, a Ask) (attribution.Given, []commission.Rule, error) {
	a.Agent.Buyer, a.Agent.Phone = a.Buyer.ID, a.Buyer.Phone
	if a.Agent.Phone == "" && a.DeliverTo != nil {
		a.Agent.Phone = a.DeliverTo.Phone // a guest has no other
	}
	given, err := attribution.Decide(tx, a.Agent)
	if err != nil || !given.Earns() {
		return given, nil, err
	}
	rules, err := commission.Rules(tx, a.Kind)
	return given, rules, err
}

// earning is what each line earns an agent, by order: line numbers count in each.
// Without rules it is nothing.
func earning(kind string, rules []commission.Rule, priced []Priced, now time.Time) map[whose][]commission.Due {
	if len(rules) == 0 {
		return nil
	}
	lines := map[whose][]commission.Line{}
	for _, l := range priced {
		of := lines[l.whose()]
		lines[l.whose()] = append(of, commission.Line{No: len(of) + 1, Category: l.Category, Base: l.Total - l.off - l.Tax})
	}
	dues := make(map[whose][]commission.Due, len(lines))
	for order, of := range lines {
		dues[order] = commission.Choose(rules, kind, now, of)
	}
	return dues
}

// whose says which lines of a basket are one order: those of one seller, for one thing.
type whose struct{ seller, of id.ID }

func (l Priced) whose() whose { return whose{l.Seller, l.For} }

func (o Order) whose() whose {
	var w whose
	if o.Seller != nil {
		w.seller = *o.Seller
	}
	if o.For != nil {
		w.of = *o.For
	}
	return w
}

// cut makes one order per seller, in the order in which sellers first appear,
// and freezes every line's split: tax and fee from the kind, commission from
// the rules, the rest is the seller's. What comes on top, and what is taken off,
// are charges.
func (p *Pipeline) cut(a Ask, c Checkout, m placing, priced []Priced, given attribution.Given, dues map[whose][]commission.Due, now time.Time) ([]Order, error) {
	var orders []Order
	at := map[whose]int{}
	of := map[whose][]Priced{}
	for _, l := range priced {
		of[l.whose()] = append(of[l.whose()], l)
		i, known := at[l.whose()]
		if !known {
			i = len(orders)
			at[l.whose()] = i
			o := Order{Market: m.market.ID, ID: id.New(), Basket: m.basket, Kind: a.Kind, State: Placed, Buyer: a.Buyer.ID,
				Currency: c.Currency, PlacedAt: now, Payment: c.Payment, Way: c.Way, Comes: slices.Contains(a.Collect, l.Seller)}
			o.Number = fmt.Sprintf("%s-%s-%s", m.market.Code, now.In(m.zone).Format("20060102"), id.Short(o.ID))
			if l.Seller != id.None {
				o.Seller = &l.Seller
			}
			if l.SellerPayee != id.None {
				o.SellerPayee = &l.SellerPayee
			}
			if l.For != id.None {
				o.For = &l.For
			}
			if given.Earns() {
				o.Agent = &given.AgentID
			}
			orders = append(orders, o)
		}
		o := &orders[i]
		line := l.Line
		line.No, line.Orders = len(o.Lines)+1, o.ID
		for _, d := range dues[l.whose()] {
			if d.No == line.No {
				line.AgentShare, line.AgentPayee = d.Amount, &given.PayeeID
			}
		}
		line.SellerShare = line.Total - line.Tax - line.Fee - line.AgentShare
		if line.SellerShare < l.off {
			return nil, fault.Conflict("rates_exceed_price", fault.Args{"listing": line.Title, "listing_en": line.TitleEN})
		}
		var err error
		if o.Total, err = money.Sum(o.Total, line.Total); err != nil {
			return nil, fault.Invalid("items", "quantity_too_large")
		}
		o.Lines = append(o.Lines, line)
	}
	var wrong []error
	for i := range orders {
		o := &orders[i]
		o.takes = of[o.whose()][0].Terms.Cash
		if err := o.charge(of[o.whose()], a.DeliverTo); err != nil {
			wrong = append(wrong, err)
			continue
		}
		for _, c := range o.Charges {
			o.Total += c.Amount
		}
	}
	return orders, fault.All(wrong...)
}
