package api_test

import "testing"

// A station's clerk does for a seller what is no money: takes on, packs, sends, looks
// at what comes back; the rest is refused to them.
func TestAClerkWalksAnOrderForItsSellerByTheAPI(t *testing.T) {
	x := openTrade(t)
	clerk, _, phone := x.person("站点")
	x.ask("POST", "/roles", x.boss, object{"market": "YL", "login": phone, "role": "clerk", "region": township}).must(201)
	here, _ := x.bought(x.buyer, 1000)
	if order := x.seen(clerk, here); order.text("as") != "clerk" || !order.has("moves", "accept") || order.has("moves", "decline") || order.has("moves", "refund") || order["deliver_to"] == nil {
		t.Fatalf("a clerk may: %v", order)
	}
	x.ask("POST", here+"/decline", clerk, nil).refused(403, "move_not_yours")
	x.ask("POST", here+"/refunds", clerk, object{"reason": "x"}).refused(403, "forbidden")
	x.does(clerk, here+"/accept", nil, "accepted")
	x.does(clerk, here+"/pack", object{"weights": []object{{"line": 1, "quantity": 990}}}, "packed")
	order := x.does(clerk, here+"/ship", object{"carrier": "中通", "number": "1"}, "shipped")
	x.ask("POST", here+"/returned", clerk, object{"parcel": order.list("shipments")[0].text("id"), "reason": "拒收", "goods": "back"}).refused(403, "forbidden")
	x.ask("POST", here+"/deliver", clerk, nil).refused(403, "move_not_yours")
	x.does(x.buyer, here+"/deliver", nil, "delivered")

	var back object
	x.ask("POST", here+"/returns", x.buyer, object{"lines": []object{{"line": 1, "quantity": 990}}}).must(201, &back)
	deed := here + "/returns/" + back.text("id") + "/"
	x.ask("POST", deed+"refuse", clerk, object{"reason": "x"}).refused(403, "return_not_yours")
	if is := x.only(clerk, here+"/returns"); !is.has("may", "approve") || is.has("may", "refuse") {
		t.Errorf("a clerk may: %v", is)
	}
	x.does(clerk, deed+"approve", object{"send_to": "兴平镇服务站"}, "approved")
	x.does(x.buyer, deed+"send", object{"carrier": "顺丰", "number": "SF1"}, "sent")
	for range 2 { // whoever gives no money back calls somebody who does
		if is := x.does(clerk, deed+"receive", object{"goods": "lost"}, "called"); is.text("turn") != "operator" || is.text("goods") != "lost" || is.number("back_minor") != 0 {
			t.Errorf("seen: %v", is)
		}
	}
	if is := x.does(x.boss, deed+"receive", object{"goods": "lost"}, "refunded"); is.number("back_minor") != 2574 {
		t.Errorf("received: %v", is)
	}
	x.drain()
	if order = x.seen(x.buyer, here); order.number("net_minor") != 0 || order.text("payment_state") != "refunded" || order.list("lines")[0].within("parts").number("seller_minor") != 0 {
		t.Errorf("in the end: %v", order)
	}
	role := "/roles?market=YL&role=clerk&person=" + x.seen(clerk, "/me").text("id")
	x.ask("DELETE", role, x.boss, nil).refused(422, "required") // of which region?
	x.ask("DELETE", role+"&region="+township, x.boss, nil).must(204)
	x.ask("GET", here, clerk, nil).refused(404, "not_found")
	x.clean()
}

// An agent looks on: no address, no money, no complaint; they write with the others.
func TestAnAgentSeesAnOrderAsTheyAreConcerned(t *testing.T) {
	x := openTrade(t)
	agent, _, _ := x.person("马春兰")
	var selling, bought object
	x.ask("POST", "/agents", agent, object{"market": "YL"}).must(201, &selling)
	x.ask("POST", "/agents/YL/"+selling.text("id")+"/approve", x.boss, nil).must(200)
	ask := buying(x.listing, 1000, "sandbox")
	ask["agent_code"] = selling.text("code")
	x.ask("POST", "/checkouts", x.buyer, ask).must(201, &bought)
	x.ask("POST", "/payments/YL/"+bought.text("id")+"/sandbox", x.buyer, object{"outcome": "pay"}).must(200)
	x.drain()
	here := orderPath(bought)
	if order := x.seen(agent, here); order.text("as") != "agent" || order["deliver_to"] != nil || order["payment"] != nil || len(order["moves"].([]any)) != 0 {
		t.Errorf("an agent sees: %v", order)
	}
	x.ask("GET", here+"/papers", agent, nil).must(403)
	x.ask("GET", here+"/disputes", agent, nil).refused(403, "dispute_not_yours")
	x.ask("GET", here+"/returns", agent, nil).refused(403, "dispute_not_yours")
	x.ask("POST", here+"/messages", agent, object{"text": "周末到"}).must(201)
	if row := x.only(agent, "/messages"); row.number("unread") != 0 || "/orders/YL/"+row.text("order") != here {
		t.Errorf("their talks: %v", row)
	}
	if row := x.only(agent, "/orders?as=agent"); row.text("state") != "secured" {
		t.Errorf("their orders: %v", row)
	}
	x.clean()
}
