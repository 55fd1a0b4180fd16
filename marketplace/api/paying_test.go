package api_test

import (
	"maps"
	"testing"
)

func TestAnOperatorSetsHowTheMarketPaysOutByTheAPI(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	rules := object{"layout": "csv", "minimum_minor": 500, "large_minor": 70_000, "every_days": 3, "by_itself": true}
	asked := object{"market": "YL"}
	maps.Copy(asked, rules)
	var got object
	for range 2 {
		w.ask("POST", "/payout-rules", operator, asked).must(200, &got)
	}
	w.ask("GET", "/payout-rules?market=YL", operator, nil).must(200, &got)
	if got.number("minimum_minor") != 500 || got.number("large_minor") != 70_000 || got.number("every_days") != 3 || got["by_itself"] != true {
		t.Errorf("the rules are %v", got)
	}
	asked["every_days"] = 32
	w.ask("POST", "/payout-rules", operator, asked).refused(422, "days_between")
}
