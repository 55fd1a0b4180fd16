package page

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Packing is everything that is to be packed, by the day it must be ready: what
// to take out of the barn, and a slip to weigh each order by. It is made to be
// printed.
type Packing struct {
	Frame       part.Frame
	Name, Place string
	Count       int
	Days        []PackDay
	LabelsHref  string
}

// PackDay is what must be ready on one day.
type PackDay struct {
	Day    time.Time
	Totals []PackLine // Ordered is the sum
	Orders []PackOrder
}

// PackOrder is one order as a packer needs it. Code is what its square code opens.
type PackOrder struct {
	Number, Href   string
	Buyer, Phone   string
	Address, Place string
	Note           string // the buyer's word to the seller
	Parcel         string // "parcel 1 of 2", where there are several
	Carried        string // by whom and under which number, once handed over
	Pickup         string // where its buyer picks it up; empty: it is sent
	Cash           string // what is to be collected; empty: it is paid
	Due            time.Time
	Code           string
	Lines          []PackLine
}

// Labels are one for each parcel.
type Labels struct {
	Frame        part.Frame
	Sender, From string
	Parcels      []PackOrder
	PackingHref  string
}

// Add puts an order to its day, and its goods to the day's totals.
func (d *PackDay) Add(o PackOrder) {
	d.Orders = append(d.Orders, o)
	for _, l := range o.Lines {
		d.total(l)
	}
}

func (d *PackDay) total(l PackLine) {
	for i := range d.Totals {
		if t := &d.Totals[i]; t.Goods == l.Goods && t.Title == l.Title && t.Unit == l.Unit {
			t.Ordered += l.Ordered
			return
		}
	}
	d.Totals = append(d.Totals, l)
}

func (v Packing) day(d PackDay) string {
	if d.Day.IsZero() {
		return v.Frame.T("packing.no_day")
	}
	return v.Frame.T("packing.day", "day", v.Frame.Reader.Day(d.Day))
}

func (v Packing) take(d PackDay) part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("packing.take"), Stays: true, Cols: []part.Col{{Label: r.T("stock.goods")}, {Label: r.T("packing.together"), Num: true}, {Label: r.T("packing.taken")}}}
	for _, l := range d.Totals {
		t.Rows = append(t.Rows, []templ.Component{part.Text(l.Title), part.Text(r.Both(l.Ordered, l.Unit)), blank()})
	}
	return t
}

func (v Packing) slip(o PackOrder) part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("packing.slip") + " " + o.Number, Stays: true, Cols: []part.Col{{Label: r.T("stock.goods")}, {Label: r.T("pack.ordered"), Num: true}, {Label: r.T("pack.may"), Num: true}, {Label: r.T("pack.packed"), Num: true}}}
	for _, l := range o.Lines {
		weighed := blank()
		if l.Packed >= 0 {
			weighed = part.Text(r.Quantity(l.Packed, l.Unit))
		}
		t.Rows = append(t.Rows, []templ.Component{part.Text(l.Title), part.Text(r.Quantity(l.Ordered, l.Unit)), part.Text(may(v.Frame, l)), weighed})
	}
	return t
}

// may is between which weights a line may lie.
func may(f part.Frame, l PackLine) string {
	if l.Low == l.High {
		return f.T("packing.exactly")
	}
	return f.Reader.Amount(l.Low, l.Unit) + "–" + f.Reader.Quantity(l.High, l.Unit)
}

// what is in a parcel, in one line.
func (v Labels) what(o PackOrder) string {
	var words []string
	for _, l := range o.Lines {
		quantity := l.Ordered
		if l.Packed >= 0 {
			quantity = l.Packed
		}
		words = append(words, l.Title+" "+v.Frame.Reader.Quantity(quantity, l.Unit))
	}
	return strings.Join(words, v.Frame.T("word.comma"))
}
