package order_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// What the adversaries found, each as the smallest thing that shows it.

// transfer places a basket that is paid by bank transfer.
func (a *arena) transfer() (order.Ref, order.Checkout) {
	a.Helper()
	ask := a.Ask(5000)
	ask.Way = "bank"
	b, err := a.Orders.Place(a.ctx, once.Key{}, ask)
	must(a.T, err)
	return b.Orders()[0], b
}

// A timer of the basket holds its payment and waits for its orders; whoever
// refunds holds the order, and must not wait for the payment.
func TestARefundDoesNotWaitForThePaymentsLock(t *testing.T) {
	a := enter(t)
	ref, b := a.bring(order.Secured)
	ctx, stop := context.WithTimeout(a.ctx, 20*time.Second)
	defer stop()
	must(t, a.DB.Update(ctx, a.Market, func(tx *storage.Tx) error {
		if _, err := payment.Lock(tx, b.Payment); err != nil {
			return err
		}
		_, err := a.Orders.Refund(ctx, once.Key{}, a.Operator, ref, nil, "x")
		return err
	}))
	a.settled(ref)
	books(t, a.World)
}

// A release locks the agent's commission before what the seller is owed; so
// must a refund after release, or the two wait for each other.
func TestARefundTakesTheCommissionsLockBeforeTheSellers(t *testing.T) {
	a := enter(t)
	ref, _ := a.bring(order.Completed)
	payee := *story(t, a.World, ref).Lines[0].AgentPayee
	ctx, stop := context.WithTimeout(a.ctx, 20*time.Second)
	defer stop()
	db := raw(t)
	tx, err := db.BeginTx(ctx, nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	const hold = "SELECT 1 FROM ledger_balances WHERE market_id = $1 AND account = $2 FOR UPDATE NOWAIT"
	var me int
	must(t, tx.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&me))
	if _, err := tx.ExecContext(ctx, hold, a.Market, ledger.Commission(payee)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- a.refund(ref, 1000) }()
	for waits := false; !waits; { // until the refund stands at the lock
		must(t, db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid)))", me).Scan(&waits))
	}
	if _, err := tx.ExecContext(ctx, hold, a.Market, ledger.Owed(a.Producer.PayeeID)); err != nil {
		t.Errorf("the refund holds what the seller is owed already: %v", err)
	}
	_ = tx.Rollback()
	must(t, <-done)
	books(t, a.World)
}

func TestWhoMayNotCancelDoesNotCloseThePayPage(t *testing.T) {
	a := enter(t)
	ref, b := a.bring(order.Placed)
	p, err := a.Orders.Pay(a.ctx, a.Market, b.Payment, "/")
	must(t, err)
	refuses(t, a.Orders.Cancel(a.ctx, a.Seller, ref, "x"), "order_move")
	must(t, a.Sandbox.Pay(a.ctx, a.Market, p.Object, sandbox.News{}))
	_, err = a.Orders.Settle(a.ctx, a.Market, b.Payment)
	must(t, err)
	a.Must(t, ref, order.Secured)
}

func TestAnOperatorsCancelThatMeetsTheMoneyIsRefusedAndThenRefunds(t *testing.T) {
	a := enter(t)
	ref, b := a.bring(order.Placed)
	a.Open(t, b) // paid, and nobody has heard of it
	refuses(t, a.Orders.Cancel(a.ctx, a.Operator, ref, "x"), "conflict")
	a.Must(t, ref, order.Secured)
	must(t, a.Orders.Cancel(a.ctx, a.Operator, ref, "x"))
	if s, back := a.settled(ref); back != 13000 || s.PaymentState() != "refunded" {
		t.Fatalf("%d back, %s", back, s.PaymentState())
	}
	books(t, a.World)
}

func TestOnlyAnOperatorConfirmsATransferAndALineOfTheStatementIsBookedOnce(t *testing.T) {
	a := enter(t)
	ref, b := a.transfer()
	other, c := a.transfer()
	confirm := func(by order.By, pay id.ID, sum int64) error {
		_, err := a.Orders.Confirm(a.ctx, by, a.Market, pay, sum, "STMT-7")
		return err
	}
	for _, by := range []order.By{a.Buyer, a.Seller} {
		refuses(t, confirm(by, b.Payment, 13000), "forbidden")
	}
	refuses(t, confirm(a.Operator, b.Payment, payment.MostSum+1), "out_of_range")
	for _, err := range at(64, func(int) error { return confirm(a.Operator, b.Payment, 13000) }) {
		must(t, err)
	}
	refuses(t, confirm(a.Operator, b.Payment, 12000), "reference_used")
	refuses(t, confirm(a.Operator, c.Payment, 13000), "reference_used")
	a.Must(t, ref, order.Secured)
	a.Must(t, other, order.Placed)
	must(t, a.Desk.Capital(a.ctx, a.Market, a.Operator.ID, 500, "CAP-1"))
	must(t, a.Desk.Capital(a.ctx, a.Market, a.Operator.ID, 500, "CAP-1"))
	refuses(t, a.Desk.Capital(a.ctx, a.Market, a.Operator.ID, 600, "CAP-1"), "reference_used")
	if have := books(t, a.World, ledger.BankOperating); have[ledger.BankOperating] != 13500 {
		t.Fatalf("bank %v", have)
	}
}

