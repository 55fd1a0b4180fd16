package stripe_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"commonfield/catalog"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/marketplace/recon"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// day lets a day's reading come, with what follows from it.
func (v *street) day() {
	v.t.Helper()
	v.Clock.Advance(24 * time.Hour)
	must(v.t, v.DB.Update(v.ctx, v.Market, func(tx *storage.Tx) error {
		v.Recon.Due(tx, tx.Now.Format(time.RFC3339))
		return nil
	}))
	for range 3 {
		for _, market := range v.markets() {
			must(v.t, v.DB.Update(v.ctx, market, func(tx *storage.Tx) error {
				recon.Again(tx, tx.Now.Format(time.RFC3339Nano))
				return nil
			}))
		}
		v.Drain(v.t)
		v.Clock.Advance(time.Minute)
	}
}

func (v *street) markets() []int32 {
	all, err := v.Recon.Markets(v.ctx)
	must(v.t, err)
	var of []int32
	for _, m := range all {
		of = append(of, m.ID)
	}
	return of
}

func (v *street) lines(market int32) []recon.Line {
	v.t.Helper()
	var all []recon.Line
	must(v.t, v.DB.View(v.ctx, market, func(tx *storage.Tx) (err error) { all, err = recon.Lines(tx, none, 200); return }))
	return all
}

// line is the only line of a kind.
func (v *street) line(kind payment.Moved) recon.Line {
	v.t.Helper()
	var found []recon.Line
	for _, l := range v.lines(v.Market) {
		if l.Kind == kind {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		v.t.Fatalf("%d lines are a %s", len(found), kind)
	}
	return found[0]
}

// atGateway is what the books of all markets have at the gateway.
func (v *street) atGateway() int64 {
	v.t.Helper()
	var sum int64
	for _, market := range v.markets() {
		must(v.t, v.DB.View(v.ctx, market, func(tx *storage.Tx) error {
			have, err := ledger.Balance(tx, ledger.GatewayClearing, ledger.GatewayAvailable)
			sum += have[ledger.GatewayClearing] + have[ledger.GatewayAvailable]
			return err
		}))
	}
	return sum
}

func (v *street) atStripe() int64 {
	var sum int64
	for _, l := range v.s.Balance() {
		sum += l.Net
	}
	return sum
}

// sound checks all markets and that the books have at the gateway what lies there.
func (v *street) sound() {
	v.t.Helper()
	r, err := audit.Run(v.ctx, v.DB, v.markets(), marketplace.Checks(), nil)
	must(v.t, err)
	for _, c := range r.Checks {
		if !c.OK {
			v.t.Fatalf("%s: %v", c.Name, c.Violations)
		}
	}
	if books, there := v.atGateway(), v.atStripe(); books != there {
		v.t.Fatalf("%d in the books, %d at the gateway", books, there)
	}
}

func TestADayOfEverythingAtTheGatewayIsInTheBooksToTheFen(t *testing.T) {
	v := enter(t, 81)
	ref, _, _ := v.bought()
	v.refund(ref, 1000)
	v.Drain(t)
	_, _, other := v.bought()
	v.s.Dispute(other, 0)
	v.Drain(t)
	v.s.Take("stripe_fee", 777, "Radar")
	v.Clock.Advance(3 * 24 * time.Hour)
	v.everywhere()
	po := v.s.PayOut(5000)
	v.day()
	for _, l := range v.lines(v.Market) {
		if l.State != recon.Done {
			t.Errorf("%s of %s is %s: %s", l.Kind, l.Object, l.State, l.Why)
		}
	}
	have := v.books(ledger.BankOperating, ledger.GatewayDisputed, ledger.CostGateway, ledger.Recon)
	if have[ledger.BankOperating] != 5000 || have[ledger.GatewayDisputed] != 13000 || have[ledger.CostGateway] != 2*stripetest.Fee(13000)+777 || have[ledger.Recon] != 0 {
		t.Fatalf("%v", have)
	}
	v.sound()
	n := len(v.lines(v.Market))
	v.day() // the same lines again
	if again := len(v.lines(v.Market)); again != n {
		t.Fatalf("%d lines, then %d", n, again)
	}
	v.s.NoBank(po)
	v.day()
	if have = v.books(ledger.BankOperating); have[ledger.BankOperating] != 0 {
		t.Fatalf("%v", have)
	}
	v.sound()
}

func TestARefundMadeInStripesPagesTakesFromTheRightShares(t *testing.T) {
	v := enter(t, 82)
	held, _, s := v.bought()
	v.s.InDashboard(s, 1000) // the only line: what is held gives
	done, _, sent := v.finished()
	v.s.InDashboard(sent, 2000) // after release: the payees give
	v.day()
	if o := must1(t, v, held); o.State != order.Secured {
		t.Fatalf("it is %s", o.State)
	}
	owed := ledger.Owed(*must1(t, v, done).SellerPayee)
	have := v.books(ledger.HeldOrder(held.ID), ledger.HeldOrder(done.ID), owed, ledger.IncomeFees)
	if have[ledger.HeldOrder(held.ID)] != 12000 || have[ledger.HeldOrder(done.ID)] != 0 || have[ledger.IncomeFees] != 220 {
		t.Fatalf("%v", have)
	}
	if n := v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND state = 'succeeded'"); n != 2 {
		t.Fatalf("%d refunds", n)
	}
	if v.s.Count("refund") != 2 {
		t.Fatalf("%d went back", v.s.Count("refund"))
	}
	v.sound()
	v.day()
	v.sound()
	// One that comes back after days waits for its payer.
	v.s.Finish(v.s.Refunds()[0], false)
	v.day()
	if n := v.count("SELECT count(*) FROM refunds WHERE market_id = $1 AND state = 'failed'"); n != 1 {
		t.Fatalf("%d failed", n)
	}
	v.sound()
}

