package page

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Pack is where the final weights are written down. The field of a line is
// called "weight." + its ID, in the line's unit.
type Pack struct {
	Frame      part.Frame
	Market, ID string
	Number     string
	Cash       bool // it is paid when it arrives
	Buyer      string
	Place      string
	Band       int64 // basis points
	Lines      []PackLine
	Form       part.Form // Action part.MoveWay(market, id, "pack")
	Until      string    // by when it is to be sent, and what follows else
	Urgent     bool
	Seller     string
	Currency   string
}

// PackLine is what was ordered and between which weights it may lie. A line that
// is counted has Low and High equal to Ordered.
type PackLine struct {
	ID, Title          string
	Unit               string
	Ordered, Low, High int64
	Price              int64
	Goods              string // of which listing, to add up what leaves the barn
	Packed             int64  // below zero: not weighed yet
}

// Ship hands the packed order to a carrier. Its fields are carrier and number.
type Ship struct {
	Frame      part.Frame
	Market, ID string
	Number     string
	Cash       bool // it is paid when it arrives
	Buyer      string
	Address    string
	Note       string
	Phone      string
	Lines      []string     // finished: "Walnuts, 9.8 jin"
	Sends      []part.Input // how much of each line goes into this parcel: "send." + its number; "left." + it is what stood there
	Carriers   []part.Option
	Form       part.Form // Action part.MoveWay(market, id, "ship")
	Until      string    // by when it is to be sent, and what follows else
	Urgent     bool
}

func (v Pack) input(l PackLine) part.Input {
	r := v.Frame.Reader
	hint := r.T("pack.exact")
	if l.Low != l.High {
		hint = r.T("pack.between", "ordered", r.Both(l.Ordered, l.Unit), "low", r.Amount(l.Low, l.Unit), "high", r.Quantity(l.High, l.Unit))
	}
	return part.Input{
		Name: "weight." + l.ID, Label: l.Title, Mode: "decimal", Unit: r.UnitOf(l.Ordered, l.Unit), Hint: hint,
		Holder: r.Amount(l.Ordered, l.Unit), Max: 12,
	}
}

func (v Pack) printed() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{
		Caption: r.T("pack.list"), Stays: true,
		Cols: []part.Col{{Label: r.T("stock.goods")}, {Label: r.T("pack.ordered"), Num: true}, {Label: r.T("pack.may"), Num: true}, {Label: r.T("pack.packed"), Num: true}},
	}
	for _, l := range v.Lines {
		may := r.Quantity(l.High, l.Unit)
		if l.Low != l.High {
			may = r.Amount(l.Low, l.Unit) + "–" + may
		}
		t.Rows = append(t.Rows, []templ.Component{
			part.Text(l.Title), part.Text(r.Quantity(l.Ordered, l.Unit)),
			part.Text(may), part.Text("　　　　　"),
		})
	}
	return t
}
