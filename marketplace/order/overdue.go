package order

import (
	"context"
	"slices"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// An order has a day by which it is sent. Until then a buyer whose money has come ends
// it with its seller's consent: they ask, and the seller declines it or goes on. From
// that day on they end it by themselves, as long as it was not sent; after 14 days of
// being taken on the system does.

// within is how long after its money has come an order is sent, or ready at its point.
const within = 7 * 24 * time.Hour

// SendBy is by when the order is to be sent; nothing before its money has come.
func (o Order) SendBy() *time.Time {
	if o.SecuredAt == nil {
		return nil
	}
	at := o.SecuredAt.Add(within)
	return &at
}

// unsent says whether a seller has taken it on and has not sent it.
func (o Order) unsent() bool { return o.State == Accepted || o.State == Packed }

// Overdue says whether it was to be sent by now and was not.
func (o Order) Overdue(now time.Time) bool {
	by := o.SendBy()
	return o.unsent() && by != nil && !now.Before(*by)
}

// early says whether there is time yet to send it.
func (o Order) early(now time.Time) bool { return o.unsent() && !o.Overdue(now) }

// Until is by when somebody is to move it: by when it is sent while there is time for
// that, else when silence counts.
func (o Order) Until(now time.Time) *time.Time {
	if o.early(now) {
		return o.SendBy()
	}
	return o.DueAt
}

// Moves lists where a party may take the order at a moment, in the order of its life.
// The map says what may ever follow; a buyer ends what is taken on only when it is
// overdue.
func (o Order) Moves(as Party, now time.Time) []State {
	may := o.State.Moves(as)
	if as == AsBuyer && o.early(now) {
		may = slices.DeleteFunc(may, func(to State) bool { return to == Cancelled })
	}
	return may
}

// Moves is Order.Moves with what became of the parcels: while one is on its way or has
// arrived, nobody ends the order.
func (s Story) Moves(as Party, now time.Time) []State {
	may := s.Order.Moves(as, now)
	if s.State == Shipped && !gone(s.Shipments) {
		may = slices.DeleteFunc(may, func(to State) bool { return to == Cancelled })
	}
	return may
}

// JobAsked says that a buyer would rather not have an order, for the rooms above to
// tell.
const JobAsked = "order:asked"

// Asked is the body of JobAsked.
type Asked struct {
	Order id.ID     `json:"order"`
	At    time.Time `json:"at"`
}

// ByAsking is what the history says of a buyer who asked to have an order ended.
const ByAsking = "cancel_asked"

// AskCancel asks the seller to end an order that is paid and not sent: nothing moves,
// the history keeps it and the seller is told. Their answer is Cancel, or to go on. It
// is asked once, however often it is called. Refused (order_move) before its money has
// come and when it was sent or has ended; from its day on its buyer need not ask.
func (p *Pipeline) AskCancel(ctx context.Context, by By, ref Ref) error {
	if by.As != AsBuyer {
		return fault.Forbidden("move_not_yours")
	}
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.lock(tx, ref)
		if err != nil {
			return err
		}
		var asked bool
		if err := tx.Get(&asked, "SELECT EXISTS (SELECT 1 FROM order_history WHERE market_id = $1 AND order_id = $2 AND why = $3 AND from_state = to_state)", o.Market, o.ID, ByAsking); err != nil || asked {
			return err
		}
		if !o.InHand() {
			return p.refuse(o, Cancelled, by.As, tx.Now)
		}
		wrote(tx, o.ID, o.State, o.State, by, ByAsking)
		jobs.Add(tx, JobAsked, o.ID.String(), Asked{o.ID, tx.Now})
		return nil
	})
}

// Asked says whether the buyer asked to have the order ended.
func (s Story) Asked() bool {
	return slices.ContainsFunc(s.History, func(h Step) bool { return h.From == h.To && h.Why == ByAsking })
}

// InHand says whether the seller has the order before them: paid, or to be paid when
// it arrives, and not sent.
func (o Order) InHand() bool { return o.State == Secured || o.unsent() }

// MayAsk says whether the buyer may ask for that now.
func (s Story) MayAsk(now time.Time) bool {
	return s.InHand() && !s.Overdue(now) && !s.Asked()
}
