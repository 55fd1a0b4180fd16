package dispute_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/catalog/photo"
	"commonfield/catalog/stock"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/blob"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// court is a world with the room of disputes in it.
type court struct {
	*ordertest.World
	t       *testing.T
	room    *dispute.Room
	photos  *photo.Studio
	payouts *payout.Desk
	worker  *jobs.Worker
}

func open(t *testing.T) *court {
	t.Helper()
	c := &court{World: ordertest.New(t), t: t}
	blobs, err := blob.Open(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	c.photos = photo.New(blobs)
	c.room = dispute.New(c.DB, c.Orders, c.photos)
	c.payouts = payout.New(c.DB, c.Box, blobs, nil)
	c.worker = jobs.NewWorker(c.DB, map[string]jobs.Handler{
		dispute.JobTimer: {Do: c.room.Timer}, dispute.JobOver: {Do: c.room.Over}, order.JobTimer: {Do: c.Orders.Timer},
		payment.JobRefund: {Call: c.Desk.Carry}, payment.JobBack: {Call: c.Desk.Returned}, payment.JobNews: {Call: c.Orders.News},
		commission.MatureJob: commission.Handler(order.Frozen),
	}, jobs.Options{})
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refuses(t testing.TB, err error, code string) {
	t.Helper()
	if !fault.Has(err, code) {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func (c *court) drain() {
	c.t.Helper()
	_, err := c.worker.Drain(c.t.Context(), c.Market)
	must(c.t, err)
}

// complain opens a dispute about all of an order.
func (c *court) complain(ref order.Ref, reason string) dispute.Ref {
	c.t.Helper()
	name, err := c.room.Complain(c.t.Context(), once.Key{}, c.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "有一半是坏的"}, Reason: reason})
	must(c.t, err)
	return dispute.Ref{Order: ref, ID: name}
}

func (c *court) dispute(ref dispute.Ref) dispute.Dispute {
	c.t.Helper()
	d, err := c.room.Find(c.t.Context(), c.Market, ref.ID)
	must(c.t, err)
	return d
}

func (c *court) books(accounts ...string) map[string]int64 {
	c.t.Helper()
	var have map[string]int64
	must(c.t, c.DB.View(c.t.Context(), c.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, accounts...); return }))
	return have
}

// clean holds all checks of the books against the market.
func (c *court) clean() {
	c.t.Helper()
	r, err := audit.Run(c.t.Context(), c.DB, []int32{c.Market}, marketplace.Checks(), nil)
	must(c.t, err)
	seen := false
	for _, one := range r.Checks {
		for _, v := range one.Violations {
			c.t.Errorf("audit: %s: %s", one.Name, v)
		}
		seen = seen || one.Name == "dispute: what its end gave back was refunded" && one.Checked > 0
	}
	if !seen {
		c.t.Error("the audit saw no dispute")
	}
}

func (c *court) answer(ref dispute.Ref, offer int64) {
	c.t.Helper()
	must(c.t, c.room.Say(c.t.Context(), once.Key{}, c.Seller, ref, dispute.Said{Text: "装的时候是好的"}, offer))
}

func (c *court) decide(ref dispute.Ref, goods string, parts ...order.Part) {
	c.t.Helper()
	must(c.t, c.room.Decide(c.t.Context(), once.Key{}, c.Operator, ref, dispute.Decision{Parts: parts, Goods: goods, Why: "照片看得清楚"}))
}

func TestWhileADisputeIsOpenAnOrderIsNotCompletedAndAfterwardsItIs(t *testing.T) {
	c := open(t)
	ref := c.UpTo(t, order.Delivered)
	d := c.complain(ref, "damaged")
	refuses(t, c.Orders.Complete(t.Context(), c.Buyer, ref), "order_frozen")
	c.Clock.Advance(16 * 24 * time.Hour) // past its release date
	c.drain()
	c.Must(t, ref, order.Delivered)
	must(t, c.room.Withdraw(t.Context(), c.Buyer, d))
	must(t, c.room.Withdraw(t.Context(), c.Buyer, d)) // twice is once
	c.Clock.Advance(25 * time.Hour)
	c.drain()
	c.Must(t, ref, order.Completed)
	if got := c.dispute(d); got.State != dispute.Withdrawn || got.Back != 0 {
		t.Errorf("it is %+v", got)
	}
	c.clean()
}

