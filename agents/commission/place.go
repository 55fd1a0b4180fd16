package commission

import (
	"context"
	"slices"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

// PlaceRule gives a rule its place, counted from 1, among those that are not
// over: the first that fits decides. It names the place and not a direction, so
// calling it twice is calling it once. It refuses a rule that is none (rule_none)
// or over (rule_over), and a place that there is not (out_of_range). What was placed keeps
// what it was promised.
func PlaceRule(ctx context.Context, db *storage.DB, market int32, rule id.ID, place int, by id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // it lands in the same state
		var live []id.ID
		if err := tx.Select(&live, `SELECT id FROM commission_rules WHERE market_id = $1 AND (valid_to IS NULL OR valid_to > $2) ORDER BY position, id FOR UPDATE`, market, tx.Now); err != nil {
			return err
		}
		was := slices.Index(live, rule)
		if was < 0 {
			return ended(tx, rule)
		}
		if place < 1 || place > len(live) {
			return fault.Invalid("place", "out_of_range", fault.Args{"min": 1, "max": len(live)})
		}
		if was == place-1 {
			return nil
		}
		live = slices.Insert(slices.Delete(live, was, was+1), place-1, rule)
		names, places := make(pq.StringArray, len(live)), make(pq.Int64Array, len(live))
		for i, r := range live {
			// Ten apart, as when they are added.
			names[i], places[i] = r.String(), int64(i+1)*10
		}
		tx.Queue(`UPDATE commission_rules r SET position = u.place FROM unnest($2::uuid[], $3::int[]) AS u (id, place) WHERE r.market_id = $1 AND r.id = u.id`, market, names, places)
		tx.Forget(remembered)
		trail.Write(tx, by, "rule.place", "rule:"+rule.String(), "")
		return nil
	})
}

// ended refuses a rule that has no place any more.
func ended(tx *storage.Tx, rule id.ID) error {
	var there bool
	err := tx.Get(&there, `SELECT EXISTS (SELECT 1 FROM commission_rules WHERE market_id = $1 AND id = $2)`, tx.Market, rule)
	if err == nil && there {
		return fault.Conflict("rule_over")
	}
	if err == nil {
		err = fault.NotFound("rule_none")
	}
	return err
}
