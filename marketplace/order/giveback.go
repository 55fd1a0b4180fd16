package order

import (
	"context"
	"maps"

	"commonfield/agents"
	"commonfield/agents/producer"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// The verbs of this file take part in the transaction of a room above, which has
// decided what becomes of an order: a complaint, a return of goods.

// Hold gives an order with its lines and what is left of them, kept for this
// transaction.
func (p *Pipeline) Hold(tx *storage.Tx, ref Ref) (Order, error) {
	o, err := p.lock(tx, ref)
	if err != nil {
		return o, err
	}
	return o, withLines(tx, &o)
}

// GiveBack is Refund in the transaction of a room above that has decided it
// (after MayRefund, and that room's own key). A seller who consents gives back of
// a released order too, as far as the market still owes all who share in it
// (refund_paid_out). It gives the refund and how much the buyer gets. An order that is
// covered has no refund: the id names its charges, and the sum is what it costs less.
func (p *Pipeline) GiveBack(tx *storage.Tx, by By, ref Ref, parts []Part, reason string) (id.ID, int64, error) {
	o, err := p.lock(tx, ref)
	if err != nil {
		return id.None, 0, err
	}
	return p.giveBack(tx, &o, by, parts, reason)
}

// MayRefund refuses while the home market of an order's payment refuses refunds,
// before a transaction is opened.
func (p *Pipeline) MayRefund(ctx context.Context, ref Ref) error { return p.atHome(ctx, ref) }

func (p *Pipeline) giveBack(tx *storage.Tx, o *Order, by By, parts []Part, reason string) (id.ID, int64, error) {
	if err := o.mayGiveBack(); err != nil {
		return id.None, 0, err
	}
	if err := withLines(tx, o); err != nil {
		return id.None, 0, err
	}
	take := parts
	if take == nil {
		take = o.whole()
	}
	was, refund := o.Back(), id.New()
	err := p.takeBack(tx, o, take, deed{refund: refund, label: "refund", cause: "refund:" + refund.String(), reason: reason, by: by})
	return refund, was - o.Back(), err
}

// Back is what the buyer would get if all that is left went back.
func (o *Order) Back() int64 {
	var sum int64
	for _, l := range o.Lines {
		sum += l.Back()
	}
	for _, c := range o.Charges {
		sum += c.Left.Sum()
	}
	return sum
}

// Lose ends a shipped order of which nothing arrived or all came back: all that is
// left goes back to the buyer and its commission is void. By an operator's decision.
func (p *Pipeline) Lose(tx *storage.Tx, by By, ref Ref, why string) error {
	o, err := p.lock(tx, ref)
	if err != nil || o.State == Cancelled {
		return err
	}
	return p.cancelSecured(tx, &o, by, why)
}

// BringBack puts goods that came back from their buyer among those that can be
// sold again: all of these lines that its buyer has or awaits. What was lost, was
// brought back by the carrier or came back before is not among it.
func (p *Pipeline) BringBack(tx *storage.Tx, ref Ref, by id.ID, cause string, line func(no int) bool) error {
	o, sent, err := p.holdSent(tx, ref)
	if err != nil {
		return err
	}
	here, _, err := o.remains(tx, sent)
	if err != nil {
		return err
	}
	maps.DeleteFunc(here, func(no int, _ int64) bool { return !line(no) })
	if err := p.kinds[o.Kind].back(tx, o, here, by); err != nil {
		return err
	}
	for _, s := range sent {
		if s.State == ParcelLost || s.State == ParcelReturned {
			continue
		}
		held := s.rest(here)
		for no, n := range held {
			here[no] -= n
		}
		came(tx, o.ID, cause+":"+s.ID.String(), held, FateBack)
	}
	return tx.Flush() // an end that takes in what was never sent reads it
}

// TakeIn takes goods in that their buyer sent back, and refunds what they cost
// (a delivery is not part of it), under a cause of the room above that has decided
// it (after MayRefund). What a refund has taken of a line before is not given twice.
// A seller gives back of a released order only as far as the market still owes all
// who share in it (refund_paid_out). It gives how much the buyer gets.
func (p *Pipeline) TakeIn(tx *storage.Tx, by By, ref Ref, cause string, lines map[int]int64, fate string) (int64, error) {
	o, has, _, err := p.Has(tx, ref)
	if err != nil {
		return 0, err
	}
	if err := chargeback(tx, o.ID); err != nil {
		return 0, err
	}
	for no, n := range lines {
		l, err := o.line(no)
		if err != nil {
			return 0, err
		}
		if n <= 0 || n > has[no] {
			return 0, fault.Conflict("return_more", fault.Args{"left": max(has[no], 0), "unit": l.Unit})
		}
	}
	parts, err := o.missing(lines, has)
	if err != nil {
		return 0, err
	}
	was := o.Back()
	if fate == FateBack {
		if err := p.kinds[o.Kind].back(tx, o, lines, by.ID); err != nil {
			return 0, err
		}
	}
	came(tx, o.ID, cause, lines, fate)
	if err := p.takeBack(tx, &o, parts, deed{refund: id.New(), label: "return", cause: cause, reason: "return", by: by}); err != nil {
		return 0, err
	}
	return was - o.Back(), nil
}

// Apart refuses whoever bought, sold or earned on an order: what is between its
// sides they do not decide (dispute_own).
func (p *Pipeline) Apart(ctx context.Context, person id.ID, ref Ref) error {
	o, err := p.Find(ctx, ref)
	if err != nil {
		return err
	}
	own := o.Buyer == person
	if o.Seller != nil && !own {
		err = p.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
			seller, err := producer.Find(tx, *o.Seller)
			own = seller.PersonID == person
			return err
		})
		if err != nil {
			return err
		}
	}
	if o.Agent != nil && !own {
		err = p.db.ViewShared(ctx, func(tx *storage.Tx) error {
			agent, err := agents.Find(tx, *o.Agent)
			own = agent.PersonID == person
			return err
		})
		if err != nil {
			return err
		}
	}
	if own {
		return fault.Forbidden("dispute_own")
	}
	return nil
}