func TestADisputeIsOpenedOnlyByTheBuyerInItsTimeWithWordsAndOnce(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ask := dispute.Complaint{Said: dispute.Said{Text: "坏了"}, Reason: "damaged"}
	complain := func(by order.By, ref order.Ref, change func(*dispute.Complaint)) error {
		one := ask
		if change != nil {
			change(&one)
		}
		_, err := c.room.Complain(ctx, once.Key{}, by, ref, one)
		return err
	}
	for _, state := range []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Cancelled} {
		refuses(t, complain(c.Buyer, c.UpTo(t, state), nil), "dispute_not_now")
	}
	refuses(t, complain(c.Buyer, c.UpTo(t, order.Shipped), nil), "dispute_only_missing")
	ref := c.UpTo(t, order.Delivered)
	refuses(t, complain(c.Seller, ref, nil), "dispute_not_yours")
	stranger := order.By{Person: c.Person(t, "Stranger"), As: order.AsBuyer}
	refuses(t, complain(stranger, ref, nil), "dispute_not_yours")
	refuses(t, complain(c.Buyer, ref, func(q *dispute.Complaint) { q.Text = " \u202e " }), "required")
	refuses(t, complain(c.Buyer, ref, func(q *dispute.Complaint) { q.Reason = "bored" }), "required")
	refuses(t, complain(c.Buyer, ref, func(q *dispute.Complaint) { q.Lines = []int{1, 7} }), "no_such_line")
	refuses(t, complain(c.Buyer, ref, func(q *dispute.Complaint) { q.Photos = []string{"photo/" + string(make([]byte, 64))} }), "photo_unknown")
	refuses(t, complain(c.Buyer, order.Ref{Market: c.Market, ID: id.New()}, nil), "not_found")
	must(t, complain(c.Buyer, ref, nil))
	refuses(t, complain(c.Buyer, ref, nil), "dispute_open")

	late := c.UpTo(t, order.Completed)
	c.Clock.Advance(30*24*time.Hour - time.Minute)
	must(t, complain(c.Buyer, late, nil))
	late = c.UpTo(t, order.Completed)
	c.Clock.Advance(30 * 24 * time.Hour)
	refuses(t, complain(c.Buyer, late, nil), "dispute_not_now")

	gone := c.UpTo(t, order.Delivered)
	_, err := c.Orders.Refund(ctx, once.Key{}, c.Operator, gone, nil, "all of it")
	must(t, err)
	refuses(t, complain(c.Buyer, gone, nil), "dispute_nothing")
	c.clean()
}

func TestTheBuyerTakesTheOfferAndThatEndsItWithThatRefund(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Delivered)
	d := c.complain(ref, "less")
	refuses(t, c.room.Take(ctx, c.Buyer, d, 0), "dispute_no_offer")
	refuses(t, c.room.Say(ctx, once.Key{}, c.Seller, d, dispute.Said{Text: "好"}, 13_001), "refund_too_large")
	refuses(t, c.room.Say(ctx, once.Key{}, c.Buyer, d, dispute.Said{Text: "好"}, 100), "not_a_number")
	c.answer(d, 1500)
	c.answer(d, 2000) // a later offer replaces it
	refuses(t, c.room.Take(ctx, c.Buyer, d, 1500), "dispute_offer_changed")
	refuses(t, c.room.Take(ctx, c.Seller, d, 2000), "dispute_not_yours")
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			if err := c.room.Take(context.Background(), c.Buyer, d, 2000); err != nil {
				t.Errorf("take: %v", err)
			}
		})
	}
	wait.Wait()
	got := c.dispute(d)
	if got.State != dispute.Settled || got.Back != 2000 || got.Refund == nil {
		t.Fatalf("it is %+v", got)
	}
	if held := c.books(ledger.HeldOrder(ref.ID))[ledger.HeldOrder(ref.ID)]; held != 11_000 {
		t.Errorf("%d is held", held)
	}
	must(t, c.Orders.Complete(ctx, c.Buyer, ref))
	refuses(t, c.room.Say(ctx, once.Key{}, c.Seller, d, dispute.Said{Text: "x"}, 0), "dispute_ended")
	_, err := c.room.Complain(ctx, once.Key{}, c.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "再来"}, Reason: "less", Lines: []int{1}})
	refuses(t, err, "dispute_decided")
	c.clean()
}

