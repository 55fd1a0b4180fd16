package storage_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const addHit = "INSERT INTO limits (market_id, key, window_at, hits) VALUES ($1, $2, $3, $4)"

// trips counts the messages to the database during run.
func trips(t *testing.T, db *storage.DB, run func() error) int64 {
	t.Helper()
	before := db.Trips()
	if err := run(); err != nil {
		t.Fatal(err)
	}
	return db.Trips() - before
}

func hits(t *testing.T, db *storage.DB, market int32, key string) int {
	t.Helper()
	var n []int
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Select(&n, "SELECT hits FROM limits WHERE market_id = $1 AND key = $2", market, key)
	})
	if err != nil || len(n) != 1 {
		t.Fatalf("%s: %v, %v", key, n, err)
	}
	return n[0]
}

func TestQueuedWritesGoInOneTrip(t *testing.T) {
	db, market := dbtest.Open(t, one)
	place := func() error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error {
			for i := range 5 {
				tx.Queue(addHit, market, id.New().String(), tx.Now, i)
			}
			tx.Queue(addLine, market, id.New(), "gathered", tx.Now)
			return nil
		})
	}
	if err := place(); err != nil {
		t.Fatal(err)
	}
	if n := trips(t, db, place); n != 2 {
		t.Fatalf("%d trips, want the six writes with BEGIN, and COMMIT", n)
	}
	if n := lines(t, db, market, "gathered"); n != 2 {
		t.Fatalf("%d lines", n)
	}
}

func TestARoomThatReadsSeesWhatWasQueuedBefore(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Queue(addHit, market, "seen", tx.Now, 7)
		var n int
		if err := tx.Get(&n, "SELECT hits FROM limits WHERE market_id = $1 AND key = 'seen'", market); err != nil {
			return err
		}
		if n != 7 {
			t.Errorf("%d", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestGatheredParametersKeepTheirPlaces(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		for i := 1; i <= 12; i++ { // beyond $9 and $10
			tx.Queue(addHit, market, fmt.Sprintf("k%d", i), tx.Now, i)
		}
		tx.Queue(addHit+" -- nothing ends in a comment", market, "commented", tx.Now, 1)
		// Used twice and out of order, with quotes, a comment and a name in between.
		tx.Queue(`INSERT INTO trail (market_id, id, person_id, "deed", subject, why, request_id, at)
			SELECT $1::int, $3::uuid, $3::uuid, 'it''s $1', $2::text, 'costs $1 and $2', "x$1", $4::timestamptz -- it's $9
			FROM (SELECT 'named $3'::text AS "x$1") n /* '$8' */`, market, "quoted", id.New(), tx.Now)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 12; i++ {
		if n := hits(t, db, market, fmt.Sprintf("k%d", i)); n != i {
			t.Errorf("k%d has %d", i, n)
		}
	}
	var row struct {
		Deed    string `db:"deed"`
		Why     string `db:"why"`
		Request string `db:"request_id"`
	}
	err = db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&row, "SELECT deed, why, request_id FROM trail WHERE market_id = $1 AND subject = 'quoted'", market)
	})
	if err != nil || row.Deed != "it's $1" || row.Why != "costs $1 and $2" || row.Request != "named $3" {
		t.Fatalf("%+v %v", row, err)
	}
}

func TestAWriteThatTouchesOtherRowsThanExpectedIsRefused(t *testing.T) {
	sold := fault.Conflict("sold_out")
	const take = "UPDATE limits SET hits = hits - 1 WHERE market_id = $1 AND key = $2 AND hits > 0"
	for name, beside := range map[string]bool{"alone": false, "beside others": true} {
		db, market := dbtest.Open(t)
		buy := func() error {
			return db.Update(t.Context(), market, func(tx *storage.Tx) error {
				if beside {
					tx.Queue(addLine, market, id.New(), "bought", tx.Now)
				}
				tx.Expect(1, sold, take, market, "sack")
				return nil
			})
		}
		err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
			tx.Queue(addHit, market, "sack", tx.Now, 1)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := buy(); err != nil {
			t.Fatalf("%s: the last sack: %v", name, err)
		}
		if err := buy(); !errors.Is(err, sold) {
			t.Fatalf("%s: none is left: %v", name, err)
		}
		want := 0
		if beside {
			want = 1
		}
		if n := lines(t, db, market, "bought"); n != want {
			t.Fatalf("%s: %d lines, want %d", name, n, want)
		}
	}
}

