package notice

import (
	"context"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Hand gives what a guest was told in a market to the person who they turned out
// to be, read or not, with its place in time; with ways only what is about those
// pages. No letter is written of it: it was told already. Twice is once, and what
// a call that was broken off has left with the guest, the next brings.
func (r *Room) Hand(ctx context.Context, guest, person id.ID, market int32, ways ...string) error {
	var rows string
	var moved []id.ID
	err := r.db.ViewUser(ctx, guest, func(tx *storage.Tx) error {
		moved = nil
		if err := tx.Select(&moved, `SELECT id FROM notices WHERE user_id = $1 AND market_id = $2 AND ($3::text[] IS NULL OR way = ANY($3))`,
			guest, market, pq.StringArray(ways)); err != nil || len(moved) == 0 {
			return err
		}
		return tx.Get(&rows, `SELECT jsonb_agg(n)::text FROM notices n WHERE user_id = $1 AND id = ANY($2)`, guest, pq.Array(moved))
	})
	if err != nil || len(moved) == 0 {
		return err
	}
	err = r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed() // the keys of the notices let them in once
		tx.Queue(`INSERT INTO notices (user_id, id, key, kind, market_id, way, facts, shown, told_at, created_at, read_at)
			SELECT $1::uuid, n.id, n.key, n.kind, n.market_id, n.way, n.facts, n.shown, n.told_at, n.created_at, n.read_at
			FROM jsonb_to_recordset($2::jsonb) AS n (id uuid, key text, kind text, market_id integer, way text, facts jsonb, shown boolean,
				told_at timestamptz, created_at timestamptz, read_at timestamptz)
			ON CONFLICT (user_id, key) DO NOTHING`, person, rows)
		return nil
	})
	if err != nil {
		return err
	}
	return r.db.UpdateUser(ctx, guest, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`DELETE FROM notices WHERE user_id = $1 AND id = ANY($2)`, guest, pq.Array(moved))
		return nil
	})
}
