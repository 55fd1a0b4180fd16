package storage_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestTheSecondUseOfAStatementCostsOneTrip(t *testing.T) {
	db, market := dbtest.Open(t, one)
	ask := func() error {
		return db.View(t.Context(), market, func(tx *storage.Tx) error {
			var n int
			return tx.Get(&n, "SELECT $1::int + 1", 1)
		})
	}
	if n := trips(t, db, ask); n != 2 {
		t.Fatalf("first use: %d trips, want 2", n)
	}
	if n := trips(t, db, ask); n != 1 {
		t.Fatalf("second use: %d trips, want 1", n)
	}
}

func TestAStatementPreparedInATransactionThatFailedIsStillGood(t *testing.T) {
	db, market := dbtest.Open(t, one)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		if err := add(tx, "failed"); err != nil {
			return err
		}
		var n int
		return tx.Get(&n, "SELECT 1 / $1::int", 0)
	})
	if storage.Code(err) != "22012" {
		t.Fatal(err)
	}
	n := trips(t, db, func() error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error { return add(tx, "again") })
	})
	if n != 2 || lines(t, db, market, "again") != 1 || lines(t, db, market, "failed") != 0 {
		t.Fatalf("%d trips", n)
	}
}

func TestMoreThan512StatementsPushOutTheOldest(t *testing.T) {
	db, market := dbtest.Open(t, one)
	ask := func(i int) error {
		return db.View(t.Context(), market, func(tx *storage.Tx) error {
			var n int
			return tx.Get(&n, fmt.Sprintf("SELECT %d", i))
		})
	}
	for i := range 600 {
		if err := ask(i); err != nil {
			t.Fatal(err)
		}
	}
	var held int
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&held, "SELECT count(*) FROM pg_prepared_statements")
	})
	if err != nil || held != 512 {
		t.Fatalf("the server holds %d: %v", held, err)
	}
	if n := trips(t, db, func() error { return ask(599) }); n != 1 {
		t.Fatalf("the newest: %d trips, want 1", n)
	}
	if n := trips(t, db, func() error { return ask(0) }); n != 3 {
		t.Fatalf("the oldest: %d trips, want 3: one goes, it is prepared, it runs", n)
	}
}

