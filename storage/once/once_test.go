package once_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type answer struct {
	Order id.ID
	Sum   int64
}

// deed writes one trail row and names it in its answer.
func deed(tx *storage.Tx) (answer, error) {
	a := answer{Order: id.New(), Sum: 9800}
	tx.Queue("INSERT INTO trail (market_id, id, person_id, deed, subject, at) VALUES ($1, $2, $2, 'place', 'order', $3)", tx.Market, a.Order, tx.Now)
	return a, nil
}

func deeds(t *testing.T, db *storage.DB, m int32) (n int) {
	t.Helper()
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1", m)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// ways are the two functions that do a deed once.
var ways = map[string]func(context.Context, *storage.DB, int32, once.Key, func(*storage.Tx) (answer, error)) (answer, error){
	"do": once.Do[answer], "try": once.Try[answer],
}

func TestOfSixtyFourAtOnceOneDoesTheDeedAndAllGetItsAnswer(t *testing.T) {
	for name, do := range ways {
		t.Run(name, func(t *testing.T) { sixtyFour(t, do) })
	}
}

func sixtyFour(t *testing.T, do func(context.Context, *storage.DB, int32, once.Key, func(*storage.Tx) (answer, error)) (answer, error)) {
	db, m := dbtest.Open(t)
	k := once.Of(id.New(), "k", []byte("one sack"))
	got := make([]answer, 64)
	errs := make([]error, 64)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range got {
		wg.Go(func() {
			<-start
			got[i], errs[i] = do(t.Context(), db, m, k, deed)
		})
	}
	close(start)
	wg.Wait()
	for i := range got {
		if errs[i] != nil || got[i] != got[0] || got[i].Order == id.None {
			t.Fatalf("number %d got %+v, %v; number 0 got %+v", i, got[i], errs[i], got[0])
		}
	}
	if n := deeds(t, db, m); n != 1 {
		t.Fatalf("the deed was done %d times", n)
	}
}

func TestOtherContentUnderTheSameKeyIsRefused(t *testing.T) {
	db, m := dbtest.Open(t)
	who := id.New()
	if _, err := once.Do(t.Context(), db, m, once.Of(who, "k", []byte("one sack")), deed); err != nil {
		t.Fatal(err)
	}
	_, err := once.Do(t.Context(), db, m, once.Of(who, "k", []byte("two sacks")), deed)
	if !errors.Is(err, fault.Conflict("key_reused")) {
		t.Fatalf("the answer is %v, want key_reused", err)
	}
	if n := deeds(t, db, m); n != 1 {
		t.Fatalf("the deed was done %d times", n)
	}
}

// A deed that is tried without a look at its key is refused, fails or finds its
// row there: whatever it is, the first answer counts, and other content is told.
func TestWhatIsTriedAgainGetsItsFirstAnswer(t *testing.T) {
	db, m := dbtest.Open(t)
	who := id.New()
	k := once.Of(who, "k", []byte("one sack"))
	broken := errors.New("broken")
	if _, err := once.Try(t.Context(), db, m, k, func(*storage.Tx) (answer, error) { return answer{}, broken }); !errors.Is(err, broken) {
		t.Fatalf("the first time: %v", err)
	}
	first, err := once.Try(t.Context(), db, m, k, deed)
	if err != nil {
		t.Fatal(err)
	}
	for name, fn := range map[string]func(*storage.Tx) (answer, error){
		"done again": deed,
		"refused":    func(*storage.Tx) (answer, error) { return answer{}, fault.Conflict("sold_out") },
		"failed":     func(*storage.Tx) (answer, error) { return answer{}, broken },
	} {
		if got, err := once.Try(t.Context(), db, m, k, fn); err != nil || got != first {
			t.Errorf("%s: %+v, %v; the first answer was %+v", name, got, err, first)
		}
		if _, err := once.Try(t.Context(), db, m, once.Of(who, "k", []byte("two sacks")), fn); !fault.Has(err, "key_reused") {
			t.Errorf("%s with other content: %v", name, err)
		}
	}
	if n := deeds(t, db, m); n != 1 {
		t.Fatalf("the deed was done %d times", n)
	}
}

func TestKeysOfTwoPeopleAndTwoMarketsNeverMeet(t *testing.T) {
	db, m := dbtest.Open(t)
	other := dbtest.Market(t, db)
	a, b := once.Of(id.New(), "k", nil), once.Of(id.New(), "k", nil)
	for _, c := range []struct {
		market int32
		key    once.Key
	}{{m, a}, {m, b}, {other, a}} {
		if _, err := once.Do(t.Context(), db, c.market, c.key, deed); err != nil {
			t.Fatal(err)
		}
	}
	if n := deeds(t, db, m) + deeds(t, db, other); n != 3 {
		t.Fatalf("the deed was done %d times, want 3", n)
	}
}

// The loser waits for the winner's lock and then finds the shelf empty, or the
// unique row taken: it must hear the winner's answer all the same.
func TestARefusalGivesWayToTheWinnersAnswer(t *testing.T) {
	db, m := dbtest.Open(t)
	for name, lose := range map[string]func(tx *storage.Tx) error{
		"sold out": func(*storage.Tx) error { return fault.Conflict("sold_out") },
		"a unique row of the deed itself": func(tx *storage.Tx) error {
			for range 2 {
				if _, err := tx.Exec("INSERT INTO jobs (market_id, id, kind, key, run_at, created_at) VALUES ($1, $2, 'k', 'same', $3, $3)", m, id.New(), tx.Now); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		k := once.Of(id.New(), name, nil)
		var won answer
		got, err := once.Do(t.Context(), db, m, k, func(tx *storage.Tx) (answer, error) {
			var err error
			if won, err = once.Do(context.Background(), db, m, k, deed); err != nil { // the racer, meanwhile
				return answer{}, err
			}
			return answer{Sum: 1}, lose(tx)
		})
		if err != nil || got != won {
			t.Errorf("%s: the loser got %+v, %v; the winner %+v", name, got, err, won)
		}
	}
}

func TestARefusalIsNotKept(t *testing.T) {
	db, m := dbtest.Open(t)
	k := once.Of(id.New(), "k", nil)
	_, err := once.Do(t.Context(), db, m, k, func(*storage.Tx) (answer, error) { return answer{}, fault.Conflict("sold_out") })
	if !fault.Has(err, "sold_out") {
		t.Fatalf("the answer is %v, want sold_out", err)
	}
	if a, err := once.Do(t.Context(), db, m, k, deed); err != nil || a.Sum != 9800 {
		t.Fatalf("after a refusal: %+v, %v", a, err)
	}
}

func TestTheZeroKeyIsAPlainUpdate(t *testing.T) {
	db, m := dbtest.Open(t)
	for range 2 {
		if _, err := once.Do(t.Context(), db, m, once.Of(id.New(), "", nil), deed); err != nil {
			t.Fatal(err)
		}
	}
	if n := deeds(t, db, m); n != 2 {
		t.Fatalf("the deed was done %d times, want 2", n)
	}
}

func TestAKeyThatIsLongOrNoTextWorks(t *testing.T) {
	db, m := dbtest.Open(t)
	who := id.New()
	for _, key := range []string{strings.Repeat("长", 5000), "a\x00b", "\xff\xfe"} {
		var runs atomic.Int32
		for range 2 {
			_, err := once.Do(t.Context(), db, m, once.Of(who, key, nil), func(*storage.Tx) (int, error) { runs.Add(1); return 1, nil })
			if err != nil {
				t.Fatalf("%.10q: %v", key, err)
			}
		}
		if runs.Load() != 1 {
			t.Errorf("%.10q: ran %d times", key, runs.Load())
		}
	}
}

func TestAKeyCostsOneReadAndATriedOneNothing(t *testing.T) {
	db, m := dbtest.Open(t, func(o *storage.Options) { o.Pool = 1 })
	cost := func(k once.Key, do func(context.Context, *storage.DB, int32, once.Key, func(*storage.Tx) (answer, error)) (answer, error)) int64 {
		before := db.Trips()
		if _, err := do(t.Context(), db, m, k, deed); err != nil {
			t.Fatal(err)
		}
		return db.Trips() - before
	}
	for i := range 2 {
		plain, keyed := cost(once.Key{}, once.Do), cost(once.Of(id.New(), "k", nil), once.Do)
		tried := cost(once.Of(id.New(), "k", nil), once.Try)
		// The first time prepares the statements. Under a key COMMIT goes along.
		if i == 1 && (plain != 2 || keyed != 2 || tried != 1) {
			t.Fatalf("%d trips with a key, %d tried, %d without", keyed, tried, plain)
		}
	}
}

func TestADoorsFirstAnswerIsRecalled(t *testing.T) {
	db, m := dbtest.Open(t)
	k := once.Of(id.New(), "k", []byte("body"))
	if _, _, found, err := once.Recall(t.Context(), db, m, k); err != nil || found {
		t.Fatalf("before: %v, %v", found, err)
	}
	for i, status := range []int{201, 500} {
		if err := once.Remember(t.Context(), db, m, k, status, []byte{byte('a' + i), 0, 255}); err != nil {
			t.Fatal(err)
		}
	}
	status, body, found, err := once.Recall(t.Context(), db, m, k)
	if err != nil || !found || status != 201 || string(body) != "a\x00\xff" {
		t.Fatalf("recalled %d %q %v %v", status, body, found, err)
	}
	k.Hash[0]++
	if _, _, _, err := once.Recall(t.Context(), db, m, k); !fault.Has(err, "key_reused") {
		t.Fatalf("other content: %v", err)
	}
	if _, err := once.Do(t.Context(), db, m, k, deed); err != nil { // a door's answer is not the deed's
		t.Fatal(err)
	}
}

func TestKeysAreForgottenAfterNinetyDays(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	db, m := dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return now } })
	k := once.Of(id.New(), "k", nil)
	for i, days := range []int{0, 89, 2} {
		now = now.AddDate(0, 0, days)
		if err := db.Update(t.Context(), m, func(tx *storage.Tx) error { once.Sweep(tx); return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := once.Do(t.Context(), db, m, k, deed); err != nil {
			t.Fatal(err)
		}
		if n, want := deeds(t, db, m), []int{1, 1, 2}[i]; n != want {
			t.Fatalf("after %d days more the deed was done %d times, want %d", days, n, want)
		}
	}
}
