package api_test

import "testing"

// A checkout over one market is looked at and cancelled before it is paid, and not after.
func TestACheckoutIsShownAndCancelledByTheAPI(t *testing.T) {
	x := openTrade(t)
	var bought object
	x.ask("POST", "/checkouts", x.buyer, buying(x.listing, 1000, "sandbox")).must(201, &bought)
	way := "/checkouts/YL/" + bought.text("id")
	for _, token := range []string{x.buyer, x.boss} {
		if is := x.seen(token, way); is.text("state") != "open" || is.number("total_minor") != 2600 || is.number("captured_minor") != 0 || is.text("reference") != bought.text("reference") || is.text("pay_url") == "" {
			t.Errorf("before it is paid: %v", is)
		}
	}
	for _, deed := range []string{"/cancel", "/settle"} {
		x.ask("POST", way+deed, x.stranger, nil).refused(404, "not_found")
		x.ask("POST", way+deed, x.grower, nil).refused(404, "not_found")
	}
	x.ask("GET", way, x.grower, nil).refused(404, "not_found")
	before := x.seen("", "/listings/YL/"+x.listing).number("available")
	for range 2 {
		var is object
		x.ask("POST", way+"/cancel", x.buyer, nil).must(200, &is)
		if o, _ := boughtOrders(is)[0].(map[string]any); o["state"] != "cancelled" {
			t.Errorf("cancelled: %v", is)
		}
	}
	if now := x.seen("", "/listings/YL/"+x.listing).number("available"); now != before+1000 {
		t.Errorf("%d are on the shelf again", now-before)
	}
	x.drain()
	if is := x.seen(x.buyer, way); is.text("state") != "closed" {
		t.Errorf("no money is waited for: %v", is)
	}
	x.ask("POST", "/payments/YL/"+bought.text("id")+"/sandbox", x.buyer, object{"outcome": "pay"}).refused(409, "payment_closed")
	_, paid := x.bought(x.buyer, 1000)
	x.ask("POST", "/checkouts/YL/"+paid.text("id")+"/cancel", x.buyer, nil).refused(409, "order_move")
	if is := x.seen(x.buyer, "/checkouts/YL/"+paid.text("id")); is.text("state") != "captured" || is.number("captured_minor") != 2600 {
		t.Errorf("paid: %v", is)
	}
	x.clean()
}

// One payment over two markets: shown to its buyer and to both their operators, and let
// go in both of them by one of these.
func TestACheckoutOverTwoMarketsIsOneByTheAPI(t *testing.T) {
	x := openTrade(t)
	next, err := x.m.Books.Open(t.Context(), newMarket("AB"))
	x.ok(err)
	neighbour, _ := x.operator("Neighbour", next.ID)
	var producer, listing, quote, bought, is object
	x.ask("POST", "/producers", neighbour, object{"market": "AB", "offline": true, "state": "active", "name": "合作社", "region": next.RegionCode, "exemption": "自产"}).must(201, &producer)
	x.ask("POST", "/listings", neighbour, object{"market": "AB", "producer": producer.text("id"), "category": "walnut", "title": "核桃", "unit": "kg", "price_minor": 3000, "minimum": 500, "state": "live"}).must(201, &listing)
	x.ask("POST", "/listings/AB/"+listing.text("id")+"/batches", neighbour, object{"quantity": 10_000}).must(201)
	ask := buying(x.listing, 1000, "sandbox")
	ask["items"] = append(ask["items"].([]object), object{"market": "AB", "listing": listing.text("id"), "quantity": 1000})
	x.ask("POST", "/checkouts/quote", x.buyer, object{"items": ask["items"]}).must(200, &quote)
	if quote.number("total_minor") != 5600 || len(quote.list("baskets")) != 2 || quote["cash"] != false {
		t.Fatalf("quoted: %v", quote)
	}
	x.ask("POST", "/checkouts", x.buyer, ask).must(201, &bought)
	way := "/checkouts/" + bought.text("market") + "/" + bought.text("id")
	for _, token := range []string{x.buyer, x.boss, neighbour} {
		is = x.seen(token, way)
		if is.text("market") != "YL" || is.number("total_minor") != 5600 || len(is.list("baskets")) != 2 || is.list("baskets")[1].number("total_minor") != 3000 {
			t.Errorf("shown: %v", is)
		}
	}
	there := "/orders/AB/" + is.list("baskets")[1].list("orders")[0].text("id")
	if order := x.seen(neighbour, there); order.list("siblings")[0].text("market") != "YL" || order.within("payment").text("market") != "YL" || order.within("payment").number("due_minor") != 5600 {
		t.Errorf("its part in the other market: %v", order)
	}
	x.ask("POST", way+"/cancel", x.stranger, nil).refused(404, "not_found")
	is = object{}
	x.ask("POST", way+"/cancel", neighbour, nil).must(200, &is)
	for range 2 { // what must follow in the other market is a job
		x.drain()
		_, err := x.m.Worker.Drain(t.Context(), next.ID)
		x.ok(err)
	}
	for _, b := range x.seen(x.buyer, way).list("baskets") {
		if b.list("orders")[0].text("state") != "cancelled" {
			t.Errorf("of %s: %v", b.text("market"), b)
		}
	}
	x.clean()
}
