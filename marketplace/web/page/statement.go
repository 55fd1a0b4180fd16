package page

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Statement is what somebody earned in one month, for one who is no accountant.
// Sums are signed as they change what is owed.
type Statement struct {
	Frame         part.Frame
	Desk          part.Desk // part.Producer or part.Agent
	Name, Place   string
	Month         time.Time
	Number        string // of a closed month; empty while it runs
	MadeAt        time.Time
	Sales         int64
	Sold          int64
	Opening       int64
	Earned        int64
	Reversed      int64
	Withheld      int64
	Paid          int64
	Returned      int64
	Closing       int64
	Waiting       int64 // parts of the closing, while the month runs
	OnItsWay      int64
	Running       bool
	Backs         []StatementLine // taken back, at most a few
	BacksMore     int64           // how many more
	Lines         []StatementLine
	Payments      []StatementPayment
	Next          string
	BookHref      string
	Earlier       string // addresses of the months beside it
	Later         string
	ListHref      string
	Currency      string
	DeskHref      string
	AllCommission string // the agent's list of entries
}

// StatementLine is one line of a sale, or what was taken back of it.
type StatementLine struct {
	Number, Href string
	Title        string
	At           time.Time
	Base         int64
	Rate         int64 // basis points, of an agent
	RuleHref     string
	Others       int64
	Minor        int64
	Back         bool
	Why          string
}

// StatementPayment is a payout, or one that the bank gave back.
type StatementPayment struct {
	At         time.Time
	Bank, Tail string
	Hand       string // who handed it over in cash; then there is no bank
	Batch      string
	Minor      int64
	Back       bool
	Why        string
}

// Statements is the list of months.
type Statements struct {
	Frame    part.Frame
	Desk     part.Desk
	Months   []StatementRow
	Next     string
	Currency string
	DeskHref string
}

// StatementRow is one of them.
type StatementRow struct {
	Href, BookHref        string
	Month                 time.Time
	Number                string
	Sold, Earned, Closing int64
}

func (v Statement) agent() bool { return v.Desk == part.Agent }

func (v Statement) here() string { return "statements" }

func (v Statement) month() string { return v.Frame.Reader.MonthYear(v.Month) }

func (v Statement) heading() string {
	return v.Frame.T("statement.heading", "name", v.Name, "month", v.month())
}

func (v Statement) say() string {
	r := v.Frame.Reader
	key, owed := "statement.say."+string(v.Desk), v.Closing
	if v.Closing < 0 {
		key, owed = "statement.say.debt", -v.Closing
	}
	return r.T(key, "month", v.month(), "sold", r.Money(v.Sold, v.Currency), "earned", r.Money(v.Earned+v.Reversed, v.Currency),
		"paid", r.Money(-v.Paid-v.Returned, v.Currency), "owed", r.Money(owed, v.Currency))
}

func (v Statement) under() string {
	r := v.Frame.Reader
	if v.Number == "" {
		return r.T("statement.running", "place", v.Place, "day", r.Day(r.Now()))
	}
	return r.T("statement.made", "place", v.Place, "day", r.Day(v.MadeAt), "number", v.Number)
}

func (v Statement) sum(minor int64) templ.Component {
	return part.Amount(v.Frame, minor, v.Currency)
}

// how is the table of how the month's sum came about.
func (v Statement) how() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("statement.how"), Ledger: true, Cols: []part.Col{{Label: r.T("statement.item")}, {Label: r.T("statement.buyer_paid"), Num: true}, {Label: v.middle(), Num: true}, {Label: v.last(), Num: true}}}
	var backBase, backMinor int64
	for _, b := range v.Backs {
		backBase, backMinor = backBase+b.Base, backMinor+b.Minor
	}
	sold := v.Sold - backBase
	row := func(name templ.Component, base, minor int64) {
		middle := v.sum(base - minor)
		if v.agent() {
			middle = part.Text("")
		}
		t.Rows = append(t.Rows, []templ.Component{name, v.sum(base), middle, v.sum(minor)})
	}
	row(part.Text(r.T("statement.sold_orders", "count", v.Sales)), sold, v.Earned+v.Reversed-backMinor)
	for _, b := range v.Backs {
		middle := v.sum(b.Others)
		if v.agent() {
			middle = part.Text(r.Percent(b.Rate))
		}
		t.Rows = append(t.Rows, []templ.Component{backCell(v, b), v.sum(b.Base), middle, v.sum(b.Minor)})
	}
	t.Foot = []templ.Component{part.Text(r.T("statement.total_month", "month", v.month())), v.sum(v.Sold), nil, v.sum(v.Earned + v.Reversed)}
	return t
}

