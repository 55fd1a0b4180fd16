package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/agents/terms"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
)

// The buyer chooses to come, the seller puts it there, the code is the buyer's alone
// to see and hands the goods over; trying it is limited.
func TestAnOrderIsPickedUpByTheCodeOnItsBuyersPage(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	h.Terms(t, h.Producer.ID, terms.Terms{Pickup: &terms.Point{Name: "兴平镇供销社", Address: "团结路 12 号"}})
	ref := h.UpTo(t, order.Accepted)
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	buyer, seller, agent := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy)
	has(t, buyer.page(t, way), "我自己来取", "兴平镇供销社")
	if a := seller.post(t, way+"/pickup"); a.status != http.StatusForbidden {
		t.Errorf("a seller who chooses it is answered %d", a.status)
	}
	went(t, way, buyer.post(t, way+"/pickup"))
	has(t, seller.page(t, "/desk/producer/packing"), "自取", "兴平镇供销社")
	must(t, h.Orders.Pack(ctx, h.Seller, ref, nil))
	has(t, seller.page(t, "/desk/producer/labels"), "自取")
	has(t, seller.page(t, way), "可以来取了")
	went(t, way, seller.post(t, way+"/ready"))
	o, err := h.Orders.Find(ctx, ref)
	must(t, err)
	code, err := h.Orders.PickupCode(ctx, o)
	must(t, err)
	has(t, buyer.page(t, way), code)
	for _, other := range []*visitor{seller, agent} {
		if strings.Contains(other.page(t, way), code) {
			t.Error("the code is shown to somebody else")
		}
	}
	h.Drain(t)
	has(t, buyer.page(t, "/notices"), "可以来取了")
	if strings.Contains(buyer.page(t, "/notices"), code) {
		t.Error("the code stands in a notice")
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for range 4 {
		if a := seller.post(t, way+"/collect", "code", wrong); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "取货码不对") {
			t.Fatalf("a wrong code is answered %d", a.status)
		}
	}
	went(t, way, seller.post(t, way+"/collect", "code", code))
	h.Must(t, ref, order.Delivered)
	if a := seller.post(t, way+"/collect", "code", code); a.status != http.StatusTooManyRequests {
		t.Errorf("a sixth try is answered %d", a.status)
	}
	h.clean(t)
}

// Of an order in two parcels each has its label; what is still to send has one too.
func TestEachParcelHasItsLabel(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Packed)
	must(t, h.Orders.Ship(t.Context(), h.Seller, ref, order.Parcel{Carrier: "zto", Number: "A1", Lines: map[int]int64{1: 3000}}))
	seller := h.visitor(t, h.Seller.Person)
	all := seller.page(t, "/desk/producer/labels")
	has(t, all, "第 2 箱，共 2 箱", "2\u00a0kg")
	if strings.Contains(all, "第 1 箱") {
		t.Error("a parcel that is on its way has a label again")
	}
	has(t, seller.page(t, "/desk/producer/labels?order="+ref.ID.String()), "第 1 箱，共 2 箱", "中通 A1", "3\u00a0kg", "第 2 箱，共 2 箱", "2\u00a0kg")
}

// Said at the checkout, no delivery is paid and no street is asked for; the new sum is
// shown before it is paid, and an order that is sent instead is another one.
func TestWhoComesForAnOrderSaysSoAtTheCheckout(t *testing.T) {
	h := newHouse(t)
	h.Terms(t, h.Producer.ID, terms.Terms{Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800, Further: 200}}}},
		Pickup: &terms.Point{Name: "兴平镇供销社", Address: "团结路 12 号", Hours: "9:00–19:00"}})
	v := h.nobody()
	begins := h.atCheckout(t, v, "5")
	comes := page.ComesFor + h.Producer.ID.String()
	a, way := v.press(t, begins, comes, "yes", "then", "") // pressed on: the sum is shown first
	if way != "/checkout" {
		t.Fatalf("it leads to %s", way)
	}
	has(t, plain(a.body), "谁去取", "¥130.00", "团结路 12 号 · ", "9:00–19:00")
	c := form(t, a.body, "/checkout")
	if c.values.Get("total") != "130.00" || c.values.Has("street") || c.values.Has("province") {
		t.Errorf("the form goes on as %v", c.values)
	}
	if a, _ = v.press(t, c, "name", "", "then", ""); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `aria-invalid="true"`) {
		t.Errorf("nobody comes: %d", a.status)
	}
	a, way = v.press(t, c, "name", "王芳", "phone", "13900000001", "note", "下午来", "then", "")
	if !strings.HasPrefix(way, "/pay/") {
		t.Fatalf("%s: %s", way, plain(a.body))
	}
	a, _ = v.press(t, form(t, a.body, "/pay/"), "outcome", "pay")
	mine := href(t, a.body, "/orders/"+h.code(t))
	has(t, plain(v.page(t, mine)), "兴平镇供销社", "¥130.00")
	seller := h.visitor(t, h.Seller.Person)
	seller.does(t, mine+"/accept")
	has(t, plain(seller.page(t, "/desk/producer/packing")), "自取", "兴平镇供销社", "下午来")
	has(t, plain(seller.page(t, mine)), "王芳", "下午来")
	// Thought better of before it was paid, it is sent: the first takes its leave.
	other := h.nobody()
	who := []string{"name", "李梅", "phone", "13900000002", "place", "杭州", "street", "学院路 1 号", "province", "33"}
	ask := func(pairs ...string) string {
		t.Helper()
		a, way := other.press(t, h.atCheckout(t, other, "2"), append(append(pairs, "then", ""), who...)...)
		if way == "/checkout" {
			_, way = other.press(t, form(t, a.body, "/checkout"), append(who, "then", "")...)
		}
		return way
	}
	first, second := ask(comes, "yes"), ask()
	if !strings.HasPrefix(first, "/pay/") || !strings.HasPrefix(second, "/pay/") || first == second {
		t.Errorf("picked up %s, sent %s", first, second)
	}
	h.clean(t)
}
