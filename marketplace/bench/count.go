package bench

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"commonfield/marketplace"
)

// counted is what one deed costs by number, which no other work of the machine
// changes: trips to the database, pages of the database, allocations.
type counted struct{ trips, pages, allocs, bytes float64 }

func (r *Result) counted(c counted) {
	r.Trips, r.Pages, r.Allocs, r.Bytes = c.trips, c.pages, c.allocs, c.bytes
}

// count does a deed alone, on a program and connections of its own, some times
// and then three times as often, and takes the difference: so what a connection
// costs at its beginning is not counted. The server tells how many pages a
// connection has touched when the connection ends.
func (s *stage) count(ctx context.Context, do func(context.Context, *stage) error) (counted, error) {
	times := 100
	if s.Smoke {
		times = 5
	}
	few, err := s.counting(ctx, times, do)
	if err != nil {
		return counted{}, err
	}
	many, err := s.counting(ctx, 3*times, do)
	if err != nil {
		return counted{}, err
	}
	n := float64(2 * times)
	return counted{(many.trips - few.trips) / n, (many.pages - few.pages) / n, (many.allocs - few.allocs) / n, (many.bytes - few.bytes) / n}, nil
}

func (s *stage) counting(ctx context.Context, times int, do func(context.Context, *stage) error) (counted, error) {
	before, err := s.pages(ctx)
	if err != nil {
		return counted{}, err
	}
	m, err := marketplace.Open(ctx, marketplace.Config{URL: s.url, Data: filepath.Join(s.Data, "bench"), Pool: 1, Stripe: s.far.options()})
	if err != nil {
		return counted{}, err
	}
	on := &stage{Options: s.Options, url: s.url, owner: s.owner, goods: s.goods, far: s.far, m: m}
	for range 3 {
		if err := do(ctx, on); err != nil {
			_ = m.Shut()
			return counted{}, err
		}
	}
	var was, is runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&was)
	trips := m.DB.Trips()
	for range times {
		if err := do(ctx, on); err != nil {
			_ = m.Shut()
			return counted{}, err
		}
	}
	trips = m.DB.Trips() - trips
	runtime.ReadMemStats(&is)
	if err := m.Shut(); err != nil {
		return counted{}, err
	}
	after, err := s.pages(ctx)
	return counted{float64(trips), float64(after - before), float64(is.Mallocs - was.Mallocs), float64(is.TotalAlloc - was.TotalAlloc)}, err
}

// pages is how many pages the connections that have ended have touched. It
// waits until the figure stands still; other connections of the run are quiet.
func (s *stage) pages(ctx context.Context) (int64, error) {
	db, err := sql.Open("postgres", s.URL) // another database: asking does not count
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	last := int64(-1)
	for range 100 {
		var now int64
		err := db.QueryRowContext(ctx, "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = $1", s.name()).Scan(&now)
		if err != nil || now == last {
			return now, err
		}
		last = now
		time.Sleep(100 * time.Millisecond)
	}
	return last, broken("the database %s is not quiet", s.name())
}

func (s *stage) name() string { return fmt.Sprintf("commonfield_bench_%d", s.Size) }
