package storage_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// What is written meanwhile is in neither of the two, wherever they are read.
func TestBothReadOneMoment(t *testing.T) {
	db, m := dbtest.Open(t)
	count := func(n *int) func(*storage.Tx) error {
		return func(tx *storage.Tx) error {
			return tx.Get(n, "SELECT count(*) FROM limits WHERE market_id = $1", tx.Market)
		}
	}
	add := func() {
		t.Helper()
		if err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
			_, err := tx.Exec(addHit, tx.Market, id.New().String(), tx.Now, 1)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	add()
	var before, one, other, elsewhere int
	err := db.Snapshot(t.Context(), m, func(tx *storage.Tx) error {
		if err := count(&before)(tx); err != nil {
			return err
		}
		add()
		var own *storage.Tx
		waits := make(chan *storage.Tx, 1)
		return tx.Both(func(tx *storage.Tx) error {
			if own = <-waits; own == tx {
				t.Error("the second was not read beside the first")
			}
			return count(&one)(tx)
		}, func(tx *storage.Tx) error {
			waits <- tx
			return count(&other)(tx)
		})
	})
	if err != nil || before != 1 || one != 1 || other != 1 {
		t.Errorf("%d before, %d and %d of one moment: %v", before, one, other, err)
	}
	err = db.View(t.Context(), m, func(tx *storage.Tx) error { return tx.Both(count(&one), count(&elsewhere)) })
	if err != nil || one != 2 || elsewhere != 2 {
		t.Errorf("%d and %d where each statement has its own moment: %v", one, elsewhere, err)
	}
}

// As many as there are connections read two things each, and none waits for another.
func TestBothIsReadWhereNoConnectionIsFree(t *testing.T) {
	const pool = 2
	db, m := dbtest.Open(t, func(o *storage.Options) { o.Pool = pool })
	all, in := make(chan error, pool), make(chan bool, pool)
	start := make(chan bool)
	for range pool {
		go func() {
			all <- db.Snapshot(t.Context(), m, func(tx *storage.Tx) error {
				var read atomic.Int32
				one := func(tx *storage.Tx) error { read.Add(1); return tx.Get(new(int), "SELECT 1 + $1 - $1", tx.Market) }
				in <- true
				<-start
				err := tx.Both(one, one)
				if err == nil && read.Load() != 2 {
					err = errors.New("not both were read")
				}
				return err
			})
		}()
	}
	for range pool {
		<-in
	}
	close(start)
	for range pool {
		if err := <-all; err != nil {
			t.Error(err)
		}
	}
}

func TestAnErrorOfEitherIsTold(t *testing.T) {
	db, m := dbtest.Open(t)
	wrong := errors.New("wrong")
	fine := func(tx *storage.Tx) error { return tx.Get(new(int), "SELECT 1 + $1 - $1", tx.Market) }
	fails := func(*storage.Tx) error { return wrong }
	for name, both := range map[string][2]func(*storage.Tx) error{"first": {fails, fine}, "second": {fine, fails}} {
		if err := db.Snapshot(t.Context(), m, func(tx *storage.Tx) error { return tx.Both(both[0], both[1]) }); !errors.Is(err, wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
