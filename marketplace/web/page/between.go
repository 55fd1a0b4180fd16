package page

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Between is how a market stands with others, and the form that books what it has
// paid one of them: to, sum and reference.
type Between struct {
	Frame    part.Frame
	Rows     []BetweenRow
	Currency string
	Form     part.Form
}

// BetweenRow is one other market. Owes below zero is what this market has with it.
type BetweenRow struct {
	Market     string // its number
	Name, Href string // Href: the account in the books
	Owes, Paid int64
}

// owing are the markets that something can be paid to.
func (v Between) owing() []part.Option {
	var out []part.Option
	for _, row := range v.Rows {
		if row.Owes > 0 {
			out = append(out, part.Option{Value: row.Market, Label: v.Frame.T("between.to_whom", "market", row.Name, "sum", v.Frame.Reader.Money(row.Owes, v.Currency))})
		}
	}
	return out
}

func (v Between) table() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("between.title"), Cols: []part.Col{{Label: r.T("between.market")}, {Label: r.T("between.owes"), Num: true}, {Label: r.T("between.has"), Num: true}, {Label: r.T("between.paid"), Num: true}}}
	for _, row := range v.Rows {
		t.Rows = append(t.Rows, []templ.Component{part.Link(row.Href, row.Name, ""),
			part.Text(r.Money(max(row.Owes, 0), v.Currency)), part.Text(r.Money(max(-row.Owes, 0), v.Currency)), part.Text(r.Money(row.Paid, v.Currency))})
	}
	return t
}