func TestTheSweeperReachesEveryPaymentBehindWaitingTransfersAndABrokenOne(t *testing.T) {
	a := enter(t)
	for range 101 {
		_, b := a.transfer()
		_, err := a.Orders.Pay(a.ctx, a.Market, b.Payment, "/")
		must(t, err)
	}
	_, broken := a.bring(order.Placed)
	a.Open(t, broken)
	if _, err := raw(t).Exec("UPDATE sandbox_objects SET shares = '{' WHERE market_id = $1 AND payment_id = $2", a.Market, broken.Payment); err != nil {
		t.Fatal(err)
	}
	ref, b := a.bring(order.Placed)
	a.Open(t, b)
	n, err := a.Orders.Sweep(a.ctx, a.Market)
	if n != 1 || err == nil || !strings.Contains(err.Error(), "JSON") {
		t.Fatalf("%d captured: %v", n, err)
	}
	a.Must(t, ref, order.Secured)
}

func TestTheTimersCancelWaitsForAChargebackAndThenHappens(t *testing.T) {
	a := enter(t)
	ref, _ := a.bring(order.Secured)
	var freeze id.ID
	must(t, a.DB.Update(a.ctx, a.Market, func(tx *storage.Tx) (err error) {
		freeze, err = order.Freeze(tx, ref.ID, "chargeback", a.Operator.ID)
		return err
	}))
	for range 12 { // more often than a job fails before it gives up
		a.Clock.Advance(4 * 24 * time.Hour)
		a.Drain(t)
	}
	a.Must(t, ref, order.Secured)
	must(t, a.DB.Update(a.ctx, a.Market, func(tx *storage.Tx) error { return order.Lift(tx, ref.ID, freeze, a.Operator.ID) }))
	a.Clock.Advance(25 * time.Hour)
	a.Drain(t)
	if s, back := a.settled(ref); s.State != order.Cancelled || back != 13000 {
		t.Fatalf("%s, %d back", s.State, back)
	}
	books(t, a.World)
}

func TestAGatewaysRefundIsNotFinishedByHandAndAnAnswerStands(t *testing.T) {
	a := enter(t)
	ref, _ := a.bring(order.Secured)
	must(t, a.refund(ref, 1000))
	finish := func(r payment.Refund, done bool) error { return a.Desk.Finish(a.ctx, a.Market, r.ID, done) }
	refuses(t, finish(story(t, a.World, ref).Refunds[0], false), "not_a_transfer")
	ref, b := a.transfer()
	_, err := a.Orders.Confirm(a.ctx, a.Operator, a.Market, b.Payment, 13000, "A")
	must(t, err)
	must(t, a.refund(ref, 1000))
	r := story(t, a.World, ref).Refunds[0]
	must(t, finish(r, true))
	must(t, finish(r, true))
	refuses(t, finish(r, false), "conflict")
	a.Drain(t)
	books(t, a.World)
}

