package stripe_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage/fault"
	"commonfield/storage/once"
)

const pledged = 50_000

// pledge is a pledge whose backer is at the page where a card is saved.
func (v *street) pledge() (order.Ref, order.Checkout, string) {
	v.t.Helper()
	ask := v.Pledging(pledged)
	ask.Way = stripe.Name
	c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
	must(v.t, err)
	return c.Orders()[0], c, v.session(c)
}

// promised is a pledge whose card is saved, and known to be.
func (v *street) promised(card stripetest.Card) (order.Ref, order.Checkout, string) {
	v.t.Helper()
	ref, c, s := v.pledge()
	v.s.Save(s, card)
	v.settle(c)
	v.Must(v.t, ref, order.Promised)
	return ref, c, s
}

func (v *street) settle(c order.Checkout) {
	v.t.Helper()
	_, err := v.Orders.Settle(v.ctx, c.Market, c.Payment)
	if err != nil && !fault.Has(err, "gateway_down") {
		v.t.Fatal(err)
	}
}

// call calls a pledge in, and lets nothing follow.
func (v *street) call(ref order.Ref) {
	v.t.Helper()
	_, err := v.Orders.Charge(v.ctx, order.System, v.Market, ref.ID)
	must(v.t, err)
}

// taken fails unless so much was taken of a payer at Stripe, and is in the row.
func (v *street) taken(c order.Checkout, want int64) {
	v.t.Helper()
	at, row := v.s.Taken(c.Payment.String()), v.payment(c).Captured
	if at != want || row != want {
		v.t.Fatalf("%d taken at Stripe, %d in the row, not %d", at, row, want)
	}
}

func TestACardIsSavedAtStripeChargedWithoutItsPayerRefundedAndForgotten(t *testing.T) {
	v := enter(t, 301)
	ref, c, s := v.pledge()
	v.s.Save(s, stripetest.Good)
	v.hear(v.s.News()...)
	v.Drain(t)
	v.Must(t, ref, order.Promised)
	v.Clock.Advance(90 * 24 * time.Hour)
	v.rounds(1)
	v.Must(t, ref, order.Promised)
	v.call(ref)
	v.Drain(t)
	v.Must(t, ref, order.Completed)
	v.taken(c, pledged)
	if v.s.Remembers(s) {
		t.Error("Stripe still has the card")
	}
	intents, _ := v.s.Charges(s)
	if len(intents) != 1 {
		t.Fatalf("%v", intents)
	}
	v.refund(ref, 1000)
	v.Drain(t)
	v.rounds(1)
	if got := v.s.Refunded(intents[0]); got != 1000 {
		t.Errorf("%d went back", got)
	}
	v.s.InDashboard(intents[0], 300)
	v.Clock.Advance(3 * 24 * time.Hour)
	v.day()
	dispute := v.s.Dispute(intents[0], 0)
	v.rounds(2)
	v.s.Decide(dispute, true)
	v.rounds(2)
	v.books()
}

// What is heard of one pledge, in every order, some of it twice: the book is the same.
func TestInWhateverOrderTheNewsOfAPledgeComesItsBookIsTheSame(t *testing.T) {
	v := enter(t, 302)
	type scene struct {
		card  stripetest.Card
		lost  bool // the answer to the charge
		hand  bool // paid by hand in the end
		until order.State
	}
	for name, sc := range map[string]scene{
		"taken":             {until: order.Completed},
		"its answer lost":   {lost: true, until: order.Completed},
		"declined, by hand": {card: stripetest.Declined, lost: true, hand: true, until: order.Completed},
		"declined":          {card: stripetest.Asks, until: order.Promised},
	} {
		want := ""
		n := 0
		permute(4, func(in []int) {
			n++
			ref, c, s := v.pledge()
			v.s.News()
			v.s.Save(s, sc.card)
			news := v.s.News()
			settle := func() { v.settle(c) }
			sweep := func() { _, _ = v.Orders.Sweep(v.ctx, v.Market) }
			hear := func(i int) func() { return func() { v.hear(news[min(i, len(news)-1)]); v.tick() } }
			run := func(all ...func()) {
				for _, k := range in {
					all[k]()
				}
			}
			run(hear(0), hear(1), settle, sweep)
			v.Must(t, ref, order.Promised)
			v.call(ref)
			if sc.lost {
				v.s.Fault(stripetest.Lost)
			}
			v.tick()
			old := news
			news = append(v.s.News(), old...)
			run(hear(0), hear(1), settle, sweep)
			v.again()
			if sc.hand {
				v.Must(t, ref, order.Promised)
				refused := news
				v.s.Pay(v.session(c), stripetest.Paying{})
				news = append(v.s.News(), refused...)
				run(hear(0), hear(1), func() { v.hear(refused...); v.tick() }, settle)
				v.again()
			}
			v.Must(t, ref, sc.until)
			taken := int64(pledged)
			if sc.until == order.Promised {
				taken = 0
			}
			v.taken(c, taken)
			got := v.story(ref, c)
			if want == "" {
				want = got
				t.Logf("%s:\n%s", name, want)
			}
			if got != want {
				t.Fatalf("%s, %v:\n%s\ninstead of\n%s", name, in, got, want)
			}
		})
		if n != 24 {
			t.Errorf("%d orders", n)
		}
	}
	v.books()
}

