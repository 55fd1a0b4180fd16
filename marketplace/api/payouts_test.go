package api_test

import (
	"bytes"
	"testing"
)

// The rules of a market's payouts are set by a program and read back: what they
// say is what the next draft and its file do.
func TestRulesOfPayoutsAreSetReadBackAndFollowed(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	var has object
	w.ask("GET", "/payout-rules?market=YL", x.boss, nil).must(200, &has)
	if has.text("layout") != "csv" || has.number("every_days") != 7 || has["by_itself"] != false {
		t.Errorf("the usual: %v", has)
	}
	rules := func(layout string, minimum, large, days int) object {
		return object{"market": "YL", "layout": layout, "minimum_minor": minimum, "large_minor": large, "every_days": days, "by_itself": false}
	}
	w.ask("POST", "/payout-rules", x.boss, rules("pain.001.001.09", 0, 10000, 14)).refused(409, "payout_from_missing")
	w.ask("PATCH", "/markets/YL", x.boss, object{"account": object{"holder": "尉犁集市", "bank": "农业银行", "number": "103290000000001"}}).must(200)
	for range 2 {
		w.ask("POST", "/payout-rules", x.boss, rules("pain.001.001.09", 20000, 20000, 14)).must(200, &has)
	}
	w.ask("POST", "/payout-rules", x.boss, rules("pain", 0, 1, 14)).refused(422, "not_one_of")
	w.ask("POST", "/payout-rules", x.boss, rules("csv", 0, 1, 32)).refused(422, "days_between")
	w.ask("POST", "/payout-rules", x.boss, rules("csv", -1, 1, 7)).refused(422, "out_of_range")
	w.ask("POST", "/payout-rules", x.grower, rules("csv", 0, 1, 7)).refused(403, "operator_only")
	w.ask("GET", "/payout-rules?market=YL", x.second, nil).must(200, &has)
	if has.text("layout") != "pain.001.001.09" || has.number("minimum_minor") != 20000 || has.number("large_minor") != 20000 || has.number("every_days") != 14 {
		t.Errorf("read back: %v", has)
	}

	// 119.60 is below the minimum, twice of it is a large one.
	x.sold(5000)
	x.account("吐尔逊")
	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).refused(409, "payout_nothing")
	x.sold(5000)
	var batch, shown object
	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).must(201, &batch)
	here := "/payouts/YL/" + batch.text("id")
	w.ask("POST", here+"/approve", x.second, nil).must(200)
	w.ask("GET", here, x.second, nil).must(200, &shown)
	row := shown.list("rows")[0]
	if shown.text("layout") != "pain.001.001.09" || row["large"] != true || row["first"] != true || row.number("amount_minor") != 2*11960 || row.text("state") != "in_transit" {
		t.Errorf("the batch: %v", shown)
	}
	if file := w.ask("GET", here+"/file", x.second, nil).must(200); !bytes.Contains(file.body, []byte("<InstdAmt Ccy=\"CNY\">239.20</InstdAmt>")) {
		t.Errorf("the file: %s", file.body)
	}
	w.clean()
}

