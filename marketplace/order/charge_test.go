package order_test

import (
	"testing"
	"time"

	"commonfield/agents/terms"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// brought are the terms of these tests: 8.00 for the first kilogram and 2.00 for
// each further one to Beijing, free from 300.00; 5.00 and 1.00 within Xinjiang;
// nowhere else.
var brought = terms.Terms{Delivery: &terms.Delivery{Zones: []terms.Zone{
	{Regions: []string{"11"}, Tariff: terms.Tariff{First: 800, Further: 200, FreeFrom: 30000}},
	{Regions: []string{"65"}, Tariff: terms.Tariff{First: 500, Further: 100}},
}}}

// asking is an ask that goes to a region.
func asking(w *ordertest.World, grams int64, code string) order.Ask {
	a := w.Ask(grams)
	a.DeliverTo.Code = code
	return a
}

func bought(t *testing.T, w *ordertest.World, a order.Ask) (order.Ref, order.Checkout) {
	t.Helper()
	b, err := w.Orders.Place(t.Context(), once.Key{}, a)
	must(t, err)
	w.Pay(t, b)
	return b.Orders()[0], b
}

// onward walks an order that is paid to its end.
func onward(t *testing.T, w *ordertest.World, ref order.Ref, weights map[int]int64) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, weights))
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto"}))
	must(t, w.Orders.Deliver(ctx, w.Buyer, ref))
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	w.Drain(t)
}

func TestADeliveryIsReckonedByPlaceAndWeightAndIsTheSellers(t *testing.T) {
	w := ordertest.New(t)
	w.Terms(t, w.Producer.ID, brought)
	ref, b := bought(t, w, asking(w, 5000, "110105")) // 130.00, and 8.00 + 4 × 2.00
	if b.Total != 13000+1600 {
		t.Fatalf("the total is %d", b.Total)
	}
	held := ledger.HeldOrder(ref.ID)
	if have := books(t, w, held); have[held] != 14600 {
		t.Fatalf("held: %v", have)
	}
	w.Terms(t, w.Producer.ID, terms.Terms{}) // what was placed stays as it was placed
	onward(t, w, ref, map[int]int64{1: 4900})
	s := story(t, w, ref)
	if s.Net() != 14600-260 || s.Parts().Seller != 11721+1600 || len(s.Charges) != 2 || s.Charges[0].Label != order.Delivery {
		t.Fatalf("net %d, parts %+v, charges %+v", s.Net(), s.Parts(), s.Charges)
	}
	if have := books(t, w, held, ledger.Owed(w.Producer.PayeeID)); have[held] != 0 || have[ledger.Owed(w.Producer.PayeeID)] != 13321 {
		t.Fatalf("released: %v", have)
	}
	statements(t, w)
	// After release the delivery alone goes back: from the seller.
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{{Charge: 1, Amount: 600}}, "came late")
	must(t, err)
	if have := books(t, w, ledger.Owed(w.Producer.PayeeID)); have[ledger.Owed(w.Producer.PayeeID)] != 12721 {
		t.Fatalf("after the refund: %v", have)
	}
	statements(t, w)
	for _, part := range []order.Part{{Charge: 1, Amount: 1001}, {Charge: 2}, {Charge: 7}, {Line: 1, Charge: 1}} {
		if _, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{part}, "x"); err == nil {
			t.Errorf("%+v was refunded", part)
		}
	}
}

func TestNobodyPlacesWhereNothingIsDeliveredOrWithoutSayingWhere(t *testing.T) {
	w := ordertest.New(t)
	w.Terms(t, w.Producer.ID, brought)
	for code, refusal := range map[string]string{"": "delivery_where", "44": "not_delivered", "x1": "region_unknown", "1": "region_unknown"} {
		if _, err := w.Orders.Place(t.Context(), once.Key{}, asking(w, 5000, code)); !fault.Has(err, refusal) {
			t.Errorf("to %q: %v", code, err)
		}
	}
	q, err := w.Orders.Quote(t.Context(), asking(w, 5000, ""))
	if err != nil || q.Total != 13000 || !q.Baskets[0].Orders[0].Unplaced {
		t.Errorf("a quote without a place: %d, %v", q.Total, err)
	}
	a := asking(w, 5000, "110105")
	a.Seen = 13000 // seen before the place was known
	if _, err := w.Orders.Place(t.Context(), once.Key{}, a); !fault.Has(err, "price_changed") {
		t.Errorf("another total than was seen: %v", err)
	}
	books(t, w)
}

