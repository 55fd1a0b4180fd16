package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"time"

	"commonfield/catalog/search"
	"commonfield/catalog/search/made"
	"commonfield/catalog/search/pg"
	"commonfield/marketplace"
)

func searchCases() []Case {
	return []Case{
		{Name: "search-index", Says: "building the index of made documents anew", run: indexing, Limits: []Limit{{"COPY and index build", .5}}},
		{Name: "search-few", Says: "what finds at most 2,000 of them, as it is typed; the ratio is of p99", run: fewHits, Limits: []Limit{{"bare statement", .5}}},
		{Name: "search-many", Says: "what finds more, with facets from kept counts; the ratio is of p50", run: manyHits, Limits: []Limit{{"50 ms", 1}}},
		{Name: "search-meant", Says: "what is mistyped or finds nothing, read in other ways", run: meantHits, Limits: []Limit{{"50 ms", 0}}},
	}
}

// shelf is the data set of searches: documents in a database of their own.
type shelf struct {
	m       *marketplace.Marketplace
	owner   *sql.DB
	inside  *pg.Engine    // its rows are the limits', and its answers sort what is asked
	engine  search.Engine // what is measured
	away    func()        // takes what was made beside the database away again
	filled  effort        // what building took, when this run has done it
	few     []search.Query
	many    []search.Query
	meant   []search.Query
	markets []int32
}

// longest bounds the making of the data set: a machine that needs longer is not
// one to measure this on.
const longest = 20 * time.Minute

// shelf opens the data set, and makes it where it is not there yet.
func (s *stage) shelf(ctx context.Context) (*shelf, error) {
	if s.search != nil {
		return s.search, nil
	}
	limited, stop := context.WithTimeoutCause(ctx, longest, broken("%d documents are not made within %s", s.Documents, longest))
	defer stop()
	address, fresh, err := s.database(limited, fmt.Sprintf("commonfield_bench_search_%d", s.Documents))
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := s.prepare(limited, address); err != nil {
			return nil, err
		}
	}
	f := &shelf{away: func() {}}
	for i := range made.Counties {
		f.markets = append(f.markets, int32(firstMarket+i))
	}
	if f.owner, err = sql.Open("postgres", address); err != nil {
		return nil, err
	}
	if f.m, err = marketplace.Open(ctx, marketplace.Config{URL: address, Data: s.Data + "/search"}); err != nil {
		_ = f.owner.Close()
		return nil, err
	}
	f.inside = pg.Open(f.m.DB)
	s.search, f.engine = f, f.inside
	if fresh {
		s.Say(fmt.Sprintf("bench: building the index of %d documents", s.Documents))
		if f.filled, err = s.build(limited, f); err != nil {
			return nil, orCause(limited, err)
		}
		if err := s.finish(ctx, address); err != nil {
			return nil, err
		}
	}
	if err := f.sort(ctx); err != nil || s.MeiliURL == "" {
		return f, err
	}
	return f, s.beside(ctx, f)
}

// orCause says why the time was over, where it was.
func orCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func (f *shelf) close() {
	if f != nil {
		f.away()
		_ = f.m.Shut()
		_ = f.owner.Close()
	}
}

// effort is what a long deed has taken: time, and processor time of this
// process and of PostgreSQL, which other work of the machine changes less.
type effort struct{ time, own, db time.Duration }

func (e *effort) of(s *stage, do func() error) error {
	began, own, db := time.Now(), spent(os.Getpid()), s.databaseCPU()
	err := do()
	e.time += time.Since(began)
	e.own += spent(os.Getpid()) - own
	e.db += s.databaseCPU() - db
	return err
}

// build fills the index as a reindex does: market by market, two pieces at once.
// Making the documents up is not the engine's work and not counted.
func (s *stage) build(ctx context.Context, f *shelf) (took effort, err error) {
	var b search.Build
	if err := took.of(s, func() (err error) { b, err = f.engine.Rebuild(ctx); return err }); err != nil {
		return took, err
	}
	for m := range f.markets {
		for some := range slices.Chunk(made.Of(m, s.Documents, f.markets), 20_000) {
			if err := took.of(s, func() error { return twice(ctx, b, some) }); err != nil {
				_ = b.Drop(context.WithoutCancel(ctx))
				return took, err
			}
		}
	}
	err = took.of(s, func() error { return b.Swap(ctx) })
	return took, err
}

