package api_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"
)

// The whole story of an order, with nothing but tokens and JSON: two operators,
// a grower, an agent with a link, a buyer; less is packed than was ordered, the
// money is shared out, and a bank file pays grower and agent.
func TestAnOrderWalksItsWholeWayByTheAPI(t *testing.T) {
	w := open(t)
	first, _ := w.operator("First operator", w.market.ID)
	second, _ := w.operator("Second operator", w.market.ID)
	grower, _, _ := w.person("吐尔逊")
	agent, _, _ := w.person("马春兰")
	buyer, _, _ := w.person("王芳")

	// A program of the operator's does the rest of their part.
	var made object
	w.ask("POST", "/me/tokens", first, object{"name": "office", "scopes": "write"}).must(201, &made)
	program := made.text("token")
	w.ask("POST", "/me/tokens", program, object{"name": "more", "scopes": "write"}).refused(403, "session_only")

	w.ask("POST", "/rates", program, object{"market": "YL", "what": "fee", "rate_bp": 200}).must(201)
	w.ask("POST", "/commission-rules", program, object{"market": "yl", "rate_bp": 600, "hold_days": 7}).must(201)

	var producer, listing object
	w.ask("POST", "/producers", grower, object{"market": "YL", "name": "吐尔逊·买买提", "region": township, "exemption": "零星农产品"}).must(201, &producer)
	if producer.text("state") != "applied" {
		t.Fatalf("applied: %v", producer)
	}
	w.ask("GET", "/producers/YL/"+producer.text("id"), "", nil).refused(404, "producer_unknown")
	w.ask("POST", "/producers/YL/"+producer.text("id")+"/approve", grower, nil).refused(403, "operator_only")
	w.ask("POST", "/producers/YL/"+producer.text("id")+"/approve", program, nil).must(200)
	w.ask("POST", "/listings", grower, object{"market": "YL", "category": "walnut", "title": "薄皮核桃", "title_en": "Walnuts", "unit": "kg", "price_minor": 2600,
		"minimum": 500, "weight_band_bp": 300, "state": "live"}).must(201, &listing)
	goods := "/listings/YL/" + listing.text("id")
	w.ask("POST", goods+"/batches", grower, object{"amount": "200", "unit": "jin"}).must(201)
	var shown object
	w.ask("GET", goods, "", nil).must(200, &shown)
	if shown.number("available") != 100_000 || shown.text("currency") != "CNY" || shown.text("base_unit") != "g" {
		t.Fatalf("on the shelf: %v", shown)
	}

	var selling object
	w.ask("POST", "/agents", agent, object{"market": "YL"}).must(201, &selling)
	w.ask("POST", "/agents/YL/"+selling.text("id")+"/approve", program, nil).must(200)

	// The buyer comes by the agent's link: 5 kg at 26.00.
	var quote, bought, order object
	items := []object{{"market": "YL", "listing": listing.text("id"), "amount": "5", "unit": "kg"}}
	w.ask("POST", "/checkouts/quote", "", object{"items": items}).must(200, &quote)
	ask := object{"items": items, "seen_total_minor": quote.number("total_minor") - 1, "way": "sandbox", "agent_link": selling.text("code"),
		"deliver_to": object{"name": "王芳", "phone": "13900000000", "region": "北京市", "street": "学院路 1 号"}}
	p := w.ask("POST", "/checkouts", buyer, ask).refused(409, "price_changed")
	if p.Args["new"] != float64(13000) || !strings.Contains(p.Detail, "130") {
		t.Fatalf("the new total is not told: %+v", p)
	}
	for field, wrong := range map[string][]string{"pickup_from.0": {listing.text("id")}, "pickup_from.1": {producer.text("id"), "x"}} {
		if p := w.ask("POST", "/checkouts", buyer, object{"items": items, "way": "sandbox", "pickup_from": wrong, "deliver_to": ask["deliver_to"]}).refused(422, "invalid"); p.Field != field {
			t.Errorf("%v is refused at %s", wrong, p.Field)
		}
	}
	comes := object{"items": items, "way": "sandbox", "pickup_from": []string{producer.text("id")}, "deliver_to": object{"name": "王芳", "phone": "13900000000"}}
	w.ask("POST", "/checkouts", buyer, comes).refused(409, "pickup_none")
	delete(comes, "pickup_from")
	if p := w.ask("POST", "/checkouts", buyer, comes).refused(422, "required"); p.Field != "deliver_to.street" {
		t.Errorf("what is sent nowhere is refused at %s", p.Field)
	}
	ask["seen_total_minor"] = quote.number("total_minor")
	w.ask("POST", "/checkouts", buyer, ask, "Idempotency-Key", "buy-1").must(201, &bought)
	orders := boughtOrders(bought)
	if bought.number("total_minor") != 13000 || len(orders) != 1 || bought.text("pay_url") == "" {
		t.Fatalf("bought: %v", bought)
	}
	here := "/orders/YL/" + orders[0].(map[string]any)["id"].(string)
	w.ask("GET", here, w.guest(), nil).refused(404, "not_found")
	w.ask("POST", here+"/accept", grower, nil).refused(409, "order_move")
	w.ask("POST", "/payments/YL/"+bought.text("id")+"/sandbox", buyer, object{"outcome": "pay"}).must(200)
	w.ask("POST", "/checkouts/YL/"+bought.text("id")+"/settle", buyer, nil).must(200, &bought)
	if bought.text("state") != "captured" {
		t.Fatalf("settled: %v", bought)
	}
	w.drain()
	w.clean()

	w.ask("POST", here+"/accept", grower, nil).must(200, &order)
	if order.text("state") != "accepted" || order.text("as") != "seller" {
		t.Fatalf("accepted: %v", order)
	}
	w.ask("POST", here+"/pack", grower, object{"weights": []object{{"line": 1, "quantity": 1000}}}).refused(422, "weight_band")
	w.ask("POST", here+"/pack", grower, object{"weights": []object{{"line": 1, "quantity": 4900}}}).must(200, &order)
	if order.number("net_minor") != 12740 || order.text("payment_state") != "part_refunded" {
		t.Fatalf("packed less: %v", order)
	}
	w.clean()
	w.ask("POST", here+"/ship", grower, object{"carrier": "中通", "number": "7584"}).must(200)
	w.ask("POST", here+"/deliver", agent, nil).refused(403, "move_not_yours")
	var forAgent object
	w.ask("GET", here, agent, nil).must(200, &forAgent)
	if forAgent["deliver_to"] != nil || forAgent["payment"] != nil || forAgent.text("as") != "agent" {
		t.Fatalf("the agent sees too much: %v", forAgent)
	}
	w.ask("POST", here+"/deliver", buyer, nil).must(200)
	w.ask("POST", here+"/complete", buyer, nil).must(200, &order)
	if order.text("state") != "completed" || len(order["history"].([]any)) != 7 {
		t.Fatalf("completed: %v", order)
	}
	w.clean()

	// 6 % of 127.40 is 7.64 and waits for seven days.
	var earned object
	w.ask("GET", "/commissions?market=YL", agent, nil).must(200, &earned)
	if sums, _ := earned["sums_minor"].(map[string]any); sums["pending"] != float64(764) {
		t.Fatalf("earned: %v", earned)
	}
	w.clock.advance(8 * 24 * time.Hour)
	w.drain()
	for _, token := range []string{agent, grower, second, program} {
		w.ask("GET", "/me", token, nil).must(200) // sessions live longer than a test's days
	}
	w.ask("GET", "/commissions?market=YL", agent, nil).must(200, &earned)
	if sums, _ := earned["sums_minor"].(map[string]any); sums["payable"] != float64(764) {
		t.Fatalf("a week later: %v", earned)
	}

	// Both name an account, one operator drafts, the other approves.
	for token, holder := range map[string]string{grower: "吐尔逊·买买提", agent: "马春兰"} {
		var mine struct{ Items []object }
		w.ask("GET", "/me/payees", token, nil).must(200, &mine)
		path := "/me/payees/YL/" + mine.Items[0].text("id")
		w.ask("PUT", path+"/account", buyer, object{"holder": "x", "bank": "y", "number": "6222020200112233"}).refused(404, "payee_unknown")
		w.ask("PUT", path+"/account", token, object{"holder": holder, "bank": "农业银行", "number": "6222020200112233"}).must(204)
	}
	var batch, answered object
	w.ask("POST", "/payouts", program, object{"market": "YL"}, "Idempotency-Key", "pay-1").must(201, &batch)
	// 127.40 less 2 % is shared out whole: what the grower gets and the agent's 7.64.
	if batch.number("total_minor") != 12740-255 || batch.number("payouts") != 2 {
		t.Fatalf("drafted: %v", batch)
	}
	here = "/payouts/YL/" + batch.text("id")
	w.ask("POST", here+"/approve", program, nil).refused(403, "payout_self_approve")
	w.ask("POST", here+"/approve", grower, nil).refused(403, "operator_only")
	w.ask("POST", here+"/approve", second, nil).must(200, &batch)
	file := w.ask("GET", here+"/file", second, nil).must(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\xef\xbb\xbf"))).ReadAll()
	if err != nil || len(rows) != 3 || !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") {
		t.Fatalf("the bank file: %v %q", err, file.body)
	}
	answer := "number,state,reason\n" + rows[1][0] + ",paid,\n" + rows[2][0] + ",paid,\n"
	for range 2 { // the bank sends its answers twice
		w.ask("POST", here+"/answers", program, []byte(answer), "Content-Type", "text/csv").must(200, &answered)
	}
	if answered.text("state") != "closed" {
		t.Fatalf("answered: %v", answered)
	}
	w.clean()
	var report object
	w.ask("GET", "/audit?market=YL", second, nil).must(200, &report)
	if report["ok"] != true {
		t.Fatalf("the audit by the API: %v", report)
	}
	var trial struct{ Items []object }
	w.ask("GET", "/ledger/trial?market=1", second, nil).must(200, &trial)
	var sum int64
	for _, row := range trial.Items {
		sum += row.number("balance_minor")
	}
	if len(trial.Items) == 0 || sum != 0 {
		t.Fatalf("the trial balance adds up to %d: %v", sum, trial.Items)
	}
	w.accountOf(mine(w, grower), "吐尔逊·买买提", second, grower)
}

