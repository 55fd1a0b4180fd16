package page

import (
	"strings"

	"commonfield/marketplace/web/part"
)

// Terms are on which terms somebody sells: what a delivery costs by place and
// weight, and what is taken off. The fields of its form are delivery ("none" or
// "tariff"), version, piece, pickup_name, pickup_address, pickup_hours,
// cash ("no", "self" or an agent's payee) or, of the market, cash_most, off, off_from
// and off_until; of each zone "zone.N.first",
// "zone.N.further", "zone.N.free" and, once per place, "zone.N.place"; and for
// everywhere else rest ("yes" or "no"), "rest.first", "rest.further", "rest.free".
type Terms struct {
	Frame    part.Frame
	Desk     part.Desk
	Name     string // whose they are; empty: the market's, for everybody who has none
	Form     part.Form
	Zones    []TermsZone
	Currency string
	Version  string
	Cash     []part.Option // of a seller: who collects what is paid on delivery
	Most     int64         // of the market: the largest order in cash where nothing is said
}

// TermsZone is one tariff and the places that can be ticked for it.
type TermsZone struct {
	N      string
	Places []TermsPlace
}

// TermsPlace is a province, or what was written in its stead.
type TermsPlace struct {
	Code, Name string
	On         bool
}

func (v Terms) here() string {
	if v.Desk == part.Operator {
		return "more"
	}
	return "goods"
}

func (v Terms) lead() string {
	if v.Desk == part.Operator {
		return v.Frame.T("terms.lead_market")
	}
	return v.Frame.T("terms.lead")
}

func (v Terms) ways() []part.Option {
	none := part.Option{Value: "none", Label: v.Frame.T("terms.none"), Note: v.Frame.T("terms.none_note")}
	if v.Desk == part.Operator {
		none.Label, none.Note = v.Frame.T("terms.market_none"), v.Frame.T("terms.none_market")
	}
	return []part.Option{none, {Value: "tariff", Label: v.Frame.T("terms.tariff"), Note: v.Frame.T("terms.tariff_note")}}
}

func (v Terms) elsewhere() []part.Option {
	return []part.Option{
		{Value: "no", Label: v.Frame.T("terms.rest_no"), Note: v.Frame.T("terms.rest_no_note")},
		{Value: "yes", Label: v.Frame.T("terms.rest_yes")},
	}
}

// title names a zone by its places, or says that it is new.
func (v Terms) title(z TermsZone) string {
	var names []string
	for _, p := range z.Places {
		if p.On {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return v.Frame.T("terms.zone_new")
	}
	if len(names) > 4 {
		return v.Frame.T("terms.zone_more", "names", strings.Join(names[:3], v.Frame.T("word.comma")), "count", len(names))
	}
	return strings.Join(names, v.Frame.T("word.comma"))
}

// sums are the three boxes of a tariff.
func (v Terms) sums(at string) []part.Input {
	sign := v.Frame.Reader.Sign(v.Currency)
	return []part.Input{
		{Name: at + ".first", Label: v.Frame.T("terms.first"), Mode: "decimal", Sign: sign, Max: 10},
		{Name: at + ".further", Label: v.Frame.T("terms.further"), Mode: "decimal", Sign: sign, Max: 10},
		{Name: at + ".free", Label: v.Frame.T("terms.free"), Hint: v.Frame.T("terms.free_hint"), Mode: "decimal", Sign: sign, Max: 10, Optional: true},
	}
}

func (v Terms) offSay() string {
	if v.Desk == part.Operator {
		return v.Frame.T("terms.off_market")
	}
	return v.Frame.T("terms.off_seller")
}
