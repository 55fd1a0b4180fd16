package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// addLine writes a row that nothing keeps from being written twice.
const addLine = "INSERT INTO trail (market_id, id, person_id, deed, subject, at) VALUES ($1, $2, $2, 'deed', $3, $4)"

func add(tx *storage.Tx, subject string) error {
	_, err := tx.Exec(addLine, tx.Market, id.New(), subject, tx.Now)
	return err
}

func lines(t *testing.T, db *storage.DB, market int32, subject string) int {
	t.Helper()
	var n int
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1 AND subject = $2", market, subject)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// raw opens the driver without our connection around it, as the owner.
func raw(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func one(o *storage.Options) { o.Pool = 1 }

func TestAnUpdateIsWholeOrNotAtAll(t *testing.T) {
	db, market := dbtest.Open(t)
	no := errors.New("no")
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		if err := add(tx, "half"); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) || lines(t, db, market, "half") != 0 {
		t.Fatalf("%v, %d lines", err, lines(t, db, market, "half"))
	}
}

func TestARowThatIsNotThereLeavesNothingBehind(t *testing.T) {
	db, market := dbtest.Open(t)
	of := struct {
		At *time.Time `db:"at"`
	}{}
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&of, "SELECT at FROM trail WHERE market_id = $1 AND subject = 'never'", market)
	})
	if err != storage.ErrNone || of.At != nil {
		t.Errorf("it says %v and leaves the moment %v", err, of.At)
	}
}

func TestAPanicRollsBackAndFreesTheConnection(t *testing.T) {
	db, market := dbtest.Open(t, one)
	func() {
		defer func() { _ = recover() }()
		_ = db.Update(t.Context(), market, func(tx *storage.Tx) error {
			if err := add(tx, "panic"); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	if n := lines(t, db, market, "panic"); n != 0 {
		t.Fatalf("%d lines", n)
	}
}

func TestAWriteInAViewIsRefused(t *testing.T) {
	db, market := dbtest.Open(t)
	writes := map[string]func(tx *storage.Tx) error{
		"Exec": func(tx *storage.Tx) error { return add(tx, "view") },
		"Queue": func(tx *storage.Tx) error {
			tx.Queue(addLine, tx.Market, id.New(), "view", tx.Now)
			return tx.Flush()
		},
		"Get": func(tx *storage.Tx) error {
			var n int
			return tx.Get(&n, addLine+" RETURNING 1", tx.Market, id.New(), "view", tx.Now)
		},
		"Select with a hidden write": func(tx *storage.Tx) error {
			var n []int
			return tx.Select(&n, "WITH x AS ("+addLine+" RETURNING 1) SELECT 1 FROM x", tx.Market, id.New(), "view", tx.Now)
		},
		"a lock": func(tx *storage.Tx) error {
			var n []string
			return tx.Select(&n, "SELECT key FROM jobs WHERE market_id = $1 FOR UPDATE", tx.Market)
		},
	}
	for name, write := range writes {
		if err := db.View(t.Context(), market, write); err == nil {
			t.Errorf("View: %s passed", name)
		}
		if err := db.Snapshot(t.Context(), market, write); err == nil {
			t.Errorf("Snapshot: %s passed", name)
		}
	}
	if n := lines(t, db, market, "view"); n != 0 {
		t.Fatalf("%d lines were written", n)
	}
}

func TestAWriteThatIsGatheredInAViewIsNotForgotten(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		tx.Queue(addLine, tx.Market, id.New(), "view", tx.Now)
		return nil
	})
	if err == nil {
		t.Fatal("a view swallowed a write")
	}
}

func TestASnapshotSeesOneMoment(t *testing.T) {
	db, market := dbtest.Open(t)
	count := func(tx *storage.Tx) (n int, err error) {
		return n, tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1", market)
	}
	err := db.Snapshot(t.Context(), market, func(tx *storage.Tx) error {
		before, err := count(tx)
		if err != nil {
			return err
		}
		if err := db.Update(t.Context(), market, func(tx *storage.Tx) error { return add(tx, "later") }); err != nil {
			return err
		}
		after, err := count(tx)
		if before != 0 || after != 0 {
			t.Errorf("%d before, %d after", before, after)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnCommitRunsOnceAndOnlyAfterACommit(t *testing.T) {
	db, market := dbtest.Open(t)
	woken := 0
	no := errors.New("no")
	for _, result := range []error{no, nil} {
		err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
			tx.OnCommit(func() { woken++ })
			return result
		})
		if !errors.Is(err, result) {
			t.Fatal(err)
		}
	}
	if woken != 1 {
		t.Fatalf("woken %d times", woken)
	}
}

func TestAPoolOfOneServesEight(t *testing.T) {
	db, market := dbtest.Open(t, one)
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 5 {
				err := db.Update(ctx, market, func(tx *storage.Tx) error {
					var n int
					// A text of its own: the statement must be prepared inside the transaction.
					if err := tx.Get(&n, "SELECT $1::int /* "+string(rune('a'+i))+" */", i); err != nil {
						return err
					}
					tx.Queue(addLine, tx.Market, id.New(), "crowd", tx.Now)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := lines(t, db, market, "crowd"); n != 40 {
		t.Fatalf("%d lines, want 40", n)
	}
}

func TestTheClockInsideIsTheDatabases(t *testing.T) {
	db, market := dbtest.Open(t)
	var server, now time.Time
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		now = tx.Now
		return tx.Get(&server, "SELECT clock_timestamp()")
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := server.Sub(now); d < -2*time.Second || d > 2*time.Second {
		t.Fatalf("the clocks are %v apart", d)
	}
	if now.Location() != time.UTC || !now.Equal(now.Truncate(time.Microsecond)) {
		t.Fatalf("%v is not what the database keeps", now)
	}
}

func TestATestsClockIsLeftAlone(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return at } })
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		if !tx.Now.Equal(at) {
			t.Errorf("%v", tx.Now)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatDoesNotAnswerIsOneClearLine(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://nobody@127.0.0.1:1/none?sslmode=disable": "refused",
		"postgres://%zz": "not understood",
		strings.Replace(dbtest.Address(t), "commonfield_test_", "no_such_", 1): "does not exist",
	} {
		db, err := storage.Open(t.Context(), storage.Options{URL: address})
		if err == nil {
			_ = db.Close()
			t.Errorf("%s opened", address)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAConstraintIsKnownByItsName(t *testing.T) {
	plain := &pq.Error{Code: "23505", Constraint: "people_phone", Message: `duplicate key value violates unique constraint "people_phone"`}
	shard := &pq.Error{Code: "23505", Message: `duplicate key value violates unique constraint "jobs_once_102044"`}
	for _, c := range []struct {
		err  error
		name string
		want bool
	}{
		{plain, "people_phone", true}, {plain, "people_email", false}, {plain, "people", false},
		{shard, "jobs_once", true}, {shard, "jobs", false}, {shard, "jobs_on", false},
		{&pq.Error{Code: "40001", Constraint: "jobs_once"}, "jobs_once", false},
		{errors.New("jobs_once"), "jobs_once", false}, {nil, "jobs_once", false},
	} {
		if got := storage.Violates(c.err, c.name); got != c.want {
			t.Errorf("%v, %s: %v", c.err, c.name, got)
		}
	}
}