func mine(w *world, token string) string {
	var all struct{ Items []object }
	w.ask("GET", "/me/payees", token, nil).must(200, &all)
	return all.Items[0].text("id")
}

// accountOf reads what a payee was owed: earned and paid out, it comes to nothing.
func (w *world) accountOf(payee, name, operator, payeeToken string) {
	w.t.Helper()
	at := "/ledger/accounts/YL/owed:" + payee
	var x struct {
		Payee                           string `json:"payee"`
		Opening, Debit, Credit, Closing int64
		Postings                        []object `json:"postings"`
		Payees                          map[string]string
		Next                            string
	}
	w.ask("GET", at+"?limit=1", operator, nil).must(200, &x)
	if x.Payee != name || x.Payees["owed:"+payee] != name || len(x.Postings) != 1 || x.Next == "" || x.Postings[0].number("balance_minor") != 0 {
		w.t.Errorf("the newest of it: %+v", x)
	}
	w.ask("GET", at+"?after="+x.Next, operator, nil).must(200, &x)
	if n := len(x.Postings); n != 1 || x.Postings[0].number("balance_minor") == 0 || x.Next != "" {
		w.t.Errorf("the first of it: %+v", x)
	}
	w.ask("GET", at+"?from=2000-01-01&to=2000-01-31", operator, nil).must(200, &x)
	if len(x.Postings) != 0 {
		w.t.Errorf("before all of it: %+v", x)
	}
	for query, code := range map[string]string{"?from=soon": "not_a_day", "?from=2026-02-02&to=2026-02-01": "days_backwards", "?to=2026-02-30": "not_a_day", "?after=x": "cursor_bad"} {
		w.ask("GET", at+query, operator, nil).refused(422, code)
	}
	file := w.ask("GET", at+"/csv", operator, nil).must(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\xef\xbb\xbf"))).ReadAll()
	if err != nil || len(rows) != 5 || rows[4][7] != rows[4][8] || rows[4][9] != "0.00" {
		w.t.Errorf("as a file: %v %q", err, file.body)
	}
	w.ask("GET", at+"/csv", payeeToken, nil).refused(403, "operator_only")
	w.ask("GET", "/ledger/accounts/YL/pocket/csv", operator, nil).refused(404, "not_found")
}

// guest opens a session without an account.
func (w *world) guest() string {
	var g object
	w.ask("POST", "/sessions/guest", "", nil).must(201, &g)
	return g.text("token")
}

func TestAGuestBuysByTransferAndAnOperatorConfirms(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	listing := w.goods(operator, 2600)
	guest := w.guest()
	var bought, paid object
	w.ask("POST", "/checkouts", guest, buying(listing, 1000, "bank")).must(201, &bought)
	if bought.text("pay_url") != "" || bought.text("reference") == "" {
		t.Fatalf("by transfer: %v", bought)
	}
	var waiting struct{ Items []object }
	w.ask("GET", "/payments?market=YL", operator, nil).must(200, &waiting)
	if len(waiting.Items) != 1 {
		t.Fatalf("waited for: %v", waiting)
	}
	here := "/payments/YL/" + bought.text("id")
	w.ask("POST", here+"/transfers", guest, object{"amount_minor": 2600, "bank_reference": "A1"}).refused(401, "sign_in_first")
	for range 2 {
		w.ask("POST", here+"/transfers", operator, object{"amount_minor": 2600, "bank_reference": "A1"}).must(200, &paid)
	}
	if paid.text("state") != "captured" || paid.number("captured_minor") != 2600 {
		t.Fatalf("confirmed: %v", paid)
	}
	var mine struct{ Items []object }
	w.drain()
	w.ask("GET", "/orders", guest, nil).must(200, &mine)
	if len(mine.Items) != 1 || mine.Items[0].text("state") != "secured" {
		t.Fatalf("the guest's orders: %v", mine)
	}
	w.ask("POST", "/orders/YL/"+mine.Items[0].text("id")+"/refunds", guest, object{"reason": "x"}).refused(401, "sign_in_first")
	var back object
	w.ask("POST", "/orders/YL/"+mine.Items[0].text("id")+"/refunds", operator, object{"reason": "damaged", "lines": []object{{"line": 1, "amount_minor": 600}}}).must(201, &back)
	w.drain()
	w.ask("POST", "/refunds/YL/"+back.text("id")+"/finish", operator, object{"done": true}).must(200, &back)
	if back.text("state") != "succeeded" || back.number("amount_minor") != 600 {
		t.Fatalf("refunded: %v", back)
	}
	w.clean()
}

// goods puts walnuts of an offline producer on the shelf and gives their id.
func (w *world) goods(operator string, price int64) string {
	w.t.Helper()
	var producer, listing object
	w.ask("POST", "/producers", operator, object{"market": "YL", "offline": true, "state": "active", "name": "合作社", "region": township, "exemption": "自产"}).must(201, &producer)
	w.ask("POST", "/listings", operator, object{"market": "YL", "producer": producer.text("id"), "category": "walnut", "title": "核桃", "unit": "kg",
		"price_minor": price, "minimum": 500, "weight_band_bp": 300, "state": "live"}).must(201, &listing)
	w.ask("POST", "/listings/YL/"+listing.text("id")+"/batches", operator, object{"quantity": 1_000_000}).must(201)
	return listing.text("id")
}

func buying(listing string, grams int64, way string) object {
	return object{"items": []object{{"market": "YL", "listing": listing, "quantity": grams}}, "way": way,
		"deliver_to": object{"name": "王芳", "phone": "13900000000", "street": "学院路 1 号"}}
}

// boughtOrders are the orders of a checkout in one market.
func boughtOrders(checkout object) []any {
	baskets, _ := checkout["baskets"].([]any)
	if len(baskets) != 1 {
		return nil
	}
	first, _ := baskets[0].(map[string]any)
	orders, _ := first["orders"].([]any)
	return orders
}
