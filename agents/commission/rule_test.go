package commission_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"commonfield/agents/commission"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func rule(position int, category, kind string, bp int32) commission.Rule {
	return commission.Rule{ID: id.New(), Position: position, Category: category, Kind: kind, RateBP: bp, HoldDays: 7, From: noon}
}

func TestSalesOfAThousandLessACreditOf200At4PercentEarn32(t *testing.T) {
	rules := []commission.Rule{rule(1, "", "", 400)}
	net := commission.Choose(rules, "goods", noon, []commission.Line{{No: 1, Base: 1000_00 - 200_00}})
	if len(net) != 1 || net[0].Amount != 32_00 {
		t.Errorf("on the net sum: %+v", net)
	}
	gross := commission.Choose(rules, "goods", noon, []commission.Line{{No: 1, Base: 1000_00}})[0]
	left := commission.Left{Earned: gross.Amount, Base: gross.Base, RateBP: gross.RateBP}
	if back := left.Back(200_00); gross.Amount-back != 32_00 {
		t.Errorf("after the credit %d is kept", gross.Amount-back)
	}
}

func TestGoods100AndDelivery20At10PercentEarn10AndARefundOf50TakesBack5(t *testing.T) {
	due := commission.Choose([]commission.Rule{rule(1, "", "", 1000)}, "goods", noon, []commission.Line{{No: 1, Base: 100_00}})[0]
	if due.Amount != 10_00 {
		t.Fatalf("delivery is in the base: %+v", due)
	}
	left := commission.Left{Earned: due.Amount, Base: due.Base, RateBP: due.RateBP}
	if back := left.Back(50_00); back != 5_00 {
		t.Errorf("a refund of half takes back %d", back)
	}
}

func TestACommissionIsRoundedHalfUpOnceOnTheLine(t *testing.T) {
	dues := commission.Choose([]commission.Rule{rule(1, "", "", 1000)}, "goods", noon,
		[]commission.Line{{No: 1, Base: 50}, {No: 2, Base: 5_25}, {No: 3, Base: 4}, {No: 4, Base: -300}})
	for i, want := range []int64{5, 53, 0, 0} {
		if dues[i].Amount != want {
			t.Errorf("line %d: %d, not %d", i+1, dues[i].Amount, want)
		}
	}
}

func TestTheFirstRuleThatFitsWins(t *testing.T) {
	walnut, any, gift := rule(10, "walnut", "", 800), rule(30, "", "", 300), rule(20, "", "gift", 100)
	old := rule(5, "walnut", "", 5000)
	old.From, old.To = noon.Add(-48*time.Hour), noon.Add(-24*time.Hour)
	later := rule(6, "", "", 5000)
	later.From = noon.Add(time.Hour)
	rules := []commission.Rule{any, gift, later, walnut, old} // in no order
	for _, c := range []struct {
		kind, category string
		want           id.ID
	}{{"goods", "walnut", walnut.ID}, {"goods", "rice", any.ID}, {"gift", "rice", gift.ID}, {"pledge", "rice", id.None}, {"deposit", "walnut", id.None}, {"gift_goods", "rice", id.None}} {
		dues := commission.Choose(rules, c.kind, noon, []commission.Line{{No: 1, Category: c.category, Base: 100}})
		if c.want == id.None {
			if len(dues) != 0 {
				t.Errorf("%s %s earns %+v", c.kind, c.category, dues)
			}
			continue
		}
		if len(dues) != 1 || dues[0].Rule != c.want {
			t.Errorf("%s %s: %+v", c.kind, c.category, dues)
		}
	}
	if got := commission.Choose(rules, "goods", old.From, []commission.Line{{No: 1, Category: "walnut", Base: 100}}); len(got) != 1 || got[0].Rule != old.ID {
		t.Errorf("two days ago: %+v", got)
	}
}

func TestRefundsInAnyPiecesLeaveTheRateOnWhatIsKeptAndInTheEndNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.Int64Range(0, 1_000_000_00).Draw(t, "base")
		rate := rapid.Int32Range(0, 5000).Draw(t, "rate")
		left := commission.Left{Earned: money.Part(base, rate), Base: base, RateBP: rate}
		var refunded int64
		for refunded < base {
			refunded += rapid.Int64Range(1, base-refunded).Draw(t, "refund")
			back := left.Back(refunded)
			if back < 0 || back > left.Kept() {
				t.Fatalf("takes back %d of %d", back, left.Kept())
			}
			left.Reversed += back
			if want := money.Part(base-refunded, rate); left.Kept() != want {
				t.Fatalf("after %d of %d: kept %d, not %d", refunded, base, left.Kept(), want)
			}
		}
		if left.Back(refunded) != left.Kept() || base > 0 && left.Kept() != 0 {
			t.Fatalf("fully refunded and %d kept", left.Kept())
		}
	})
}

