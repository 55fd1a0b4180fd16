package jobs

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
)

// Handler does the jobs of one kind: exactly one of the two is set.
type Handler struct {
	// Do works inside the transaction that ends the job.
	Do func(tx *storage.Tx, j Job) error
	// Call is for work over the network: the job is claimed and committed, the
	// call is made, and finish (or nil) runs in the transaction that ends the
	// job. It may be called again after a crash, so what it calls must know its
	// own key; finish takes effect once.
	Call func(ctx context.Context, j Job) (finish func(tx *storage.Tx) error, err error)
	// Time is how long a call has; 0 is four minutes. After a crash nobody takes
	// the job up before it is over.
	Time time.Duration
}

// time is how long a call has: less than its lease, so that nobody else makes
// the call meanwhile.
func (h Handler) time() time.Duration { return cmp.Or(h.Time, callTime) }

// Options of a worker.
type Options struct {
	Workers int           // at once; 0 is 2
	Markets []int32       // those it works for; nil is all
	Every   time.Duration // between looks when nobody wakes it; 0 is 500 ms
	Grace   time.Duration // for running jobs after Run was told to stop; 0 is 20 s
	Log     *slog.Logger
}

// Worker runs due jobs of all markets in turn. Several may run on one
// database, in one program or many.
type Worker struct {
	db       *storage.DB
	handlers map[string]Handler
	kinds    pq.StringArray
	o        Options
	wake     chan struct{}
	swept    map[int32]string // the day a market's sweep was added; Run's own
	last     int32            // the market that had the last turn; Run's own
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
	if o.Grace == 0 {
		o.Grace = 20 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := &Worker{db: db, handlers: map[string]Handler{}, o: o, wake: make(chan struct{}, 1), swept: map[int32]string{}}
	w.handlers[SweepKind] = Handler{Do: w.sweep}
	for kind, h := range handlers {
		if (h.Do == nil) == (h.Call == nil) {
			panic("jobs: the handler of " + kind + " must have one of Do and Call")
		}
		w.handlers[kind] = h
	}
	for kind := range w.handlers {
		w.kinds = append(w.kinds, kind)
	}
	slices.Sort(w.kinds)
	return w
}

// Wake makes the worker look now.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns when running jobs are finished; those
// that need longer than the grace are broken off and run again elsewhere. It
// is called once.
func (w *Worker) Run(ctx context.Context) error {
	// Jobs outlive ctx by the grace.
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.o.Grace, stop) })()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, w.o.Workers)
	tick := time.NewTicker(w.o.Every)
	defer tick.Stop()
	sick := false
	for {
		err := w.round(ctx, work, slots, &running)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !sick {
			w.o.Log.Error("jobs: cannot look for work", "error", err)
		}
		if err == nil && sick {
			w.o.Log.Info("jobs: looking for work again")
		}
		sick = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-w.wake:
		}
	}
}

// round looks which markets have due work and gives them turns, one job each,
// until none has any or it is time to look again.
func (w *Worker) round(ctx, work context.Context, slots chan struct{}, running *sync.WaitGroup) error {
	markets, err := w.due(ctx)
	if err != nil {
		return err
	}
	if err := w.clear(ctx, markets); err != nil {
		return err
	}
	looked := time.Now()
	r := newRota(markets, w.last)
	for {
		m, ok := r.next()
		if !ok {
			return nil
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		w.last = m
		running.Go(func() {
			defer func() { <-slots }()
			did, err := w.one(work, m)
			if err != nil && work.Err() == nil {
				w.o.Log.Error("jobs: a job could not be run", "market", m, "error", err)
			}
			if !did || err != nil {
				r.drop(m)
			} else if !r.has(m) {
				w.Wake() // it may have left work behind after its market was dropped
			}
		})
		if time.Since(looked) > w.o.Every {
			w.Wake()
			return nil
		}
	}
}

// rota lets markets take turns.
type rota struct {
	mu      sync.Mutex
	markets []int32
	at      int
}

// newRota begins with the market after last, so that looking again does not
// always favour the first.
func newRota(markets []int32, last int32) *rota {
	at := slices.IndexFunc(markets, func(m int32) bool { return m > last })
	return &rota{markets: markets, at: max(at, 0)}
}

func (r *rota) next() (int32, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.markets) == 0 {
		return 0, false
	}
	r.at %= len(r.markets)
	m := r.markets[r.at]
	r.at++
	return m, true
}

func (r *rota) drop(m int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.markets, m); i >= 0 {
		r.markets = slices.Delete(r.markets, i, i+1)
		if i < r.at {
			r.at--
		}
	}
}

func (r *rota) has(m int32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.markets, m)
}
