package catalog_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var by = catalogtest.By.ID

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	if !fault.Has(err, code) {
		t.Fatalf("want the fault %s, got %v", code, err)
	}
}

func find(t *testing.T, db *storage.DB, l catalog.Listing) catalog.Listing {
	t.Helper()
	var found catalog.Listing
	must(t, db.View(t.Context(), l.Market, func(tx *storage.Tx) (err error) {
		found, err = catalog.Find(tx, l.ID)
		return err
	}))
	return found
}

func TestAnOfferedListingIsFoundAsItWasWritten(t *testing.T) {
	db, market := dbtest.Open(t)
	shanghai := time.FixedZone("Asia/Shanghai", 8*3600)
	picked := time.Date(2026, 9, 20, 1, 0, 0, 0, shanghai) // still the 19th in UTC
	l := catalogtest.Listing(t, db, market, func(d *catalog.Draft) {
		d.HarvestOn, d.Grade = &picked, " 一级 "
		d.Photos = []string{"photo/" + strings.Repeat("ab", 32)}
	})
	found := find(t, db, l)
	if found.Title != "薄皮核桃" || found.PriceMinor != 2800 || found.Grade != "一级" || found.State != catalog.Live || found.Version != 1 {
		t.Fatalf("found %+v", found)
	}
	if got := found.HarvestOn.Format(time.DateOnly); got != "2026-09-20" {
		t.Fatalf("harvested on %s", got)
	}
	if found.Cover() != l.Photos[0] {
		t.Fatalf("cover %q", found.Cover())
	}
	var mine []catalog.Listing
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) (err error) {
		mine, err = catalog.OfProducer(tx, l.ProducerID, id.None, 10)
		return err
	}))
	if len(mine) != 1 || mine[0].ID != l.ID {
		t.Fatalf("the producer's listings: %+v", mine)
	}
}

func TestAListingOfAnotherMarketIsNotFound(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	err := db.View(t.Context(), dbtest.Market(t, db), func(tx *storage.Tx) error {
		_, err := catalog.Find(tx, l.ID)
		return err
	})
	wantFault(t, err, "listing_unknown")
}

func TestEveryWrongFieldIsNamedAtOnce(t *testing.T) {
	db, market := dbtest.Open(t)
	catalogtest.Load(t, db)
	_, err := catalog.New(db).Offer(t.Context(), once.Key{}, market, by, catalog.Draft{
		ProducerID: id.New(), Category: "plutonium", Title: " ", Story: strings.Repeat("很", 2001), Unit: "stone",
		PriceMinor: 0, Minimum: 0, WeightBandBP: 2001, Photos: []string{"../../etc/passwd"}, State: catalog.Archived,
	})
	f, ok := fault.As(err)
	if !ok {
		t.Fatal(err)
	}
	found := map[string]string{f.Field: f.Code}
	for _, m := range f.More {
		g, _ := fault.As(m)
		found[g.Field] = g.Code
	}
	want := map[string]string{
		"producer_id": "producer_unknown", "category": "unknown_category", "title": "required", "story": "too_long", "unit": "unknown_unit",
		"price": "out_of_range", "minimum": "out_of_range", "band": "out_of_range", "photos": "photo_unknown", "state": "listing_state",
	}
	for field, code := range want {
		if found[field] != code {
			t.Errorf("%s: %q, want %q", field, found[field], code)
		}
	}
	if len(found) != len(want) {
		t.Errorf("found %v", found)
	}
}