func TestSilenceGoesToAnOperatorOnTheEighthDay(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	d := c.complain(c.UpTo(t, order.Delivered), "quality")
	refuses(t, c.room.Escalate(ctx, c.Buyer, d), "dispute_answer_first")
	refuses(t, c.room.Escalate(ctx, c.Seller, d), "dispute_answer_first")
	if turn, due := c.dispute(d).Turn(c.Clock.Now()); turn != order.AsSeller || !due.Equal(c.Clock.Now().Add(72*time.Hour)) {
		t.Errorf("it is the turn of %s until %s", turn, due)
	}
	early := c.complain(c.UpTo(t, order.Delivered), "quality")
	c.Clock.Advance(72 * time.Hour)
	if turn, _ := c.dispute(d).Turn(c.Clock.Now()); turn != order.AsBuyer {
		t.Errorf("after three days it is the turn of %s", turn)
	}
	must(t, c.room.Escalate(ctx, c.Buyer, early))
	must(t, c.room.Escalate(ctx, c.Buyer, early)) // twice is once
	c.Clock.Advance(5*24*time.Hour - time.Minute)
	c.drain()
	if got := c.dispute(d).State; got != dispute.Opened {
		t.Fatalf("a minute before it is %s", got)
	}
	c.Clock.Advance(2 * time.Minute)
	c.drain()
	got := c.dispute(d)
	if got.State != dispute.Escalated || *got.EscalatedBy != people.System.ID {
		t.Fatalf("on the eighth day it is %+v", got)
	}
	c.clean()
}

func TestBeforeReleaseADecisionGivesBackFromWhatIsHeldAndTheGoodsToTheStore(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Delivered)
	d := c.complain(ref, "wrong")
	c.answer(d, 0)
	must(t, c.room.Escalate(ctx, c.Seller, d))
	why := dispute.Decision{Parts: []order.Part{{Line: 1, Amount: 5000}}, Goods: dispute.Back, Why: "是别的货"}
	refuses(t, c.room.Decide(ctx, once.Key{}, c.Buyer, d, why), "dispute_not_yours")
	refuses(t, c.room.Decide(ctx, once.Key{}, c.Operator, d, dispute.Decision{Goods: dispute.Kept}), "required")
	refuses(t, c.room.Decide(ctx, once.Key{}, c.Operator, d, dispute.Decision{Why: "x"}), "required")
	refuses(t, c.room.Decide(ctx, once.Key{}, c.Operator, d, dispute.Decision{Why: "x", Goods: dispute.Kept, Parts: []order.Part{{Line: 2}}}), "dispute_other_line")
	refuses(t, c.room.Decide(ctx, once.Key{}, c.Operator, d, dispute.Decision{Why: "x", Goods: dispute.Kept, Parts: []order.Part{{Line: 1, Amount: 13_001}}}), "refund_too_large")
	before := c.free()
	must(t, c.room.Decide(ctx, once.Key{}, c.Operator, d, why))
	refuses(t, c.room.Decide(ctx, once.Key{}, c.Operator, d, why), "dispute_ended")
	if got := c.free() - before; got != 5000 {
		t.Errorf("%d g came back to the store", got)
	}
	if held := c.books(ledger.HeldOrder(ref.ID))[ledger.HeldOrder(ref.ID)]; held != 8000 {
		t.Errorf("%d is held", held)
	}
	c.clean()
}

func (c *court) free() (n int64) {
	c.t.Helper()
	must(c.t, c.DB.View(c.t.Context(), c.Market, func(tx *storage.Tx) (err error) { n, err = stock.Available(tx, c.Listing.ID); return }))
	return n
}

