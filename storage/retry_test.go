package storage_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// kill ends tx's backend from another connection and waits until it is gone.
func kill(t *testing.T, admin *sql.DB, tx *storage.Tx) {
	t.Helper()
	var pid int
	if err := tx.Get(&pid, "SELECT pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	var gone bool
	if err := admin.QueryRow("SELECT pg_terminate_backend($1, 10000)", pid).Scan(&gone); err != nil || !gone {
		t.Fatalf("the backend lives: %v", err)
	}
}

func TestADeadlockRunsAgain(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		_, err := tx.Exec("INSERT INTO limits (market_id, key, window_at, hits) VALUES ($1, 'a', $2, 0), ($1, 'b', $2, 0)", market, tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var met sync.WaitGroup
	met.Add(2)
	runs := make([]int, 2)
	var wg sync.WaitGroup
	for i, keys := range [][]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
				runs[i]++
				for n, k := range keys {
					if _, err := tx.Exec("UPDATE limits SET hits = hits + 1 WHERE market_id = $1 AND key = $2", market, k); err != nil {
						return err
					}
					if n == 0 && runs[i] == 1 { // each holds its first row before it wants the second
						met.Done()
						met.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// More than three when the one that gave way is back before the other wakes.
	if runs[0]+runs[1] < 3 {
		t.Fatalf("%v runs, want one of the two to run again", runs)
	}
	var hits int
	err = db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&hits, "SELECT sum(hits) FROM limits WHERE market_id = $1", market)
	})
	if err != nil || hits != 4 {
		t.Fatalf("%d hits, want 4: %v", hits, err)
	}
}

func TestABackendKilledBeforeAStatementRunsAgain(t *testing.T) {
	db, market := dbtest.Open(t)
	admin := raw(t, dbtest.Address(t))
	runs := 0
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		runs++
		if err := add(tx, "killed"); err != nil {
			return err
		}
		if runs == 1 {
			kill(t, admin, tx)
		}
		return add(tx, "killed")
	})
	if err != nil || runs != 2 {
		t.Fatalf("%d runs: %v", runs, err)
	}
	if n := lines(t, db, market, "killed"); n != 2 {
		t.Fatalf("%d lines, want 2", n)
	}
}

func TestABackendKilledBeforeCommitRunsAgainWhereAKeyIsFound(t *testing.T) {
	db, market := dbtest.Open(t)
	admin := raw(t, dbtest.Address(t))
	runs := 0
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Keyed()
		runs++
		var n int
		if err := tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1 AND subject = 'killed'", market); err != nil || n > 0 {
			return err
		}
		if err := add(tx, "killed"); err != nil {
			return err
		}
		if runs == 1 {
			kill(t, admin, tx)
		}
		return nil
	})
	if err != nil || runs != 2 {
		t.Fatalf("%d runs: %v", runs, err)
	}
	if n := lines(t, db, market, "killed"); n != 1 {
		t.Fatalf("%d lines, want 1", n)
	}
}

func TestABackendKilledBeforeCommitIsToldWhereThereIsNoKey(t *testing.T) {
	db, market := dbtest.Open(t)
	admin := raw(t, dbtest.Address(t))
	runs, woken := 0, 0
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		runs++
		tx.OnCommit(func() { woken++ })
		if err := add(tx, "killed"); err != nil {
			return err
		}
		kill(t, admin, tx)
		return nil
	})
	if !errors.Is(err, fault.Unavailable("commit_unknown")) || runs != 1 || woken != 0 {
		t.Fatalf("%d runs, woken %d times: %v", runs, woken, err)
	}
}

func TestAConnectionKnownToBeLostBeforeCommitIsNoUnknownCommit(t *testing.T) {
	db, market := dbtest.Open(t)
	admin := raw(t, dbtest.Address(t))
	runs := 0
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		runs++
		if err := add(tx, "lost"); err != nil {
			return err
		}
		if runs == 1 {
			kill(t, admin, tx)
			_ = add(tx, "overlooked") // the function does not look at the error
		}
		return nil
	})
	if err != nil || runs != 2 || lines(t, db, market, "lost") != 1 {
		t.Fatalf("%d runs: %v", runs, err)
	}
}

func TestATransactionIsTriedSixTimesAtMost(t *testing.T) {
	db, market := dbtest.Open(t)
	admin := raw(t, dbtest.Address(t))
	runs := 0
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		runs++
		kill(t, admin, tx)
		return add(tx, "killed")
	})
	if !errors.Is(err, driver.ErrBadConn) || runs != 6 {
		t.Fatalf("%d runs: %v", runs, err)
	}
}

func TestACommitThatStaysUnknownIsToldEvenWithAKey(t *testing.T) {
	db, market := dbtest.Open(t)
	admin := raw(t, dbtest.Address(t))
	runs := 0
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Keyed()
		runs++
		kill(t, admin, tx)
		return nil
	})
	if !errors.Is(err, fault.Unavailable("commit_unknown")) || runs != 6 {
		t.Fatalf("%d runs: %v", runs, err)
	}
}

