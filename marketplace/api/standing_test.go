package api_test

import "testing"

// Who grows and who sells is stopped with a reason and let in again: what the
// stopped one offers cannot be bought, and who holds cash is given no more.
func TestAGrowerAndAnAgentAreStoppedAndLetInAgain(t *testing.T) {
	x := openBusiness(t)
	here := "/producers/YL/" + x.seller
	quote := object{"items": []object{{"market": "YL", "listing": x.listing, "quantity": 1000}}}
	var is object
	x.ask("PATCH", here, x.buyer, object{"story": "x"}).refused(403, "forbidden")
	x.ask("PATCH", here, x.grower, object{"village": "三村"}).must(200)
	is = x.seen("", here)
	if is.text("village") != "三村" || is.text("state") != "active" || is.text("name") != "吐尔逊·买买提" || is["payee"] != nil {
		t.Errorf("everybody sees %v", is)
	}
	if x.seen(x.grower, here).text("payee") != x.payee {
		t.Error("the grower does not see their payee")
	}
	if batch := x.only(x.grower, "/listings/YL/"+x.listing+"/batches"); batch.number("on_hand") != 1_000_000 {
		t.Errorf("in stock: %v", batch)
	}

	x.ask("POST", here+"/suspend", x.boss, object{"reason": " "}).refused(422, "required")
	x.does(x.boss, here+"/suspend", object{"reason": "验货没过"}, "suspended")
	x.ask("GET", here, "", nil).refused(404, "producer_unknown")
	x.ask("POST", "/checkouts/quote", "", quote).refused(409, "listing_not_live")
	x.does(x.boss, here+"/readmit", object{"reason": "改好了"}, "active")
	x.ask("POST", "/checkouts/quote", "", quote).must(200)

	x.trusted()
	if hand := x.only(x.buyer, "/cash/hands?market=YL"); hand.text("payee") != x.hand || hand.text("name") != "马春兰" {
		t.Errorf("pays in cash: %v", hand)
	}
	agent := "/agents/YL/" + x.only(x.boss, "/agents?market=YL").text("id")
	x.ask("POST", agent+"/suspend", x.agent, object{"reason": "x"}).refused(403, "operator_only")
	x.does(x.boss, agent+"/suspend", object{"reason": "押金没交"}, "suspended")
	if hands := x.items(x.buyer, "/cash/hands?market=YL"); len(hands) != 0 {
		t.Errorf("still pays in cash: %v", hands)
	}
	x.ask("POST", "/cash/YL/"+x.hand+"/give", x.boss, object{"amount_minor": 5, "bank_reference": "F-2"}).refused(409, "cash_stopped")
	x.does(x.boss, agent+"/approve", nil, "active")
	x.only(x.buyer, "/cash/hands?market=YL")
	x.clean()
}
