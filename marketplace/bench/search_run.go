package bench

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
)

// indexing builds the index once, for it takes long, and beside it copies the
// same rows into a bare table and makes the same indexes there.
func indexing(ctx context.Context, s *stage, c Case) ([]Result, error) {
	f, err := s.shelf(ctx)
	if err != nil {
		return nil, err
	}
	took := f.filled
	if took.time == 0 { // the data set was there already
		if took, err = s.build(ctx, f); err != nil {
			return nil, err
		}
		if _, err := f.owner.ExecContext(ctx, "ANALYZE"); err != nil {
			return nil, err
		}
	}
	least, n, err := s.copied(ctx, f)
	if err != nil {
		return nil, err
	}
	h, err := f.engine.Health(ctx)
	if err != nil {
		return nil, err
	}
	if n != s.Documents || s.MeiliURL != "" && h.Documents != int64(n) {
		return nil, broken("%d of %d documents are in the index, and %s has %d", n, s.Documents, h.Engine, h.Documents)
	}
	each := float64(n) * float64(time.Millisecond)
	r := Result{Case: c.Name, Done: n, Rate: float64(n) / took.time.Seconds(), P50: float64(took.time) / float64(time.Millisecond), CPU: float64(took.own) / each, CPUDB: float64(took.db) / each}
	r.Note = fmt.Sprintf("%d documents, %s %s", n, h.Engine, h.Version)
	r.Against = []Against{against(c, c.Limits[0].Name, float64(n)/least.time.Seconds(), least.time.Seconds()/took.time.Seconds())}
	r.Against[0].CPUDB = float64(least.db) / each
	return []Result{r}, nil
}

// copied is how long the database takes for the rows of the live index by COPY
// and then for its indexes. Reading the rows is not counted.
func (s *stage) copied(ctx context.Context, f *shelf) (took effort, n int, err error) {
	slot, err := f.slot(ctx)
	if err != nil {
		return took, 0, err
	}
	live := "search_documents_" + slot
	reader, err := f.owner.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return took, 0, err
	}
	defer func() { _ = reader.Rollback() }()
	names, err := texts(reader.QueryContext(ctx, "SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position", live))
	if err != nil {
		return took, 0, err
	}
	indexes, err := texts(reader.QueryContext(ctx, "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = $1::regclass ORDER BY indexrelid", live))
	if err != nil {
		return took, 0, err
	}
	if _, err := reader.ExecContext(ctx, "DECLARE rows CURSOR FOR SELECT "+strings.Join(names, "::text, ")+"::text FROM "+live); err != nil {
		return took, 0, err
	}
	tx, err := f.owner.BeginTx(ctx, nil)
	if err != nil {
		return took, 0, err
	}
	defer func() { _ = tx.Rollback() }() // the bare table goes with it
	if _, err := tx.ExecContext(ctx, "CREATE TABLE bench_bare (LIKE "+live+")"); err != nil {
		return took, 0, err
	}
	for {
		rows, err := rowsFrom(ctx, reader, len(names))
		if err != nil {
			return took, 0, err
		}
		if len(rows) == 0 {
			break
		}
		n += len(rows)
		if err := took.of(s, func() error { return copyIn(ctx, tx, names, rows) }); err != nil {
			return took, 0, err
		}
	}
	for i, def := range indexes {
		_, on, _ := strings.Cut(def, " USING ")
		unique := ""
		if strings.HasPrefix(def, "CREATE UNIQUE") {
			unique = "UNIQUE "
		}
		def := fmt.Sprintf("CREATE %sINDEX bench_bare_%d ON bench_bare USING %s", unique, i, on)
		if err := took.of(s, func() error { _, err := tx.ExecContext(ctx, def); return err }); err != nil {
			return took, 0, err
		}
	}
	return took, n, nil
}

