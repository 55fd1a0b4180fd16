package shelf_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"commonfield/agents/region"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// full gives a database of 5,000 live listings of 50 producers in two markets,
// two batches each, among 5,000 paused ones, and its owner's connection. Ids grow
// with time, as they do in life: a walk along them is a walk along the table.
func full(t *testing.T) (*storage.DB, int32, *sql.Conn) { return filled(t, 5000) }

// filled makes n listings a market, half of them live.
func filled(t *testing.T, n int) (*storage.DB, int32, *sql.Conn) {
	t.Helper()
	db, address := dbtest.Own(t)
	market := dbtest.Market(t, db)
	for _, m := range []int32{market, dbtest.Market(t, db)} {
		catalogtest.Load(t, db)
		var makers []string
		for range 25 {
			makers = append(makers, catalogtest.Producer(t, db, m).ID.String())
		}
		must(t, db.Update(t.Context(), m, func(tx *storage.Tx) error {
			if _, err := tx.Exec(`INSERT INTO listings (market_id, id, producer_id, category, title, unit, price_minor, minimum, weight_band_bp, state, created_at, changed_at)
				SELECT $1::integer, ('01900000-0000-7000-8000-' || lpad(to_hex(n::bigint * 100000 + $1::integer), 12, '0'))::uuid, ('{`+strings.Join(makers, ",")+`}'::uuid[])[1 + n % 25], (ARRAY['walnut','rice','tea','honey'])[1 + (n / 2) % 4],
				'货 ' || n, 'jin', 1000 + n, 500, 0, CASE WHEN n % 2 = 0 THEN 'live' ELSE 'paused' END, $2::timestamptz, $2::timestamptz FROM generate_series(1, $3::integer) n`, m, tx.Now, n); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO batches (market_id, id, listing_id, on_hand, created_at)
				SELECT $1::integer, gen_random_uuid(), l.id, 1000, $2::timestamptz FROM listings l, generate_series(1, 2) WHERE l.market_id = $1::integer`, m, tx.Now)
			return err
		}))
	}
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	conn, err := owner.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	for _, q := range []string{"ANALYZE", "SET plan_cache_mode = force_generic_plan"} { // the program runs with this too
		_, err := conn.ExecContext(t.Context(), q)
		must(t, err)
	}
	return db, market, conn
}

// plan explains a prepared statement, as the program runs it.
func plan(t *testing.T, conn *sql.Conn, query string, args []any) (steps string, pages int) {
	t.Helper()
	values := make([]string, len(args))
	for i, a := range args {
		values[i] = "'" + strings.ReplaceAll(fmt.Sprint(a), "'", "''") + "'"
	}
	if _, err := conn.ExecContext(t.Context(), "PREPARE p AS "+query); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = conn.ExecContext(t.Context(), "DEALLOCATE p") }()
	rows, err := conn.QueryContext(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) EXECUTE p("+strings.Join(values, ", ")+")")
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		steps += line + "\n"
	}
	must(t, rows.Err())
	if m := regexp.MustCompile(`Buffers: shared hit=(\d+)`).FindStringSubmatch(steps); m != nil {
		_, _ = fmt.Sscan(m[1], &pages)
	}
	return steps, pages
}

func TestAPageIsCutAlongAnIndexAndNotFromTheTable(t *testing.T) {
	db, market, conn := full(t)
	tiny := dbtest.Market(t, db)
	catalogtest.Stocked(t, db, tiny, 5000)
	var maker id.ID
	must(t, conn.QueryRowContext(t.Context(), "SELECT id FROM producers WHERE market_id = $1 LIMIT 1", market).Scan(&maker))
	for name, c := range map[string]struct {
		f     shelf.Filter
		index string
	}{
		"all":                    {shelf.Filter{}, "listings_live_all"},
		"a later page":           {shelf.Filter{After: "01900000-0000-7000-8000-00000f000000", N: 100}, "listings_live_all"},
		"a category":             {shelf.Filter{Category: "walnut"}, "listings_live_all_category"},
		"a category with parts":  {shelf.Filter{Category: "grain"}, "listings_live_all_category"},
		"a market":               {shelf.Filter{Market: &market}, "listings_live"},
		"a market's category":    {shelf.Filter{Market: &market, Category: "tea"}, "listings_live_category"},
		"a text that many have":  {shelf.Filter{Text: "货"}, "listings_live_all"},
		"a text in a category":   {shelf.Filter{Text: "货", Category: "grain"}, "listings_live_all_category"},
		"a rare category":        {shelf.Filter{Category: "wool"}, "listings_live_all_category"},
		"a tiny market":          {shelf.Filter{Market: &tiny}, "listings_live"},
		"a tiny market's honey":  {shelf.Filter{Market: &tiny, Category: "honey"}, "listings_live_category"},
		"a producer in a market": {shelf.Filter{Market: &market, Producer: maker}, "listings_of_producer"},
	} {
		t.Run(name, func(t *testing.T) {
			query, args, err := shelf.Statement(c.f)
			must(t, err)
			steps, pages := plan(t, conn, query, args)
			for _, table := range []string{"listings", "batches"} {
				if strings.Contains(steps, "Seq Scan on "+table) || strings.Contains(steps, "Bitmap Heap Scan on "+table) {
					t.Errorf("reads %s without an order:\n%s", table, steps)
				}
			}
			if !regexp.MustCompile(`Index (Only )?Scan (Backward )?using ` + c.index + `\b`).MatchString(steps) {
				t.Errorf("does not walk along %s:\n%s", c.index, steps)
			}
			// Twenty rows and what hangs on them; the whole table is more than 500 pages.
			if most := 15 * max(c.f.N, shelf.Usual); pages > most {
				t.Errorf("%d pages touched, at most %d:\n%s", pages, most, steps)
			}
		})
	}
}

func TestOneListingIsFoundByItsKey(t *testing.T) {
	db, market, conn := full(t)
	cards, _, err := shelf.New(db, region.New(db)).Page(t.Context(), shelf.Filter{Market: &market, N: 1})
	must(t, err)
	steps, pages := plan(t, conn, shelf.One, []any{market, cards[0].ID})
	for _, table := range []string{"listings", "batches"} {
		if strings.Contains(steps, "Seq Scan on "+table) {
			t.Errorf("scans %s:\n%s", table, steps)
		}
	}
	if pages > 40 {
		t.Errorf("%d pages touched:\n%s", pages, steps)
	}
}
