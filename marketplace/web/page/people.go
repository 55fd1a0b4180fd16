package page

import (
	"slices"
	"strings"
	"time"

	"commonfield/marketplace/web/part"
)

// People are those who hold a role in a market, or whom a search has found. The
// search field is q.
type People struct {
	Frame    part.Frame
	Query    string
	Platform bool // may read on through all accounts
	All      bool // does
	AllWay   string
	Rows     []PersonRow
	Form     part.Form
	Next     string
	Market   string
}

// PersonRow is one account.
type PersonRow struct {
	ID, Name, Who string // Who is the phone or e-mail, masked
	Href          string
	Roles         []PersonRole
	Me            bool
}

// PersonRole is a role; Place is a clerk's region.
type PersonRole struct{ Role, Place string }

// PersonPage is one account: what it may do and where. The form of Give sends
// role and region; a button of a role sends role, region and deed.
type PersonPage struct {
	Frame     part.Frame
	Name, Who string
	Since     time.Time
	Me        bool
	Devices   int64
	Roles     []HeldRole
	Members   []Membership
	Give      part.Form
	Takes     part.Form
	Places    []part.Option // a clerk's regions to choose from
	Trail     string
}

// HeldRole is a role in one market; Mine says that the viewer may take it.
type HeldRole struct {
	Role, Market, Place, Region, Key string
	Since                            time.Time
	Mine                             bool
}

// Membership is where somebody grows or sells; Kind is "producer" or "agent".
type Membership struct{ Kind, Market, State, Href string }

// held is where somebody has a role, and since when.
func (v PersonPage) held(role HeldRole) string {
	said := []string{role.Market, role.Place, v.Frame.Reader.Date(role.Since)}
	return strings.Join(slices.DeleteFunc(said, func(s string) bool { return s == "" }), " · ")
}

func (v PersonPage) facts() []part.Fact {
	r := v.Frame.Reader
	return []part.Fact{
		{Name: r.T("person.login"), Value: v.Who}, {Name: r.T("person.since"), Value: r.Date(v.Since)},
		{Name: r.T("person.devices"), Value: r.Count(v.Devices)},
	}
}

func (v PersonPage) roles() []part.Option {
	r := v.Frame.Reader
	return []part.Option{
		{Value: "operator", Label: r.T("role.operator"), Note: r.T("person.operator_note")},
		{Value: "clerk", Label: r.T("role.clerk"), Note: r.T("person.clerk_note"), Off: len(v.Places) == 0},
	}
}
