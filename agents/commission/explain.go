package commission

import (
	"cmp"
	"slices"
	"time"

	"commonfield/storage/money"
)

// Verdict is what the list of rules says of one rule for a sale.
type Verdict struct {
	Rule Rule
	Why  string // Wins, Later, or the condition that does not fit
}

// What a rule is for a sale.
const (
	Wins       = "wins"
	Later      = "later"    // it fits, and one before it wins
	OtherGoods = "category" // it names another category
	OtherKind  = "kind"     // it names another kind of sale
	NotYet     = "early"    // its time has not come
	Over       = "over"     // its time is over
	Given      = "given"    // gifts and pledges need a rule of their own
)

// Explain says for each rule, in order, whether it wins for a line, and if
// not, why; and what the line earns. It is Choose, told slowly.
func Explain(rules []Rule, kind string, at time.Time, l Line) ([]Verdict, int64) {
	ordered := slices.Clone(rules)
	slices.SortStableFunc(ordered, func(a, b Rule) int { return cmp.Compare(a.Position, b.Position) })
	var told []Verdict
	var earns int64
	won := false
	for _, r := range ordered {
		v := Verdict{Rule: r, Why: r.unfit(kind, l.Category, at)}
		switch {
		case v.Why != "":
		case won:
			v.Why = Later
		default:
			v.Why, won, earns = Wins, true, money.Part(max(l.Base, 0), r.RateBP)
		}
		told = append(told, v)
	}
	return told, earns
}

// unfit is the first condition that keeps a rule from a line; nothing when it fits.
func (r Rule) unfit(kind, category string, at time.Time) string {
	switch {
	case r.fits(kind, category, at):
		return ""
	case at.Before(r.From):
		return NotYet
	case !r.To.IsZero() && !at.Before(r.To):
		return Over
	case r.Category != "" && r.Category != category:
		return OtherGoods
	case r.Kind == "" && given(kind):
		return Given
	}
	return OtherKind
}
