package order_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// entries is how many entries a market's book has, and forgotten whether what was
// saved for a checkout is gone, here and in the sandbox.
func entries(t *testing.T, w *ordertest.World) (n int) {
	t.Helper()
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT count(*) FROM ledger_entries WHERE market_id = $1", tx.Market)
	}))
	return n
}

func forgotten(t *testing.T, w *ordertest.World, c order.Checkout) bool {
	t.Helper()
	var kept int
	must(t, w.DB.View(t.Context(), c.Market, func(tx *storage.Tx) error {
		return tx.Get(&kept, `SELECT (SELECT count(*) FROM payment_promises WHERE market_id = $1 AND payment_id = $2 AND (forgotten_at IS NULL OR saved <> ''))
			+ (SELECT count(*) FROM sandbox_objects WHERE market_id = $1 AND payment_id = $2 AND state = 'saved')`, tx.Market, c.Payment)
	}))
	return kept == 0
}

// call calls orders in and lets the jobs follow.
func call(t *testing.T, w *ordertest.World, refs ...order.Ref) int {
	t.Helper()
	var ids []id.ID
	for _, r := range refs {
		ids = append(ids, r.ID)
	}
	n, err := w.Orders.Charge(t.Context(), order.System, w.Market, ids...)
	must(t, err)
	w.Drain(t)
	return n
}

func TestAPledgeIsSavedNowTakenLaterAndNothingIsInTheBooksBetween(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	before := entries(t, w)
	ref, c := w.Promised(t, 50_000, false)
	w.Clock.Advance(60 * 24 * time.Hour) // far beyond the quarter of an hour
	w.Drain(t)
	w.Must(t, ref, order.Promised)
	if n := entries(t, w); n != before {
		t.Errorf("%d entries before anything was taken", n-before)
	}
	books(t, w)
	if n := call(t, w, ref); n != 1 {
		t.Errorf("%d called in", n)
	}
	w.Must(t, ref, order.Completed)
	p := w.Payment(t, c)
	if p.State != payment.Captured || p.Captured != 50_000 {
		t.Errorf("the payment is %s with %d", p.State, p.Captured)
	}
	if !forgotten(t, w, c) {
		t.Error("what was saved is kept beyond its end")
	}
	if n := call(t, w, ref); n != 0 {
		t.Errorf("called in again: %d", n)
	}
	have := books(t, w, ledger.HeldOrder(ref.ID), ledger.PledgeCampaign(w.Listing.ID))
	if have[ledger.HeldOrder(ref.ID)] != 0 || have[ledger.PledgeCampaign(w.Listing.ID)] != 50_000 {
		t.Errorf("the books have %v", have)
	}
	s := story(t, w, ref)
	want := []order.State{order.Placed, order.Promised, order.Promised, order.Secured, order.Completed}
	for i, h := range s.History {
		if i >= len(want) || h.To != want[i] {
			t.Errorf("its history: %+v", s.History)
		}
	}
}

func TestAPledgeWithARewardIsItsSellersToSendOnceItIsTaken(t *testing.T) {
	var from producer.Producer
	w := ordertest.New(t, ordertest.Reward(&from))
	from = w.Producer
	ctx := t.Context()
	ask := w.Pledging(50_000)
	ask.Kind, ask.DeliverTo = ordertest.RewardKind, w.Ask(1).DeliverTo
	c, err := w.Orders.Place(ctx, once.Key{}, ask)
	must(t, err)
	ref := c.Orders()[0]
	p, err := w.Orders.Pay(ctx, c.Market, c.Payment, "/back")
	must(t, err)
	must(t, w.Sandbox.Pay(ctx, c.Market, p.Object, sandbox.News{Repeat: 1}))
	w.Drain(t)
	refuses(t, w.Orders.Accept(ctx, w.Seller, ref), "order_move")
	refuses(t, w.Orders.Cancel(ctx, w.Seller, ref, ""), "order_move")
	w.Clock.Advance(80 * time.Hour) // a seller's silence ends nothing that is promised
	w.Drain(t)
	w.Must(t, ref, order.Promised)
	call(t, w, ref)
	w.Must(t, ref, order.Secured)
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Cancel(ctx, w.Operator, ref, "颗粒无收"))
	w.Drain(t)
	have := books(t, w, ledger.PledgeCampaign(w.Listing.ID))
	if have[ledger.PledgeCampaign(w.Listing.ID)] != 0 {
		t.Errorf("the books have %v", have)
	}
}

