package page

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Rates are the market's fees and taxes and the rules of commission. The fields
// of Rate are what, category, rate and from; of Rule position, category, rate,
// hold, from and to; the button of a rule sends close.
type Rates struct {
	Frame      part.Frame
	Rows       []Rate
	Rules      []Rule
	Categories []part.Option
	Rate       part.Form
	Rule       part.Form
	CloseWay   string
	PlaceWay   string
	Live       int64 // how many rules are not over
	TryWay     string
}

// Rate is one version. What is "fee" or "tax"; Category is finished.
type Rate struct {
	What, Category string
	Points         int64
	From           time.Time
	By             string
	State          string // "now", "later" or "before"
}

// Rule is one rule of commission, in the order in which they are asked.
type Rule struct {
	ID       string
	Position int64
	Category string
	Kind     string
	Points   int64
	Hold     int64
	From, To time.Time
	Over     bool
	Place    int64 // among those that are not over, from 1
	Every    bool  // fits every sale
	Key      string
}

func (v Rates) rates() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("rates.rates"), Cols: []part.Col{{Label: r.T("rates.what")}, {Label: r.T("rates.category")}, {Label: r.T("rates.from")}, {Label: r.T("rates.by")}, {Label: r.T("rates.state")}, {Label: r.T("rates.rate"), Num: true}}}
	for _, row := range v.Rows {
		t.Rows = append(t.Rows, []templ.Component{
			part.Text(r.T("rates.of." + row.What)), part.Text(row.Category), part.Text(r.Moment(row.From)), part.Text(row.By), part.Text(r.T("rates.is." + row.State)), part.Text(r.Percent(row.Points)),
		})
	}
	return t
}

func (v Rates) period(rule Rule) string {
	r := v.Frame.Reader
	if rule.To.IsZero() {
		return r.T("rates.since", "from", r.Moment(rule.From))
	}
	return r.T("rates.between", "from", r.Moment(rule.From), "to", r.Moment(rule.To))
}

func (v Rates) whats() []part.Option {
	return []part.Option{{Value: "fee", Label: v.Frame.T("rates.of.fee")}, {Value: "tax", Label: v.Frame.T("rates.of.tax")}}
}

func (r Rule) above() string { return strconv.FormatInt(r.Place-1, 10) }

func (r Rule) below() string { return strconv.FormatInt(r.Place+1, 10) }

// placed says a rule's place in the list; one that is over has none.
func placed(f part.Frame, place int64) string {
	if place == 0 {
		return ""
	}
	return f.T("rates.position", "n", place) + " · "
}
