package bench

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"

	"commonfield/marketplace"
	"commonfield/storage"
)

// counted is what one deed costs by number, which no other work of the machine
// changes: trips to the database, pages of the database, allocations.
type counted struct{ trips, pages, allocs, bytes float64 }

func (r *Result) counted(c counted) {
	r.Trips, r.Pages, r.Allocs, r.Bytes = c.trips, c.pages, c.allocs, c.bytes
}

// count does a deed alone, on a program and a connection of its own, in batches
// whose median counts: so what the server's own cleaning reads meanwhile is not
// counted, unless it reads all the time.
func (s *stage) count(ctx context.Context, do func(context.Context, *stage) error) (counted, error) {
	batches, times := 9, 40
	if s.Smoke {
		batches, times = 3, 5
	}
	m, err := marketplace.Open(ctx, marketplace.Config{URL: s.url, Data: filepath.Join(s.Data, "bench"), Pool: 1, Stripe: s.far.options()})
	if err != nil {
		return counted{}, err
	}
	defer func() { _ = m.Shut() }()
	on := &stage{Options: s.Options, url: s.url, owner: s.owner, goods: s.goods, far: s.far, m: m}
	for range 3 { // what a connection costs at its beginning
		if err := do(ctx, on); err != nil {
			return counted{}, err
		}
	}
	each := make([][]float64, 4)
	for range batches {
		c, err := on.batch(ctx, times, do)
		if err != nil {
			return counted{}, err
		}
		for i, v := range []float64{c.trips, c.pages, c.allocs, c.bytes} {
			each[i] = append(each[i], v/float64(times))
		}
	}
	return counted{median(each[0]), median(each[1]), median(each[2]), median(each[3])}, nil
}

// batch does a deed some times and counts all of it.
func (s *stage) batch(ctx context.Context, times int, do func(context.Context, *stage) error) (counted, error) {
	pages, err := s.pages(ctx)
	if err != nil {
		return counted{}, err
	}
	var was, is runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&was)
	trips := s.m.DB.Trips()
	for range times {
		if err := do(ctx, s); err != nil {
			return counted{}, err
		}
	}
	trips = s.m.DB.Trips() - trips
	runtime.ReadMemStats(&is)
	after, err := s.pages(ctx)
	return counted{float64(trips), float64(after - pages), float64(is.Mallocs - was.Mallocs), float64(is.TotalAlloc - was.TotalAlloc)}, err
}

// pages is how many pages of the database were touched until now: the program's
// one connection, which would tell once a second, is made to tell at once.
func (s *stage) pages(ctx context.Context) (pages int64, err error) {
	err = s.m.DB.ViewShared(ctx, func(tx *storage.Tx) error {
		var nothing string
		return tx.Get(&nothing, "SELECT pg_stat_force_next_flush()::text")
	})
	if err != nil {
		return 0, err
	}
	db, err := sql.Open("postgres", s.URL) // another database: asking does not count
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(ctx, "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = $1", s.name()).Scan(&pages)
	return pages, err
}

func (s *stage) name() string { return fmt.Sprintf("commonfield_bench_%d", s.Size) }
