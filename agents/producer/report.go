package producer

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Standing is where a person is a producer. It is read across markets, plain
// and without locks, for the door that must offer them.
type Standing struct {
	Market int32  `db:"market_id"`
	ID     id.ID  `db:"id"`
	State  string `db:"state"`
}

// Standings gives every market in which a person is a producer, by its number.
func (r *Room) Standings(ctx context.Context, person id.ID) ([]Standing, error) {
	var all []Standing
	err := r.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, `SELECT market_id, id, state FROM producers WHERE person_id = $1 ORDER BY market_id`, person)
	})
	return all, err
}
