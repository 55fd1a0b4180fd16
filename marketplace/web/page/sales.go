package page

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Sales are what a market sold month by month, and one of the months by category,
// by producer and by agent.
type Sales struct {
	Frame     part.Frame
	Books     string
	Currency  string
	Months    []SalesMonth // the newest first
	Next      string
	Of        time.Time // the month that is shown; zero: nothing was sold yet
	Runs      bool      // its sums are not final
	Sum       SalesRow
	CSV, Book string
	Category  []SalesRow
	Producer  []SalesRow
	Agent     []SalesRow
	Most      int // how many producers and agents are shown
}

// SalesMonth is one line of the list.
type SalesMonth struct {
	Href  string
	First time.Time
	Runs  bool
	SalesRow
}

// SalesRow is what was sold of something.
type SalesRow struct {
	Name                          string
	Count                         int64
	Sold, Producers, Agents, Rest int64
}

// chart shows at most a year, the oldest first.
func (v Sales) chart() part.Chart {
	c := part.Chart{Title: v.Frame.T("sales.chart"), Currency: v.Currency, Sums: v.Frame.T("sales.sold")}
	for i := min(len(v.Months), 12) - 1; i >= 0; i-- {
		c.Months = append(c.Months, part.Month{At: v.Months[i].First, Minor: v.Months[i].Sold})
	}
	return c
}

func (v Sales) word() string { return v.Frame.Reader.MonthYear(v.Of) }

func (v Sales) head(first, count string, rest bool) part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Ledger: true, Cols: []part.Col{{Label: first}, {Label: count, Num: true}, {Label: r.T("sales.producers"), Num: true}, {Label: r.T("sales.agents"), Num: true}}}
	if rest {
		t.Cols = append(t.Cols, part.Col{Label: r.T("sales.rest"), Num: true})
	}
	t.Cols = append(t.Cols, part.Col{Label: r.T("sales.sold"), Num: true})
	return t
}

func (v Sales) line(first templ.Component, s SalesRow, rest bool) []templ.Component {
	cells := []templ.Component{first, part.Text(v.Frame.Reader.Count(s.Count)), part.Amount(v.Frame, s.Producers, v.Currency), part.Amount(v.Frame, s.Agents, v.Currency)}
	if rest {
		cells = append(cells, part.Amount(v.Frame, s.Rest, v.Currency))
	}
	return append(cells, part.Amount(v.Frame, s.Sold, v.Currency))
}

func (v Sales) list() part.Sheet {
	r := v.Frame.Reader
	t := v.head(r.T("statement.month"), r.T("sales.count_category"), true)
	t.Caption = r.T("sales.title")
	for _, m := range v.Months {
		second := ""
		if m.Runs {
			second = r.T("statement.runs")
		}
		t.Rows = append(t.Rows, v.line(part.Link(m.Href, r.MonthYear(m.First), second), m.SalesRow, true))
	}
	return t
}

func (v Sales) categories() part.Sheet {
	r := v.Frame.Reader
	t := v.head(r.T("sales.category"), r.T("sales.count_category"), true)
	t.Caption = r.T("sales.by_category")
	for _, s := range v.Category {
		t.Rows = append(t.Rows, v.line(part.Text(s.Name), s, true))
	}
	t.Foot = v.line(part.Text(r.T("journal.total")), v.Sum, true)
	return t
}

// people are producers or agents: what each got of what was sold.
func (v Sales) people(of string, rows []SalesRow) part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("sales.by_" + of), Ledger: true, Cols: []part.Col{{Label: r.T("sales." + of)}, {Label: r.T("sales.count_" + of), Num: true}, {Label: r.T("sales.got"), Num: true}, {Label: r.T("sales.sold"), Num: true}}}
	for _, s := range rows {
		t.Rows = append(t.Rows, []templ.Component{part.Text(s.Name), part.Text(r.Count(s.Count)), part.Amount(v.Frame, s.Producers+s.Agents, v.Currency), part.Amount(v.Frame, s.Sold, v.Currency)})
	}
	return t
}
