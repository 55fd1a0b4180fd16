package people

import (
	"context"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Listed is an account in a list: no more of it than one needs to choose.
type Listed struct {
	Person
	CreatedAt time.Time `db:"created_at"`
}

// List gives the open accounts, the newest first, older than after (none: from
// the newest), at most n. It is for operators of the platform.
func List(tx *storage.Tx, after id.ID, n int) ([]Listed, error) {
	var all []Listed
	err := tx.Select(&all, `SELECT id, name, COALESCE(phone, '') AS phone, COALESCE(email, '') AS email, language, created_at FROM people
WHERE closed_at IS NULL AND ($1::uuid = '00000000-0000-0000-0000-000000000000' OR id < $1::uuid) ORDER BY id DESC LIMIT $2`, after, n)
	return all, err
}

// RolesOf gives every role of a person, over all markets.
func (d *Directory) RolesOf(ctx context.Context, person id.ID) ([]Role, error) {
	var all []Role
	err := d.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { all, err = rolesAnywhere(tx, person); return })
	return all, err
}

// Devices says on how many devices a person is signed in.
func (d *Directory) Devices(ctx context.Context, person id.ID) (int, error) {
	open, err := d.Sessions(ctx, Person{ID: person})
	return len(open), err
}