func (v Statement) middle() string {
	if v.agent() {
		return v.Frame.T("statement.rate")
	}
	return v.Frame.T("statement.others")
}

func (v Statement) last() string {
	if v.agent() {
		return v.Frame.T("statement.commission")
	}
	return v.Frame.T("statement.yours")
}

func (v Statement) payments() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("statement.payments"), Ledger: true, Cols: []part.Col{{Label: r.T("statement.day")}, {Label: r.T("statement.to")}, {Label: r.T("statement.batch")}, {Label: r.T("statement.sum"), Num: true}}}
	var sum int64
	for _, p := range v.Payments {
		minor, to := p.Minor, r.T("statement.account", "bank", p.Bank, "tail", p.Tail)
		if p.Hand != "" {
			to = r.T("cash.from", "hand", p.Hand)
		} else if p.Tail == "" {
			to = r.T("transfer.to", "bank", p.Bank)
		}
		if p.Back {
			minor, to = -p.Minor, r.T("statement.returned_by_bank", "why", p.Why)
		}
		sum += minor
		t.Rows = append(t.Rows, []templ.Component{part.Text(r.Day(p.At)), part.Text(to), part.Text(p.Batch), v.sum(minor)})
	}
	t.Foot = []templ.Component{part.Text(r.T("statement.total")), nil, nil, v.sum(sum)}
	return t
}

func (v Statement) lines() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("statement.lines"), Ledger: true, Cols: []part.Col{{Label: r.T("statement.order")}, {Label: r.T("statement.goods")}, {Label: r.T("statement.buyer_paid"), Num: true}, {Label: v.middle(), Num: true}, {Label: v.last(), Num: true}}}
	for _, l := range v.Lines {
		middle := v.sum(l.Others)
		if v.agent() {
			middle = rateCell(v, l)
		}
		t.Rows = append(t.Rows, []templ.Component{part.Link(l.Href, l.Number, r.Day(l.At)), goodsCell(v, l), v.sum(l.Base), middle, v.sum(l.Minor)})
	}
	return t
}

func (v Statement) balance() []part.Row {
	r := v.Frame.Reader
	rows := []part.Row{
		{Label: r.T("statement.opening"), Minor: v.Opening}, {Label: r.T("statement.earned"), Minor: v.Earned},
		{Label: r.T("statement.reversed"), Minor: v.Reversed}, {Label: r.T("statement.withheld"), Minor: v.Withheld}, {Label: r.T("statement.paid"), Minor: v.Paid},
	}
	if v.Returned != 0 {
		rows = append(rows, part.Row{Label: r.T("statement.returned"), Minor: v.Returned})
	}
	if v.Closing < 0 {
		return append(rows, part.Row{Label: r.T("statement.closing_debt"), Minor: v.Closing, Total: true})
	}
	return append(rows, part.Row{Label: r.T("statement.closing"), Minor: v.Closing, Total: true})
}

// parts says where the closing is while the month runs.
func (v Statement) parts() []string {
	if !v.Running || v.Closing <= 0 {
		return nil
	}
	var out []string
	add := func(key string, minor int64) {
		if minor > 0 {
			out = append(out, v.Frame.T(key, "sum", v.Frame.Reader.Money(minor, v.Currency)))
		}
	}
	add("statement.now_waiting", v.Waiting)
	add("statement.now_on_way", v.OnItsWay)
	add("statement.now_open", v.Closing-v.Waiting-v.OnItsWay)
	return out
}

func (v Statements) table() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("statement.list"), Ledger: true, Cols: []part.Col{{Label: r.T("statement.month")}, {Label: r.T("statement.sold"), Num: true}, {Label: r.T("statement.earned"), Num: true}, {Label: r.T("statement.download")}, {Label: r.T("statement.closing"), Num: true}}}
	for _, m := range v.Months {
		second := m.Number
		if second == "" {
			second = r.T("statement.runs")
		}
		t.Rows = append(t.Rows, []templ.Component{
			part.Link(m.Href, r.MonthYear(m.Month), second), part.Amount(v.Frame, m.Sold, v.Currency), part.Amount(v.Frame, m.Earned, v.Currency),
			bookLink(v.Frame, m.BookHref), part.Amount(v.Frame, m.Closing, v.Currency),
		})
	}
	return t
}
