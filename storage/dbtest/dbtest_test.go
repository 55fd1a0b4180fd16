package dbtest_test

import (
	"strings"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestTheGuardRefusesWhatForgetsItsFamily(t *testing.T) {
	for name, c := range map[string]struct {
		query     string
		write, tx bool
		want      string
	}{
		"a write outside a transaction":       {"INSERT INTO jobs (market_id) VALUES ($1)", true, false, "outside a transaction"},
		"an update without market":            {"UPDATE jobs SET state = 'done' WHERE id = $1", true, true, "jobs that does not name market_id"},
		"a delete without market":             {"DELETE\nFROM jobs WHERE id = $1", true, true, "jobs that does not name market_id"},
		"a read without market":               {"SELECT state FROM jobs WHERE id = $1", false, true, "jobs that does not name market_id"},
		"a joined read without market":        {"SELECT p.name FROM people p JOIN producers r ON r.person_id = p.id", false, false, "producers that does not name market_id"},
		"a lock without market":               {"SELECT state FROM jobs WHERE id = $1 FOR UPDATE SKIP LOCKED", true, true, "jobs that does not name market_id"},
		"a market only in a string":           {"UPDATE jobs SET error = 'market_id' WHERE id = $1", true, true, "jobs that does not name market_id"},
		"a market only in a comment":          {"UPDATE jobs SET error = '' WHERE id = $1 -- market_id", true, true, "jobs that does not name market_id"},
		"a gathered write without market":     {"WITH q0 AS (DELETE FROM jobs WHERE market_id = $1 RETURNING 1),\nq1 AS (DELETE FROM once_keys WHERE key = $2 RETURNING 1) SELECT 1", true, true, "once_keys that does not name market_id"},
		"a person's table without the person": {"UPDATE sessions SET revoked_at = $1 WHERE id = $2", true, true, "sessions that does not name user_id"},
		"a person's table by its market":      {"DELETE FROM user_markets WHERE market_id = $1", true, true, "user_markets that does not name user_id"},
		"two families in one write":           {"WITH q0 AS (INSERT INTO sessions (user_id) VALUES ($1) RETURNING 1), q1 AS (INSERT INTO jobs (market_id) VALUES ($2) RETURNING 1) SELECT 1", true, true, "two families"},
		"shared and market in one write":      {"WITH q0 AS (UPDATE agents SET code = $1 RETURNING 1), q1 AS (UPDATE market_agents SET state = $2 WHERE market_id = $3 RETURNING 1) SELECT 1", true, true, "two families"},
	} {
		err := dbtest.Guard(c.query, c.write, c.tx)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheGuardLetsGoodStatementsPass(t *testing.T) {
	for name, c := range map[string]struct {
		query     string
		write, tx bool
	}{
		"a read of shared tables":        {"SELECT name FROM people WHERE id = $1", false, false},
		"a write of shared tables":       {"UPDATE people SET name = $1 WHERE id = $2", true, true},
		"a write of a person's table":    {"UPDATE sessions SET seen_at = $1 WHERE user_id = $2 AND id = $3", true, true},
		"an insert that updates":         {"INSERT INTO limits (market_id, key, window_at, hits) VALUES ($1, $2, $3, 1) ON CONFLICT (market_id, key, window_at) DO UPDATE SET hits = limits.hits + 1", true, true},
		"a lock of some tables":          {"SELECT b.id FROM batches b WHERE b.market_id = $1 ORDER BY b.id FOR UPDATE OF b", true, true},
		"a lock that skips":              {"SELECT id FROM jobs WHERE market_id = $1 FOR UPDATE SKIP LOCKED", true, true},
		"a report over markets":          {"SELECT market_id, count(*) FROM jobs GROUP BY market_id", false, false},
		"a table that nobody declared":   {"SELECT 1 FROM pg_class", false, false},
		"a function in FROM":             {"SELECT x FROM unnest($1::int[]) x", false, false},
		"gathered writes of one market":  {"WITH q0 AS (DELETE FROM jobs WHERE market_id = $1 RETURNING 1),\nq1 AS (DELETE FROM once_keys WHERE market_id = $2 RETURNING 1) SELECT 1", true, true},
		"a quote that is doubled inside": {"UPDATE jobs SET error = 'it''s' WHERE market_id = $1", true, true},
	} {
		if err := dbtest.Guard(c.query, c.write, c.tx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAStatementThatForgetsItsMarketFailsInATest(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		_, err := tx.Exec("DELETE FROM jobs WHERE id = $1", id.New())
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "market_id") {
		t.Fatalf("%v", err)
	}
}

func TestEachTestHasAMarketOfItsOwn(t *testing.T) {
	db, one := dbtest.Open(t)
	_, two := dbtest.Open(t)
	if three := dbtest.Market(t, db); one == two || two == three || one == three {
		t.Fatalf("%d, %d, %d", one, two, three)
	}
	var currency, zone string
	err := db.ViewShared(t.Context(), func(tx *storage.Tx) error {
		if err := tx.Get(&currency, "SELECT currency FROM markets WHERE id = $1", one); err != nil {
			return err
		}
		return tx.Get(&zone, "SELECT time_zone FROM markets WHERE id = $1", one)
	})
	if err != nil || currency != "CNY" || zone != "Asia/Shanghai" {
		t.Fatalf("%q %q %v", currency, zone, err)
	}
}

func TestAnOwnDatabaseIsEmptyAndSharedWithNobody(t *testing.T) {
	one, address := dbtest.Own(t)
	two, other := dbtest.Own(t)
	if address == other || address == dbtest.Address(t) {
		t.Fatal("the same database")
	}
	dbtest.Market(t, one)
	for db, want := range map[*storage.DB]int{one: 1, two: 0} {
		var n int
		err := db.ViewShared(t.Context(), func(tx *storage.Tx) error { return tx.Get(&n, "SELECT count(*) FROM markets") })
		if err != nil || n != want {
			t.Fatalf("%d markets, want %d: %v", n, want, err)
		}
	}
}

func TestPhonesAreNumbersOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := dbtest.Phone()
		if len(p) != len("+8613912345678") || !strings.HasPrefix(p, "+86139") {
			t.Fatal(p)
		}
		seen[p] = true
	}
	if len(seen) < 199 { // of a hundred million, two may meet once
		t.Fatalf("%d different of 200", len(seen))
	}
}
