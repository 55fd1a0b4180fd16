package storage

import (
	"strings"
	"testing"
)

func TestParametersAreRenumberedAndNothingElse(t *testing.T) {
	for query, want := range map[string]string{
		"VALUES ($1, $2, $10)":               "VALUES ($4, $5, $13)",
		"$1":                                 "$4",
		"SELECT '$1', $1":                    "SELECT '$1', $4",
		"SELECT 'it''s $1', $1":              "SELECT 'it''s $1', $4",
		`SELECT "a$1", "it's" , $1`:          `SELECT "a$1", "it's" , $4`,
		"SELECT a$1, $1":                     "SELECT a$1, $4",
		"SELECT $1 -- it's $1\n, $2":         "SELECT $4 -- it's $1\n, $5",
		"SELECT $1 /* it's $1 */, $2":        "SELECT $4 /* it's $1 */, $5",
		"SELECT $1 - $2 / $3":                "SELECT $4 - $5 / $6",
		"SELECT '价 $1', $1::text || 'é$2'":   "SELECT '价 $1', $4::text || 'é$2'",
		"SELECT $1 -- the end $2":            "SELECT $4 -- the end $2",
		"SELECT 'never closed $1":            "SELECT 'never closed $1",
		"SELECT ARRAY[$1]::text[], $$, $":    "SELECT ARRAY[$4]::text[], $$, $",
		"UPDATE t SET a = $1 WHERE b = $1+1": "UPDATE t SET a = $4 WHERE b = $4+1",
	} {
		if got := renumber(query, 3); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
		if got := renumber(query, 0); got != query {
			t.Errorf("%s became %s", query, got)
		}
	}
}

func TestWritesAreKnownByTheirWords(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT 1":                                       false,
		"  select updated_at, 'UPDATE' from t":           false,
		"SELECT\n1":                                      false,
		"(SELECT 1) UNION (SELECT 2)":                    false,
		"SELECT 1 FROM t FOR UPDATE":                     true,
		"SELECT 1 FROM t FOR\nSHARE":                     true,
		"SELECT 1 FROM t FOR KEY SHARE":                  true,
		"WITH a AS (SELECT 1) SELECT * FROM a":           false,
		"WITH a AS (SELECT updated_at FROM t) SELECT 1":  false,
		"WITH a AS (UPDATE\nt SET x = 1) SELECT 1":       true,
		"WITH a AS (DELETE FROM t) SELECT 1":             true,
		"WITH a AS (SELECT 1 FROM t FOR SHARE) SELECT 1": true,
		"INSERT INTO t VALUES (1)":                       true,
		"-- SELECT\nDELETE FROM t":                       true,
		"MERGE INTO t USING s ON true":                   true,
		"TRUNCATE t":                                     true,
		"SET ROLE x":                                     true,
		"SHOW server_version":                            false,
		"VALUES (1)":                                     false,
		"EXPLAIN SELECT 1":                               false,
		"EXPLAIN ANALYZE DELETE FROM t":                  true,
		"":                                               true,
	} {
		if got := writes(query); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func TestTheHeadOfAStatementIsCutBetweenLetters(t *testing.T) {
	if got := head("SELECT\n\t'" + strings.Repeat("核", 100)); got != "SELECT '"+strings.Repeat("核", 72)+"…" {
		t.Fatal(got)
	}
}

func FuzzRenumber(f *testing.F) {
	f.Add("INSERT INTO t VALUES ($1, '$2', \"$3\", $4) -- $5", 7)
	f.Fuzz(func(t *testing.T, query string, shift int) {
		if shift < 0 || shift > 1000 {
			t.Skip()
		}
		got := renumber(query, shift)
		if strings.Count(got, "$") != strings.Count(query, "$") {
			t.Fatalf("%q became %q", query, got)
		}
	})
}
