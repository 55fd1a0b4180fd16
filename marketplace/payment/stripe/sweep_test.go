package stripe_test

import (
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage/ledger"
)

// rounds is what the calendar does in so many hours, as often as it is tried here;
// what a gateway that is down refuses is tried again by the next round.
func (v *street) rounds(hours int) {
	v.t.Helper()
	for range hours {
		for range 4 {
			v.Clock.Advance(15 * time.Minute)
			v.sweep()
		}
		_ = v.Desk.SweepChargebacks(v.ctx, 120*24*time.Hour)
		v.everywhere()
	}
}

// No news ever comes: captures, late banks, refunds that end and that come back,
// chargebacks that are won and lost, payouts and fees are found all the same.
func TestWithNewsSwitchedOffEverythingConverges(t *testing.T) {
	v := enter(t, 91)
	paid, c := v.buy()
	v.s.Pay(v.session(c), stripetest.Paying{})
	late, c := v.buy()
	slow := v.session(c)
	v.s.Pay(slow, stripetest.Paying{Async: true})
	v.rounds(1)
	v.Must(t, paid, order.Secured)
	v.s.Answer(slow, true) // after its checkout has ended: the money goes back by itself
	v.rounds(1)
	v.Must(t, late, order.Expired)
	if v.s.Refunded(slow) != 13000 {
		t.Fatalf("%d went back of what came late", v.s.Refunded(slow))
	}
	must(t, v.Orders.Accept(v.ctx, v.Seller, paid))
	v.s.Slow(true)
	v.refund(paid, 700)
	v.Drain(t)
	v.s.Slow(false)
	v.s.Finish(v.s.Refunds()[len(v.s.Refunds())-1], true)
	v.rounds(1)
	if n := v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND state = 'succeeded' AND amount_minor = 700"); n != 1 {
		t.Fatal("the refund has not ended")
	}
	lost, _, taken := v.bought()
	kept, _, back := v.bought()
	v.s.Decide(v.s.Dispute(taken, 0), false)
	d := v.s.Dispute(back, 0)
	v.rounds(1)
	v.Must(t, lost, order.Cancelled)
	if have := v.books(ledger.GatewayDisputed); have[ledger.GatewayDisputed] != 13000 {
		t.Fatalf("%v", have)
	}
	v.s.Decide(d, true)
	v.rounds(1)
	v.Must(t, kept, order.Secured)
	v.s.Take("stripe_fee", 250, "")
	v.s.PayOut(2500)
	if len(v.s.News()) == 0 {
		t.Fatal("there was no news to leave out")
	}
	v.day()
	if have := v.books(ledger.GatewayDisputed, ledger.BankOperating); have[ledger.GatewayDisputed] != 0 || have[ledger.BankOperating] != 2500 {
		t.Fatalf("%v", have)
	}
	v.sound()
}

// For an hour the gateway answers 500, or not at all, to whatever is asked: nothing
// is lost by it and nothing done twice.
func TestAGatewayThatIsDownForAnHourLosesNothing(t *testing.T) {
	for seed, down := range []func(*stripetest.Server, time.Time){(*stripetest.Server).Down, (*stripetest.Server).Silent} {
		v := enter(t, uint64(920+seed))
		waits, c := v.buy()
		open := v.session(c)
		given, _, s := v.bought()
		must(t, v.Orders.Accept(v.ctx, v.Seller, given))
		_, _, disputed := v.bought()
		v.s.Pay(open, stripetest.Paying{}) // the payer has paid, nobody has heard of it
		down(v.s, v.Clock.Now().Add(time.Hour+time.Minute))
		_, err := v.Orders.Settle(v.ctx, c.Market, c.Payment)
		refuses(t, err, "gateway_down")
		_, other := v.buy()
		_, err = v.Orders.Pay(v.ctx, other.Market, other.Payment, result(other))
		refuses(t, err, "gateway_down")
		v.refund(given, 900)
		v.s.InDashboard(s, 400)
		v.s.Dispute(disputed, 0)
		v.rounds(1)
		if v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND state = 'succeeded'") != 0 || v.count("SELECT count(*) FROM chargebacks WHERE market_id = $1") != 0 {
			t.Fatal("it has answered")
		}
		v.rounds(7)
		v.day()
		v.rounds(1)
		o := must1(t, v, waits)
		if o.SecuredAt == nil {
			t.Fatalf("what was paid before is %s", o.State)
		}
		if v.s.Refunded(s) != 900+400 {
			t.Fatalf("%d went back", v.s.Refunded(s))
		}
		if b := v.chargeback(); b.State != payment.ChargebackOpen {
			t.Fatalf("the chargeback is %s", b.State)
		}
		v.sound()
	}
}
