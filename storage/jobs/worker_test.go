package jobs_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/jobs"
)

// start runs workers until the test, or stop, ends them.
func start(t testing.TB, ws ...*jobs.Worker) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, w := range ws {
		wg.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(stop)
	return stop
}

// await gives up after a minute: something hangs.
func await[T any](t testing.TB, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatalf("%s did not come", what)
	}
	return v
}

func TestTwoWorkersOnOneDatabaseDoEachJobOnce(t *testing.T) {
	c := &clock{}
	db, address := dbtest.Own(t, c.options)
	db2, err := storage.Open(t.Context(), storage.Options{URL: address, Pool: 4, Guard: dbtest.Guard, Clock: func() time.Time { return time.Unix(0, c.now.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db2.Close() })
	markets := []int32{dbtest.Market(t, db), dbtest.Market(t, db)}
	for i := range 200 {
		kind := "k"
		if i%2 == 0 {
			kind = "call"
		}
		add(t, db, markets[i%3%2], kind, fmt.Sprint(i))
	}
	var calls, ended atomic.Int64
	all := make(chan struct{})
	over := func() {
		if ended.Add(1) == 200 {
			close(all)
		}
	}
	h := map[string]jobs.Handler{
		"k": {Do: func(tx *storage.Tx, j jobs.Job) error { mark(tx, j.Key); tx.OnCommit(over); return nil }},
		"call": {Call: func(_ context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
			calls.Add(1)
			return func(tx *storage.Tx) error { mark(tx, j.Key); tx.OnCommit(over); return nil }, nil
		}},
	}
	o := jobs.Options{Workers: 3, Every: 10 * time.Millisecond}
	stop := start(t, jobs.NewWorker(db, h, o), jobs.NewWorker(db2, h, o))
	await(t, "the last job", all)
	stop()
	n1, d1 := marks(t, db, markets[0])
	n2, d2 := marks(t, db, markets[1])
	if n1+n2 != 200 || d1+d2 != 200 || calls.Load() != 100 {
		t.Fatalf("%d rows, %d different, %d calls", n1+n2, d1+d2, calls.Load())
	}
	if depth, err := jobs.Depth(t.Context(), db); err != nil || depth["ready"]+depth["leased"]+depth["failed"] != 0 {
		t.Fatalf("depth is %v, %v", depth, err)
	}
}

// A worker is killed in its call: its lease runs out and another has the job.
// What the first still wants to write comes too late.
func TestAJobOfALostWorkerRunsAgainAndEndsOnce(t *testing.T) {
	db, m, c := open(t)
	inside, goOn := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	w := jobs.NewWorker(db, map[string]jobs.Handler{"k": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
		n := calls.Add(1)
		if n == 1 {
			close(inside)
			<-goOn
		}
		return func(tx *storage.Tx) error { mark(tx, fmt.Sprint("by call ", n)); return nil }, nil
	}}}, jobs.Options{})
	add(t, db, m, "k", "a")
	first := make(chan error, 1)
	go func() { _, err := w.Drain(context.Background(), m); first <- err }()
	await(t, "the first call", inside)
	if n := drain(t, w, m); n != 0 {
		t.Fatal("a leased job ran")
	}
	c.move(4 * time.Minute)
	if n := drain(t, w, m); n != 0 {
		t.Fatal("a leased job ran before its lease was out")
	}
	c.move(2 * time.Minute)
	if n := drain(t, w, m); n != 1 {
		t.Fatalf("%d jobs ran after the lease", n)
	}
	if r := look(t, db, m, "a"); r.State != "done" || r.Attempts != 2 {
		t.Fatalf("after the lease: %+v", r)
	}
	close(goOn)
	if err := await(t, "the end of the first", first); err != nil {
		t.Fatal(err)
	}
	if n, _ := marks(t, db, m); n != 1 || calls.Load() != 2 {
		t.Fatalf("%d rows after %d calls", n, calls.Load())
	}
}

func TestALateFailureDoesNotTouchWhoHasTheJobNow(t *testing.T) {
	db, m, c := open(t)
	inside, goOn := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	w := jobs.NewWorker(db, map[string]jobs.Handler{"k": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
		if calls.Add(1) == 1 {
			close(inside)
			<-goOn
			return nil, errors.New("too late")
		}
		return nil, nil
	}}}, jobs.Options{})
	add(t, db, m, "k", "a")
	first := make(chan error, 1)
	go func() { _, err := w.Drain(context.Background(), m); first <- err }()
	await(t, "the first call", inside)
	c.move(6 * time.Minute)
	drain(t, w, m)
	close(goOn)
	if err := await(t, "the end of the first", first); err != nil {
		t.Fatal(err)
	}
	if r := look(t, db, m, "a"); r.State != "done" || r.Error != "" {
		t.Fatalf("afterwards: %+v", r)
	}
}

