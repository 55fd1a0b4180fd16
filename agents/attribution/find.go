package attribution

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Decision is one line's attribution as it was kept.
type Decision struct {
	Sale      id.ID     `db:"sale_id"`
	Line      int       `db:"line_no"`
	AgentID   id.ID     `db:"agent_id"`
	Way       string    `db:"way"`
	Refused   string    `db:"refused"`
	CreatedAt time.Time `db:"created_at"`
}

// OfSale gives what was decided about each line of a sale.
func OfSale(tx *storage.Tx, sale id.ID) ([]Decision, error) {
	var rows []Decision
	err := tx.Select(&rows, `SELECT sale_id, line_no, agent_id, way, refused, created_at FROM attributions
WHERE market_id = $1 AND sale_id = $2 ORDER BY line_no`, tx.Market, sale)
	return rows, err
}

// OfAgent gives an agent's decisions since a moment, newest first, refused ones
// included, at most n.
func OfAgent(tx *storage.Tx, agent id.ID, since time.Time, n int) ([]Decision, error) {
	var rows []Decision
	err := tx.Select(&rows, `SELECT sale_id, line_no, agent_id, way, refused, created_at FROM attributions
WHERE market_id = $1 AND agent_id = $2 AND created_at >= $3 ORDER BY created_at DESC, sale_id, line_no LIMIT $4`, tx.Market, agent, since, n)
	return rows, err
}
