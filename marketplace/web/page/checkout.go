package page

import (
	"slices"

	"commonfield/marketplace/web/part"
	"commonfield/storage/id"
)

// Checkout is where goods of one market, or of several, are confirmed: what,
// where to, how paid. The fields of its form are name, phone, place, street, note, code, pay,
// band ("yes") and, hidden, total and line (once per line, CheckoutLine.Token).
type Checkout struct {
	Frame    part.Frame
	Parcels  []Parcel
	Goods    int64
	Delivery int64
	Total    int64
	Currency string
	Parts    part.Parts
	Form     part.Form // Action is part.CheckoutWay
	Ways     []Way
	Agent    string   // whose link brought the buyer
	Changed  *Changed // the total is another one than the buyer saw
	Sold     []Sold   // what somebody else has just bought
	Blocked  bool     // nothing can be bought as it stands
	Weighed  bool     // a line is settled by its packed weight
	Band     int64    // by how much it may differ, basis points
	Back     string   // to change the quantities
	Markets  int      // over how many they are

	ByPlace   bool          // a delivery is reckoned by the province: it is asked for
	Unplaced  bool          // and is not chosen yet
	Reckoned  string        // for which one the total was reckoned
	Provinces []part.Option // to choose from
	Besides   []part.Row    // what else is taken off or comes on top
	Kept      bool          // they come from the basket
	Fetched   bool          // the buyer comes for all of it: nothing is sent
}

// Parcel is what one seller sends.
type Parcel struct {
	ID            id.ID // of the seller
	Market        string
	Seller, Place string
	Lines         []CheckoutLine
	Delivery      int64
	Point         *Pickup // where the buyer may come for it instead
}

// Comes is the field by which the buyer says that they come for a parcel.
func (p Parcel) Comes() string { return ComesFor + p.ID.String() }

// ComesFor begins the names of such fields.
const ComesFor = "comes."

// CheckoutLine is a line before it is ordered. Token goes into the form.
type CheckoutLine struct {
	Token, Title, Href string
	Picture            part.Picture
	Base               int64
	Unit               string
	Price, Minor       int64
	Was                int64 // what a unit cost when it was put aside; 0: the same
	SoldOut            bool
}

// Way is a way to pay: "card", "transfer" or "cash".
type Way struct {
	Code string
	Off  bool   // the market or a seller does not take it
	Note string // finished; else the way's own
}

// Changed are the totals before and now.
type Changed struct{ Old, New int64 }

// Sold is a line of which less is left than was asked for.
type Sold struct {
	Title string
	Left  int64
	Unit  string
}

func (v Checkout) ways() []part.Option {
	var out []part.Option
	for _, w := range v.Ways {
		o := part.Option{Value: w.Code, Off: w.Off, Label: v.Frame.Reader.T("pay." + w.Code), Note: v.Frame.Reader.T("pay." + w.Code + "_note")}
		if w.Off {
			o.Note = v.Frame.T("pay.off")
		}
		if w.Note != "" {
			o.Note = w.Note
		}
		out = append(out, o)
	}
	return out
}

// town is the box for the place; the province is not asked for twice.
func (v Checkout) town() part.Input {
	r := v.Frame.Reader
	if v.ByPlace {
		return part.Input{Name: "place", Label: r.T("checkout.place_within"), Holder: r.T("checkout.place_within_example"), Auto: "address-level2", Max: 80}
	}
	return part.Input{Name: "place", Label: r.T("checkout.place"), Holder: r.T("checkout.place_example"), Auto: "address-level1", Max: 80}
}

// comesTo says where a parcel is picked up, and when.
func (v Checkout) comesTo(p Parcel) string {
	at := p.Point.Address
	if p.Point.Hours != "" {
		at += " · " + v.Frame.T("order.pickup_hours", "hours", p.Point.Hours)
	}
	return at
}

// nameWord asks for whoever receives the goods, or comes for them.
func (v Checkout) nameWord() string {
	if v.Fetched {
		return v.Frame.T("checkout.fetcher")
	}
	return v.Frame.T("checkout.name")
}

// firstWay is chosen until the buyer chooses another.
func (v Checkout) firstWay() string {
	for _, w := range v.Ways {
		if !w.Off {
			return w.Code
		}
	}
	return ""
}

func (v Checkout) rows() []part.Row {
	rows := []part.Row{{Label: v.Frame.T("checkout.goods"), Minor: v.Goods}}
	rows = append(rows, v.Besides...)
	if v.Delivery > 0 {
		rows = append(rows, part.Row{Label: v.Frame.T("checkout.delivery"), Minor: v.Delivery})
	}
	return append(rows, part.Row{Label: v.Frame.T("checkout.total"), Minor: v.Total, Total: true})
}

func (v Checkout) item(l CheckoutLine) part.Item {
	r := v.Frame.Reader
	return part.Item{
		Title: l.Title, Href: l.Href, Picture: l.Picture, Minor: l.Minor, Currency: v.Currency,
		Count: r.Both(l.Base, l.Unit), Each: r.Per(l.Price, v.Currency, l.Unit),
	}
}

func (v Checkout) parcelHead(i int) string {
	p := v.Parcels[i]
	who := p.Seller
	if p.Place != "" {
		who = v.Frame.T("checkout.from", "place", p.Place, "name", p.Seller)
	}
	if len(v.Parcels) == 1 {
		return who
	}
	return v.Frame.T("checkout.parcel", "n", i+1, "who", who)
}

// places is how many sellers there are, and over how many markets.
func (v Checkout) places() string {
	if v.Markets > 1 {
		return v.Frame.T("checkout.markets", "count", len(v.Parcels), "markets", v.Markets)
	}
	return v.Frame.T("checkout.sellers", "count", len(v.Parcels))
}

func (v Checkout) button() string {
	sum := v.Frame.Reader.Money(v.Total, v.Currency)
	if v.Unplaced {
		return v.Frame.T("checkout.reckon")
	}
	if v.Changed != nil {
		return v.Frame.T("checkout.pay_new", "sum", sum)
	}
	if v.onDelivery() {
		return v.Frame.T("checkout.order", "sum", sum) // what is chosen, the button does not know
	}
	return v.Frame.T("checkout.pay", "sum", sum)
}

// onDelivery says whether it may be paid when it arrives.
func (v Checkout) onDelivery() bool {
	return slices.ContainsFunc(v.Ways, func(w Way) bool { return w.Code == "cash" && !w.Off })
}

func (v Checkout) soldText() string {
	var out string
	for _, s := range v.Sold {
		if out != "" {
			out += "\n"
		}
		if s.Left > 0 {
			out += v.Frame.T("checkout.sold_left", "title", s.Title, "left", v.Frame.Reader.Both(s.Left, s.Unit))
			continue
		}
		out += v.Frame.T("checkout.sold_all", "title", s.Title)
	}
	return out
}

func (v Checkout) codeHint() string {
	if v.Agent != "" {
		return v.Frame.T("checkout.code_agent", "agent", v.Agent)
	}
	return v.Frame.T("checkout.code_hint")
}
