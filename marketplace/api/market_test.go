package api_test

import (
	"testing"

	"commonfield/storage"
)

// A market is opened by the platform's operators alone, once for a key, with its
// first rates and rule.
func TestAMarketIsOpenedByTheAPI(t *testing.T) {
	w := open(t)
	owner, _ := w.operator("Owner", storage.Platform)
	local, _ := w.operator("Operator", w.market.ID)
	ask := object{"code": "KE", "name": "库尔勒集市", "name_en": "Korla", "region": township[:4] + "01", "currency": "CNY", "time_zone": "Asia/Shanghai", "operator": "合作社",
		"account": object{"holder": "库尔勒集市", "bank": "农业银行", "number": "103290000000002"}, "fee_bp": 250, "tax_bp": 100, "hold_days": 5, "capital_minor": 50000}
	w.ask("POST", "/markets", local, ask).refused(403, "operator_only")
	w.ask("POST", "/markets", owner, object{"code": "KE", "name": "x", "region": "65", "currency": "CNY", "time_zone": "Asia/Shanghai", "fee_bp": 9000}).refused(422, "out_of_range")
	ask["region"] = township[:6]
	var opened, treasury object
	for range 2 {
		w.ask("POST", "/markets", owner, ask, "Idempotency-Key", "open-1").must(201, &opened)
	}
	if opened.text("code") != "KE" || opened["paused"] != false || opened.within("account").text("holder") != "库尔勒集市" {
		t.Fatalf("opened: %v", opened)
	}
	ask["name"] = "又一个"
	w.ask("POST", "/markets", owner, ask, "Idempotency-Key", "open-2").refused(409, "taken.market")
	if all := w.items("", "/markets"); len(all) != 2 {
		t.Errorf("%d markets", len(all))
	}
	rates := map[string]int64{}
	for _, r := range w.items(owner, "/rates?market=KE") {
		rates[r.text("what")] = r.number("rate_bp")
	}
	rules := w.items(owner, "/commission-rules?market=KE")
	if rates["fee"] != 250 || rates["tax"] != 100 || len(rules) != 1 || rules[0].number("rate_bp") != 800 || rules[0].number("hold_days") != 5 || rules[0]["valid_to"] != nil {
		t.Errorf("rates %v, rules %v", rates, rules)
	}
	w.ask("GET", "/treasury?market=KE", owner, nil).must(200, &treasury)
	if treasury.number("bank_minor") != 50000 || treasury.number("capital_minor") != 50000 {
		t.Errorf("the treasury: %v", treasury)
	}
	w.ask("GET", "/rates?market=KE", local, nil).refused(403, "operator_only")
	w.clean()
}
