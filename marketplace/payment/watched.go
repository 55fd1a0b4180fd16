package payment

import (
	"context"

	"commonfield/storage"
)

// Contests counts the chargebacks that are open, over all markets.
func Contests(ctx context.Context, db *storage.DB) (n int64, err error) {
	err = db.ViewShared(ctx, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT coalesce(sum(n), 0)::bigint FROM (SELECT market_id, count(*) AS n FROM chargebacks WHERE state = 'open' GROUP BY market_id) s")
	})
	return n, err
}
