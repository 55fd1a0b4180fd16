package order_test

import (
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage/ledger"
)

const week = 7 * 24 * time.Hour

func TestABuyerEndsWhatWasNotSentByItsDayAndNotAMomentBefore(t *testing.T) {
	for _, state := range []order.State{order.Accepted, order.Packed} {
		t.Run(string(state), func(t *testing.T) {
			w := ordertest.New(t)
			ctx := t.Context()
			ref := w.UpTo(t, state)
			s := story(t, w, ref)
			by := s.SendBy()
			if by == nil || !by.Equal(s.SecuredAt.Add(week)) {
				t.Fatalf("secured at %v, to be sent by %v", s.SecuredAt, by)
			}
			w.Clock.Advance(by.Sub(w.Clock.Now()) - time.Second)
			f := refuses(t, w.Orders.Cancel(ctx, w.Buyer, ref, ""), "cancel_early")
			if until, _ := f.Args["until"].(time.Time); !until.Equal(*by) {
				t.Errorf("refused until %v", f.Args)
			}
			w.Must(t, ref, state)
			if until := s.Until(w.Clock.Now()); until == nil || !until.Equal(*by) {
				t.Errorf("a list says until %v, and it is to be sent by %v", until, by)
			}
			w.Clock.Advance(time.Second)
			if until := s.Until(w.Clock.Now()); until == nil || !until.Equal(*s.DueAt) {
				t.Errorf("overdue: a list says until %v, and silence counts at %v", until, s.DueAt)
			}
			must(t, w.Orders.Cancel(ctx, w.Buyer, ref, ""))
			must(t, w.Orders.Cancel(ctx, w.Buyer, ref, "")) // twice is once
			w.Drain(t)
			w.Must(t, ref, order.Cancelled)
			held := ledger.HeldOrder(ref.ID)
			if s := story(t, w, ref); s.PaymentState() != "refunded" || s.Net() != 0 || len(s.Refunds) != 1 || s.Refunds[0].State != payment.RefundSucceeded || s.Refunds[0].Amount != s.Total {
				t.Errorf("%s, net %d, refunds %+v", s.PaymentState(), s.Net(), s.Refunds)
			}
			if have := books(t, w, held); have[held] != 0 {
				t.Errorf("held: %v", have)
			}
			statements(t, w)
		})
	}
}

func TestABuyerEndsNothingThatWaitsForAnAnswerOrIsOnItsWay(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	waits := w.UpTo(t, order.Secured)
	refuses(t, w.Orders.Cancel(ctx, w.Buyer, waits, ""), "order_move")
	sent := w.UpTo(t, order.Shipped)
	w.Clock.Advance(week)
	refuses(t, w.Orders.Cancel(ctx, w.Buyer, sent, ""), "order_move")
}

// Taken on on the third day, packed on the sixteenth: it ends on the seventeenth, and
// not fourteen days after it was packed.
func TestPackingGivesNoTimeMore(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref := w.UpTo(t, order.Secured)
	w.Clock.Advance(71 * time.Hour)
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	taken := w.Clock.Now()
	w.Clock.Advance(13 * 24 * time.Hour)
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))
	if due := story(t, w, ref).DueAt; due == nil || !due.Equal(taken.Add(14*24*time.Hour)) {
		t.Fatalf("taken on at %v, due %v", taken, due)
	}
	w.Clock.Advance(23 * time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Packed)
	w.Clock.Advance(time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Cancelled)
	books(t, w)
}

// 32 hands of the buyer end an order that is overdue, 32 of the seller send it: one of
// the two is done, once.
func TestABuyersCancelAndTheSellersParcelAreOneEffect(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	for round := range 4 {
		ref := w.UpTo(t, order.Packed)
		w.Clock.Advance(week + time.Minute)
		start := make(chan struct{})
		errs := make([]error, 64)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				<-start
				if (i+round)%2 == 0 {
					errs[i] = w.Orders.Cancel(ctx, w.Buyer, ref, "")
					return
				}
				errs[i] = w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto", Number: "1"})
			})
		}
		close(start)
		all.Wait()
		w.Drain(t)
		s := story(t, w, ref)
		done := map[bool]int{}
		for i, err := range errs {
			if err == nil {
				done[(i+round)%2 == 0]++
			} else if c := code(err); c != "order_move" {
				t.Errorf("refused with %v", err)
			}
		}
		cancelled := s.State == order.Cancelled
		if done[cancelled] != 32 || done[!cancelled] != 0 || !cancelled && (s.State != order.Shipped || len(s.Shipments) != 1 || len(s.Refunds) != 0) || cancelled && (len(s.Shipments) != 0 || len(s.Refunds) != 1) {
			t.Errorf("%s: %d cancels and %d parcels went through; %d parcels, %d refunds", s.State, done[true], done[false], len(s.Shipments), len(s.Refunds))
		}
	}
	books(t, w)
}

