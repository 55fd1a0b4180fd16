package payout

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/id"
)

// Checks are what must hold of payouts and the payables in them.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "payout: what is open is what is owed", Run: owing},
		{Name: "payout: a payout is the sum of its payables, a batch of its payouts", Run: sums},
		{Name: "payout: money on its way is that of its payouts", Run: transit},
		{Name: "payout: every move of money is in the books", Run: causes},
		{Name: "payout: who approved is not who drafted", Run: duties},
		{Name: "payout: cash went over by its receiver's code or before witnesses", Run: handed},
		{Name: "payout: transfers leave the gateway, and nothing else does", Run: transferred},
	}
}

// owing: what has not left owed (open payables and those of drafts) is, per
// payee, owed less receivable.
func owing(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		Payee string `db:"payee"`
		Name  string `db:"name"`
		Open  int64  `db:"open"`
		Books int64  `db:"books"`
	}
	err = tx.Select(&rows, `SELECT COALESCE(x.payee, l.payee) AS payee, COALESCE(n.name, '') AS name, COALESCE(x.open, 0) AS open, COALESCE(l.books, 0) AS books
FROM (SELECT p.payee_id::text AS payee, sum(p.amount_minor)::bigint AS open
      FROM payables p LEFT JOIN payouts o ON o.market_id = p.market_id AND o.id = p.payout_id
      WHERE p.market_id = $1 AND (p.payout_id IS NULL OR o.state = 'draft') GROUP BY p.payee_id) x
FULL JOIN (SELECT split_part(account, ':', 2) AS payee, sum(CASE WHEN account LIKE 'owed:%' THEN balance_minor ELSE -balance_minor END)::bigint AS books
      FROM ledger_balances WHERE market_id = $1 AND (account LIKE 'owed:%' OR account LIKE 'receivable:%') GROUP BY 1) l ON l.payee = x.payee
LEFT JOIN payees n ON n.market_id = $1 AND n.id::text = COALESCE(x.payee, l.payee) ORDER BY 1`, tx.Market)
	for _, r := range rows {
		if r.Open != r.Books {
			violations = append(violations, audit.Values{"say": "open_differs", "name": r.Name, "open_minor": r.Open, "books_minor": r.Books, "key": r.Payee})
		}
	}
	return int64(len(rows)), violations, err
}

// sums: a live payout is the sum of its payables, all of its payee, and no
// payable is in one that ended; a batch is the sum of its payouts.
func sums(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		ID     id.ID  `db:"id"`
		State  string `db:"state"`
		Amount int64  `db:"amount_minor"`
		Sum    int64  `db:"sum"`
		Others int64  `db:"others"`
		Rows   int64  `db:"rows"`
	}
	err = tx.Select(&rows, `SELECT o.id, o.state, o.amount_minor, COALESCE(sum(p.amount_minor), 0)::bigint AS sum,
  count(*) FILTER (WHERE p.payee_id <> o.payee_id) AS others, count(p.id) AS rows
FROM payouts o LEFT JOIN payables p ON p.market_id = o.market_id AND p.payout_id = o.id
WHERE o.market_id = $1 GROUP BY o.id, o.state, o.amount_minor ORDER BY o.id`, tx.Market)
	if err != nil {
		return 0, nil, err
	}
	for _, r := range rows {
		ended := r.State == Failed || r.State == Returned || r.State == Cancelled
		switch {
		case ended && r.Rows > 0:
			violations = append(violations, audit.Values{"say": "payout_ended", "payout_state": r.State, "count": r.Rows, "key": r.ID.String()})
		case !ended && r.Sum != r.Amount:
			violations = append(violations, audit.Values{"say": "payout_differs", "amount_minor": r.Amount, "sum_minor": r.Sum, "key": r.ID.String()})
		case r.Others > 0:
			violations = append(violations, audit.Values{"say": "payout_of_others", "count": r.Others, "key": r.ID.String()})
		}
	}
	lost, err := audit.Read(tx, `SELECT jsonb_build_object('say', 'payable_lost', 'amount_minor', p.amount_minor, 'key', p.id) FROM payables p
WHERE p.market_id = $1 AND p.payout_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payouts o WHERE o.market_id = $1 AND o.id = p.payout_id) ORDER BY p.id`, tx.Market)
	if err != nil {
		return 0, nil, err
	}
	batches, err := audit.Read(tx, `SELECT jsonb_build_object('say', 'batch_differs', 'number', b.number, 'total_minor', b.total_minor, 'payouts', b.payouts, 'sum_minor', COALESCE(sum(o.amount_minor), 0), 'has', count(o.id))
FROM payout_batches b LEFT JOIN payouts o ON o.market_id = b.market_id AND o.batch_id = b.id AND o.state <> 'cancelled'
WHERE b.market_id = $1 AND b.state <> 'cancelled' GROUP BY b.id, b.number, b.total_minor, b.payouts
HAVING b.total_minor <> COALESCE(sum(o.amount_minor), 0) OR b.payouts <> count(o.id) ORDER BY b.number`, tx.Market)
	return int64(len(rows)), append(append(violations, lost...), batches...), err
}

