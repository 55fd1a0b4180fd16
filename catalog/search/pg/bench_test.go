package pg_test

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"commonfield/catalog/search"
	"commonfield/catalog/search/made"
	"commonfield/catalog/search/pg"
	"commonfield/storage"
	"commonfield/storage/dbtest"
)

// large is how many documents the measuring has; COMMONFIELD_SEARCH_DOCUMENTS
// names another number, for instance 544892.
func large() int {
	if n, err := strconv.Atoi(os.Getenv("COMMONFIELD_SEARCH_DOCUMENTS")); err == nil {
		return n
	}
	return 20_000
}

// BenchmarkSearch measures building, and queries that find few and many, each
// beside its limit in the same run: the same rows copied and indexed by the
// database alone, and the bare statement that finds the marks.
func BenchmarkSearch(b *testing.B) {
	db, address := dbtest.Own(b, func(o *storage.Options) { o.Guard = nil })
	e := pg.Open(db)
	var markets []int32
	for range 12 {
		markets = append(markets, dbtest.Market(b, db))
	}
	n := large()
	began := time.Now()
	build, err := e.Rebuild(b.Context())
	must(b, err)
	pieces, done := make(chan []search.Document, 2), make(chan error, 2)
	for range 2 {
		go func() {
			var err error
			for docs := range pieces {
				if err == nil {
					err = build.Put(b.Context(), docs)
				}
			}
			done <- err
		}()
	}
	all := slices.Collect(made.Documents(n, markets))
	slices.SortStableFunc(all, func(x, y search.Document) int { return int(x.Market - y.Market) }) // as a reindex reads them
	for docs := range slices.Chunk(all, 500) {
		pieces <- docs
	}
	close(pieces)
	must(b, <-done)
	must(b, <-done)
	must(b, build.Swap(b.Context()))
	built := time.Since(began)
	owner, err := sql.Open("postgres", address)
	must(b, err)
	defer func() { _ = owner.Close() }()
	conn, err := owner.Conn(b.Context())
	must(b, err)
	defer func() { _ = conn.Close() }()
	began = time.Now()
	for _, q := range []string{"CREATE TABLE bare (LIKE search_documents_b)", "INSERT INTO bare SELECT * FROM search_documents_b", "CREATE INDEX ON bare USING gin (marks)",
		"ALTER TABLE bare ADD PRIMARY KEY (market_id, kind, id)", "CREATE INDEX ON bare (in_stock, listed_at, id)", "CREATE INDEX ON bare (listed_at, id)", "CREATE INDEX ON bare (price_minor, id)",
		"CREATE INDEX ON bare ((CASE WHEN price_minor = 0 THEN 9223372036854775807 ELSE price_minor END), id)", "CREATE INDEX ON bare (harvest_on, id)"} {
		_, err := conn.ExecContext(b.Context(), q)
		must(b, err)
	}
	bare := time.Since(began)
	b.Logf("%d documents: built in %s, copied and indexed in %s: %.2f of it", n, built.Round(time.Millisecond), bare.Round(time.Millisecond), bare.Seconds()/built.Seconds())
	_, err = conn.ExecContext(b.Context(), "ANALYZE")
	must(b, err)
	for _, q := range []search.Query{{Text: "尉犁核桃仁"}, {Text: "薄皮核桃 42号"}, {Text: "hongmi", Market: markets[2]}, {Text: "核桃", Region: "652823", InStock: true}, {Text: "paper shell", Harvest: 2024},
		{Text: "核桃", Facets: true}, {Text: "rice", Facets: true}, {Facets: true}, {Category: "nut", Sort: search.ByPrice, Facets: true}, {Text: "ht"}, {Text: "大米", Sort: search.ByNear, Near: "652823"}, {Text: "wallnut"}} {
		q, err := q.Clean()
		must(b, err)
		bareQ, args := pg.Few(q, "b")
		st, err := conn.PrepareContext(b.Context(), bareQ)
		must(b, err)
		var ours, theirs []time.Duration
		var a search.Answer
		for range 60 {
			began := time.Now()
			a, err = e.Search(b.Context(), q)
			must(b, err)
			ours = append(ours, time.Since(began))
			began = time.Now()
			rows, err := st.QueryContext(b.Context(), args...)
			must(b, err)
			for rows.Next() {
				continue
			}
			must(b, rows.Err())
			must(b, rows.Close())
			theirs = append(theirs, time.Since(began))
		}
		slices.Sort(ours)
		slices.Sort(theirs)
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		b.Logf("%-40s total %6d exact %-5v p50 %7.2f ms p99 %7.2f ms; bare p50 %7.2f p99 %7.2f: %.1f", fmt.Sprintf("%q %s%s%s f=%v", q.Text, q.Category, q.Region, q.Sort, q.Facets), a.Total, a.Exact, ms(ours[30]), ms(ours[58]), ms(theirs[30]), ms(theirs[58]), ms(ours[58])/ms(theirs[58]))
	}
}
