package stripe_test

import (
	"context"
	"net/http"

	"strings"
	"testing"
	"time"

	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// street is a market whose buyers pay through Stripe's library at the stand-in.
type street struct {
	*ordertest.World
	t   testing.TB
	ctx context.Context
	s   *stripetest.Server
	g   *stripe.Gateway
}

func enter(t testing.TB, seed uint64) *street {
	t.Helper()
	v := &street{t: t, ctx: t.Context()}
	v.World = ordertest.NewThrough(t, func(clock *ordertest.Clock) payment.Gateway {
		v.s = stripetest.New(t, seed, clock.Now)
		v.g = open(v.s)
		return v.g
	}, ordertest.Pledge())
	return v
}

func open(s *stripetest.Server) *stripe.Gateway {
	return stripe.New(stripe.Options{Key: stripetest.Key, Secrets: []string{"whsec_other", stripetest.Secret}, Home: "https://market.example", Base: s.URL})
}

// none is the name of nothing.
var none = id.None

// noKey is a press that is not repeated.
var noKey once.Key

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refuses(t testing.TB, err error, code string) {
	t.Helper()
	if !fault.Has(err, code) {
		t.Fatalf("wanted %s, got %v", code, err)
	}
}

// buy places an order of five kilograms, 130.00.
func (v *street) buy() (order.Ref, order.Checkout) {
	v.t.Helper()
	ask := v.Ask(5000)
	ask.Way = stripe.Name
	c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
	must(v.t, err)
	return c.Orders()[0], c
}

// session opens the pay page and gives Stripe's name of it.
func (v *street) session(c order.Checkout) string {
	v.t.Helper()
	p, err := v.Orders.Pay(v.ctx, c.Market, c.Payment, result(c))
	must(v.t, err)
	return p.Object
}

func result(c order.Checkout) string { return "/pay/X/" + c.Payment.String() + "/result" }

// bought is an order that is paid, and its session.
func (v *street) bought() (order.Ref, order.Checkout, string) {
	v.t.Helper()
	ref, c := v.buy()
	s := v.session(c)
	v.s.Pay(s, stripetest.Paying{})
	_, err := v.Orders.Settle(v.ctx, c.Market, c.Payment)
	must(v.t, err)
	v.Must(v.t, ref, order.Secured)
	return ref, c, s
}

// hear lets news come in.
func (v *street) hear(all ...stripetest.Event) {
	v.t.Helper()
	for _, e := range all {
		must(v.t, v.g.Take(v.ctx, v.Desk, e.Body, e.Signature()))
	}
}

// sweep is the sweeper's round, with what follows.
func (v *street) sweep() {
	v.t.Helper()
	_, _ = v.Orders.Sweep(v.ctx, v.Market)
	_ = v.Desk.SweepRefunds(v.ctx, v.Market)
	v.Drain(v.t)
}

// refund asks for a sum of the order's first line back.
func (v *street) refund(ref order.Ref, sum int64) {
	v.t.Helper()
	_, err := v.Orders.Refund(v.ctx, once.Key{}, v.Operator, ref, []order.Part{{Line: 1, Amount: sum}}, "spoilt")
	must(v.t, err)
}

// books checks the market and gives balances.
func (v *street) books(accounts ...string) map[string]int64 {
	v.t.Helper()
	v.audit()
	var have map[string]int64
	must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, accounts...); return }))
	return have
}

// audit fails when a rule of the books is broken, and gives the alarms.
func (v *street) audit() []audit.Heard {
	v.t.Helper()
	r, err := audit.Run(v.ctx, v.DB, []int32{v.Market}, marketplace.Checks(), append(ledger.Alarms(), payment.Alarms()...))
	must(v.t, err)
	for _, c := range r.Checks {
		if !c.OK {
			v.t.Fatalf("%s: %v", c.Name, c.Violations)
		}
	}
	return r.Alarms
}

func (v *street) count(query string, args ...any) (n int) {
	v.t.Helper()
	must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error { return tx.Get(&n, query, append([]any{v.Market}, args...)...) }))
	return n
}

func (v *street) payment(c order.Checkout) payment.Payment {
	v.t.Helper()
	var p payment.Payment
	must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, c.Payment); return }))
	return p
}

func TestWhicheverComesFirstReturnNewsOrSweeperTheOrderIsSecuredOnceAndTheFeeIsBooked(t *testing.T) {
	v := enter(t, 1)
	ways := map[string]func(c order.Checkout){
		"the browser": func(c order.Checkout) {
			_, err := v.Orders.Settle(v.ctx, c.Market, c.Payment)
			must(t, err)
		},
		"news":        func(order.Checkout) { v.hear(v.s.News()...); v.Drain(t) },
		"the sweeper": func(order.Checkout) { v.sweep() },
	}
	n := int64(0)
	for name, come := range ways {
		ref, c := v.buy()
		s := v.session(c)
		v.s.News()
		if !v.s.Pay(s, stripetest.Paying{Method: "wechat_pay"}) {
			t.Fatal("the session cannot be paid")
		}
		come(c)
		v.Must(t, ref, order.Secured)
		for _, again := range ways {
			again(c)
		}
		n++
		have := v.books(ledger.GatewayClearing, ledger.CostGateway)
		if have[ledger.GatewayClearing] != n*(13000-442) || have[ledger.CostGateway] != n*442 {
			t.Fatalf("after %s: %v", name, have)
		}
	}
	v.Clock.Advance(stripetest.Wait + time.Minute)
	v.Drain(t)
	if have := v.books(ledger.GatewayClearing, ledger.GatewayAvailable); have[ledger.GatewayClearing] != 0 || have[ledger.GatewayAvailable] != 3*(13000-442) {
		t.Fatalf("two days later: %v", have)
	}
}