func TestARefundOfSomeOfSeveralLinesInStripesPagesWaitsForAPerson(t *testing.T) {
	v := enter(t, 83)
	rice := v.Offer(t, "长粒香米", 1000, 50_000)
	ref, s := v.two(rice)
	v.s.InDashboard(s, 3000)
	v.day()
	l := v.line(payment.MovedRefund)
	if l.State != recon.Waits || l.Why != "which_lines" {
		t.Fatalf("it is %s: %s", l.State, l.Why)
	}
	lefts, err := v.Orders.Left(v.ctx, v.Market, *l.Payment)
	must(t, err)
	if len(lefts) != 2 {
		t.Fatalf("%+v", lefts)
	}
	say := func(deed, target, why string) error {
		_, err := v.Recon.Decide(v.ctx, v.Market, l.ID, v.Operator.Person, recon.Say{Deed: deed, Target: target, Why: why})
		return err
	}
	refuses(t, say(recon.Fee, "", ""), "line_deed")
	refuses(t, say(recon.Refund, "", ""), "required")
	refuses(t, say(recon.Unclaimed, l.Payment.String(), ""), "refund_too_large")
	must(t, say(recon.Refund, recon.Name(lefts[0]), ""))
	must(t, say(recon.Refund, recon.Name(lefts[0]), ""))
	refuses(t, say(recon.Unclaimed, l.Payment.String(), ""), "line_taken")
	v.Drain(t)
	v.Must(t, ref, order.Secured)
	after, err := v.Orders.Left(v.ctx, v.Market, *l.Payment)
	must(t, err)
	if after[0].Part.Amount != lefts[0].Part.Amount-3000 || after[1].Part.Amount != lefts[1].Part.Amount {
		t.Fatalf("before %+v, after %+v", lefts, after)
	}
	v.sound()
	// All that is left needs nobody.
	v.s.InDashboard(s, after[0].Part.Amount+after[1].Part.Amount)
	v.day()
	if now, err := v.Orders.Left(v.ctx, v.Market, *l.Payment); err != nil || len(now) != 0 {
		t.Fatalf("%+v, %v", now, err)
	}
	v.sound()
}