// Of 5 kg that were packed 3 kg are in a parcel; the other 2 kg are lost on their
// way, or were never sent.
func TestOnlyWhatWasSentAndNotLostComesBackToTheStore(t *testing.T) {
	for name, one := range map[string]struct {
		lost       bool
		back       int64 // of the money; 0: all that is left
		now, atEnd int64
		state      order.State
	}{
		"one parcel lost":                  {lost: true, now: 3000, atEnd: 3000, state: order.Completed},
		"the rest never sent":              {back: 1000, now: 3000, atEnd: 5000, state: order.Delivered},
		"the rest never sent, all is over": {now: 5000, atEnd: 5000, state: order.Cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			ctx := t.Context()
			ref := c.UpTo(t, order.Packed)
			must(t, c.Orders.Ship(ctx, c.Seller, ref, order.Parcel{Carrier: "中通", Number: "A", Lines: map[int]int64{1: 3000}}))
			reason := dispute.NotArrived
			if one.lost {
				must(t, c.Orders.Ship(ctx, c.Seller, ref, order.Parcel{Carrier: "中通", Number: "B"}))
				s, err := c.Orders.Story(ctx, ref)
				must(t, err)
				must(t, c.Orders.Lost(ctx, c.Operator, ref, s.Shipments[1].ID, "fell off the lorry"))
				must(t, c.Orders.Arrive(ctx, c.Buyer, ref, s.Shipments[0].ID))
				reason = "wrong"
			}
			d := c.complain(ref, reason)
			before := c.free()
			c.decide(d, dispute.Back, order.Part{Line: 1, Amount: one.back})
			if got := c.free() - before; got != one.now {
				t.Errorf("%d g came back, not %d", got, one.now)
			}
			c.Clock.Advance(16 * 24 * time.Hour)
			c.drain()
			c.Must(t, ref, one.state)
			if got := c.free() - before; got != one.atEnd {
				t.Errorf("at its end %d g are back, not %d", got, one.atEnd)
			}
			c.clean()
		})
	}
}

// An operator decided that the goods come back; then the carrier hands the parcel to
// its seller, who says so.
func TestAParcelWhoseGoodsCameBackByADecisionComesBackOnce(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Packed)
	must(t, c.Orders.Ship(ctx, c.Seller, ref, order.Parcel{Carrier: "中通", Number: "A", Lines: map[int]int64{1: 3000}}))
	before := c.free()
	c.decide(c.complain(ref, dispute.NotArrived), dispute.Back, order.Part{Line: 1, Amount: 1000})
	s, err := c.Orders.Story(ctx, ref)
	must(t, err)
	must(t, c.Orders.Returned(ctx, c.Seller, ref, s.Shipments[0].ID, "没人收", order.FateBack))
	if got := c.free() - before; got != 3000 {
		t.Errorf("%d g came back, not 3000", got)
	}
	s, err = c.Orders.Story(ctx, ref)
	must(t, err)
	if len(s.Refunds) != 1 {
		t.Errorf("what was decided is given back once: %+v", s.Refunds)
	}
	must(t, c.Orders.Ship(ctx, c.Seller, ref, order.Parcel{Carrier: "中通", Number: "B"}))
	c.Clock.Advance(16 * 24 * time.Hour)
	c.drain()
	c.Must(t, ref, order.Delivered)
	if got := c.free() - before; got != 3000 {
		t.Errorf("at its end %d g are back, not 3000", got)
	}
	c.clean()
}

// 3 kg came back by a decision; then the other 2 kg are sent, and the first parcel is
// said to be lost.
func TestAParcelThatCameBackByADecisionTakesNothingOfOneThatWasSentLater(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Packed)
	must(t, c.Orders.Ship(ctx, c.Seller, ref, order.Parcel{Carrier: "中通", Number: "A", Lines: map[int]int64{1: 3000}}))
	c.decide(c.complain(ref, dispute.NotArrived), dispute.Back, order.Part{Line: 1, Amount: 7800})
	must(t, c.Orders.Ship(ctx, c.Seller, ref, order.Parcel{Carrier: "中通", Number: "B"}))
	s, err := c.Orders.Story(ctx, ref)
	must(t, err)
	must(t, c.Orders.Lost(ctx, c.Operator, ref, s.Shipments[0].ID, "丢了"))
	must(t, c.Orders.Arrive(ctx, c.Buyer, ref, s.Shipments[1].ID))
	c.Must(t, ref, order.Delivered)
	if held := c.books(ledger.HeldOrder(ref.ID))[ledger.HeldOrder(ref.ID)]; held != 5200 {
		t.Errorf("%d is held for 2 kg that arrived, not 5200", held)
	}
	_, has, _, err := c.Orders.Had(ctx, ref)
	must(t, err)
	if has[1] != 2000 {
		t.Errorf("the buyer has %d g, not 2000", has[1])
	}
	c.clean()
}

