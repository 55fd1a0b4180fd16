package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Handler does the jobs of one kind: exactly one of the two is set.
type Handler struct {
	// Do works inside the transaction that ends the job.
	Do func(tx *storage.Tx, j Job) error
	// Call is for work over the network: the job is claimed and committed, the
	// call is made, and finish runs in the transaction that ends the job. It may
	// be called again after a crash, so what it calls must know its own key.
	Call func(ctx context.Context, j Job) (finish func(tx *storage.Tx) error, err error)
}

// Options of a worker.
type Options struct {
	Workers int           // at once; 0 is 2
	Every   time.Duration // between looks when nobody wakes it; 0 is 500 ms
	Log     *slog.Logger
}

const (
	mostTries = 10
	lease     = 5 * time.Minute
	kept      = 90 * 24 * time.Hour
)

// Worker runs due jobs of all markets in turn. Several may run on one
// database, in one program or many.
type Worker struct {
	db       *storage.DB
	handlers map[string]Handler
	o        Options
	me       id.ID
	wake     chan struct{}
}

// NewWorker gives a worker for the kinds handed in. Jobs of other kinds are
// left for an instance that knows them.
func NewWorker(db *storage.DB, handlers map[string]Handler, o Options) *Worker {
	if o.Workers == 0 {
		o.Workers = 2
	}
	if o.Every == 0 {
		o.Every = 500 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{db: db, handlers: handlers, o: o, me: id.New(), wake: make(chan struct{}, 1)}
}

// Wake makes the worker look now.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns when running jobs are finished.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(w.o.Every)
	defer tick.Stop()
	for {
		if _, err := w.round(ctx); err != nil && ctx.Err() == nil {
			w.o.Log.Error("jobs: a look failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-w.wake:
		}
	}
}

// round looks once at every market that has due work and lets the markets take
// turns, one job each, until none has any.
func (w *Worker) round(ctx context.Context) (int, error) {
	total := 0
	for ctx.Err() == nil {
		markets, err := w.ready(ctx)
		if err != nil || len(markets) == 0 {
			return total, err
		}
		n, err := w.turn(ctx, markets)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
	return total, nil
}

func (w *Worker) turn(ctx context.Context, markets []int32) (int, error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first error
	n := 0
	slots := make(chan struct{}, w.o.Workers)
	for _, m := range markets {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			did, err := w.one(ctx, m)
			mu.Lock()
			defer mu.Unlock()
			if did {
				n++
			}
			if err != nil && first == nil {
				first = err
			}
		})
	}
	wg.Wait()
	return n, first
}

// ready names the markets that have due work of kinds we know.
func (w *Worker) ready(ctx context.Context) ([]int32, error) {
	var markets []int32
	err := w.db.ViewShared(ctx, func(tx *storage.Tx) error {
		return tx.Select(&markets, `SELECT DISTINCT market_id FROM jobs WHERE run_at <= $1 AND kind = ANY($2)
			AND (state = 'ready' OR state = 'leased' AND lease_until < $1)`, tx.Now, w.kinds())
	})
	return markets, err
}

func (w *Worker) kinds() pq.StringArray {
	var ks pq.StringArray
	for k := range w.handlers {
		ks = append(ks, k)
	}
	return ks
}

// Drain runs everything that is due in one market until nothing is due, and
// says how many jobs ran.
func (w *Worker) Drain(ctx context.Context, market int32) (int, error) {
	n := 0
	for {
		did, err := w.one(ctx, market)
		if err != nil || !did {
			return n, err
		}
		n++
	}
}

// one runs the next due job of a market, if there is one.
func (w *Worker) one(ctx context.Context, market int32) (bool, error) {
	var j Job
	var called, did bool
	var failure error
	err := w.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // a job that is done is not found again
		j, called, did, failure = Job{}, false, false, nil
		err := tx.Get(&j, `SELECT market_id, id, kind, key, body, attempts FROM jobs WHERE market_id = $1 AND run_at <= $2 AND kind = ANY($3)
			AND (state = 'ready' OR state = 'leased' AND lease_until < $2) ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`, market, tx.Now, w.kinds())
		if err == storage.ErrNone {
			return nil
		}
		if err != nil {
			return err
		}
		did = true
		h := w.handlers[j.Kind]
		if h.Call != nil {
			called = true
			tx.Queue("UPDATE jobs SET state = 'leased', leased_by = $3, lease_until = $4 WHERE market_id = $1 AND id = $2", market, j.ID, w.me, tx.Now.Add(lease))
			return nil
		}
		if failure = guarded(func() error { return h.Do(tx, j) }); failure != nil {
			return failure
		}
		done(tx, j)
		return nil
	})
	if failure == nil && err != nil && did && !called {
		failure = err // the handler's own writes failed at the flush
	}
	switch {
	case failure != nil:
		return true, w.failed(ctx, j, failure)
	case err != nil:
		return false, err
	case called:
		return true, w.call(ctx, j)
	}
	return did, nil
}

func (w *Worker) call(ctx context.Context, j Job) error {
	var finish func(*storage.Tx) error
	err := guarded(func() (err error) { finish, err = w.handlers[j.Kind].Call(ctx, j); return })
	if err != nil {
		return w.failed(ctx, j, err)
	}
	err = w.db.Update(ctx, j.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		if err := finish(tx); err != nil {
			return err
		}
		done(tx, j)
		return nil
	})
	if err != nil {
		return w.failed(ctx, j, err)
	}
	return nil
}

func done(tx *storage.Tx, j Job) {
	tx.Queue("UPDATE jobs SET state = 'done', attempts = attempts + 1, error = '', finished_at = $3 WHERE market_id = $1 AND id = $2", j.Market, j.ID, tx.Now)
}

// guarded turns a panic into a failure of the job.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// failed writes down why a job did not succeed and when it is tried again; it
// gives up after ten tries.
func (w *Worker) failed(ctx context.Context, j Job, why error) error {
	var again *Again
	if errors.As(why, &again) {
		return w.db.Update(ctx, j.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			tx.Queue("UPDATE jobs SET state = 'ready', run_at = $3 WHERE market_id = $1 AND id = $2", j.Market, j.ID, again.At)
			return nil
		})
	}
	if ctx.Err() != nil {
		return ctx.Err() // we are stopping: the lease runs out and another takes it
	}
	wait := time.Second << min(j.Attempts, 12)
	wait += rand.N(wait)
	w.o.Log.Warn("jobs: a try failed", "kind", j.Kind, "key", j.Key, "market", j.Market, "attempt", j.Attempts+1, "error", why)
	return w.db.Update(ctx, j.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE jobs SET attempts = $3, error = $4::text, state = CASE WHEN $3 >= $5 THEN 'failed' ELSE 'ready' END,
			run_at = $6, finished_at = CASE WHEN $3 >= $5 THEN $7::timestamptz END WHERE market_id = $1 AND id = $2 AND state <> 'done'`,
			j.Market, j.ID, j.Attempts+1, clip(why.Error()), mostTries, tx.Now.Add(wait), tx.Now)
		return nil
	})
}

func clip(s string) string {
	if len(s) > 2000 {
		return s[:2000]
	}
	return s
}