// two is a paid order of walnuts and something else.
func (v *street) two(also catalog.Listing) (order.Ref, string) {
	v.t.Helper()
	ask := v.Ask(5000)
	ask.Way = "stripe"
	ask.Items = append(ask.Items, order.Item{Market: v.Market, Listing: also.ID, Quantity: 4000})
	c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
	must(v.t, err)
	s := v.session(c)
	v.s.Pay(s, stripetest.Paying{})
	_, err = v.Orders.Settle(v.ctx, c.Market, c.Payment)
	must(v.t, err)
	return c.Orders()[0], s
}

func TestWhatStripeTakesOfSeveralMarketsIsBorneByEachByLargestRemainder(t *testing.T) {
	v := enter(t, 84)
	stall := v.Stall(t, "湄潭翠芽", 3333, 50_000)
	first, _, _ := v.bought()
	must(t, v.Orders.Accept(v.ctx, v.Seller, first))
	ask := v.Ask(5000)
	ask.Way, ask.Items = "stripe", append(ask.Items, stall.Item(5000))
	c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
	must(t, err)
	s := v.session(c)
	v.s.Pay(s, stripetest.Paying{})
	v.bank()
	must(t, v.Orders.Accept(v.ctx, v.Seller, c.Orders()[0]))
	must(t, v.Orders.Accept(v.ctx, stall.Seller, c.Orders()[1]))
	alone := v.Ask(0)
	alone.Way, alone.Items = "stripe", []order.Item{stall.Item(3000)}
	c, err = v.Orders.Place(v.ctx, once.Key{}, alone)
	must(t, err)
	v.s.Pay(v.session(c), stripetest.Paying{})
	v.bank()
	must(t, v.Orders.Accept(v.ctx, stall.Seller, c.Orders()[0]))
	v.s.Refee(s, 1235) // after it was captured: of 296.65, 10.09 had been said
	v.s.Take("stripe_fee", 1000, "")
	v.Clock.Advance(3 * 24 * time.Hour)
	v.everywhere()
	v.s.PayOut(9001)
	v.day()
	v.everywhere()
	v.sound()
	for _, market := range v.markets() {
		for _, l := range v.lines(market) {
			if l.State != recon.Done {
				t.Errorf("market %d: %s is %s", market, l.Kind, l.State)
			}
			if want := map[payment.Moved]string{payment.MovedFee: "%d=-810 %d=-190", payment.MovedPayout: "%d=-7284 %d=-1717"}[l.Kind]; want != "" && l.Target != fmt.Sprintf(want, v.Market, stall.Market) {
				t.Errorf("%s: %s", l.Kind, l.Target)
			}
		}
	}
	have := v.books(ledger.BankOperating)
	if have[ledger.BankOperating] != 9001 {
		t.Fatalf("%v at the keeper's bank", have)
	}
}

func TestWhatNobodyCanExplainLiesInReconUntilAPersonHas(t *testing.T) {
	v := enter(t, 85)
	v.s.Take("reserve_transaction", 500, "reserve")
	v.s.Take("reserve_transaction", -200, "top-up")
	v.day()
	if have := v.books(ledger.Recon, ledger.GatewayAvailable); have[ledger.Recon] != 300 || have[ledger.GatewayAvailable] != -300 {
		t.Fatalf("%v", have)
	}
	r, err := audit.Run(v.ctx, v.DB, []int32{v.Market}, nil, recon.Alarms())
	must(t, err)
	if len(r.Alarms) != 2 {
		t.Fatalf("%v", r.Alarms)
	}
	var waits []recon.Line
	must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { waits, err = recon.Undecided(tx, 10); return }))
	for _, l := range waits {
		deed := recon.Fee
		if l.Amount > 0 {
			deed = recon.Bank
		}
		for range 2 {
			_, err := v.Recon.Decide(v.ctx, v.Market, l.ID, v.Operator.Person, recon.Say{Deed: deed, Why: "asked Stripe"})
			must(t, err)
		}
		_, err = v.Recon.Decide(v.ctx, v.Market, l.ID, v.Operator.Person, recon.Say{Deed: recon.Capital})
		refuses(t, err, "line_taken")
	}
	if have := v.books(ledger.Recon, ledger.CostGateway, ledger.BankOperating); have[ledger.Recon] != 0 || have[ledger.CostGateway] != 500 || have[ledger.BankOperating] != -200 {
		t.Fatalf("%v", have)
	}
	v.sound()
}