func TestABuyerAsksOnceToHaveAPaidOrderEndedAndItsSellerAnswers(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	placed := w.UpTo(t, order.Placed)
	refuses(t, w.Orders.AskCancel(ctx, w.Buyer, placed), "order_move")
	sent := w.UpTo(t, order.Shipped)
	refuses(t, w.Orders.AskCancel(ctx, w.Buyer, sent), "order_move")
	ref := w.UpTo(t, order.Accepted)
	for _, by := range []order.By{w.Seller, w.Operator} {
		refuses(t, w.Orders.AskCancel(ctx, by, ref), "move_not_yours")
	}
	if s := story(t, w, ref); !s.MayAsk(w.Clock.Now()) || s.Asked() {
		t.Error("it may not be asked")
	}
	var hands sync.WaitGroup
	for range 8 {
		hands.Go(func() { must(t, w.Orders.AskCancel(ctx, w.Buyer, ref)) })
	}
	hands.Wait()
	s := story(t, w, ref)
	asked := 0
	for _, h := range s.History {
		if h.Why == order.ByAsking {
			asked++
		}
	}
	if asked != 1 || s.State != order.Accepted || !s.Asked() || s.MayAsk(w.Clock.Now()) {
		t.Errorf("asked %d times, %s", asked, s.State)
	}
	refuses(t, w.Orders.Cancel(ctx, w.Buyer, ref, ""), "cancel_early") // asking is not ending
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))                    // the seller may go on
	must(t, w.Orders.Cancel(ctx, w.Seller, ref, ""))                   // or agree
	w.Drain(t)
	w.Must(t, ref, order.Cancelled)
	books(t, w)
	late := w.UpTo(t, order.Packed)
	w.Clock.Advance(week)
	if s := story(t, w, late); s.MayAsk(w.Clock.Now()) || !s.Overdue(w.Clock.Now()) {
		t.Error("who may end it by themselves is offered to ask")
	}
}

func TestAnOperatorEndsWhatIsShippedOnlyWhenNoParcelIsLeft(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	offers := func(ref order.Ref, want bool) {
		t.Helper()
		may := story(t, w, ref).Moves(order.AsOperator, w.Clock.Now())
		if got := len(may) > 0 && may[len(may)-1] == order.Cancelled; got != want {
			t.Errorf("an operator is offered %v", may)
		}
	}
	ref := w.UpTo(t, order.Packed)
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto", Number: "1", Lines: map[int]int64{1: 1000}}))
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto", Number: "2", Lines: map[int]int64{1: 1000}}))
	refuses(t, w.Orders.Cancel(ctx, w.Operator, ref, "x"), "parcels_out")
	offers(ref, false)
	sent := story(t, w, ref).Shipments
	must(t, w.Orders.Lost(ctx, w.Operator, ref, sent[0].ID, "x"))
	refuses(t, w.Orders.Cancel(ctx, w.Operator, ref, "x"), "parcels_out") // one is on its way
	must(t, w.Orders.Returned(ctx, w.Operator, ref, sent[1].ID, "x", order.FateBack))
	w.Must(t, ref, order.Shipped) // something is still to be sent
	offers(ref, true)
	must(t, w.Orders.Cancel(ctx, w.Operator, ref, "x"))
	w.Drain(t)
	w.Must(t, ref, order.Cancelled)
	if s := story(t, w, ref); s.Net() != 0 {
		t.Errorf("net %d", s.Net())
	}
	// One that has arrived is the buyer's: what never came is not ended by hand either.
	other := w.UpTo(t, order.Packed)
	must(t, w.Orders.Ship(ctx, w.Seller, other, order.Parcel{Carrier: "zto", Number: "1", Lines: map[int]int64{1: 1000}}))
	must(t, w.Orders.Arrive(ctx, w.Buyer, other, story(t, w, other).Shipments[0].ID))
	refuses(t, w.Orders.Cancel(ctx, w.Operator, other, "x"), "parcels_out")
	books(t, w)
}