func TestARefusalIsNotTriedAgain(t *testing.T) {
	db, market := dbtest.Open(t)
	for name, refuse := range map[string]error{
		"a fault":                             fault.Conflict("sold_out"),
		"any other error":                     errors.New("no"),
		"a deadline of its own":               context.DeadlineExceeded,
		"no row":                              storage.ErrNone,
		"an unknown commit (by another call)": fault.Unavailable("commit_unknown").Because(driver.ErrBadConn),
	} {
		runs := 0
		err := db.Update(t.Context(), market, func(*storage.Tx) error { runs++; return refuse })
		if runs != 1 || !errors.Is(err, refuse) {
			t.Errorf("%s: %d runs, %v", name, runs, err)
		}
	}
}

func TestAnErrorThatAFunctionSwallowsDoesNotCommit(t *testing.T) {
	db, market := dbtest.Open(t)
	runs := 0
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		runs++
		if err := add(tx, "swallowed"); err != nil {
			return err
		}
		var n int
		_ = tx.Get(&n, "SELECT 1 / $1::int", 0)
		return nil
	})
	if err == nil || fault.Has(err, "commit_unknown") || runs != 1 {
		t.Fatalf("%d runs: %v", runs, err)
	}
	if n := lines(t, db, market, "swallowed"); n != 0 {
		t.Fatalf("%d lines", n)
	}
}

func TestAViewAfterAllConnectionsWereKilledIsAnswered(t *testing.T) {
	db, address := dbtest.Own(t)
	admin := raw(t, address)
	var met sync.WaitGroup
	met.Add(8)
	var wg sync.WaitGroup
	for range 8 { // hold all eight at once, so that the pool has eight
		wg.Go(func() {
			err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
				met.Done()
				met.Wait()
				return add(tx, "warm")
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := admin.Exec("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'commonfield'"); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, db, 1, "warm"); n != 8 {
		t.Fatalf("%d lines", n)
	}
	if err := db.Update(t.Context(), 1, func(tx *storage.Tx) error { return add(tx, "after") }); err != nil {
		t.Fatal(err)
	}
}

func TestACancelledCallerIsNotKeptWaiting(t *testing.T) {
	db, address := dbtest.Own(t, one)
	admin := raw(t, address)
	sleep := func(tx *storage.Tx) error {
		var none string
		return tx.Get(&none, "SELECT pg_sleep(60)::text")
	}
	for name, run := range map[string]func(context.Context) error{
		"Update":   func(ctx context.Context) error { return db.Update(ctx, 1, sleep) },
		"View":     func(ctx context.Context) error { return db.View(ctx, 1, sleep) },
		"Snapshot": func(ctx context.Context) error { return db.Snapshot(ctx, 1, sleep) },
	} {
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
		began := time.Now()
		err := run(ctx)
		stop()
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 20*time.Second {
			t.Fatalf("%s: after %v: %v", name, time.Since(began), err)
		}
		// The one connection is used again or replaced, and carries nothing over.
		if err := db.Update(t.Context(), 1, func(tx *storage.Tx) error { return add(tx, name) }); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
		if n := lines(t, db, 1, name); n != 1 {
			t.Fatalf("after %s: %d lines", name, n)
		}
	}
	var left int
	err := admin.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'commonfield' AND (state LIKE 'idle in%' OR query LIKE '%pg_sleep(60)%' AND state = 'active')").Scan(&left)
	if err != nil || left != 0 {
		t.Fatalf("%d backends still work for nobody: %v", left, err)
	}
}

func TestACancelBeforeCommitIsNoUnknownCommit(t *testing.T) {
	db, market := dbtest.Open(t)
	ctx, stop := context.WithCancel(t.Context())
	err := db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Queue(addLine, tx.Market, id.New(), "cancelled", tx.Now)
		if err := tx.Flush(); err != nil {
			return err
		}
		stop()
		return nil
	})
	if !errors.Is(err, context.Canceled) || fault.Has(err, "commit_unknown") {
		t.Fatalf("%v", err)
	}
	if n := lines(t, db, market, "cancelled"); n != 0 {
		t.Fatalf("%d lines", n)
	}
}

func TestAWaitBetweenTriesEndsWithTheCaller(t *testing.T) {
	db, market := dbtest.Open(t)
	ctx, stop := context.WithCancel(t.Context())
	runs := 0
	err := db.Update(ctx, market, func(*storage.Tx) error {
		runs++
		stop()
		return driver.ErrBadConn
	})
	if !errors.Is(err, context.Canceled) || runs != 1 {
		t.Fatalf("%d runs: %v", runs, err)
	}
}
