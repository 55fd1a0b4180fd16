package pg_test

import (
	"database/sql"
	"strings"
	"testing"

	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
)

// indexes are the definitions of a table's indexes, without the table's letter.
func indexes(t *testing.T, owner *sql.DB, slot string) string {
	t.Helper()
	var all string
	must(t, owner.QueryRowContext(t.Context(), `SELECT COALESCE(string_agg(d, E'\n' ORDER BY d), '') FROM
		(SELECT regexp_replace(regexp_replace(pg_get_indexdef(indexrelid), '\s+', ' ', 'g'), '_[ab]([_ ])', '\1', 'g') AS d FROM pg_index WHERE indrelid = $1::regclass AND indisvalid) x`, "search_documents_"+slot).Scan(&all))
	return all
}

func TestABuildMakesTheIndexesWhenAllRowsAreInAndBothTablesHaveTheSame(t *testing.T) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	all := indexes(t, owner, "a")
	if n := strings.Count(all, "\n") + 1; n != 11 || indexes(t, owner, "b") != all {
		t.Fatalf("%d indexes:\n%s\nand of the other:\n%s", n, all, indexes(t, owner, "b"))
	}
	e := pg.Open(db)
	must(t, e.Put(t.Context(), []search.Document{doc(1, "薄皮核桃", "Walnuts", "walnut")}))
	for _, slot := range []string{"b", "a", "b"} { // each is the one in the making once
		b, err := e.Rebuild(t.Context())
		must(t, err)
		if got := indexes(t, owner, slot); strings.Contains(got, "\n") || !strings.Contains(got, "UNIQUE") {
			t.Errorf("while %s is filled it is kept up by more than its key:\n%s", slot, got)
		}
		must(t, b.Put(t.Context(), []search.Document{doc(1, "薄皮核桃", "Walnuts", "walnut"), doc(2, "长绒棉", "Cotton", "cotton")}))
		must(t, e.Put(t.Context(), []search.Document{doc(3, "红糖", "Sugar", "other")})) // a change meanwhile
		must(t, b.Swap(t.Context()))
		if got := indexes(t, owner, slot); got != all {
			t.Errorf("%s is live with other indexes:\n%s", slot, got)
		}
		if a := ask(t, e, search.Query{}); a.Total != 3 {
			t.Errorf("%d documents are found", a.Total)
		}
	}
}

// A build that is given up leaves a table without indexes, which the next makes.
func TestABuildThatWasGivenUpLeavesTheLiveIndexWhole(t *testing.T) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	all := indexes(t, owner, "a")
	e := pg.Open(db)
	must(t, e.Put(t.Context(), []search.Document{doc(1, "薄皮核桃", "Walnuts", "walnut")}))
	first, err := e.Rebuild(t.Context())
	must(t, err)
	second, err := e.Rebuild(t.Context())
	must(t, err)
	if err := first.Swap(t.Context()); !fault.Has(err, "reindex_overtaken") {
		t.Errorf("the build that was overtaken: %v", err)
	}
	if got := indexes(t, owner, "b"); strings.Contains(got, "gin") {
		t.Errorf("the build that was overtaken has made indexes:\n%s", got)
	}
	must(t, second.Drop(t.Context()))
	if a := ask(t, e, search.Query{Text: "hetao"}); a.Total != 1 || indexes(t, owner, "a") != all {
		t.Errorf("%d documents are found by the live index", a.Total)
	}
}

func TestTheProgramMayTakeIndexesFromNoLiveTableAndFromNoOther(t *testing.T) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	before := indexes(t, owner, "a") + indexes(t, owner, "b")
	for _, q := range []string{"SELECT search_drop_indexes('a')", "SELECT search_drop_indexes('c')", "SELECT search_drop_indexes('b; DROP TABLE search_terms')",
		"SELECT search_make_indexes('c', 'marks')", "SELECT search_make_indexes('b', 'all')", "DROP INDEX search_marks_b", "CREATE INDEX mine ON search_documents_b (title)"} {
		err := db.Update(t.Context(), storage.Platform, func(tx *storage.Tx) error {
			tx.Keyed()
			_, err := tx.Exec(q)
			return err
		})
		if err == nil {
			t.Errorf("%s: done", q)
		}
	}
	if indexes(t, owner, "a")+indexes(t, owner, "b") != before {
		t.Error("the indexes have changed")
	}
	var everybody bool
	must(t, owner.QueryRowContext(t.Context(), `SELECT bool_or(has_function_privilege('public', oid, 'EXECUTE')) FROM pg_proc WHERE proname LIKE 'search\_%\_indexes'`).Scan(&everybody))
	if everybody {
		t.Error("any login may call them")
	}
}
