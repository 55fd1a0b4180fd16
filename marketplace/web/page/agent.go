package page

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// AgentDesk is what this month earned, what needs the agent now, what waits
// where, and what came of the links.
type AgentDesk struct {
	Frame         part.Frame
	Name          string
	Place         string
	State         string // "active", "suspended", "applied"
	Link          string // whole address of the short link
	Code          string
	Earned        int64 // this month
	Expected      int64 // still open this month
	Low, High     int64 // the goal
	Months        []part.Month
	States        []CommissionState
	Currency      string
	Window        int64 // days that a link counts
	NoBank        bool
	Clicks        int64 // this month
	Orders        int64
	Paid          int64
	Best          []BestGoods
	Unpaid        []OrderRow // their buyers have not paid yet
	OnShelf       int
	Talks         int // with something unread
	Gone          int // goods of the shelf that are not for sale any more
	StatementHref string
	Holds         int64 // cash of the market
	ToCollect     int   // orders that are paid to them on delivery
	ToHandOver    int   // payees who come for it
	CashHref      string
}

// BestGoods are goods that sold well this month; Minor is what they brought the agent.
type BestGoods struct {
	Title   string
	Picture part.Picture
	Orders  int64
	Minor   int64
}

// AgentEntries is every entry, and how much lies where.
type AgentEntries struct {
	Frame          part.Frame
	States         []CommissionState
	Entries        []Entry
	Next           string
	StatementsHref string
	Currency       string
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

// goal holds what was earned against what others earned; nothing where that is not known.
func (v AgentDesk) goal() string {
	r := v.Frame.Reader
	switch {
	case v.High == 0:
		return ""
	case v.Earned >= v.High:
		return r.T("agent.above", "high", r.Round(v.High, v.Currency))
	case v.Earned >= v.Low:
		return r.T("agent.inside", "low", r.Round(v.Low, v.Currency), "high", r.Round(v.High, v.Currency))
	}
	return r.T("agent.below", "missing", r.Round(v.Low-v.Earned, v.Currency), "low", r.Round(v.Low, v.Currency))
}

func (v AgentDesk) chart() part.Chart {
	r := v.Frame.Reader
	title := r.T("agent.chart", "low", r.Round(v.Low, v.Currency), "high", r.Round(v.High, v.Currency))
	if v.High == 0 {
		title = r.T("agent.chart_plain")
	}
	return part.Chart{
		Title:    title,
		Currency: v.Currency, Months: v.Months, Low: v.Low, High: v.High,
	}
}

// todos are what needs the agent now.
func (v AgentDesk) todos() []part.Todo {
	r := v.Frame.Reader
	var out []part.Todo
	if v.NoBank {
		out = append(out, part.Todo{Title: r.T("account.bank_missing"), Text: r.T("account.bank_missing_text"), Word: r.T("account.bank_add"), Href: part.AccountWay + "#bank-account"})
	}
	if v.Talks > 0 {
		out = append(out, part.Todo{Title: r.T("producer.talks", "count", v.Talks), Text: r.T("agent.talks_text"), Word: r.T("producer.talks_word"), Href: part.MessagesWay})
	}
	if v.ToCollect > 0 {
		out = append(out, part.Todo{Title: r.T("cash.collect_todo", "count", v.ToCollect), Text: r.T("cash.collect_text"), Word: r.T("cash.todo_word"), Href: v.CashHref})
	}
	if v.ToHandOver > 0 || v.Holds > 0 {
		out = append(out, part.Todo{Title: r.T("cash.todo", "sum", r.Money(v.Holds, v.Currency)), Text: r.T("cash.todo_text", "count", v.ToHandOver), Word: r.T("cash.todo_word"), Href: v.CashHref})
	}
	for _, o := range v.Unpaid {
		t := part.Todo{Title: r.T("agent.unpaid", "number", o.Number), Text: o.title(v.Frame) + " · " + r.Money(o.Sum, o.Currency), Word: r.T("agent.unpaid_word"), Href: o.Href}
		if !o.Due.IsZero() {
			t.Until, t.Urgent = r.T("producer.by", "due", r.Due(o.Due)), r.Urgent(o.Due)
		}
		out = append(out, t)
	}
	if v.Gone > 0 {
		out = append(out, part.Todo{Title: r.T("agent.gone", "count", v.Gone), Text: r.T("agent.gone_text"), Word: r.T("agent.gone_word"), Href: part.AgentShelfWay})
	}
	if v.OnShelf == 0 {
		out = append(out, part.Todo{Title: r.T("agent.no_shelf"), Text: r.T("agent.no_shelf_text"), Word: r.T("agent.no_shelf_word"), Href: part.AgentShelfWay})
	}
	if len(out) > 0 {
		out[0].First = true
	}
	return out
}

// step is one bar of the funnel: a word, its number, how it stands to the one
// before, and its length.
type step struct{ Word, Said, Class, Width, Y, Bar, Text string }

func (v AgentDesk) funnel() []step {
	r := v.Frame.Reader
	most := max(v.Clicks, v.Orders, v.Paid, 1)
	numbers := []int64{v.Clicks, v.Orders, v.Paid}
	var out []step
	for i, n := range numbers {
		s := step{Word: r.T([]string{"funnel.clicks", "funnel.orders", "funnel.paid"}[i]), Said: r.Count(n), Class: "c-straw", Width: share(n, most)}
		if i == 2 {
			s.Class = "c-leaf"
		}
		if i == 1 && v.Orders > 0 && v.Clicks >= v.Orders {
			s.Said = r.T("funnel.one_in", "n", n, "of", (v.Clicks+v.Orders/2)/v.Orders)
		}
		if i == 2 && v.Orders > 0 {
			s.Said = r.T("funnel.share", "n", n, "share", r.Percent(10_000*v.Paid/v.Orders/100*100))
		}
		s.Text, s.Y, s.Bar = strconv.Itoa(14+52*i), strconv.Itoa(22+52*i), "14"
		out = append(out, s)
	}
	return out
}

// share is a length in hundredths of a per cent.
func share(n, of int64) string {
	p := 10_000 * n / of
	return strconv.FormatInt(p/100, 10) + "." + strconv.FormatInt(100+p%100, 10)[1:] + "%"
}

func when(f part.Frame, s CommissionState) string {
	if s.Due.IsZero() {
		return ""
	}
	if s.State == "paid" || s.State == "void" {
		return f.Reader.Day(s.Due)
	}
	return f.T("commission.latest", "day", f.Reader.Day(s.Due))
}

// reckoned is how an entry came about: base, rate and rule.
func reckoned(f part.Frame, e Entry, currency string) []part.Fact {
	r := f.Reader
	facts := []part.Fact{
		{Name: r.T("entry.order"), Value: e.Number, Href: e.OrderHref},
		{Name: r.T("entry.goods"), Value: e.Goods},
		{Name: r.T("entry.base"), Value: r.Money(e.Base, currency)},
		{Name: r.T("entry.rate"), Value: r.Percent(e.Rate)},
		{Name: r.T("entry.rule"), Value: e.Rule},
		{Name: r.T("entry.minor"), Value: r.Money(e.Minor, currency)},
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

func byState(f part.Frame, states []CommissionState, currency string) part.Sheet {
	r := f.Reader
	t := part.Sheet{
		Caption: r.T("agent.where"), Ledger: true,
		Cols: []part.Col{{Label: r.T("commission.state")}, {Label: r.T("commission.waits"), Plain: true}, {Label: r.T("commission.day"), Plain: true}, {Label: r.T("commission.sum"), Num: true}},
	}
	var sum int64
	for _, s := range states {
		t.Rows = append(t.Rows, []templ.Component{
			moneyState(f, s.State), part.Text(r.T("commission_waits."+s.State, "count", s.Count)),
			part.Text(when(f, s)), part.Amount(f, s.Minor, currency),
		})
		if s.State != "estimated" && s.State != "void" {
			sum += s.Minor
		}
	}
	t.Foot = []templ.Component{part.Text(r.T("commission.together")), nil, nil, part.Amount(f, sum, currency)}
	return t
}
