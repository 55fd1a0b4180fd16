package statement

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/id"
)

// Checks are what must hold of statements at any moment.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "statement: what each payee is told is owed is what the ledger has", Run: booked},
		{Name: "statement: a closed month is the sum of its lines and follows the one before", Run: chained},
		{Name: "statement: a closed month by category is the month by payee", Run: soldAgrees},
	}
}

// booked: for each payee, lines less what was paid = commission + owed + on its
// way to the bank − receivable.
func booked(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		Payee string `db:"payee"`
		Name  string `db:"name"`
		Told  int64  `db:"told"`
		Books int64  `db:"books"`
	}
	err = tx.Select(&rows, `SELECT payee, COALESCE((SELECT name FROM payees n WHERE n.market_id = $1 AND n.id::text = payee), '') AS name, sum(told)::bigint AS told, sum(books)::bigint AS books FROM (
  SELECT payee_id::text AS payee, amount_minor AS told, 0 AS books FROM statement_lines WHERE market_id = $1
  UNION ALL SELECT payee_id::text, -amount_minor, 0 FROM payouts WHERE market_id = $1 AND paid_at IS NOT NULL
  UNION ALL SELECT payee_id::text, amount_minor, 0 FROM payouts WHERE market_id = $1 AND returned_at IS NOT NULL
  UNION ALL SELECT split_part(account, ':', 2), 0, CASE WHEN account LIKE 'receivable:%' THEN -balance_minor ELSE balance_minor END
    FROM ledger_balances WHERE market_id = $1 AND (account LIKE 'owed:%' OR account LIKE 'receivable:%' OR account LIKE 'commission:%')
  UNION ALL SELECT o.payee_id::text, 0, b.balance_minor
    FROM ledger_balances b JOIN payouts o ON o.market_id = b.market_id AND b.account = 'transit:payout:' || o.id WHERE b.market_id = $1 AND b.balance_minor <> 0
) x GROUP BY payee ORDER BY payee`, tx.Market)
	for _, r := range rows {
		if r.Told != r.Books {
			violations = append(violations, audit.Values{"say": "told_differs", "name": r.Name, "told_minor": r.Told, "books_minor": r.Books, "key": r.Payee})
		}
	}
	return int64(len(rows)), violations, err
}

// chained: each statement opens with what the payee's last one closed with, and
// the sums of all of them are the lines up to the end of the last.
func chained(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		Payee   id.ID     `db:"payee_id"`
		Name    string    `db:"name"`
		Month   time.Time `db:"month"`
		Opening int64     `db:"opening_minor"`
		Before  int64     `db:"before"`
		Told    int64     `db:"told"`
		Lines   int64     `db:"lines"`
	}
	err = tx.Select(&rows, `SELECT s.payee_id, n.name, s.month, s.opening_minor,
  COALESCE(lag(s.closing_minor) OVER (PARTITION BY s.payee_id ORDER BY s.month), 0) AS before, s.earned_minor + s.reversed_minor AS told,
  COALESCE((SELECT sum(l.amount_minor) FROM statement_lines l WHERE l.market_id = s.market_id AND l.payee_id = s.payee_id
    AND l.at >= (s.month::timestamp AT TIME ZONE m.time_zone) AND l.at < ((s.month + interval '1 month') AT TIME ZONE m.time_zone)), 0)::bigint AS lines
FROM statements s JOIN markets m ON m.id = s.market_id JOIN payees n ON n.market_id = s.market_id AND n.id = s.payee_id WHERE s.market_id = $1 ORDER BY s.payee_id, s.month`, tx.Market)
	for _, r := range rows {
		if r.Opening != r.Before {
			violations = append(violations, audit.Values{"say": "opening_differs", "name": r.Name, "month": r.Month.Format("2006-01"), "opening_minor": r.Opening, "before_minor": r.Before})
		}
		if r.Told != r.Lines {
			violations = append(violations, audit.Values{"say": "lines_differ", "name": r.Name, "month": r.Month.Format("2006-01"), "told_minor": r.Told, "lines_minor": r.Lines})
		}
	}
	return int64(len(rows)), violations, err
}

// soldAgrees: what a closed month sold is the same by category and by producer, and
// what agents earned by category and by agent.
func soldAgrees(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	err = tx.Each(`SELECT month, COALESCE(c.sold, 0), COALESCE(s.sold, 0), COALESCE(c.producers, 0), COALESCE(s.producers, 0), COALESCE(c.agents, 0), COALESCE(s.agents, 0)
FROM (SELECT month, sum(sold_minor)::bigint AS sold, sum(producers_minor)::bigint AS producers, sum(agents_minor)::bigint AS agents FROM month_sales WHERE market_id = $1 GROUP BY month) c
FULL JOIN (SELECT s.month, (sum(s.sold_minor) FILTER (WHERE k.kind = 'producer'))::bigint AS sold, (sum(s.earned_minor + s.reversed_minor) FILTER (WHERE k.kind = 'producer'))::bigint AS producers,
  (sum(s.earned_minor + s.reversed_minor) FILTER (WHERE k.kind = 'agent'))::bigint AS agents
  FROM statements s JOIN payees k ON k.market_id = s.market_id AND k.id = s.payee_id WHERE s.market_id = $1 GROUP BY s.month) s USING (month) ORDER BY month`, []any{tx.Market}, func(scan func(...any) error) error {
		var month time.Time
		var a, b [3]int64
		if err := scan(&month, &a[0], &b[0], &a[1], &b[1], &a[2], &b[2]); err != nil {
			return err
		}
		checked++
		if a != b {
			violations = append(violations, audit.Values{"say": "sales_differ", "month": month.Format("2006-01"), "sold_minor": a[0], "producers_minor": a[1], "agents_minor": a[2],
				"told_sold_minor": b[0], "told_producers_minor": b[1], "told_agents_minor": b[2]})
		}
		return nil
	})
	return checked, violations, err
}
