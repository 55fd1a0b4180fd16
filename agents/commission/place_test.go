package commission_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"commonfield/agents/commission"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func TestARuleIsGivenItsPlaceAndTheFirstThatFitsDecides(t *testing.T) {
	db, market := dbtest.Open(t)
	by := id.New()
	var ids []id.ID
	for i, bp := range []int32{100, 200, 300, 400} {
		r, err := commission.AddRule(t.Context(), db, market, commission.Rule{RateBP: bp, Position: []int{0, 7, 7, 0}[i]}, by)
		must(t, err)
		ids = append(ids, r.ID)
	}
	over, err := commission.AddRule(t.Context(), db, market, commission.Rule{RateBP: 500}, by)
	must(t, err)
	must(t, commission.CloseRule(t.Context(), db, market, over.ID, by))
	rates := func() (got []int32) {
		t.Helper()
		must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
			rules, err := commission.Rules(tx, "")
			for _, r := range rules {
				got = append(got, r.RateBP)
			}
			return err
		}))
		return got
	}
	if got := rates(); !slices.Equal(got, []int32{200, 300, 100, 400}) {
		t.Fatalf("begins as %v", got)
	}
	for _, c := range []struct {
		rule, place int
		want        []int32
	}{{3, 1, []int32{400, 200, 300, 100}}, {3, 1, []int32{400, 200, 300, 100}}, {1, 3, []int32{400, 300, 200, 100}}, {1, 4, []int32{400, 300, 100, 200}}, {2, 1, []int32{300, 400, 100, 200}}} {
		must(t, commission.PlaceRule(t.Context(), db, market, ids[c.rule], c.place, by))
		if got := rates(); !slices.Equal(got, c.want) {
			t.Errorf("%d to %d: %v, not %v", c.rule, c.place, got, c.want)
		}
	}
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		rules, err := commission.Rules(tx, "goods")
		due := commission.Choose(rules, "goods", tx.Now.Add(time.Second), []commission.Line{{No: 1, Base: 10_000}})
		if len(due) != 1 || due[0].Amount != 300 {
			t.Errorf("earns %+v", due)
		}
		return err
	}))
	for _, place := range []int{0, -1, 5, 1 << 40} {
		if err := commission.PlaceRule(t.Context(), db, market, ids[0], place, by); !fault.Has(err, "out_of_range") {
			t.Errorf("place %d: %v", place, err)
		}
	}
	for none, code := range map[id.ID]string{over.ID: "rule_over", id.New(): "rule_none"} {
		if err := commission.PlaceRule(t.Context(), db, market, none, 1, by); !fault.Has(err, code) {
			t.Error(err)
		}
	}
	if err := commission.PlaceRule(t.Context(), db, dbtest.Market(t, db), ids[0], 1, by); !fault.Has(err, "rule_none") {
		t.Errorf("from another market: %v", err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := commission.PlaceRule(t.Context(), db, market, ids[i%4], 1+i/2, by); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := rates(); len(got) != 4 {
		t.Errorf("after many at once: %v", got)
	}
}
