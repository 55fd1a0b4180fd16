package payable

import (
	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Open sums what each payee has in no payout, frozen sums included; without
// payees, of everybody who has something open. A payee without payables is
// missing from the answer. A sum may be negative: the payee owes.
func Open(tx *storage.Tx, payees ...id.ID) (map[id.ID]int64, error) {
	var rows []struct {
		Payee id.ID `db:"payee_id"`
		Sum   int64 `db:"sum"`
	}
	err := tx.Select(&rows, `SELECT payee_id, sum(amount_minor)::bigint AS sum FROM payables
WHERE market_id = $1 AND payout_id IS NULL AND ($2 OR payee_id = ANY($3::uuid[])) GROUP BY payee_id`,
		tx.Market, len(payees) == 0, pq.Array(texts(payees)))
	if err != nil {
		return nil, err
	}
	sums := make(map[id.ID]int64, len(rows))
	for _, r := range rows {
		sums[r.Payee] = r.Sum
	}
	return sums, nil
}

// List gives a payee's payables, newest first, older than after (none: from
// the newest), at most n.
func List(tx *storage.Tx, payee, after id.ID, n int) ([]Entry, error) {
	var rows []Entry
	err := tx.Select(&rows, `SELECT id, payee_id, cause, amount_minor, sale_id, frozen, payout_id, created_at FROM payables
WHERE market_id = $1 AND payee_id = $2 AND ($3::uuid = '00000000-0000-0000-0000-000000000000' OR id < $3::uuid)
ORDER BY id DESC LIMIT $4`, tx.Market, payee, after, n)
	return rows, err
}

func texts(ids []id.ID) []string {
	s := make([]string, len(ids))
	for i, one := range ids {
		s[i] = one.String()
	}
	return s
}