func TestTheLimitsOfADraftAreInclusive(t *testing.T) {
	db, market := dbtest.Open(t)
	catalogtest.Load(t, db)
	maker := catalogtest.Producer(t, db, market).ID
	for name, c := range map[string]struct {
		change func(*catalog.Draft)
		code   string
	}{
		"the longest title":               {func(d *catalog.Draft) { d.Title = strings.Repeat("桃", 80) }, ""},
		"a title too long":                {func(d *catalog.Draft) { d.Title = strings.Repeat("桃", 81) }, "too_long"},
		"a title that is no text":         {func(d *catalog.Draft) { d.Title = "a\x00b" }, "invalid"},
		"a title of nothing that is seen": {func(d *catalog.Draft) { d.Title = "\u202e\u2069 " }, "required"},
		"the highest price":               {func(d *catalog.Draft) { d.PriceMinor = 1_000_000_000 }, ""},
		"a price too high":                {func(d *catalog.Draft) { d.PriceMinor = 1_000_000_001 }, "out_of_range"},
		"a negative price":                {func(d *catalog.Draft) { d.PriceMinor = -1 }, "out_of_range"},
		"the widest band":                 {func(d *catalog.Draft) { d.WeightBandBP = 2000 }, ""},
		"a negative band":                 {func(d *catalog.Draft) { d.WeightBandBP = -1 }, "out_of_range"},
		"a minimum that costs 0.00":       {func(d *catalog.Draft) { d.PriceMinor, d.Minimum = 100, 1 }, "minimum_worthless"},
		"a minimum that costs 0.01":       {func(d *catalog.Draft) { d.PriceMinor, d.Minimum = 100, 5 }, ""},
		"thirteen pictures":               {func(d *catalog.Draft) { d.Photos = make([]string, 13) }, "too_many_photos"},
		"a harvest before any record":     {func(d *catalog.Draft) { y := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); d.HarvestOn = &y }, "out_of_range"},
	} {
		d := catalogtest.Draft(maker)
		c.change(&d)
		_, err := catalog.New(db).Offer(t.Context(), once.Key{}, market, by, d)
		if c.code == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.code != "" && !fault.Has(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestCountedGoodsHaveNoWeightBand(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market, func(d *catalog.Draft) { d.Unit, d.Minimum, d.Category = "piece", 1, "egg" })
	if got := find(t, db, l); got.WeightBandBP != 0 {
		t.Fatalf("band %d", got.WeightBandBP)
	}
}

func TestTheSameKeyOffersOnce(t *testing.T) {
	db, market := dbtest.Open(t)
	catalogtest.Load(t, db)
	d := catalogtest.Draft(catalogtest.Producer(t, db, market).ID)
	key := once.Of(by, "offer-1", []byte("walnuts"))
	rooms := catalog.New(db)
	ids := make([]id.ID, 16)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			l, err := rooms.Offer(context.Background(), key, market, by, d)
			if err != nil {
				t.Error(err)
			}
			ids[i] = l.ID
		})
	}
	all.Wait()
	for _, i := range ids {
		if i != ids[0] {
			t.Fatalf("two listings came of one key: %v", ids)
		}
	}
	_, err := rooms.Offer(t.Context(), once.Of(by, "offer-1", []byte("rice")), market, by, d)
	wantFault(t, err, "key_reused")
}

