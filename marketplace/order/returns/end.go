package returns

import (
	"context"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// end writes the end down and lets the order's money go on its way.
func (r Return) end(tx *storage.Tx, by id.ID, state State, why, fate string, back int64) error {
	if err := order.Lift(tx, r.Order, r.Freeze, by); err != nil {
		return err
	}
	r.State = state
	came := r.CameAt
	if fate != "" && came == nil {
		came = &tx.Now
	}
	tx.Queue("UPDATE returns SET state = $3, due_at = NULL, ended_at = $4, ended_by = $5, why = $6, fate = $7, back_minor = $8, came_at = $9 WHERE market_id = $1 AND id = $2",
		tx.Market, r.ID, string(state), tx.Now, by, why, fate, back, came)
	tell(tx, r, by)
	return nil
}

// Receive says that the goods are here and that they can be sold again or not, by
// the seller or an operator: what they cost goes back to the buyer at once. A seller
// who was paid out already calls an operator by it, for they would give back the
// market's money. Calling it twice is calling it once.
func (r *Room) Receive(ctx context.Context, by order.By, ref Ref, fate string) error {
	if fate != order.FateBack && fate != order.FateLost {
		return fault.Invalid("goods", "required")
	}
	if err := r.orders.MayRefund(ctx, ref.Order); err != nil {
		return err
	}
	err := r.step(ctx, by, ref, DeedReceive, received(by), func(tx *storage.Tx, b Return) error {
		back, err := r.orders.TakeIn(tx, by, ref.Order, "return:"+b.ID.String(), b.Lines, fate)
		if err != nil {
			return err
		}
		return b.end(tx, by.ID, Refunded, "", fate, back)
	})
	if !fault.Has(err, "refund_paid_out") {
		return err
	}
	return r.Seen(ctx, by, ref, fate)
}

// Seen says what Receive says, by somebody who may not give money back: a clerk
// with the goods in hand. An operator does the rest. Calling it twice is calling it
// once.
func (r *Room) Seen(ctx context.Context, by order.By, ref Ref, fate string) error {
	if fate != order.FateBack && fate != order.FateLost {
		return fault.Invalid("goods", "required")
	}
	return r.step(ctx, by, ref, DeedReceive, received(by), func(tx *storage.Tx, b Return) error {
		b.call(tx, by.ID, fate)
		return nil
	})
}

// received says of a return that the goods were seen; an operator sees them last.
func received(by order.By) func(Return) bool {
	return func(b Return) bool {
		return b.State == Refunded || b.State == Called && b.Fate != "" && by.As == order.AsSeller
	}
}

// Withdraw ends a return by its buyer before the goods were sent: they keep them.
// Calling it twice is calling it once.
func (r *Room) Withdraw(ctx context.Context, by order.By, ref Ref) error {
	return r.step(ctx, by, ref, DeedWithdraw, is(Withdrawn), func(tx *storage.Tx, b Return) error {
		return b.end(tx, by.ID, Withdrawn, "", "", 0)
	})
}

// cancelled hears of the moves of all orders.
func cancelled(tx *storage.Tx, m order.Move) {
	if m.Order.State == order.Cancelled && !m.From.Waits() {
		later(tx, m.Order.ID)
	}
}

var system = people.System.ID
