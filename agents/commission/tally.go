package commission

import (
	"errors"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Tally is what an agent has in one state: how many sales, the net sum, and
// the latest day on which one of them becomes payable.
type Tally struct {
	State  string     `db:"state"`
	Sales  int64      `db:"sales"`
	Sum    int64      `db:"sum"`
	Latest *time.Time `db:"latest"` // nil: no day is known yet
}

// Tallies gives an agent's commission by state; states without entries are missing.
func Tallies(tx *storage.Tx, agent id.ID) (map[string]Tally, error) {
	var rows []Tally
	err := tx.Select(&rows, `SELECT state, count(DISTINCT sale_id) AS sales, sum(amount_minor)::bigint AS sum, max(payable_at) AS latest
FROM commissions WHERE market_id = $1 AND agent_id = $2 GROUP BY state`, tx.Market, agent)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Tally, len(rows))
	for _, r := range rows {
		all[r.State] = r
	}
	return all, nil
}

// Expected sums the forecast of an agent's sales that were placed since then.
func Expected(tx *storage.Tx, agent id.ID, since time.Time) (int64, error) {
	var sum int64
	err := tx.Get(&sum, `SELECT COALESCE(sum(amount_minor), 0)::bigint FROM commissions
WHERE market_id = $1 AND agent_id = $2 AND state = 'estimated' AND created_at >= $3`, tx.Market, agent, since)
	return sum, err
}

// FindEntry gives one entry, or fault.NotFound not_found.
func FindEntry(tx *storage.Tx, entry id.ID) (Entry, error) {
	var e Entry
	err := tx.Get(&e, `SELECT `+columns+` FROM commissions WHERE market_id = $1 AND id = $2`, tx.Market, entry)
	if errors.Is(err, storage.ErrNone) {
		return e, fault.NotFound("not_found")
	}
	return e, err
}
