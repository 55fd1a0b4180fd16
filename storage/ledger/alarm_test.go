package ledger_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// What came first is settled first: a sum is as old as what the newer deals do not
// account for, on whichever side it stands.
func TestASumBetweenTwoMarketsThatNobodySettlesIsAnAlarm(t *testing.T) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return now } })
	move := func(debit, credit string, sum int64) {
		t.Helper()
		post(t, db, market, ledger.Entry{Cause: "test:" + id.New().String(), By: id.New(), Legs: []ledger.Leg{{Debit: debit, Credit: credit, Amount: sum}}})
	}
	heard := func() string {
		t.Helper()
		r, err := audit.Run(t.Context(), db, []int32{market}, nil, ledger.Alarms())
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, a := range r.Alarms {
			if a.Name == "a sum between two markets is not settled for a month" {
				found = append(found, a.Found.String())
			}
		}
		return strings.Join(found, "; ")
	}
	const capital = ledger.OwnCapital
	owes, has, even := ledger.Intermarket(7001), ledger.Intermarket(7002), ledger.Intermarket(7003)
	move(capital, owes, 12723)
	move(has, capital, 500)
	move(capital, even, 90)
	now = now.AddDate(0, 0, 27)
	if said := heard(); said != "" {
		t.Fatalf("too early: %s", said)
	}
	move(owes, capital, 2723)
	move(even, capital, 90)
	now = now.AddDate(0, 0, 5)
	move(capital, owes, 12723)
	move(has, capital, 40)
	move(capital, even, 90)
	if said := heard(); said != "old_minor=10000 other=7001 say=owes since_at=2026-03-02 08:00:00 +0000 UTC sum_minor=22723; old_minor=500 other=7002 say=has since_at=2026-03-02 08:00:00 +0000 UTC sum_minor=540" {
		t.Errorf("%q", said)
	}
	move(owes, capital, 10000)
	move(capital, has, 500)
	if said := heard(); said != "" {
		t.Errorf("settled, and still: %s", said)
	}
}