func TestAPayoutThatSomebodyHasBookedByHandIsNotBookedTwice(t *testing.T) {
	v := enter(t, 86)
	v.bought()
	v.Clock.Advance(3 * 24 * time.Hour)
	v.everywhere()
	must(t, v.Recon.Banked(v.ctx, v.Market, v.Operator.ID, 7000, "BOC-1"))
	v.s.PayOut(7000)
	v.day()
	l := v.line(payment.MovedPayout)
	if l.State != recon.Waits || l.Why != "banked" {
		t.Fatalf("it is %s: %s", l.State, l.Why)
	}
	_, err := v.Recon.Decide(v.ctx, v.Market, l.ID, v.Operator.Person, recon.Say{Deed: recon.Booked})
	refuses(t, err, "required")
	_, err = v.Recon.Decide(v.ctx, v.Market, l.ID, v.Operator.Person, recon.Say{Deed: recon.Booked, Why: "BOC-1"})
	must(t, err)
	v.sound()
	// And the other way round: what its side has booked is not booked by hand.
	v.s.PayOut(3000)
	v.day()
	refuses(t, v.Recon.Banked(v.ctx, v.Market, v.Operator.ID, 3000, "BOC-2"), "line_known")
	// The other one of the same sum is the gateway's own affair.
	v.s.PayOut(2000)
	must(t, v.Recon.Banked(v.ctx, v.Market, v.Operator.ID, 2000, "BOC-3"))
	v.day()
	var waits []recon.Line
	must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { waits, err = recon.Undecided(tx, 10); return }))
	if len(waits) != 1 {
		t.Fatalf("%+v", waits)
	}
	var hands sync.WaitGroup
	for range 64 { // pressed by everybody at once it is booked once, and who comes in its middle is told so
		hands.Go(func() {
			if _, err := v.Recon.Decide(v.ctx, v.Market, waits[0].ID, v.Operator.Person, recon.Say{Deed: recon.Payout}); err != nil && !fault.Has(err, "line_taken") {
				t.Error(err)
			}
		})
	}
	hands.Wait()
	if have := v.books(ledger.BankOperating); have[ledger.BankOperating] != 7000+3000+2*2000 {
		t.Fatalf("%v", have)
	}
}

// A reading of many pages goes on where it was broken off, and reads nothing twice.
func TestAReadingThatIsBrokenOffGoesOnWhereItWas(t *testing.T) {
	v := enter(t, 87)
	for i := range 250 {
		v.s.Take("stripe_fee", int64(1+i%3), fmt.Sprint(i))
	}
	v.s.Chance(40)
	v.day()
	for range 12 {
		v.Clock.Advance(time.Hour)
		v.Drain(t)
	}
	v.s.Chance(0)
	v.Clock.Advance(24 * time.Hour)
	v.Drain(t)
	v.day()
	if n := len(v.lines(v.Market)); n != 200 { // the list gives no more
		t.Fatalf("%d lines", n)
	}
	if n := v.count("SELECT count(*) FROM gateway_lines WHERE market_id = $1 AND state = 'done'"); n != 250 {
		t.Fatalf("%d of 250", n)
	}
	v.sound()
}
