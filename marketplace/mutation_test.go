package marketplace_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"commonfield/marketplace"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// posted is one posting of the history that is tampered with.
type posted struct {
	Entry  id.ID  `db:"entry_id"`
	Line   int    `db:"line_no"`
	Cause  string `db:"cause"`
	Debit  string `db:"debit"`
	Credit string `db:"credit"`
	Amount int64  `db:"amount_minor"`
}

var names = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+`)

// follows says whether the posting is an example of a rule.
func (p posted) follows(r ledger.Rule) bool {
	is, want := strings.Split(p.Cause, ":"), strings.Split(r.Cause, ":")
	same := len(is) >= len(want)
	for i, part := range want {
		same = same && (part == "*" || part == is[i])
	}
	return same && bare(p.Debit) == r.Debit && bare(p.Credit) == r.Credit
}

// bare is an account without whose it is.
func bare(account string) string {
	return strings.TrimSuffix(names.ReplaceAllString(account, "*"), ":*")
}

// mutants are the mistakes that a posting rule could have: a sum that is off by
// one, the two sides changed, one side on another account, no posting at all.
func (p posted) mutants(accounts []string) map[string]posted {
	all := map[string]posted{"missing": {Entry: p.Entry, Line: p.Line}}
	change := func(name string, f func(m *posted)) {
		m := p
		f(&m)
		if m != p && m.Amount > 0 && m.Debit != m.Credit {
			all[name] = m
		}
	}
	change("one more", func(m *posted) { m.Amount++ })
	change("one less", func(m *posted) { m.Amount-- })
	change("other sign", func(m *posted) { m.Debit, m.Credit = p.Credit, p.Debit })
	for _, side := range []string{"debit", "credit"} {
		was := map[string]string{"debit": p.Debit, "credit": p.Credit}[side]
		for _, to := range append([]string{sibling(was, accounts)}, ledger.IncomeFees, ledger.TaxDue, ledger.CostGateway, ledger.BankOperating, ledger.GatewayAvailable) {
			change(side+" on "+names.ReplaceAllString(to, "*"), func(m *posted) {
				if side == "debit" {
					m.Debit = to
				} else {
					m.Credit = to
				}
			})
		}
	}
	return all
}

// sibling is another account of the same sort, or the same where there is none.
func sibling(account string, all []string) string {
	sort := names.ReplaceAllString(account, "*")
	for _, a := range all {
		if a != account && names.ReplaceAllString(a, "*") == sort {
			return a
		}
	}
	return account
}

// fromOutside are sums that an operator reads off a statement of the bank or the
// gateway: nothing in the database says another figure. Matching those statements
// is what finds a mistake there.
var fromOutside = regexp.MustCompile("^(capital|available|banked|cash_given|cash_banked|tax|kept|tips_kept|guarantee):")

var errUndo = errors.New("undone")

// The books of counties with everything in them are tampered with, posting rule by
// posting rule, as a mistake in that rule would have written them, stored balances
// and all: no such mistake may pass the audit. A rule of which there is no example is
// none, and fails.
func TestNoMistakeInAPostingRulePassesTheAudit(t *testing.T) {
	ctx := t.Context()
	_, address := dbtest.Own(t)
	db, err := storage.Open(ctx, storage.Options{URL: address})
	must(t, err)
	must(t, marketplace.Prepare(ctx, db))
	must(t, db.Close())
	o := openOdd(t, address)
	o.tell()
	report, err := o.Audit(ctx)
	must(t, err)
	for _, c := range report.Checks {
		for _, v := range c.Violations {
			t.Errorf("before anything is tampered with: %s: %s", c.Name, v)
		}
	}
	owner, err := storage.Open(ctx, storage.Options{URL: address, Owner: true})
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	rules, checks := marketplace.Postings(), marketplace.Checks(o.kinds...)
	var byKinds []ledger.Rule
	for _, k := range o.kinds {
		byKinds = append(byKinds, k.Postings...)
	}
	tried, outside := 0, 0
	examples := map[ledger.Rule]bool{}
	var survived []string
	for _, market := range o.markets {
		var book []posted
		must(t, owner.View(ctx, market, func(tx *storage.Tx) error {
			return tx.Select(&book, `SELECT p.entry_id, p.line_no, e.cause, p.debit, p.credit, p.amount_minor FROM ledger_postings p
				JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id WHERE p.market_id = $1 ORDER BY p.entry_id, p.line_no`, market)
		}))
		var accounts []string
		for _, p := range book {
			accounts = append(accounts, p.Debit, p.Credit)
		}
		slices.Sort(accounts)
		accounts = slices.Compact(accounts)
		for _, p := range book {
			if slices.ContainsFunc(byKinds, p.follows) {
				continue // the room that decides it will answer for it
			}
			at := slices.IndexFunc(rules, p.follows)
			if at < 0 {
				t.Errorf("no rule is followed by %+v", p)
				continue
			}
			if examples[rules[at]] {
				continue
			}
			examples[rules[at]] = true
			for how, m := range p.mutants(accounts) {
				if fromOutside.MatchString(p.Cause) && slices.Contains([]string{"one more", "one less", "other sign"}, how) {
					outside++
					continue
				}
				tried++
				if !heard(t, owner, checks, market, p, m) {
					survived = append(survived, says(rules[at])+": "+how)
				}
			}
		}
	}
	slices.Sort(survived)
	t.Logf("%d posting rules of %d, %d mistakes, %d pass the audit; %d sums that only a bank or gateway can tell were left out", len(examples), len(rules), tried, len(survived), outside)
	if len(survived) > 0 {
		t.Errorf("these mistakes pass the audit:\n%s", strings.Join(survived, "\n"))
	}
	for _, r := range rules {
		if !examples[r] {
			t.Errorf("no example of %s", says(r))
		}
	}
}

func says(r ledger.Rule) string { return r.Cause + ": " + r.Debit + " / " + r.Credit }

// heard writes a mistake instead of a posting, looks whether the database or the
// audit says so, and undoes it.
func heard(t *testing.T, owner *storage.DB, checks []audit.Check, market int32, p, m posted) bool {
	t.Helper()
	found := false
	err := owner.Update(context.Background(), market, func(tx *storage.Tx) error {
		found = false
		// The program cannot do this: the rows are append-only. A mistake writes them so from the start.
		if _, err := tx.Exec("SET LOCAL session_replication_role = replica"); err != nil {
			return err
		}
		if m.Amount == 0 {
			if _, err := tx.Exec("DELETE FROM ledger_postings WHERE market_id = $1 AND entry_id = $2 AND line_no = $3", market, p.Entry, p.Line); err != nil {
				return err
			}
		} else if _, err := tx.Exec("UPDATE ledger_postings SET debit = $4, credit = $5, amount_minor = $6 WHERE market_id = $1 AND entry_id = $2 AND line_no = $3",
			market, p.Entry, p.Line, m.Debit, m.Credit, m.Amount); err != nil {
			return err
		}
		for _, account := range []string{p.Debit, p.Credit, m.Debit, m.Credit} {
			if err := restate(tx, account); err != nil {
				if storage.Violates(err, "ledger_balance_below_zero") {
					found = true
					return errUndo
				}
				return err
			}
		}
		for _, c := range checks {
			_, wrong, err := c.Run(tx)
			if err != nil {
				return fmt.Errorf("%s: %w", c.Name, err)
			}
			if len(wrong) > 0 {
				if said := tongue.For(tongue.English).Broken(wrong[0], "CNY"); strings.ContainsAny(said, "⟦⟧") {
					t.Errorf("%s: %s", c.Name, said)
				}
				found = true
				return errUndo
			}
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	return found
}

// restate stores what the postings of an account sum up to, as the mistake would have.
func restate(tx *storage.Tx, account string) error {
	class, known := ledger.Class(account)
	if !known || class != ledger.Guarded && class != ledger.Entrusted {
		return nil
	}
	sign := 1
	if class == ledger.Guarded {
		sign = -1
	}
	_, err := tx.Exec(`INSERT INTO ledger_balances AS b (market_id, account, balance_minor)
		SELECT $1::int, $2::text, $3::int * coalesce(sum(CASE WHEN debit = $2 THEN amount_minor ELSE -amount_minor END), 0)::bigint
		FROM ledger_postings WHERE market_id = $1 AND (debit = $2 OR credit = $2)
		ON CONFLICT (market_id, account) DO UPDATE SET balance_minor = excluded.balance_minor`, tx.Market, account, sign)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