func texts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// rowsFrom reads some rows as texts.
func rowsFrom(ctx context.Context, tx *sql.Tx, columns int) ([][]any, error) {
	rows, err := tx.QueryContext(ctx, "FETCH 20000 FROM rows")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all [][]any
	for rows.Next() {
		values, into := make([]string, columns), make([]any, columns)
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]any, columns)
		for i, v := range values {
			row[i] = v
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

func copyIn(ctx context.Context, tx *sql.Tx, names []string, rows [][]any) error {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = pq.QuoteIdentifier(name)
	}
	st, err := tx.PrepareContext(ctx, "COPY bench_bare ("+strings.Join(quoted, ", ")+") FROM STDIN")
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	for _, row := range rows {
		if _, err := st.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	_, err = st.ExecContext(ctx) // what is still on its way is written
	return err
}

// inTurn asks queries one after another, and again from the first.
func inTurn(queries []search.Query, ask func(ctx context.Context, i int) (int, error)) deed {
	var next atomic.Int64
	return func(ctx context.Context, _ int) error {
		i := int(next.Add(1)-1) % len(queries)
		n, err := ask(ctx, i)
		if err == nil && n == 0 {
			err = broken("%q finds nothing any more", queries[i].Text)
		}
		return err
	}
}

func fewHits(ctx context.Context, s *stage, c Case) ([]Result, error) {
	f, err := s.shelf(ctx)
	if err != nil {
		return nil, err
	}
	slot, err := f.slot(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := f.owner.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	bare, args := make([]*sql.Stmt, len(f.few)), make([][]any, len(f.few))
	for i, q := range f.few {
		var text string
		text, args[i] = pg.Bare(q, slot)
		if bare[i], err = conn.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // it ends with its connection
			return nil, err
		}
	}
	limit := inTurn(f.few, func(ctx context.Context, i int) (int, error) {
		rows, err := bare[i].QueryContext(ctx, args[i]...)
		if err != nil {
			return 0, err
		}
		all, err := keysOf(rows)
		return len(all), err
	})
	r := Result{Case: c.Name, Clients: 1, Note: fmt.Sprintf("%d queries, %s", len(f.few), f.engine.Name())}
	var p50, p95, p99, rates, parts, least []float64
	for round := range s.Rounds + 1 {
		d := s.Each
		l := drive(ctx, 1, d, limit)
		o := drive(ctx, 1, d, inTurn(f.few, f.ask(f.few)))
		if l.first != nil {
			return nil, l.first
		}
		if r.Errors += o.errors; o.first != nil {
			r.Note = o.first.Error()
		}
		if round == 0 { // caches and plans are cold
			continue
		}
		r.Done += len(o.each)
		p50, p95, p99, rates = append(p50, o.at(.5)), append(p95, o.at(.95)), append(p99, o.at(.99)), append(rates, o.rate())
		parts, least = append(parts, l.at(.99)/o.at(.99)), append(least, l.rate())
	}
	r.P50, r.P95, r.P99, r.Rate = median(p50), median(p95), median(p99), median(rates)
	r.Against = []Against{against(c, c.Limits[0].Name, median(least), median(parts))}
	return []Result{r}, nil
}

// ask asks the engine.
func (f *shelf) ask(queries []search.Query) func(context.Context, int) (int, error) {
	return func(ctx context.Context, i int) (int, error) {
		a, err := f.engine.Search(ctx, queries[i])
		return len(a.Hits), err
	}
}

func manyHits(ctx context.Context, s *stage, c Case) ([]Result, error) {
	f, err := s.shelf(ctx)
	if err != nil || len(f.many) == 0 {
		return nil, err
	}
	return s.within(ctx, c, f, f.many, inTurn(f.many, f.ask(f.many)))
}

func meantHits(ctx context.Context, s *stage, c Case) ([]Result, error) {
	f, err := s.shelf(ctx)
	if err != nil {
		return nil, err
	}
	ask := f.ask(f.meant)
	return s.within(ctx, c, f, f.meant, inTurn(f.meant, func(ctx context.Context, i int) (int, error) { _, err := ask(ctx, i); return 1, err }))
}

// within holds what is asked against a time: half of the answers come in it.
func (s *stage) within(ctx context.Context, c Case, f *shelf, queries []search.Query, ask deed) ([]Result, error) {
	const most = 50
	for range queries { // facets are counted once before they are kept
		if err := ask(ctx, 0); err != nil {
			return nil, err
		}
	}
	l := drive(ctx, 1, time.Duration(s.Rounds)*s.Each, ask)
	r := Result{Case: c.Name, Clients: 1, Done: len(l.each), Errors: l.errors, Rate: l.rate(), P50: l.at(.5), P95: l.at(.95), P99: l.at(.99), Note: fmt.Sprintf("%d queries, %s", len(queries), f.engine.Name())}
	if l.first != nil {
		r.Note = l.first.Error()
	}
	r.Against = []Against{against(c, c.Limits[0].Name, 1000/most, most/max(r.P50, .01))}
	return []Result{r}, nil
}
