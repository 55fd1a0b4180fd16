package terms_test

import (
	"testing"
	"time"

	"commonfield/agents/terms"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestTheLongestCodeThatFitsDecides(t *testing.T) {
	d := terms.Delivery{Zones: []terms.Zone{
		{Tariff: terms.Tariff{First: 1}},
		{Regions: []string{"65"}, Tariff: terms.Tariff{First: 2}},
		{Regions: []string{"6528", "652823"}, Tariff: terms.Tariff{First: 3}},
	}}
	for code, want := range map[string]int64{"11": 1, "65": 2, "650102": 2, "652801": 3, "652823100": 3} {
		if got, there := d.For(code); !there || got.First != want {
			t.Errorf("%s: %d, %v", code, got.First, there)
		}
	}
	d.Zones = d.Zones[1:]
	if _, there := d.For("11"); there {
		t.Error("it is delivered where no zone is")
	}
}

func TestEachKilogramThatIsBegunCosts(t *testing.T) {
	tariff := terms.Tariff{First: 800, Further: 300, FreeFrom: 10_000}
	for _, c := range []struct{ grams, goods, want int64 }{
		{1, 1, 800}, {1000, 1, 800}, {1001, 1, 1100}, {2000, 1, 1100}, {2001, 9_999, 1400}, {2001, 10_000, 0}, {0, 1, 0},
	} {
		if got, err := tariff.Costs(c.grams, c.goods); err != nil || got != c.want {
			t.Errorf("%d g of goods for %d: %d, %v; want %d", c.grams, c.goods, got, err, c.want)
		}
	}
	if _, err := (terms.Tariff{Further: terms.MostMinor}).Costs(1<<62, 1); err == nil {
		t.Error("more than a sum can hold was reckoned")
	}
}

func TestADiscountEndsAtItsMomentAndBeginsAtItsSum(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	d := &terms.Discount{RateBP: 1000, From: 5000, Until: now}
	if d.Off(5000, now.Add(-1)) != 500 || d.Off(4999, now.Add(-1)) != 0 || d.Off(5000, now) != 0 || (*terms.Discount)(nil).Off(5000, now) != 0 {
		t.Error("the discount is another one")
	}
}

func TestTermsAreWrittenOnceAndNotOverAnothers(t *testing.T) {
	db, market := dbtest.Open(t)
	owner, by := id.New(), id.New()
	ctx := t.Context()
	set := func(version int, first int64) (terms.Kept, error) {
		return terms.Set(ctx, db, market, owner, by, version, terms.Terms{Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: first}}}}})
	}
	if k, err := set(0, 100); err != nil || k.Version != 1 {
		t.Fatalf("%+v, %v", k, err)
	}
	if k, err := set(0, 100); err != nil || k.Version != 1 { // pressed twice
		t.Fatalf("the second press: %+v, %v", k, err)
	}
	if _, err := set(0, 200); !fault.Has(err, "conflict") {
		t.Errorf("over another's: %v", err)
	}
	if k, err := set(1, 200); err != nil || k.Version != 2 {
		t.Fatalf("%+v, %v", k, err)
	}
	err := db.View(ctx, market, func(tx *storage.Tx) error {
		k, err := terms.Find(tx, owner)
		if err == nil && (k.Version != 2 || k.Delivery.Zones[0].First != 200) {
			t.Errorf("kept: %+v", k)
		}
		if none, e := terms.Find(tx, terms.Market); e != nil || none.Version != 0 || none.Delivery != nil {
			t.Errorf("the market's: %+v, %v", none, e)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestASaleKnowsTheMarketsTermsAtOnceAndNoOtherMarkets(t *testing.T) {
	db, market := dbtest.Open(t)
	other := dbtest.Market(t, db)
	discount := func(of int32) (rate int32) {
		t.Helper()
		if err := db.View(t.Context(), of, func(tx *storage.Tx) error {
			on, err := terms.OfMarket(tx)
			if on.Discount != nil {
				rate = on.Discount.RateBP
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return rate
	}
	if discount(market) != 0 || discount(other) != 0 {
		t.Fatal("a discount that nobody gave")
	}
	for version, rate := range []int32{500, 900} {
		if _, err := terms.Set(t.Context(), db, market, terms.Market, id.New(), version, terms.Terms{Discount: &terms.Discount{RateBP: rate}}); err != nil {
			t.Fatal(err)
		}
		if got := discount(market); got != rate || discount(other) != 0 {
			t.Fatalf("%d, not %d", got, rate)
		}
	}
}

func TestTermsThatMeanNothingAreRefusedByTheirField(t *testing.T) {
	db, market := dbtest.Open(t)
	zone := func(z ...terms.Zone) terms.Terms { return terms.Terms{Delivery: &terms.Delivery{Zones: z}} }
	for field, bad := range map[string]terms.Terms{
		"zones":           {Delivery: &terms.Delivery{}},
		"zones.0.first":   zone(terms.Zone{Tariff: terms.Tariff{First: -1}}),
		"zones.0.further": zone(terms.Zone{Tariff: terms.Tariff{Further: terms.MostMinor + 1}}),
		"zones.0.regions": zone(terms.Zone{Regions: []string{"Beijing"}}),
		"zones.1.regions": zone(terms.Zone{Regions: []string{"11"}}, terms.Zone{Regions: []string{"12", "11"}}),
		"zones.2.regions": zone(terms.Zone{}, terms.Zone{Regions: []string{"11"}}, terms.Zone{}),
		"discount_rate":   {Discount: &terms.Discount{RateBP: terms.MostRateBP + 1}},
		"discount_from":   {Discount: &terms.Discount{RateBP: 1, From: -1}},
		"piece_grams":     {Delivery: &terms.Delivery{Zones: []terms.Zone{{}}, PieceGrams: -1}},
	} {
		_, err := terms.Set(t.Context(), db, market, id.New(), id.New(), 0, bad)
		f, ok := fault.As(err)
		if !ok || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
