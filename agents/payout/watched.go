package payout

import (
	"context"
	"time"

	"commonfield/storage"
)

// Unpaid counts the payouts of all markets that failed or came back since.
func Unpaid(ctx context.Context, db *storage.DB, since time.Time) (n int64, err error) {
	err = db.ViewShared(ctx, func(tx *storage.Tx) error {
		return tx.Get(&n, `SELECT coalesce(sum(n), 0)::bigint FROM (SELECT market_id, count(*) AS n FROM payouts
			WHERE state IN ('failed', 'returned') AND changed_at >= $1 GROUP BY market_id) s`, since)
	})
	return n, err
}
