package order

import (
	"context"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
	"commonfield/storage/once"
	"commonfield/storage/written"
)

// Part is how much to give back of one line, or of one charge that adds; 0 means
// all that is left of it.
type Part struct {
	Line   int   `json:"line,omitempty"`
	Charge int   `json:"charge,omitempty"`
	Amount int64 `json:"amount_minor"`
}

// Refund gives money back by line and charge; no parts means all that is left of the
// order. It takes from whom the money is with now: what is held, or the
// payees of those lines, by largest remainder over what each still has, so
// that no share ever grows and n refunds end at the whole to the fen. The same
// key gives the same refund. A seller gives back what is held; after release,
// when a seller who was paid out would give back the market's money, an operator
// does. Refusals: refund_too_large with what is left,
// refund_frozen while a chargeback is open, refund_not_paid before money has come.
func (p *Pipeline) Refund(ctx context.Context, key once.Key, by By, ref Ref, parts []Part, reason string) (id.ID, error) {
	if by.As != AsOperator && by.As != AsSeller {
		return id.None, fault.Forbidden("forbidden")
	}
	reason = written.Plain(reason)
	if reason == "" {
		return id.None, fault.Invalid("reason", "required")
	}
	if len([]rune(reason)) > 500 {
		return id.None, fault.Invalid("reason", "too_long", fault.Args{"most": 500})
	}
	if err := p.atHome(ctx, ref); err != nil {
		return id.None, err
	}
	return once.Do(ctx, p.db, ref.Market, key, func(tx *storage.Tx) (id.ID, error) {
		o, err := p.lock(tx, ref)
		if err != nil {
			return id.None, err
		}
		if o.ReleasedAt != nil && by.As != AsOperator {
			return id.None, fault.Forbidden("forbidden")
		}
		refund, _, err := p.giveBack(tx, &o, by, parts, reason)
		return refund, err
	})
}

// whole names all that is left of every line and of every charge that adds.
func (o *Order) whole() []Part {
	var parts []Part
	for _, l := range o.Lines {
		parts = append(parts, Part{Line: l.No})
	}
	for _, c := range o.Charges {
		if c.Stands() {
			parts = append(parts, Part{Charge: c.No})
		}
	}
	return parts
}

// deed is why money goes back: the charge's label, and the cause that makes it
// unique on the order.
type deed struct {
	refund               id.ID
	label, cause, reason string
	by                   By
	to                   string // where it goes that the payer's bank has taken already; else it is refunded
	object               string // the gateway's name of a refund that it has given already
}

// takeBack is the only way money leaves an order for its payer: one negative
// charge per line and charge, the shares it takes, the postings, the agent's
// reversals, the payees' negative payables and the refund's row, in one transaction.
func (p *Pipeline) takeBack(tx *storage.Tx, o *Order, parts []Part, d deed) error {
	if err := chargeback(tx, o.ID); err != nil {
		return err
	}
	taken, err := o.take(parts)
	if err != nil {
		return err
	}
	total, gift := sum(taken)
	if total.Sum() == 0 {
		if d.label == "refund" {
			return fault.Invalid("amount", "refund_too_large", fault.Args{"left": int64(0), "currency": o.Currency})
		}
		return nil
	}
	putCharges(tx, o.less(taken, d, tx.Now))
	if c, err := collectionOf(tx, *o); err != nil || c.awaits() {
		if err == nil && o.Agent != nil && total.Agent > 0 && d.label != "cancel" {
			_, err = reverse(tx, o, taken, d)
		}
		return err // its buyer has the money: less is due
	}
	legs, err := p.takeFrom(tx, o, taken, total, d)
	if err != nil {
		return err
	}
	cause := "order:" + o.ID.String() + ":" + d.cause
	if err := ledger.Post(tx, ledger.Entry{Cause: cause, By: d.by.ID, Legs: divert(legs, gift, ledger.CostDiscount)}); err != nil {
		return err
	}
	if back := total.Sum() - gift; back > 0 && d.to == "" && o.CoveredBy == nil {
		payment.Ask(tx, payment.Refund{ID: d.refund, Payment: o.Payment, Sale: o.ID, Cause: cause, Amount: back, By: d.by.ID, Reason: d.reason, Object: d.object})
	}
	return nil
}

// cut is what is taken of one line or of one charge: from its owners by share, and
// what of it the market had paid and gets back.
type cut struct {
	line, charge int
	Shares
	gift int64
}

// sum adds cuts up.
func sum(taken []cut) (total Shares, gift int64) {
	for _, c := range taken {
		total, gift = total.plus(c.Shares), gift+c.gift
	}
	return total, gift
}

