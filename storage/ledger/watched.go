package ledger

import (
	"context"

	"github.com/lib/pq"

	"commonfield/storage"
)

// Unowned gives what lies unclaimed in each of the given markets, where anything
// does: it belongs to payers, and somebody must send it back. It reads the
// unclaimed accounts alone.
func Unowned(ctx context.Context, db *storage.DB, markets []int32) (map[int32]int64, error) {
	var rows []struct {
		Market int32 `db:"market_id"`
		Sum    int64 `db:"sum"`
	}
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, `SELECT market_id, sum(balance_minor)::bigint AS sum FROM ledger_balances
			WHERE market_id = ANY($1) AND account >= 'unclaimed:' AND account < 'unclaimed;' AND balance_minor <> 0 GROUP BY market_id`, pq.Array(markets))
	})
	sums := make(map[int32]int64, len(rows))
	for _, r := range rows {
		sums[r.Market] = r.Sum
	}
	return sums, err
}
