package people

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Seen notes, in a transaction of the person, that they have something in a
// market, so that "my orders" asks there. Twice is once.
func Seen(tx *storage.Tx, market int32) {
	tx.Queue(`INSERT INTO user_markets (user_id, market_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (user_id, market_id) DO NOTHING`,
		tx.Person, market, tx.Now)
}

// MarketsOf gives the markets in which a person or guest has something.
func (d *Directory) MarketsOf(ctx context.Context, person Person) ([]int32, error) {
	var all []int32
	err := d.db.ViewUser(ctx, person.ID, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, `SELECT market_id FROM user_markets WHERE user_id = $1 ORDER BY market_id`, person.ID)
	})
	return all, err
}

// Close closes an account (E-commerce Law 24: without conditions, and what is
// known of the person is deleted at once). Name, phone and address go, so that
// they are free again; sessions, tokens and password end. Orders and books keep
// what the law makes them keep (31: three years). Closing again finishes what
// was cut.
func (d *Directory) Close(ctx context.Context, person Person) error {
	if err := d.announce(ctx, JobClosed, person.ID.String(), News{Person: person.ID}); err != nil {
		return err
	}
	err := d.db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Expect(1, fault.NotFound("person_unknown"),
			`UPDATE people SET closed_at = COALESCE(closed_at, $2), name = '', phone = NULL, email = NULL WHERE id = $1`, person.ID, tx.Now)
		return nil
	})
	if err != nil {
		return err
	}
	// A closed account opens nothing even if this second half never runs.
	return d.db.UpdateUser(ctx, person.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL`, person.ID, tx.Now)
		tx.Queue(`UPDATE api_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL`, person.ID, tx.Now)
		tx.Queue(`DELETE FROM credentials WHERE user_id = $1`, person.ID)
		return nil
	})
}

func (d *Directory) changePassword(ctx context.Context, person id.ID, hash string, keep []string) error {
	if err := d.announce(ctx, JobPassword, id.New().String(), News{Person: person}); err != nil {
		return err
	}
	var kept id.ID
	for _, token := range keep {
		kept = SessionOf(token)
	}
	return d.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Expect(1, fault.NotFound("person_unknown"),
			`UPDATE credentials SET password_hash = $2, changed_at = $3 WHERE user_id = $1`, person, hash, tx.Now)
		tx.Queue(`UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL`, person, kept, tx.Now)
		return nil
	})
}
