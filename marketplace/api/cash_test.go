package api_test

import (
	"net/http"
	"testing"
)

// trusted lets the agent hold 300.00 and gives them 200.00 of the market's.
func (x *business) trusted() {
	x.t.Helper()
	x.funded(100_000)
	hand := "/cash/YL/" + x.hand
	x.ask("POST", hand+"/trust", x.boss, object{"limit_minor": 30000}).must(200)
	x.ask("POST", hand+"/give", x.boss, object{"amount_minor": 20000, "bank_reference": "F-1"}).must(200)
}

// laid drafts and approves what is paid in cash, and gives the batch's address.
func (x *business) laid() string {
	x.t.Helper()
	var batch object
	x.ask("POST", "/payouts", x.boss, object{"market": "YL", "way": "cash"}).must(201, &batch)
	here := "/payouts/YL/" + batch.text("id")
	x.ask("POST", here+"/approve", x.second, nil).must(200, &batch)
	x.drain()
	if batch.text("layout") != "cash" || batch.text("state") != "submitted" {
		x.t.Fatalf("in hand: %v", batch)
	}
	x.ask("GET", here+"/file", x.second, nil).refused(409, "payout_state")
	return here
}

type purse struct{ Holds, Give, Collect []object }

func (x *business) purse(token string) (p purse) {
	x.t.Helper()
	x.ask("GET", "/me/cash", token, nil).must(200, &p)
	return p
}

// Cash walks from the bank to an agent, from the agent to a grower who shows a
// code, and what is left back to the bank.
func TestCashIsTrustedGivenHandedOverAndBanked(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	x.sold(5000)
	hand := "/cash/YL/" + x.hand
	w.ask("POST", hand+"/give", x.boss, object{"amount_minor": 5, "bank_reference": "F-1"}).refused(404, "cash_holder_unknown")
	w.ask("POST", hand+"/trust", x.agent, object{"limit_minor": 5}).refused(403, "operator_only")
	w.ask("POST", hand+"/trust", x.boss, object{"limit_minor": 0}).refused(422, "out_of_range")
	x.trusted()
	var holder object
	for range 2 {
		w.ask("POST", hand+"/give", x.boss, object{"amount_minor": 20000, "bank_reference": "F-1"}).must(200, &holder)
	}
	if holder.number("holds_minor") != 20000 || holder.number("limit_minor") != 30000 || holder.text("state") != "active" {
		t.Errorf("given: %v", holder)
	}
	w.ask("POST", hand+"/give", x.boss, object{"amount_minor": 20001, "bank_reference": "F-1"}).refused(409, "reference_used")
	w.ask("POST", hand+"/give", x.boss, object{"amount_minor": 10001, "bank_reference": "F-2"}).refused(409, "cash_limit")

	own := "/me/payees/YL/" + x.payee + "/cash"
	w.ask("PUT", own, x.agent, object{"hand": x.hand}).refused(404, "payee_unknown")
	w.ask("PUT", own, x.boss, object{"hand": x.hand}).refused(403, "forbidden")
	w.ask("PUT", own, x.grower, object{"hand": x.payee}).refused(404, "cash_holder_unknown")
	for range 2 {
		w.ask("PUT", own, x.grower, object{"hand": x.hand}).must(204)
	}
	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).refused(409, "payout_nothing")
	x.laid()
	w.clean()

	mine, theirs := x.purse(x.grower), x.purse(x.agent)
	if len(mine.Collect) != 1 || len(theirs.Give) != 1 || len(theirs.Holds) != 1 || len(theirs.Collect) != 0 || len(mine.Give) != 0 {
		t.Fatalf("the grower has %+v, the agent %+v", mine, theirs)
	}
	waits := mine.Collect[0]
	if waits.number("amount_minor") != 11960 || waits.text("hand") != "马春兰" || waits["by_code"] != true || waits.text("state") != "in_transit" {
		t.Errorf("to collect: %v", waits)
	}
	here := "/handovers/YL/" + waits.text("id")
	w.ask("POST", here+"/code", x.buyer, nil).refused(404, "payout_unknown")
	w.ask("POST", here+"/code", x.agent, nil).refused(404, "payout_unknown")
	w.ask("POST", here+"/done", x.agent, object{"code": "000000"}).refused(422, "handover_no_code")
	var drawn, done object
	w.ask("POST", here+"/code", x.grower, nil).must(200, &drawn)
	w.ask("POST", here+"/done", x.grower, object{"code": drawn.text("code")}).refused(404, "payout_unknown")
	w.ask("POST", here+"/done", x.agent, object{"witness_one": "甲", "witness_two": "乙"}).refused(409, "handover_code_needed")
	if p := w.ask("POST", here+"/done", x.agent, object{"code": "12"}).refused(422, "handover_code"); p.Args["left"] != float64(4) {
		t.Errorf("a wrong code: %+v", p)
	}
	for range 2 {
		w.ask("POST", here+"/done", x.agent, object{"code": drawn.text("code")}).must(200, &done)
	}
	if done.text("state") != "paid" || done.text("how") != "code" || done.text("done_at") == "" {
		t.Errorf("handed over: %v", done)
	}
	w.ask("POST", here+"/back", x.boss, object{"reason": "x"}).refused(409, "payout_answered")
	w.ask("GET", here+"/photo", x.boss, nil).refused(404, "photo_unknown")
	w.drain()
	if p := x.purse(x.agent); len(p.Give) != 0 || p.Holds[0].number("holds_minor") != 8040 {
		t.Errorf("the agent then: %+v", p)
	}

	w.ask("POST", hand+"/bank", x.boss, object{"amount_minor": 8041, "bank_reference": "B-1"}).refused(409, "cash_short")
	for range 2 {
		w.ask("POST", hand+"/bank", x.boss, object{"amount_minor": 8040, "bank_reference": "B-1"}).must(200, &holder)
	}
	if holder.number("holds_minor") != 0 || x.balance("bank:operating") != 100_000-11960 {
		t.Errorf("banked: %v, in the bank %d", holder, x.balance("bank:operating"))
	}
	for range 2 {
		w.ask("POST", hand+"/stop", x.boss, object{"reason": "搬走了"}).must(200, &holder)
	}
	if holder.text("state") != "stopped" {
		t.Errorf("stopped: %v", holder)
	}
	w.ask("POST", hand+"/give", x.boss, object{"amount_minor": 5, "bank_reference": "F-3"}).refused(409, "cash_stopped")
	w.clean()
}

