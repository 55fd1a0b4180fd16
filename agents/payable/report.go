package payable

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/id"
)

// PayeesOf gives every payee that a person is, over all markets, oldest first:
// a plain read without locks.
func PayeesOf(ctx context.Context, db *storage.DB, person id.ID) ([]Payee, error) {
	var found []Payee
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		found = nil
		return tx.Select(&found, `SELECT market_id, id, kind, name, person_id, created_at FROM payees WHERE person_id = $1 ORDER BY id`, person)
	})
	return found, err
}
