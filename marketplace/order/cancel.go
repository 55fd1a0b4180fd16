package order

import (
	"context"
	"slices"

	"commonfield/agents/commission"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/written"
)

// Cancel ends an order. Before it is secured its whole checkout ends, in all its
// markets, after the payment was closed at the gateway; afterwards what is left of it is refunded
// at once. The seller's cancel is a decline. The buyer's own is one once it is
// overdue (cancel_early until then: AskCancel), and the operator's of a shipped order
// when every parcel is lost or was brought back (parcels_out). Calling it twice is
// calling it once.
func (p *Pipeline) Cancel(ctx context.Context, by By, ref Ref, why string) error {
	why = written.Plain(why)
	if len([]rune(why)) > 500 {
		return fault.Invalid("reason", "too_long", fault.Args{"most": 500})
	}
	var o Order
	err := p.db.View(ctx, ref.Market, func(tx *storage.Tx) (err error) { o, err = find(tx, ref); return })
	if err != nil {
		return err
	}
	if o.State == Cancelled {
		return nil
	}
	// Asked before the gateway is told anything: somebody who may not cancel must
	// not close the buyer's pay page either.
	if !slices.Contains(o.State.Moves(by.As), Cancelled) {
		return p.refuse(o, Cancelled, by.As, p.db.Now())
	}
	if o.State.Waits() {
		return p.end(ctx, by, ref.Market, o.Payment, Cancelled, why)
	}
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.lock(tx, ref)
		if err != nil || o.State == Cancelled {
			return err
		}
		if o.State == Shipped {
			if err := p.noneOut(tx, &o, by); err != nil {
				return err
			}
		}
		return p.cancelSecured(tx, &o, by, why)
	})
}

// noneOut refuses to end what is shipped while a parcel is on its way, or has arrived:
// of each it is said what became of it, and the last word ends the order by itself.
func (p *Pipeline) noneOut(tx *storage.Tx, o *Order, by By) error {
	if err := p.mayMove(tx, o, Cancelled, by); err != nil {
		return err
	}
	if err := withLines(tx, o); err != nil {
		return err
	}
	sent, err := parcels(tx, o)
	if err != nil || gone(sent) {
		return err
	}
	return fault.Conflict("parcels_out")
}

// cancelSecured ends one order whose money has come.
func (p *Pipeline) cancelSecured(tx *storage.Tx, o *Order, by By, why string) error {
	if err := withLines(tx, o); err != nil {
		return err
	}
	was := o.State
	if err := p.move(tx, o, Cancelled, by, why); err != nil {
		return err
	}
	if err := p.takeBack(tx, o, o.whole(), deed{refund: id.New(), label: "cancel", cause: "cancel", reason: why, by: by}); err != nil {
		return err
	}
	if o.Way == payment.Cash {
		if err := uncollectable(tx, *o); err != nil {
			return err
		}
	}
	if o.Agent != nil {
		if err := commission.Void(tx, o.ID, "cancelled"); err != nil {
			return err
		}
	}
	kind := p.kinds[o.Kind]
	if was == Shipped { // what is in a parcel has left; what never was, is in the store
		sent, err := parcels(tx, o)
		if err != nil {
			return err
		}
		return kind.back(tx, *o, o.Unsent(sent), by.ID)
	}
	if kind.LetGo != nil {
		return kind.LetGo(tx, []id.ID{o.ID}, by.ID, "cancelled")
	}
	return nil
}

// end lets a checkout that was not secured come to nothing: cancelled or expired.
// The payment is closed at the gateway first; when its money came a moment before,
// the checkout is secured instead and a cancel is refused. It ends in the payment's
// home market; the others follow.
func (p *Pipeline) end(ctx context.Context, by By, market int32, pay id.ID, to State, why string) error {
	// A pay page that opens between the two steps is closed by a second round.
	for range 3 {
		opened, err := p.tryEnd(ctx, by, market, pay, to, why)
		if err != nil || !opened {
			return err
		}
	}
	return fault.Conflict("conflict")
}