// tick lets jobs run once; what could not be done waits.
func (v *street) tick() { _, _ = v.Worker.Drain(v.ctx, v.Market) }

// again lets what waits be tried again, without any news.
func (v *street) again() {
	v.Clock.Advance(6 * time.Minute)
	v.sweep()
}

func TestEveryFaultAtTheChargeAndAfterItTakesTheSumOnce(t *testing.T) {
	v := enter(t, 303)
	all := []stripetest.Fault{stripetest.None, stripetest.Cut, stripetest.Lost, stripetest.Busy, stripetest.Broken, stripetest.BrokenAfter}
	for _, card := range []stripetest.Card{stripetest.Good, stripetest.Declined} {
		for _, first := range all {
			for _, second := range all {
				for _, wait := range []time.Duration{6 * time.Minute, 25 * time.Hour} { // beyond Stripe's memory of a key
					ref, c, s := v.promised(card)
					v.call(ref)
					v.s.Fault(first, second)
					for range 4 {
						v.tick()
						v.sweep()
						v.Clock.Advance(wait)
					}
					v.s.Fault()
					v.sweep()
					what := fmt.Sprintf("%q %d then %d, %v apart", card, first, second, wait)
					if card == stripetest.Good {
						if got := v.s.Taken(c.Payment.String()); got != pledged {
							t.Fatalf("%s: %d taken", what, got)
						}
						v.Must(t, ref, order.Completed)
						continue
					}
					names, states := v.s.Charges(s)
					if v.s.Taken(c.Payment.String()) != 0 || slices.ContainsFunc(states, func(s string) bool { return s != "canceled" }) {
						t.Fatalf("%s: %v are %v", what, names, states)
					}
					v.Must(t, ref, order.Promised)
					v.s.Pay(v.session(c), stripetest.Paying{})
					v.settle(c)
					v.taken(c, pledged)
				}
			}
		}
	}
	v.books()
}

func TestWithNewsSwitchedOffPledgesConverge(t *testing.T) {
	v := enter(t, 304)
	good, g, saved := v.pledge()
	v.s.Save(saved, stripetest.Good)
	slow, sl, at := v.pledge()
	v.s.Save(at, stripetest.Slow)
	fails, f, fa := v.pledge()
	v.s.Save(fa, stripetest.Slow)
	drops, d, da := v.pledge()
	v.s.Save(da, stripetest.Asks)
	never, _, _ := v.pledge()
	v.rounds(1)
	v.Must(t, never, order.Expired)
	for _, ref := range []order.Ref{good, slow, fails, drops} {
		v.Must(t, ref, order.Promised)
		v.call(ref)
	}
	v.rounds(1)
	v.Must(t, good, order.Completed)
	v.Must(t, slow, order.Promised)
	if p := v.payment(sl); !p.Pending || p.Promise != payment.PromiseCalled {
		t.Errorf("it is %+v", p)
	}
	for session, ok := range map[string]bool{at: true, fa: false} {
		names, _ := v.s.Charges(session)
		v.s.AnswerCharge(names[0], ok)
	}
	v.rounds(1)
	v.Must(t, slow, order.Completed)
	v.Must(t, fails, order.Promised)
	v.s.Pay(v.session(f), stripetest.Paying{Method: "alipay"})
	v.rounds(1)
	v.Must(t, fails, order.Completed)
	page := v.session(d) // nobody pays there, and a session lives for a day at most
	v.Clock.Advance(30 * time.Hour)
	v.rounds(1)
	if again := v.session(d); again == page || again == "" {
		t.Error("there is no other page where the first has ended")
	}
	v.Clock.Advance(6 * 24 * time.Hour)
	v.rounds(1)
	v.Must(t, drops, order.Cancelled)
	v.taken(g, pledged)
	v.taken(sl, pledged)
	v.taken(f, pledged)
	v.taken(d, 0)
	for _, session := range []string{saved, at, fa, da} {
		if v.s.Remembers(session) {
			t.Error("a card is remembered")
		}
	}
	v.books()
}

func TestMoneyByHandThatComesAfterThePledgeWasDroppedGoesBack(t *testing.T) {
	v := enter(t, 305)
	ref, c, _ := v.promised(stripetest.Declined)
	v.call(ref)
	v.Drain(t)
	v.Clock.Advance(7*24*time.Hour - 10*time.Minute)
	s := v.session(c)
	v.s.Pay(s, stripetest.Paying{Async: true})
	v.Clock.Advance(20 * time.Minute)
	v.sweep()
	v.Must(t, ref, order.Cancelled)
	v.s.Answer(s, true)
	v.hear(v.s.News()...)
	v.Drain(t)
	v.rounds(1)
	if v.s.Refunded(s) != pledged {
		t.Errorf("%d went back", v.s.Refunded(s))
	}
	v.books()
}