func TestARefusalThatAFunctionOverlooksStillRefuses(t *testing.T) {
	db, market := dbtest.Open(t)
	sold := fault.Conflict("sold_out")
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		if err := add(tx, "overlooked"); err != nil {
			return err
		}
		tx.Expect(1, sold, "UPDATE limits SET hits = 0 WHERE market_id = $1 AND key = 'none'", market)
		_ = tx.Flush()
		return nil
	})
	if !errors.Is(err, sold) || lines(t, db, market, "overlooked") != 0 {
		t.Fatalf("%v", err)
	}
}

func TestAnExpectationWithoutARefusalNamesItsStatement(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Expect(1, nil, "UPDATE limits SET hits = 0 WHERE market_id = $1", market)
		return nil
	})
	if err == nil || err.Error() != "storage: 0 rows touched, 1 expected: UPDATE limits SET hits = 0 WHERE market_id = $1" {
		t.Fatalf("%v", err)
	}
}

func TestAdditionsThatMeetInOneRowAreKeptApart(t *testing.T) {
	const up = "INSERT INTO limits AS l (market_id, key, window_at, hits) VALUES ($1, $2, $3, $4) ON CONFLICT (market_id, key, window_at) DO UPDATE SET hits = l.hits + excluded.hits"
	db, market := dbtest.Open(t, one)
	at := db.Now()
	touch := func(key string, apart bool) error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error {
			for i := range 3 {
				if apart {
					if err := tx.Apart("limit:" + key); err != nil {
						return err
					}
				}
				tx.Queue(up, market, key, at, 1)
				tx.Queue(addLine, market, id.New(), fmt.Sprintf("%s %d", key, i), tx.Now)
			}
			return nil
		})
	}
	if err := touch("apart", true); err != nil {
		t.Fatal(err)
	}
	if n := hits(t, db, market, "apart"); n != 3 {
		t.Fatalf("%d hits, want 3", n)
	}
	if n := trips(t, db, func() error { return touch("apart", true) }); n != 4 {
		t.Fatalf("%d trips, want three writes and COMMIT", n)
	}
	// The control: in one statement the server refuses the second one, aloud.
	if err := touch("together", false); storage.Code(err) != "21000" {
		t.Fatalf("Apart would not be needed: %v", err)
	}
}

func TestDifferentKeysStayTogether(t *testing.T) {
	db, market := dbtest.Open(t, one)
	run := func() error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error {
			for range 2 {
				if err := tx.Apart(id.New().String()); err != nil {
					return err
				}
				tx.Queue(addLine, market, id.New(), "apart", tx.Now)
			}
			return nil
		})
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if n := trips(t, db, run); n != 2 {
		t.Fatalf("%d trips", n)
	}
}

func TestAForeignKeyBetweenGatheredRowsHolds(t *testing.T) {
	db, address := dbtest.Own(t)
	owner := raw(t, address)
	for _, q := range []string{
		"CREATE TABLE sheep (market_id int, id uuid, PRIMARY KEY (market_id, id))",
		"CREATE TABLE lambs (market_id int, sheep_id uuid, CONSTRAINT lambs_of FOREIGN KEY (market_id, sheep_id) REFERENCES sheep (market_id, id))",
		"GRANT SELECT, INSERT ON sheep, lambs TO commonfield_app",
	} {
		if _, err := owner.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	const bear, born = "INSERT INTO lambs (market_id, sheep_id) VALUES ($1, $2)", "INSERT INTO sheep (market_id, id) VALUES ($1, $2)"
	mother := id.New()
	err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
		tx.Queue(bear, 1, mother) // before its mother: keys are checked at the end
		tx.Queue(born, 1, mother)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), 1, func(tx *storage.Tx) error {
		tx.Queue(bear, 1, id.New())
		tx.Queue(addLine, 1, id.New(), "orphan", tx.Now)
		return nil
	})
	if !storage.Violates(err, "lambs_of") || lines(t, db, 1, "orphan") != 0 {
		t.Fatalf("%v", err)
	}
}

func TestTheSameCombinationIsGatheredFromManyGoroutinesAtOnce(t *testing.T) {
	db, market := dbtest.Open(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
				tx.Queue(addLine, market, id.New(), "crowd", tx.Now)
				tx.Queue(addHit, market, id.New().String(), tx.Now, 1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := lines(t, db, market, "crowd"); n != 16 {
		t.Fatalf("%d lines", n)
	}
}
