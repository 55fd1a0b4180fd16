package api_test

import (
	"testing"
	"time"
)

// Three parcels: one arrives, one is lost, one comes back.
func TestParcelsArriveAreLostAndComeBackByTheAPI(t *testing.T) {
	x := openTrade(t)
	here, _ := x.bought(x.buyer, 6000)
	x.does(x.grower, here+"/accept", nil, "accepted")
	x.does(x.grower, here+"/pack", nil, "packed")
	send := func(number string, grams int) object {
		return object{"carrier": "中通", "number": number, "lines": []object{{"line": 1, "quantity": grams}}}
	}
	x.ask("POST", here+"/ship", x.buyer, send("1", 3000)).refused(403, "move_not_yours")
	if p := x.ask("POST", here+"/ship", x.grower, send("1", 6001)).refused(422, "parcel_more"); p.Field != "lines" || p.Args["left"] != float64(6000) {
		t.Errorf("more than there is: %+v", p)
	}
	for _, n := range []string{"1", "1", "2"} { // the same parcel twice is one
		x.does(x.grower, here+"/ship", send(n, 2000), "shipped")
	}
	order := x.does(x.grower, here+"/ship", object{"carrier": "中通", "number": "3"}, "shipped") // the rest
	sent := order.list("shipments")
	if len(sent) != 3 || sent[2].list("lines")[0].number("quantity") != 2000 || sent[0].text("state") != "sent" {
		t.Fatalf("sent: %v", sent)
	}
	parcel := func(n int) string { return sent[n].text("id") }

	x.ask("POST", here+"/arrive", x.buyer, object{"parcel": "x"}).refused(422, "invalid")
	x.ask("POST", here+"/arrive", x.grower, object{"parcel": parcel(0)}).refused(403, "move_not_yours")
	for range 2 {
		order = x.does(x.buyer, here+"/arrive", object{"parcel": parcel(0)}, "shipped")
	}
	if one := order.list("shipments")[0]; one.text("state") != "arrived" || one.text("delivered_at") == "" {
		t.Errorf("arrived: %v", one)
	}
	x.ask("POST", here+"/lost", x.boss, object{"parcel": parcel(0), "reason": "x"}).refused(409, "parcel_settled")
	x.ask("POST", here+"/lost", x.buyer, object{"parcel": parcel(1), "reason": "x"}).refused(409, "order_move")
	x.ask("POST", here+"/lost", x.boss, object{"parcel": parcel(1), "reason": " "}).refused(422, "required")
	for range 2 {
		order = x.does(x.boss, here+"/lost", object{"parcel": parcel(1), "reason": "中转站丢失"}, "shipped")
	}
	if order.number("net_minor") != 10400 || order.list("shipments")[1].text("state") != "lost" || order.list("shipments")[1].text("why") != "中转站丢失" {
		t.Errorf("one is lost: %v", order)
	}
	came := object{"parcel": parcel(2), "reason": "拒收", "goods": "back"}
	x.ask("POST", here+"/returned", x.buyer, came).refused(403, "forbidden")
	x.ask("POST", here+"/returned", x.stranger, came).refused(404, "not_found")
	x.ask("POST", here+"/returned", x.grower, object{"parcel": parcel(2), "reason": "", "goods": "back"}).refused(422, "required")
	before := x.seen("", "/listings/YL/"+x.listing).number("available")
	for range 2 {
		order = x.does(x.grower, here+"/returned", came, "delivered") // nothing is on its way any more
	}
	if order.number("net_minor") != 5200 || order.list("shipments")[2].text("state") != "returned" || order.text("payment_state") != "part_refunded" {
		t.Errorf("one came back: %v", order)
	}
	if now := x.seen("", "/listings/YL/"+x.listing).number("available"); now != before+2000 {
		t.Errorf("of what came back, %d are on the shelf", now-before)
	}
	x.drain()
	if all := x.items(x.buyer, here+"/refunds"); len(all) != 2 || all[0].number("amount_minor") != 5200 || all[1].number("amount_minor") != 5200 {
		t.Errorf("refunded: %v", all)
	}
	if list := x.only(x.grower, "/orders?as=seller&state=delivered&market=YL"); list.text("number") != order.text("number") || list.list("lines")[0]["parts"] != nil {
		t.Errorf("on the seller's list: %v", list)
	}
	x.clean()
}

// A buyer would rather not have it: asks, and ends it by themselves when it is overdue.
func TestABuyerAsksToCancelAndCancelsWhatIsOverdue(t *testing.T) {
	x := openTrade(t)
	here, _ := x.bought(x.buyer, 1000)
	order := x.seen(x.buyer, here)
	if !order.has("moves", "ask-cancel") || order.has("moves", "cancel") || order.text("send_by") == "" {
		t.Fatalf("a paid order: %v", order)
	}
	x.ask("POST", here+"/ask-cancel", x.grower, nil).refused(403, "move_not_yours")
	for range 2 {
		order = x.does(x.buyer, here+"/ask-cancel", nil, "secured")
	}
	if steps := order.list("history"); steps[len(steps)-1].text("why") != "cancel_asked" || order.has("moves", "ask-cancel") {
		t.Errorf("asked: %v", order)
	}
	x.does(x.grower, here+"/accept", nil, "accepted") // they go on
	x.ask("POST", here+"/cancel", x.buyer, object{"reason": "等不了"}).refused(409, "cancel_early")
	x.clock.advance(7*24*time.Hour + time.Minute)
	if order = x.seen(x.buyer, here); !order.has("moves", "cancel") {
		t.Errorf("overdue: %v", order)
	}
	for range 2 {
		order = x.does(x.buyer, here+"/cancel", object{"reason": "等不了"}, "cancelled")
	}
	if steps := order.list("history"); steps[len(steps)-1].text("by") != "buyer" || steps[len(steps)-1].text("why") != "等不了" {
		t.Errorf("ended: %v", order)
	}
	x.drain()
	if order = x.seen(x.buyer, here); order.text("payment_state") != "refunded" || order.number("net_minor") != 0 {
		t.Errorf("it is given back: %v", order)
	}
	x.clean()
}

func TestASellerDeclinesAndAnOperatorCancels(t *testing.T) {
	x := openTrade(t)
	declined, _ := x.bought(x.buyer, 1000)
	x.ask("POST", declined+"/decline", x.stranger, nil).refused(404, "not_found")
	if order := x.seen(x.grower, declined); !order.has("moves", "decline") || order.has("moves", "cancel") {
		t.Errorf("a seller may: %v", order["moves"])
	}
	for range 2 {
		if order := x.does(x.grower, declined+"/decline", object{"reason": "卖完了"}, "cancelled"); order.number("net_minor") != 0 {
			t.Errorf("declined: %v", order)
		}
	}
	x.ask("POST", declined+"/accept", x.grower, nil).refused(409, "order_move")
	cancelled, _ := x.bought(x.buyer, 1000)
	x.ask("POST", cancelled+"/cancel", x.buyer, nil).refused(409, "order_move")
	x.does(x.boss, cancelled+"/cancel", object{"reason": "下架"}, "cancelled")
	x.drain()
	for _, here := range []string{declined, cancelled} {
		if order := x.seen(x.buyer, here); order.text("payment_state") != "refunded" {
			t.Errorf("%s: %v", here, order)
		}
		if refund := x.only(x.buyer, here+"/refunds"); refund.number("amount_minor") != 2600 || refund.text("state") != "succeeded" {
			t.Errorf("%v", refund)
		}
	}
	if all := x.items(x.buyer, "/orders?group=ended"); len(all) != 2 {
		t.Errorf("what has ended: %v", all)
	}
	x.clean()
}
