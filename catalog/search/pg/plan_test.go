package pg_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/storage/dbtest"
)

// explain plans a statement as the program prepares it.
func explain(t *testing.T, conn *sql.Conn, query string, args []any) string {
	t.Helper()
	values := make([]string, len(args))
	for i, a := range args {
		values[i] = "'" + strings.ReplaceAll(fmt.Sprint(a), "'", "''") + "'"
	}
	if _, err := conn.ExecContext(t.Context(), "PREPARE p AS "+query); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = conn.ExecContext(t.Context(), "DEALLOCATE p") }()
	call := "EXECUTE p"
	if len(values) > 0 {
		call += "(" + strings.Join(values, ", ") + ")"
	}
	rows, err := conn.QueryContext(t.Context(), "EXPLAIN (COSTS OFF) "+call)
	must(t, err)
	defer func() { _ = rows.Close() }()
	steps := ""
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		steps += line + "\n"
	}
	must(t, rows.Err())
	return steps
}

func TestManyHitsAreReadAlongTheIndexOfTheirOrderAndFewByTheirMarks(t *testing.T) {
	db, address := dbtest.Own(t)
	e := pg.Open(db)
	crowd(t, e, 3_300) // the first build is b
	others := make([]search.Document, 2_000)
	for i := range others {
		others[i] = doc(i, fmt.Sprintf("货 %d", i), "Goods", fmt.Sprintf("kind-%d", i%20))
		others[i].Parent = fmt.Sprintf("sort-%d", i%5)
	}
	must(t, e.Put(t.Context(), others))
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	conn, err := owner.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	for _, q := range []string{"ANALYZE", "SET plan_cache_mode = force_generic_plan"} {
		_, err := conn.ExecContext(t.Context(), q)
		must(t, err)
	}
	for sort, index := range map[search.Sort]string{search.ByRelevance: "new", search.ByPrice: "price", search.ByPriceDown: "price", search.ByNewest: "listed", search.ByHarvest: "harvest"} {
		for _, q := range []search.Query{{Sort: sort}, {Sort: sort, Text: "核桃"}, {Sort: sort, Category: "walnut", InStock: true, Region: "65"}} {
			query, args := pg.Walk(q, "b")
			steps := explain(t, conn, query, args)
			if !strings.Contains(steps, "Index Scan") || strings.Contains(steps, "Seq Scan on search_documents") || strings.Contains(steps, "Bitmap") || sort != search.ByPrice && !strings.Contains(steps, index) {
				t.Errorf("%q by %q does not walk along an index:\n%s", q.Text, sort, steps)
			}
		}
	}
	for sort, name := range map[search.Sort]string{search.ByPrice: "cheap", search.ByPriceDown: "price"} {
		for _, q := range []search.Query{{Sort: sort, Category: "walnut"}, {Sort: sort, Category: "walnut", Text: "核桃", Market: 1}} {
			for _, at := range [][]string{nil, {"1300", "01900000-0000-7000-8000-000000000001"}} {
				query, args := pg.WalkBehind(q, "b", at)
				steps := explain(t, conn, query, args)
				for _, column := range []string{"category", "parent"} {
					if !strings.Contains(steps, "using search_"+column+"_"+name+"_b") {
						t.Errorf("%q in a category by %q does not walk along its prices (%s):\n%s", q.Text, sort, column, steps)
					}
				}
				if behind := strings.Count(steps, "Index Cond: ((category = $") + strings.Count(steps, "Index Cond: ((parent = $"); at != nil && behind != 2 || strings.Contains(steps, "Sort Key") && !strings.Contains(steps, "Merge Append") {
					t.Errorf("%q in a category by %q begins at the first page again:\n%s", q.Text, sort, steps)
				}
			}
		}
	}
	for _, q := range []search.Query{{Text: "核桃"}, {Text: "新疆核桃仁"}, {Text: "hetao", Category: "walnut"}, {Category: "walnut", Region: "65"}} {
		query, args := pg.Few(q, "b")
		if steps := explain(t, conn, query, args); !strings.Contains(steps, "Bitmap Index Scan on search_marks_b") {
			t.Errorf("%q is not found by its marks:\n%s", q.Text, steps)
		}
	}
}
