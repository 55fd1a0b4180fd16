package shelf_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// away is an engine that cannot be reached while somebody says so, and one that
// refuses one document always.
type away struct {
	search.Engine
	gone   bool
	poison id.ID
	tried  int // how often it got the poison
}

func (a *away) Put(ctx context.Context, docs []search.Document) error {
	if a.gone {
		return fault.Unavailable("search_down")
	}
	for _, d := range docs {
		if d.ID == a.poison {
			a.tried++
			return context.DeadlineExceeded
		}
	}
	return a.Engine.Put(ctx, docs)
}

func (a *away) Each(ctx context.Context, market int32, see func(search.Key, int64) error) error {
	if a.gone {
		return fault.Unavailable("search_down")
	}
	return a.Engine.Each(ctx, market, see)
}

func (a *away) Health(ctx context.Context) (search.Health, error) {
	if a.gone {
		return search.Health{}, fault.Unavailable("search_down")
	}
	return a.Engine.Health(ctx)
}

// outage is a shop whose engine is away, at a time of the test's own.
type outage struct {
	*found
	engine *away
	now    atomic.Int64
}

func fails(t *testing.T) *outage {
	t.Helper()
	o := &outage{}
	o.now.Store(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC).UnixNano())
	db, _ := dbtest.Own(t, func(s *storage.Options) { s.Clock = func() time.Time { return time.Unix(0, o.now.Load()) } })
	o.engine = &away{Engine: pg.Open(db), gone: true}
	o.found = &found{db: db, engine: o.engine, shelf: shelf.New(db, region.New(db)), market: dbtest.Market(t, db)}
	catalogtest.Load(t, db)
	o.desk = search.New(db, o.engine, nil, o.shelf.Listings(), o.shelf.Producers())
	o.desk.Patience = time.Minute
	o.work = jobs.NewWorker(db, map[string]jobs.Handler{jobs.IndexKind: {Call: o.desk.Bring}}, jobs.Options{})
	return o
}

// pass lets time go by, with the work that becomes due in it.
func (o *outage) pass(t *testing.T, times int, each time.Duration) {
	t.Helper()
	for range times {
		o.now.Add(int64(each))
		o.drain(t)
	}
}

func (o *outage) look(t *testing.T) {
	t.Helper()
	_, err := o.desk.Look(t.Context(), jobs.Job{})
	must(t, err)
}

func (o *outage) gaveUp(t *testing.T) int {
	t.Helper()
	all, err := jobs.Failed(t.Context(), o.db, o.market)
	must(t, err)
	return len(all)
}

// report is the audit of search, and how many alarms it hears.
func (o *outage) report(t *testing.T) (audit.Result, int) {
	t.Helper()
	r, err := audit.Run(t.Context(), o.db, []int32{o.market}, o.desk.Checks(), jobs.Alarms())
	must(t, err)
	n := 0
	for _, a := range r.Alarms {
		if strings.Contains(a.String(), "job gave up") {
			n++
		}
	}
	return r.Checks[0], n
}

func TestSearchCatchesUpByItselfAfterAnOutageLongerThanAllTries(t *testing.T) {
	for name, mend := range map[string]func(t *testing.T, o *outage){
		"by the look":      func(t *testing.T, o *outage) { o.look(t) },
		"by building anew": func(t *testing.T, o *outage) { _, err := o.desk.Reindex(t.Context(), nil); must(t, err) },
	} {
		t.Run(name, func(t *testing.T) {
			o := fails(t)
			l := catalogtest.Listing(t, o.db, o.market)
			o.drain(t)
			o.look(t)
			o.pass(t, 48, time.Hour)
			if o.gaveUp(t) != 2 { // the goods and their grower
				t.Fatalf("%d changes gave up in two days", o.gaveUp(t))
			}
			o.look(t) // it is still away: nothing is tried, and the alarm stays
			if r, alarms := o.report(t); o.gaveUp(t) != 2 || alarms != 2 || r.Skipped == "" {
				t.Fatalf("while it is away: %d gave up, %d alarms, %+v", o.gaveUp(t), alarms, r)
			}
			o.engine.gone = false
			// The control: without the look nothing is ever found again, and the audit says so.
			o.pass(t, 48, time.Hour)
			if r, alarms := o.report(t); r.OK || len(r.Violations) != 2 || alarms != 2 || o.finds(t, "核桃", l.ID) {
				t.Fatalf("left alone: %d alarms, %+v", alarms, r)
			}
			mend(t, o)
			o.clean(t)
			_, lag, err := o.desk.Lag(t.Context())
			must(t, err)
			if _, alarms := o.report(t); alarms != 0 || lag != 0 || !o.finds(t, "核桃", l.ID) {
				t.Fatalf("%d alarms, behind by %s", alarms, lag)
			}
		})
	}
}

// After the eighth try a change waits for hours; an engine that is well again
// need not wait for that.
func TestChangesDoNotWaitForTheirNextTryWhenTheEngineIsWellAgain(t *testing.T) {
	o := fails(t)
	l := catalogtest.Listing(t, o.db, o.market)
	o.pass(t, 90, time.Minute)
	o.engine.gone = false
	o.drain(t)
	if o.gaveUp(t) != 0 || o.finds(t, "核桃", l.ID) {
		t.Fatal("the changes do not wait")
	}
	o.look(t)
	o.clean(t)
	if !o.finds(t, "核桃", l.ID) {
		t.Fatal("it is not found")
	}
}

// What the engine refuses for a reason of its own gets one try at each look, and
// is an alarm between them; it hides no other difference from the audit.
func TestAChangeThatIsRefusedStaysAnAlarm(t *testing.T) {
	o := fails(t)
	l := catalogtest.Listing(t, o.db, o.market)
	o.pass(t, 48, time.Hour)
	o.engine.gone, o.engine.poison = false, l.ID // which the grower's change brings too
	for look := range 3 {
		o.look(t)
		o.drain(t)
		r, alarms := o.report(t)
		if o.engine.tried != 2*(look+1) || alarms != 2 || len(r.Violations) != 1 || r.Skipped != "" {
			t.Fatalf("look %d: %d tries, %d alarms, %+v", look, o.engine.tried, alarms, r)
		}
	}
	must(t, catalog.New(o.db).Archive(t.Context(), o.market, l.ID, catalogtest.By.ID))
	o.look(t)
	o.clean(t)
	if _, alarms := o.report(t); alarms != 0 {
		t.Errorf("%d alarms when there is nothing to bring any more", alarms)
	}
}
