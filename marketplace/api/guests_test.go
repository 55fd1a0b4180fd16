package api_test

import "testing"

// ordered is what a guest buys in the sandbox and pays, and the phone that it goes to.
func (x *trade) ordered(guest string) (here, number, phone string) {
	x.t.Helper()
	here, checkout := x.bought(guest, 1000)
	number, _ = boughtOrders(checkout)[0].(map[string]any)["number"].(string)
	return here, number, "13900000000"
}

// A guest's order is found by number and phone, looked at, and made somebody's by its code.
func TestAGuestsOrderIsFoundAndClaimedByTheAPI(t *testing.T) {
	x := openTrade(t)
	guest := x.guest()
	here, number, phone := x.ordered(guest)
	code := x.seen(guest, here).text("claim_code")
	if code == "" || x.seen(x.grower, here)["claim_code"] != nil || x.seen(x.boss, here)["claim_code"] != nil {
		t.Fatalf("the claim code is the guest's: %q", code)
	}

	// Whoever names it looks on: no address, no moves, no code.
	finder := x.guest()
	x.ask("GET", here, finder, nil).refused(404, "not_found")
	x.ask("POST", "/orders/find", finder, object{"number": number, "phone": "13900000001"}).refused(404, "no_such_order")
	x.ask("POST", "/orders/find", finder, object{"number": " ", "phone": phone}).refused(422, "required")
	for range 2 {
		var found object
		x.ask("POST", "/orders/find", finder, object{"number": number, "phone": "+86 " + phone}).must(200, &found)
		if found.text("as") != "finder" || found["deliver_to"] != nil || found["claim_code"] != nil || len(found["moves"].([]any)) != 0 || found.text("state") != "secured" {
			t.Errorf("found: %v", found)
		}
	}
	x.ask("POST", here+"/ask-cancel", finder, nil).refused(403, "move_not_yours")
	x.ask("GET", here+"/messages", finder, nil).refused(403, "talk_not_yours")
	x.ask("GET", here+"/disputes", finder, nil).refused(403, "dispute_not_yours")

	// Number and phone stand on every parcel: to have it needs the code as well.
	name := object{"number": number, "phone": phone, "code": "AAAA-AAAA"}
	x.ask("POST", "/orders/claim", guest, name).refused(401, "sign_in_first")
	x.ask("POST", "/orders/claim", x.buyer, name).refused(404, "no_such_order")
	name["code"] = code
	x.ask("POST", "/orders/claim", x.grower, name).refused(404, "no_such_order") // its seller confirms nothing
	for range 2 {
		var mine object
		x.ask("POST", "/orders/claim", x.buyer, name).must(200, &mine)
		if mine.text("as") != "buyer" || mine.within("deliver_to").text("name") != "王芳" || mine["claim_code"] != nil {
			t.Errorf("claimed: %v", mine)
		}
	}
	x.ask("POST", "/orders/claim", x.stranger, name).refused(404, "no_such_order")
	x.drain()
	for _, token := range []string{guest, finder} {
		x.ask("GET", here, token, nil).refused(404, "not_found")
	}
	if own := x.only(x.buyer, "/orders"); own.text("number") != number {
		t.Errorf("the buyer's: %v", own)
	}
	x.clean()
}

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
