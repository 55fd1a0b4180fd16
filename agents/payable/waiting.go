package payable

import (
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Waiting is a payee with something in no payout, as an operator's list shows it.
type Waiting struct {
	ID      id.ID  `db:"id"`
	Kind    string `db:"kind"`
	Name    string `db:"name"`
	Tail    string `db:"tail"`    // last digits of the present account; empty: none
	Hand    string `db:"hand"`    // who hands over cash; empty: it goes to the bank
	Gateway string `db:"gateway"` // where the account is; empty: a bank, or cash
	Entries int64  `db:"entries"`
	Sum     int64  `db:"sum"` // frozen sums included
}

// WaitingPayees gives everybody who has something open, by name.
func WaitingPayees(tx *storage.Tx) ([]Waiting, error) {
	var rows []Waiting
	err := tx.Select(&rows, `SELECT p.id, p.kind, p.name, COALESCE(a.number_tail, '') AS tail, COALESCE(h.name, '') AS hand, COALESCE(a.gateway, '') AS gateway, count(*) AS entries, sum(x.amount_minor)::bigint AS sum
FROM payables x
JOIN payees p ON p.market_id = x.market_id AND p.id = x.payee_id
LEFT JOIN payout_accounts a ON a.market_id = x.market_id AND a.payee_id = x.payee_id AND a.state <> 'closed'
LEFT JOIN payees h ON h.market_id = a.market_id AND h.id = a.holder_id
WHERE x.market_id = $1 AND x.payout_id IS NULL GROUP BY p.id, p.kind, p.name, a.number_tail, h.name, a.gateway ORDER BY p.name, p.id`, tx.Market)
	return rows, err
}

// Month is what was added to a payee's name in one month, less what was taken.
type Month struct {
	Month  string `db:"month"` // "2026-11", in the zone asked for
	Amount int64  `db:"amount"`
}

// Monthly gives a payee's months, oldest first; months without a row are missing.
func Monthly(tx *storage.Tx, payee id.ID, loc *time.Location) ([]Month, error) {
	var rows []Month
	err := tx.Select(&rows, `SELECT to_char(created_at AT TIME ZONE $3::text, 'YYYY-MM') AS month, sum(amount_minor)::bigint AS amount
FROM payables WHERE market_id = $1 AND payee_id = $2 GROUP BY 1 ORDER BY 1`, tx.Market, payee, loc.String())
	return rows, err
}

// OfSales gives a payee's payables that come from these sales.
func OfSales(tx *storage.Tx, payee id.ID, sales []id.ID) ([]Entry, error) {
	var rows []Entry
	err := tx.Select(&rows, `SELECT id, payee_id, cause, amount_minor, sale_id, frozen, payout_id, created_at FROM payables
WHERE market_id = $1 AND payee_id = $2 AND sale_id = ANY($3::uuid[]) ORDER BY id`, tx.Market, payee, pq.Array(texts(sales)))
	return rows, err
}

// Part is what a payee has in one payout, or, without one, in none.
type Part struct {
	Payout id.ID `db:"payout_id"`
	Sales  int64 `db:"sales"`
	Sum    int64 `db:"sum"`
}

// Parts sums a payee's payables by the payout they are in.
func Parts(tx *storage.Tx, payee id.ID) ([]Part, error) {
	var rows []Part
	err := tx.Select(&rows, `SELECT payout_id, count(DISTINCT sale_id) AS sales, sum(amount_minor)::bigint AS sum
FROM payables WHERE market_id = $1 AND payee_id = $2 GROUP BY payout_id`, tx.Market, payee)
	return rows, err
}
