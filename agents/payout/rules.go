package payout

import (
	"context"
	"errors"
	"slices"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

// Rules are how a market pays out.
type Rules struct {
	Layout    string `db:"layout" json:"layout"`               // of the bank file
	Minimum   int64  `db:"minimum_minor" json:"minimum_minor"` // less is carried forward
	Large     int64  `db:"large_minor" json:"large_minor"`     // from here on a payout is marked
	EveryDays int    `db:"every_days" json:"every_days"`       // the schedule
	ByItself  bool   `db:"by_itself" json:"by_itself"`         // the program drafts on schedule
}

// usual are the rules of a market that made none.
var usual = Rules{Layout: CSV, Large: 1_000_000, EveryDays: 7}

// RulesOf gives the market's rules.
func RulesOf(tx *storage.Tx) (Rules, error) {
	r := usual
	err := tx.Get(&r, `SELECT layout, minimum_minor, large_minor, every_days, by_itself FROM payout_rules WHERE market_id = $1`, tx.Market)
	if errors.Is(err, storage.ErrNone) {
		return usual, nil
	}
	return r, err
}

// most is the largest sum that a rule may name.
const most = 100_000_000_00

// SetRules changes how a market pays out, from the next draft on. The same rules
// again change nothing. It refuses wrong values each by its field, and a layout
// that names an account where the market has none (payout_from_missing).
func (d *Desk) SetRules(ctx context.Context, market int32, by id.ID, r Rules) error {
	var layout, minimum, large, days error
	if !slices.Contains(Layouts, r.Layout) {
		layout = fault.Invalid("layout", "not_one_of", fault.Args{"allowed": Layouts})
	}
	if r.EveryDays < 1 || r.EveryDays > 31 {
		days = fault.Invalid("every_days", "days_between", fault.Args{"least": 1, "most": 31})
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // it lands in the same state
		m, err := region.FindMarket(tx, market)
		if err != nil {
			return err
		}
		if r.Minimum < 0 || r.Minimum > most {
			minimum = fault.Invalid("minimum", "out_of_range", fault.Args{"min": int64(0), "max": int64(most), "currency": m.Currency})
		}
		if r.Large < 1 || r.Large > most {
			large = fault.Invalid("large", "out_of_range", fault.Args{"min": int64(1), "max": int64(most), "currency": m.Currency})
		}
		if err := fault.All(layout, minimum, large, days); err != nil {
			return err
		}
		if r.Layout != CSV && m.Number == "" {
			return fault.Conflict("payout_from_missing").On("layout")
		}
		was, err := RulesOf(tx)
		if err != nil {
			return err
		}
		if was == r {
			return nil
		}
		tx.Queue(`INSERT INTO payout_rules (market_id, layout, minimum_minor, large_minor, every_days, by_itself) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (market_id) DO UPDATE SET layout = excluded.layout, minimum_minor = excluded.minimum_minor, large_minor = excluded.large_minor,
  every_days = excluded.every_days, by_itself = excluded.by_itself`,
			market, r.Layout, r.Minimum, r.Large, r.EveryDays, r.ByItself)
		trail.Write(tx, by, "payout.rules", "market", "")
		return nil
	})
}
