package ledger_test

import (
	"math"
	"strings"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func leg(debit, credit string, amount int64) ledger.Leg {
	return ledger.Leg{Debit: debit, Credit: credit, Amount: amount}
}

func entry(cause string, legs ...ledger.Leg) ledger.Entry {
	return ledger.Entry{Cause: cause, By: id.New(), Legs: legs}
}

// try posts in a transaction of its own.
func try(t testing.TB, db *storage.DB, m int32, entries ...ledger.Entry) error {
	t.Helper()
	return db.Update(t.Context(), m, func(tx *storage.Tx) error { return ledger.Post(tx, entries...) })
}

func post(t testing.TB, db *storage.DB, m int32, entries ...ledger.Entry) {
	t.Helper()
	if err := try(t, db, m, entries...); err != nil {
		t.Fatal(err)
	}
}

// want holds balances against what they should be, and the book against its checks.
func want(t testing.TB, db *storage.DB, m int32, sums map[string]int64) {
	t.Helper()
	var accounts []string
	for a := range sums {
		accounts = append(accounts, a)
	}
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		have, err := ledger.Balance(tx, accounts...)
		for a, n := range sums {
			if have[a] != n {
				t.Errorf("%s is %d, want %d", a, have[a], n)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := violations(t, db, m); len(wrong) > 0 {
		t.Errorf("the book is not right: %q", wrong)
	}
}

func violations(t testing.TB, db *storage.DB, m int32) (all []string) {
	t.Helper()
	err := db.Snapshot(t.Context(), m, func(tx *storage.Tx) error {
		for _, c := range ledger.Checks() {
			_, wrong, err := c.Run(tx)
			if err != nil {
				return err
			}
			for _, w := range wrong {
				all = append(all, w.String())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnOrderWalksThroughTheBookAndItBalances(t *testing.T) {
	db, m := dbtest.Open(t)
	order, seller, agent, payout := id.New(), id.New(), id.New(), id.New()
	held := ledger.HeldOrder(order)
	post(t, db, m, entry("capture", leg(ledger.GatewayClearing, held, 9800)))
	want(t, db, m, map[string]int64{held: 9800, ledger.GatewayClearing: 9800})
	post(t, db, m,
		entry("fee", leg(ledger.CostGateway, ledger.GatewayClearing, 59), leg(ledger.GatewayAvailable, ledger.GatewayClearing, 9741)),
		entry("release", leg(held, ledger.Owed(seller), 8500), leg(held, ledger.Commission(agent), 490), leg(held, ledger.IncomeFees, 300), leg(held, ledger.TaxDue, 510)),
		entry("payout", leg(ledger.Owed(seller), ledger.TransitPayout(payout), 8500)))
	want(t, db, m, map[string]int64{held: 0, ledger.GatewayClearing: 0, ledger.GatewayAvailable: 9741, ledger.CostGateway: 59,
		ledger.Owed(seller): 0, ledger.TransitPayout(payout): 8500, ledger.Commission(agent): 490, ledger.IncomeFees: 300, ledger.TaxDue: 510})
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		rows, err := ledger.Trial(tx)
		var debit, credit, balance int64
		for _, r := range rows {
			debit, credit, balance = debit+r.Debit, credit+r.Credit, balance+r.Balance
			if r.Balance != r.Debit-r.Credit {
				t.Errorf("%s: balance %d of %d and %d", r.Account, r.Balance, r.Debit, r.Credit)
			}
		}
		if len(rows) == 0 || debit != credit || balance != 0 {
			t.Errorf("the trial balance does not balance: %+v", rows)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestACauseIsPostedOnce(t *testing.T) {
	db, m := dbtest.Open(t)
	held := ledger.HeldOrder(id.New())
	post(t, db, m, entry("capture:1", leg(ledger.GatewayClearing, held, 100)))
	if err := try(t, db, m, entry("capture:1", leg(ledger.GatewayClearing, held, 100))); !storage.Violates(err, "ledger_causes_pkey") {
		t.Fatalf("the second time: %v", err)
	}
	want(t, db, m, map[string]int64{held: 100})
	post(t, db, dbtest.Market(t, db), entry("capture:1", leg(ledger.GatewayClearing, held, 100))) // another book
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		for cause, there := range map[string]bool{"capture:1": true, "capture:2": false} {
			if is, err := ledger.Posted(tx, cause); err != nil || is != there {
				t.Errorf("%s: posted %v, %v", cause, is, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLegsThatAreWrongAreRefused(t *testing.T) {
	db, m := dbtest.Open(t)
	held := ledger.HeldOrder(id.New())
	for name, e := range map[string]ledger.Entry{
		"negative":             entry("a", leg(ledger.GatewayClearing, held, -1)),
		"to itself":            entry("a", leg(held, held, 5)),
		"unknown debit":        entry("a", leg("pocket:mine", held, 5)),
		"unknown credit":       entry("a", leg(ledger.GatewayClearing, "held:", 5)),
		"no cause":             entry("", leg(ledger.GatewayClearing, held, 5)),
		"more than 64 bits":    entry("a", leg(ledger.GatewayClearing, held, math.MaxInt64), leg(ledger.GatewayClearing, held, 1)),
		"a class with no name": entry("a", leg(ledger.GatewayClearing, "owed:", 5)),
	} {
		if err := try(t, db, m, e); err == nil {
			t.Errorf("%s: posted", name)
		}
	}
	want(t, db, m, map[string]int64{held: 0})
}

func TestLegsOfZeroAreLeftOut(t *testing.T) {
	db, m := dbtest.Open(t)
	held, seller := ledger.HeldOrder(id.New()), ledger.Owed(id.New())
	post(t, db, m, entry("capture", leg(ledger.GatewayClearing, held, 7), leg(ledger.CostDiscount, held, 0)))
	post(t, db, m, entry("nothing", leg(held, seller, 0)))
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		ps, err := ledger.Story(tx, "")
		if len(ps) != 1 || ps[0].Amount != 7 || ps[0].No != 1 {
			t.Errorf("the story is %+v", ps)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, db, m, map[string]int64{held: 7})
}

func TestSeveralEntriesOnOneAccountAreNettedFirst(t *testing.T) {
	db, m := dbtest.Open(t)
	held, refund := ledger.HeldOrder(id.New()), ledger.TransitRefund(id.New())
	// The debit alone would be short; together with the credit it is not.
	post(t, db, m,
		entry("refund", leg(held, refund, 300)),
		entry("capture", leg(ledger.GatewayClearing, held, 500)),
		entry("refund:2", leg(held, refund, 200)))
	want(t, db, m, map[string]int64{held: 0, refund: 500})
}

func TestWhatIsNotThereCannotBeTaken(t *testing.T) {
	db, m := dbtest.Open(t)
	order, payee := id.New(), id.New()
	held, owed, cash := ledger.HeldOrder(order), ledger.Owed(payee), ledger.CashAgent(payee)
	post(t, db, m, entry("capture", leg(ledger.GatewayClearing, held, 100)), entry("cash", leg(cash, held, 50)))
	for account, e := range map[string]ledger.Entry{
		held: entry("too much", leg(held, owed, 151)),
		owed: entry("never had", leg(owed, ledger.BankOperating, 1)),
		cash: entry("more cash than taken", leg(ledger.BankOperating, cash, 51)),
	} {
		err := try(t, db, m, e)
		f, ok := fault.As(err)
		if !ok || f.Code != "ledger_short" || f.Args["account"] != account || f.Args["missing"] != int64(1) {
			t.Errorf("%s: %v", account, err)
		}
	}
	want(t, db, m, map[string]int64{held: 150, owed: 0, cash: 50})
}

func TestOutsideAndOwnAccountsStoreNothing(t *testing.T) {
	db, m := dbtest.Open(t)
	post(t, db, m, entry("capital", leg(ledger.BankOperating, ledger.OwnCapital, 1000)), entry("lost", leg(ledger.Recon, ledger.BankOperating, 30)), entry("fee", leg(ledger.CostBank, ledger.BankOperating, 1200)))
	want(t, db, m, map[string]int64{ledger.BankOperating: -230, ledger.OwnCapital: 1000, ledger.Recon: 30, ledger.CostBank: 1200})
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		var n int
		err := tx.Get(&n, "SELECT count(*) FROM ledger_balances WHERE market_id = $1", m)
		if n != 0 {
			t.Errorf("%d balances are stored", n)
		}
		for _, a := range ledger.Alarms() {
			heard, err := a.Run(tx)
			if dealt := strings.Contains(a.Name, "two markets"); err != nil || len(heard) != 1 && !dealt {
				t.Errorf("%s: %q, %v", a.Name, heard, err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoPostsInOneTransactionOnOneAccountAreRight(t *testing.T) {
	db, m := dbtest.Open(t)
	held, seller, refund := ledger.HeldOrder(id.New()), ledger.Owed(id.New()), ledger.TransitRefund(id.New())
	for _, together := range [][]ledger.Entry{{
		entry("1", leg(ledger.GatewayClearing, held, 100)), // credits,
		entry("2", leg(ledger.GatewayClearing, held, 20)),  // twice
		entry("3", leg(held, seller, 50)),                  // a debit
		entry("4", leg(ledger.BankOperating, held, 7)),     // a credit behind a debit
		entry("5", leg(held, refund, 77)),                  // and the rest
	}, {
		entry("6", leg(seller, refund, 1)), // a debit first
		entry("7", leg(ledger.BankOperating, seller, 4)),
		entry("8", leg(ledger.BankOperating, refund, 2)),
	}} {
		err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
			for _, e := range together {
				// what another room has gathered
				tx.Queue("INSERT INTO trail (market_id, id, person_id, deed, subject, at) VALUES ($1, $2, $2, 'pay', 'order', $3)", m, id.New(), tx.Now)
				if err := ledger.Post(tx, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want(t, db, m, map[string]int64{held: 0, seller: 53, refund: 80, ledger.GatewayClearing: 120, ledger.BankOperating: 13})
}

func TestCreditsToFundsAreAppendedAndFoldedByDebits(t *testing.T) {
	db, m := dbtest.Open(t)
	fund, other := "fund:"+id.New().String()+":free", "fund:common:free"
	waiting := func() (n int) {
		err := db.View(t.Context(), m, func(tx *storage.Tx) error {
			return tx.Get(&n, "SELECT count(*) FROM credit_queue WHERE market_id = $1", m)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range 5 {
		post(t, db, m, entry("gift:"+string(rune('a'+i)), leg(ledger.GatewayClearing, fund, 100)))
	}
	if waiting() != 5 {
		t.Fatalf("%d credits wait, want 5", waiting())
	}
	want(t, db, m, map[string]int64{fund: 500})
	if err := try(t, db, m, entry("too much", leg(fund, other, 501))); !fault.Has(err, "ledger_short") {
		t.Fatalf("more than was given: %v", err)
	}
	if waiting() != 5 {
		t.Fatal("a refused debit has folded")
	}
	post(t, db, m, entry("redirect", leg(fund, other, 450)))
	if waiting() != 1 { // the other fund's credit
		t.Fatalf("%d credits wait, want 1", waiting())
	}
	want(t, db, m, map[string]int64{fund: 50, other: 450})
	post(t, db, m, entry("back", leg(other, fund, 450)))
	want(t, db, m, map[string]int64{fund: 500, other: 0})
}

func TestAReversalUndoesAnEntryOnce(t *testing.T) {
	db, m := dbtest.Open(t)
	seller, payout := ledger.Owed(id.New()), ledger.TransitPayout(id.New())
	post(t, db, m, entry("earn", leg(ledger.GatewayClearing, seller, 500)))
	post(t, db, m, entry("payout", leg(seller, payout, 400), leg(seller, ledger.Receivable(id.New()), 0)))
	story := func(of string) (ps []ledger.Posting) {
		err := db.View(t.Context(), m, func(tx *storage.Tx) (err error) { ps, err = ledger.Story(tx, of); return err })
		if err != nil {
			t.Fatal(err)
		}
		return ps
	}
	paid := story("payout")[0].Entry
	undo := func(cause string) error {
		return db.Update(t.Context(), m, func(tx *storage.Tx) error {
			return ledger.Reverse(tx, paid, cause, id.New(), "the bank said no")
		})
	}
	if err := undo("payout:failed"); err != nil {
		t.Fatal(err)
	}
	want(t, db, m, map[string]int64{seller: 500, payout: 0})
	ps := story("payout:failed")
	if len(ps) != 1 || ps[0].Debit != payout || ps[0].Credit != seller || ps[0].Amount != 400 || ps[0].Reverses == nil || *ps[0].Reverses != paid || ps[0].Note != "the bank said no" {
		t.Fatalf("the reversal is %+v", ps)
	}
	post(t, db, m, entry("in between", leg(ledger.GatewayClearing, payout, 400)))
	for _, cause := range []string{"payout:failed", "payout:failed:again"} {
		if err := undo(cause); !storage.Violates(err, "ledger_causes_pkey") {
			t.Errorf("undone once more as %s: %v", cause, err)
		}
	}
	want(t, db, m, map[string]int64{seller: 500, payout: 400})
	paid = id.New()
	if err := undo("never"); !fault.Has(err, "not_found") {
		t.Errorf("an entry that never was: %v", err)
	}
}

func TestAStoryGivesWholeEntries(t *testing.T) {
	db, m := dbtest.Open(t)
	order, seller := id.New(), ledger.Owed(id.New())
	held := ledger.HeldOrder(order)
	post(t, db, m, entry("capture", leg(ledger.GatewayClearing, held, 10)), entry("other", leg(ledger.GatewayClearing, seller, 99)))
	post(t, db, m, entry("release", leg(held, seller, 10), leg(ledger.CostBonus, seller, 2)))
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		ps, err := ledger.Story(tx, order.String())
		if len(ps) != 3 || ps[0].Cause != "capture" || ps[1].Cause != "release" || ps[2].Amount != 2 {
			t.Errorf("the story is %+v", ps)
		}
		if all, _ := ledger.ExtractOf(tx, seller, ledger.Span{}, ledger.Place{}, 10); len(all.Steps) != 3 || all.Steps[0].Cause != "release" || all.Steps[2].Cause != "other" {
			t.Errorf("the account's postings are %+v", all)
		}
		if one, _ := ledger.OfEntry(tx, ps[1].Entry); len(one) != 2 {
			t.Errorf("the entry's postings are %+v", one)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPureCreditsCostNoTrip(t *testing.T) {
	db, m := dbtest.Open(t, func(o *storage.Options) { o.Pool = 1 })
	held := ledger.HeldOrder(id.New())
	cost := func(write func(tx *storage.Tx) error) int64 {
		before := db.Trips()
		err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
			tx.Queue("INSERT INTO trail (market_id, id, person_id, deed, subject, at) VALUES ($1, $2, $2, 'pay', 'order', $3)", m, id.New(), tx.Now)
			return write(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		return db.Trips() - before
	}
	for i := range 2 {
		plain := cost(func(*storage.Tx) error { return nil })
		credits := cost(func(tx *storage.Tx) error {
			return ledger.Post(tx, entry(id.New().String(), leg(ledger.GatewayClearing, held, 10), leg(ledger.CostDiscount, held, 1)), entry(id.New().String(), leg(ledger.GatewayClearing, "fund:a:held", 5)))
		})
		debits := cost(func(tx *storage.Tx) error {
			return ledger.Post(tx, entry(id.New().String(), leg(held, ledger.IncomeFees, 1)))
		})
		if i == 1 && (credits != plain || debits > plain+2) { // the first time prepares the statements
			t.Fatalf("trips: plain %d, with credits %d, with debits %d", plain, credits, debits)
		}
	}
}