// tryEnd says whether the payment was opened at its gateway meanwhile; then
// nothing has ended.
func (p *Pipeline) tryEnd(ctx context.Context, by By, market int32, pay id.ID, to State, why string) (opened bool, err error) {
	var due payment.Payment
	err = p.db.View(ctx, market, func(tx *storage.Tx) (err error) { due, err = payment.Find(tx, pay); return })
	if err != nil {
		return false, err
	}
	if due.Home != market {
		return p.tryEnd(ctx, by, due.Home, pay, to, why)
	}
	if due.State == payment.Captured && by.As == AsSystem {
		return false, nil // paid in time
	}
	if due.Promised() && to == Expired {
		return false, nil // saved in time
	}
	if err := bound(due, by); err != nil {
		return false, err
	}
	if due.State == payment.Open && due.Promise != payment.PromiseSaved {
		seen, err := p.desk.Close(ctx, market, due)
		if err != nil {
			return false, err
		}
		switch seen.State {
		case payment.ObjectCaptured:
			_, err = p.Captured(ctx, market, due.ID, seen)
		case payment.ObjectSaved:
			_, err = p.promise(ctx, market, due.ID, seen)
		case payment.ObjectPending:
			err = p.desk.Note(ctx, due, seen) // what comes of it comes late
		}
		if err != nil {
			return false, err
		}
	}
	err = p.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		now, orders, err := lockPaid(tx, due.ID)
		if err != nil {
			return err
		}
		if opened = now.State == payment.Open && now.Object != due.Object; opened {
			return nil
		}
		return p.endLocked(tx, by, now, orders, to, why)
	})
	if err == nil && !opened {
		p.now(ctx, due, ending{to, why, by.ID, by.As})
	}
	return opened, err
}

func (p *Pipeline) endLocked(tx *storage.Tx, by By, due payment.Payment, orders []Order, to State, why string) error {
	if err := bound(due, by); err != nil {
		return err
	}
	var gone []id.ID
	for i := range orders {
		o := &orders[i]
		if o.State == to {
			continue
		}
		if o.State != Placed && (o.State != Promised || to != Cancelled) {
			if by.As == AsSystem {
				return nil // secured in time: the timer has nothing to do
			}
			if !slices.Contains(o.State.Moves(by.As), to) {
				return p.refuse(*o, to, by.As, tx.Now)
			}
			return fault.Conflict("conflict") // its money has just come: that is another cancel, with a refund
		}
		if err := p.move(tx, o, to, by, why); err != nil {
			return err
		}
		if o.Agent != nil {
			if err := commission.Void(tx, o.ID, string(to)); err != nil {
				return err
			}
		}
		gone = append(gone, o.ID)
	}
	if len(gone) == 0 {
		return nil
	}
	payment.Shut(tx, due.ID)
	due.Over(tx)
	spread(tx, due, payment.Closed, ending{to, why, by.ID, by.As})
	tx.Queue("UPDATE baskets SET state = $3 WHERE market_id = $1 AND id = $2", tx.Market, orders[0].Basket, string(to))
	if due.Captured > 0 && due.State == payment.Open { // a part of the sum had come; what is odd waits for a person
		r := payment.Refund{ID: id.New(), Payment: due.ID, Sale: due.Sale, Cause: "part:" + due.ID.String(), Amount: due.Captured, By: by.ID, Reason: string(to)}
		if err := ledger.Post(tx, ledger.Entry{Cause: "payment:" + due.ID.String() + ":returned", By: by.ID,
			Legs: []ledger.Leg{{Debit: ledger.Unclaimed(due.ID.String()), Credit: ledger.TransitRefund(r.ID), Amount: due.Captured}}}); err != nil {
			return err
		}
		payment.Ask(tx, r)
	}
	if kind := p.kinds[orders[0].Kind]; kind.LetGo != nil {
		return kind.LetGo(tx, gone, by.ID, string(to))
	}
	return nil
}
