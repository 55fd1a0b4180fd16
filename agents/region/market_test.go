package region_test

import (
	"sync"
	"testing"
	"time"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
)

func yuli(change ...func(*region.NewMarket)) region.NewMarket {
	n := region.NewMarket{Code: "YL", Name: "尉犁集市", NameEN: "Yuli market", RegionCode: "652823", Currency: "CNY",
		TimeZone: "Asia/Shanghai", Operator: "尉犁共田合作社", Licence: "916528230000000000"}
	for _, c := range change {
		c(&n)
	}
	return n
}

func own(t *testing.T) *storage.DB {
	t.Helper()
	db, _ := dbtest.Own(t)
	if err := region.LoadSome(t.Context(), db, "652823120", "4419"); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestAMarketIsOpenedWithThePlatformBesideIt(t *testing.T) {
	db := own(t)
	m, err := region.OpenMarket(t.Context(), db, yuli(func(n *region.NewMarket) { n.Code = " yl " }))
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != 1 || m.Code != "YL" || m.Title("zh") != "尉犁集市" || m.Title("en") != "Yuli market" {
		t.Errorf("opened %+v", m)
	}
	if zone := m.Location(); zone.String() != "Asia/Shanghai" {
		t.Errorf("zone %v", zone)
	}
	second, err := region.OpenMarket(t.Context(), db, yuli(func(n *region.NewMarket) { n.Code, n.RegionCode = "DG", "4419" }))
	if err != nil || second.ID != 2 {
		t.Errorf("second market %+v %v", second, err)
	}
	view(t, db, func(tx *storage.Tx) error {
		all, err := region.Markets(tx)
		if err != nil || len(all) != 2 || all[0] != m {
			t.Errorf("markets %+v, want first %+v (%v)", all, m, err)
		}
		p, err := region.FindMarket(tx, storage.Platform)
		if err != nil || p.Currency != "CNY" || p.RegionCode != "" {
			t.Errorf("platform %+v %v", p, err)
		}
		byCode, err := region.FindMarketByCode(tx, "dg")
		if err != nil || byCode.ID != 2 {
			t.Errorf("by code %+v %v", byCode, err)
		}
		if _, err := region.FindMarket(tx, 77); !fault.Has(err, "market_unknown") {
			t.Errorf("unknown market: %v", err)
		}
		return nil
	})
}

func TestAMarketWithWrongValuesIsRefusedByField(t *testing.T) {
	db := own(t)
	for field, change := range map[string]func(*region.NewMarket){
		"code":      func(n *region.NewMarket) { n.Code = "YL1" },
		"name":      func(n *region.NewMarket) { n.Name = "  " },
		"currency":  func(n *region.NewMarket) { n.Currency = "yuan" },
		"time_zone": func(n *region.NewMarket) { n.TimeZone = "Asia/Yuli" },
		"region":    func(n *region.NewMarket) { n.RegionCode = "652899" },
	} {
		_, err := region.OpenMarket(t.Context(), db, yuli(change))
		if f, ok := fault.As(err); !ok || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := region.OpenMarket(t.Context(), db, yuli(func(n *region.NewMarket) { n.RegionCode = "652823120" }))
	if !fault.Has(err, "region_level") {
		t.Errorf("a market in a township: %v", err)
	}
	_, err = region.OpenMarket(t.Context(), db, region.NewMarket{})
	if f, ok := fault.As(err); !ok || len(f.More) != 3 {
		t.Errorf("nothing given: %v", err)
	}
}

func TestACodeIsTakenOnceEvenByManyAtOnce(t *testing.T) {
	db := own(t)
	const n = 6
	errs := make([]error, 2*n)
	ids := make([]int32, 2*n)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			m, err := region.OpenMarket(t.Context(), db, yuli(func(m *region.NewMarket) { m.Code = "Y" + string(rune('A'+i%n)) }))
			ids[i], errs[i] = m.ID, err
		})
	}
	wait.Wait()
	opened, taken := map[int32]bool{}, 0
	for i, err := range errs {
		switch {
		case err == nil:
			opened[ids[i]] = true
		case fault.Has(err, "taken.market"):
			taken++
		default:
			t.Error(err)
		}
	}
	if len(opened) != n || taken != n {
		t.Errorf("%d opened, %d refused as taken, want %d each", len(opened), taken, n)
	}
}

func TestBooksKeepMarketsForAMomentAndFindNewOnesAtOnce(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	db, _ := dbtest.Own(t, func(o *storage.Options) { o.Clock = func() time.Time { return now } })
	if err := region.LoadSome(t.Context(), db, "652823"); err != nil {
		t.Fatal(err)
	}
	books := region.New(db)
	one, err := books.Open(t.Context(), yuli())
	if err != nil {
		t.Fatal(err)
	}
	before := db.Trips()
	for range 10 {
		if m, err := books.Market(t.Context(), one.ID); err != nil || m != one {
			t.Fatalf("%+v %v", m, err)
		}
		if all, err := books.All(t.Context()); err != nil || len(all) != 1 || all[0].ID != one.ID {
			t.Fatalf("%+v %v", all, err)
		}
	}
	if trips := db.Trips() - before; trips != 0 {
		t.Errorf("twenty questions took %d trips, want none", trips)
	}
	two, err := region.OpenMarket(t.Context(), db, yuli(func(n *region.NewMarket) { n.Code = "YM" }))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := books.Market(t.Context(), two.ID); err != nil || m.Code != "YM" {
		t.Errorf("a market opened elsewhere: %+v %v", m, err)
	}
	if _, err := region.OpenMarket(t.Context(), db, yuli(func(n *region.NewMarket) { n.Code = "YN" })); err != nil {
		t.Fatal(err)
	}
	now = now.Add(11 * time.Second)
	if all, err := books.All(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("after eleven seconds %d markets %v", len(all), err)
	}
	if _, err := books.Market(t.Context(), 99); !fault.Has(err, "market_unknown") {
		t.Errorf("unknown: %v", err)
	}
}