func TestALostAnswerAtTheOpeningLeadsToTheSameSessionAndAnAnswerOf500ToAnother(t *testing.T) {
	v := enter(t, 2)
	for _, f := range []struct {
		fault    stripetest.Fault
		sessions int
		code     string
	}{{stripetest.Lost, 1, "gateway_down"}, {stripetest.Cut, 1, "gateway_down"}, {stripetest.Busy, 1, "gateway_down"}, {stripetest.Broken, 1, "gateway_down"}, {stripetest.BrokenAfter, 2, "gateway_down"}} {
		before := v.s.Count("checkout.session")
		ref, c := v.buy()
		v.s.Fault(f.fault)
		_, err := v.Orders.Pay(v.ctx, c.Market, c.Payment, result(c))
		refuses(t, err, f.code)
		v.Clock.Advance(3 * time.Minute) // the end of the session follows from the first attempt
		s := v.session(c)
		if made := v.s.Count("checkout.session") - before; made != f.sessions {
			t.Fatalf("fault %d: %d sessions", f.fault, made)
		}
		v.s.Pay(s, stripetest.Paying{})
		v.sweep()
		v.Must(t, ref, order.Secured)
	}
	v.books()
}

func TestEveryCallOutIsAnAttemptBeforeItIsMadeWithAKeyThatOnlyAnAnswerSpends(t *testing.T) {
	v := enter(t, 3)
	_, c := v.buy()
	v.s.Fault(stripetest.Cut, stripetest.Broken, stripetest.Lost)
	for range 3 {
		_, err := v.Orders.Pay(v.ctx, c.Market, c.Payment, result(c))
		refuses(t, err, "gateway_down")
	}
	v.session(c)
	var keys []string
	for _, r := range v.s.Requests() {
		if r.Method == http.MethodPost {
			keys = append(keys, strings.TrimPrefix(r.Key, c.Payment.String()))
		}
	}
	if got := strings.Join(keys, " "); got != ":open:1 :open:1 :open:2 :open:2" {
		t.Fatalf("keys: %s", got)
	}
	if n := v.count("SELECT count(*) FROM payment_attempts WHERE market_id = $1 AND payment_id = $2 AND what = 'open'", c.Payment); n != 4 {
		t.Fatalf("%d attempts", n)
	}
	for _, s := range []string{"unknown", "failed", "done"} {
		if v.count("SELECT count(*) FROM payment_attempts WHERE market_id = $1 AND payment_id = $2 AND state = $3", c.Payment, s) == 0 {
			t.Errorf("no attempt is %s", s)
		}
	}
}

func TestAnOrderThatStripeWillNotTakeIsRefusedInWords(t *testing.T) {
	v := enter(t, 4)
	cheap := v.Offer(t, "一粒", 1, 100_000)
	ask := v.Ask(5000)
	ask.Way, ask.Items[0].Listing = stripe.Name, cheap.ID
	c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
	must(t, err)
	_, err = v.Orders.Pay(v.ctx, c.Market, c.Payment, "/back")
	refuses(t, err, "gateway_refused")
}

func TestAClosedSessionTakesNoMoneyAndOneThatWasPaidAMomentBeforeIsSecured(t *testing.T) {
	v := enter(t, 5)
	ref, c := v.buy()
	s := v.session(c)
	must(t, v.Orders.Cancel(v.ctx, v.Buyer, ref, ""))
	if v.s.Pay(s, stripetest.Paying{}) {
		t.Fatal("a closed session was paid")
	}
	v.Must(t, ref, order.Cancelled)
	ref, c = v.buy()
	v.s.Pay(v.session(c), stripetest.Paying{})
	v.Clock.Advance(16 * time.Minute)
	v.Drain(t) // the timer closes, and hears that it was paid
	v.Must(t, ref, order.Secured)
	v.books()
}

func TestMoneyThatABankSendsAfterTheOrderHasExpiredGoesBackByItselfWithoutNews(t *testing.T) {
	v := enter(t, 6)
	for _, good := range []bool{true, false} {
		ref, c := v.buy()
		s := v.session(c)
		v.s.Pay(s, stripetest.Paying{Async: true})
		v.sweep()
		v.Must(t, ref, order.Placed)
		v.Clock.Advance(16 * time.Minute)
		v.Drain(t)
		v.Must(t, ref, order.Expired)
		v.s.Answer(s, good)
		v.s.News() // none arrives
		v.sweep()
		if back := v.s.Refunded(s); good && back != 13000 || !good && back != 0 {
			t.Fatalf("good %v: %d went back", good, back)
		}
		if v.payment(c).Pending {
			t.Fatalf("good %v: the payment is still asked about", good)
		}
	}
	v.books()
}