func TestAllOfAnOrderIsNoMoreThanIsLeftOfEachOfItsLines(t *testing.T) {
	c := open(t)
	ref := c.UpTo(t, order.Shipped)
	d := c.complain(ref, dispute.NotArrived)
	_, err := c.Orders.Refund(t.Context(), once.Key{}, c.Operator, ref, nil, "x")
	must(t, err)
	decide := func(parts ...order.Part) error {
		return c.room.Decide(t.Context(), once.Key{}, c.Operator, d, dispute.Decision{Parts: parts, Goods: dispute.Lost, Why: "x"})
	}
	refuses(t, decide(order.Part{Line: 1, Amount: 1}), "refund_too_large")
	refuses(t, decide(order.Part{Line: 1}, order.Part{Charge: 7}), "no_such_charge")
	must(t, decide(order.Part{Line: 1}))
	c.Must(t, ref, order.Cancelled)
	c.clean()
}

func TestAPartyOfTheOrderDoesNotDecideItEvenAsAnOperator(t *testing.T) {
	c := open(t)
	ref := c.UpTo(t, order.Delivered)
	d := c.complain(ref, "wrong")
	for _, who := range []people.Person{c.Buyer.Person, c.Seller.Person, c.AgentBy} {
		by := order.By{Person: who, As: order.AsOperator}
		refuses(t, c.room.Decide(t.Context(), once.Key{}, by, d, dispute.Decision{Why: "x", Goods: dispute.Kept}), "dispute_own")
	}
	c.decide(d, dispute.Kept)
	c.clean()
}

// After release the money of a complaint stays out of every payout, and the
// decision takes it from those who had it.
func TestAComplaintAboutACompletedOrderKeepsItsMoneyOutOfPayoutsUntilItEnds(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Completed)
	must(t, payable.SetAccount(ctx, c.DB, c.Market, c.Producer.PayeeID, payable.Account{Holder: "吐尔逊·买买提", Bank: "农行", Number: "6228480402564890"}, c.Box, c.Operator.ID))
	c.Clock.Advance(4 * 24 * time.Hour)
	early, err := c.payouts.Draft(ctx, once.Key{}, c.Market, c.Operator.ID, nil) // drafted before the complaint
	must(t, err)
	if early.Payouts != 1 {
		t.Fatalf("the draft: %+v", early)
	}
	d := c.complain(ref, "quality")
	second := c.Person(t, "Second")
	early, err = c.payouts.Approve(ctx, c.Market, early.ID, second.ID)
	must(t, err)
	if early.State != payout.Cancelled || len(early.Skipped) != 1 || early.Skipped[0].Reason != payout.FrozenSince {
		t.Fatalf("the draft became %+v", early)
	}
	_, err = c.payouts.Draft(ctx, once.Key{}, c.Market, c.Operator.ID, nil)
	refuses(t, err, "payout_nothing")
	c.Clock.Advance(10 * 24 * time.Hour) // the agent's hold of seven days is over
	c.drain()
	agent := c.agentPayee(ref)
	if got := c.books(ledger.Owed(agent))[ledger.Owed(agent)]; got != 0 {
		t.Fatalf("the agent is owed %d of a sale that is complained of", got)
	}
	c.decide(d, dispute.Lost, order.Part{Line: 1, Amount: 6500}) // half of it
	b, err := c.payouts.Draft(ctx, once.Key{}, c.Market, c.Operator.ID, nil)
	must(t, err)
	if b.Payouts != 1 || b.Total != c.books(ledger.Owed(c.Producer.PayeeID))[ledger.Owed(c.Producer.PayeeID)] || b.Total == 0 {
		t.Errorf("afterwards %+v", b)
	}
	c.Clock.Advance(25 * time.Hour)
	c.drain()
	if got := c.books(ledger.Owed(agent))[ledger.Owed(agent)]; got == 0 || got > 400 {
		t.Errorf("afterwards the agent is owed %d", got)
	}
	c.clean()
}

