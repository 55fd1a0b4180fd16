package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// clock is a test's own time; jobs, leases and pauses all go by it.
type clock struct{ now atomic.Int64 }

func (c *clock) move(d time.Duration) { c.now.Add(int64(d)) }

func (c *clock) options(o *storage.Options) {
	c.now.Store(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC).UnixNano())
	o.Clock = func() time.Time { return time.Unix(0, c.now.Load()) }
}

func open(t testing.TB) (*storage.DB, int32, *clock) {
	t.Helper()
	c := &clock{}
	db, m := dbtest.Open(t, c.options)
	return db, m, c
}

func add(t testing.TB, db *storage.DB, m int32, kind, key string, at ...time.Time) {
	t.Helper()
	if err := db.Update(t.Context(), m, func(tx *storage.Tx) error { jobs.Add(tx, kind, key, key, at...); return nil }); err != nil {
		t.Fatal(err)
	}
}

// mark writes a row as the work of a job.
func mark(tx *storage.Tx, what string) {
	tx.Queue("INSERT INTO trail (market_id, id, person_id, deed, subject, at) VALUES ($1, $2, $2, 'work', $3, $4)", tx.Market, id.New(), what, tx.Now)
}

// marks counts them.
func marks(t testing.TB, db *storage.DB, m int32) (n, different int) {
	t.Helper()
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		row := struct {
			N int `db:"n"`
			D int `db:"d"`
		}{}
		err := tx.Get(&row, "SELECT count(*) AS n, count(DISTINCT subject) AS d FROM trail WHERE market_id = $1", m)
		n, different = row.N, row.D
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, different
}

type row struct {
	State    string    `db:"state"`
	Attempts int       `db:"attempts"`
	RunAt    time.Time `db:"run_at"`
	Error    string    `db:"error"`
	Leased   bool      `db:"leased"`
	ID       id.ID     `db:"id"`
}

