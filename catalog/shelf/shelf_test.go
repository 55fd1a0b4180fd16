package shelf_test

import (
	"slices"
	"strings"
	"testing"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/shelf"
	"commonfield/catalog/stock"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
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

// walk follows the cursors of a filter to the end.
func walk(t *testing.T, s *shelf.Shelf, f shelf.Filter) (all []shelf.Card, pages int) {
	t.Helper()
	for {
		cards, next, err := s.Page(t.Context(), f)
		must(t, err)
		all, pages = append(all, cards...), pages+1
		if next == "" {
			return all, pages
		}
		if pages > 100 {
			t.Fatal("the pages do not end")
		}
		f.After = next
	}
}

func ids(cards []shelf.Card) (all []id.ID) {
	for _, c := range cards {
		all = append(all, c.ID)
	}
	return all
}

func TestACardShowsPricePlaceAndWhatIsLeft(t *testing.T) {
	db, market := dbtest.Open(t)
	photo := "photo/" + strings.Repeat("0a", 32)
	l, _ := catalogtest.Stocked(t, db, market, 5000, func(d *catalog.Draft) { d.Photos = []string{photo, photo} })
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		return stock.Reserve(tx, []stock.Want{{Sale: id.New(), Line: 1, Listing: l.ID, Quantity: 1200, By: by}})
	}))
	cards, next, err := shelf.New(db, region.New(db)).Page(t.Context(), shelf.Filter{Market: &market})
	must(t, err)
	if len(cards) != 1 || next != "" {
		t.Fatalf("%d cards, next %q", len(cards), next)
	}
	c := cards[0]
	if c.ID != l.ID || c.Market != market || c.MarketCode == "" || c.Title != "薄皮核桃" || c.TitleEN != "Paper-shell walnuts" || c.PriceMinor != 2800 ||
		c.Currency != "CNY" || c.Unit != "jin" || c.Minimum != 500 || c.Photo != photo || c.ProducerID != l.ProducerID || c.ProducerName != "阿依古丽" {
		t.Fatalf("card %+v", c)
	}
	if c.Region != "新疆尉犁县" || c.Available != 3800 {
		t.Fatalf("place %q, left %d", c.Region, c.Available)
	}
}

func TestPagesFollowEachOtherWithoutGapOrRepeat(t *testing.T) {
	db, market := dbtest.Open(t)
	first := catalogtest.Listing(t, db, market)
	want := []id.ID{first.ID}
	for range 9 {
		want = append(want, catalogtest.Listing(t, db, market).ID)
	}
	slices.Reverse(want) // newest first
	s := shelf.New(db, region.New(db))
	for n, pages := range map[int]int{1: 10, 3: 4, 5: 2, 10: 1, 0: 1, 1000: 1} {
		all, got := walk(t, s, shelf.Filter{Market: &market, N: n})
		if !slices.Equal(ids(all), want) || got != pages {
			t.Errorf("pages of %d: %d listings on %d pages", n, len(all), got)
		}
	}
}

func TestOnlyLiveListingsOfActiveProducersAreShown(t *testing.T) {
	db, market := dbtest.Open(t)
	c, s := catalog.New(db), shelf.New(db, region.New(db))
	live := catalogtest.Listing(t, db, market)
	draft := catalogtest.Listing(t, db, market, func(d *catalog.Draft) { d.State = catalog.Drafted })
	paused := catalogtest.Listing(t, db, market)
	must(t, c.Pause(t.Context(), market, paused.ID, by))
	suspended := catalogtest.Listing(t, db, market)
	must(t, producer.New(db).Suspend(t.Context(), market, suspended.ProducerID, catalogtest.By, "test"))
	for _, n := range []int{1, 20} { // a page of one is empty where the suspended one stands, and goes on
		all, _ := walk(t, s, shelf.Filter{Market: &market, N: n})
		if !slices.Equal(ids(all), []id.ID{live.ID}) {
			t.Errorf("shown %v", ids(all))
		}
	}
	_, err := s.One(t.Context(), market, draft.ID)
	wantFault(t, err, "listing_unknown")
	_, err = s.One(t.Context(), market, id.New())
	wantFault(t, err, "listing_unknown")
	_, err = s.One(t.Context(), dbtest.Market(t, db), live.ID)
	wantFault(t, err, "listing_unknown")
	for _, l := range []catalog.Listing{paused, suspended} {
		v, err := s.One(t.Context(), market, l.ID)
		must(t, err)
		if v.Live {
			t.Errorf("%+v is shown as live", v)
		}
	}
}

