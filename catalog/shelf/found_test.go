package shelf_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/catalog/shelf"
	"commonfield/catalog/stock"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

// found is a shop with its search: the rows, the outbox and the engine.
type found struct {
	db     *storage.DB
	engine search.Engine
	desk   *search.Desk
	shelf  *shelf.Shelf
	work   *jobs.Worker
	market int32
}

func opened(t *testing.T) *found {
	t.Helper()
	db, _ := dbtest.Own(t)
	f := &found{db: db, engine: pg.Open(db), shelf: shelf.New(db, region.New(db)), market: dbtest.Market(t, db)}
	catalogtest.Load(t, db)
	f.desk = search.New(db, f.engine, nil, f.shelf.Listings(), f.shelf.Producers())
	f.desk.Patience = time.Minute // the machine is busy with other tests
	f.work = jobs.NewWorker(db, map[string]jobs.Handler{jobs.IndexKind: {Call: f.desk.Bring}, stock.JobTurn: {Do: stock.Turn}}, jobs.Options{})
	return f
}

func (f *found) drain(t *testing.T) {
	t.Helper()
	_, err := f.work.Drain(t.Context(), f.market)
	must(t, err)
}

func (f *found) ask(t *testing.T, q search.Query) search.Answer {
	t.Helper()
	a, err := f.desk.Query(t.Context(), q)
	must(t, err)
	return a
}

func (f *found) finds(t *testing.T, text string, listing id.ID) bool {
	t.Helper()
	for _, h := range f.ask(t, search.Query{Text: text, N: 100}).Hits {
		if h.ID == listing {
			return true
		}
	}
	return false
}

// clean says that what is found is what should be found.
func (f *found) clean(t *testing.T) {
	t.Helper()
	f.drain(t)
	r, err := audit.Run(t.Context(), f.db, []int32{f.market}, f.desk.Checks(), nil)
	must(t, err)
	if !r.OK || r.Checks[0].Skipped != "" {
		t.Fatalf("%+v", r.Checks)
	}
}

func TestOnlyWhatIsForSaleIsFound(t *testing.T) {
	f := opened(t)
	ctx, by := t.Context(), catalogtest.By
	goods := catalog.New(f.db)
	l := catalogtest.Listing(t, f.db, f.market, func(d *catalog.Draft) { d.State = catalog.Drafted })
	f.clean(t)
	if f.finds(t, "核桃", l.ID) {
		t.Fatal("a draft is found")
	}
	for _, step := range []struct {
		name  string
		do    func() error
		found bool
	}{
		{"published", func() error { return goods.Publish(ctx, f.market, l.ID, by.ID) }, true},
		{"paused", func() error { return goods.Pause(ctx, f.market, l.ID, by.ID) }, false},
		{"published again", func() error { return goods.Publish(ctx, f.market, l.ID, by.ID) }, true},
		{"its producer suspended", func() error {
			return producer.New(f.db).Suspend(ctx, f.market, l.ProducerID, by, "test")
		}, false},
		{"its producer readmitted", func() error {
			return producer.New(f.db).Readmit(ctx, f.market, l.ProducerID, by, "test")
		}, true},
		{"archived", func() error { return goods.Archive(ctx, f.market, l.ID, by.ID) }, false},
	} {
		must(t, step.do())
		f.clean(t)
		if f.finds(t, "核桃", l.ID) != step.found {
			t.Errorf("%s: found %v", step.name, !step.found)
		}
	}
}

func TestAProducerThatIsCalledOtherwiseIsFoundWithTheirGoods(t *testing.T) {
	f := opened(t)
	l := catalogtest.Listing(t, f.db, f.market)
	f.drain(t)
	_, err := producer.New(f.db).Edit(t.Context(), f.market, l.ProducerID, catalogtest.By, producer.Text{Name: "买买提", RegionCode: catalogtest.Yuli, Exemption: "自产自销农副产品"})
	must(t, err)
	f.clean(t)
	if !f.finds(t, "买买提", l.ID) || !f.finds(t, "maimaiti", l.ProducerID) || f.finds(t, "阿依古丽", l.ID) {
		t.Error("the new name is not found, or the old one still is")
	}
}

