package storage_test

import (
	"errors"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const (
	upHit    = "UPDATE limits SET hits = hits + 1 WHERE market_id = $1 AND key = $2"
	takeHit  = "DELETE FROM limits WHERE market_id = $1 AND key = $2"
	upOrAdd  = "INSERT INTO limits AS l (market_id, key, window_at, hits) VALUES ($1, $2, $3, $4) ON CONFLICT (market_id, key, window_at) DO UPDATE SET hits = l.hits + excluded.hits"
	upByWith = `WITH v AS (SELECT "key" FROM limits WHERE key = $2 FOR UPDATE) UPDATE limits AS l SET hits = l.hits + 1 FROM v WHERE l.market_id = $1 AND l.key = v.key`
)

func TestOfTwoGatheredChangesOfOneRowNoneIsLost(t *testing.T) {
	db, market := dbtest.Open(t, one)
	const key = "sack"
	at := db.Now()
	for name, c := range map[string]struct {
		there bool
		do    func(tx *storage.Tx)
		want  []int
	}{
		"changed thrice": {true, func(tx *storage.Tx) {
			tx.Queue(upHit, market, key)
			tx.Queue(upHit, market, key)
			tx.Queue(upHit, market, key)
		}, []int{8}},
		"changed behind a WITH":   {true, func(tx *storage.Tx) { tx.Queue(upHit, market, key); tx.Queue(upByWith, market, key) }, []int{7}},
		"changed and deleted":     {true, func(tx *storage.Tx) { tx.Queue(upHit, market, key); tx.Queue(takeHit, market, key) }, nil},
		"raised and then changed": {true, func(tx *storage.Tx) { tx.Queue(upOrAdd, market, key, at, 10); tx.Queue(upHit, market, key) }, []int{16}},
		"added and then changed":  {false, func(tx *storage.Tx) { tx.Queue(addHit, market, key, at, 1); tx.Queue(upHit, market, key) }, []int{2}},
		"added and then deleted":  {false, func(tx *storage.Tx) { tx.Queue(addHit, market, key, at, 1); tx.Queue(takeHit, market, key) }, nil},
		"deleted and added again": {true, func(tx *storage.Tx) { tx.Queue(takeHit, market, key); tx.Queue(addHit, market, key, at, 1) }, []int{1}},
		"changed among others": {true, func(tx *storage.Tx) {
			tx.Queue(addLine, market, id.New(), "before", tx.Now)
			tx.Expect(1, nil, upHit, market, key)
			tx.Queue(addHit, market, "another", at, 1)
			tx.Queue(addLine, market, id.New(), "between", tx.Now)
			tx.Expect(1, nil, upHit, market, key)
		}, []int{7}},
	} {
		t.Run(name, func(t *testing.T) {
			var have []int
			err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
				if _, err := tx.Exec("DELETE FROM limits WHERE market_id = $1", market); err != nil {
					return err
				}
				if c.there {
					if _, err := tx.Exec(addHit, market, key, at, 5); err != nil {
						return err
					}
				}
				c.do(tx)
				return tx.Select(&have, "SELECT hits FROM limits WHERE market_id = $1 AND key = $2", market, key)
			})
			if err != nil || len(have) != len(c.want) || len(have) == 1 && have[0] != c.want[0] {
				t.Fatalf("hits %v, want %v (%v)", have, c.want, err)
			}
		})
	}
}

// The control of the test above: the server makes one of two changes, and says nothing.
func TestTheServerLosesTheSecondOfTwoChangesInOneStatement(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		if _, err := tx.Exec(addHit, market, "sack", tx.Now, 5); err != nil {
			return err
		}
		_, err := tx.Exec("WITH q0 AS ("+upHit+"), q1 AS ("+upHit+") SELECT 1", market, "sack")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := hits(t, db, market, "sack"); n != 6 {
		t.Fatalf("%d hits: what is gathered would not have to be parted", n)
	}
}

func TestOnlyWhatMayMeetIsParted(t *testing.T) {
	db, market := dbtest.Open(t, one)
	at := db.Now()
	for name, c := range map[string]struct {
		do   func(tx *storage.Tx)
		want int64 // with BEGIN and COMMIT
	}{
		"changes of two tables": {func(tx *storage.Tx) {
			tx.Queue(upHit, market, "a")
			tx.Queue("UPDATE ledger_balances SET balance_minor = 0 WHERE market_id = $1 AND account = 'nobody'", market)
		}, 2},
		"additions after a change": {func(tx *storage.Tx) {
			tx.Queue(upHit, market, "a")
			tx.Queue(upOrAdd, market, "b", at, 1)
			tx.Queue(addHit+" ON CONFLICT DO NOTHING", market, "c", at, 1)
		}, 2},
		"a change ahead of additions": {func(tx *storage.Tx) {
			tx.Queue(addLine, market, id.New(), "ahead", tx.Now)
			tx.Queue(upOrAdd, market, "b", at, 1)
			tx.Ahead(upHit, market, "a")
		}, 2},
		"a change after an addition": {func(tx *storage.Tx) {
			tx.Queue(upOrAdd, market, "b", at, 1)
			tx.Queue(addLine, market, id.New(), "after", tx.Now)
			tx.Queue(upHit, market, "a")
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			run := func() error {
				return db.Update(t.Context(), market, func(tx *storage.Tx) error { c.do(tx); return nil })
			}
			if err := run(); err != nil { // prepared now
				t.Fatal(err)
			}
			if n := trips(t, db, run); n != c.want {
				t.Errorf("%d trips, want %d", n, c.want)
			}
		})
	}
}

func TestWhatIsNoWriteIsNotGathered(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Queue("LOCK TABLE limits")
		return nil
	})
	if err == nil || err.Error() != "storage: no write that can be gathered: LOCK TABLE limits" {
		t.Fatalf("%v", err)
	}
}

// What went before is undone with what refuses.
func TestARefusalInALaterPartUndoesTheEarlierOnes(t *testing.T) {
	db, market := dbtest.Open(t)
	none := fault.Conflict("sold_out")
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Queue(addLine, market, id.New(), "undone", tx.Now)
		tx.Queue(upHit, market, "nothing")
		tx.Expect(1, none, upHit, market, "nothing")
		return nil
	})
	if !errors.Is(err, none) || lines(t, db, market, "undone") != 0 {
		t.Fatalf("%v", err)
	}
}