// warm holds all connections of the pool at once and runs fn on each.
func warm(t *testing.T, db *storage.DB, pool int, fn func(tx *storage.Tx) error) {
	t.Helper()
	var met, wg sync.WaitGroup
	met.Add(pool)
	for range pool {
		wg.Go(func() {
			err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
				met.Done()
				met.Wait()
				return fn(tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAMigrationInBetweenIsSurvived(t *testing.T) {
	const pool = 12 // more than a transaction has tries
	db, address := dbtest.Own(t, func(o *storage.Options) { o.Pool = pool })
	owner := raw(t, address)
	look := func(tx *storage.Tx) error {
		var n []int64
		return tx.Select(&n, "SELECT hits FROM limits WHERE market_id = $1", 1)
	}
	if err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
		_, err := tx.Exec(addHit, 1, "k", tx.Now, 1)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for round, kind := range []string{"bigint", "integer", "bigint"} {
		warm(t, db, pool, look)
		if _, err := owner.Exec("ALTER TABLE limits ALTER COLUMN hits TYPE " + kind); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 2 * pool {
			wg.Go(func() {
				read := db.View
				if i%2 == 0 {
					read = db.Update
				}
				if err := read(t.Context(), 1, look); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
	}
}

func TestWhatOneConnectionNoticesOfAMigrationSparesTheOthers(t *testing.T) {
	const pool = 6
	db, address := dbtest.Own(t, func(o *storage.Options) { o.Pool = pool })
	owner := raw(t, address)
	look := func(tx *storage.Tx) error {
		var n []int64
		return tx.Select(&n, "SELECT hits FROM limits WHERE market_id = $1", 1)
	}
	warm(t, db, pool, look)
	if _, err := owner.Exec("ALTER TABLE limits ALTER COLUMN hits TYPE bigint"); err != nil {
		t.Fatal(err)
	}
	if err := db.View(t.Context(), 1, look); err != nil { // one runs into it
		t.Fatal(err)
	}
	var met, wg sync.WaitGroup
	met.Add(pool)
	var runs atomic.Int64
	for range pool {
		wg.Go(func() {
			first := true
			err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
				runs.Add(1)
				if first {
					first = false
					met.Done()
					met.Wait()
				}
				return look(tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs.Load() != pool {
		t.Fatalf("%d runs of %d transactions", runs.Load(), pool)
	}
}

func TestAStatementTheServerHasDroppedIsMadeAgain(t *testing.T) {
	db, market := dbtest.Open(t, one)
	ask := func(tx *storage.Tx) error { return add(tx, "dropped") }
	if err := db.Update(t.Context(), market, ask); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		_, err := tx.Exec("DEALLOCATE ALL")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), market, ask); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, db, market, "dropped"); n != 2 {
		t.Fatalf("%d lines", n)
	}
}

func TestAStatementWhileRowsAreStillReadIsRefusedAndHarmsNothing(t *testing.T) {
	db, market := dbtest.Open(t, one)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		if err := add(tx, "kept"); err != nil {
			return err
		}
		var n int
		err := tx.Each("SELECT x FROM generate_series(1, 1000) x", nil, func(scan func(...any) error) error {
			if err := scan(&n); err != nil {
				return err
			}
			return tx.Get(&n, "SELECT 1")
		})
		if err == nil || !strings.Contains(err.Error(), "still to be read") {
			t.Errorf("%v", err)
		}
		return tx.Get(&n, "SELECT 1") // the rows were given up, the wire is free
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := lines(t, db, market, "kept"); n != 1 {
		t.Fatalf("%d lines", n)
	}
}

func TestEachReadsAllRowsAndStopsWhereItIsTold(t *testing.T) {
	db, market := dbtest.Open(t, one)
	for _, stop := range []int{1000, 10} {
		sum, read := 0, 0
		halt := fmt.Errorf("enough")
		err := db.View(t.Context(), market, func(tx *storage.Tx) error {
			return tx.Each("SELECT x FROM generate_series(1, $1::int) x", []any{1000}, func(scan func(...any) error) error {
				var n int
				if err := scan(&n); err != nil {
					return err
				}
				sum += n
				if read++; read == stop && stop < 1000 {
					return halt
				}
				return nil
			})
		})
		if stop == 1000 && (err != nil || sum != 500500) || stop == 10 && (err != halt || read != 10) {
			t.Fatalf("%d read, sum %d: %v", read, sum, err)
		}
	}
}

func TestThereIsNoWriteOutsideATransaction(t *testing.T) {
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Guard = nil })
	for _, q := range []string{
		"INSERT INTO limits (market_id, key, window_at, hits) VALUES ($1, 'x', now(), 1) RETURNING 1",
		"-- a comment first\nUPDATE limits SET hits = 2 WHERE market_id = $1 RETURNING 1",
		"delete from limits where market_id = $1 returning 1",
		"WITH x AS (INSERT\nINTO limits (market_id, key, window_at, hits) VALUES ($1, 'x', now(), 1) RETURNING 1) SELECT 1 FROM x",
		"(SELECT 1 FROM limits WHERE market_id = $1 FOR UPDATE)",
		"SELECT 1 FROM limits WHERE market_id = $1 FOR\n NO KEY UPDATE",
		"EXPLAIN ANALYZE DELETE FROM limits WHERE market_id = $1",
	} {
		var n []string
		err := db.View(t.Context(), market, func(tx *storage.Tx) error { return tx.Select(&n, q, market) })
		if err == nil || !strings.Contains(err.Error(), "a write outside a transaction") {
			t.Errorf("%s: %v", q, err)
		}
	}
}

func TestOneConnectionsFailureIsNotAnothers(t *testing.T) {
	db, market := dbtest.Open(t)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			subject := id.New().String()
			err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
				if err := add(tx, subject); err != nil {
					return err
				}
				if i%2 == 0 {
					_, err := tx.Exec("SELEKT")
					return err
				}
				return nil
			})
			if (err != nil) != (i%2 == 0) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	var n int
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1", market)
	})
	if err != nil || n != 20 {
		t.Fatalf("%d lines, want 20: %v", n, err)
	}
}