// transit: money on its way is that of payouts that are approved or in transit.
func transit(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		Payout  string `db:"payout"`
		State   string `db:"state"`
		Expect  int64  `db:"expect"`
		Balance int64  `db:"balance"`
	}
	err = tx.Select(&rows, `SELECT COALESCE(o.id, b.id) AS payout, COALESCE(o.state, '') AS state, COALESCE(o.expect, 0) AS expect, COALESCE(b.balance_minor, 0) AS balance
FROM (SELECT id::text AS id, state, CASE WHEN state IN ('approved', 'in_transit') THEN amount_minor ELSE 0 END AS expect FROM payouts WHERE market_id = $1) o
FULL JOIN (SELECT split_part(account, ':', 3) AS id, balance_minor FROM ledger_balances WHERE market_id = $1 AND account LIKE 'transit:payout:%') b ON b.id = o.id
ORDER BY 1`, tx.Market)
	for _, r := range rows {
		switch {
		case r.Expect == r.Balance:
		case r.State == "":
			violations = append(violations, audit.Values{"say": "transit_alone", "books_minor": r.Balance, "key": r.Payout})
		default:
			violations = append(violations, audit.Values{"say": "transit_differs", "payout_state": r.State, "expected_minor": r.Expect, "books_minor": r.Balance, "key": r.Payout})
		}
	}
	return int64(len(rows)), violations, err
}

// causes: every state that moved money has its entry.
func causes(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		ID     id.ID  `db:"id"`
		State  string `db:"state"`
		Causes string `db:"causes"`
	}
	err = tx.Select(&rows, `SELECT o.id, o.state, COALESCE((SELECT string_agg(split_part(c.cause, ':', 3), ' ' ORDER BY c.cause) FROM ledger_causes c
  WHERE c.market_id = $1 AND c.cause = ANY(ARRAY['payout:' || o.id || ':paid', 'payout:' || o.id || ':request', 'payout:' || o.id || ':returned', 'payout:' || o.id || ':reversed'])), '') AS causes
FROM payouts o WHERE o.market_id = $1 ORDER BY o.id`, tx.Market)
	want := map[string]string{Draft: "", Cancelled: "", Approved: "request", InTransit: "request", Paid: "paid request",
		Failed: "request reversed", Returned: "paid request returned reversed"}
	for _, r := range rows {
		if r.Causes != want[r.State] {
			violations = append(violations, audit.Values{"say": "payout_entries", "payout_state": r.State, "key": r.ID.String() + " " + r.Causes})
		}
	}
	if err != nil {
		return 0, nil, err
	}
	debts, err := debtsSettled(tx)
	return int64(len(rows)), append(violations, debts...), err
}

