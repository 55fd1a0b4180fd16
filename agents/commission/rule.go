package commission

import (
	"context"
	"errors"
	"slices"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Rule says what part of a sale's line an agent gets, and how long the money
// waits. Rules are an ordered list; the first that fits wins.
type Rule struct {
	ID       id.ID
	Position int       // 0 when it is made: last
	Category string    // empty: any
	Kind     string    // of sale; empty: any but gifts and pledges
	RateBP   int32     // 0 to 5000
	HoldDays int       // 0 to 90
	From     time.Time // zero when it is made: now
	To       time.Time // zero: open
	By       id.ID
}

// Known are the values a rule may name. They live on the floors above and are
// handed in: a typing error must not make a rule that never fits.
type Known struct {
	Categories, Kinds []string
}

// mostPosition bounds the list; positions are ten apart when nobody chooses.
const mostPosition = 1_000_000

// mostRateBP is the highest rate: one half.
const mostRateBP = 5000

// Everything says that a rule fits every line: a list should have one, last.
func (r Rule) Everything() bool { return r.Category == "" && r.Kind == "" && r.To.IsZero() }

func (r Rule) fits(kind, category string, at time.Time) bool {
	if r.Kind == "" && given(kind) {
		return false // they earn nothing unless a rule says so
	}
	return (r.Kind == "" || r.Kind == kind) && (r.Category == "" || r.Category == category) &&
		!at.Before(r.From) && (r.To.IsZero() || at.Before(r.To))
}

// given says whether a kind of sale is a gift or a pledge, or a sum paid into a contract,
// whose goods earn when they are called off.
func given(kind string) bool {
	return kind == "gift" || kind == "gift_goods" || kind == "pledge" || kind == "deposit"
}

func (r Rule) check(known []Known) error {
	var errs []error
	if r.RateBP < 0 || r.RateBP > mostRateBP {
		errs = append(errs, fault.Invalid("rate_bp", "out_of_range", fault.Args{"min": int64(0), "max": int64(mostRateBP), "unit": "bp"}))
	}
	if r.HoldDays < 0 || r.HoldDays > 90 {
		errs = append(errs, fault.Invalid("hold_days", "out_of_range", fault.Args{"min": 0, "max": 90}))
	}
	if r.Position < 0 || r.Position > mostPosition {
		errs = append(errs, fault.Invalid("position", "out_of_range", fault.Args{"min": 1, "max": mostPosition}))
	}
	if !r.To.IsZero() && !r.To.After(r.From) {
		errs = append(errs, fault.Invalid("valid_to", "rule_period"))
	}
	in := func(value string, of func(Known) []string) bool {
		return value == "" || slices.ContainsFunc(known, func(k Known) bool { return slices.Contains(of(k), value) })
	}
	if !in(r.Category, func(k Known) []string { return k.Categories }) {
		errs = append(errs, fault.Invalid("category", "unknown_category"))
	}
	if !in(r.Kind, func(k Known) []string { return k.Kinds }) {
		errs = append(errs, fault.Invalid("kind", "rule_kind", fault.Args{"value": r.Kind}))
	}
	return fault.All(errs...)
}

// AddRule puts a rule into the market's list. What a rule may name is handed in
// as known; without it only a rule for everything is taken. It refuses
// (fault.Invalid out_of_range, rule_period, unknown_category, rule_kind) before
// it writes. A rule with an ID is added once.
func AddRule(ctx context.Context, db *storage.DB, market int32, r Rule, by id.ID, known ...Known) (Rule, error) {
	if r.From.IsZero() {
		r.From = db.Now()
	}
	if err := r.check(known); err != nil {
		return Rule{}, err
	}
	if r.ID == id.None {
		r.ID = id.New()
	}
	r.By = by
	asked := r
	err := db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the rule's own id is looked up first
		var kept row
		err := tx.Get(&kept, `SELECT id, position, category, kind, rate_bp, hold_days, valid_from, valid_to, created_by FROM commission_rules WHERE market_id = $1 AND id = $2`, market, r.ID)
		if err == nil {
			r = kept.rule()
			return nil
		}
		if !errors.Is(err, storage.ErrNone) {
			return err
		}
		r = asked
		if r.Position == 0 {
			// Ten apart, so that another rule finds room between two.
			if err := tx.Get(&r.Position, `SELECT COALESCE(max(position), 0)::int + 10 FROM commission_rules WHERE market_id = $1`, market); err != nil {
				return err
			}
		}
		tx.Queue(`INSERT INTO commission_rules (market_id, id, position, category, kind, rate_bp, hold_days, valid_from, valid_to, created_by) VALUES ($1, $2, $3, NULLIF($4::text, ''), NULLIF($5::text, ''), $6, $7, $8, $9, $10)`,
			market, r.ID, r.Position, r.Category, r.Kind, r.RateBP, r.HoldDays, r.From, orNull(r.To), by)
		tx.Forget(remembered)
		return nil
	})
	return r, err
}