func TestAFilterShowsWhatItNamesAndNothingElse(t *testing.T) {
	db, market := dbtest.Open(t)
	other := dbtest.Market(t, db)
	word := strings.ToLower(id.Secret(8)) // no other test has it
	made := map[string]catalog.Listing{}
	for name, category := range map[string]string{"walnut": "walnut", "nut": "nut", "rice": "rice"} {
		made[name] = catalogtest.Listing(t, db, market, func(d *catalog.Draft) { d.Category, d.TitleEN = category, "100%_"+word+" "+name })
	}
	made["far"] = catalogtest.Listing(t, db, other, func(d *catalog.Draft) { d.Title = word + "米" })
	s := shelf.New(db, region.New(db))
	for name, c := range map[string]struct {
		f    shelf.Filter
		want []string
	}{
		"a market":                    {shelf.Filter{Market: &market}, []string{"walnut", "nut", "rice"}},
		"a category with its parts":   {shelf.Filter{Market: &market, Category: "nut"}, []string{"walnut", "nut"}},
		"a part alone":                {shelf.Filter{Market: &market, Category: "walnut"}, []string{"walnut"}},
		"an unknown category":         {shelf.Filter{Category: "gold"}, nil},
		"a producer":                  {shelf.Filter{Market: &market, Producer: made["rice"].ProducerID}, []string{"rice"}},
		"a text over all markets":     {shelf.Filter{Text: strings.ToUpper(word)}, []string{"walnut", "nut", "rice", "far"}},
		"a text and a category":       {shelf.Filter{Text: " " + word + " ", Category: "grain"}, []string{"rice"}},
		"a text is no pattern":        {shelf.Filter{Text: "100_%" + word}, nil},
		"signs of patterns are found": {shelf.Filter{Text: "100%_" + word}, []string{"walnut", "nut", "rice"}},
		"a text with a zero":          {shelf.Filter{Text: word + "\x00"}, []string{"walnut", "nut", "rice", "far"}},
		"all together":                {shelf.Filter{Market: &other, Category: "nut", Producer: made["far"].ProducerID, Text: "米"}, []string{"far"}},
	} {
		all, _ := walk(t, s, c.f)
		got := map[id.ID]bool{}
		for _, card := range all {
			got[card.ID] = true
		}
		for _, w := range c.want {
			if !got[made[w].ID] {
				t.Errorf("%s: %s is missing", name, w)
			}
		}
		if len(all) != len(c.want) {
			t.Errorf("%s: %d cards", name, len(all))
		}
	}
}

func TestACursorThatNoPageGaveIsRefused(t *testing.T) {
	db, _ := dbtest.Open(t)
	for _, cursor := range []string{"x", "' OR 1=1", strings.Repeat("f", 36)} {
		_, _, err := shelf.New(db, region.New(db)).Page(t.Context(), shelf.Filter{After: cursor})
		wantFault(t, err, "cursor_bad")
	}
	_, _, err := shelf.New(db, region.New(db)).Page(t.Context(), shelf.Filter{Producer: id.New()})
	wantFault(t, err, "required")
}

func TestOneListingIsToldWhole(t *testing.T) {
	db, market := dbtest.Open(t)
	l, _ := catalogtest.Stocked(t, db, market, 5000)
	_, err := catalog.New(db).SetRate(t.Context(), market, catalog.Fee, "", "", 300, db.Now(), by)
	must(t, err)
	s := shelf.New(db, region.New(db))
	v, err := s.One(t.Context(), market, l.ID)
	must(t, err)
	if v.ID != l.ID || !v.Live || !v.Weighed || v.UnitBase != 500 || v.Available != 5000 || v.FeeBP != 300 || v.TaxBP != 0 ||
		v.CategoryName != "核桃" || v.CategoryNameEN != "Walnuts" || v.Region != "新疆尉犁县" || v.Village != "达西村" ||
		v.Story != "一捏就开。" || v.ProducerStory != "三代种核桃。" || v.Exemption == "" || v.SellerPayee == id.None ||
		v.MarketName == "" || v.TimeZone != "Asia/Shanghai" || v.WeightBandBP != 300 {
		t.Fatalf("view %+v", v)
	}
}

func TestAListAndAPageOfGoodsCostOneTrip(t *testing.T) {
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Pool = 1 })
	l := catalogtest.Listing(t, db, market)
	s := shelf.New(db, region.New(db))
	read := func() {
		_, _, err := s.Page(t.Context(), shelf.Filter{Market: &market})
		must(t, err)
	}
	one := func() {
		_, err := s.One(t.Context(), market, l.ID)
		must(t, err)
	}
	for name, f := range map[string]func(){"list": read, "page": one} {
		f() // prepares, and learns the place's name
		before := db.Trips()
		f()
		if n := db.Trips() - before; n != 1 {
			t.Errorf("%s: %d trips", name, n)
		}
	}
}
