package page

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// AgentDesk shows an agent what each sale earned, why, and when it is paid.
type AgentDesk struct {
	Frame     part.Frame
	Name      string
	Place     string
	State     string // "active", "suspended", "applied"
	Link      string // whole address of the short link
	Code      string
	Earned    int64 // this month
	Expected  int64 // still open this month
	Low, High int64 // the goal
	Months    []part.Month
	States    []CommissionState
	Entries   []Entry
	Next      string
	Currency  string
	Window    int64 // days that a link counts
	NoBank    bool
	Orders    []OrderRow // those that wait, for the agent to see
}

// CommissionState is how much lies where, and what it waits for. State is one of
// estimated, earned, pending, payable, reserved, paid, void, frozen.
type CommissionState struct {
	State string
	Count int64
	Minor int64
	Due   time.Time // the latest day on which it moves on, or the day it did
}

// Entry is one commission entry. Kind is "earn", "reversal", "bonus" or
// "correction".
type Entry struct {
	Number, OrderHref string // of the order
	Goods             string
	At                time.Time
	State, Kind       string
	Base              int64 // the net line it is reckoned from
	Rate              int64 // basis points
	Minor             int64
	Rule              string // name and version of the rule
	Why               string // of a reversal or a void one, finished sentence
	Due               time.Time
}

// AgentApply is how somebody becomes an agent. Its fields are about and agree.
type AgentApply struct {
	Frame    part.Frame
	Markets  []part.Option // field market
	State    string        // empty, "applied", "refused", "active", "suspended"
	Why      string        // of a refusal
	Form     part.Form     // Action part.ApplyWay
	Rate     int64         // the default rate, basis points
	Low      int64
	High     int64
	Currency string
}

func (v AgentDesk) goal() string {
	r := v.Frame.Reader
	switch {
	case v.Earned >= v.High && v.High > 0:
		return r.T("agent.above", "high", r.Round(v.High, v.Currency))
	case v.Earned >= v.Low:
		return r.T("agent.inside", "low", r.Round(v.Low, v.Currency), "high", r.Round(v.High, v.Currency))
	}
	return r.T("agent.below", "missing", r.Round(v.Low-v.Earned, v.Currency), "low", r.Round(v.Low, v.Currency))
}

func (v AgentDesk) chart() part.Chart {
	r := v.Frame.Reader
	return part.Chart{
		Title:    r.T("agent.chart", "low", r.Round(v.Low, v.Currency), "high", r.Round(v.High, v.Currency)),
		Currency: v.Currency, Months: v.Months, Low: v.Low, High: v.High,
	}
}

// shortLink is the link as one reads it out.
func (v AgentDesk) shortLink() string {
	_, link, found := strings.Cut(v.Link, "://")
	if !found {
		return v.Link
	}
	return link
}

func (v AgentDesk) when(s CommissionState) string {
	if s.Due.IsZero() {
		return ""
	}
	if s.State == "paid" || s.State == "void" {
		return v.Frame.Reader.Day(s.Due)
	}
	return v.Frame.T("commission.latest", "day", v.Frame.Reader.Day(s.Due))
}

// reckoned is how an entry came about: base, rate and rule.
func (v AgentDesk) reckoned(e Entry) []part.Fact {
	r := v.Frame.Reader
	facts := []part.Fact{
		{Name: r.T("entry.order"), Value: e.Number, Href: e.OrderHref},
		{Name: r.T("entry.goods"), Value: e.Goods},
		{Name: r.T("entry.base"), Value: r.Money(e.Base, v.Currency)},
		{Name: r.T("entry.rate"), Value: r.Percent(e.Rate)},
		{Name: r.T("entry.rule"), Value: e.Rule},
		{Name: r.T("entry.minor"), Value: r.Money(e.Minor, v.Currency)},
	}
	if !e.Due.IsZero() {
		facts = append(facts, part.Fact{Name: r.T("entry.due"), Value: r.Day(e.Due)})
	}
	if e.Why != "" {
		facts = append(facts, part.Fact{Name: r.T("entry.why"), Value: e.Why})
	}
	return facts
}

func (v AgentApply) kind() string {
	if v.State == "active" {
		return "good"
	}
	if v.State == "applied" {
		return ""
	}
	return "wait"
}

func (v AgentApply) stateText() string {
	if v.Why != "" {
		return v.Why
	}
	return v.Frame.T("apply.state_text." + v.State)
}

func (v AgentDesk) byState() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{
		Caption: r.T("agent.where"), Ledger: true,
		Cols: []part.Col{{Label: r.T("commission.state")}, {Label: r.T("commission.waits")}, {Label: r.T("commission.day")}, {Label: r.T("commission.sum"), Num: true}},
	}
	var sum int64
	for _, s := range v.States {
		t.Rows = append(t.Rows, []templ.Component{
			moneyState(v.Frame, s.State), part.Text(r.T("commission_waits."+s.State, "count", s.Count)),
			part.Text(v.when(s)), part.Amount(v.Frame, s.Minor, v.Currency),
		})
		if s.State != "estimated" && s.State != "void" {
			sum += s.Minor
		}
	}
	t.Foot = []templ.Component{part.Text(r.T("commission.together")), nil, nil, part.Amount(v.Frame, sum, v.Currency)}
	return t
}