// twice puts pieces by two at once.
func twice(ctx context.Context, b search.Build, docs []search.Document) error {
	pieces, done := make(chan []search.Document), make(chan error, 2)
	for range 2 {
		go func() {
			var err error
			for some := range pieces {
				if err == nil {
					err = b.Put(ctx, some)
				}
			}
			done <- err
		}()
	}
	for some := range slices.Chunk(docs, 500) {
		pieces <- some
	}
	close(pieces)
	err := <-done
	if other := <-done; err == nil {
		err = other
	}
	return err
}

// asks are the 60 things people type, each plain and under one of the filters
// that a shop offers, and lists without a word.
func (f *shelf) asks() []search.Query {
	var all []search.Query
	for i, text := range made.Asked {
		all = append(all, search.Query{Text: text, Kind: search.Listing})
		q := search.Query{Text: text}
		switch i % 4 {
		case 0:
			q.Market = f.markets[i%len(f.markets)]
		case 1:
			q.Region, q.InStock = made.County(i), true
		case 2:
			q.Harvest, q.Market = 2024, f.markets[i%len(f.markets)]
		case 3:
			q.Sort, q.Market = search.ByNewest, f.markets[i%len(f.markets)]
		}
		all = append(all, q)
	}
	for _, c := range []string{"nut", "dried-fruit", "grain"} {
		for _, o := range []search.Sort{search.ByRelevance, search.ByPrice, search.ByPriceDown, search.ByNewest} {
			all = append(all, search.Query{Category: c, Sort: o, Kind: search.Listing})
		}
	}
	return append(all, search.Query{}, search.Query{Sort: search.ByNewest}, search.Query{Sort: search.ByHarvest}, search.Query{Text: "核桃", Sort: search.ByPrice}, search.Query{Text: "大米", Sort: search.ByNear, Near: made.County(0)})
}

// sort divides what is asked by what it finds, and holds each answer against
// the bare statement's: the same documents in the same order.
func (f *shelf) sort(ctx context.Context) error {
	if _, err := f.owner.ExecContext(ctx, "ANALYZE"); err != nil {
		return err
	}
	for _, q := range f.asks() {
		q, err := q.Clean()
		if err != nil {
			return broken("%q is refused: %v", q.Text, err)
		}
		a, err := f.inside.Search(ctx, q)
		if err != nil {
			return err
		}
		same, err := f.likeBare(ctx, q, a)
		if err != nil {
			return err
		}
		switch {
		case !a.Exact || a.Total > 2000:
			q.Facets = true
			f.many = append(f.many, q)
		case a.Corrected != "" || len(a.Hits) == 0 || !same && f.finds(ctx, q) == 0:
			f.meant = append(f.meant, q)
		case !same:
			return broken("%q finds other documents, or in another order, than the bare statement", q.Text)
		default:
			f.few = append(f.few, q)
		}
	}
	if len(f.few) < 10 || len(f.many) < 5 && f.finds(ctx, search.Query{N: 10_000}) > 2500 || len(f.meant) == 0 {
		return broken("of what is asked %d find few, %d many, %d something else", len(f.few), len(f.many), len(f.meant))
	}
	return nil
}

// bareHits runs the bare statement of a query.
func (f *shelf) bareHits(ctx context.Context, q search.Query) ([]search.Key, error) {
	slot, err := f.slot(ctx)
	if err != nil {
		return nil, err
	}
	text, args := pg.Bare(q, slot)
	rows, err := f.owner.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return keysOf(rows)
}

func keysOf(rows *sql.Rows) ([]search.Key, error) {
	defer func() { _ = rows.Close() }()
	var all []search.Key
	for rows.Next() {
		var k search.Key
		var title, titleEN string
		if err := rows.Scan(&k.Market, &k.Kind, &k.ID, &title, &titleEN); err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

func (f *shelf) likeBare(ctx context.Context, q search.Query, a search.Answer) (bool, error) {
	want, err := f.bareHits(ctx, q)
	return err == nil && slices.EqualFunc(want, a.Hits, func(k search.Key, h search.Hit) bool { return k == h.Key }), err
}

// finds is how many documents the bare statement gives; none where it fails.
func (f *shelf) finds(ctx context.Context, q search.Query) int {
	all, _ := f.bareHits(ctx, q)
	return len(all)
}

// slot is which of the two indexes is live.
func (f *shelf) slot(ctx context.Context) (slot string, err error) {
	err = f.owner.QueryRowContext(ctx, "SELECT live FROM search_index WHERE name = 'documents'").Scan(&slot)
	return slot, err
}
