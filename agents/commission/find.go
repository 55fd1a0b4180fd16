package commission

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

// OfSale gives a sale's entries, oldest first, without a lock.
func OfSale(tx *storage.Tx, sale id.ID) ([]Entry, error) { return entries(tx, sale, false) }

// OfAgent gives an agent's entries with their sales, newest first, older than
// after (none: from the newest), at most n.
func OfAgent(tx *storage.Tx, agent, after id.ID, n int) ([]Entry, error) {
	var rows []Entry
	err := tx.Select(&rows, `SELECT `+columns+` FROM commissions
WHERE market_id = $1 AND agent_id = $2 AND ($3::uuid = '00000000-0000-0000-0000-000000000000' OR id < $3::uuid)
ORDER BY id DESC LIMIT $4`, tx.Market, agent, after, n)
	return rows, err
}

// Sums gives an agent's earnings less reversals in each state; states without
// entries are missing.
func Sums(tx *storage.Tx, agent id.ID) (map[string]int64, error) {
	var rows []struct {
		State string `db:"state"`
		Sum   int64  `db:"sum"`
	}
	err := tx.Select(&rows, `SELECT state, sum(amount_minor)::bigint AS sum FROM commissions WHERE market_id = $1 AND agent_id = $2 GROUP BY state`, tx.Market, agent)
	if err != nil {
		return nil, err
	}
	sums := make(map[string]int64, len(rows))
	for _, r := range rows {
		sums[r.State] = r.Sum
	}
	return sums, nil
}

// Month is an agent's income from the sales placed in one month.
type Month struct {
	Month  string `db:"month"` // "2026-11", in the zone asked for
	Amount int64  `db:"amount"`
}

// Monthly gives income by month, oldest first: secured sales less what was
// taken back, in the month of the sale. Months without sales are missing.
func Monthly(tx *storage.Tx, agent id.ID, loc *time.Location) ([]Month, error) {
	var rows []Month
	err := tx.Select(&rows, `SELECT to_char(root.created_at AT TIME ZONE $3::text, 'YYYY-MM') AS month, sum(c.amount_minor)::bigint AS amount
FROM commissions c
JOIN commissions root ON root.market_id = c.market_id AND root.id = COALESCE(c.root_id, c.id)
WHERE c.market_id = $1 AND c.agent_id = $2 AND c.state IN ('earned', 'pending', 'payable')
GROUP BY 1 ORDER BY 1`, tx.Market, agent, loc.String())
	return rows, err
}
