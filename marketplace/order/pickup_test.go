package order_test

import (
	"testing"
	"time"

	"commonfield/agents/terms"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

var point = &terms.Point{Name: "兴平镇供销社", Address: "团结路 12 号", Hours: "9:00–19:00"}

// pickable is a world whose seller brings for 8.00 and 2.00 and has a point.
func pickable(t *testing.T) (*ordertest.World, order.Ref) {
	t.Helper()
	w := ordertest.New(t)
	w.Terms(t, w.Producer.ID, terms.Terms{Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800, Further: 200}}}}, Pickup: point})
	ask := w.Ask(5000)
	ask.DeliverTo = &order.Address{Name: "王芳", Phone: "+8613900000000", Code: "11", Region: "北京市", Street: "学院路 1 号"}
	b, err := w.Orders.Place(t.Context(), once.Key{}, ask)
	must(t, err)
	w.Pay(t, b)
	return w, b.Orders()[0]
}

func TestWhoPicksAnOrderUpGetsTheDeliveryBackAndHandsItOverByTheirCode(t *testing.T) {
	w, ref := pickable(t)
	ctx := t.Context()
	for _, err := range at(8, func(int) error { return w.Orders.PickUp(ctx, w.Buyer, ref) }) {
		must(t, err)
	}
	s := story(t, w, ref)
	if s.Pickup == nil || s.Pickup.Name != point.Name || s.Net() != 13000 || len(s.Refunds) != 1 || s.Refunds[0].Amount != 1600 {
		t.Fatalf("%+v, net %d, refunds %+v", s.Pickup, s.Net(), s.Refunds)
	}
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))
	if err := w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "zto"}); !fault.Has(err, "pickup_chosen") {
		t.Errorf("sent all the same: %v", err)
	}
	for range 2 {
		must(t, w.Orders.Ready(ctx, w.Seller, ref))
	}
	w.Must(t, ref, order.Shipped)
	if s = story(t, w, ref); s.DueAt != nil || len(s.Shipments) != 1 || s.Shipments[0].Carrier != order.ByPickup {
		t.Errorf("due %v, parcels %+v", s.DueAt, s.Shipments)
	}
	w.Clock.Advance(60 * 24 * time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Shipped) // nobody's silence hands it over
	code, err := w.Orders.PickupCode(ctx, s.Order)
	must(t, err)
	if len(code) != 6 {
		t.Fatalf("code %q", code)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for _, typed := range []string{wrong, "", code[:5], code + "1", "abc"} {
		if err := w.Orders.Collect(ctx, w.Seller, ref, typed); !fault.Has(err, "pickup_code") {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if err := w.Orders.Collect(ctx, w.Buyer, ref, code); !fault.Has(err, "move_not_yours") {
		t.Errorf("by the buyer: %v", err)
	}
	for _, err := range at(8, func(int) error { return w.Orders.Collect(ctx, w.Seller, ref, code[:3]+" "+code[3:]) }) {
		must(t, err)
	}
	w.Must(t, ref, order.Delivered)
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	w.Drain(t)
	books(t, w)
}

func TestWhoSaysWhenBuyingThatTheyComePaysNoDeliveryThereAndElsewhereNeedsAStreet(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	brings := &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800, Further: 200}}}}
	w.Terms(t, w.Producer.ID, terms.Terms{Delivery: brings, Pickup: point})
	stall := w.Stall(t, "红米", 2000, 100_000)
	_, err := terms.Set(ctx, w.DB, stall.Market, stall.Producer.ID, stall.Operator.ID, 0, terms.Terms{Delivery: brings})
	must(t, err)
	both := w.Ask(5000)
	both.Items = append(both.Items, stall.Item(2000))
	both.DeliverTo.Code = "11"
	q, err := w.Orders.Quote(ctx, both)
	must(t, err)
	if q.Total != 13000+1600+4000+1000 || q.Baskets[0].Orders[0].Point == nil || q.Baskets[1].Orders[0].Point != nil {
		t.Errorf("both sent: %+v", q)
	}
	both.Collect = []id.ID{w.Producer.ID}
	if q, err = w.Orders.Quote(ctx, both); err != nil || q.Total != 13000+4000+1000 {
		t.Errorf("one picked up: %d, %v", q.Total, err)
	}
	both.DeliverTo.Street = ""
	if _, err := w.Orders.Place(ctx, once.Key{}, both); !fault.Has(err, "required") {
		t.Errorf("the other is sent nowhere: %v", err)
	}
	both.DeliverTo.Street, both.Collect = "学院路 1 号", []id.ID{w.Producer.ID, stall.Producer.ID}
	if _, err := w.Orders.Place(ctx, once.Key{}, both); !fault.Has(err, "pickup_none") {
		t.Errorf("where there is no point: %v", err)
	}
	both.Collect = both.Collect[:1]
	b, err := w.Orders.Place(ctx, once.Key{}, both)
	must(t, err)
	for _, ref := range b.Orders() {
		if s := story(t, w, ref); (s.Pickup != nil) != (ref.Market == w.Market) {
			t.Errorf("market %d is picked up at %+v", ref.Market, s.Pickup)
		}
	}
	own := w.Ask(5000)
	own.DeliverTo = &order.Address{Name: "王芳", Phone: "+8613900000000"}
	own.Collect = []id.ID{w.Producer.ID}
	b, err = w.Orders.Place(ctx, once.Key{}, own)
	must(t, err)
	if b.Total != 13000 {
		t.Errorf("no street, nothing sent, and %d is asked", b.Total)
	}
	w.Pay(t, b)
	ref := b.Orders()[0]
	must(t, w.Orders.PickUp(ctx, w.Buyer, ref)) // said already
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))
	must(t, w.Orders.Ready(ctx, w.Seller, ref))
	s := story(t, w, ref)
	code, err := w.Orders.PickupCode(ctx, s.Order)
	must(t, err)
	must(t, w.Orders.Collect(ctx, w.Seller, ref, code))
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	if s = story(t, w, ref); s.State != order.Completed || len(s.Refunds) != 0 || s.Net() != 13000 {
		t.Errorf("%s, net %d, refunds %+v", s.State, s.Net(), s.Refunds)
	}
	w.Drain(t)
	books(t, w)
}