// CloseRule ends a rule now: sales placed from here on do not see it, what was
// frozen under it stays. Calling it twice is calling it once.
func CloseRule(ctx context.Context, db *storage.DB, market int32, rule, by id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // it lands in the same state
		tx.Forget(remembered)
		n, err := tx.Exec(`UPDATE commission_rules SET valid_to = LEAST(COALESCE(valid_to, $3), $3) WHERE market_id = $1 AND id = $2`, market, rule, tx.Now)
		if err == nil && n == 0 {
			return fault.NotFound("rule_none")
		}
		return err
	})
}

// remembered is the name of the rules in the short memory.
const remembered = "commission rules"

// Rules gives the rules, in order, that may fit a kind of sale now or later,
// from a short memory (storage.Remember): one changed by another instance is
// known after ten seconds. Choose looks at each rule's dates itself. Without a
// kind it gives those of all kinds.
func Rules(tx *storage.Tx, kind string) ([]Rule, error) {
	all, err := storage.Remember(tx, remembered, func() ([]Rule, error) {
		return list(tx, `SELECT id, position, category, kind, rate_bp, hold_days, valid_from, valid_to, created_by FROM commission_rules
WHERE market_id = $1 AND (valid_to IS NULL OR valid_to > $2) ORDER BY position, id`, tx.Market, tx.Now)
	})
	fit := make([]Rule, 0, len(all))
	for _, r := range all {
		if kind == "" || r.Kind == "" || r.Kind == kind {
			fit = append(fit, r)
		}
	}
	return fit, err
}

// List gives all rules that ever were, in order.
func List(tx *storage.Tx) ([]Rule, error) {
	return list(tx, `SELECT id, position, category, kind, rate_bp, hold_days, valid_from, valid_to, created_by FROM commission_rules
WHERE market_id = $1 ORDER BY position, id`, tx.Market)
}

type row struct {
	ID       id.ID      `db:"id"`
	Position int        `db:"position"`
	Category *string    `db:"category"`
	Kind     *string    `db:"kind"`
	RateBP   int32      `db:"rate_bp"`
	HoldDays int        `db:"hold_days"`
	From     time.Time  `db:"valid_from"`
	To       *time.Time `db:"valid_to"`
	By       id.ID      `db:"created_by"`
}

func (r row) rule() Rule {
	out := Rule{ID: r.ID, Position: r.Position, RateBP: r.RateBP, HoldDays: r.HoldDays, From: r.From, By: r.By}
	if r.Category != nil {
		out.Category = *r.Category
	}
	if r.Kind != nil {
		out.Kind = *r.Kind
	}
	if r.To != nil {
		out.To = *r.To
	}
	return out
}

func list(tx *storage.Tx, query string, args ...any) ([]Rule, error) {
	var rows []row
	if err := tx.Select(&rows, query, args...); err != nil {
		return nil, err
	}
	rules := make([]Rule, len(rows))
	for i, r := range rows {
		rules[i] = r.rule()
	}
	return rules, nil
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