func TestTheMarketsTermsStandInAndAFreeDeliveryIsNoCharge(t *testing.T) {
	w := ordertest.New(t)
	w.Terms(t, terms.Market, brought)
	for _, c := range []struct {
		grams int64
		code  string
		want  int64
	}{
		{1000, "11", 2600 + 800}, {1001, "11", 2603 + 1000}, {11000, "11", 28600 + 800 + 2000}, {12000, "11", 31200}, {3000, "652823", 7800 + 700},
	} {
		q, err := w.Orders.Quote(t.Context(), asking(w, c.grams, c.code))
		if err != nil || q.Total != c.want {
			t.Errorf("%d g to %s: %d, %v; want %d", c.grams, c.code, q.Total, err, c.want)
		}
		if parts := q.Parts(); parts.Sum() != q.Total {
			t.Errorf("%d g: the parts %+v are not %d", c.grams, parts, q.Total)
		}
	}
}

func TestACancelledOrderGivesItsDeliveryBackAndThePartsAddUp(t *testing.T) {
	for _, state := range []order.State{order.Secured, order.Accepted, order.Packed, order.Shipped} {
		w := ordertest.New(t)
		w.Terms(t, w.Producer.ID, brought)
		w.Terms(t, terms.Market, terms.Terms{Discount: &terms.Discount{RateBP: 500}})
		ref, b := bought(t, w, asking(w, 5000, "11"))
		ctx := t.Context()
		steps := []func() error{
			func() error { return nil },
			func() error { return w.Orders.Accept(ctx, w.Seller, ref) },
			func() error { return w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 4900}) },
			func() error { return w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "x"}) },
		}
		for i, s := range []order.State{order.Secured, order.Accepted, order.Packed, order.Shipped} {
			must(t, steps[i]())
			if s == state {
				break
			}
		}
		if state == order.Shipped { // it ends when its last parcel is lost
			must(t, w.Orders.Lost(ctx, w.Operator, ref, story(t, w, ref).Shipments[0].ID, "x"))
		} else {
			must(t, w.Orders.Cancel(ctx, w.Operator, ref, "x"))
		}
		w.Drain(t)
		s := story(t, w, ref)
		if s.Net() != 0 || s.Parts() != (order.Shares{}) {
			t.Errorf("%s: net %d, parts %+v", state, s.Net(), s.Parts())
		}
		var back int64
		for _, r := range s.Refunds {
			back += r.Amount
			if r.State != payment.RefundSucceeded {
				t.Errorf("%s: a refund is %s", state, r.State)
			}
		}
		have := books(t, w, ledger.HeldOrder(ref.ID), ledger.CostDiscount)
		if back != b.Total || have[ledger.HeldOrder(ref.ID)] != 0 || have[ledger.CostDiscount] != 0 {
			t.Errorf("%s: %d of %d came back, %v", state, back, b.Total, have)
		}
	}
}

