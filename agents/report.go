package agents

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Standing is an agent's state in one market. It is read across markets, plain
// and without locks, for the door that must offer them.
type Standing struct {
	Market int32  `db:"market_id"`
	State  string `db:"state"`
}

// Standings gives every market in which a person is an agent or has applied,
// by its number.
func (r *Room) Standings(ctx context.Context, person id.ID) ([]Standing, error) {
	var all []Standing
	err := r.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, `SELECT m.market_id, m.state FROM agents a JOIN market_agents m ON m.agent_id = a.id
WHERE a.person_id = $1 ORDER BY m.market_id`, person)
	})
	return all, err
}
