package commission_test

import (
	"testing"
	"time"

	"commonfield/agents/commission"
	"commonfield/storage/id"
)

func TestTheSimulatorSaysWhatChooseDecidesAndWhy(t *testing.T) {
	now := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	rule := func(position int, bp int32, change func(*commission.Rule)) commission.Rule {
		r := commission.Rule{ID: id.New(), Position: position, RateBP: bp, From: now.AddDate(0, -1, 0)}
		if change != nil {
			change(&r)
		}
		return r
	}
	rules := []commission.Rule{
		rule(60, 100, nil),
		rule(10, 1200, func(r *commission.Rule) { r.Category = "nuts" }),
		rule(20, 900, func(r *commission.Rule) { r.Kind = "contract" }),
		rule(30, 800, func(r *commission.Rule) { r.From = now.Add(time.Hour) }),
		rule(40, 700, func(r *commission.Rule) { r.To = now }),
		rule(50, 500, nil),
	}
	for category, want := range map[string]struct {
		why   []string
		earns int64
	}{
		"nuts":  {[]string{"wins", "kind", "early", "over", "later", "later"}, 1200},
		"fruit": {[]string{"category", "kind", "early", "over", "wins", "later"}, 500},
	} {
		line := commission.Line{No: 1, Category: category, Base: 10_000}
		told, earns := commission.Explain(rules, "goods", now, line)
		if earns != want.earns {
			t.Errorf("%s earns %d, want %d", category, earns, want.earns)
		}
		for i, v := range told {
			if v.Why != want.why[i] {
				t.Errorf("%s, rule at %d: %s, want %s", category, v.Rule.Position, v.Why, want.why[i])
			}
		}
		dues := commission.Choose(rules, "goods", now, []commission.Line{line})
		if len(dues) != 1 || dues[0].Amount != earns {
			t.Errorf("%s: Choose gives %+v, the simulator %d", category, dues, earns)
		}
	}
	if told, earns := commission.Explain(rules, "gift", now, commission.Line{Category: "fruit", Base: 10_000}); earns != 0 || told[5].Why != "given" {
		t.Errorf("a gift earns %d: %+v", earns, told)
	}
}
