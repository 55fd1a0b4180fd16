package notice

import (
	"context"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

// old names some of those who have notices from before a moment. It reads across
// people, plain and without locks.
func (r *Room) old(ctx context.Context, before time.Time) ([]id.ID, error) {
	var people []id.ID
	err := r.db.ViewShared(ctx, func(tx *storage.Tx) error {
		people = nil
		return tx.Select(&people, `SELECT DISTINCT user_id FROM notices WHERE created_at < $1 LIMIT 500`, before)
	})
	return people, err
}