// 130.00: the seller takes 10 % off from 100.00 on, the market 5 % of what is left.
func TestWhatSellerAndMarketTakeOffIsSharedRightly(t *testing.T) {
	w := ordertest.New(t)
	w.Terms(t, w.Producer.ID, terms.Terms{Discount: &terms.Discount{RateBP: 1000, From: 10000}})
	w.Terms(t, terms.Market, terms.Terms{Discount: &terms.Discount{RateBP: 500, Until: w.Clock.Now().Add(time.Hour)}})
	ref, b := bought(t, w, w.Ask(5000))
	if b.Total != 13000-1300-585 {
		t.Fatalf("the total is %d", b.Total)
	}
	s := story(t, w, ref)
	// Of 117.00: fee 2 % 2.34, commission 6 % 7.02, the seller 107.64; the market pays 5.85 of it.
	if s.Parts() != (order.Shares{Seller: 10764, Agent: 702, Fee: 234}) || s.Lines[0].Gift != 585 || s.Lines[0].Cost != 11115 {
		t.Fatalf("parts %+v, gift %d, cost %d", s.Parts(), s.Lines[0].Gift, s.Lines[0].Cost)
	}
	held := ledger.HeldOrder(ref.ID)
	if have := books(t, w, held, ledger.CostDiscount); have[held] != 11700 || have[ledger.CostDiscount] != 585 {
		t.Fatalf("%v", have)
	}
	onward(t, w, ref, nil)
	have := books(t, w, held, ledger.Owed(w.Producer.PayeeID), ledger.IncomeFees, ledger.CostDiscount)
	if have[held] != 0 || have[ledger.Owed(w.Producer.PayeeID)] != 10764 || have[ledger.IncomeFees] != 234 {
		t.Fatalf("released: %v", have)
	}
	statements(t, w)
	// Half of what the buyer paid comes back to them, half of the gift to the market.
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{{Line: 1, Amount: 5558}}, "half")
	must(t, err)
	if have := books(t, w, ledger.CostDiscount); have[ledger.CostDiscount] != 585-293 {
		t.Fatalf("the market has %d", have[ledger.CostDiscount])
	}
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, nil, "all")
	must(t, err)
	w.Drain(t)
	have = books(t, w, ledger.CostDiscount, ledger.Owed(w.Producer.PayeeID), ledger.IncomeFees)
	if have[ledger.CostDiscount] != 0 || have[ledger.Owed(w.Producer.PayeeID)] != 0 || have[ledger.IncomeFees] != 0 {
		t.Fatalf("in the end: %v", have)
	}
	statements(t, w)
	w.Clock.Advance(2 * time.Hour)
	if q, err := w.Orders.Quote(t.Context(), w.Ask(5000)); err != nil || q.Total != 11700 {
		t.Errorf("after its day: %d, %v", q.Total, err)
	}
	if q, err := w.Orders.Quote(t.Context(), w.Ask(3000)); err != nil || q.Total != 7800 {
		t.Errorf("below the seller's sum: %d, %v", q.Total, err)
	}
}

func TestAChargeIsOfItsOwnMarketInACheckoutOverTwo(t *testing.T) {
	w := ordertest.New(t)
	rice := w.Stall(t, "大米", 500, 100_000)
	w.Terms(t, w.Producer.ID, brought)
	_, err := terms.Set(t.Context(), w.DB, rice.Market, terms.Market, rice.Operator.ID, 0, terms.Terms{
		Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 1000}}}}, Discount: &terms.Discount{RateBP: 1000}})
	must(t, err)
	a := asking(w, 5000, "11")
	a.Items = append(a.Items, rice.Item(10_000)) // 50.00 less 5.00, and 10.00 to bring it
	b, err := w.Orders.Place(t.Context(), once.Key{}, a)
	must(t, err)
	if b.Total != 14600+5500 {
		t.Fatalf("the total is %d", b.Total)
	}
	w.Pay(t, b)
	w.Drain(t)
	books(t, w)
	second := b.Orders()[1]
	held := ledger.HeldOrder(second.ID)
	if have := booksOf(t, w, rice.Market, held, ledger.CostDiscount); have[held] != 6000 || have[ledger.CostDiscount] != 500 {
		t.Fatalf("the other market: %v", have)
	}
	must(t, w.Orders.Cancel(t.Context(), rice.Seller, second, ""))
	w.Drain(t)
	if have := booksOf(t, w, rice.Market, held, ledger.CostDiscount); have[held] != 0 || have[ledger.CostDiscount] != 0 {
		t.Fatalf("cancelled: %v", have)
	}
	a.DeliverTo.Code = "44" // only the walnuts do not go there: nothing is placed
	if _, err := w.Orders.Place(t.Context(), once.Key{}, a); !fault.Has(err, "not_delivered") {
		t.Errorf("to Guangdong: %v", err)
	}
	books(t, w)
}