func (c *court) agentPayee(ref order.Ref) id.ID {
	c.t.Helper()
	s, err := c.Orders.Story(c.t.Context(), ref)
	must(c.t, err)
	return *s.Lines[0].AgentPayee
}

func TestASellerWhoWasPaidOutOffersOnlyWhatTheMarketStillOwes(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Completed)
	must(t, payable.SetAccount(ctx, c.DB, c.Market, c.Producer.PayeeID, payable.Account{Holder: "吐尔逊·买买提", Bank: "农行", Number: "6228480402564890"}, c.Box, c.Operator.ID))
	c.Clock.Advance(4 * 24 * time.Hour)
	b, err := c.payouts.Draft(ctx, once.Key{}, c.Market, c.Operator.ID, nil)
	must(t, err)
	_, err = c.payouts.Approve(ctx, c.Market, b.ID, c.Person(t, "Second").ID)
	must(t, err)
	d := c.complain(ref, "less")
	c.answer(d, 1000)
	refuses(t, c.room.Take(ctx, c.Buyer, d, 1000), "refund_paid_out")
	if got := c.dispute(d); got.State != dispute.Answered {
		t.Fatalf("it is %s", got.State)
	}
	must(t, c.room.Escalate(ctx, c.Buyer, d))
	c.decide(d, dispute.Kept, order.Part{Line: 1, Amount: 1000}) // an operator may: it becomes a debt
	if debt := c.books(ledger.Receivable(c.Producer.PayeeID))[ledger.Receivable(c.Producer.PayeeID)]; debt == 0 {
		t.Error("the seller owes nothing")
	}
	c.clean()
}

func TestWhatNeverArrivedIsCancelledWhenAllOfItGoesBack(t *testing.T) {
	c := open(t)
	ref := c.UpTo(t, order.Shipped)
	d := c.complain(ref, dispute.NotArrived)
	c.Clock.Advance(16 * 24 * time.Hour) // silence would have delivered it
	c.drain()
	c.Must(t, ref, order.Shipped)
	c.decide(d, dispute.Kept, order.Part{Line: 1})
	c.Must(t, ref, order.Cancelled)
	c.drain()
	got := c.dispute(d)
	if got.State != dispute.Decided || got.Back != 13_000 || got.Goods != dispute.Lost {
		t.Errorf("it is %+v", got)
	}
	c.clean()
}

func TestAnOrderThatIsCancelledElsewhereEndsItsDispute(t *testing.T) {
	c := open(t)
	ref := c.UpTo(t, order.Shipped)
	d := c.complain(ref, dispute.NotArrived)
	s, err := c.Orders.Story(t.Context(), ref)
	must(t, err)
	must(t, c.Orders.Lost(t.Context(), c.Operator, ref, s.Shipments[0].ID, "every parcel was lost"))
	c.drain()
	if got := c.dispute(d); got.State != dispute.Cancelled || got.Back != 0 {
		t.Errorf("it is %+v", got)
	}
	c.clean()
}

func TestARefundElsewhereLeavesLessToOfferAndToDecide(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Delivered)
	d := c.complain(ref, "less")
	c.answer(d, 5000)
	_, err := c.Orders.Refund(ctx, once.Key{}, c.Seller, ref, []order.Part{{Line: 1, Amount: 9000}}, "by hand")
	must(t, err)
	refuses(t, c.room.Take(ctx, c.Buyer, d, 5000), "refund_too_large")
	c.answer(d, 4000)
	must(t, c.room.Take(ctx, c.Buyer, d, 4000))
	must(t, c.Orders.Complete(ctx, c.Buyer, ref)) // with nothing left to share
	c.clean()
}

