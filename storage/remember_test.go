package storage_test

import (
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/dbtest"
)

// TestWhatIsRememberedIsReadAgainWhenItIsForgottenOrOld reads a number that
// counts how often it was read.
func TestWhatIsRememberedIsReadAgainWhenItIsForgottenOrOld(t *testing.T) {
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return at } })
	reads := 0
	read := func() (int, error) { reads++; return reads, nil }
	ask := func(market int32, during func(tx *storage.Tx)) (got int) {
		t.Helper()
		if err := db.View(t.Context(), market, func(tx *storage.Tx) (err error) {
			got, err = storage.Remember(tx, "rates", func() (int, error) {
				if during != nil {
					during(tx)
				}
				return read()
			})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return got
	}
	forget := func(inside int) {
		t.Helper()
		if err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
			tx.Forget("rates")
			got, err := storage.Remember(tx, "rates", read)
			if got != inside {
				t.Errorf("whoever has changed it is given %d, want %d", got, inside)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if first, again := ask(market, nil), ask(market, nil); first != 1 || again != 1 {
		t.Error("it was not remembered")
	}
	if ask(market+1, nil) != 2 {
		t.Error("another market was given this one's")
	}
	forget(3)
	if first, again := ask(market, nil), ask(market, nil); first != 4 || again != 4 {
		t.Error("it was not forgotten, or not remembered again")
	}
	at = at.Add(storage.Fresh)
	if ask(market, func(*storage.Tx) { forget(5) }) != 6 {
		t.Error("it was believed for too long")
	}
	if ask(market, nil) != 7 {
		t.Error("what was read before it was forgotten was remembered after")
	}
	at = at.Add(-time.Hour)
	if ask(market, nil) != 8 {
		t.Error("it was believed although the clock was set back")
	}
}