// Five kilograms of walnuts and two of another: four and none are taken on.
func TestASellerTakesAPartOnAndTheRestGoesBackAtOnce(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	other := w.Offer(t, "红枣", 3000, 10_000)
	w.Terms(t, w.Producer.ID, brought)
	a := asking(w, 5000, "65")
	a.Items = append(a.Items, order.Item{Market: w.Market, Listing: other.ID, Quantity: 2000})
	ref, b := bought(t, w, a) // 130.00 + 60.00, and 5.00 + 6 × 1.00
	if b.Total != 20100 {
		t.Fatalf("the total is %d", b.Total)
	}
	for refusal, take := range map[string]map[int]int64{"accept_more": {1: 5001}, "accept_nothing": {1: 0, 2: 0}, "no_such_line": {3: 1}} {
		if err := w.Orders.AcceptPart(ctx, w.Seller, ref, take); !fault.Has(err, refusal) {
			t.Errorf("%v: %v", take, err)
		}
	}
	if err := w.Orders.AcceptPart(ctx, w.Buyer, ref, map[int]int64{1: 1000}); !fault.Has(err, "order_move") {
		t.Errorf("by the buyer: %v", err)
	}
	w.Must(t, ref, order.Secured)
	for _, err := range at(64, func(int) error { return w.Orders.AcceptPart(ctx, w.Seller, ref, map[int]int64{1: 4000, 2: 0}) }) {
		must(t, err)
	}
	w.Drain(t)
	s := story(t, w, ref) // 26.00 + 60.00 + 3.00 go back
	if s.State != order.Accepted || len(s.Refunds) != 1 || s.Refunds[0].Amount != 8900 || s.Net() != 10400+800 {
		t.Fatalf("%s, refunds %+v, net %d", s.State, s.Refunds, s.Net())
	}
	if free := available(t, w, other.ID); free != 10_000 {
		t.Errorf("%d g of the other are free", free)
	}
	if free := available(t, w, w.Listing.ID); free != ordertest.InStock-4000 {
		t.Errorf("%d g of the walnuts are free", free)
	}
	books(t, w)
	if err := w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 4500}); !fault.Has(err, "weight_band") {
		t.Errorf("more than was taken on: %v", err)
	}
	must(t, w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 3900})) // 2.60 more
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto"}))
	must(t, w.Orders.Deliver(ctx, w.Buyer, ref))
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	w.Drain(t)
	s = story(t, w, ref)
	held := ledger.HeldOrder(ref.ID)
	if have := books(t, w, held, ledger.Owed(w.Producer.PayeeID)); s.Net() != 10940 || have[held] != 0 || have[ledger.Owed(w.Producer.PayeeID)] != s.Parts().Seller {
		t.Errorf("net %d, %v, parts %+v", s.Net(), have, s.Parts())
	}
	statements(t, w)
}

func TestAPartIsTakenOnWithTheMarketsGift(t *testing.T) {
	w := ordertest.New(t)
	w.Terms(t, terms.Market, terms.Terms{Discount: &terms.Discount{RateBP: 1000}})
	ref, b := bought(t, w, w.Ask(5000)) // 130.00 less 13.00
	must(t, w.Orders.AcceptPart(t.Context(), w.Seller, ref, map[int]int64{1: 2500}))
	w.Drain(t)
	s := story(t, w, ref)
	if b.Total != 11700 || s.Net() != 5850 || s.Parts().Sum() != 6500 || s.Lines[0].Gift != 650 {
		t.Errorf("net %d, parts %+v, gift %d", s.Net(), s.Parts(), s.Lines[0].Gift)
	}
	if have := books(t, w, ledger.CostDiscount); have[ledger.CostDiscount] != 650 {
		t.Errorf("%v", have)
	}
}

func available(t *testing.T, w *ordertest.World, listing id.ID) (free int64) {
	t.Helper()
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) { free, err = stock.Available(tx, listing); return }))
	return free
}
