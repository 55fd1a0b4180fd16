package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Listing is one of the goods, with what a quantity of it costs and who
// receives what.
type Listing struct {
	Frame         part.Frame
	Market, ID    string
	Title, Story  string
	Category      string // name in the reader's language
	CategoryCode  string
	Place         string
	Pictures      []part.Picture
	Price         int64 // for one unit
	Currency      string
	Unit          string // unit of the price
	Stock         int64  // still for sale, in base units
	Minimum       int64  // in base units
	Band          int64  // packed weight may differ by so much, basis points; 0 for counted goods
	Live          bool   // false: paused, not yet live, or archived
	Preview       bool   // nobody buys here; what stands before the page says how the goods stand
	Harvest       time.Time
	Facts         []part.Fact // grade, size … in the reader's language
	Units         []string    // units one may order in, the listing's first
	Quantity      string      // what stands in the field
	QuantityUnit  string
	QuantityFault string // sentence
	Base          int64  // the quantity in base units
	Minor         int64  // its price, without delivery
	Delivery      int64
	Parts         part.Parts // how Minor and Delivery are shared
	Quick         []Quick    // a few quantities and what they cost
	ReturnDays    int64
	Producer      Someone
	Agent         Someone // by whose link or mandate; Name empty for none
	AgentMinor    int64   // what the agent receives of this
	EditHref      string  // for its own producer
	HeldHref      string  // the reader's own order that holds the last of it, not paid yet
}

// Quick is a quantity that one press chooses.
type Quick struct{ Base, Minor int64 }

func (v *Listing) sold() bool { return v.Stock < max(v.Minimum, 1) }

func (v *Listing) way() string { return part.ListingWay(v.Market, v.ID) }

func (v *Listing) quickHref(q Quick) string {
	return link(v.way(), "quantity", v.Frame.Reader.Amount(q.Base, v.Unit), "unit", v.Unit) + "#buy"
}

func (v *Listing) facts() []part.Fact {
	r := v.Frame.Reader
	facts := append([]part.Fact(nil), v.Facts...)
	if !v.Harvest.IsZero() {
		facts = append(facts, part.Fact{Name: r.T("listing.harvest"), Value: r.Date(v.Harvest)})
	}
	facts = append(facts, part.Fact{Name: r.T("listing.place"), Value: v.Place})
	if v.Minimum > 0 {
		facts = append(facts, part.Fact{Name: r.T("listing.minimum"), Value: r.Both(v.Minimum, v.Unit)})
	}
	if v.Band > 0 {
		facts = append(facts, part.Fact{Name: r.T("listing.band"), Value: r.T("listing.band_value", "band", r.Percent(v.Band))})
	}
	return facts
}

func (v *Listing) head() part.Head {
	r := v.Frame.Reader
	h := part.Head{
		Title: v.Title, About: r.T("listing.about", "price", r.Per(v.Price, v.Currency, v.Unit), "place", v.Place, "name", v.Producer.Name),
		Image: frontPicture(v.Pictures).URL, Here: "goods", Bar: v.Live && !v.sold(), Product: &part.Product{Price: r.Typed(v.Price, v.Currency), Currency: v.Currency},
	}
	if v.Live {
		h.Way = v.way()
	}
	return h
}

// availability is how schema.org says whether the goods can be bought now.
func (v *Listing) availability() string {
	if !v.Live || v.sold() {
		return "https://schema.org/OutOfStock"
	}
	return "https://schema.org/InStock"
}

// perKilogram is the price of a kilogram, for units of fixed weight.
func (v *Listing) perKilogram() int64 {
	if v.Unit == "dan" {
		return (v.Price + 25) / 50
	}
	return v.Price * 2
}

func (v *Listing) stockNote() string {
	r := v.Frame.Reader
	note := r.T("listing.stock", "left", r.Both(v.Stock, v.Unit))
	if v.Band > 0 {
		note += r.T("listing.stock_band")
	}
	return note
}