func TestAJobThatKillsItsWorkersGivesUp(t *testing.T) {
	db, m, c := open(t)
	add(t, db, m, "k", "a")
	w := jobs.NewWorker(db, map[string]jobs.Handler{"k": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
		t.Error("it was called")
		return nil, nil
	}}}, jobs.Options{})
	err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET state = 'leased', attempts = 9, leased_by = id, lease_until = $2 WHERE market_id = $1", m, tx.Now.Add(time.Minute))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.move(2 * time.Minute)
	drain(t, w, m)
	if r := look(t, db, m, "a"); r.State != "failed" || r.Attempts != 10 || r.Error == "" {
		t.Fatalf("afterwards: %+v", r)
	}
}

func TestRunReturnsWhenRunningJobsAreFinished(t *testing.T) {
	db, m, _ := open(t)
	inside, goOn := make(chan struct{}), make(chan struct{})
	w := jobs.NewWorker(db, map[string]jobs.Handler{"k": {Call: func(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
		close(inside)
		<-goOn
		return func(tx *storage.Tx) error { mark(tx, j.Key); return nil }, ctx.Err()
	}}}, jobs.Options{Markets: []int32{m}, Grace: time.Hour})
	add(t, db, m, "k", "a")
	ctx, cancel := context.WithCancel(context.Background())
	returned := make(chan error, 1)
	go func() { returned <- w.Run(ctx) }()
	await(t, "the call", inside)
	cancel()
	select {
	case <-returned:
		t.Fatal("Run returned while a job was running")
	default:
	}
	close(goOn)
	if err := await(t, "the end of Run", returned); err != nil {
		t.Fatal(err)
	}
	if r := look(t, db, m, "a"); r.State != "done" {
		t.Fatalf("afterwards: %+v", r)
	}
}

func TestACallThatOutlastsTheGraceIsGivenBack(t *testing.T) {
	db, m, _ := open(t)
	inside := make(chan struct{})
	w := jobs.NewWorker(db, map[string]jobs.Handler{"k": {Call: func(ctx context.Context, _ jobs.Job) (func(*storage.Tx) error, error) {
		close(inside)
		<-ctx.Done()
		return nil, ctx.Err()
	}}}, jobs.Options{Markets: []int32{m}, Grace: time.Millisecond})
	add(t, db, m, "k", "a")
	stop := start(t, w)
	await(t, "the call", inside)
	stop()
	if r := look(t, db, m, "a"); r.State != "ready" || r.Attempts != 0 || r.Leased || r.RunAt.After(db.Now()) {
		t.Fatalf("afterwards: %+v", r)
	}
}

