package ledger_test

import (
	"slices"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/ledger"
)

// extract reads an account in pieces of two, and as a stream: both say the same.
func extract(t *testing.T, db *storage.DB, m int32, account string, in ledger.Span) (whole ledger.Extract) {
	t.Helper()
	err := db.Snapshot(t.Context(), m, func(tx *storage.Tx) error {
		var pieces []ledger.Running
		var at ledger.Place
		for range 20 {
			x, err := ledger.ExtractOf(tx, account, in, at, 2)
			if err != nil || len(x.Steps) == 0 {
				whole = x
				break
			}
			pieces = append(pieces, x.Steps...)
			last := pieces[len(pieces)-1]
			at = ledger.Place{Entry: last.Entry, Line: last.No}
		}
		streamed := ledger.Extract{}
		err := ledger.EachStep(tx, account, in, func(x ledger.Extract) error { streamed = x; return nil }, func(l ledger.Running) error {
			streamed.Steps = append(streamed.Steps, l)
			return nil
		})
		slices.Reverse(streamed.Steps)
		whole.Steps = pieces
		if streamed.Opening != whole.Opening || streamed.Closing != whole.Closing || !slices.EqualFunc(streamed.Steps, pieces, func(a, b ledger.Running) bool {
			return a.Entry == b.Entry && a.No == b.No && a.Balance == b.Balance && a.At.Equal(b.At)
		}) {
			t.Errorf("%s: in pieces %+v, as a stream %+v", account, whole, streamed)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

func TestAnExtractRunsFromWhatStoodThereBeforeToWhatStandsThereThen(t *testing.T) {
	start := time.Date(2026, 10, 30, 9, 0, 0, 0, shanghai)
	db, m, now := calendar(t, start)
	on := func(day int, hour int, cause string, legs ...ledger.Leg) {
		now.Store(time.Date(2026, 10, day, hour, 0, 0, 0, shanghai).UnixNano())
		post(t, db, m, entry(cause, legs...))
	}
	owed := ledger.Owed(anna)
	on(30, 9, "capital", leg(ledger.BankOperating, ledger.OwnCapital, 1000))
	on(34, 9, "late", leg(ledger.BankOperating, owed, 40)) // written before what follows, dated after it
	on(31, 9, "two", leg(ledger.BankOperating, ledger.OwnCapital, 50), leg(ledger.CostBank, ledger.BankOperating, 7))
	on(32, 0, "first of november", leg(ledger.BankOperating, owed, 300))
	on(33, 8, "paid", leg(owed, ledger.BankOperating, 100))

	october, november := month(t, "2026-10"), month(t, "2026-11")
	for name, c := range map[string]struct {
		account          string
		in               ledger.Span
		opening, closing int64
		balances         []int64 // the newest first
	}{
		"all of an asset":     {ledger.BankOperating, ledger.Span{}, 0, 1283, []int64{1283, 1243, 1343, 1043, 1050, 1000}},
		"october of it":       {ledger.BankOperating, ledger.Span{Until: october.Until}, 0, 1043, []int64{1043, 1050, 1000}},
		"november of it":      {ledger.BankOperating, ledger.Span{From: november.From, Until: november.Until}, 1043, 1283, []int64{1283, 1243, 1343}},
		"one day":             {ledger.BankOperating, ledger.Span{From: october.Until.AddDate(0, 0, -1), Until: october.Until}, 1000, 1043, []int64{1043, 1050}},
		"a day of nothing":    {ledger.BankOperating, ledger.Span{From: november.Until, Until: november.Until.AddDate(0, 0, 1)}, 1283, 1283, nil},
		"before all":          {ledger.BankOperating, ledger.Span{Until: october.From}, 0, 0, nil},
		"what others have":    {owed, ledger.Span{From: november.From}, 0, 240, []int64{240, 200, 300}},
		"a cost":              {ledger.CostBank, ledger.Span{}, 0, 7, []int64{7}},
		"nobody touched that": {ledger.IncomeFees, ledger.Span{}, 0, 0, nil},
	} {
		x := extract(t, db, m, c.account, c.in)
		var balances []int64
		for _, l := range x.Steps {
			balances = append(balances, l.Balance)
		}
		if x.Opening != c.opening || x.Closing != c.closing || !slices.Equal(balances, c.balances) {
			t.Errorf("%s: from %d to %d by %v; want from %d to %d by %v", name, x.Opening, x.Closing, balances, c.opening, c.closing, c.balances)
		}
		if moved := x.Debit - x.Credit; moved != x.Closing-x.Opening && -moved != x.Closing-x.Opening {
			t.Errorf("%s: both sides %d and %d do not lead from %d to %d", name, x.Debit, x.Credit, x.Opening, x.Closing)
		}
	}
	want(t, db, m, map[string]int64{ledger.BankOperating: 1283, owed: 240, ledger.CostBank: 7}) // the same as the whole extract
}
