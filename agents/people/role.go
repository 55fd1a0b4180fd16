package people

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// The roles.
const (
	Operator = "operator" // runs a market: approves, pays out, decides; in market 0 everywhere
	Clerk    = "clerk"    // works for the producers of one region, and touches no money
)

// Roles are all that can be given.
var Roles = []string{Operator, Clerk}

// Role is one role of a person in a market.
type Role struct {
	Market int32     `db:"market_id"`
	Person id.ID     `db:"person_id"`
	Name   string    `db:"name"` // of the person
	Role   string    `db:"role"`
	Region string    `db:"region_code"` // of a clerk
	By     id.ID     `db:"granted_by"`
	At     time.Time `db:"granted_at"`
}

// Grant gives a person a role in the transaction's market; place is the
// clerk's region, and empty for an operator. Twice is once. It refuses an
// unknown role, a person who has no account, and a place that does not lie
// below the market's own region.
func Grant(tx *storage.Tx, person id.ID, role, place string, by id.ID) error {
	if err := placed(tx, role, place); err != nil {
		return err
	}
	var is struct {
		Open bool `db:"open"`
		Has  bool `db:"has"`
	}
	if err := tx.Get(&is, `SELECT EXISTS (SELECT 1 FROM people WHERE id = $2 AND closed_at IS NULL) AS open,
EXISTS (SELECT 1 FROM roles WHERE market_id = $1 AND person_id = $2 AND role = $3 AND region_code = $4) AS has`, tx.Market, person, role, place); err != nil {
		return err
	}
	if !is.Open {
		return fault.NotFound("person_unknown")
	}
	tx.Queue(`INSERT INTO roles (market_id, person_id, role, region_code, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (market_id, person_id, role, region_code) DO NOTHING`, tx.Market, person, role, place, by, tx.Now)
	trail.Write(tx, by, "role.grant", "person:"+person.String(), strings.TrimSpace(role+" "+place))
	if !is.Has {
		tellRole(tx, person, role, true)
	}
	return nil
}

// placed refuses a role that is none, and one with the wrong place.
func placed(tx *storage.Tx, role, place string) error {
	if !slices.Contains(Roles, role) {
		return fault.Invalid("role", "role_unknown", fault.Args{"role": role})
	}
	if role != Clerk {
		if place != "" {
			return fault.Invalid("region", "role_no_region")
		}
		return nil
	}
	if place == "" {
		return fault.Invalid("region", "required")
	}
	m, err := region.FindMarket(tx, tx.Market)
	if err != nil {
		return err
	}
	if m.RegionCode == "" || len(place) <= len(m.RegionCode) || !strings.HasPrefix(place, m.RegionCode) {
		return fault.Invalid("region", "role_region")
	}
	_, err = region.Find(tx, place)
	return err
}

// Withdraw takes a role in the transaction's market from a person. Twice is once.
func Withdraw(tx *storage.Tx, person id.ID, role, place string, by id.ID) error {
	var has bool
	if err := tx.Get(&has, `SELECT EXISTS (SELECT 1 FROM roles WHERE market_id = $1 AND person_id = $2 AND role = $3 AND region_code = $4)`, tx.Market, person, role, place); err != nil {
		return err
	}
	if has {
		tellRole(tx, person, role, false)
	}
	tx.Queue(`DELETE FROM roles WHERE market_id = $1 AND person_id = $2 AND role = $3 AND region_code = $4`, tx.Market, person, role, place)
	trail.Write(tx, by, "role.withdraw", "person:"+person.String(), strings.TrimSpace(role+" "+place))
	return nil
}

func tellRole(tx *storage.Tx, person id.ID, role string, granted bool) {
	jobs.Add(tx, JobRole, fmt.Sprintf("%s:%s:%t:%d", person, role, granted, tx.Now.UnixMicro()),
		News{Person: person, Role: role, Granted: granted, At: tx.Now})
}

// Holders gives the roles that are held in the transaction's market, the oldest
// first, without those of the platform.
func Holders(tx *storage.Tx) ([]Role, error) {
	var all []Role
	err := tx.Select(&all, `SELECT r.market_id, r.person_id, p.name, r.role, r.region_code, r.granted_by, r.granted_at
FROM roles r JOIN people p ON p.id = r.person_id
WHERE r.market_id = $1 AND p.closed_at IS NULL ORDER BY r.role DESC, r.granted_at, r.person_id, r.region_code`, tx.Market)
	return all, err
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
