package api_test

import (
	"fmt"
	"net/url"
	"sync"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/ledger"
)

func TestRulesOfCommissionAreTriedMovedAndEndedByTheAPI(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	w.ask("POST", "/rates", operator, object{"market": "YL", "what": "fee", "rate_bp": 200}).must(201)
	var general, walnut object
	w.ask("POST", "/commission-rules", operator, object{"market": "YL", "rate_bp": 600, "hold_days": 7}).must(201, &general)
	w.ask("POST", "/commission-rules", operator, object{"market": "YL", "category": "walnut", "rate_bp": 800, "hold_days": 7}).must(201, &walnut)
	try := func(category string, agent, seller float64, verdicts ...string) {
		t.Helper()
		var told object
		w.ask("GET", "/commission-rules/try?market=YL&amount_minor=10000&category="+url.QueryEscape(category), operator, nil).must(200, &told)
		parts, rules := told["parts"].(map[string]any), told["rules"].([]any)
		if parts["agent_minor"] != agent || parts["seller_minor"] != seller {
			t.Errorf("%q: %v", category, parts)
		}
		for i, want := range verdicts {
			if got := rules[i].(map[string]any)["verdict"]; got != want {
				t.Errorf("%q: rule %d is %v, not %s", category, i, got, want)
			}
		}
	}
	try("walnut", 600, 9200, "wins", "later")
	place := "/commission-rules/YL/" + walnut.text("id")
	for range 2 {
		w.ask("POST", place+"/place", operator, object{"place": 1}).must(200)
	}
	try("walnut", 800, 9000, "wins", "later")
	try("", 600, 9200, "category", "wins")
	for _, wrong := range []int{0, -1, 3, 1 << 40} {
		w.ask("POST", place+"/place", operator, object{"place": wrong}).refused(422, "out_of_range")
	}
	w.ask("POST", place+"/close", operator, nil).must(200)
	w.ask("POST", place+"/place", operator, object{"place": 1}).refused(409, "rule_over")
	w.ask("POST", "/commission-rules/YL/"+w.market.RegionCode+"/close", operator, nil).refused(404, "not_found")
	w.ask("GET", "/commission-rules/try?market=YL&amount_minor=-5", operator, nil).refused(422, "out_of_range")
	w.ask("GET", "/commission-rules/try?market=YL&amount_minor=5&category=gold", operator, nil).refused(422, "unknown_category")
	buyer, _, _ := w.person("王芳")
	w.ask("POST", place+"/place", buyer, object{"place": 1}).refused(403, "operator_only")
}

