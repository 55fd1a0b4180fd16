package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Setup is the page of the first run. The fields are code, name, who, password.
type Setup struct {
	Frame part.Frame
	Form  part.Form // Action part.SetupWay
}

// NewMarket opens a market: first its place is chosen, then the rest is asked
// for. The fields of the form are code, name, name_en, operator, licence,
// currency, time_zone, fee, tax, commission, hold, holder, bank, number, capital.
type NewMarket struct {
	Frame   part.Frame
	First   bool // there is none yet
	Query   string
	Path    []part.Crumb
	Regions []PlaceStep
	Chosen  string // code of the place; empty while it is being chosen
	Place   string // the place with those above it
	Short   string // its own name, as the reader says it
	Name    string // and in Chinese
	Form    part.Form
}

// PlaceStep is a place of the picker. Choose takes it, Open looks into it.
type PlaceStep struct{ Name, Choose, Open string }

// Markets are the markets that somebody operates.
type Markets struct {
	Frame    part.Frame
	Platform bool // may open another
	Rows     []MarketRow
}

// MarketRow is one market.
type MarketRow struct {
	Href, Desk                  string
	Code, Name, Place, Operator string
	Paused, Account             bool
	Since                       time.Time
}

// MarketForm is what may be changed of a market. The fields are name, name_en,
// operator, licence, time_zone, holder, bank, number; Pause sends deed.
type MarketForm struct {
	Frame                                     part.Frame
	Title, Code, Place, Currency              string
	Since                                     time.Time
	Name, NameEN, Operator, Licence, TimeZone string
	Traded                                    bool // its zone stays
	Holder, Bank, Number                      string
	Edition                                   string // of what stands here
	Paused                                    bool
	PausedAt                                  time.Time
	Form, Pause                               part.Form
}

func (v MarketForm) facts() []part.Fact {
	r := v.Frame.Reader
	return []part.Fact{
		{Name: r.T("market.code"), Value: v.Code}, {Name: r.T("market.place"), Value: v.Place},
		{Name: r.T("market.currency"), Value: v.Currency}, {Name: r.T("market.since"), Value: r.Date(v.Since)},
	}
}

// Next is one step of what a new market still needs.
type Next struct {
	Key, Href string
	Done      bool
}

// Closed is the shop while there is no market yet.
type Closed struct {
	Frame part.Frame
	Href  string // where its operator goes on
}