func TestNothingIsDecidedWithMoneyWhileTheBankTakesThePaymentBack(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	ref := c.UpTo(t, order.Completed)
	d := c.complain(ref, "quality")
	var freeze id.ID
	must(t, c.DB.Update(ctx, c.Market, func(tx *storage.Tx) (err error) {
		freeze, err = order.Freeze(tx, ref.ID, "chargeback", c.Operator.ID)
		return err
	}))
	refuses(t, c.room.Decide(ctx, once.Key{}, c.Operator, d, dispute.Decision{Why: "x", Goods: dispute.Kept, Parts: []order.Part{{Line: 1, Amount: 100}}}), "refund_frozen")
	c.decide(d, dispute.Kept) // nothing goes back: that may be said
	frozen := func() (n int) {
		must(t, c.DB.View(ctx, c.Market, func(tx *storage.Tx) error {
			return tx.Get(&n, "SELECT count(*) FROM payables WHERE market_id = $1 AND sale_id = $2 AND frozen", c.Market, ref.ID)
		}))
		return n
	}
	if frozen() == 0 {
		t.Error("the payables are free although the bank still takes the payment back")
	}
	must(t, c.DB.Update(ctx, c.Market, func(tx *storage.Tx) error { return order.Lift(tx, ref.ID, freeze, c.Operator.ID) }))
	if frozen() != 0 {
		t.Error("the payables stay frozen")
	}
	c.clean()
}

func TestSixtyFourPressesAtOnceOpenOneDisputeAndDecideItOnce(t *testing.T) {
	c := open(t)
	ref := c.UpTo(t, order.Delivered)
	var opened, refused atomic.Int32
	var wait sync.WaitGroup
	for i := range 64 {
		wait.Go(func() {
			key := once.Key{} // half of them are one press, repeated
			if i%2 == 0 {
				key = once.Of(c.Buyer.ID, "press", []byte("press"))
			}
			_, err := c.room.Complain(context.Background(), key, c.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: fmt.Sprint("坏了 ", i%2)}, Reason: "damaged"})
			switch {
			case err == nil:
				opened.Add(1)
			case fault.Has(err, "dispute_open"):
				refused.Add(1)
			default:
				t.Errorf("complain: %v", err)
			}
		})
	}
	wait.Wait()
	if opened.Load() == 0 || opened.Load()+refused.Load() != 64 {
		t.Fatalf("%d were let in, %d refused", opened.Load(), refused.Load())
	}
	all, err := c.room.Of(t.Context(), ref)
	must(t, err)
	if len(all) != 1 || len(all[0].Words) != 1 {
		t.Fatalf("there are %d disputes", len(all))
	}
	d := dispute.Ref{Order: ref, ID: all[0].ID}
	var decided atomic.Int32
	for i := range 64 {
		wait.Go(func() {
			var err error
			if i%2 == 0 {
				err = c.room.Decide(context.Background(), once.Key{}, c.Operator, d, dispute.Decision{Why: "x", Goods: dispute.Kept, Parts: []order.Part{{Line: 1, Amount: 100}}})
			} else {
				err = c.room.Withdraw(context.Background(), c.Buyer, d)
			}
			if err == nil && i%2 == 0 {
				decided.Add(1)
			} else if err != nil && !fault.Has(err, "dispute_ended") {
				t.Errorf("end: %v", err)
			}
		})
	}
	wait.Wait()
	if decided.Load() > 1 {
		t.Errorf("it was decided %d times", decided.Load())
	}
	if got := c.dispute(d); got.State == dispute.Decided != (got.Back == 100) {
		t.Errorf("it is %+v", got)
	}
	c.clean()
}

func TestEvidenceIsGivenWithItsOrderAloneAndNeverByThePublicsDoor(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 40))))
	key, err := c.room.Show(ctx, b.Bytes())
	must(t, err)
	_, err = c.room.Show(ctx, []byte("GIF89a"))
	refuses(t, err, "photo_unreadable")
	ref, other := c.UpTo(t, order.Delivered), c.UpTo(t, order.Delivered)
	_, err = c.room.Complain(ctx, once.Key{}, c.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "看图", Photos: []string{key}}, Reason: "damaged"})
	must(t, err)
	c.complain(other, "damaged")
	data, kind, err := c.room.Picture(ctx, ref, key, 320)
	if err != nil || kind != "image/jpeg" || len(data) == 0 {
		t.Fatalf("%s, %d bytes, %v", kind, len(data), err)
	}
	_, _, err = c.room.Picture(ctx, other, key, 320)
	refuses(t, err, "photo_unknown")
	for _, asked := range []string{key, "photo/" + key[len("evidence/"):]} {
		_, _, err = c.photos.Get(ctx, asked, 320)
		refuses(t, err, "photo_unknown")
	}
}