func TestOfTwoEditsOfOneVersionTheSecondIsRefused(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	c := catalog.New(db)
	var refused, kept int
	var lock sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			d := catalogtest.Draft(l.ProducerID)
			d.PriceMinor = 3000
			got, err := c.Edit(context.Background(), market, l.ID, l.Version, d, by)
			lock.Lock()
			defer lock.Unlock()
			switch {
			case err == nil && got.Version == 2 && got.PriceMinor == 3000:
				kept++
			case fault.Has(err, "conflict"):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if kept != 1 || refused != 7 {
		t.Fatalf("%d kept, %d refused", kept, refused)
	}
	if got := find(t, db, l); got.Version != 2 || got.PriceMinor != 3000 || got.State != catalog.Live {
		t.Fatalf("found %+v", got)
	}
}

func TestAnEditCannotTurnGramsIntoPieces(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	d := catalogtest.Draft(l.ProducerID)
	d.Unit, d.Minimum, d.Title = "box", 1, ""
	_, err := catalog.New(db).Edit(t.Context(), market, l.ID, 1, d, by)
	f, _ := fault.As(err)
	if !fault.Has(err, "required") || len(f.More) != 1 || !fault.Has(f.More[0], "unit_dimension") {
		t.Fatalf("got %v and %v", err, f)
	}
	d.Unit, d.Minimum, d.Title = "dan", 50_000, "核桃"
	if _, err := catalog.New(db).Edit(t.Context(), market, l.ID, 1, d, by); err != nil {
		t.Fatal(err)
	}
}

func TestAListingMovesOnlyWhereItMay(t *testing.T) {
	db, market := dbtest.Open(t)
	ctx := t.Context()
	l := catalogtest.Listing(t, db, market, func(d *catalog.Draft) { d.State = "" })
	c := catalog.New(db)
	wantFault(t, c.Pause(ctx, market, l.ID, by), "listing_move")
	must(t, c.Publish(ctx, market, l.ID, by))
	must(t, c.Publish(ctx, market, l.ID, by))
	if got := find(t, db, l); got.State != catalog.Live || got.Version != 2 {
		t.Fatalf("published twice: %s, version %d", got.State, got.Version)
	}
	must(t, c.Pause(ctx, market, l.ID, by))
	must(t, c.Archive(ctx, market, l.ID, by))
	err := c.Publish(ctx, market, l.ID, by)
	wantFault(t, err, "listing_move")
	wantFault(t, c.Publish(ctx, market, id.New(), by), "listing_unknown")
}

func TestOnlyAnActiveProducersGoodsGoLive(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market, func(d *catalog.Draft) { d.State = catalog.Drafted })
	must(t, producer.New(db).Suspend(t.Context(), market, l.ProducerID, catalogtest.By, "test"))
	wantFault(t, catalog.New(db).Publish(t.Context(), market, l.ID, by), "producer_inactive")
	_, err := catalog.New(db).Offer(t.Context(), once.Key{}, market, by, catalogtest.Draft(l.ProducerID))
	wantFault(t, err, "producer_inactive")
}

func TestUnitsAndCategoriesAreLoadedOnce(t *testing.T) {
	db, market := dbtest.Open(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := catalog.Load(context.Background(), db); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		units, err := catalog.Units(tx)
		must(t, err)
		if len(units) != 6 || units[0].Code != "jin" || units[0].Base != 500 {
			t.Errorf("units %+v", units)
		}
		dan, err := catalog.FindUnit(tx, "dan")
		if err != nil || dan.Base != 50_000 || !dan.Weighed() {
			t.Errorf("dan %+v %v", dan, err)
		}
		_, err = catalog.FindUnit(tx, "stone")
		wantFault(t, err, "unknown_unit")
		all, err := catalog.Categories(tx)
		must(t, err)
		fresh, seen := map[string]bool{}, map[string]bool{"": true}
		for _, c := range all {
			if !seen[c.Parent] {
				t.Errorf("%s stands before its parent %s", c.Code, c.Parent)
			}
			seen[c.Code], fresh[c.Code] = true, c.Fresh
		}
		if !fresh["fruit"] || fresh["walnut"] || !seen["red-date"] {
			t.Errorf("categories %+v", all)
		}
		return nil
	}))
}

func TestGoodsAreKeptWithoutSignsThatTurnTheLine(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market, func(d *catalog.Draft) {
		d.Title, d.TitleEN, d.Story, d.Grade = "核桃\u202E58.31¥", "\u2066Walnuts\u2069", "晒了\u202B九天\u202C。\n不漂白。", "\u202D一级"
	})
	got := find(t, db, l)
	if got.Title != "核桃58.31¥" || got.TitleEN != "Walnuts" || got.Story != "晒了九天。\n不漂白。" || got.Grade != "一级" {
		t.Errorf("kept as %q, %q, %q, %q", got.Title, got.TitleEN, got.Story, got.Grade)
	}
	d := catalogtest.Draft(l.ProducerID)
	d.Title = "红枣\u202E"
	edited, err := catalog.New(db).Edit(t.Context(), market, l.ID, l.Version, d, by)
	must(t, err)
	if edited.Title != "红枣" {
		t.Errorf("edited to %q", edited.Title)
	}
}