func TestATransferBetweenMarketsIsBookedByTheAPIInBothBooks(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	other := dbtest.Market(t, w.m.DB)
	for market, leg := range map[int32]ledger.Leg{w.market.ID: {Debit: ledger.GatewayClearing, Credit: ledger.Intermarket(other), Amount: 12723}, other: {Debit: ledger.Intermarket(w.market.ID), Credit: ledger.OwnCapital, Amount: 12723}} {
		if err := w.m.DB.Update(t.Context(), market, func(tx *storage.Tx) error {
			return ledger.Post(tx, ledger.Entry{Cause: "payment:x:share", Legs: []ledger.Leg{leg}})
		}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := w.m.Books.Market(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	body := func(sum int, ref string) object {
		return object{"market": "YL", "to": m.Code, "amount_minor": sum, "bank_reference": ref}
	}
	w.ask("POST", "/between", operator, body(12724, "B-1")).refused(409, "square_too_much")
	w.ask("POST", "/between", operator, body(0, "B-1")).refused(422, "out_of_range")
	w.ask("POST", "/between", operator, body(5, "")).refused(422, "required")
	w.ask("POST", "/between", operator, object{"market": "YL", "to": "NOWHERE", "amount_minor": 5, "bank_reference": "B-1"}).refused(422, "market_unknown")
	w.ask("POST", "/between", operator, object{"market": m.Code, "to": "YL", "amount_minor": 5, "bank_reference": "B-1"}).refused(403, "operator_only")
	var after object
	for range 2 {
		w.ask("POST", "/between", operator, body(12000, "B-1")).must(200, &after)
	}
	row := after["items"].([]any)[0].(map[string]any)
	if row["market"] != m.Code || row["owes_minor"] != float64(723) || row["paid_minor"] != float64(12000) {
		t.Errorf("%v", row)
	}
	if rows := w.items(operator, "/between?market=YL"); len(rows) != 1 || rows[0].text("market") != m.Code || rows[0].number("owes_minor") != 723 || rows[0].number("paid_minor") != 12000 {
		t.Errorf("read again: %v", rows)
	}
	w.ask("GET", "/between?market="+m.Code, operator, nil).refused(403, "operator_only")
	if err := w.m.DB.View(t.Context(), other, func(tx *storage.Tx) error {
		have, err := ledger.Balance(tx, ledger.BankOperating, ledger.Intermarket(w.market.ID))
		if have[ledger.BankOperating] != 12000 || have[ledger.Intermarket(w.market.ID)] != -723 {
			t.Errorf("the other book has %v", have)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// What the treasury's page books, a program books: once, and never more than there is.
func TestAnOperatorBooksTheTreasuryByTheAPI(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	book := func(deed string, sum int, ref string) object {
		return object{"deed": deed, "amount_minor": sum, "bank_reference": ref}
	}
	var had, has object
	w.ask("GET", "/treasury?market=YL", operator, nil).must(200, &had)
	for range 2 {
		w.ask("POST", "/treasury/YL", operator, book("capital_in", 5000, "T-1")).must(200, &has)
	}
	if has["bank_minor"].(float64) != had["bank_minor"].(float64)+5000 || has["capital_minor"].(float64) != had["capital_minor"].(float64)+5000 {
		t.Errorf("had %v, has %v", had, has)
	}
	w.ask("POST", "/treasury/YL", operator, book("capital_in", 5001, "T-1")).refused(409, "reference_used")
	w.ask("POST", "/treasury/YL", operator, book("capital_out", 1_000_000_000, "T-2")).refused(409, "ledger_short")
	w.ask("POST", "/treasury/YL", operator, book("guarantee", 2000, "minutes of the first meeting")).must(200, &has)
	if has["guarantee_minor"].(float64) != had["guarantee_minor"].(float64)+2000 {
		t.Errorf("put aside: %v", has)
	}
	w.ask("POST", "/treasury/YL", operator, book("guarantee", 0, "T-3")).refused(422, "out_of_range")
	w.ask("POST", "/treasury/YL", operator, book("capital_in", 5, " ")).refused(422, "required")
	w.ask("POST", "/treasury/YL", operator, book("gift", 5, "T-4")).refused(422, "not_one_of")
}

func TestAnAccountIsClosedByTheAPI(t *testing.T) {
	w := open(t)
	token, _, _ := w.person("王芳")
	w.ask("POST", "/me/close", token, object{"sure": "perhaps"}).refused(422, "not_one_of")
	w.ask("POST", "/me/close", token, object{"sure": "yes"}).must(204)
	w.ask("GET", "/me/tokens", token, nil).must(401)
}

// Two who book at once do not take what is there once, and a sum below nothing is not
// the opposite of its deed.
func TestManyAtOnceTakeNoMoreOfTheTreasuryThanThereIs(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	book := func(deed string, sum int, ref string) said {
		return w.ask("POST", "/treasury/YL", operator, object{"deed": deed, "amount_minor": sum, "bank_reference": ref})
	}
	var had, has object
	book("capital_in", 100_000, "start").must(200)
	w.ask("GET", "/treasury?market=YL", operator, nil).must(200, &had)
	for _, deed := range []string{"capital_in", "capital_out"} {
		book(deed, -500, "below "+deed).refused(422, "out_of_range")
	}
	const each = 90_000
	var wg sync.WaitGroup
	done := make([]bool, 16)
	for i := range done {
		wg.Go(func() { done[i] = book("capital_out", each, fmt.Sprint("out ", i)).status == 200 })
	}
	wg.Wait()
	n := 0
	for _, one := range done {
		if one {
			n++
		}
	}
	w.ask("GET", "/treasury?market=YL", operator, nil).must(200, &has)
	if could := int(had.number("capital_minor")) / each; n != could || has.number("capital_minor") != had.number("capital_minor")-int64(n*each) || has.number("bank_minor") < 0 {
		t.Errorf("%d of %d were booked; had %v, has %v", n, could, had, has)
	}
}
