package page

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/sheet"
	"commonfield/marketplace/web/part"
)

// Paper is a receipt, a statement of sale or a credit note. It is made to be
// printed; its PDF says the same.
type Paper struct {
	Frame     part.Frame
	Sheet     sheet.Sheet
	As        string // AsBuyer, AsSeller or AsOther
	OrderHref string
	Order     string // its number
	PDFHref   string
	Enter     bool // the number of the tax invoice may be entered
	Invoice   string
	Form      part.Form
}

// PaperRow is a paper in the list on an order's page.
type PaperRow struct {
	Href, PDFHref, Number, Kind string
	At                          time.Time
	Minor                       int64
}

func (v Paper) facts() []part.Fact {
	var all []part.Fact
	for _, f := range v.Sheet.Facts {
		all = append(all, part.Fact{Name: f.Label, Value: f.Value})
	}
	return all
}

func (v Paper) table() part.Sheet {
	t := part.Sheet{Caption: v.Sheet.Title, Ledger: len(v.Sheet.Cols) == 2}
	for _, c := range v.Sheet.Cols {
		t.Cols = append(t.Cols, part.Col{Label: c.Label, Num: c.Num})
	}
	for _, r := range v.Sheet.Rows {
		row := []templ.Component{underCell(r.Cells[0], r.Under)}
		for _, cell := range r.Cells[1:] {
			if cell == "" {
				row = append(row, nil)
				continue
			}
			row = append(row, part.Text(cell))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v Paper) desk() part.Desk {
	if v.As == AsSeller {
		return part.Producer
	}
	return ""
}
