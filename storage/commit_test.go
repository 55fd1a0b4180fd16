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

// behind opens the shared database through a cutter.
func behind(t *testing.T, at dbtest.Point) (*dbtest.Cutter, *storage.DB, int32) {
	t.Helper()
	_, market := dbtest.Open(t)
	c := dbtest.Cut(t, dbtest.Address(t), at)
	db, err := storage.Open(t.Context(), storage.Options{URL: c.Address, Pool: 2, Guard: dbtest.Guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return c, db, market
}

// lose cuts each of twice so many transactions at its first COMMIT: every second one
// before the server has seen it, the others after the server has done it. It
// gives the number of lines each round has left behind: of those whose COMMIT was
// done, and of those whose was not.
func lose(t *testing.T, each int, fn func(tx *storage.Tx, subject string) error, check func(error) error) (after, before []int) {
	t.Helper()
	c, db, market := behind(t, dbtest.AtCommit(""))
	rounds := 2 * each
	for i := range rounds {
		subject := fmt.Sprintf("round:%d", i)
		unseen := i%2 == 1
		c.Arm(unseen)
		err := db.Update(t.Context(), market, func(tx *storage.Tx) error { return fn(tx, subject) })
		if err := check(err); err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		if c.Waits() {
			t.Fatalf("%s: nothing was cut", subject)
		}
		if n := lines(t, db, market, subject); unseen {
			before = append(before, n)
		} else {
			after = append(after, n)
		}
	}
	if c.Cuts() != int64(rounds) {
		t.Fatalf("%d cuts in %d rounds", c.Cuts(), rounds)
	}
	return after, before
}

// not counts the rounds that did not leave so many lines.
func not(want int, left []int) (wrong int) {
	for _, n := range left {
		if n != want {
			wrong++
		}
	}
	return wrong
}

func same(err error) error { return err }

// keyed looks for its own key before it writes.
func keyed(tx *storage.Tx, subject string) error {
	tx.Keyed()
	var n int
	if err := tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1 AND subject = $2", tx.Market, subject); err != nil || n > 0 {
		return err
	}
	tx.Queue(addLine, tx.Market, id.New(), subject, tx.Now)
	return nil
}

func TestOf500CommitsWhoseAnswerWasLostAnd500ThatNeverCameNoneIsDoubledAndNoneIsMissing(t *testing.T) {
	var mu sync.Mutex
	var after, before []int
	t.Run("workers", func(t *testing.T) {
		for w := range 4 {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				done, unseen := lose(t, 125, keyed, same)
				mu.Lock()
				defer mu.Unlock()
				after, before = append(after, done...), append(before, unseen...)
			})
		}
	})
	for when, left := range map[string][]int{"after COMMIT": after, "before it": before} {
		t.Logf("cut %s %d times: %d are doubled or missing", when, len(left), not(1, left))
		if len(left) != 500 || not(1, left) != 0 {
			t.Errorf("cut %s %d times: %d are doubled or missing", when, len(left), not(1, left))
		}
	}
}

func TestWithoutAKeyALostAnswerIsToldAndNothingIsDoubled(t *testing.T) {
	runs := 0
	after, before := lose(t, 50, func(tx *storage.Tx, subject string) error {
		runs++
		return add(tx, subject)
	}, func(err error) error {
		if !errors.Is(err, fault.Unavailable("commit_unknown")) {
			return fmt.Errorf("not told: %w", err)
		}
		return nil
	})
	if not(1, after) != 0 || not(0, before) != 0 {
		t.Errorf("after COMMIT %v lines, before it %v", after, before)
	}
	if runs != 100 {
		t.Fatalf("%d runs of 100", runs)
	}
}

// The control: who promises a key and does not look for it doubles.
func TestAFalsePromiseOfAKeyDoubles(t *testing.T) {
	after, before := lose(t, 100, func(tx *storage.Tx, subject string) error {
		tx.Keyed()
		return add(tx, subject)
	}, same)
	t.Logf("without a look for its key, cut after COMMIT %d times: %d are doubled", len(after), len(after)-not(2, after))
	if not(2, after) != 0 || not(1, before) != 0 {
		t.Errorf("after COMMIT %v lines, before it %v", after, before)
	}
}

// The control: the driver alone repeats a write outside a transaction. This is
// why there is none (lib/pq issue 939).
func TestTheDriverAloneDoublesAWriteOutsideATransaction(t *testing.T) {
	db, market := dbtest.Open(t)
	c := dbtest.Cut(t, dbtest.Address(t), dbtest.AtExecuted)
	alone := raw(t, c.Address)
	doubled := 0
	for i := range 10 {
		subject := fmt.Sprintf("alone:%d", i)
		c.Arm(false)
		if _, err := alone.Exec("INSERT INTO trail (market_id, id, person_id, deed, subject, at) VALUES ($1, gen_random_uuid(), $2, 'deed', $3, now())", market, id.New(), subject); err != nil {
			t.Fatal(err)
		}
		if lines(t, db, market, subject) == 2 {
			doubled++
		}
	}
	if doubled != 10 {
		t.Fatalf("%d of 10 doubled: has the driver changed?", doubled)
	}
}

func TestTheSameWriteThroughUsIsRefusedOutsideATransaction(t *testing.T) {
	db, market := dbtest.Open(t)
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		var n int
		return tx.Get(&n, addLine+" RETURNING 1", market, id.New(), "outside", tx.Now)
	})
	if err == nil || lines(t, db, market, "outside") != 0 {
		t.Fatalf("%v", err)
	}
}
