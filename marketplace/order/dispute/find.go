package dispute

import (
	"context"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/tally"
)

func of(tx *storage.Tx, o id.ID) ([]Dispute, error) {
	var all []Dispute
	err := tx.Select(&all, "SELECT "+columns+" FROM disputes WHERE market_id = $1 AND order_id = $2 ORDER BY id DESC", tx.Market, o)
	return all, err
}

// Of gives the disputes of an order with all their words, the newest first. Who
// may read them, the door decides.
func (r *Room) Of(ctx context.Context, ref order.Ref) ([]Dispute, error) {
	var all []Dispute
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) (err error) {
		if all, err = of(tx, ref.ID); err != nil {
			return err
		}
		for i := range all {
			all[i].Words = nil
			if err := tx.Select(&all[i].Words, "SELECT id, said_as, said_by, text, photos, offer_minor, said_at FROM dispute_words WHERE market_id = $1 AND dispute_id = $2 ORDER BY id", tx.Market, all[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// Find gives one dispute without its words.
func (r *Room) Find(ctx context.Context, market int32, dispute id.ID) (Dispute, error) {
	var d Dispute
	err := r.db.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Get(&d, "SELECT "+columns+" FROM disputes WHERE market_id = $1 AND id = $2", market, dispute)
	})
	if err == storage.ErrNone {
		err = fault.NotFound("not_found")
	}
	return d, err
}

// Running gives the open disputes of a market, those that wait for an operator
// first, then the oldest; of one seller, where one is named. At most 200.
func (r *Room) Running(ctx context.Context, market int32, seller id.ID) ([]Dispute, error) {
	var all []Dispute
	err := r.db.View(ctx, market, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, "SELECT "+columns+` FROM disputes WHERE market_id = $1 AND ended_at IS NULL
			AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR order_id IN (SELECT id FROM orders WHERE market_id = $1 AND seller_id = $2))
			ORDER BY state <> 'escalated', id LIMIT 200`, market, seller)
	})
	return all, err
}

// Picture gives a picture that was shown in a dispute of this order, and of no
// other, in one of the studio's widths.
func (r *Room) Picture(ctx context.Context, ref order.Ref, key string, width int) ([]byte, string, error) {
	var shown bool
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		return tx.Get(&shown, `SELECT EXISTS (SELECT 1 FROM disputes d JOIN dispute_words w ON w.market_id = d.market_id AND w.dispute_id = d.id
			WHERE d.market_id = $1 AND d.order_id = $2 AND w.photos @> ARRAY[$3::text])`, ref.Market, ref.ID, key)
	})
	if err != nil {
		return nil, "", err
	}
	if !shown {
		return nil, "", fault.NotFound("photo_unknown")
	}
	return r.evidence.Get(ctx, key, width)
}

// Tallies are what waits for an operator to decide.
func Tallies() []tally.Of {
	return []tally.Of{{Name: "disputes", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM disputes WHERE market_id = $1 AND ended_at IS NULL AND state = 'escalated'`}}
}
