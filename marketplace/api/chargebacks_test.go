package api_test

import "testing"

// A chargeback walked with nothing but tokens: taken back, answered, decided.
func TestAChargebackIsWalkedByTheAPI(t *testing.T) {
	w := open(t)
	boss, _ := w.operator("Operator", w.market.ID)
	buyer, _, _ := w.person("王芳")
	var bought object
	w.ask("POST", "/checkouts", buyer, buying(w.goods(boss, 2600), 5000, "sandbox")).must(201, &bought)
	pay := "/payments/YL/" + bought.text("id")
	w.ask("POST", pay+"/take-back", boss, object{}).refused(409, "refund_not_paid")
	w.ask("POST", pay+"/sandbox", buyer, object{"outcome": "pay"}).must(200)
	w.drain()
	w.ask("POST", pay+"/take-back", buyer, object{}).refused(403, "operator_only")
	w.ask("POST", pay+"/take-back", boss, object{"amount_minor": -1}).refused(422, "invalid")
	for range 3 {
		w.ask("POST", pay+"/take-back", boss, object{"amount_minor": 14000}).must(204)
	}
	w.drain()
	var all struct {
		Items []object `json:"items"`
	}
	w.ask("GET", "/chargebacks?market=YL", buyer, nil).refused(403, "operator_only")
	w.ask("GET", "/chargebacks?market=YL", boss, nil).must(200, &all)
	if len(all.Items) != 1 || all.Items[0].text("state") != "open" || all.Items[0].number("amount_minor") != 14000 || all.Items[0].text("due_at") == "" {
		t.Fatalf("%v", all.Items)
	}
	way := "/chargebacks/YL/" + all.Items[0].text("id")
	w.ask("POST", way+"/evidence", boss, object{"evidence": " "}).refused(422, "required")
	for range 2 {
		w.ask("POST", way+"/evidence", boss, object{"evidence": "签收单号 7584"}).must(204)
	}
	w.ask("POST", way+"/evidence", boss, object{"evidence": "还有"}).refused(409, "evidence_sent")
	w.drain()
	w.ask("POST", way+"/decide", buyer, object{"won": true}).refused(403, "operator_only")
	for range 2 {
		w.ask("POST", way+"/decide", boss, object{"won": true}).must(204)
	}
	w.ask("POST", way+"/decide", boss, object{"won": false}).refused(409, "chargeback_closed")
	w.drain()
	w.ask("GET", "/chargebacks?market=YL", boss, nil).must(200, &all)
	if all.Items[0].text("state") != "won" || all.Items[0].text("sent_at") == "" {
		t.Fatalf("%v", all.Items)
	}
	w.ask("POST", "/payments/YL/"+all.Items[0].text("id")+"/take-back", boss, object{}).refused(404, "not_found")
	w.ask("GET", "/payments/odd?market=YL", boss, nil).must(200, &all)
	if len(all.Items) != 0 {
		t.Fatalf("odd: %v", all.Items)
	}
	w.ask("POST", pay+"/settle-odd", buyer, nil).refused(403, "operator_only")
	w.clean()
}
