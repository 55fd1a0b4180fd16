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
		if found.text("as") != "finder" || found["deliver_to"] != nil || found["claim_code"] != nil || found["payment"] != nil || len(found["moves"].([]any)) != 0 || found.text("state") != "secured" {
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
