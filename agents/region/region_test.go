package region_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func view(t *testing.T, db *storage.DB, fn func(*storage.Tx) error) {
	t.Helper()
	if err := db.ViewShared(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T) *storage.DB {
	t.Helper()
	db, _ := dbtest.Open(t)
	if err := region.Load(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

func counts(t *testing.T, db *storage.DB) []int64 {
	t.Helper()
	var n []int64
	view(t, db, func(tx *storage.Tx) error {
		return tx.Select(&n, `SELECT count(*) FROM regions GROUP BY level ORDER BY level`)
	})
	return n
}

func TestLoadingBringsEveryDivisionAndASecondLoadingCostsOneQuery(t *testing.T) {
	db, _ := dbtest.Own(t)
	began := time.Now()
	if err := region.Load(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	t.Logf("first load: %v", time.Since(began))
	want := []int64{31, 342, 2978, 41352}
	if got := counts(t, db); !slices.Equal(got, want) {
		t.Fatalf("divisions by level: %v, want %v", got, want)
	}
	began = time.Now()
	before := db.Trips()
	if err := region.Load(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	t.Logf("second load: %v", time.Since(began))
	if trips := db.Trips() - before; trips > 2 {
		t.Errorf("a second load took %d trips, want at most 2", trips)
	}
	var writers int64
	view(t, db, func(tx *storage.Tx) error {
		return tx.Get(&writers, `SELECT count(DISTINCT xmin::text) FROM regions`)
	})
	if writers != 1 {
		t.Errorf("rows were written by %d transactions, want the first one only", writers)
	}
}

func TestLoadingMendsARowThatWasChanged(t *testing.T) {
	db, _ := dbtest.Own(t)
	if err := region.Load(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	err := db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE regions SET name = 'X' WHERE code = '652823'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := region.Load(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	view(t, db, func(tx *storage.Tx) error {
		r, err := region.Find(tx, "652823")
		if err == nil && r.Name != "尉犁县" {
			t.Errorf("name is %q after loading again", r.Name)
		}
		return err
	})
}

func TestTwoLoadsAtOnceAreSafe(t *testing.T) {
	db, _ := dbtest.Own(t)
	var wait sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wait.Go(func() { errs[i] = region.Load(t.Context(), db) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if got := counts(t, db); !slices.Equal(got, []int64{31, 342, 2978, 41352}) {
		t.Errorf("divisions by level: %v", got)
	}
}

func TestLoadingSomeBringsThemAndThoseAbove(t *testing.T) {
	db, _ := dbtest.Own(t)
	for range 2 {
		if err := region.LoadSome(t.Context(), db, "652823120", "4419"); err != nil {
			t.Fatal(err)
		}
	}
	if got := counts(t, db); !slices.Equal(got, []int64{2, 2, 1, 1}) {
		t.Errorf("divisions by level: %v, want two provinces, two cities, a county, a township", got)
	}
	if err := region.LoadSome(t.Context(), db, "999999"); err == nil {
		t.Error("a code that is no region was loaded")
	}
}

func TestNamesAreWrittenAsPeopleSayThem(t *testing.T) {
	db := load(t)
	names := map[string]string{
		"652823120": "新疆尉犁县兴平镇",
		"652823":    "新疆尉犁县",
		"6528":      "新疆巴音郭楞蒙古自治州",
		"65":        "新疆",
		"110101":    "北京东城区",
		"320106":    "江苏南京市鼓楼区",
		"350102":    "福建福州市鼓楼区",
		"500229":    "重庆城口县",
		"429021":    "湖北神农架林区",
		"441900003": "广东东莞市东城街道",
		"441900":    "广东东莞市",
		"659001":    "新疆石河子市",
	}
	var codes []string
	for code := range names {
		codes = append(codes, code)
	}
	view(t, db, func(tx *storage.Tx) error {
		all, err := region.Names(tx, append(codes, "1", "")...)
		if err != nil {
			return err
		}
		if len(all) != len(names) {
			t.Errorf("%d names for %d known codes", len(all), len(names))
		}
		for code, want := range names {
			one, err := region.Name(tx, code)
			if err != nil || one != want || all[code] != want {
				t.Errorf("%s reads %q and %q, want %q (%v)", code, one, all[code], want, err)
			}
		}
		return nil
	})
}

func TestNoTwoCountiesHaveTheSameName(t *testing.T) {
	db := load(t)
	view(t, db, func(tx *storage.Tx) error {
		var codes []string
		if err := tx.Select(&codes, `SELECT code FROM regions WHERE level = 3`); err != nil {
			return err
		}
		names, err := region.Names(tx, codes...)
		seen := map[string]string{}
		for code, name := range names {
			if other, twice := seen[name]; twice {
				t.Errorf("%s and %s are both called %s", code, other, name)
			}
			seen[name] = code
		}
		if len(seen) != 2978 {
			t.Errorf("%d names", len(seen))
		}
		return err
	})
}

func TestWhatStandsInIsNeverOfferedToChooseFrom(t *testing.T) {
	db := load(t)
	view(t, db, func(tx *storage.Tx) error {
		for _, c := range []struct {
			parent, first, firstName string
			n                        int
		}{
			{"", "11", "北京市", 31},
			{"11", "110101", "东城区", 16},
			{"50", "500101", "万州区", 38},
			{"4419", "441900003", "东城街道", 36},
			{"652823", "652823100", "尉犁镇", 11},
		} {
			got, err := region.Children(tx, c.parent)
			if err != nil {
				return err
			}
			if len(got) < c.n || got[0].Code != c.first || got[0].Name != c.firstName {
				t.Errorf("below %q: %d regions, the first %+v", c.parent, len(got), got[0])
			}
			for _, r := range got {
				if r.Name == "市辖区" || r.Name == "县" || r.Name == "省直辖县级行政区划" || r.Code == "441900" {
					t.Errorf("below %q stands %+v", c.parent, r)
				}
			}
		}
		path, err := region.Path(tx, "441900003")
		if err != nil {
			return err
		}
		if len(path) != 3 || path[1].Name != "东莞市" || path[2].Level != region.Township {
			t.Errorf("path of a township without county: %+v", path)
		}
		got, err := region.Children(tx, "42")
		if err == nil && !slices.ContainsFunc(got, func(r region.Region) bool { return r.Name == "神农架林区" }) {
			t.Error("湖北 has no 神农架林区 below it")
		}
		return err
	})
}

func TestAnUnknownRegionIsRefused(t *testing.T) {
	db := load(t)
	view(t, db, func(tx *storage.Tx) error {
		for _, code := range []string{"", "9", "990000", "652823999", "'; --", "65282312065282312065282312"} {
			if _, err := region.Find(tx, code); !fault.Has(err, "region_unknown") {
				t.Errorf("Find(%q): %v", code, err)
			}
			if _, err := region.Path(tx, code); !fault.Has(err, "region_unknown") {
				t.Errorf("Path(%q): %v", code, err)
			}
			if _, err := region.Name(tx, code); !fault.Has(err, "region_unknown") {
				t.Errorf("Name(%q): %v", code, err)
			}
		}
		return nil
	})
}

func TestHongKongMacauAndTaiwanAreKnownByName(t *testing.T) {
	places, err := region.ByName()
	if err != nil {
		t.Fatal(err)
	}
	if len(places) != 3 || !slices.Contains(places["香港特别行政区"]["九龙"], "油尖旺区") {
		t.Errorf("places by name: %v", places)
	}
}
