package stock_test

import (
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"commonfield/catalog/catalogtest"
	"commonfield/catalog/stock"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// Every statement that the verbs of a sale send is caught on its way and
// explained on full tables: none may read a table from end to end.
func TestNoVerbOfASaleScansATable(t *testing.T) {
	var lock sync.Mutex
	var sent []string
	db, address := dbtest.Own(t, func(o *storage.Options) {
		o.Guard = func(q string, write, tx bool) error {
			lock.Lock()
			defer lock.Unlock()
			if !slices.Contains(sent, q) {
				sent = append(sent, q)
			}
			return dbtest.Guard(q, write, tx)
		}
	})
	market := dbtest.Market(t, db)
	l, h := catalogtest.Stocked(t, db, market, 5000)
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	conn, err := owner.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	run := func(q string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), q, args...); err != nil {
			t.Fatalf("%v: %s", err, q)
		}
	}
	run(`INSERT INTO listings (market_id, id, producer_id, category, title, unit, price_minor, minimum, weight_band_bp, state, created_at, changed_at)
		SELECT market_id, gen_random_uuid(), producer_id, category, title, unit, price_minor, minimum, weight_band_bp, state, created_at, changed_at
		FROM listings, generate_series(1, 2000) WHERE market_id = $1`, market)
	run(`INSERT INTO batches (market_id, id, listing_id, on_hand, created_at)
		SELECT market_id, gen_random_uuid(), id, 1000, created_at FROM listings, generate_series(1, 3) WHERE market_id = $1`, market)
	run(`INSERT INTO reservations (market_id, sale_id, line_no, batch_id, quantity, state, created_at)
		SELECT market_id, gen_random_uuid(), 1, id, 1, 'shipped', created_at FROM batches, generate_series(1, 3) WHERE market_id = $1`, market)
	run("ANALYZE")
	run("SET plan_cache_mode = force_generic_plan") // the program runs with this too

	lock.Lock()
	sent = nil
	lock.Unlock()
	sale, gone := id.New(), id.New()
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		return errors.Join(
			stock.Reserve(tx, []stock.Want{
				{Sale: sale, Line: 1, Listing: l.ID, Quantity: 1000, By: by},
				{Sale: gone, Line: 1, Listing: l.ID, Quantity: 1000, By: by},
			}),
			stock.LetGo(tx, by, "test", gone),
			stock.LetGoPart(tx, sale, map[int]int64{1: 100}, by, "test"),
			stock.Ship(tx, sale, map[int]int64{1: 910}, by),
			stock.Return(tx, sale, map[int]int64{1: 10}, by))
	}))
	_, err = stock.New(db).Correct(t.Context(), once.Key{}, market, by, h.ID, 5, "found")
	must(t, err)

	number := regexp.MustCompile(`\$(\d+)`)
	for _, q := range sent {
		params := 0
		for _, m := range number.FindAllStringSubmatch(q, -1) {
			n, _ := strconv.Atoi(m[1])
			params = max(params, n)
		}
		if params == 0 {
			continue
		}
		run("PREPARE p AS " + q)
		rows, err := conn.QueryContext(t.Context(), "EXPLAIN (COSTS OFF) EXECUTE p("+strings.TrimSuffix(strings.Repeat("NULL, ", params), ", ")+")")
		must(t, err)
		plan := ""
		for rows.Next() {
			var line string
			must(t, rows.Scan(&line))
			plan += line + "\n"
		}
		must(t, rows.Err())
		for _, table := range []string{"batches", "reservations", "stock_moves", "listings"} {
			if strings.Contains(plan, "Seq Scan on "+table) {
				t.Errorf("%s\nscans %s:\n%s", q, table, plan)
			}
		}
		run("DEALLOCATE p")
	}
	if len(sent) < 9 {
		t.Fatalf("only %d statements were seen", len(sent))
	}
}