// One market has a hundred jobs before the other has one; with one pair of
// hands the other's job is done second or third, not last.
func TestABusyMarketDoesNotStarveAnother(t *testing.T) {
	c := &clock{}
	db, _ := dbtest.Own(t, c.options)
	busy, quiet := dbtest.Market(t, db), dbtest.Market(t, db)
	err := db.Update(t.Context(), busy, func(tx *storage.Tx) error {
		for i := range 100 {
			jobs.Add(tx, "k", fmt.Sprint(i), nil)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.move(time.Minute)
	add(t, db, quiet, "k", "a")
	var order []int32
	done := make(chan struct{})
	w := jobs.NewWorker(db, do(func(_ *storage.Tx, j jobs.Job) error {
		order = append(order, j.Market)
		if j.Market == quiet {
			close(done)
		}
		return nil
	}), jobs.Options{Workers: 1, Markets: []int32{busy, quiet}, Every: time.Hour})
	stop := start(t, w)
	await(t, "the quiet market's job", done)
	stop()
	for i, m := range order {
		if m == quiet && i > 2 {
			t.Fatalf("the quiet market came as number %d", i+1)
		}
	}
}

// A slow call holds one pair of hands; the other goes on.
func TestASlowCallDoesNotHoldUpTheRest(t *testing.T) {
	db, m, _ := open(t)
	inside, goOn, done := make(chan struct{}), make(chan struct{}), make(chan string, 10)
	w := jobs.NewWorker(db, map[string]jobs.Handler{
		"slow": {Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
			close(inside)
			<-goOn
			return nil, nil
		}},
		"k": {Do: func(_ *storage.Tx, j jobs.Job) error { done <- j.Key; return nil }},
	}, jobs.Options{Workers: 2, Markets: []int32{m}, Every: time.Hour})
	add(t, db, m, "slow", "a")
	start(t, w)
	await(t, "the slow call", inside)
	defer close(goOn)
	for i := range 5 {
		add(t, db, m, "k", fmt.Sprint(i))
		w.Wake()
		await(t, "a quick job", done)
	}
}

func TestWorkThatFollowsWorkNeedsNoWake(t *testing.T) {
	db, m, _ := open(t)
	done := make(chan struct{})
	w := jobs.NewWorker(db, do(func(tx *storage.Tx, j jobs.Job) error {
		if len(j.Key) == 20 {
			close(done)
			return nil
		}
		jobs.Add(tx, "k", j.Key+"a", nil)
		return nil
	}), jobs.Options{Markets: []int32{m}, Every: time.Hour})
	add(t, db, m, "k", "a")
	start(t, w)
	await(t, "the twentieth", done)
}

func TestAWorkerLooksByItself(t *testing.T) {
	db, m, _ := open(t)
	done := make(chan struct{})
	w := jobs.NewWorker(db, do(func(*storage.Tx, jobs.Job) error { close(done); return nil }), jobs.Options{Markets: []int32{m}, Every: time.Millisecond})
	start(t, w)
	add(t, db, m, "k", "a")
	await(t, "the job", done)
}

func TestAWorkerLeavesOtherMarketsAlone(t *testing.T) {
	db, mine, _ := open(t)
	other := dbtest.Market(t, db)
	add(t, db, other, "k", "a")
	add(t, db, mine, "k", "a")
	done := make(chan struct{})
	w := jobs.NewWorker(db, do(func(tx *storage.Tx, _ jobs.Job) error { tx.OnCommit(func() { close(done) }); return nil }), jobs.Options{Markets: []int32{mine}, Every: time.Millisecond})
	stop := start(t, w)
	await(t, "my job", done)
	stop()
	if r := look(t, db, other, "a"); r.State != "ready" || r.Attempts != 0 {
		t.Fatalf("the other market's job: %+v", r)
	}
}

func TestRunningWorkersSweepAMarketOnceADay(t *testing.T) {
	c := &clock{}
	db, _ := dbtest.Own(t, c.options)
	m := dbtest.Market(t, db)
	for day := range 2 {
		add(t, db, m, "k", fmt.Sprint(day))
		done := make(chan struct{})
		h := do(func(tx *storage.Tx, _ jobs.Job) error { tx.OnCommit(func() { close(done) }); return nil })
		other := map[string]jobs.Handler{"none": {Do: marking}}
		stop := start(t, jobs.NewWorker(db, h, jobs.Options{Every: time.Millisecond}), jobs.NewWorker(db, other, jobs.Options{Every: time.Millisecond}))
		await(t, "the job", done)
		stop()
		var n int
		err := db.View(t.Context(), m, func(tx *storage.Tx) error {
			return tx.Get(&n, "SELECT count(*) FROM jobs WHERE market_id = $1 AND kind = $2", m, jobs.SweepKind)
		})
		if err != nil || n != day+1 {
			t.Fatalf("day %d: %d sweeps, %v", day, n, err)
		}
		c.move(24 * time.Hour)
	}
}

func TestALostDatabaseDoesNotEndTheWorker(t *testing.T) {
	c := &clock{}
	db, address := dbtest.Own(t, c.options)
	m := dbtest.Market(t, db)
	done := make(chan string, 2)
	w := jobs.NewWorker(db, do(func(tx *storage.Tx, j jobs.Job) error {
		tx.OnCommit(func() { done <- j.Key })
		return nil
	}), jobs.Options{Every: time.Millisecond})
	start(t, w)
	add(t, db, m, "k", "before")
	await(t, "the first job", done)
	owner, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close() }()
	var cut int
	err = owner.QueryRow("SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) s").Scan(&cut)
	if err != nil || cut == 0 {
		t.Fatalf("%d connections were cut, %v", cut, err)
	}
	add(t, db, m, "k", "after")
	if key := await(t, "the second job", done); key != "after" {
		t.Fatalf("%s ran", key)
	}
}