func look(t testing.TB, db *storage.DB, m int32, key string) (r row) {
	t.Helper()
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		return tx.Get(&r, "SELECT state, attempts, run_at, error, leased_by IS NOT NULL AS leased, id FROM jobs WHERE market_id = $1 AND key = $2", m, key)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func drain(t testing.TB, w *jobs.Worker, m int32) int {
	t.Helper()
	n, err := w.Drain(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func do(f func(tx *storage.Tx, j jobs.Job) error) map[string]jobs.Handler {
	return map[string]jobs.Handler{"k": {Do: f}}
}

func marking(tx *storage.Tx, j jobs.Job) error { mark(tx, j.Key); return nil }

func TestAddingTwiceIsAddingOnce(t *testing.T) {
	db, m, _ := open(t)
	err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
		jobs.Add(tx, "k", "a", nil)
		jobs.Add(tx, "k", "a", nil) // gathered into one statement with the first
		jobs.Add(tx, "other", "a", nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w := jobs.NewWorker(db, do(marking), jobs.Options{})
	add(t, db, m, "k", "a")
	if n := drain(t, w, m); n != 1 {
		t.Fatalf("%d jobs ran, want 1", n)
	}
	add(t, db, m, "k", "a") // done is done
	if n := drain(t, w, m); n != 0 {
		t.Fatalf("%d jobs ran once more", n)
	}
	if n, _ := marks(t, db, m); n != 1 {
		t.Fatalf("the work was done %d times", n)
	}
}

func TestAKeyThatCannotBeThereYetAndIsFailsItsTransaction(t *testing.T) {
	db, m, _ := open(t)
	first := func(key string) error {
		return db.Update(t.Context(), m, func(tx *storage.Tx) error {
			jobs.AddFirst(tx, "order:timer", key, key)
			mark(tx, key)
			return nil
		})
	}
	if err := first("a"); err != nil {
		t.Fatal(err)
	}
	add(t, db, m, "order:timer", "a") // adding it once more changes nothing
	if err := first("a"); !storage.Violates(err, "jobs_once") {
		t.Fatalf("the same key for the first time again: %v", err)
	}
	if n, _ := marks(t, db, m); n != 1 {
		t.Fatalf("%d deeds are written, not 1", n)
	}
}

func TestAJobIsGoneWithItsTransaction(t *testing.T) {
	db, m, _ := open(t)
	gone := errors.New("no")
	if err := db.Update(t.Context(), m, func(tx *storage.Tx) error { jobs.Add(tx, "k", "a", nil); return gone }); !errors.Is(err, gone) {
		t.Fatal(err)
	}
	if n := drain(t, jobs.NewWorker(db, do(marking), jobs.Options{}), m); n != 0 {
		t.Fatalf("%d jobs ran", n)
	}
}

func TestAddingCostsNoTrip(t *testing.T) {
	db, m := dbtest.Open(t, func(o *storage.Options) { o.Pool = 1 })
	cost := func(also func(tx *storage.Tx)) int64 {
		before := db.Trips()
		if err := db.Update(t.Context(), m, func(tx *storage.Tx) error { mark(tx, "x"); also(tx); return nil }); err != nil {
			t.Fatal(err)
		}
		return db.Trips() - before
	}
	for i := range 2 {
		plain := cost(func(*storage.Tx) {})
		with := cost(func(tx *storage.Tx) { jobs.Add(tx, "k", id.New().String(), nil) })
		if i == 1 && plain != with {
			t.Fatalf("%d trips with a job, %d without", with, plain)
		}
	}
}

func TestAJobRunsAtItsTimeWithItsBody(t *testing.T) {
	db, m, c := open(t)
	var got jobs.Job
	w := jobs.NewWorker(db, do(func(_ *storage.Tx, j jobs.Job) error { got = j; return nil }), jobs.Options{})
	err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
		jobs.Add(tx, "k", "later", map[string]int{"sacks": 3}, tx.Now.Add(time.Hour))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.move(time.Hour - time.Second)
	if n := drain(t, w, m); n != 0 {
		t.Fatal("it ran too early")
	}
	c.move(time.Second)
	if n := drain(t, w, m); n != 1 {
		t.Fatalf("%d jobs ran", n)
	}
	var body struct {
		Sacks int `json:"sacks"`
	}
	if err := json.Unmarshal(got.Body, &body); err != nil || body.Sacks != 3 || got.Market != m || got.Kind != "k" || got.Key != "later" || got.Attempts != 0 {
		t.Fatalf("the job was %+v, %v", got, err)
	}
}

func TestAJobIsLateAnHourAfterItCouldFirstBeDone(t *testing.T) {
	db, m, c := open(t)
	err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
		jobs.Add(tx, "k", "this morning's", struct{}{}, tx.Now.Add(-5*time.Hour))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	heard := func() (said []audit.Values) {
		err := db.View(t.Context(), m, func(tx *storage.Tx) error {
			for _, a := range jobs.Alarms() {
				more, err := a.Run(tx)
				if err != nil {
					return err
				}
				said = append(said, more...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return said
	}
	if said := heard(); len(said) > 0 {
		t.Errorf("as soon as it is added: %q", said)
	}
	c.move(time.Hour + time.Second)
	if said := heard(); len(said) != 1 || said[0]["job"] != "k" || said[0]["count"] != int64(1) {
		t.Errorf("nobody did it for an hour: %q", said)
	}
}

func TestWorkThatFailsLeavesNothingAndIsTriedTenTimes(t *testing.T) {
	db, m, c := open(t)
	broken := true
	tries := 0
	w := jobs.NewWorker(db, do(func(tx *storage.Tx, j jobs.Job) error {
		if j.Attempts != tries {
			t.Errorf("try %d says it is try %d", tries, j.Attempts)
		}
		tries++
		mark(tx, j.Key)
		if broken {
			return errors.New("坏了\x00\xff" + strings.Repeat("长", 1000))
		}
		return nil
	}), jobs.Options{})
	add(t, db, m, "k", "a")
	var waited time.Duration
	for i := 1; i <= 10; i++ {
		if n := drain(t, w, m); n != 1 {
			t.Fatalf("try %d: %d jobs ran", i, n)
		}
		r := look(t, db, m, "a")
		if i < 10 && (r.State != "ready" || r.Attempts != i) || !strings.HasPrefix(r.Error, "坏了??长") {
			t.Fatalf("after try %d: %+v", i, r)
		}
		pause := r.RunAt.Sub(db.Now())
		if i < 10 && pause <= 0 {
			t.Fatalf("after try %d it waits %s", i, pause)
		}
		waited += pause
		c.move(pause)
	}
	if r := look(t, db, m, "a"); r.State != "failed" || tries != 10 || waited < 3*time.Hour || waited > 30*time.Hour {
		t.Fatalf("after ten tries in %s: %+v", waited, r)
	}
	c.move(1000 * time.Hour)
	if n := drain(t, w, m); n != 0 {
		t.Fatal("a job that gave up ran")
	}
	gone, err := jobs.Failed(t.Context(), db, m)
	if err != nil || len(gone) != 1 || gone[0].Key != "a" || gone[0].Attempts != 10 || gone[0].FinishedAt.IsZero() {
		t.Fatalf("given up: %+v, %v", gone, err)
	}
	if heard := alarms(t, db, m); len(heard) != 1 || heard[0]["key"] != "a" || !strings.HasPrefix(heard[0].String(), "error=坏了") {
		t.Fatalf("alarms: %q", heard)
	}
	if n, _ := marks(t, db, m); n != 0 {
		t.Fatalf("failed work left %d rows", n)
	}
	broken, tries = false, 0
	for range 2 {
		if err := jobs.Retry(t.Context(), db, m, gone[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if n := drain(t, w, m); n != 1 || look(t, db, m, "a").State != "done" {
		t.Fatalf("after Retry %d ran", n)
	}
	if err := jobs.Retry(t.Context(), db, m, gone[0].ID); err != nil || look(t, db, m, "a").State != "done" {
		t.Fatalf("retrying what is done: %v", err)
	}
	if err := jobs.Retry(t.Context(), db, m, id.New()); !fault.Has(err, "not_found") {
		t.Fatalf("retrying what is not there: %v", err)
	}
}

func alarms(t testing.TB, db *storage.DB, m int32) (all []audit.Values) {
	t.Helper()
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		for _, a := range jobs.Alarms() {
			heard, err := a.Run(tx)
			if err != nil {
				return err
			}
			all = append(all, heard...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryWayToFailIsAFailureAndNoCrash(t *testing.T) {
	db, m, _ := open(t)
	refused := fault.Conflict("conflict")
	h := map[string]jobs.Handler{
		"panics": {Do: func(*storage.Tx, jobs.Job) error { panic("oh") }},
		"writes what cannot be": {Do: func(tx *storage.Tx, _ jobs.Job) error {
			tx.Queue("INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES ($1, 'owed:x', -1)", m)
			return nil
		}},
		"overlooks a refusal": {Do: func(tx *storage.Tx, _ jobs.Job) error {
			tx.Expect(1, refused, "UPDATE jobs SET error = '' WHERE market_id = $1 AND id = $2", m, id.New())
			_ = tx.Flush()
			return nil
		}},
		"panics in the call": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) { panic("oh") }},
		"fails in the call": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
			return nil, errors.New("the bank is closed")
		}},
		"panics in the end": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
			return func(*storage.Tx) error { panic("oh") }, nil
		}},
		"is refused in the end": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
			return func(*storage.Tx) error { return refused }, nil
		}},
	}
	w := jobs.NewWorker(db, h, jobs.Options{})
	for kind := range h {
		add(t, db, m, kind, kind)
	}
	if n := drain(t, w, m); n != len(h) {
		t.Fatalf("%d jobs ran, want %d", n, len(h))
	}
	for kind := range h {
		if r := look(t, db, m, kind); r.State != "ready" || r.Attempts != 1 || r.Error == "" || r.Leased || !r.RunAt.After(db.Now()) {
			t.Errorf("what %s: %+v", kind, r)
		}
	}
}

func TestAgainIsNoFailure(t *testing.T) {
	db, m, c := open(t)
	var runs int
	answers := []error{&jobs.Again{At: db.Now().Add(time.Hour)}, fmt.Errorf("wrapped: %w", jobs.Again{At: db.Now().Add(2 * time.Hour)}), &jobs.Again{At: db.Now()}, nil}
	w := jobs.NewWorker(db, map[string]jobs.Handler{
		"k": {Do: func(*storage.Tx, jobs.Job) error { runs++; return answers[runs-1] }},
		"call": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
			return nil, jobs.Again{At: db.Now().Add(24 * time.Hour)}
		}},
	}, jobs.Options{})
	add(t, db, m, "k", "a")
	for i, d := range []time.Duration{0, time.Hour, time.Hour, time.Second} {
		c.move(d)
		if n := drain(t, w, m); n != 1 {
			t.Fatalf("time %d: %d jobs ran", i, n)
		}
		if r := look(t, db, m, "a"); i < 3 && (r.State != "ready" || r.Attempts != 0 || r.Error != "") {
			t.Fatalf("time %d: %+v", i, r)
		}
	}
	add(t, db, m, "call", "b")
	if n := drain(t, w, m); n != 1 {
		t.Fatalf("%d calls ran", n)
	}
	if r := look(t, db, m, "b"); r.State != "ready" || r.Attempts != 0 || !r.RunAt.Equal(db.Now().Add(24*time.Hour)) {
		t.Fatalf("the call: %+v", r)
	}
}

func TestAJobThatNobodyKnowsIsLeftAndNeverLost(t *testing.T) {
	db, m, c := open(t)
	old := jobs.NewWorker(db, do(marking), jobs.Options{})
	add(t, db, m, "new", "a")
	if n := drain(t, old, m); n != 0 {
		t.Fatal("a job of an unknown kind ran")
	}
	c.move(2 * time.Hour)
	if heard := alarms(t, db, m); len(heard) != 1 || !strings.HasPrefix(heard[0].String(), "count=1 job=new since_at=2026-09-01 08:00") {
		t.Fatalf("alarms: %q", heard)
	}
	c.move(8 * 24 * time.Hour)
	add(t, db, m, jobs.SweepKind, "day")
	drain(t, old, m)
	if gone, err := jobs.Failed(t.Context(), db, m); err != nil || len(gone) != 1 {
		t.Fatalf("after a week: %+v, %v", gone, err)
	}
	if err := jobs.Retry(t.Context(), db, m, look(t, db, m, "a").ID); err != nil {
		t.Fatal(err)
	}
	newer := jobs.NewWorker(db, map[string]jobs.Handler{"new": {Do: marking}}, jobs.Options{})
	if n := drain(t, newer, m); n != 1 {
		t.Fatalf("%d jobs ran", n)
	}
}

func TestFinishedJobsAreSweptAfterNinetyDays(t *testing.T) {
	db, m, c := open(t)
	w := jobs.NewWorker(db, do(marking), jobs.Options{})
	add(t, db, m, "k", "a")
	add(t, db, m, "k", "waits", db.Now().AddDate(1, 0, 0))
	drain(t, w, m)
	for i, days := range []int{89, 2} {
		c.move(time.Duration(days) * 24 * time.Hour)
		add(t, db, m, jobs.SweepKind, fmt.Sprint(i))
		drain(t, w, m)
		var n int
		err := db.View(t.Context(), m, func(tx *storage.Tx) error {
			return tx.Get(&n, "SELECT count(*) FROM jobs WHERE market_id = $1 AND kind = 'k'", m)
		})
		if err != nil || n != 2-i {
			t.Fatalf("%d jobs are left, %v", n, err)
		}
	}
}

func TestDepthCountsByState(t *testing.T) {
	c := &clock{}
	db, _ := dbtest.Own(t, c.options)
	m := dbtest.Market(t, db)
	add(t, db, m, "k", "a")
	add(t, db, 0, "k", "of the platform")
	depth, err := jobs.Depth(t.Context(), db)
	if err != nil || depth["ready"] != 2 || depth["leased"] != 0 || depth["failed"] != 0 {
		t.Fatalf("depth is %v, %v", depth, err)
	}
}

func TestDrainsAtOnceDoEachJobOnce(t *testing.T) {
	db, m, _ := open(t)
	w := jobs.NewWorker(db, do(marking), jobs.Options{})
	for i := range 30 {
		add(t, db, m, "k", fmt.Sprint(i))
	}
	var ran atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			n, err := w.Drain(t.Context(), m)
			if err != nil {
				t.Error(err)
			}
			ran.Add(int64(n))
		})
	}
	wg.Wait()
	if n, different := marks(t, db, m); ran.Load() != 30 || n != 30 || different != 30 {
		t.Fatalf("%d ran, %d rows, %d different", ran.Load(), n, different)
	}
}