func TestAPayerWhoseBankRefusesLaterIsGivenAnotherPage(t *testing.T) {
	v := enter(t, 7)
	ref, c := v.buy()
	s := v.session(c)
	v.s.Pay(s, stripetest.Paying{Async: true})
	v.s.Answer(s, false)
	v.hear(v.s.Shuffled()...)
	v.Drain(t)
	again := v.session(c)
	if again == s || again == "" {
		t.Fatalf("the page is %q", again)
	}
	v.s.Pay(again, stripetest.Paying{})
	v.sweep()
	v.Must(t, ref, order.Secured)
	v.books()
}

func TestASumOrCurrencyThatWasNotAskedIsHeldForAPersonAndNothingIsSecured(t *testing.T) {
	v := enter(t, 8)
	for i, p := range []stripetest.Paying{{Amount: 12999}, {Amount: 20000}, {Currency: "usd"}} {
		ref, c := v.buy()
		s := v.session(c)
		v.s.Pay(s, p)
		v.hear(v.s.News()...)
		v.Drain(t)
		v.sweep()
		v.Must(t, ref, order.Placed)
		v.Clock.Advance(16 * time.Minute)
		v.Drain(t)
		v.sweep()
		v.Must(t, ref, order.Expired)
		if back := v.s.Refunded(s); back != 0 {
			t.Fatalf("%d went back without a person", back)
		}
		if alarms := v.audit(); len(alarms) == 0 {
			t.Fatal("no alarm")
		}
		if p.Amount != 0 {
			refuses(t, v.Desk.Settle(v.ctx, v.Market, c.Payment, v.Operator.ID), "still_unclaimed")
			_, err := v.Desk.GiveBack(v.ctx, v.Market, c.Payment, v.Operator.ID, "odd")
			must(t, err)
			v.Drain(t)
			if back := v.s.Refunded(s); back != p.Amount {
				t.Fatalf("%d went back", back)
			}
		}
		must(t, v.Desk.Settle(v.ctx, v.Market, c.Payment, v.Operator.ID))
		must(t, v.Desk.Settle(v.ctx, v.Market, c.Payment, v.Operator.ID))
		for _, said := range v.audit() {
			if said.Name == "payment: not what was asked" {
				t.Fatalf("case %d: still an alarm: %s", i, said)
			}
		}
	}
}

func TestAPaymentOverTwoMarketsIsSharedOutAndItsRefundGoesBackFromHome(t *testing.T) {
	v := enter(t, 9)
	stall := v.Stall(t, "贵州 香禾糯", 1600, 50_000)
	ask := v.Ask(5000)
	ask.Way = stripe.Name
	ask.Items = append(ask.Items, stall.Item(8000))
	c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
	must(t, err)
	s := v.session(c)
	v.s.Pay(s, stripetest.Paying{Method: "alipay"})
	v.hear(v.s.Shuffled()...)
	v.Drain(t)
	for _, ref := range c.Orders() {
		v.Must(t, ref, order.Secured)
	}
	away := c.Orders()[1]
	_, err = v.Orders.Refund(v.ctx, once.Key{}, stall.Operator, away, []order.Part{{Line: 1, Amount: 333}}, "wet")
	must(t, err)
	v.s.Fault(stripetest.Lost)
	v.Drain(t)
	v.Clock.Advance(time.Minute)
	v.Drain(t)
	if back := v.s.Refunded(s); back != 333 {
		t.Fatalf("%d went back", back)
	}
	// Days later the payer's bank sends it back.
	v.s.News()
	v.s.Finish(v.s.Refunds()[0], false)
	v.hear(v.s.Shuffled()...)
	v.Drain(t)
	r, err := audit.Run(v.ctx, v.DB, []int32{v.Market, stall.Market}, marketplace.Checks(), ledger.Alarms())
	must(t, err)
	if !r.OK {
		t.Fatalf("%+v", r.Checks)
	}
	var waits int64
	must(t, v.DB.View(v.ctx, stall.Market, func(tx *storage.Tx) error {
		rs, err := payment.Unclaimed(tx)
		for _, r := range rs {
			waits += r.Amount
		}
		return err
	}))
	if waits != 333 {
		t.Fatalf("%d wait in the market that asked", waits)
	}
	sum := int64(0)
	for market, other := range map[int32]int32{v.Market: stall.Market, stall.Market: v.Market} {
		must(t, v.DB.View(v.ctx, market, func(tx *storage.Tx) error {
			have, err := ledger.Balance(tx, ledger.Intermarket(other))
			sum += have[ledger.Intermarket(other)]
			return err
		}))
	}
	if sum != 0 {
		t.Fatalf("between the two books: %d", sum)
	}
}
