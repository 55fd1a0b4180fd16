package agents

import (
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Named is whom a code names, as far as a sale asks. The payee and the state are
// those of its market: none and empty for who never applied there.
type Named struct {
	ID     id.ID  `db:"id"`
	Person id.ID  `db:"person_id"`
	Phone  string `db:"phone"`
	Payee  id.ID  `db:"payee_id"`
	State  string `db:"state"`
}

// standing is the beginning of an agent's name in the short memory.
const standing = "agent "

// OfCode finds who has a code, as it is stored (fault.NotFound agent_unknown).
// Every sale of an agent asks, and little changes: it comes from the short memory,
// so for other instances who was suspended, and for all of them who has a new
// number, is so ten seconds later (storage.Fresh).
func OfCode(tx *storage.Tx, code string) (Named, error) {
	return storage.Remember(tx, standing+code, func() (n Named, err error) {
		err = tx.Get(&n, `SELECT a.id, a.person_id, COALESCE(p.phone, '') AS phone, COALESCE(m.payee_id, $3) AS payee_id, COALESCE(m.state, '') AS state
FROM agents a
JOIN people p ON p.id = a.person_id
LEFT JOIN market_agents m ON m.market_id = $1 AND m.agent_id = a.id
WHERE a.code = $2`, tx.Market, code, id.None)
		if none(err) {
			err = fault.NotFound("agent_unknown")
		}
		return n, err
	})
}