func TestACardThatIsGoneAtStripeIsPaidByHand(t *testing.T) {
	v := enter(t, 306)
	ref, c, s := v.promised(stripetest.Good)
	must(t, v.g.Forget(v.ctx, v.Market, v.s.Customer(s))) // in Stripe's own pages
	v.call(ref)
	v.Drain(t)
	v.Must(t, ref, order.Promised)
	v.s.Pay(v.session(c), stripetest.Paying{})
	v.settle(c)
	v.Must(t, ref, order.Completed)
	v.taken(c, pledged)
	v.books()
}

func TestACancelWhileTheChargeIsInFlightIsRefusedAndTheSumTakenOnce(t *testing.T) {
	v := enter(t, 307)
	ref, c, _ := v.promised(stripetest.Good)
	v.call(ref)
	v.s.Fault(stripetest.Lost) // it is taken, and nobody here knows
	v.tick()
	for _, by := range []order.By{v.Buyer, v.Operator} {
		refuses(t, v.Orders.Cancel(v.ctx, by, ref, ""), "promise_called")
	}
	must(t, v.Orders.Drop(v.ctx, v.Market, "campaign_failed", ref.ID))
	v.again()
	v.Must(t, ref, order.Completed)
	v.taken(c, pledged)
	v.books()
}

// Many hands at once, a bad network, keys that are forgotten: of every seed each
// pledge is taken once or not at all, and never beside what its payer paid by hand.
func TestWhateverTheNetworkDoesAPledgeIsNeverTakenTwice(t *testing.T) {
	v := enter(t, 308)
	cards := []stripetest.Card{stripetest.Good, stripetest.Good, stripetest.Declined, stripetest.Asks, stripetest.Slow}
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 308))
		card := cards[r.IntN(len(cards))]
		ref, c, s := v.promised(card)
		v.s.Chance(35)
		ctx := context.WithoutCancel(v.ctx)
		for round := range 6 {
			var all sync.WaitGroup
			for hand := range 8 {
				switch (hand + round + r.IntN(3)) % 5 {
				case 0:
					all.Go(func() { _, _ = v.Orders.Charge(ctx, order.System, v.Market, ref.ID) })
				case 1:
					all.Go(func() { _, _ = v.Orders.Settle(ctx, c.Market, c.Payment) })
				case 2:
					all.Go(func() { _, _ = v.Worker.Drain(ctx, v.Market) })
				case 3:
					all.Go(func() {
						for _, e := range v.s.Shuffled() {
							_ = v.g.Take(ctx, v.Desk, e.Body, e.Signature())
						}
					})
				default:
					all.Go(func() {
						if p, err := v.Orders.Pay(ctx, c.Market, c.Payment, result(c)); err == nil && p.Promise == payment.PromiseRefused {
							v.s.Pay(p.Object, stripetest.Paying{})
						}
					})
				}
			}
			all.Wait()
			v.Clock.Advance([]time.Duration{time.Minute, 5 * time.Hour, 26 * time.Hour}[r.IntN(3)])
			if names, states := v.s.Charges(s); round == 3 && len(names) > 0 && states[0] == "processing" {
				v.s.AnswerCharge(names[0], r.IntN(2) == 0)
			}
		}
		v.s.Chance(0)
		for range 3 {
			v.again()
			v.Clock.Advance(time.Hour)
		}
		o, err := v.Orders.Find(v.ctx, ref)
		must(t, err)
		want := int64(0)
		if o.State == order.Completed {
			want = pledged
		}
		if o.State == order.Cancelled || o.State == order.Promised || o.State == order.Completed {
			v.taken(c, want)
		} else {
			t.Fatalf("seed %d: it is %s", seed, o.State)
		}
		t.Logf("seed %d: %q ends %s", seed, card, o.State)
	}
	v.books()
}

func TestSixtyFourWhoTakeAPledgeAtOnceMakeOneCharge(t *testing.T) {
	v := enter(t, 309)
	ctx := context.WithoutCancel(v.ctx)
	for _, card := range []stripetest.Card{stripetest.Good, stripetest.Good, stripetest.Good, stripetest.Declined, stripetest.Slow} {
		ref, c, s := v.promised(card)
		v.call(ref)
		var all sync.WaitGroup
		begin := make(chan struct{})
		for hand := range 64 {
			all.Go(func() {
				<-begin
				switch hand % 4 {
				case 0:
					_, _ = v.Worker.Drain(ctx, v.Market)
				case 1:
					_, _ = v.Orders.Charge(ctx, order.System, v.Market, ref.ID)
				default:
					_, _ = v.Orders.Settle(ctx, c.Market, c.Payment)
				}
			})
		}
		close(begin)
		all.Wait()
		names, states := v.s.Charges(s)
		if len(names) != 1 {
			t.Fatalf("%q: %d charges, %v", card, len(names), states)
		}
		if card == stripetest.Slow {
			v.s.AnswerCharge(names[0], true)
			v.again()
		}
		want := int64(pledged)
		if card == stripetest.Declined {
			want = 0
		}
		v.taken(c, want)
	}
	v.books()
}