// take cuts the parts out of what lines and charges still have, each shared among
// its payees by largest remainder over what each still has. The cumulative form
// (share of the sum refunded so far, less what was taken) is not monotone: a
// small refund could pay a payee. A part is what the buyer gets; what the market
// had paid of it goes back to the market.
func (o *Order) take(parts []Part) ([]cut, error) {
	var taken []cut
	for _, part := range parts {
		left, gift, err := o.of(part)
		if err != nil {
			return nil, err
		}
		back := left.Sum() - *gift
		amount := part.Amount
		if amount == 0 {
			amount = back
		}
		if amount < 0 || amount > back {
			return nil, fault.Invalid("amount", "refund_too_large", fault.Args{"left": back, "currency": o.Currency})
		}
		c := cut{line: part.Line, charge: part.Charge, gift: *gift}
		if amount < back {
			if c.gift, err = money.MulDiv(*gift, amount, back); err != nil {
				return nil, err
			}
		}
		if amount+c.gift == 0 {
			continue
		}
		c.Shares = shares(money.Split(amount+c.gift, left.list()))
		*left, *gift = left.minus(c.Shares), *gift-c.gift
		taken = append(taken, c)
	}
	return taken, nil
}

// of finds what a part takes from.
func (o *Order) of(part Part) (left *Shares, gift *int64, err error) {
	if part.Charge == 0 {
		l, err := o.line(part.Line)
		if err != nil {
			return nil, nil, err
		}
		return &l.Left, &l.Gift, nil
	}
	for i := range o.Charges {
		if c := &o.Charges[i]; c.No == part.Charge && c.Stands() && part.Line == 0 {
			return &c.Left, new(int64), nil
		}
	}
	return nil, nil, fault.Invalid("charge", "no_such_charge", fault.Args{"line": part.Charge})
}

func (o *Order) line(no int) (*Line, error) {
	for i := range o.Lines {
		if o.Lines[i].No == no {
			return &o.Lines[i], nil
		}
	}
	return nil, fault.Invalid("line", "no_such_line", fault.Args{"line": no})
}

// less gives the charges of what was taken, numbered after those that the order
// has; it has them too from here on.
func (o *Order) less(taken []cut, d deed, at time.Time) []Charge {
	first := len(o.Charges)
	for _, t := range taken {
		c := Charge{Order: o.ID, No: len(o.Charges) + 1, Label: d.label, Source: d.cause, Reason: d.reason, At: at,
			Amount: t.gift - t.Sum(), Seller: -t.Seller, Agent: -t.Agent, Fee: -t.Fee, Tax: -t.Tax, Market: t.gift}
		if t.line > 0 {
			c.Line = &t.line
		} else {
			c.Of = &t.charge
		}
		o.Charges = append(o.Charges, c)
	}
	return o.Charges[first:]
}

// divert sends a part of what several accounts give to another account than the
// rest.
func divert(legs []ledger.Leg, sum int64, to string) []ledger.Leg {
	var out []ledger.Leg
	for _, leg := range legs {
		part := min(sum, leg.Amount)
		out = append(out, ledger.Leg{Debit: leg.Debit, Credit: to, Amount: part}, ledger.Leg{Debit: leg.Debit, Credit: leg.Credit, Amount: leg.Amount - part})
		sum -= part
	}
	return out
}

// chargeback refuses a refund while the payer's bank is taking the payment back.
func chargeback(tx *storage.Tx, order id.ID) error {
	open, err := FrozenFor(tx, order, "chargeback")
	if err == nil && open {
		err = fault.Conflict("refund_frozen")
	}
	return err
}

// atHome refuses a refund of a share while the home market of its payment refuses
// refunds: the gateway is there, and so is a chargeback.
func (p *Pipeline) atHome(ctx context.Context, ref Ref) error {
	var due struct {
		Home int32 `db:"home_market"`
		ID   id.ID `db:"id"`
	}
	err := p.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		err := tx.Get(&due, `SELECT coalesce(p.home_market, o.market_id) AS home_market, p.id FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id
			LEFT JOIN payments p ON p.market_id = b.market_id AND p.id = b.payment_id WHERE o.market_id = $1 AND o.id = $2`, ref.Market, ref.ID)
		if err == storage.ErrNone {
			return fault.NotFound("not_found")
		}
		return err
	})
	if err != nil || due.Home == ref.Market {
		return err
	}
	return p.db.View(ctx, due.Home, func(tx *storage.Tx) error { return gate(tx, payment.Payment{ID: due.ID}) })
}

// gate stops refunds of a payment in its home market while the payer's bank is
// taking it back.
func gate(tx *storage.Tx, due payment.Payment) error {
	var open bool
	if disputed, err := payment.Disputed(tx, due.ID); err != nil || disputed {
		if err == nil {
			err = fault.Conflict("refund_frozen")
		}
		return err
	}
	err := tx.Get(&open, `SELECT EXISTS (SELECT 1 FROM baskets b JOIN orders o ON o.market_id = b.market_id AND o.basket_id = b.id
		JOIN freezes f ON f.market_id = o.market_id AND f.order_id = o.id
		WHERE b.market_id = $1 AND b.payment_id = $2 AND f.lifted_at IS NULL AND f.reason = 'chargeback')`, tx.Market, due.ID)
	if err == nil && open {
		return fault.Conflict("refund_frozen")
	}
	return err
}
