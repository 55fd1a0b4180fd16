package dispute

import (
	"context"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/trail"
	"commonfield/storage/written"
)

// ending is how a dispute ends.
type ending struct {
	state  State
	back   int64
	refund *id.ID
	goods  string
	why    string
}

// end writes the end down and lets the order's money go on its way.
func (d Dispute) end(tx *storage.Tx, by id.ID, e ending) error {
	if err := order.Lift(tx, d.Order, d.Freeze, by); err != nil {
		return err
	}
	tx.Queue(`UPDATE disputes SET state = $3, ended_at = $4, ended_by = $5, back_minor = $6, refund_id = $7, goods = $8, why = $9 WHERE market_id = $1 AND id = $2`,
		tx.Market, d.ID, string(e.state), tx.Now, by, e.back, e.refund, e.goods, e.why)
	tell(tx, d, string(e.state), by)
	return nil
}

// Withdraw ends a dispute by its buyer: all is well, nothing goes back. Calling it
// twice is calling it once.
func (r *Room) Withdraw(ctx context.Context, by order.By, ref Ref) error {
	return r.db.Update(ctx, ref.Order.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		_, d, err := r.hold(tx, ref)
		if err != nil || d.State == Withdrawn {
			return err
		}
		if err := d.may(tx, by, DeedWithdraw); err != nil {
			return err
		}
		return d.end(tx, by.ID, ending{state: Withdrawn, goods: Kept})
	})
}

// Take takes the seller's offer, as the buyer has seen it: the sum goes back, and
// the dispute is over. Calling it twice is calling it once. Refusals:
// dispute_offer_changed when the offer is another one by now, and what the refund
// refuses (refund_too_large, refund_frozen, refund_paid_out).
func (r *Room) Take(ctx context.Context, by order.By, ref Ref, seen int64) error {
	if err := r.orders.MayRefund(ctx, ref.Order); err != nil {
		return err
	}
	return r.db.Update(ctx, ref.Order.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, d, err := r.hold(tx, ref)
		if err != nil || d.State == Settled {
			return err
		}
		if err := d.may(tx, by, DeedTake); err != nil {
			return err
		}
		if seen != d.Offer {
			return fault.Conflict("dispute_offer_changed", fault.Args{"sum": d.Offer, "currency": o.Currency})
		}
		if left := d.left(o); d.Offer > left {
			return fault.Conflict("refund_too_large", fault.Args{"left": left, "currency": o.Currency})
		}
		seller := order.By{Person: people.Person{ID: *d.OfferedBy}, As: order.AsSeller}
		refund, back, err := r.orders.GiveBack(tx, seller, ref.Order, d.parts(o, d.Offer), d.Reason)
		if err != nil {
			return err
		}
		return d.end(tx, by.ID, ending{state: Settled, back: back, refund: &refund, goods: Kept})
	})
}

// Decision is what an operator decides.
type Decision struct {
	Parts []order.Part // of the lines complained of and of charges that add; none: nothing goes back
	Goods string       // Kept, Back or Lost
	Why   string       // both sides read it
}

// Decide ends a dispute by an operator who has no part in it (dispute_own). What
// goes back comes from what is held, or after release from those who had it. An
// order of which nothing arrived and all goes back is cancelled. The same key
// decides once.
func (r *Room) Decide(ctx context.Context, key once.Key, by order.By, ref Ref, n Decision) error {
	n.Why = written.Plain(n.Why)
	if err := n.check(by); err != nil {
		return err
	}
	if err := r.orders.Apart(ctx, by.ID, ref.Order); err != nil {
		return err
	}
	if len(n.Parts) > 0 {
		if err := r.orders.MayRefund(ctx, ref.Order); err != nil {
			return err
		}
	}
	_, err := once.Do(ctx, r.db, ref.Order.Market, key, func(tx *storage.Tx) (id.ID, error) {
		o, d, err := r.hold(tx, ref)
		if err != nil {
			return id.None, err
		}
		if err := d.may(tx, by, DeedDecide); err != nil {
			return id.None, err
		}
		return d.ID, r.decide(tx, by, o, d, n)
	})
	return err
}

func (n Decision) check(by order.By) error {
	var wrong []error
	if by.As != order.AsOperator {
		return fault.Forbidden("dispute_not_yours")
	}
	if n.Why == "" {
		wrong = append(wrong, fault.Invalid("reason", "required"))
	}
	if len([]rune(n.Why)) > 500 {
		wrong = append(wrong, fault.Invalid("reason", "too_long", fault.Args{"most": 500}))
	}
	if n.Goods != Kept && n.Goods != Back && n.Goods != Lost {
		wrong = append(wrong, fault.Invalid("goods", "required"))
	}
	return fault.All(wrong...)
}

func (r *Room) decide(tx *storage.Tx, by order.By, o order.Order, d Dispute, n Decision) error {
	e := ending{state: Decided, goods: n.Goods, why: n.Why}
	if d.Reason == NotArrived && n.Goods == Kept && len(n.Parts) > 0 {
		e.goods = Lost // nobody has them
	}
	for _, p := range n.Parts {
		if p.Charge == 0 && !d.names(p.Line) {
			return fault.Invalid("lines", "dispute_other_line", fault.Args{"line": p.Line})
		}
	}
	if e.goods == Back {
		if err := r.orders.BringBack(tx, o.Ref(), by.ID, "dispute:"+d.ID.String(), d.names); err != nil {
			return err
		}
	}
	var err error
	switch {
	case len(n.Parts) == 0:
	case o.State == order.Shipped && whole(o, n.Parts):
		e.back = o.Back()
		err = r.orders.Lose(tx, by, o.Ref(), n.Why)
	default:
		var refund id.ID
		refund, e.back, err = r.orders.GiveBack(tx, by, o.Ref(), n.Parts, n.Why)
		e.refund = &refund
	}
	if err != nil {
		return err
	}
	trail.Write(tx, by.ID, "dispute.decide", "order:"+o.ID.String(), n.Why)
	return d.end(tx, by.ID, e)
}

// whole says whether parts are all that is left of an order, and no more than that.
func whole(o order.Order, parts []order.Part) bool {
	left := map[order.Part]int64{}
	for _, l := range o.Lines {
		left[order.Part{Line: l.No}] = l.Back()
	}
	for _, c := range o.Charges {
		if c.Stands() {
			left[order.Part{Charge: c.No}] = c.Left.Sum()
		}
	}
	for _, p := range parts {
		of := order.Part{Line: p.Line, Charge: p.Charge}
		rest, there := left[of]
		if !there || p.Amount != 0 && p.Amount != rest {
			return false
		}
		delete(left, of)
	}
	for _, rest := range left {
		if rest != 0 {
			return false
		}
	}
	return true
}

// cancelled hears of the moves of all orders: one that is cancelled has given
// everything back, and its dispute ends.
func cancelled(tx *storage.Tx, m order.Move) {
	if m.Order.State == order.Cancelled && !m.From.Waits() {
		later(tx, m.Order.ID)
	}
}