func TestWhoPaysAPledgeAtOncePassesThePromiseByAndARefundGoesTheUsualWay(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	ask := w.Pledging(50_000)
	ask.Later = false
	c, err := w.Orders.Place(t.Context(), once.Key{}, ask)
	must(t, err)
	w.Pay(t, c)
	w.Must(t, c.Orders()[0], order.Completed)
	ref, _ := w.Promised(t, 30_000, false)
	call(t, w, ref)
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{{Line: 1, Amount: 12_000}}, "回报没有寄出")
	must(t, err)
	w.Drain(t)
	books(t, w)
}

func TestAPledgeIsRefusedOfKindsWaysAndMarketsThatCannotPromise(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge(), ordertest.Ticket())
	stall := w.Stall(t, "红米", 1280, 1000)
	for want, change := range map[string]func(a *order.Ask){
		"cannot_promise":     func(a *order.Ask) { a.Kind = "ticket" },
		"way_saves_nothing":  func(a *order.Ask) { a.Way = "bank" },
		"promise_one_market": func(a *order.Ask) { a.Items = append(a.Items, stall.Item(1000)) },
	} {
		ask := w.Pledging(5000)
		change(&ask)
		_, err := w.Orders.Place(t.Context(), once.Key{}, ask)
		refuses(t, err, want)
	}
	ref, _ := w.Promised(t, 5000, false)
	_, err := w.Orders.Charge(t.Context(), w.Buyer, w.Market, ref.ID)
	refuses(t, err, "forbidden")
	w.Must(t, ref, order.Promised)
}

func TestWhoDoesNotSaveInTimeHasNoPledgeAndWhatIsSavedTooLateIsForgotten(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	ctx := t.Context()
	c, err := w.Orders.Place(ctx, once.Key{}, w.Pledging(5000))
	must(t, err)
	_, err = w.Orders.Pay(ctx, c.Market, c.Payment, "/back")
	must(t, err)
	w.Clock.Advance(16 * time.Minute)
	w.Drain(t)
	w.Must(t, c.Orders()[0], order.Expired)
	if code(w.Sandbox.Pay(ctx, c.Market, w.Payment(t, c).Object, sandbox.News{})) != "payment_closed" {
		t.Error("it could still be saved")
	}
	// Saved at the last moment, and nobody has said so yet: the timer asks.
	ref, _ := w.Pledge(t, 5000, false)
	w.Clock.Advance(16 * time.Minute)
	w.Drain(t)
	w.Must(t, ref, order.Promised)
	// Saved at the moment of a cancel: it is cancelled, and forgotten.
	ref, c = w.Pledge(t, 5000, false)
	must(t, w.Orders.Cancel(ctx, w.Buyer, ref, ""))
	w.Must(t, ref, order.Cancelled)
	w.Drain(t)
	if !forgotten(t, w, c) {
		t.Error("what was saved is kept")
	}
	if n := call(t, w, ref); n != 0 {
		t.Error("a cancelled pledge was called in")
	}
	books(t, w)
}

func TestABackerCancelsUntilTheyAreCalledInAndAFailedCampaignLetsAllGo(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	ctx := t.Context()
	ref, c := w.Promised(t, 5000, false)
	must(t, w.Orders.Cancel(ctx, w.Buyer, ref, "想好了，不支持了"))
	must(t, w.Orders.Cancel(ctx, w.Buyer, ref, ""))
	w.Must(t, ref, order.Cancelled)
	called, _ := w.Promised(t, 6000, false)
	_, err := w.Orders.Charge(ctx, w.Operator, w.Market, called.ID)
	must(t, err)
	for _, by := range []order.By{w.Buyer, w.Operator} {
		refuses(t, w.Orders.Cancel(ctx, by, called, ""), "promise_called")
	}
	failed, f := w.Promised(t, 7000, false)
	open, err := w.Orders.Place(ctx, once.Key{}, w.Pledging(8000))
	must(t, err)
	for range 2 {
		must(t, w.Orders.Drop(ctx, w.Market, "campaign_failed", failed.ID, called.ID, open.Orders()[0].ID))
	}
	w.Drain(t)
	w.Must(t, failed, order.Cancelled)
	w.Must(t, open.Orders()[0], order.Cancelled)
	w.Must(t, called, order.Completed) // its call came first
	s := story(t, w, failed)
	if last := s.History[len(s.History)-1]; last.Why != "campaign_failed" || s.Refunds != nil {
		t.Errorf("it ended by %q, refunds %v", last.Why, s.Refunds)
	}
	if !forgotten(t, w, c) || !forgotten(t, w, f) {
		t.Error("what was saved is kept")
	}
	books(t, w)
}

