package stripe_test

import (
	"strings"
	"testing"

	"commonfield/catalog/stock"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// everywhere lets all jobs run, the platform's too, which hears of chargebacks first.
func (v *street) everywhere() {
	v.t.Helper()
	for {
		n, err := v.Worker.Drain(v.ctx, storage.Platform)
		must(v.t, err)
		if n+v.Drain(v.t) == 0 {
			return
		}
	}
}

// bank lets the bank speak and the news of it come in.
func (v *street) bank() {
	v.t.Helper()
	v.hear(v.s.Shuffled()...)
	v.everywhere()
}

// finished is an order that is paid, delivered and released.
func (v *street) finished() (order.Ref, order.Checkout, string) {
	v.t.Helper()
	ref, c, s := v.bought()
	for _, do := range []func() error{
		func() error { return v.Orders.Accept(v.ctx, v.Seller, ref) },
		func() error { return v.Orders.Pack(v.ctx, v.Seller, ref, nil) },
		func() error {
			return v.Orders.Ship(v.ctx, v.Seller, ref, order.Parcel{Carrier: "中通", Number: "7584"})
		},
		func() error { return v.Orders.Deliver(v.ctx, v.Buyer, ref) },
		func() error { return v.Orders.Complete(v.ctx, v.Buyer, ref) },
	} {
		must(v.t, do())
	}
	v.Must(v.t, ref, order.Completed)
	return ref, c, s
}

func (v *street) chargeback() payment.Chargeback {
	v.t.Helper()
	var all []payment.Chargeback
	must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { all, err = payment.Chargebacks(tx, 100); return }))
	if len(all) == 0 {
		v.t.Fatal("no chargeback is booked")
	}
	return all[0]
}

func TestAChargebackStopsItsOrderAndWonAllIsAsBefore(t *testing.T) {
	v := enter(t, 61)
	ref, c, s := v.bought()
	before := v.story(ref, c)
	d := v.s.Dispute(s, 0)
	v.bank()
	held := ledger.HeldOrder(ref.ID)
	have := v.books(held, ledger.GatewayDisputed, ledger.CostChargeback)
	if have[held] != 0 || have[ledger.GatewayDisputed] != 13000 || have[ledger.CostChargeback] != stripetest.DisputeFee {
		t.Fatalf("%v", have)
	}
	_, err := v.Orders.Refund(v.ctx, once.Key{}, v.Operator, ref, []order.Part{{Line: 1, Amount: 100}}, "spoilt")
	refuses(t, err, "refund_frozen")
	refuses(t, v.Orders.Cancel(v.ctx, v.Operator, ref, "no"), "refund_frozen")
	v.s.Decide(d, true)
	v.bank()
	if b := v.chargeback(); b.State != payment.ChargebackWon || b.Excess != 0 {
		t.Fatalf("%+v", b)
	}
	before = strings.NewReplacer("cost:gateway", "cost:chargeback -1500\ncost:gateway", "gateway:clearing", "gateway:available 1500\ngateway:clearing").Replace(before) // the bank keeps its fee
	if after := v.story(ref, c); after != before {
		t.Fatalf("before\n%s\nafter\n%s", before, after)
	}
	v.refund(ref, 100)
	v.Drain(t)
	v.books()
}

func TestALostChargebackTakesWhatIsHeldAndEndsAnOrderThatWasNotSent(t *testing.T) {
	v := enter(t, 62)
	ref, _, s := v.bought()
	v.refund(ref, 1000)
	v.Drain(t)
	d := v.s.Dispute(s, 12000)
	v.s.Decide(d, false)
	v.bank() // opened and lost in one go
	v.Must(t, ref, order.Cancelled)
	have := v.books(ledger.HeldOrder(ref.ID), ledger.GatewayDisputed, ledger.CostChargeback)
	if have[ledger.HeldOrder(ref.ID)] != 0 || have[ledger.GatewayDisputed] != 0 || have[ledger.CostChargeback] != stripetest.DisputeFee {
		t.Fatalf("%v", have)
	}
}

func TestALostChargebackThatIsLargerThanThePaymentCostsTheMarketTheRest(t *testing.T) {
	v := enter(t, 63)
	ref, _, s := v.bought()
	v.refund(ref, 1000)
	v.Drain(t)
	v.s.Decide(v.s.Dispute(s, 15000), false)
	v.bank()
	if b := v.chargeback(); b.Excess != 3000 {
		t.Fatalf("%d is beyond it", b.Excess)
	}
	if have := v.books(ledger.CostChargeback); have[ledger.CostChargeback] != 3000+stripetest.DisputeFee {
		t.Fatalf("%v", have)
	}
}

func TestAfterReleaseALostChargebackTakesFromThePayeesWhoArePaidNothingMeanwhile(t *testing.T) {
	v := enter(t, 64)
	ref, _, s := v.finished()
	d := v.s.Dispute(s, 5000)
	v.bank()
	if n := v.count("SELECT count(*) FROM payables WHERE market_id = $1 AND sale_id = $2 AND NOT frozen", ref.ID); n != 0 {
		t.Fatalf("%d payables may be paid out", n)
	}
	v.Clock.Advance(20 * 24 * 3600e9) // longer than the hold
	v.everywhere()
	if n := v.count("SELECT count(*) FROM commissions WHERE market_id = $1 AND sale_id = $2 AND state = 'payable'", ref.ID); n != 0 {
		t.Fatalf("%d commissions have matured", n)
	}
	v.s.Decide(d, false)
	v.bank()
	v.Must(t, ref, order.Completed)
	owed := ledger.Owed(*must1(t, v, ref).SellerPayee)
	fees := v.books(owed, ledger.IncomeFees, ledger.GatewayDisputed, ledger.CostChargeback)
	// Of 130.00 fee 2.60, agent 7.64 (6 % of the price without tax) and seller the rest: 8,000 of 13,000 are left.
	if fees[ledger.IncomeFees] != 160 || fees[ledger.GatewayDisputed] != 0 || fees[ledger.CostChargeback] != stripetest.DisputeFee {
		t.Fatalf("%v", fees)
	}
	v.Clock.Advance(20 * 24 * 3600e9)
	v.everywhere()
	if n := v.count("SELECT count(*) FROM payables WHERE market_id = $1 AND sale_id = $2 AND frozen", ref.ID); n != 0 {
		t.Fatalf("%d payables are still stopped", n)
	}
	v.books()
}

