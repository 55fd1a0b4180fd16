package bench

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is what some clients did in some time.
type load struct {
	took   time.Duration
	each   []time.Duration // in order
	errors int
	first  error // of the errors
	cpu    time.Duration
	db     time.Duration // of PostgreSQL
}

// share is a time's part for each deed, in milliseconds.
func (l load) share(of time.Duration) float64 {
	return float64(of) / float64(time.Millisecond) / float64(max(len(l.each), 1))
}

func (l load) rate() float64 { return float64(len(l.each)) / l.took.Seconds() }

// at gives the time within which a part of the deeds was done, in milliseconds.
func (l load) at(part float64) float64 {
	if len(l.each) == 0 {
		return 0
	}
	i := min(int(part*float64(len(l.each))), len(l.each)-1)
	return float64(l.each[i]) / float64(time.Millisecond)
}

// deed does one thing as one of the clients.
type deed func(ctx context.Context, client int) error

// drive lets clients do a deed again and again for a while. Each waits for its
// own answer before it asks again, as people do. After many errors it gives up.
func drive(ctx context.Context, clients int, d time.Duration, do deed) load {
	const tooMany = 100
	var out load
	var mu sync.Mutex
	var wrong atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	end := began.Add(d)
	for client := range clients {
		all.Go(func() {
			each := make([]time.Duration, 0, 4096)
			var first error
			for now := time.Now(); now.Before(end) && ctx.Err() == nil && wrong.Load() < tooMany; {
				err := do(ctx, client)
				after := time.Now()
				if err != nil {
					first = cmp.Or(first, err)
					wrong.Add(1)
				} else {
					each = append(each, after.Sub(now))
				}
				now = after
			}
			mu.Lock()
			defer mu.Unlock()
			out.each = append(out.each, each...)
			out.first = cmp.Or(out.first, first)
		})
	}
	all.Wait()
	out.took = time.Since(began)
	out.errors = int(wrong.Load())
	slices.Sort(out.each)
	return out
}

// side is the case or one of its limits.
type side struct {
	name string
	do   deed
	cpu  func() time.Duration // used so far by whoever does the work; nil: not told
}

func (s *stage) turn(ctx context.Context, a side, clients int, d time.Duration) load {
	var before time.Duration
	if a.cpu != nil {
		before = a.cpu()
	}
	db := s.databaseCPU()
	l := drive(ctx, clients, d, a.do)
	l.db = s.databaseCPU() - db
	if a.cpu != nil {
		l.cpu = a.cpu() - before
	}
	return l
}

// alternate runs the limits and the case in turns, so that what else the
// machine does meets all of them, and gives the medians over the rounds. The
// first short turn of each is not counted: caches and plans are cold.
func (s *stage) alternate(ctx context.Context, c Case, clients int, of side, limits ...side) (Result, error) {
	for _, one := range append([]side{of}, limits...) {
		if l := s.turn(ctx, one, clients, s.Each/4); l.errors > 0 {
			return Result{}, broken("%s: %v", one.name, l.first)
		}
	}
	r := Result{Case: c.Name, Clients: clients}
	var rates, p50, p95, p99, cpu, db []float64
	parts, reached, costs := make([][]float64, len(limits)), make([][]float64, len(limits)), make([][]float64, len(limits))
	for range s.Rounds {
		var best []float64
		for i, limit := range limits {
			l := s.turn(ctx, limit, clients, s.Each)
			if l.errors > 0 {
				return r, broken("the limit %s: %v", limit.name, l.first)
			}
			best = append(best, l.rate())
			costs[i] = append(costs[i], l.share(l.db))
		}
		l := s.turn(ctx, of, clients, s.Each)
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if r.Errors += l.errors; l.first != nil {
			r.Note = l.first.Error()
		}
		r.Done += len(l.each)
		rates, p50, p95, p99 = append(rates, l.rate()), append(p50, l.at(.50)), append(p95, l.at(.95)), append(p99, l.at(.99))
		cpu, db = append(cpu, l.share(l.cpu)), append(db, l.share(l.db))
		for i := range limits {
			reached[i] = append(reached[i], best[i])
			parts[i] = append(parts[i], l.rate()/best[i])
		}
	}
	r.Rate, r.P50, r.P95, r.P99, r.CPU = median(rates), median(p50), median(p95), median(p99), median(cpu)
	r.CPUDB = median(db)
	for i, limit := range limits {
		a := against(c, limit.name, median(reached[i]), median(parts[i]))
		a.CPUDB = median(costs[i])
		r.Against = append(r.Against, a)
	}
	return r, nil
}

// against judges a part of a limit by the bar of the case.
func against(c Case, limit string, rate, ratio float64) Against {
	a := Against{Limit: limit, Rate: rate, Ratio: ratio}
	for _, l := range c.Limits {
		if l.Name == limit {
			a.Bar = l.Bar
		}
	}
	a.OK = a.Ratio >= a.Bar
	return a
}

func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}
