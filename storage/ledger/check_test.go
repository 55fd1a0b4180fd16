package ledger_test

import (
	"database/sql"
	"strings"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

func TestTheProgramCannotChangeWhatIsPosted(t *testing.T) {
	db, m := dbtest.Open(t)
	post(t, db, m, entry("capture", leg(ledger.GatewayClearing, ledger.HeldOrder(id.New()), 5)))
	for _, q := range []string{
		"UPDATE ledger_entries SET note = 'x' WHERE market_id = $1",
		"DELETE FROM ledger_entries WHERE market_id = $1",
		"UPDATE ledger_postings SET amount_minor = 6 WHERE market_id = $1",
		"DELETE FROM ledger_postings WHERE market_id = $1",
		"UPDATE ledger_causes SET cause = 'x' WHERE market_id = $1",
		"DELETE FROM ledger_causes WHERE market_id = $1",
		"DELETE FROM ledger_postings_other WHERE market_id = $1",
		"UPDATE ledger_entries_2026 SET note = 'x' WHERE market_id = $1",
	} {
		err := db.Update(t.Context(), m, func(tx *storage.Tx) error { _, err := tx.Exec(q, m); return err })
		if storage.Code(err) != "42501" {
			t.Errorf("%s: %v", q, err)
		}
	}
	err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE ledger_balances SET balance_minor = -1 WHERE market_id = $1", m)
		return err
	})
	if !storage.Violates(err, "ledger_balance_below_zero") {
		t.Errorf("a balance below zero: %v", err)
	}
}

// Whoever owns the tables can break the book; the checks find it.
func TestChecksFindWhatIsPlanted(t *testing.T) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	for name, c := range map[string]struct{ plant, says string }{
		"a wrong balance":          {"UPDATE ledger_balances SET balance_minor = balance_minor + 1 WHERE market_id = $1 AND account LIKE 'owed:%'", "posted_minor=400 say=balance_differs stored_minor=401"},
		"a lost balance":           {"DELETE FROM ledger_balances WHERE market_id = $1 AND account LIKE 'owed:%'", "posted_minor=400 say=balance_differs stored_minor=0"},
		"a balance out of nothing": {"INSERT INTO ledger_balances VALUES ($1, 'owed:nobody', 3)", "key=owed:nobody posted_minor=0 say=balance_differs stored_minor=3"},
		"a balance of our own":     {"INSERT INTO ledger_balances VALUES ($1, 'income:fees', 3)", "key=income:fees say=balance_none"},
		"a lost credit":            {"DELETE FROM credit_queue WHERE market_id = $1", "key=fund:a:held posted_minor=70 say=balance_differs stored_minor=0"},
		"a changed posting":        {"UPDATE ledger_postings SET amount_minor = 401 WHERE market_id = $1 AND credit LIKE 'owed:%'", "posted_minor=401 say=balance_differs stored_minor=400"},
		"a lost entry":             {"DELETE FROM ledger_entries WHERE market_id = $1 AND cause = 'release'", "key=release say=cause_alone"},
		"a lost cause":             {"DELETE FROM ledger_causes WHERE market_id = $1 AND cause = 'release'", "say=entry_alone"},
		"an empty entry":           {"DELETE FROM ledger_postings WHERE market_id = $1", "say=entry_empty"},
		"a posting of nothing":     {"INSERT INTO ledger_postings SELECT $1, gen_random_uuid(), 1, 'bank:operating', 'own:capital', 1", "say=posting_alone"},
		"a cause of another":       {"UPDATE ledger_causes c SET entry_id = (SELECT o.entry_id FROM ledger_causes o WHERE o.market_id = $1 AND o.cause = CASE c.cause WHEN 'gift' THEN 'capture' ELSE 'gift' END) WHERE market_id = $1 AND cause IN ('gift', 'capture')", "say=cause_alone"},
		"a posting moved":          {"UPDATE ledger_postings p SET entry_id = (SELECT e.id FROM ledger_entries e WHERE e.market_id = $1 AND e.id <> p.entry_id LIMIT 1), line_no = 9 WHERE p.market_id = $1 AND p.credit LIKE 'owed:%'", "say=entry_empty"},
		"an empty name":            {"INSERT INTO ledger_postings SELECT $1, id, 9, 'bank:operating', '', 1 FROM ledger_entries WHERE market_id = $1 LIMIT 1", "key= say=no_account"},
		"a lost posting":           {"DELETE FROM ledger_postings WHERE market_id = $1 AND credit = 'income:tips'", "has=1 key="},
		"a posting doubled":        {"INSERT INTO ledger_postings SELECT market_id, entry_id, line_no + 1, debit, credit, amount_minor FROM ledger_postings WHERE market_id = $1 AND credit LIKE 'owed:%'", "has=2 key="},
		"a strange account":        {"UPDATE ledger_postings SET debit = 'pocket:mine' WHERE market_id = $1 AND debit = 'gateway:clearing'", "key=pocket:mine say=no_account"},
		"an unmarked reversal":     {"DELETE FROM ledger_causes WHERE market_id = $1 AND cause LIKE 'reverses:%'", "say=reversal_twice"},
	} {
		m := dbtest.Market(t, db)
		held, seller := ledger.HeldOrder(id.New()), ledger.Owed(id.New())
		post(t, db, m, entry("capture", leg(ledger.GatewayClearing, held, 400), leg(ledger.BankOperating, ledger.IncomeTips, 5)), entry("gift", leg(ledger.GatewayClearing, "fund:a:held", 70)))
		post(t, db, m, entry("release", leg(held, seller, 400)))
		post(t, db, m, ledger.Entry{Cause: "undo", By: id.New(), Reverses: id.New(), Legs: []ledger.Leg{leg(ledger.OwnCapital, ledger.BankOperating, 1)}})
		if wrong := violations(t, db, m); len(wrong) > 0 {
			t.Fatalf("%s: before anything is planted: %q", name, wrong)
		}
		plant(t, owner, c.plant, m)
		if wrong := violations(t, db, m); !strings.Contains(strings.Join(wrong, "\n"), c.says) {
			t.Errorf("%s: the checks say %q, want %q", name, wrong, c.says)
		}
	}
}

