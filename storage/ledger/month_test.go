package ledger_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

var (
	anna, bernat = id.New(), id.New()
	shanghai     = time.FixedZone("Asia/Shanghai", 8*3600)
)

// calendar is a book with a clock that the test moves.
func calendar(t *testing.T, at time.Time) (*storage.DB, int32, *atomic.Int64) {
	t.Helper()
	now := new(atomic.Int64)
	now.Store(at.UnixNano())
	db, m := dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return time.Unix(0, now.Load()) } })
	return db, m, now
}

func month(t *testing.T, name string) ledger.Month {
	t.Helper()
	m, err := ledger.ParseMonth(name, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func closed(t *testing.T, db *storage.DB, m int32, name string) {
	t.Helper()
	for _, err := range []error{ledger.CloseMonth(t.Context(), db, m, month(t, name), anna), ledger.AgreeMonth(t.Context(), db, m, name, bernat)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAClosedMonthTakesNoEntryWhoeverWritesIt(t *testing.T) {
	october := time.Date(2026, 10, 31, 23, 59, 59, 0, shanghai)
	db, m, now := calendar(t, october)
	pay := func(cause string) error {
		return try(t, db, m, entry(cause, leg(ledger.BankOperating, ledger.OwnCapital, 100)))
	}
	if err := pay("october"); err != nil {
		t.Fatal(err)
	}
	now.Store(month(t, "2026-10").Until.Add(ledger.Settled - 1).UnixNano())
	if err := ledger.CloseMonth(t.Context(), db, m, month(t, "2026-10"), anna); !fault.Has(err, "month_runs") {
		t.Errorf("within the hour: %v", err)
	}
	now.Add(1)
	closed(t, db, m, "2026-10")
	if err := pay("november"); err != nil {
		t.Errorf("the next month is closed too: %v", err)
	}
	now.Store(october.UnixNano())
	if err := pay("late"); !fault.Has(err, "ledger_month_closed") {
		t.Errorf("dated into it: %v", err)
	}
	now.Store(month(t, "2026-10").From.Add(-1).UnixNano())
	if err := pay("september"); err != nil {
		t.Errorf("the month before is closed too: %v", err)
	}
	now.Store(october.AddDate(0, 1, 5).UnixNano())
	want(t, db, m, map[string]int64{ledger.BankOperating: 300})
}

func TestTwoPeopleCloseAMonthAndTwoOpenItAgain(t *testing.T) {
	db, m, now := calendar(t, time.Date(2026, 10, 15, 12, 0, 0, 0, shanghai))
	post(t, db, m, entry("a", leg(ledger.BankOperating, ledger.OwnCapital, 100)))
	now.Store(time.Date(2026, 11, 5, 12, 0, 0, 0, shanghai).UnixNano())
	ctx, name := t.Context(), "2026-10"
	state := func() (p ledger.Period) {
		if err := db.View(ctx, m, func(tx *storage.Tx) error {
			all, err := ledger.Periods(tx)
			if len(all) > 0 {
				p = all[0]
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return p
	}
	check := func(what string, err error, code string) {
		t.Helper()
		if code == "" && err != nil || code != "" && !fault.Has(err, code) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("nobody asked", ledger.AgreeMonth(ctx, db, m, name, bernat), "not_found")
	check("never closed", ledger.ReopenMonth(ctx, db, m, name, anna, "x"), "not_found")
	check("ask", ledger.CloseMonth(ctx, db, m, month(t, name), anna), "")
	check("ask again", ledger.CloseMonth(ctx, db, m, month(t, name), bernat), "")
	if p := state(); p.State != ledger.MonthClosing || p.AskedBy != anna {
		t.Errorf("%+v", p)
	}
	check("agree with oneself", ledger.AgreeMonth(ctx, db, m, name, anna), "month_self")
	check("say no", ledger.KeepMonth(ctx, db, m, name, bernat), "")
	if state().State != ledger.MonthOpen {
		t.Error("after no it is not open")
	}
	check("agree with nothing", ledger.AgreeMonth(ctx, db, m, name, bernat), "month_state")
	check("ask", ledger.CloseMonth(ctx, db, m, month(t, name), anna), "")
	for range 2 {
		check("agree", ledger.AgreeMonth(ctx, db, m, name, bernat), "")
	}
	if p := state(); p.State != ledger.MonthClosed || p.Entries != 1 || p.Sum != 100 {
		t.Errorf("%+v", p)
	}
	check("close the closed", ledger.CloseMonth(ctx, db, m, month(t, name), anna), "month_state")
	check("open without a reason", ledger.ReopenMonth(ctx, db, m, name, bernat, " "), "required")
	check("open", ledger.ReopenMonth(ctx, db, m, name, bernat, "漏了一笔"), "")
	now.Store(time.Date(2026, 10, 20, 12, 0, 0, 0, shanghai).UnixNano())
	if err := try(t, db, m, entry("b", leg(ledger.BankOperating, ledger.OwnCapital, 1))); !fault.Has(err, "ledger_month_closed") {
		t.Errorf("while it waits to be opened: %v", err)
	}
	now.Store(time.Date(2026, 11, 6, 12, 0, 0, 0, shanghai).UnixNano())
	check("agree with oneself", ledger.AgreeMonth(ctx, db, m, name, bernat), "month_self")
	check("agree", ledger.AgreeMonth(ctx, db, m, name, anna), "")
	if state().State != ledger.MonthOpen {
		t.Error("it is not open")
	}
	now.Store(time.Date(2026, 10, 20, 12, 0, 0, 0, shanghai).UnixNano())
	post(t, db, m, entry("b", leg(ledger.BankOperating, ledger.OwnCapital, 1)))
	now.Store(time.Date(2026, 11, 7, 12, 0, 0, 0, shanghai).UnixNano())
	closed(t, db, m, name)
	if p := state(); p.Entries != 2 || p.Sum != 101 {
		t.Errorf("closed again: %+v", p)
	}
	want(t, db, m, map[string]int64{ledger.BankOperating: 101})
}

func TestOf64WhoCloseAndAgreeAtOnceOneOfEachDoes(t *testing.T) {
	db, m, _ := calendar(t, time.Date(2026, 11, 5, 12, 0, 0, 0, shanghai))
	errs := make(chan error, 128)
	for i := range 64 {
		go func() { errs <- ledger.CloseMonth(context.Background(), db, m, month(t, "2026-10"), id.New()) }()
		go func() {
			_ = i
			errs <- ledger.AgreeMonth(context.Background(), db, m, "2026-10", id.New())
		}()
	}
	for range 128 {
		if err := <-errs; err != nil && !fault.Has(err, "month_state") && !fault.Has(err, "not_found") {
			t.Error(err)
		}
	}
	if wrong := violations(t, db, m); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
}

func TestTheJournalOfAllMonthsIsTheTrialBalance(t *testing.T) {
	db, m, now := calendar(t, time.Date(2026, 8, 1, 0, 0, 0, 0, shanghai))
	payee, order := id.New(), id.New()
	for i := range 40 {
		now.Add(int64(3 * 24 * time.Hour))
		post(t, db, m, entry(fmt.Sprint("pay:", i), leg(ledger.BankOperating, ledger.HeldOrder(order), int64(100+i)), leg(ledger.CostBank, ledger.BankOperating, 1)),
			entry(fmt.Sprint("release:", i), leg(ledger.HeldOrder(order), ledger.Owed(payee), int64(50+i))))
	}
	type sums struct{ debit, credit int64 }
	got := map[string]sums{}
	var trial []ledger.Row
	if err := db.View(t.Context(), m, func(tx *storage.Tx) (err error) {
		if trial, err = ledger.Trial(tx); err != nil {
			return err
		}
		first, any, err := ledger.Since(tx)
		if err != nil || !any {
			return fmt.Errorf("since %v: %w", any, err)
		}
		carried := map[string]int64{}
		for at := ledger.MonthAt(first, shanghai); at.From.Before(tx.Now); at = ledger.MonthAt(at.Until, shanghai) {
			month := map[string]sums{}
			if err := ledger.Journal(tx, at.From, at.Until, func(p ledger.Posting) error {
				for account, s := range map[string]sums{p.Debit: {p.Amount, 0}, p.Credit: {0, p.Amount}} {
					name, _ := ledger.Split(account)
					month[name] = sums{month[name].debit + s.debit, month[name].credit + s.credit}
					got[name] = sums{got[name].debit + s.debit, got[name].credit + s.credit}
				}
				return nil
			}); err != nil {
				return err
			}
			turns, err := ledger.Turnover(tx, at.From, at.Until)
			if err != nil {
				return err
			}
			for _, r := range turns {
				if r.Opening != carried[r.Account] || r.Debit != month[r.Account].debit || r.Credit != month[r.Account].credit {
					t.Errorf("%s %s: opened with %d after %d, %d and %d of %v", at.Name, r.Account, r.Opening, carried[r.Account], r.Debit, r.Credit, month[r.Account])
				}
				carried[r.Account] = r.Closing()
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(trial) == 0 || len(trial) != len(got) {
		t.Errorf("%d accounts, the journal has %d", len(trial), len(got))
	}
	for _, r := range trial {
		if got[r.Account] != (sums{r.Debit, r.Credit}) {
			t.Errorf("%s: the trial balance %d and %d, the journal %v", r.Account, r.Debit, r.Credit, got[r.Account])
		}
	}
}
