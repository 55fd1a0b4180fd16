package payout_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents/payout"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/once"
)

// own is an office in a database of the test's own, with one payout in every
// state, and its owner's login.
func own(t *testing.T) (*office, *sql.DB) {
	o := &office{t: t, now: new(atomic.Int64), market: 5}
	o.now.Store(noon.UnixNano())
	db, address := dbtest.Own(t, func(s *storage.Options) {
		s.Clock = func() time.Time { return time.Unix(0, o.now.Load()) }
	})
	o.db = db
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	_, err = owner.Exec(`INSERT INTO markets (id, code, name, currency, time_zone, created_at) VALUES (5, 'AA', 'A', 'CNY', 'Asia/Shanghai', now())`)
	must(t, err)
	o.furnish()
	for _, name := range []string{"paid", "failed", "returned", "in transit"} {
		o.payee(name, 100)
	}
	b := o.approve(o.draft())
	for _, r := range o.payouts(b) {
		if r.Payee != "in transit" {
			_, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Payout: r.ID, State: fateOf(r.Payee != "failed")}))
			must(t, err)
		}
		if r.Payee == "returned" {
			must(t, o.desk.Returned(t.Context(), o.market, r.ID, "back", anna))
		}
	}
	drafted := o.payee("draft", 100)
	o.draft(drafted)
	o.payee("open", 100)
	o.clean()
	return o, owner
}

func TestThePlantedViolationIsFound(t *testing.T) {
	for name, c := range map[string]struct{ check, plant, found string }{
		"an open payable grows":           {"payout: what is open is what is owed", `UPDATE payables SET amount_minor = 101 WHERE payee_id = (SELECT id FROM payees WHERE name = 'open')`, "open_minor=101 say=open_differs"},
		"owed shrinks":                    {"payout: what is open is what is owed", `UPDATE ledger_balances SET balance_minor = 99 WHERE account = 'owed:' || (SELECT id FROM payees WHERE name = 'open')`, "books_minor=99 key="},
		"a debt of nobody's":              {"payout: what is open is what is owed", `INSERT INTO ledger_balances VALUES (5, 'receivable:x', 7)`, "books_minor=-7 key=x name= open_minor=0"},
		"a payout is not its payables":    {"payout: a payout is the sum of its payables, a batch of its payouts", `UPDATE payables SET amount_minor = 99 WHERE payee_id = (SELECT id FROM payees WHERE name = 'paid')`, "say=payout_differs sum_minor=99"},
		"a payable is in a failed payout": {"payout: a payout is the sum of its payables, a batch of its payouts", `UPDATE payables p SET payout_id = o.id FROM payouts o WHERE o.state = 'failed' AND o.payee_id = p.payee_id`, "count=1 key="},
		"a payable of another payee":      {"payout: a payout is the sum of its payables, a batch of its payouts", `UPDATE payables SET payee_id = (SELECT id FROM payees WHERE name = 'open') WHERE payee_id = (SELECT id FROM payees WHERE name = 'paid')`, "count=1 key="},
		"a payable in no payout there is": {"payout: a payout is the sum of its payables, a batch of its payouts", `UPDATE payables SET payout_id = gen_random_uuid() WHERE payee_id = (SELECT id FROM payees WHERE name = 'open')`, "say=payable_lost"},
		"a batch is not its payouts":      {"payout: a payout is the sum of its payables, a batch of its payouts", `UPDATE payout_batches SET total_minor = 401 WHERE state = 'submitted'`, "payouts=4 say=batch_differs sum_minor=400 total_minor=401"},
		"money in transit for one paid":   {"payout: money on its way is that of its payouts", `UPDATE payouts SET state = 'paid' WHERE state = 'in_transit'`, "payout_state=paid say=transit_differs"},
		"money in transit for none":       {"payout: money on its way is that of its payouts", `INSERT INTO ledger_balances VALUES (5, 'transit:payout:x', 7)`, "books_minor=7 key=x say=transit_alone"},
		"paid without an entry":           {"payout: every move of money is in the books", `UPDATE payouts SET state = 'paid' WHERE state = 'in_transit'`, " request payout_state=paid say=payout_entries"},
		"approved by its drafter":         {"payout: who approved is not who drafted", `UPDATE payout_batches SET approved_by = created_by WHERE state = 'submitted'`, "say=batch_alone"},
	} {
		t.Run(name, func(t *testing.T) {
			o, owner := own(t)
			r, err := owner.Exec(c.plant)
			must(t, err)
			if n, _ := r.RowsAffected(); n != 1 {
				t.Fatalf("planted %d rows", n)
			}
			var found []audit.Values
			must(t, o.db.Snapshot(context.Background(), o.market, func(tx *storage.Tx) error {
				for _, one := range payout.Checks() {
					checked, wrong, err := one.Run(tx)
					if err != nil {
						return err
					}
					if one.Name == c.check {
						if found = wrong; checked < 1 {
							t.Errorf("%s looked at %d", one.Name, checked)
						}
					}
				}
				return nil
			}))
			if !strings.Contains(fmt.Sprint(found), c.found) {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestWhatWaitsTooLongRaisesAnAlarm(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	b := o.approve(o.draft())
	late := o.payee("B", 50)
	heard := func() (all []audit.Values) {
		must(t, o.db.Snapshot(t.Context(), o.market, func(tx *storage.Tx) error {
			for _, a := range payout.Alarms() {
				found, err := a.Run(tx)
				if err != nil {
					return err
				}
				all = append(all, found...)
			}
			return nil
		}))
		return all
	}
	o.pass(5 * 24 * time.Hour)
	if got := heard(); len(got) != 0 {
		t.Errorf("too early: %q", got)
	}
	o.pass(4*24*time.Hour + time.Second)
	got := heard()
	if len(got) != 2 || got[0]["payee"] != late.String() || got[1]["number"] != b.Number {
		t.Errorf("heard %q", got)
	}
}