// debtsSettled: a request takes all that its payee owed at that moment, and what
// undoes it gives all of it back. Which of two deeds of the same minute was first, the
// book does not say: such a request is left out.
func debtsSettled(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Read(tx, `WITH moves AS (
  SELECT e.id, e.posted_at, m.payee, sum(m.sum) AS sum FROM (
    SELECT entry_id, split_part(debit, ':', 2) AS payee, amount_minor AS sum FROM ledger_postings WHERE market_id = $1 AND debit LIKE 'receivable:%'
    UNION ALL SELECT entry_id, split_part(credit, ':', 2), -amount_minor FROM ledger_postings WHERE market_id = $1 AND credit LIKE 'receivable:%') m
  JOIN ledger_entries e ON e.market_id = $1 AND e.id = m.entry_id GROUP BY e.id, e.posted_at, m.payee
), requests AS (
  SELECT DISTINCT e.id, e.cause, e.posted_at, split_part(p.debit, ':', 2) AS payee FROM ledger_entries e
  JOIN ledger_postings p ON p.market_id = $1 AND p.entry_id = e.id
  WHERE e.market_id = $1 AND e.cause LIKE 'payout:%:request' AND p.debit LIKE 'owed:%'
)
SELECT jsonb_build_object('say', 'debt_left', 'debt_minor', sum(m.sum), 'key', r.cause) FROM requests r
JOIN moves m ON m.payee = r.payee AND (m.id = r.id OR m.posted_at < r.posted_at)
WHERE NOT EXISTS (SELECT 1 FROM moves n WHERE n.payee = r.payee AND n.id <> r.id AND abs(extract(epoch FROM n.posted_at - r.posted_at)) < 60)
GROUP BY r.cause HAVING sum(m.sum) <> 0
UNION ALL
SELECT jsonb_build_object('say', 'not_undone', 'key', v.cause) FROM ledger_entries v
WHERE v.market_id = $1 AND v.cause LIKE 'payout:%:reversed' AND
  (SELECT COALESCE(string_agg(format('%s %s %s', p.debit, p.credit, p.amount_minor), ';' ORDER BY p.debit, p.credit), '') FROM ledger_postings p WHERE p.market_id = $1 AND p.entry_id = v.id) <>
  (SELECT COALESCE(string_agg(format('%s %s %s', p.credit, p.debit, p.amount_minor), ';' ORDER BY p.credit, p.debit), '') FROM ledger_postings p WHERE p.market_id = $1 AND p.entry_id = v.reverses)
ORDER BY 1 LIMIT 100`, tx.Market)
}

// duties: who approved a batch is not who drafted it.
func duties(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		Number string `db:"number"`
		Bad    bool   `db:"bad"`
	}
	err = tx.Select(&rows, `SELECT number, approved_by IS NULL OR approved_by = created_by AS bad FROM payout_batches
WHERE market_id = $1 AND state IN ('approved', 'submitted', 'closed') ORDER BY number`, tx.Market)
	for _, r := range rows {
		if r.Bad {
			violations = append(violations, audit.Values{"say": "batch_alone", "number": r.Number})
		}
	}
	return int64(len(rows)), violations, err
}

// The waits after which a person should look.
const (
	lateOwed   = 2 * 24 * time.Hour // beyond the market's schedule
	lateAnswer = 5 * 24 * time.Hour
)

// Alarms are what a person should look at.
func Alarms() []audit.Alarm {
	return []audit.Alarm{
		{Name: "payout: somebody waits too long", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			rules, err := RulesOf(tx)
			if err != nil {
				return nil, err
			}
			return audit.Hear(tx, `SELECT w.payee_id AS payee, p.name, w.sum AS waits_minor, w.since AS since_at FROM (SELECT payee_id, sum(amount_minor) AS sum, min(created_at) AS since FROM payables
WHERE market_id = $1 AND payout_id IS NULL AND NOT frozen GROUP BY payee_id HAVING sum(amount_minor) > 0 AND sum(amount_minor) >= $3 AND min(created_at) < $2) w
JOIN payees p ON p.market_id = $1 AND p.id = w.payee_id ORDER BY w.payee_id`,
				tx.Market, tx.Now.Add(-lateOwed-time.Duration(rules.EveryDays)*24*time.Hour), rules.Minimum)
		}},
		{Name: "payout: a bank has not answered", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT number, total_minor, approved_at FROM payout_batches
WHERE market_id = $1 AND (state = 'approved' OR state = 'submitted' AND `+ByBank+`) AND approved_at < $2 ORDER BY number`, tx.Market, tx.Now.Add(-lateAnswer))
		}},
		{Name: "payout: a hand has less cash than it is to hand over", Run: lacking},
		{Name: "payout: a gateway has not transferred", Run: stuck},
	}
}