func TestWhatIsLeftTurnsWithoutAJobForEveryOrder(t *testing.T) {
	f := opened(t)
	l, _ := catalogtest.Stocked(t, f.db, f.market, 5000)
	reserve := func(q int64) id.ID {
		sale := id.New()
		must(t, f.db.Update(t.Context(), f.market, func(tx *storage.Tx) error {
			return stock.Reserve(tx, []stock.Want{{Sale: sale, Line: 1, Listing: l.ID, Quantity: q, By: catalogtest.By.ID}})
		}))
		return sale
	}
	in := func() bool { return len(f.ask(t, search.Query{InStock: true, Kind: search.Listing}).Hits) == 1 }
	waiting := func() int64 {
		n, _, err := jobs.Waiting(t.Context(), f.db, stock.JobTurn)
		must(t, err)
		return n
	}
	f.clean(t)
	if !in() {
		t.Fatal("what has arrived is not in stock")
	}
	reserve(1000)
	reserve(1000)
	if n := waiting(); n != 0 {
		t.Fatalf("%d jobs for orders that left something", n)
	}
	last := reserve(3000)
	f.clean(t)
	if in() {
		t.Fatal("what is sold out is in stock")
	}
	must(t, f.db.Update(t.Context(), f.market, func(tx *storage.Tx) error { return stock.LetGo(tx, catalogtest.By.ID, "", last) }))
	f.clean(t)
	if !in() {
		t.Fatal("what was let go is not in stock")
	}
	sale := reserve(3000)
	must(t, f.db.Update(t.Context(), f.market, func(tx *storage.Tx) error { return stock.Ship(tx, sale, map[int]int64{1: 2900}, catalogtest.By.ID) }))
	f.clean(t)
	if !in() {
		t.Fatal("what a pack left over is not in stock")
	}
}