func TestWhatWasReversedByHandIsNotTakenTwice(t *testing.T) {
	left := commission.Left{Earned: 1000, Reversed: 900, Base: 10000, RateBP: 1000}
	if back := left.Back(5000); back != 0 {
		t.Errorf("half refunded takes %d though 900 of 1000 are gone", back)
	}
	if back := left.Back(12000); back != 100 {
		t.Errorf("more than the whole refunded takes %d, not what is left", back)
	}
}

func TestAWrongRuleIsRefusedWithItsField(t *testing.T) {
	db, market := dbtest.Open(t)
	known := commission.Known{Categories: []string{"walnut"}, Kinds: []string{"goods"}}
	for name, c := range map[string]struct {
		rule        commission.Rule
		field, code string
	}{
		"above half":          {commission.Rule{RateBP: 5001}, "rate_bp", "out_of_range"},
		"below nothing":       {commission.Rule{RateBP: -1}, "rate_bp", "out_of_range"},
		"91 days":             {commission.Rule{HoldDays: 91}, "hold_days", "out_of_range"},
		"before the first":    {commission.Rule{Position: -1}, "position", "out_of_range"},
		"behind the last":     {commission.Rule{Position: 1 << 40}, "position", "out_of_range"},
		"ends as it begins":   {commission.Rule{From: noon, To: noon}, "valid_to", "rule_period"},
		"an unknown category": {commission.Rule{Category: "walnuts"}, "category", "unknown_category"},
		"an unknown kind":     {commission.Rule{Kind: "good"}, "kind", "rule_kind"},
	} {
		_, err := commission.AddRule(t.Context(), db, market, c.rule, id.New(), known)
		if f, ok := fault.As(err); !ok || f.Field != c.field || f.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := commission.AddRule(t.Context(), db, market, commission.Rule{Category: "walnut"}, id.New()); !fault.Has(err, "unknown_category") {
		t.Errorf("a condition without known values: %v", err)
	}
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		rules, err := commission.List(tx)
		if len(rules) != 0 {
			t.Errorf("kept %+v", rules)
		}
		return err
	}))
}

func TestRulesAreKeptInOrderAddedOnceAndClosed(t *testing.T) {
	db, market := dbtest.Open(t)
	by := id.New()
	known := commission.Known{Categories: []string{"walnut"}, Kinds: []string{"goods", "gift"}}
	add := func(r commission.Rule) commission.Rule {
		t.Helper()
		r, err := commission.AddRule(t.Context(), db, market, r, by, known)
		must(t, err)
		return r
	}
	general := add(commission.Rule{RateBP: 500, HoldDays: 7})
	again := add(general)
	first := add(commission.Rule{Position: 1, Category: "walnut", Kind: "goods", RateBP: 800, HoldDays: 3, To: db.Now().Add(time.Hour)})
	gift := add(commission.Rule{Kind: "gift", RateBP: 100})
	if general.Position != 10 || again.Position != 10 || gift.Position != 20 || !general.Everything() || first.Everything() {
		t.Errorf("positions %d %d %d", general.Position, again.Position, gift.Position)
	}
	rules := func(kind string) (found []commission.Rule) {
		t.Helper()
		must(t, db.View(t.Context(), market, func(tx *storage.Tx) (err error) {
			found, err = commission.Rules(tx, kind)
			return err
		}))
		return found
	}
	got := rules("goods")
	if len(got) != 2 || got[0].ID != first.ID || got[1].ID != general.ID || got[0].Category != "walnut" || got[0].To.IsZero() || got[1].By != by {
		t.Fatalf("rules for goods: %+v", got)
	}
	if got := rules("gift"); len(got) != 2 || got[1].ID != gift.ID {
		t.Errorf("rules for gifts: %+v", got)
	}
	must(t, commission.CloseRule(t.Context(), db, market, general.ID, by))
	must(t, commission.CloseRule(t.Context(), db, market, general.ID, by))
	if got := rules(""); len(got) != 2 {
		t.Errorf("after closing one: %+v", got)
	}
	if err := commission.CloseRule(t.Context(), db, market, id.New(), by); !errors.Is(err, fault.NotFound("rule_none")) {
		t.Errorf("closing none: %v", err)
	}
}
