package order_test

import (
	"testing"
	"time"

	"commonfield/agents/terms"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// inTwo sends 3 kg of a packed order of 5 kg of walnuts (130.00) and then the rest.
func inTwo(t *testing.T, w *ordertest.World) (order.Ref, []order.Shipment) {
	t.Helper()
	ref := w.UpTo(t, order.Packed)
	for _, p := range []order.Parcel{{Carrier: "zto", Number: "A", Lines: map[int]int64{1: 3000}}, {Carrier: "zto", Number: "B"}} {
		for _, err := range at(8, func(int) error { return w.Orders.Ship(t.Context(), w.Seller, ref, p) }) { // pressed many times
			must(t, err)
		}
	}
	sent := story(t, w, ref).Shipments
	if len(sent) != 2 || sent[0].Lines[1] != 3000 || sent[1].Lines[1] != 2000 {
		t.Fatalf("parcels %+v", sent)
	}
	return ref, sent
}

func TestAnOrderInTwoParcelsHasArrivedWithTheLast(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, sent := inTwo(t, w)
	w.Must(t, ref, order.Shipped)
	must(t, w.Orders.Arrive(ctx, w.Buyer, ref, sent[1].ID))
	must(t, w.Orders.Arrive(ctx, w.Buyer, ref, sent[1].ID))
	w.Must(t, ref, order.Shipped)
	if err := w.Orders.Arrive(ctx, w.Seller, ref, sent[0].ID); !fault.Has(err, "order_move") {
		t.Errorf("by the seller: %v", err)
	}
	if err := w.Orders.Arrive(ctx, w.Buyer, ref, id.New()); !fault.Has(err, "not_found") {
		t.Errorf("one that is none: %v", err)
	}
	must(t, w.Orders.Arrive(ctx, w.Buyer, ref, sent[0].ID))
	w.Must(t, ref, order.Delivered)
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	w.Drain(t)
	if s := story(t, w, ref); s.Net() != 13000 || len(s.Refunds) != 0 {
		t.Errorf("net %d, refunds %+v", s.Net(), s.Refunds)
	}
	books(t, w)
}

// A seller who brings the goods has no numbers, and the second half looks like the first.
func TestTheRestIsSentThoughItLooksLikeWhatWent(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Packed)
	must(t, w.Orders.Ship(t.Context(), w.Seller, ref, order.Parcel{Carrier: "自己送", Lines: map[int]int64{1: 2500}}))
	for range 2 {
		must(t, w.Orders.Ship(t.Context(), w.Seller, ref, order.Parcel{Carrier: "自己送"}))
	}
	if sent := story(t, w, ref).Shipments; len(sent) != 2 || sent[1].Lines[1] != 2500 {
		t.Errorf("parcels %+v", sent)
	}
}

func TestAParcelHoldsNoMoreThanIsLeftAndNotNothing(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref := w.UpTo(t, order.Packed)
	for refusal, lines := range map[string]map[int]int64{"parcel_more": {1: 5001}, "parcel_empty": {}, "no_such_line": {2: 1}} {
		if err := w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto", Lines: lines}); !fault.Has(err, refusal) {
			t.Errorf("%v: %v", lines, err)
		}
	}
	w.Must(t, ref, order.Packed)
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto", Number: "A", Lines: map[int]int64{1: 3000}}))
	if err := w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto", Number: "B", Lines: map[int]int64{1: 2001}}); !fault.Has(err, "parcel_more") {
		t.Errorf("more than is left: %v", err)
	}
	if err := w.Orders.Ship(ctx, w.Buyer, ref, order.Parcel{Carrier: "zto", Number: "B"}); !fault.Has(err, "order_move") {
		t.Errorf("by the buyer: %v", err)
	}
	if err := w.Orders.Deliver(ctx, w.Buyer, ref); !fault.Has(err, "parcel_missing") {
		t.Errorf("all of it, of which a part was not sent: %v", err)
	}
	books(t, w)
}

