package ledger_test

import (
	"database/sql"
	"strings"
	"testing"

	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Sums are compared before accounts are: what comes to nothing by itself, and what
// is very large, must be found all the same.
func TestWhatWeighsNothingIsFound(t *testing.T) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	const large = 2_000_000_000_000_000_000
	one, other := ledger.HeldOrder(id.New()), ledger.HeldOrder(id.New())
	for name, c := range map[string]struct{ plant, says string }{
		"nothing":                          {"UPDATE ledger_balances SET balance_minor = balance_minor WHERE market_id = $1", ""},
		"an unknown account, in and out":   {"INSERT INTO ledger_postings SELECT $1, id, n, CASE n WHEN 8 THEN 'pocket:mine' ELSE 'bank:operating' END, CASE n WHEN 8 THEN 'bank:operating' ELSE 'pocket:mine' END, 7 FROM ledger_entries, generate_series(8, 9) n WHERE market_id = $1", "key=pocket:mine say=no_account"},
		"two balances that were exchanged": {"UPDATE ledger_balances SET balance_minor = 5 - balance_minor WHERE market_id = $1 AND account IN ('" + one + "', '" + other + "')", "posted_minor=3 say=balance_differs stored_minor=2"},
		"one that 32 bits cannot tell":     {"UPDATE ledger_balances SET balance_minor = balance_minor + 4294967296 WHERE market_id = $1 AND account = '" + one + "'", "posted_minor=2 say=balance_differs stored_minor=4294967298"},
		"one that 31 bits cannot tell":     {"UPDATE ledger_balances SET balance_minor = balance_minor + 2147483648 WHERE market_id = $1 AND account = '" + one + "'", "posted_minor=2 say=balance_differs stored_minor=2147483650"},
		"a cent of a large sum":            {"UPDATE ledger_balances SET balance_minor = balance_minor - 1 WHERE market_id = $1 AND account LIKE 'fund:%'", "posted_minor=2000000000000000000 say=balance_differs stored_minor=1999999999999999999"},
		"an empty balance of our own":      {"INSERT INTO ledger_balances VALUES ($1, 'cost:bank', 0)", "key=cost:bank say=balance_none"},
	} {
		m := dbtest.Market(t, db)
		post(t, db, m, entry("capture", leg(ledger.GatewayClearing, one, 2), leg(ledger.GatewayClearing, other, 3),
			leg(ledger.BankOperating, "own:of "+strings.Repeat("a long name ", 5), large), leg(ledger.BankOperating, ledger.Intermarket(1), large)))
		plant(t, owner, "INSERT INTO ledger_balances VALUES ($1, 'fund:a:held', 2000000000000000000)", m)
		plant(t, owner, "INSERT INTO ledger_postings SELECT $1, id, 7, 'bank:operating', 'fund:a:held', 2000000000000000000 FROM ledger_entries WHERE market_id = $1", m)
		plant(t, owner, "UPDATE ledger_entries SET postings = 5 WHERE market_id = $1", m)
		if wrong := violations(t, db, m); len(wrong) > 0 {
			t.Fatalf("%s: before anything is planted: %q", name, wrong)
		}
		plant(t, owner, c.plant, m)
		wrong := strings.Join(violations(t, db, m), "\n")
		if !strings.Contains(wrong, c.says) || c.says == "" && wrong != "" {
			t.Errorf("%s: the checks say %q, want %q", name, wrong, c.says)
		}
	}
}