func TestARefundThatFailedIsRepeatedAndExcessIsGivenBackEachOnce(t *testing.T) {
	a := enter(t)
	ref, b := a.transfer()
	by := a.Operator.ID
	_, err := a.Orders.Confirm(a.ctx, a.Operator, a.Market, b.Payment, 5000, "A")
	must(t, err)
	_, err = a.Desk.GiveBack(a.ctx, a.Market, b.Payment, by, "x")
	refuses(t, err, "conflict") // it is a part of the sum
	_, err = a.Orders.Confirm(a.ctx, a.Operator, a.Market, b.Payment, 8500, "B")
	must(t, err)
	must(t, a.refund(ref, 1000))
	first := story(t, a.World, ref).Refunds[0]
	_, err = a.Desk.Repeat(a.ctx, a.Market, first.ID, by)
	refuses(t, err, "conflict")
	must(t, a.Desk.Finish(a.ctx, a.Market, first.ID, false))
	books(t, a.World)
	var failed []payment.Refund
	var excess []payment.Payment
	look := func() {
		must(t, a.DB.View(a.ctx, a.Market, func(tx *storage.Tx) (err error) {
			if failed, err = payment.Unclaimed(tx); err != nil {
				return err
			}
			excess, err = payment.Excess(tx)
			return err
		}))
	}
	if look(); len(failed) != 1 || len(excess) != 1 || excess[0].ID != b.Payment {
		t.Fatalf("%d failed, %d excess", len(failed), len(excess))
	}
	made := make(chan id.ID, 128)
	for _, err := range at(64, func(i int) error {
		r, err := a.Desk.Repeat(a.ctx, a.Market, first.ID, by)
		made <- r.ID
		return err
	}) {
		must(t, err)
	}
	for _, err := range at(64, func(int) error {
		r, err := a.Desk.GiveBack(a.ctx, a.Market, b.Payment, by, "多付")
		made <- r.ID
		return err
	}) {
		must(t, err)
	}
	close(made)
	different := map[id.ID]bool{}
	for r := range made {
		different[r] = true
	}
	for r := range different {
		must(t, a.Desk.Finish(a.ctx, a.Market, r, true))
	}
	have := books(t, a.World, ledger.BankOperating, ledger.Unclaimed(b.Payment.String()), ledger.Unclaimed(first.ID.String()))
	if look(); len(different) != 2 || have[ledger.BankOperating] != 12000 || len(failed)+len(excess) != 0 {
		t.Fatalf("%d refunds, %v", len(different), have)
	}
	_, err = a.Orders.Confirm(a.ctx, a.Operator, a.Market, b.Payment, 300, "C") // more comes
	must(t, err)
	if r, err := a.Desk.GiveBack(a.ctx, a.Market, b.Payment, by, "x"); err != nil || r.Amount != 300 {
		t.Fatalf("%d: %v", r.Amount, err)
	}
	books(t, a.World)
}

func TestAPartThatWentBackIsSeenAsRefunded(t *testing.T) {
	a := enter(t)
	ref, b := a.transfer()
	_, err := a.Orders.Confirm(a.ctx, a.Operator, a.Market, b.Payment, 5000, "A")
	must(t, err)
	must(t, a.Orders.Cancel(a.ctx, a.Buyer, ref, ""))
	if s := story(t, a.World, ref); s.PaymentState() != "refunded" || len(s.Refunds) != 1 {
		t.Fatalf("%s, %d refunds", s.PaymentState(), len(s.Refunds))
	}
	books(t, a.World)
}

func TestANumberCarriesTheDayOfItsMarketAndFindsItsOrder(t *testing.T) {
	w := ordertest.New(t)
	w.Clock.Advance(8 * time.Hour) // 17:00 UTC on the 2nd: the 3rd in Shanghai
	ref, _ := w.Place(t, 5000)
	w.Place(t, 5000)
	o, err := w.Orders.Find(t.Context(), ref)
	must(t, err)
	if !strings.Contains(o.Number, "-20261103-") {
		t.Errorf("the number is %s", o.Number)
	}
	for want, f := range map[int]order.Filter{1: {Number: o.Number}, 2: {States: []order.State{order.Placed}}, 0: {States: []order.State{order.Secured}, Number: o.Number}} {
		f.Markets = []int32{w.Market}
		if os, err := w.Orders.List(t.Context(), f); err != nil || len(os) != want {
			t.Errorf("%+v gives %d: %v", f, len(os), err)
		}
	}
}

// A seller who was paid out would give back the market's money, not their own.
func TestASellerGivesBackWhatIsHeldAndAfterReleaseAnOperatorDoes(t *testing.T) {
	a := enter(t)
	ref, b := a.bring(order.Delivered)
	give := func() error {
		_, err := a.Orders.Refund(a.ctx, once.Key{}, a.Seller, ref, []order.Part{{Line: 1, Amount: 100}}, "x")
		return err
	}
	must(t, give())
	must(t, a.step(ref, b, order.Completed))
	refuses(t, give(), "forbidden")
	must(t, a.refund(ref, 100))
	books(t, a.World)
}

func TestAFreezeAgainstCompletion(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, b := a.bring(order.Delivered)
		frozen := false
		return func() error { return a.step(ref, b, order.Completed) },
			func() error {
				return a.DB.Update(a.ctx, a.Market, func(tx *storage.Tx) error {
					_, err := order.Freeze(tx, ref.ID, "dispute", a.Operator.ID)
					var state order.State
					if err == nil {
						err = tx.Get(&state, "SELECT state FROM orders WHERE market_id = $1 AND id = $2", a.Market, ref.ID)
					}
					frozen = state == order.Delivered
					return err
				})
			},
			func(one, two error) {
				a.oneOf(one, "order_frozen")
				a.oneOf(two)
				if s, _ := a.settled(ref); frozen != (s.State == order.Delivered) || frozen == (one == nil) {
					a.Errorf("%s, frozen in time: %v, %v", s.State, frozen, one)
				}
			}
	})
}