func TestALostParcelIsRefundedOnceAndTheOthersGoOn(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, sent := inTwo(t, w)
	if err := w.Orders.Lost(ctx, w.Seller, ref, sent[1].ID, "x"); !fault.Has(err, "order_move") {
		t.Errorf("by the seller: %v", err)
	}
	if err := w.Orders.Lost(ctx, w.Operator, ref, sent[1].ID, " "); !fault.Has(err, "required") {
		t.Errorf("without a reason: %v", err)
	}
	for _, err := range at(64, func(int) error { return w.Orders.Lost(ctx, w.Operator, ref, sent[1].ID, "fell off the lorry") }) {
		must(t, err)
	}
	if err := w.Orders.Arrive(ctx, w.Buyer, ref, sent[1].ID); !fault.Has(err, "parcel_settled") {
		t.Errorf("a lost one arrives: %v", err)
	}
	must(t, w.Orders.Arrive(ctx, w.Buyer, ref, sent[0].ID))
	w.Must(t, ref, order.Delivered)
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	w.Drain(t)
	s := story(t, w, ref)
	held := ledger.HeldOrder(ref.ID)
	if have := books(t, w, held); len(s.Refunds) != 1 || s.Refunds[0].Amount != 5200 || s.Net() != 7800 || have[held] != 0 {
		t.Errorf("refunds %+v, net %d, %v", s.Refunds, s.Net(), have)
	}
	statements(t, w)
}

func TestAnOrderOfWhichEveryParcelIsLostIsCancelled(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, sent := inTwo(t, w)
	for _, s := range sent {
		must(t, w.Orders.Lost(ctx, w.Operator, ref, s.ID, "fire"))
		must(t, w.Orders.Lost(ctx, w.Operator, ref, s.ID, "fire"))
	}
	w.Drain(t)
	w.Must(t, ref, order.Cancelled)
	held := ledger.HeldOrder(ref.ID)
	if s := story(t, w, ref); s.Net() != 0 || books(t, w, held)[held] != 0 {
		t.Errorf("net %d", s.Net())
	}
	if free := available(t, w, w.Listing.ID); free != ordertest.InStock-5000 {
		t.Errorf("%d g are free: what is lost stays gone", free)
	}
}

func TestWhatWasNeverSentIsGivenBackWhenTheTimeIsOver(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Packed)
	must(t, w.Orders.Ship(t.Context(), w.Seller, ref, order.Parcel{Carrier: "zto", Number: "A", Lines: map[int]int64{1: 3000}}))
	w.Clock.Advance(16 * 24 * time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Delivered)
	if s := story(t, w, ref); len(s.Refunds) != 1 || s.Refunds[0].Amount != 5200 || s.Net() != 7800 {
		t.Errorf("refunds %+v, net %d", s.Refunds, s.Net())
	}
	if free := available(t, w, w.Listing.ID); free != ordertest.InStock-3000 {
		t.Errorf("%d g are free", free)
	}
	books(t, w)
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, nil, "all")
	must(t, err)
	w.Drain(t)
	books(t, w)
}

func TestAnOrderOfWhichNothingWasLeftOnItsWayIsCancelledWhenTheTimeIsOver(t *testing.T) {
	w := ordertest.New(t)
	w.Terms(t, w.Producer.ID, terms.Terms{Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800, Further: 200}}}}})
	ask := w.Ask(5000)
	ask.DeliverTo = &order.Address{Name: "王芳", Phone: "+8613900000000", Code: "11", Region: "北京市", Street: "学院路 1 号"}
	b, err := w.Orders.Place(t.Context(), once.Key{}, ask)
	must(t, err)
	w.Pay(t, b)
	ref := b.Orders()[0]
	must(t, w.Orders.Accept(t.Context(), w.Seller, ref))
	must(t, w.Orders.Pack(t.Context(), w.Seller, ref, nil))
	must(t, w.Orders.Ship(t.Context(), w.Seller, ref, order.Parcel{Carrier: "zto", Number: "A", Lines: map[int]int64{1: 3000}}))
	must(t, w.Orders.Returned(t.Context(), w.Seller, ref, story(t, w, ref).Shipments[0].ID, "没人收", order.FateBack))
	w.Must(t, ref, order.Shipped) // the rest may still be sent
	w.Clock.Advance(16 * 24 * time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Cancelled)
	held := ledger.HeldOrder(ref.ID)
	if s := story(t, w, ref); s.Net() != 0 || books(t, w, held)[held] != 0 {
		t.Errorf("net %d: the delivery of nothing goes back too", s.Net())
	}
	if free := available(t, w, w.Listing.ID); free != ordertest.InStock {
		t.Errorf("%d g are free", free)
	}
}
