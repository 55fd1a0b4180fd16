package people

import (
	"fmt"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// Operator is the role of those who run a market: they approve, pay out,
// decide. In market 0 it holds everywhere.
const Operator = "operator"

// Grant gives a person a role in the transaction's market. Twice is once. It
// refuses an unknown role and a person who has no account.
func Grant(tx *storage.Tx, person id.ID, role string, by id.ID) error {
	if role != Operator {
		return fault.Invalid("role", "role_unknown", fault.Args{"role": role})
	}
	var is struct {
		Open bool `db:"open"`
		Has  bool `db:"has"`
	}
	if err := tx.Get(&is, `SELECT EXISTS (SELECT 1 FROM people WHERE id = $2 AND closed_at IS NULL) AS open,
EXISTS (SELECT 1 FROM roles WHERE market_id = $1 AND person_id = $2 AND role = $3) AS has`, tx.Market, person, role); err != nil {
		return err
	}
	if !is.Open {
		return fault.NotFound("person_unknown")
	}
	tx.Queue(`INSERT INTO roles (market_id, person_id, role, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (market_id, person_id, role) DO NOTHING`, tx.Market, person, role, by, tx.Now)
	trail.Write(tx, by, "role.grant", "person:"+person.String(), role)
	if !is.Has {
		tellRole(tx, person, role, true)
	}
	return nil
}

// Withdraw takes a role in the transaction's market from a person. Twice is once.
func Withdraw(tx *storage.Tx, person id.ID, role string, by id.ID) error {
	var has bool
	if err := tx.Get(&has, `SELECT EXISTS (SELECT 1 FROM roles WHERE market_id = $1 AND person_id = $2 AND role = $3)`, tx.Market, person, role); err != nil {
		return err
	}
	if has {
		tellRole(tx, person, role, false)
	}
	tx.Queue(`DELETE FROM roles WHERE market_id = $1 AND person_id = $2 AND role = $3`, tx.Market, person, role)
	trail.Write(tx, by, "role.withdraw", "person:"+person.String(), role)
	return nil
}

func tellRole(tx *storage.Tx, person id.ID, role string, granted bool) {
	jobs.Add(tx, JobRole, fmt.Sprintf("%s:%s:%t:%d", person, role, granted, tx.Now.UnixMicro()),
		News{Person: person, Role: role, Granted: granted, At: tx.Now})
}

// Operators gives the people who operate the transaction's market, without
// those of the platform.
func Operators(tx *storage.Tx) ([]Person, error) {
	var all []Person
	err := tx.Select(&all, `SELECT p.id, p.name, COALESCE(p.phone, '') AS phone, COALESCE(p.email, '') AS email, p.language
FROM roles r JOIN people p ON p.id = r.person_id
WHERE r.market_id = $1 AND r.role = 'operator' AND p.closed_at IS NULL ORDER BY r.granted_at, p.id`, tx.Market)
	for i := range all {
		all[i].Operator = []int32{tx.Market}
	}
	return all, err
}