func TestACardThatIsDeclinedIsRepairedByHandOrThePledgeIsDropped(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	ctx := t.Context()
	ref, c := w.Promised(t, 50_000, true)
	drop, d := w.Promised(t, 20_000, true)
	call(t, w, ref, drop)
	for _, r := range []order.Ref{ref, drop} {
		w.Must(t, r, order.Promised)
		o, err := w.Orders.Find(ctx, r)
		must(t, err)
		if o.DueAt == nil || !o.DueAt.Equal(w.Clock.Now().Add(7*24*time.Hour)) {
			t.Errorf("it may be repaired until %v", o.DueAt)
		}
		refuses(t, w.Orders.Cancel(ctx, w.Buyer, r, ""), "promise_called")
	}
	if n := call(t, w, ref); n != 0 {
		t.Error("a declined card was called in again")
	}
	books(t, w)
	w.Clock.Advance(6 * 24 * time.Hour)
	w.Drain(t)
	p, err := w.Orders.Pay(ctx, c.Market, c.Payment, "/back")
	must(t, err)
	if p.PayURL == "" {
		t.Fatal("there is no address to pay at")
	}
	must(t, w.Sandbox.Pay(ctx, c.Market, p.Object, sandbox.News{Repeat: 1}))
	w.Drain(t)
	w.Must(t, ref, order.Completed)
	q, err := w.Orders.Pay(ctx, d.Market, d.Payment, "/back")
	must(t, err)
	w.Clock.Advance(25 * time.Hour)
	w.Drain(t)
	w.Must(t, drop, order.Cancelled)
	if code(w.Sandbox.Pay(ctx, d.Market, q.Object, sandbox.News{})) != "payment_closed" {
		t.Error("a dropped pledge can be paid")
	}
	s := story(t, w, drop)
	if last := s.History[len(s.History)-1]; last.Why != order.ByRefusal {
		t.Errorf("it was dropped by %q", last.Why)
	}
	w.Must(t, ref, order.Completed)
	if !forgotten(t, w, c) || !forgotten(t, w, d) {
		t.Error("what was saved is kept")
	}
	books(t, w)
}

func TestPaidByHandInTheLastMomentOfTheRepairIsSecuredByItsTimer(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	ref, c := w.Promised(t, 50_000, true)
	call(t, w, ref)
	w.Clock.Advance(7*24*time.Hour - time.Minute)
	p, err := w.Orders.Pay(t.Context(), c.Market, c.Payment, "/back")
	must(t, err)
	must(t, w.Sandbox.Pay(t.Context(), c.Market, p.Object, sandbox.News{}))
	w.Clock.Advance(2 * time.Minute)
	w.Drain(t)
	w.Must(t, ref, order.Completed)
	books(t, w)
}

func TestChargePressedSixtyFourTimesAtOnceTakesOnce(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	ref, c := w.Promised(t, 50_000, false)
	var all int
	var mu sync.Mutex
	for _, err := range at(64, func(i int) error {
		n, err := w.Orders.Charge(t.Context(), order.System, w.Market, ref.ID)
		if err != nil {
			return err
		}
		mu.Lock()
		all += n
		mu.Unlock()
		switch i % 3 { // and whoever looks, looks at once
		case 0:
			_, err = w.Orders.Settle(t.Context(), c.Market, c.Payment)
		case 1:
			_, err = w.Worker.Drain(t.Context(), c.Market)
		}
		return err
	}) {
		must(t, err)
	}
	w.Drain(t)
	w.Must(t, ref, order.Completed)
	p := w.Payment(t, c)
	if all != 1 || p.Captured != 50_000 {
		t.Errorf("%d called in, %d taken", all, p.Captured)
	}
	books(t, w)
}

