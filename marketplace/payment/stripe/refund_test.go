package stripe_test

import (
	"testing"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/ledger"
)

// later lets failed jobs be tried again until nothing waits.
func (v *street) later(hours int) {
	v.t.Helper()
	for range hours * 6 {
		v.Clock.Advance(10 * time.Minute)
		v.Drain(v.t)
	}
}

func TestARefundIsGivenOnceWhateverBecomesOfTheAnswer(t *testing.T) {
	v := enter(t, 21)
	for _, faults := range [][]stripetest.Fault{
		{stripetest.Lost}, {stripetest.Cut}, {stripetest.Busy}, {stripetest.Broken}, {stripetest.BrokenAfter},
		{stripetest.Lost, stripetest.Lost, stripetest.BrokenAfter}, {stripetest.Cut, stripetest.BrokenAfter, stripetest.Lost}, {stripetest.Broken, stripetest.Broken, stripetest.Lost},
	} {
		ref, _, s := v.bought()
		v.s.Fault(faults...)
		v.refund(ref, 1000)
		v.Drain(t)
		v.later(1)
		v.s.Fault()
		if back := v.s.Refunded(s); back != 1000 {
			t.Fatalf("after %v: %d went back", faults, back)
		}
		if n := v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND sale_id = $2 AND state = 'succeeded'", ref.ID); n != 1 {
			t.Fatalf("after %v: %d refunds have succeeded", faults, n)
		}
	}
	v.books()
}

func TestAKeyThatStripeHasForgottenGivesNoSecondRefund(t *testing.T) {
	v := enter(t, 22)
	ref, _, s := v.bought()
	v.s.Fault(stripetest.Lost)
	v.refund(ref, 1000)
	v.Drain(t)
	v.Clock.Advance(30 * time.Hour) // keys are kept for a day
	v.Drain(t)
	if back := v.s.Refunded(s); back != 1000 {
		t.Fatalf("%d went back", back)
	}
	v.books()
}

func TestAQuestionThatFailsSaysNothingOfTheRefundWhoseKeyItKeeps(t *testing.T) {
	v := enter(t, 24)
	ref, _, s := v.bought()
	v.s.Fault(stripetest.Lost) // it may be at work still when it is asked about
	v.refund(ref, 1000)
	v.Drain(t)
	v.s.Down(v.Clock.Now().Add(20 * time.Minute))
	v.later(1)
	if back := v.s.Refunded(s); back != 1000 {
		t.Fatalf("%d went back", back)
	}
	if n := v.count("SELECT count(DISTINCT key) FROM payment_attempts WHERE market_id = $1 AND what IN (SELECT 'refund:' || id FROM refunds WHERE market_id = $1 AND sale_id = $2)", ref.ID); n != 1 {
		t.Errorf("it was asked for under %d keys", n)
	}
	v.books()
}

func TestAGatewayThatAnswers500ForAnHourLosesNothing(t *testing.T) {
	v := enter(t, 23)
	ref, _, s := v.bought()
	v.s.Down(v.Clock.Now().Add(time.Hour))
	v.refund(ref, 1000)
	other, c := v.buy()
	_, err := v.Orders.Pay(v.ctx, c.Market, c.Payment, "/back")
	refuses(t, err, "gateway_down")
	v.Clock.Advance(20 * time.Minute)
	v.Drain(t) // nobody can pay: it has ended without Stripe
	v.Must(t, other, "expired")
	v.later(4)
	if back := v.s.Refunded(s); back != 1000 {
		t.Fatalf("%d went back", back)
	}
	v.books()
}

func TestARefundUnderWayEndsByTheSweeperOrByNewsAndOneThatComesBackLaterWaitsForAPerson(t *testing.T) {
	v := enter(t, 24)
	v.s.Slow(true)
	for i, news := range []bool{false, true} {
		ref, _, _ := v.bought()
		v.refund(ref, 1000)
		v.Drain(t)
		v.sweep()
		name := v.s.Refunds()[i]
		if v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND object = $2 AND state = 'asked'", name) != 1 {
			t.Fatal("the refund is not under way")
		}
		v.s.News()
		v.s.Finish(name, true)
		if news {
			v.hear(v.s.Shuffled()...)
			v.Drain(t)
		} else {
			v.sweep()
		}
		if v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND object = $2 AND state = 'succeeded'", name) != 1 {
			t.Fatal("the refund has not succeeded")
		}
		v.s.Finish(name, false)
		v.hear(v.s.Shuffled()...)
		v.Drain(t)
		v.books()
	}
	var waits []payment.Refund
	must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { waits, err = payment.Unclaimed(tx); return }))
	if len(waits) != 2 {
		t.Fatalf("%d wait", len(waits))
	}
	v.s.Slow(false)
	_, err := v.Desk.Repeat(v.ctx, v.Market, waits[0].ID, v.Operator.ID)
	must(t, err)
	v.Drain(t)
	account := ledger.Unclaimed(waits[1].ID.String())
	if have := v.books(ledger.Unclaimed(waits[0].ID.String()), account); have[account] != 1000 || len(have) != 2 && have[ledger.Unclaimed(waits[0].ID.String())] != 0 {
		t.Fatalf("unclaimed: %v", have)
	}
}

func TestARefundThatStripeWillNeverGiveBelongsToItsPayerStill(t *testing.T) {
	v := enter(t, 25)
	ref, _, s := v.bought()
	v.s.InDashboard(s, 13000) // somebody was quicker
	v.refund(ref, 1000)
	v.Drain(t)
	if n := v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND sale_id = $2 AND state = 'failed'", ref.ID); n != 1 {
		t.Fatalf("%d refunds have failed", n)
	}
	v.books()
}
