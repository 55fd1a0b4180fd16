package page

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// ProducerDesk begins with what needs the producer now; then orders, goods and
// money.
type ProducerDesk struct {
	Frame    part.Frame
	Name     string
	Waiting  []DeskOrder // what needs the producer, the most urgent first
	Orders   []OrderRow  // the others
	Next     string      // more orders
	Goods    []DeskGoods
	Income   Income
	Currency string
}

// DeskOrder is an order that waits for its seller. State is "secured" (accept),
// "accepted" (pack) or "packed" (ship).
type DeskOrder struct {
	Market, ID, Number string
	Buyer, Place       string
	Goods              string // "10 斤 walnuts, 5 斤 dates"
	State              string
	Mine               int64 // what the producer gets
	Due                time.Time
	Key                string // of the accept form
}

// DeskGoods is one of the producer's listings. State is "draft", "live",
// "paused" or "archived".
type DeskGoods struct {
	Href, EditHref, Title string
	Unit                  string
	OnHand, Reserved      int64
	Price                 int64
	State                 string
}

// Income is a producer's money by where it is.
type Income struct {
	Held, Payable, Sent, Paid int64
	Months                    []part.Month
	NextAt                    time.Time
	NextMinor                 int64
	Tail                      string // last digits of the account
	NoBank                    bool
}

func (v ProducerDesk) title() string {
	if len(v.Waiting) == 0 {
		return v.Frame.T("producer.nothing")
	}
	return v.Frame.T("producer.waiting", "count", len(v.Waiting))
}

func (v ProducerDesk) urgent() part.Standing {
	o, r := v.Waiting[0], v.Frame.Reader
	s := part.Standing{
		Turn: part.You, Whose: r.T("producer.most_urgent"), Second: true, ID: "urgent",
		Say:  r.T("producer."+o.State+".say", "buyer", o.Buyer, "place", o.Place, "goods", o.Goods),
		Next: r.T("producer."+o.State+".next", "sum", r.Money(o.Mine, v.Currency)),
	}
	if !o.Due.IsZero() {
		s.Until, s.Urgent = r.T("until."+o.State, "due", r.Due(o.Due), "left", r.Left(o.Due)), r.Urgent(o.Due)
	}
	return s
}

func (v ProducerDesk) todos() []part.Todo {
	var out []part.Todo
	r := v.Frame.Reader
	for _, o := range v.Waiting[1:] {
		t := part.Todo{
			Title: r.T("producer." + o.State + ".todo"), Text: o.Buyer + " · " + o.Goods,
			Word: r.T("producer." + o.State + ".word"), Href: deedWay(o),
		}
		if !o.Due.IsZero() {
			t.Until, t.Urgent = r.T("producer.by", "due", r.Due(o.Due)), r.Urgent(o.Due)
		}
		out = append(out, t)
	}
	return out
}

// deedWay is where the waiting order's deed is done.
func deedWay(o DeskOrder) string {
	switch o.State {
	case "accepted":
		return part.MoveWay(o.Market, o.ID, "pack")
	case "packed":
		return part.MoveWay(o.Market, o.ID, "ship")
	}
	return part.OrderWay(o.Market, o.ID)
}

func (v ProducerDesk) stats() []part.Stat {
	r := v.Frame.Reader
	return []part.Stat{
		{Label: r.T("income.paid"), Value: r.Money(v.Income.Paid, v.Currency)},
		{Label: r.T("income.payable"), Value: r.Money(v.Income.Payable, v.Currency), Note: r.T("income.payable_note")},
		{Label: r.T("income.sent"), Value: r.Money(v.Income.Sent, v.Currency), Note: r.T("income.sent_note")},
		{Label: r.T("income.held"), Value: r.Money(v.Income.Held, v.Currency), Note: r.T("income.held_note")},
	}
}

func goodsBadge(g DeskGoods) (kind, icon, word string) {
	switch {
	case g.State == "live" && g.OnHand <= g.Reserved:
		return "wait", "alert", "goods.sold_out"
	case g.State == "live":
		return "good", "check", "goods.live"
	case g.State == "paused":
		return "wait", "pause", "goods.paused"
	case g.State == "archived":
		return "", "", "goods.archived"
	}
	return "", "edit", "goods.draft"
}

func (v ProducerDesk) stock() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{
		Caption: r.T("producer.goods"),
		Cols: []part.Col{
			{Label: r.T("stock.goods")}, {Label: r.T("stock.state")}, {Label: r.T("stock.on_hand"), Num: true},
			{Label: r.T("stock.reserved"), Num: true}, {Label: r.T("stock.free"), Num: true}, {Label: r.T("stock.price"), Num: true},
		},
	}
	for _, g := range v.Goods {
		t.Rows = append(t.Rows, []templ.Component{
			part.Link(g.EditHref, g.Title, ""), goodsState(v.Frame, g),
			part.Text(r.Quantity(g.OnHand, g.Unit)), part.Text(r.Quantity(g.Reserved, g.Unit)),
			part.Text(r.Quantity(g.OnHand-g.Reserved, g.Unit)), part.Text(r.Per(g.Price, v.Currency, g.Unit)),
		})
	}
	return t
}