func TestManyPledgesAreCalledInTogetherAndEachLivesForItself(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	var refs []order.Ref
	var declined []order.Ref
	for i := range 12 {
		ref, _ := w.Promised(t, int64(1000+i), i%4 == 0)
		refs = append(refs, ref)
		if i%4 == 0 {
			declined = append(declined, ref)
		}
	}
	must(t, w.Orders.Cancel(t.Context(), w.Buyer, refs[1], ""))
	if n := call(t, w, refs...); n != 11 {
		t.Errorf("%d called in of 11", n)
	}
	done := 0
	for _, r := range refs {
		o, err := w.Orders.Find(t.Context(), r)
		must(t, err)
		if o.State == order.Completed {
			done++
		}
	}
	for _, r := range declined {
		w.Must(t, r, order.Promised)
	}
	if done != 8 {
		t.Errorf("%d were taken", done)
	}
	books(t, w)
}

func TestACancelAtTheMomentOfTheCallEndsOneWayAndNeverBoth(t *testing.T) {
	w := ordertest.New(t, ordertest.Pledge())
	ended := map[order.State]int{}
	for range 16 {
		ref, c := w.Promised(t, 5000, false)
		at(2, func(i int) error {
			if i == 0 {
				return w.Orders.Cancel(context.WithoutCancel(t.Context()), w.Buyer, ref, "")
			}
			_, err := w.Orders.Charge(context.WithoutCancel(t.Context()), order.System, w.Market, ref.ID)
			return err
		})
		w.Drain(t)
		o, err := w.Orders.Find(t.Context(), ref)
		must(t, err)
		ended[o.State]++
		taken := w.Payment(t, c).Captured
		if (o.State == order.Completed) != (taken == 5000) || (o.State == order.Cancelled) != (taken == 0) {
			t.Fatalf("it is %s, and %d was taken", o.State, taken)
		}
	}
	t.Logf("%v", ended)
	books(t, w)
}

// deaf is the sandbox of which some answers are lost, after the work or before it.
type deaf struct {
	*sandbox.Gateway
	mu   sync.Mutex
	lose []string // of the next charges: after, before
}

func (d *deaf) Name() string { return "stripe" } // a name of its own beside the sandbox

func (d *deaf) Charge(ctx context.Context, c payment.Charge) (payment.Object, error) {
	d.mu.Lock()
	how := ""
	if len(d.lose) > 0 {
		how, d.lose = d.lose[0], d.lose[1:]
	}
	d.mu.Unlock()
	switch how {
	case "before":
		return payment.Object{}, errors.New("no answer")
	case "after":
		_, _ = d.Gateway.Charge(ctx, c)
		return payment.Object{}, errors.New("no answer")
	}
	return d.Gateway.Charge(ctx, c)
}

func TestAnAnswerThatIsLostAfterTheWorkIsAskedForAndTheSumTakenOnce(t *testing.T) {
	for _, lose := range [][]string{{"after"}, {"before", "after", "before"}, {"after", "after"}} {
		for _, how := range []string{"job", "sweep"} {
			d := &deaf{}
			w := ordertest.NewThrough(t, func(*ordertest.Clock) payment.Gateway { return d }, ordertest.Pledge())
			d.Gateway = w.Sandbox
			ask := w.Pledging(9000)
			ask.Way = "stripe"
			c, err := w.Orders.Place(t.Context(), once.Key{}, ask)
			must(t, err)
			p, err := w.Orders.Pay(t.Context(), c.Market, c.Payment, "/back")
			must(t, err)
			must(t, w.Sandbox.Pay(t.Context(), c.Market, p.Object, sandbox.News{}))
			_, err = w.Orders.Settle(t.Context(), c.Market, c.Payment)
			must(t, err)
			d.lose = lose
			_, err = w.Orders.Charge(t.Context(), order.System, w.Market, c.Orders()[0].ID)
			must(t, err)
			for range 6 {
				if how == "job" {
					_, _ = w.Worker.Drain(t.Context(), w.Market)
				} else {
					_, _ = w.Orders.Sweep(t.Context(), w.Market)
				}
				w.Clock.Advance(21 * time.Hour) // beyond what a gateway remembers of a key
			}
			w.Must(t, c.Orders()[0], order.Completed)
			if got := w.Payment(t, c); got.Captured != 9000 {
				t.Errorf("%d taken", got.Captured)
			}
			books(t, w)
		}
	}
}
