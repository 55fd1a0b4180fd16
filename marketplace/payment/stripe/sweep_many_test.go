package stripe_test

import (
	"testing"

	"commonfield/marketplace/payment"
	"commonfield/storage"
)

// Refunds may stay under way for weeks. Many of them must not keep the sweeper from
// the one behind them, of which no news came.
func TestTheSweeperComesToTheRefundBehindManyThatAreUnderWay(t *testing.T) {
	v := enter(t, 1)
	ref, _, _ := v.bought()
	v.s.Slow(true)
	v.refund(ref, 100)
	v.refund(ref, 200)
	v.Drain(t)
	under := v.s.Refunds()
	if len(under) != 2 {
		t.Fatalf("under way: %v", under)
	}
	must(t, v.DB.Update(v.ctx, v.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		_, err := tx.Exec(`INSERT INTO refunds (market_id, id, payment_id, sale_id, cause, amount_minor, state, reason, asked_by, created_at, changed_at, object)
			SELECT market_id, ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, payment_id, sale_id, cause || i, amount_minor, state, reason, asked_by, created_at, changed_at, object
			FROM refunds, generate_series(1, 450) AS i WHERE market_id = $1 AND object = $2`, v.Market, under[0])
		return err
	}))
	v.s.Finish(under[1], true)
	must(t, v.Desk.SweepRefunds(v.ctx, v.Market))
	var state payment.RefundState
	must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
		return tx.Get(&state, `SELECT state FROM refunds WHERE market_id = $1 AND object = $2`, v.Market, under[1])
	}))
	if state != payment.RefundSucceeded {
		t.Errorf("it is %s", state)
	}
}
