package page

import (
	"commonfield/marketplace/web/part"
)

// BasketPiece is what a script puts in its place when the basket has changed.
const BasketPiece = "basket"

// Basket is what a visitor has put aside, over all markets and sellers. Its
// forms send market, listing and quantity (in the line's unit), or a button's
// step (base units more or less) or take.
type Basket struct {
	Frame    part.Frame
	Markets  []BasketMarket
	Total    int64 // of what can be bought
	Currency string
	Ready    int        // how many lines can be bought
	Stuck    int        // how many cannot, as they stand
	Delivery int64      // to where the last order went
	Besides  []part.Row // what is taken off, or comes on top
	Unplaced bool       // what a delivery costs depends on where it goes
	Foreign  bool       // they are sold in several currencies: one payment is not enough
	Checkout string
	Words    []part.Chip // offered beside an empty basket
}

// BasketMarket is what lies in it of one market.
type BasketMarket struct {
	Name    string
	Sellers []BasketSeller
}

// BasketSeller is what lies in it of one seller.
type BasketSeller struct {
	Name, Place, Href string
	Lines             []BasketLine
}

// BasketLine is one thing in it. Reason is a key under "basket.reason.", empty
// where it can be bought.
type BasketLine struct {
	Market, Listing string
	Title, Href     string
	Picture         part.Picture
	Unit            string
	Base            int64 // how much
	Step            int64 // by how much one press changes it
	Least, Left     int64
	Price, Minor    int64
	Was             int64 // what a unit cost when it was put aside; 0: the same
	Currency        string
	Reason          string
	Similar         string // where something like it is found
	Typed           string // what was refused, as it was typed
	Fault           string // and why
}

// payable says whether one payment is enough for what can be bought: sums of several
// currencies are no sum.
func (v Basket) payable() bool { return v.Ready > 0 && !v.Foreign }

func (v Basket) count() int { return v.Ready + v.Stuck }

// several says whether the basket spans more than one market.
func (v Basket) several() bool { return len(v.Markets) > 1 }

func (v Basket) sellers() int {
	n := 0
	for _, m := range v.Markets {
		n += len(m.Sellers)
	}
	return n
}

func (l BasketLine) id() string { return l.Market + "-" + l.Listing }

func (v Basket) typed(l BasketLine) string {
	if l.Typed != "" {
		return l.Typed
	}
	return v.Frame.Reader.Amount(l.Base, l.Unit)
}

// why says why a line cannot be bought, and what to do.
func (v Basket) why(l BasketLine) string {
	r := v.Frame.Reader
	return r.T("basket.reason."+l.Reason, "left", r.Both(l.Left, l.Unit), "least", r.Both(l.Least, l.Unit), "wanted", r.Both(l.Base, l.Unit))
}

// instead is the quantity that would be right, zero where none is.
func (l BasketLine) instead() int64 {
	switch l.Reason {
	case "short":
		return l.Left
	case "below_minimum":
		return l.Least
	}
	return 0
}

// repricedText says what goods cost when they were put aside, and now.
func repricedText(f part.Frame, was, now int64, currency, unit string) string {
	word := "basket.cheaper"
	if now > was {
		word = "basket.dearer"
	}
	return f.T(word, "was", f.Reader.Per(was, currency, unit), "now", f.Reader.Per(now, currency, unit))
}

func (v Basket) item(l BasketLine) part.Item {
	r := v.Frame.Reader
	i := part.Item{Title: l.Title, Href: l.Href, Picture: l.Picture, Minor: l.Minor, Currency: l.Currency, Count: r.Both(l.Base, l.Unit), Each: r.Per(l.Price, l.Currency, l.Unit)}
	if l.Title == "" {
		i.Title, i.Href, i.Count, i.Each = r.T("basket.nameless"), "", "", "" // nor is a price known
	}
	return i
}

func (v Basket) button() string {
	return v.Frame.T("basket.pay", "sum", v.Frame.Reader.Money(v.Total, v.Currency))
}

func (v Basket) said() string {
	if v.several() {
		return v.Frame.T("basket.over_markets", "count", v.sellers(), "markets", len(v.Markets))
	}
	return v.Frame.T("basket.over_sellers", "count", v.sellers())
}

// rows are the sums by market, or by seller where there is one market.
func (v Basket) rows() []part.Row {
	var rows []part.Row
	for _, m := range v.Markets {
		var of int64
		for _, s := range m.Sellers {
			var seller int64
			for _, l := range s.Lines {
				if l.Reason == "" {
					seller += l.Minor
				}
			}
			if !v.several() && v.sellers() > 1 && seller > 0 {
				rows = append(rows, part.Row{Label: s.Name, Minor: seller})
			}
			of += seller
		}
		if v.several() && of > 0 {
			rows = append(rows, part.Row{Label: m.Name, Minor: of})
		}
	}
	rows = append(rows, v.Besides...)
	if v.Delivery > 0 {
		rows = append(rows, part.Row{Label: v.Frame.T("basket.delivery"), Minor: v.Delivery})
	}
	word := "basket.sum"
	if v.Delivery != 0 || len(v.Besides) > 0 {
		word = "checkout.together" // more than goods
	}
	return append(rows, part.Row{Label: v.Frame.T(word), Minor: v.Total, Total: true})
}
