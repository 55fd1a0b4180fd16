package marketplace_test

import (
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace"
	"commonfield/marketplace/demo"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/limit"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

// count asks every market and the platform.
func count(t *testing.T, m *marketplace.Marketplace, query string, args ...any) (n int) {
	t.Helper()
	for _, market := range markets(t, m) {
		err := m.DB.View(t.Context(), market, func(tx *storage.Tx) error {
			var here int
			err := tx.Get(&here, query, append([]any{market}, args...)...)
			n += here
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func markets(t *testing.T, m *marketplace.Marketplace) []int32 {
	t.Helper()
	all, err := m.Books.All(t.Context())
	if err != nil || len(all) == 0 {
		t.Fatalf("%d markets, %v", len(all), err)
	}
	ids := []int32{storage.Platform}
	for _, b := range all {
		ids = append(ids, b.ID)
	}
	return ids
}

// day keeps the calendar twice, as two instances would, and does what is due.
func day(t *testing.T, m *marketplace.Marketplace) {
	t.Helper()
	for range 2 {
		if err := m.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, market := range markets(t, m) {
		if _, err := m.Worker.Drain(t.Context(), market); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADaySweepsWhatIsOldAndNeverWhatTheLawKeeps(t *testing.T) {
	ctx := t.Context()
	begin := time.Now() // the demo's orders lie in the weeks before
	var days atomic.Int64
	clock := func() time.Time { return begin.AddDate(0, 0, int(days.Load())) }
	db, address := dbtest.Own(t)
	if err := marketplace.Prepare(ctx, db); err != nil {
		t.Fatal(err)
	}
	c := marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard, Clock: clock}
	if _, err := demo.Build(ctx, c, nil); err != nil {
		t.Fatal(err)
	}
	m, err := marketplace.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shut() })
	someone := people.Person{ID: id.New()}
	deed := func(tx *storage.Tx) (int, error) {
		trail.Write(tx, someone.ID, "test", "day", "")
		return 1, nil
	}
	leave := func(key string) {
		for _, market := range markets(t, m) {
			if _, err := once.Do(ctx, m.DB, market, once.Of(someone.ID, key, nil), deed); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := limit.Take(ctx, m.DB, key, 1, time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.People.Guest(ctx, key); err != nil {
			t.Fatal(err)
		}
	}
	const (
		sweeps = "SELECT count(*) FROM jobs WHERE market_id = $1 AND state = 'done' AND kind IN ('marketplace:forget', 'jobs:sweep')"
		old    = "SELECT count(*) FROM jobs WHERE market_id = $1 AND state = 'done' AND finished_at < $2"
		keys   = "SELECT count(*) FROM once_keys WHERE market_id = $1"
		limits = "SELECT count(*) FROM limits WHERE market_id = $1"
	)
	law := []string{"orders", "baskets", "payments", "refunds", "ledger_entries", "ledger_postings", "trail"}
	leave("old")
	day(t, m)
	places := len(markets(t, m))
	if n := count(t, m, sweeps); n != 2*places {
		t.Fatalf("%d sweeps on one day in %d places", n, places)
	}
	if count(t, m, old, begin.AddDate(0, 0, 1)) == 0 || count(t, m, keys) < places || count(t, m, limits) == 0 {
		t.Fatal("what is of today was swept")
	}
	kept := map[string]int{}
	for _, table := range law {
		if kept[table] = count(t, m, "SELECT count(*) FROM "+table+" WHERE market_id = $1"); kept[table] == 0 {
			t.Errorf("%s is empty: it proves nothing", table)
		}
	}
	days.Store(121) // a session lives for 30
	leave("new")
	day(t, m)
	if n := count(t, m, old, begin.AddDate(0, 0, 1)); n != 0 {
		t.Errorf("%d finished jobs are left", n)
	}
	if n := count(t, m, keys); n != places {
		t.Errorf("%d keys are left, want the %d new ones", n, places)
	}
	if n := count(t, m, limits); n != 1 {
		t.Errorf("%d counters are left, want the new one", n)
	}
	if gone, err := m.People.Sweep(ctx); err != nil || gone != 0 {
		t.Errorf("%d sessions were left, %v", gone, err)
	}
	for _, table := range law {
		if n := count(t, m, "SELECT count(*) FROM "+table+" WHERE market_id = $1"); n < kept[table] {
			t.Errorf("%s had %d rows and has %d", table, kept[table], n)
		}
	}
}