func must1(t *testing.T, v *street, ref order.Ref) order.Order {
	t.Helper()
	o, err := v.Orders.Find(v.ctx, ref)
	must(t, err)
	return o
}

func TestAChargebackOverTwoMarketsIsBorneByBoth(t *testing.T) {
	for seed, won := range []bool{true, false} {
		v := enter(t, uint64(650+seed)) // the platform hears every world's events: their names must differ
		stall := v.Stall(t, "贵州 香禾糯", 1600, 50_000)
		ask := v.Ask(5000)
		ask.Way, ask.Items = "stripe", append(ask.Items, stall.Item(8000))
		c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
		must(t, err)
		s := v.session(c)
		v.s.Pay(s, stripetest.Paying{})
		v.bank()
		d := v.s.Dispute(s, 0) // 258.00
		v.bank()
		away := c.Orders()[1]
		_, err = v.Orders.Refund(v.ctx, once.Key{}, stall.Operator, away, []order.Part{{Line: 1, Amount: 1}}, "wet")
		refuses(t, err, "refund_frozen")
		v.s.Decide(d, won)
		v.bank()
		r, err := audit.Run(v.ctx, v.DB, []int32{v.Market, stall.Market}, marketplace.Checks(), ledger.Alarms())
		must(t, err)
		for _, check := range r.Checks {
			if !check.OK {
				t.Fatalf("won %v: %s: %v", won, check.Name, check.Violations)
			}
		}
		want := order.Cancelled
		if won {
			want = order.Secured
		}
		for _, ref := range c.Orders() {
			if got := must1(t, v, ref); got.State != want {
				var why []string
				_ = v.DB.View(v.ctx, ref.Market, func(tx *storage.Tx) error {
					return tx.Select(&why, "SELECT kind || ' ' || key || ' ' || state || ' ' || attempts || ' ' || error || ' ' || run_at FROM jobs WHERE market_id = $1 AND state <> 'done'", ref.Market)
				})
				t.Fatalf("won %v: order of market %d (home %d) is %s: %q", won, ref.Market, c.Market, got.State, why)
			}
		}
	}
}

func TestEvidenceIsSentOnceAndNotWhenTheBankHasDecided(t *testing.T) {
	v := enter(t, 66)
	_, _, s := v.bought()
	d := v.s.Dispute(s, 0)
	v.bank()
	b := v.chargeback()
	refuses(t, v.Desk.Contest(v.ctx, v.Market, b.ID, v.Operator.ID, "  "), "required")
	for range 3 {
		must(t, v.Desk.Contest(v.ctx, v.Market, b.ID, v.Operator.ID, "Parcel 7584 was signed for on 3 November."))
	}
	refuses(t, v.Desk.Contest(v.ctx, v.Market, b.ID, v.Operator.ID, "Another story."), "evidence_sent")
	v.s.Fault(stripetest.Lost)
	v.Drain(t)
	v.later(1)
	if text, sent := v.s.Evidence(d); !sent || text != "Parcel 7584 was signed for on 3 November." {
		t.Fatalf("%q, %v", text, sent)
	}
	if v.chargeback().SentAt == nil {
		t.Fatal("it is not written down as sent")
	}
	v.s.Decide(d, true)
	v.bank()
	_, _, s = v.bought()
	v.s.Decide(v.s.Dispute(s, 0), false)
	v.bank()
	refuses(t, v.Desk.Contest(v.ctx, v.Market, v.chargeback().ID, v.Operator.ID, "Too late."), "chargeback_closed")
	v.books()
}

// Every order in which a payment's news can arrive, a chargeback's among it, gives
// the same book; a fact comes before its news.
func TestEveryOrderOfNewsAroundAChargebackGivesTheSameBook(t *testing.T) {
	for seed, won := range []bool{true, false} {
		v := enter(t, uint64(670+seed))
		_, err := v.Stock.Receive(v.ctx, once.Key{}, v.Market, v.Seller.ID, v.Listing.ID, stock.Batch{Quantity: 1_000_000})
		must(t, err)
		var want string
		n := 0
		permute(5, func(in []int) {
			n++
			ref, c := v.buy()
			s := v.session(c)
			v.s.News()
			v.s.Pay(s, stripetest.Paying{})
			all := v.s.News()[:2]
			v.s.Decide(v.s.Dispute(s, 14000), won)
			all = append(all, v.s.News()...)[:5]
			for i, k := range in {
				v.hear(all[k])
				if i%2 == 1 {
					v.everywhere()
				}
			}
			v.everywhere()
			got := v.story(ref, c)
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("won %v, in the order %v:\n%s\nwanted\n%s", won, in, got, want)
			}
		})
		if b := v.chargeback(); won != (b.State == payment.ChargebackWon) {
			t.Fatalf("it is %s", b.State)
		}
		t.Logf("won %v: %d orders, the book of every one:\n%s", won, n, want)
		v.books()
	}
}