// A draft is given up, another one goes, and the bank gives its money back: each
// time what the grower earned waits again.
func TestADraftIsGivenUpAndAPayoutComesBack(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	x.sold(5000)
	x.account("吐尔逊")
	x.funded(100_000)
	due := func(want int64) {
		t.Helper()
		var all struct{ Due []object }
		w.ask("GET", "/payouts?market=YL", x.boss, nil).must(200, &all)
		var sum int64
		for _, d := range all.Due {
			if d.text("reason") == "" {
				sum += d.number("amount_minor")
			}
		}
		if sum != want {
			t.Errorf("%d is due, not %d", sum, want)
		}
	}
	due(11960)
	var batch object
	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).must(201, &batch)
	due(0)
	here := "/payouts/YL/" + batch.text("id")
	w.ask("POST", here+"/cancel", x.grower, nil).refused(403, "operator_only")
	for range 2 {
		w.ask("POST", here+"/cancel", x.boss, object{"reason": "下周一起付"}).must(200, &batch)
	}
	if batch.text("state") != "cancelled" {
		t.Errorf("given up: %v", batch)
	}
	w.ask("POST", here+"/approve", x.second, nil).refused(409, "payout_state")
	w.ask("GET", here+"/file", x.second, nil).refused(409, "payout_state")
	due(11960)

	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).must(201, &batch)
	here = "/payouts/YL/" + batch.text("id")
	w.ask("POST", here+"/approve", x.second, nil).must(200)
	w.ask("POST", here+"/cancel", x.boss, nil).refused(409, "payout_state")
	var shown object
	w.ask("GET", here, x.boss, nil).must(200, &shown)
	one := here + "/" + shown.list("rows")[0].text("id")
	w.ask("POST", one+"/returned", x.boss, object{"reason": "账号已注销"}).refused(409, "payout_answered")
	w.ask("POST", here+"/answers", x.boss, object{"rows": []object{{"payout": one[len(here)+1:], "state": "paid"}}}).must(200, &batch)
	if batch.text("state") != "closed" || x.balance("bank:operating") != 100_000-11960 {
		t.Errorf("paid: %v, in the bank %d", batch, x.balance("bank:operating"))
	}
	w.ask("POST", one+"/recall", x.boss, object{"reason": "算错了"}).refused(409, "payout_not_transfer")
	for range 2 {
		w.ask("POST", one+"/returned", x.boss, object{"reason": "账号已注销"}).must(200, &shown)
	}
	row := shown.list("rows")[0]
	if row.text("state") != "returned" || row.text("reason") != "账号已注销" || x.balance("bank:operating") != 100_000 {
		t.Errorf("returned: %v", row)
	}
	due(11960)
	if all := w.items(x.grower, "/me/payees"); all[0].number("open_minor") != 11960 {
		t.Errorf("the grower sees %v", all)
	}
	w.clean()
}

// An account under another's name waits for somebody who has seen the card; one
// under suspicion is stopped and let go again.
func TestAnAccountIsCheckedStoppedAndFreed(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	x.sold(5000)
	x.account("别人")
	waits := w.items(x.boss, "/payout-accounts?market=YL&waits=yes")
	if len(waits) != 1 || waits[0].text("state") != "pending" || waits[0].text("number_tail") != "2233" || waits[0].text("holder") != "别人" {
		t.Fatalf("waits: %v", waits)
	}
	here := "/payout-accounts/YL/" + waits[0].text("id")
	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).refused(409, "payout_nothing")
	w.ask("POST", "/roles", x.boss, object{"market": "YL", "person": self(w, x.grower), "role": "operator"}).must(201)
	w.ask("POST", here+"/check", x.grower, nil).refused(403, "account_own")
	w.ask("POST", here+"/check", x.agent, nil).refused(403, "operator_only")
	state := func(want string) {
		t.Helper()
		if all := w.items(x.boss, "/payout-accounts?market=YL"); len(all) != 1 || all[0].text("state") != want {
			t.Errorf("not %s: %v", want, all)
		}
	}
	for range 2 {
		w.ask("POST", here+"/check", x.boss, nil).must(204)
	}
	state("active")
	w.ask("POST", here+"/restrict", x.boss, nil).refused(422, "required")
	for range 2 {
		w.ask("POST", here+"/restrict", x.boss, object{"reason": "卡不是本人的"}).must(204)
	}
	state("restricted")
	w.ask("POST", here+"/check", x.boss, nil).refused(409, "account_state")
	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).refused(409, "payout_nothing")
	w.ask("POST", here+"/free", x.grower, nil).refused(403, "account_own")
	for range 2 {
		w.ask("POST", here+"/free", x.boss, nil).must(204)
	}
	state("active")
	w.ask("POST", "/payout-accounts/YL/"+x.payee+"/free", x.boss, nil).refused(404, "bank_account_missing")
	w.ask("POST", "/payouts", x.boss, object{"market": "YL"}).must(201)
	w.clean()
}

// self is the id of whose token it is.
func self(w *world, token string) string {
	var p object
	w.ask("GET", "/me", token, nil).must(200, &p)
	return p.text("id")
}
