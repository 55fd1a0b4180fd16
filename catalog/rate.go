package catalog

import (
	"context"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

// What a rate is of.
const (
	Fee = "fee" // the platform's share, inside the price
	Tax = "tax" // inside the price
)

// MostRateBP is the highest rate: one half.
const MostRateBP = 5_000

// Rate is one version of a rate. An empty category or kind means any.
type Rate struct {
	ID        id.ID     `db:"id"`
	What      string    `db:"what"`
	Category  string    `db:"category"`
	Kind      string    `db:"kind"` // of order
	RateBP    int32     `db:"rate_bp"`
	ValidFrom time.Time `db:"valid_from"`
	By        id.ID     `db:"created_by"`
}

// SetRate adds a version of a rate, valid from then on (zero: from now; another
// instance knows it after ten seconds); older ones stay as they were, and lines
// that were placed keep theirs. It refuses an
// unknown what, category or rate on its field.
func (c *Catalog) SetRate(ctx context.Context, market int32, what, category, kind string, bp int32, from time.Time, by id.ID) (Rate, error) {
	r := Rate{ID: id.New(), What: what, Category: category, Kind: kind, RateBP: bp, ValidFrom: from, By: by}
	err := c.db.Update(ctx, market, func(tx *storage.Tx) error {
		if r.ValidFrom.IsZero() {
			r.ValidFrom = tx.Now
		}
		if err := r.check(tx); err != nil {
			return err
		}
		tx.Queue(`INSERT INTO rates (market_id, id, what, category, kind, rate_bp, valid_from, created_by)
			VALUES ($1, $2, $3, NULLIF($4, ''), NULLIF($5, ''), $6, $7, $8)`,
			market, r.ID, r.What, r.Category, r.Kind, r.RateBP, r.ValidFrom, r.By)
		tx.Forget("rates")
		trail.Write(tx, by, "rate.set", "rate:"+r.ID.String(), "")
		return nil
	})
	return r, err
}

func (r Rate) check(tx *storage.Tx) error {
	var wrong []error
	if r.What != Fee && r.What != Tax {
		wrong = append(wrong, fault.Invalid("what", "rate_unknown"))
	}
	if r.RateBP < 0 || r.RateBP > MostRateBP {
		wrong = append(wrong, fault.Invalid("rate", "out_of_range", fault.Args{"min": int64(0), "max": int64(MostRateBP), "unit": "bp"}))
	}
	if r.Category != "" {
		var there bool
		if err := tx.Get(&there, "SELECT EXISTS (SELECT 1 FROM categories WHERE code = $1)", r.Category); err != nil {
			return err
		}
		if !there {
			wrong = append(wrong, fault.Invalid("category", "unknown_category"))
		}
	}
	return fault.All(append(wrong, text("kind", r.Kind, 40))...)
}

// Rates lists every version of tx's market, newest first.
func Rates(tx *storage.Tx) ([]Rate, error) {
	var all []Rate
	err := tx.Select(&all, `SELECT id, what, COALESCE(category, '') AS category, COALESCE(kind, '') AS kind, rate_bp, valid_from, created_by
		FROM rates WHERE market_id = $1 ORDER BY valid_from DESC, id DESC`, tx.Market)
	return all, err
}

// RatesNow are the rates of a category for goods in tx's market, from the short memory.
func RatesNow(tx *storage.Tx, category string) (fee, tax int32, err error) {
	rates, err := storage.Remember(tx, "rates", func() ([]Rate, error) { return Rates(tx) })
	return InForce(rates, Fee, category, tx.Now), InForce(rates, Tax, category, tx.Now), err
}

// InForce is the rate of a category for the kind goods at a time, from versions
// listed newest first: category and kind before category before kind before
// neither; none is 0.
func InForce(all []Rate, what, category string, at time.Time) int32 {
	var found int32
	fit := -1
	for _, r := range all {
		if r.What != what || r.ValidFrom.After(at) || r.Category != "" && r.Category != category || r.Kind != "" && r.Kind != "goods" {
			continue
		}
		score := 0
		if r.Category != "" {
			score += 2
		}
		if r.Kind != "" {
			score++
		}
		if score > fit {
			fit, found = score, r.RateBP
		}
	}
	return found
}