// Of a sale that takes the last and another that lets go at this moment, the
// outcome is what the rows say, whatever the order.
func TestTurningUnderTrafficEndsWhereTheRowsAre(t *testing.T) {
	f := opened(t)
	l, _ := catalogtest.Stocked(t, f.db, f.market, 2000)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 15 {
				sale := id.New()
				err := f.db.Update(context.Background(), f.market, func(tx *storage.Tx) error {
					return stock.Reserve(tx, []stock.Want{{Sale: sale, Line: 1, Listing: l.ID, Quantity: 1000, By: catalogtest.By.ID}})
				})
				if err == nil {
					err = f.db.Update(context.Background(), f.market, func(tx *storage.Tx) error { return stock.LetGo(tx, catalogtest.By.ID, "", sale) })
				}
				if err != nil && !fault.Has(err, "sold_out") {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range 30 {
			if _, err := f.work.Drain(context.Background(), f.market); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	f.clean(t)
	if a := f.ask(t, search.Query{InStock: true, Kind: search.Listing}); len(a.Hits) != 1 {
		t.Fatal("everything was let go, and it is not in stock")
	}
}

// A server that dies between the commit and the index leaves the job, which is
// done later: nothing that was committed stays unfound.
func TestWhatWasCommittedIsFoundAfterACrash(t *testing.T) {
	f := opened(t)
	l := catalogtest.Listing(t, f.db, f.market)
	died := true
	desk := search.New(f.db, dying{f.engine, &died}, nil, f.shelf.Listings(), f.shelf.Producers())
	work := jobs.NewWorker(f.db, map[string]jobs.Handler{jobs.IndexKind: {Call: desk.Bring}}, jobs.Options{})
	_, err := work.Drain(t.Context(), f.market)
	must(t, err)
	r, err := audit.Run(t.Context(), f.db, []int32{f.market}, f.desk.Checks(), nil)
	must(t, err)
	if r.Checks[0].Skipped == "" {
		t.Fatal("the audit does not say that changes wait")
	}
	_, lag, err := f.desk.Lag(t.Context())
	must(t, err)
	if lag <= 0 {
		t.Fatal("nothing says how far behind search is")
	}
	must(t, f.db.Update(t.Context(), f.market, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET run_at = $2 WHERE market_id = $1 AND state = 'ready'", f.market, tx.Now)
		return err
	}))
	f.clean(t)
	if !f.finds(t, "核桃", l.ID) {
		t.Fatal("it is not found")
	}
}

// dying fails before it writes.
type dying struct {
	search.Engine
	yes *bool
}

func (d dying) Put(ctx context.Context, docs []search.Document) error {
	if *d.yes {
		return fault.Unavailable("search_down")
	}
	return d.Engine.Put(ctx, docs)
}

func TestTheAuditFindsAPlantedDifference(t *testing.T) {
	f := opened(t)
	l := catalogtest.Listing(t, f.db, f.market)
	f.clean(t)
	docs, err := f.shelf.Listings().Documents(t.Context(), f.market, []id.ID{l.ID})
	must(t, err)
	stranger, newer := docs[0], docs[0]
	stranger.ID, newer.Version = id.New(), docs[0].Version+1
	key := docs[0].Key
	for name, c := range map[string]struct{ plant, mend func() error }{
		"missing":   {func() error { return f.engine.Remove(t.Context(), []search.Key{key}) }, func() error { return f.engine.Put(t.Context(), docs) }},
		"a ghost":   {func() error { return f.engine.Put(t.Context(), []search.Document{stranger}) }, func() error { return f.engine.Remove(t.Context(), []search.Key{stranger.Key}) }},
		"a version": {func() error { return f.engine.Put(t.Context(), []search.Document{newer}) }, func() error { _, err := f.desk.Reindex(t.Context(), nil); return err }},
	} {
		must(t, c.plant())
		r, err := audit.Run(t.Context(), f.db, []int32{f.market}, f.desk.Checks(), nil)
		must(t, err)
		if r.OK || len(r.Checks[0].Violations) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
		must(t, c.mend())
		f.clean(t)
	}
}

func TestBuildingAnewLeavesNoGapWhileRowsChange(t *testing.T) {
	f := opened(t)
	ctx := t.Context()
	goods := catalog.New(f.db)
	maker := catalogtest.Producer(t, f.db, f.market).ID
	var all []catalog.Listing
	for range 60 {
		l, err := goods.Offer(ctx, once.Key{}, f.market, catalogtest.By.ID, catalogtest.Draft(maker))
		must(t, err)
		all = append(all, l)
	}
	f.clean(t)
	var stop atomic.Bool
	var running sync.WaitGroup
	running.Go(func() { // one that stays is found at every moment
		for !stop.Load() {
			a, err := f.desk.Query(context.Background(), search.Query{Text: "薄皮核桃", N: 100})
			if err != nil || len(a.Hits) < 30 {
				t.Errorf("%d hits, %v", len(a.Hits), err)
				return
			}
		}
	})
	running.Go(func() { // others come and go
		for i := 30; !stop.Load(); i++ {
			l := all[30+i%30]
			for _, do := range []func(context.Context, int32, id.ID, id.ID) error{goods.Pause, goods.Publish} {
				if err := do(context.Background(), f.market, l.ID, catalogtest.By.ID); err != nil {
					t.Error(err)
				}
				if _, err := f.work.Drain(context.Background(), f.market); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range 6 {
		n, err := f.desk.Reindex(ctx, nil)
		must(t, err)
		if n < 59 {
			t.Errorf("%d documents", n)
		}
	}
	stop.Store(true)
	running.Wait()
	f.clean(t)
}

func TestCardsAreReadFromTheRowsInTheOrderOfTheHits(t *testing.T) {
	f := opened(t)
	a, b, gone := catalogtest.Listing(t, f.db, f.market), catalogtest.Listing(t, f.db, f.market), catalogtest.Listing(t, f.db, f.market)
	must(t, catalog.New(f.db).Archive(t.Context(), f.market, gone.ID, catalogtest.By.ID))
	hit := func(l catalog.Listing) search.Hit {
		return search.Hit{Key: search.Key{Kind: search.Listing, Market: f.market, ID: l.ID}}
	}
	grower := search.Hit{Key: search.Key{Kind: search.Producer, Market: f.market, ID: a.ProducerID}}
	cards, err := f.shelf.Found(t.Context(), []search.Hit{hit(b), hit(gone), grower, hit(a)})
	must(t, err)
	if len(cards) != 2 || cards[0].ID != b.ID || cards[1].ID != a.ID || cards[0].PriceMinor != 2800 || cards[0].Region == "" {
		t.Fatalf("%+v", cards)
	}
}

func TestWhatDoesNotExistIsRefused(t *testing.T) {
	f := opened(t)
	for code, q := range map[string]search.Query{
		"unknown_category": {Category: "plutonium"},
		"region_unknown":   {Region: "99"},
		"cursor_bad":       {After: "zzz"},
		"search_sort":      {Sort: "best"},
	} {
		if _, err := f.desk.Query(t.Context(), q); !fault.Has(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := f.desk.Query(t.Context(), search.Query{Sort: search.ByNear, Near: catalogtest.Yuli, Category: "nut", Region: "65"}); err != nil {
		t.Error(err)
	}
}

func TestSynonymsOfTheOperatorCountAtOnce(t *testing.T) {
	f := opened(t)
	l := catalogtest.Listing(t, f.db, f.market)
	f.drain(t)
	must(t, search.Load(t.Context(), f.db))
	must(t, search.Load(t.Context(), f.db))
	if !f.finds(t, "胡桃", l.ID) {
		t.Fatal("a synonym that every installation has is not known")
	}
	must(t, f.desk.SetSynonyms(t.Context(), catalogtest.By, [][]string{{"核桃", " 合桃 ", "合桃"}, {"alone"}}, ""))
	if a := f.ask(t, search.Query{Text: "合桃"}); !f.finds(t, "合桃", l.ID) || a.Corrected != "" {
		t.Error("the new synonyms do not count")
	}
	if a := f.ask(t, search.Query{Text: "胡桃"}); a.Corrected == "" { // it sounds nearly like 核桃
		t.Error("the old synonyms still count")
	}
	groups, err := f.desk.Synonyms(t.Context())
	must(t, err)
	if len(groups) != 1 || len(groups[0]) != 2 {
		t.Errorf("%v", groups)
	}
	nobody := catalogtest.By
	nobody.Operator = []int32{f.market}
	if err := f.desk.SetSynonyms(t.Context(), nobody, nil, ""); !fault.Has(err, "operator_only") {
		t.Errorf("an operator of one market sets them for all: %v", err)
	}
	if err := f.desk.SetSynonyms(t.Context(), catalogtest.By, [][]string{{"核桃", "，"}}, ""); !fault.Has(err, "synonym_name") {
		t.Errorf("a name without letters: %v", err)
	}
}