// plant breaks rows as nothing but the owner without the guard can.
func plant(t *testing.T, owner *sql.DB, q string, m int32) {
	t.Helper()
	tx, err := owner.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec("SET LOCAL session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	r, err := tx.Exec(q, m)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	if n, _ := r.RowsAffected(); n == 0 {
		t.Fatalf("nothing was planted: %s", q)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryAccountOfTheTableHasItsClass(t *testing.T) {
	of := id.New()
	for account, k := range map[string]ledger.Kind{
		ledger.GatewayClearing: ledger.Outside, ledger.BankRestricted: ledger.Outside,
		ledger.CashAgent(of): ledger.Entrusted, ledger.Receivable(of): ledger.Entrusted, "advance:x": ledger.Entrusted,
		ledger.HeldOrder(of): ledger.Guarded, ledger.Owed(of): ledger.Guarded, ledger.Commission(of): ledger.Guarded,
		ledger.TransitPayout(of): ledger.Guarded, ledger.TransitRefund(of): ledger.Guarded, ledger.Unclaimed("ref"): ledger.Guarded,
		ledger.Guarantee: ledger.Guarded, "fund:a:held": ledger.Guarded, "pledge:campaign:a": ledger.Guarded, "contract:a": ledger.Guarded,
		ledger.OwnCapital: ledger.Own, ledger.IncomeFees: ledger.Own, ledger.CostGateway: ledger.Own, ledger.TaxDue: ledger.Own,
		ledger.Recon: ledger.Own, ledger.Intermarket(7): ledger.Own, "intermarket:1002": ledger.Own,
	} {
		if got, ok := ledger.Class(account); !ok || got != k {
			t.Errorf("%s: %d, %v", account, got, ok)
		}
	}
	for _, account := range []string{"", "owed", "owed:", "reconx", "pocket:mine", "transit:x:1"} {
		if _, ok := ledger.Class(account); ok {
			t.Errorf("%q has a class", account)
		}
	}
}

// The database counts accounts that agree only where the class says the same.
func TestAnAccountThatAgreesIsStillJudgedByItsClass(t *testing.T) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	for account, says := range map[string]string{
		"pocket:mine": "key=pocket:mine say=no_account", "owed:": "key=owed: say=no_account", "held:other:x": "key=held:other:x say=no_account", "transit:x:1": "key=transit:x:1 say=no_account",
		"income:fees": "key=income:fees say=balance_none", "cash:agent:x": "key=cash:agent:x posted_minor=-5 say=balance_differs stored_minor=5", "owed:x": "",
	} {
		m := dbtest.Market(t, db)
		entry := id.New()
		for _, q := range []string{
			"INSERT INTO ledger_entries SELECT $1, '" + entry.String() + "', 'x', NULL, '', '" + entry.String() + "', '2026-10-01', 1",
			"INSERT INTO ledger_causes SELECT $1, 'x', '" + entry.String() + "'",
			"INSERT INTO ledger_postings SELECT $1, '" + entry.String() + "', 1, 'bank:operating', '" + account + "', 5",
			"INSERT INTO ledger_balances SELECT $1, '" + account + "', 5",
		} {
			plant(t, owner, q, m)
		}
		wrong := strings.Join(violations(t, db, m), "\n")
		if !strings.Contains(wrong, says) || says == "" && wrong != "" {
			t.Errorf("%s: the checks say %q, want %q", account, wrong, says)
		}
	}
}
