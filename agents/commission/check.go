package commission

import (
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Checks are what must hold of commissions at any moment.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "commission: no earning is taken back by more than it was, reversals stand as it does", Run: kept},
		{Name: "commission: what is pending is in the books", Run: booked},
	}
}

// kept: of each earning, 0 ≤ earned + reversals ≤ earned, and every reversal
// belongs to an earning of its line and is in its state.
func kept(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	if err := tx.Get(&checked, `SELECT count(*) FROM commissions WHERE market_id = $1 AND kind = 'earn'`, tx.Market); err != nil {
		return 0, nil, err
	}
	var over []struct {
		ID     id.ID `db:"id"`
		Earned int64 `db:"earned"`
		Taken  int64 `db:"taken"`
	}
	err = tx.Select(&over, `SELECT r.id, r.amount_minor AS earned, sum(c.amount_minor)::bigint AS taken
FROM commissions r JOIN commissions c ON c.market_id = r.market_id AND c.root_id = r.id
WHERE r.market_id = $1 GROUP BY r.id, r.amount_minor
HAVING r.amount_minor + sum(c.amount_minor) NOT BETWEEN 0 AND r.amount_minor ORDER BY r.id`, tx.Market)
	if err != nil {
		return 0, nil, err
	}
	for _, o := range over {
		violations = append(violations, audit.Values{"say": "taken_back_more", "earned_minor": o.Earned, "taken_minor": -o.Taken, "key": o.ID.String()})
	}
	astray, err := audit.Read(tx, `SELECT CASE WHEN r.id IS NULL THEN jsonb_build_object('say', 'taken_back_alone', 'key', c.id)
  WHEN r.state <> c.state THEN jsonb_build_object('say', 'taken_back_apart', 'key', c.id) ELSE jsonb_build_object('say', 'taken_back_elsewhere', 'key', c.id) END
FROM commissions c LEFT JOIN commissions r ON r.market_id = c.market_id AND r.id = c.root_id
WHERE c.market_id = $1 AND c.kind = 'reversal'
  AND (r.id IS NULL OR r.kind <> 'earn' OR r.state <> c.state OR r.sale_id <> c.sale_id OR r.line_no <> c.line_no OR r.payee_id <> c.payee_id)
ORDER BY c.id`, tx.Market)
	return checked, append(violations, astray...), err
}

// booked: what is pending for a payee is the balance of its commission account.
func booked(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		Account string `db:"account"`
		Pending int64  `db:"pending"`
		Balance int64  `db:"balance"`
	}
	err = tx.Select(&rows, `SELECT COALESCE(c.account, b.account) AS account, COALESCE(c.pending, 0) AS pending, COALESCE(b.balance_minor, 0) AS balance
FROM (SELECT 'commission:' || payee_id AS account, sum(amount_minor)::bigint AS pending FROM commissions WHERE market_id = $1 AND state = 'pending' GROUP BY payee_id) c
FULL JOIN (SELECT account, balance_minor FROM ledger_balances WHERE market_id = $1 AND account LIKE 'commission:%') b ON b.account = c.account
ORDER BY 1`, tx.Market)
	for _, r := range rows {
		if r.Pending != r.Balance {
			violations = append(violations, audit.Values{"say": "pending_differs", "account": r.Account, "pending_minor": r.Pending, "books_minor": r.Balance, "key": r.Account})
		}
	}
	return int64(len(rows)), violations, err
}

// Postings are how this room posts (docs/money.md), for the audit.
func Postings() []ledger.Rule { return ledger.Move("commission:*:mature", "commission / owed") }