func TestPickingUpIsChosenInTimeAndWhereThereIsAPoint(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref := w.UpTo(t, order.Secured)
	if err := w.Orders.PickUp(ctx, w.Buyer, ref); !fault.Has(err, "pickup_none") {
		t.Errorf("without a point: %v", err)
	}
	w.Terms(t, terms.Market, terms.Terms{Pickup: point}) // the market's stands in
	if err := w.Orders.PickUp(ctx, w.Seller, ref); !fault.Has(err, "move_not_yours") {
		t.Errorf("by the seller: %v", err)
	}
	must(t, w.Orders.PickUp(ctx, w.Buyer, ref))
	late := w.UpTo(t, order.Packed)
	if err := w.Orders.PickUp(ctx, w.Buyer, late); !fault.Has(err, "pickup_late") {
		t.Errorf("packed: %v", err)
	}
	if err := w.Orders.Ready(ctx, w.Seller, late); !fault.Has(err, "pickup_not_chosen") {
		t.Errorf("one that is sent: %v", err)
	}
	if err := w.Orders.Ready(ctx, w.Seller, ref); !fault.Has(err, "order_move") {
		t.Errorf("before it is packed: %v", err)
	}
	if err := w.Orders.Collect(ctx, w.Seller, late, "123456"); !fault.Has(err, "pickup_not_chosen") {
		t.Errorf("a code of one that is sent: %v", err)
	}
	// Two orders of one basket's buyer have two codes.
	a, err := w.Orders.PickupCode(ctx, story(t, w, ref).Order)
	must(t, err)
	b, err := w.Orders.PickupCode(ctx, story(t, w, late).Order)
	must(t, err)
	if a == b {
		t.Errorf("both have %s", a)
	}
	books(t, w)
}
