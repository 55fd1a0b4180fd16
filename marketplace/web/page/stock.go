package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Stock is what lies in the barn of one listing: its batches, goods that come
// in, corrections, and whether it is for sale. The fields of Receive are
// quantity, harvest_on, grade and place; of a batch's form batch, quantity (what
// was counted) and why; the buttons of Moves send to.
type Stock struct {
	Frame    part.Frame
	Title    string
	EditHref string
	State    string
	Unit     string
	OnHand   int64
	Reserved int64
	Batches  []Batch
	Receive  part.Form
	Moves    part.Form // Action of the buttons
	Publish  string    // keys of the buttons; empty: not possible now
	Pause    string
	Archive  string
}

// Batch is goods of one harvest, place and grade.
type Batch struct {
	ID, Grade, Place string
	HarvestOn        time.Time
	At               time.Time
	OnHand, Reserved int64
	Form             part.Form // of its correction
	Moves            []StockMove
}

// StockMove is what happened to a batch, the newest first.
type StockMove struct {
	Kind     string // under "stock_moves."
	Quantity int64  // signed
	Why      string
	Href     string // of the order that it was for
	At       time.Time
}

// signed writes a quantity with what it did.
func (v Stock) signed(m StockMove) string {
	q := v.Frame.Reader.Quantity(m.Quantity, v.Unit)
	if m.Quantity > 0 {
		return "+" + q
	}
	return q
}

func (v Stock) stats() []part.Stat {
	r := v.Frame.Reader
	return []part.Stat{
		{Label: r.T("stock.on_hand"), Value: r.Quantity(v.OnHand, v.Unit)},
		{Label: r.T("stock.reserved"), Value: r.Quantity(v.Reserved, v.Unit)},
		{Label: r.T("stock.free"), Value: r.Quantity(v.OnHand-v.Reserved, v.Unit)},
	}
}

func (v Stock) facts(b Batch) []part.Fact {
	r := v.Frame.Reader
	facts := []part.Fact{{Name: r.T("barn.came"), Value: r.Date(b.At)}}
	if !b.HarvestOn.IsZero() {
		facts = append(facts, part.Fact{Name: r.T("barn.harvest"), Value: r.Date(b.HarvestOn)})
	}
	if b.Grade != "" {
		facts = append(facts, part.Fact{Name: r.T("barn.grade"), Value: b.Grade})
	}
	if b.Place != "" {
		facts = append(facts, part.Fact{Name: r.T("barn.place"), Value: b.Place})
	}
	return append(facts,
		part.Fact{Name: r.T("stock.on_hand"), Value: r.Quantity(b.OnHand, v.Unit)},
		part.Fact{Name: r.T("stock.reserved"), Value: r.Quantity(b.Reserved, v.Unit)})
}
