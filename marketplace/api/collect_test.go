package api_test

import (
	"strings"
	"testing"

	"commonfield/agents/cash"
	"commonfield/agents/terms"
	"commonfield/storage/id"
)

// on sets on which terms the grower sells, and gives the payee that they are paid as.
func (x *trade) on(t terms.Terms) (payee string) {
	x.t.Helper()
	seller, _ := id.Parse(x.seller)
	_, err := terms.Set(x.t.Context(), x.m.DB, x.market.ID, seller, seller, 0, t)
	x.ok(err)
	return mine(x.world, x.grower)
}

// An order is fetched: its delivery goes back, and the buyer's code hands it over.
func TestAnOrderIsPickedUpForItsCodeByTheAPI(t *testing.T) {
	x := openTrade(t)
	sent, _ := x.bought(x.buyer, 1000)
	x.ask("POST", sent+"/pickup", x.buyer, nil).refused(409, "pickup_none")
	x.on(terms.Terms{Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800, Further: 200}}}}, Pickup: &terms.Point{Name: "兴平镇供销社", Address: "团结路 12 号", Hours: "9:00–19:00"}})
	var bought object
	ask := buying(x.listing, 2000, "sandbox")
	ask["deliver_to"].(object)["region_code"] = "110000"
	x.ask("POST", "/checkouts", x.buyer, ask).must(201, &bought)
	x.ask("POST", "/payments/YL/"+bought.text("id")+"/sandbox", x.buyer, object{"outcome": "pay"}).must(200)
	x.drain()
	here := orderPath(bought)
	order := x.seen(x.buyer, here)
	if order.number("net_minor") != 6200 || order["pickup"] != nil || order.list("charges")[0].text("label") != "delivery" {
		t.Fatalf("sent for 10.00: %v", order)
	}
	x.ask("POST", here+"/ready", x.grower, nil).refused(409, "pickup_not_chosen")
	x.ask("POST", here+"/pickup", x.grower, nil).refused(403, "move_not_yours")
	for range 2 {
		order = x.does(x.buyer, here+"/pickup", nil, "secured")
	}
	if order.number("net_minor") != 5200 || order.within("pickup").text("address") != "团结路 12 号" || order.within("pickup")["code"] != nil {
		t.Errorf("the delivery goes back: %v", order)
	}
	x.does(x.grower, here+"/accept", nil, "accepted")
	x.does(x.grower, here+"/pack", nil, "packed")
	x.ask("POST", here+"/ship", x.grower, object{"carrier": "中通", "number": "1"}).refused(409, "pickup_chosen")
	x.ask("POST", here+"/ready", x.buyer, nil).refused(403, "move_not_yours")
	for range 2 {
		if order = x.does(x.grower, here+"/ready", nil, "shipped"); order.within("pickup")["code"] != nil {
			t.Errorf("the seller sees the code: %v", order)
		}
	}
	code := x.seen(x.buyer, here).within("pickup").text("code")
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		t.Fatalf("the code is %q", code)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	x.ask("POST", here+"/collect", x.buyer, object{"code": code}).refused(403, "move_not_yours")
	x.ask("POST", here+"/collect", x.grower, object{"code": ""}).refused(422, "required")
	for range 3 {
		x.ask("POST", here+"/collect", x.grower, object{"code": wrong}).refused(422, "pickup_code")
	}
	for range 2 {
		x.does(x.grower, here+"/collect", object{"code": code}, "delivered")
	}
	x.ask("POST", here+"/collect", x.grower, object{"code": code}).refused(429, "too_many")
	x.does(x.buyer, here+"/complete", nil, "completed")
	x.drain()
	if refund := x.only(x.buyer, here+"/refunds"); refund.number("amount_minor") != 1000 || refund.text("reason") != "pickup" {
		t.Errorf("%v", refund)
	}
	x.clean()
}

// An order is paid in cash when it arrives: exactly, once, to whoever collects.
func TestAnOrderIsPaidInCashOnDeliveryByTheAPI(t *testing.T) {
	x := openTrade(t)
	cashed := buying(x.listing, 1000, "cash")
	x.ask("POST", "/checkouts", x.buyer, cashed).refused(409, "cash_not_taken")
	payee, _ := id.Parse(x.on(terms.Terms{Cash: &terms.Cash{}}))
	x.ask("POST", "/checkouts", x.buyer, cashed).refused(409, "cash_full")
	x.ok(cash.Trust(t.Context(), x.m.DB, x.market.ID, payee, 5000, id.New()))
	var quote, bought object
	x.ask("POST", "/checkouts/quote", x.buyer, object{"items": cashed["items"]}).must(200, &quote)
	if quote["cash"] != true {
		t.Errorf("quoted: %v", quote)
	}
	x.ask("POST", "/checkouts", x.buyer, cashed).must(201, &bought)
	here := orderPath(bought)
	if bought.text("way") != "cash" || bought.text("pay_url") != "" || boughtOrders(bought)[0].(map[string]any)["state"] != "secured" {
		t.Fatalf("bought: %v", bought)
	}
	x.ask("POST", "/checkouts", x.buyer, cashed).refused(409, "cash_full") // 26.00 more would be more than they may have
	order := x.seen(x.grower, here)
	if order.within("cash").number("due_minor") != 2600 || order.within("cash").text("by") == "" || order["moves"] == nil || order.has("moves", "refund") {
		t.Errorf("to collect: %v", order)
	}
	take := object{"sum_minor": 2600}
	x.ask("POST", here+"/cash", x.grower, take).must(409)
	x.does(x.grower, here+"/accept", nil, "accepted")
	x.does(x.grower, here+"/pack", object{"weights": []object{{"line": 1, "quantity": 980}}}, "packed")
	take["sum_minor"] = 2548
	if order = x.does(x.grower, here+"/ship", object{"carrier": "中通", "number": "1"}, "shipped"); !order.has("moves", "cash") || order.within("cash").number("due_minor") != 2548 {
		t.Errorf("on its way: %v", order)
	}
	if order = x.seen(x.buyer, here); order.has("moves", "deliver") || order.has("moves", "cash") {
		t.Errorf("its buyer may %v", order["moves"])
	}
	x.ask("POST", here+"/deliver", x.buyer, nil).refused(409, "cash_first")
	x.ask("POST", here+"/disputes", x.buyer, object{"reason": "not_arrived", "text": "x"}).refused(409, "dispute_not_now")
	x.ask("POST", here+"/cash", x.buyer, take).refused(403, "move_not_yours")
	x.ask("POST", here+"/cash", x.stranger, take).refused(404, "not_found")
	if p := x.ask("POST", here+"/cash", x.grower, object{"sum_minor": 2600}).refused(422, "cash_exact"); p.Field != "sum_minor" {
		t.Errorf("another sum is refused at %q", p.Field)
	}
	for range 2 {
		order = x.does(x.grower, here+"/cash", take, "delivered")
	}
	if c := order.within("cash"); c.number("taken_minor") != 2548 || c.number("due_minor") != 0 || c.text("taken_at") == "" || order.text("payment_state") != "paid" {
		t.Errorf("taken: %v", order)
	}
	x.does(x.buyer, here+"/complete", nil, "completed")
	x.drain()
	x.clean()
}