// A grower without a telephone gets the money before two witnesses and a camera;
// what nobody comes for is called back and owed again.
func TestCashGoesOverBeforeWitnessesAndIsCalledBack(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	x.trusted()
	x.listing = w.goods(x.boss, 1000)
	var all struct{ Due []object }
	x.grower = x.boss // who acts for a grower without an account
	x.sold(5000)
	w.ask("GET", "/payouts?market=YL", x.boss, nil).must(200, &all)
	if len(all.Due) != 1 || all.Due[0].number("amount_minor") != 4600 || all.Due[0].text("reason") == "" {
		t.Fatalf("due: %v", all.Due)
	}
	own := "/me/payees/YL/" + all.Due[0].text("payee") + "/cash"
	w.ask("PUT", own, x.buyer, object{"hand": x.hand}).refused(404, "payee_unknown")
	w.ask("PUT", own, x.boss, object{"hand": x.hand}).must(204)

	x.laid()
	var cash struct {
		Out, Holders []object
	}
	w.ask("GET", "/cash?market=YL", x.second, nil).must(200, &cash)
	if len(cash.Out) != 1 || len(cash.Holders) != 1 || cash.Holders[0].number("holds_minor") != 20000 || cash.Out[0]["by_code"] != false {
		t.Fatalf("out: %+v", cash)
	}
	here := "/handovers/YL/" + cash.Out[0].text("id")
	w.ask("POST", here+"/back", x.agent, object{"reason": "没来"}).refused(403, "operator_only")
	var back, done object
	for range 2 {
		w.ask("POST", here+"/back", x.boss, object{"reason": "没来"}).must(200, &back)
	}
	if back.text("state") != "failed" {
		t.Errorf("called back: %v", back)
	}
	w.ask("POST", here+"/done", x.agent, object{"code": "1"}).refused(409, "payout_answered")
	w.clean()

	x.laid()
	w.ask("GET", "/cash?market=YL", x.second, nil).must(200, &cash)
	here = "/handovers/YL/" + cash.Out[0].text("id")
	picture := jpegOf(t, 40, 30)
	var taken object
	w.ask("POST", here+"/photo", x.boss, picture, "Content-Type", "image/jpeg").refused(404, "payout_unknown")
	w.ask("POST", here+"/photo", x.agent, picture, "Content-Type", "image/jpeg").must(201, &taken)
	proof := func(one, two, photo string) object {
		return object{"witness_one": one, "witness_two": two, "photo": photo}
	}
	w.ask("POST", here+"/done", x.agent, proof("甲", "甲", taken.text("key"))).refused(422, "witness_same")
	w.ask("POST", here+"/done", x.agent, proof("甲", "马春兰", taken.text("key"))).refused(422, "witness_party")
	w.ask("POST", here+"/done", x.agent, proof("甲", "乙", "handover/none")).refused(422, "photo_unknown")
	w.ask("POST", here+"/done", x.agent, proof("甲", "乙", taken.text("key"))).must(200, &done)
	if done.text("state") != "paid" || done.text("how") != "witnesses" {
		t.Errorf("handed over: %v", done)
	}
	w.ask("GET", here+"/photo", x.agent, nil).refused(403, "operator_only")
	if s := w.ask("GET", here+"/photo", x.second, nil).must(200); http.DetectContentType(s.body) != "image/jpeg" || s.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture is %v", s.header)
	}
	w.drain()
	w.clean()
}
