package limit_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/limit"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// stopped gives a database whose clock stands still until it is moved.
func stopped(t *testing.T) (*storage.DB, *atomic.Int64) {
	t.Helper()
	var at atomic.Int64
	at.Store(time.Date(2026, 11, 24, 9, 0, 10, 0, time.UTC).UnixNano())
	db, _ := dbtest.Open(t, func(o *storage.Options) {
		o.Clock = func() time.Time { return time.Unix(0, at.Load()) }
	})
	return db, &at
}

func key() string { return "test:" + id.New().String() }

func TestTheNumberPassesAndTheNextIsRefused(t *testing.T) {
	db, _ := stopped(t)
	k := key()
	for want := 2; want >= 0; want-- {
		left, reset, err := limit.Take(t.Context(), db, k, 3, time.Minute)
		if err != nil || left != want || !reset.Equal(time.Date(2026, 11, 24, 9, 1, 0, 0, time.UTC)) {
			t.Fatalf("left %d, want %d; reset %v; %v", left, want, reset, err)
		}
	}
	left, reset, err := limit.Take(t.Context(), db, k, 3, time.Minute)
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindTooMany || f.Code != "too_many" || f.Args["seconds"] != int64(50) {
		t.Fatalf("refusal: %v", err)
	}
	if left != 0 || !reset.Equal(time.Date(2026, 11, 24, 9, 1, 0, 0, time.UTC)) {
		t.Fatalf("left %d, reset %v", left, reset)
	}
}

func TestTheNextWindowBeginsAnew(t *testing.T) {
	db, at := stopped(t)
	k := key()
	if _, _, err := limit.Take(t.Context(), db, k, 1, time.Minute); err != nil {
		t.Fatal(err)
	}
	at.Add(int64(49 * time.Second))
	if _, _, err := limit.Take(t.Context(), db, k, 1, time.Minute); !fault.Has(err, "too_many") {
		t.Fatalf("in the same window: %v", err)
	}
	at.Add(int64(time.Second))
	if left, _, err := limit.Take(t.Context(), db, k, 1, time.Minute); err != nil || left != 0 {
		t.Fatalf("in the next window: %d, %v", left, err)
	}
}

func TestOneKeyDoesNotUseUpAnother(t *testing.T) {
	db, _ := stopped(t)
	for range 3 {
		if _, _, err := limit.Take(t.Context(), db, key(), 1, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALimitOfNoughtLetsNobodyIn(t *testing.T) {
	db, _ := stopped(t)
	if _, _, err := limit.Take(t.Context(), db, key(), 0, time.Minute); !fault.Has(err, "too_many") {
		t.Fatalf("%v", err)
	}
}

func TestOfHundredAtOnceOnTwoInstancesTenPass(t *testing.T) {
	db, _ := stopped(t)
	other, _ := stopped(t)
	k := key()
	var passed, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 100 {
		on := db
		if i%2 == 1 {
			on = other
		}
		wg.Go(func() {
			switch _, _, err := limit.Take(t.Context(), on, k, 10, time.Hour); {
			case err == nil:
				passed.Add(1)
			case fault.Has(err, "too_many"):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if passed.Load() != 10 || refused.Load() != 90 {
		t.Fatalf("%d passed, %d refused", passed.Load(), refused.Load())
	}
}

func TestOldWindowsAreSweptAndTheLiveOneIsKept(t *testing.T) {
	var at atomic.Int64
	at.Store(time.Date(2026, 11, 24, 9, 0, 10, 0, time.UTC).UnixNano())
	db, _ := dbtest.Own(t, func(o *storage.Options) {
		o.Clock = func() time.Time { return time.Unix(0, at.Load()) }
	})
	for range 3 {
		if _, _, err := limit.Take(t.Context(), db, "k", 1, time.Hour); err != nil {
			t.Fatal(err)
		}
		at.Add(int64(24 * time.Hour))
	}
	at.Add(-int64(24 * time.Hour))
	if gone, err := limit.Sweep(t.Context(), db, 2*time.Hour); err != nil || gone != 2 {
		t.Fatalf("%d gone, %v", gone, err)
	}
	if _, _, err := limit.Take(t.Context(), db, "k", 1, time.Hour); !fault.Has(err, "too_many") {
		t.Fatalf("the live window was forgotten: %v", err)
	}
}

func TestALimitThatMakesNoSenseIsRefused(t *testing.T) {
	db, _ := stopped(t)
	if _, _, err := limit.Take(t.Context(), db, key(), -1, time.Minute); err == nil {
		t.Fatal("less than nought")
	}
	if _, _, err := limit.Take(t.Context(), db, key(), 1, 0); err == nil {
		t.Fatal("no time")
	}
}
