package dispute

import (
	"context"
	"slices"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// Ref names one dispute of an order.
type Ref struct {
	Order order.Ref
	ID    id.ID
}

// hold locks an order and its dispute, in this order.
func (r *Room) hold(tx *storage.Tx, ref Ref) (order.Order, Dispute, error) {
	o, err := r.orders.Hold(tx, ref.Order)
	if err != nil {
		return o, Dispute{}, err
	}
	var d Dispute
	err = tx.Get(&d, "SELECT "+columns+" FROM disputes WHERE market_id = $1 AND order_id = $2 AND id = $3 FOR UPDATE", tx.Market, o.ID, ref.ID)
	if err == storage.ErrNone {
		return o, d, fault.NotFound("not_found")
	}
	return o, d, err
}

// may refuses a deed that a party may not do with a dispute as it stands.
func (d Dispute) may(tx *storage.Tx, by order.By, deed string) error {
	if slices.Contains(d.May(by.As, tx.Now), deed) {
		return nil
	}
	if !d.Open() {
		return fault.Conflict("dispute_ended")
	}
	if deed == DeedTake && by.As == order.AsBuyer {
		return fault.Conflict("dispute_no_offer")
	}
	if deed == DeedEscalate && d.State == Escalated {
		return fault.Conflict("dispute_escalated")
	}
	if deed == DeedEscalate && (by.As == order.AsBuyer || by.As == order.AsSeller) {
		return fault.Conflict("dispute_answer_first")
	}
	return fault.Forbidden("dispute_not_yours")
}

// Say adds words and pictures to an open dispute. A seller's first are the answer;
// with them a seller may offer to give back a part, which the buyer may take; a
// later offer replaces the one before. The same key says it once.
func (r *Room) Say(ctx context.Context, key once.Key, by order.By, ref Ref, s Said, offer int64) error {
	s, err := r.said(ctx, s, offer == 0)
	if err != nil && (offer <= 0 || s.Text != "" || len(s.Photos) != 0) {
		return err
	}
	if offer < 0 || offer > 0 && by.As != order.AsSeller {
		return fault.Invalid("offer", "not_a_number")
	}
	_, err = once.Do(ctx, r.db, ref.Order.Market, key, func(tx *storage.Tx) (id.ID, error) {
		o, d, err := r.hold(tx, ref)
		if err != nil {
			return id.None, err
		}
		if err := d.may(tx, by, DeedSay); err != nil {
			return id.None, err
		}
		var words int
		if err := tx.Get(&words, "SELECT count(*) FROM dispute_words WHERE market_id = $1 AND dispute_id = $2", tx.Market, d.ID); err != nil {
			return id.None, err
		}
		if words >= mostWords {
			return id.None, fault.Conflict("dispute_full")
		}
		if left := d.left(o); offer > left {
			return id.None, fault.Invalid("offer", "refund_too_large", fault.Args{"left": left, "currency": o.Currency})
		}
		say(tx, d.ID, by, s, offer)
		d.answered(tx, by, offer)
		return d.ID, nil
	})
	return err
}

// answered notes what words change, and who is told of them.
func (d Dispute) answered(tx *storage.Tx, by order.By, offer int64) {
	what := "said"
	if by.As == order.AsSeller {
		state := d.State
		if state == Opened {
			state, what = Answered, "answered"
		}
		if offer > 0 {
			what, d.Offer, d.OfferedBy = "offered", offer, &by.ID
		}
		tx.Queue(`UPDATE disputes SET state = $3, answered_at = COALESCE(answered_at, $4), offer_minor = $5, offered_by = $6 WHERE market_id = $1 AND id = $2`,
			tx.Market, d.ID, string(state), tx.Now, d.Offer, d.OfferedBy)
	}
	tell(tx, d, what, by.ID)
}

// left is what the lines complained of still have for the buyer.
func (d Dispute) left(o order.Order) int64 {
	var sum int64
	for _, l := range o.Lines {
		if d.names(l.No) {
			sum += l.Back()
		}
	}
	return sum
}

// parts share a sum among the lines complained of, by what each still has.
func (d Dispute) parts(o order.Order, sum int64) []order.Part {
	var left []int64
	var parts []order.Part
	for _, l := range o.Lines {
		if d.names(l.No) && l.Back() > 0 {
			left, parts = append(left, l.Back()), append(parts, order.Part{Line: l.No})
		}
	}
	taken := parts[:0]
	for i, share := range money.Split(sum, left) {
		if parts[i].Amount = share; share > 0 { // 0 would mean all of it
			taken = append(taken, parts[i])
		}
	}
	return taken
}

// Escalate calls an operator: the buyer when the seller has answered or was silent
// for three days, the seller after the answer, the system on the eighth day.
// Calling it twice is calling it once.
func (r *Room) Escalate(ctx context.Context, by order.By, ref Ref) error {
	return r.db.Update(ctx, ref.Order.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		_, d, err := r.hold(tx, ref)
		if err != nil || d.State == Escalated && by.As != order.AsOperator {
			return err
		}
		if err := d.may(tx, by, DeedEscalate); err != nil {
			return err
		}
		d.escalate(tx, by)
		return nil
	})
}

func (d Dispute) escalate(tx *storage.Tx, by order.By) {
	tx.Queue(`UPDATE disputes SET state = 'escalated', escalated_at = $3, escalated_by = $4 WHERE market_id = $1 AND id = $2`, tx.Market, d.ID, tx.Now, by.ID)
	tell(tx, d, "escalated", by.ID)
}
