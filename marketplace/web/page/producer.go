package page

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// ProducerDesk is what needs the producer now; beside it how much there is and
// where the money is. Orders, goods and income have pages of their own.
type ProducerDesk struct {
	Frame       part.Frame
	Name        string
	Talks       int    // with something unread
	Disputes    int64  // complaints that wait for an answer
	DisputeHref string // the one to answer first
	DisputeDue  time.Time
	TalksHref   string
	CashHref    string // none: somebody else sits at the desk
	Hand        *OwnHand
	Returns     int // that wait for the producer
	ReturnsHref string
	Waiting     []DeskOrder // what needs the producer, the most urgent first
	Goods       []DeskGoods // the newest of them
	Income      Income
	Currency    string
	OrdersHref  string
	NewHref     string // the orders to answer, to accept several at once
	PackingHref string
	LabelsHref  string
}

// DeskOrder is an order that waits for its seller. State is "secured" (accept),
// "accepted" (pack) or "packed" (ship).
type DeskOrder struct {
	Market, ID, Number string
	Buyer, Place       string
	Goods              string // "10 斤 walnuts, 5 斤 dates"
	Picture            part.Picture
	State              string
	Mine               int64 // what the producer gets
	Due                time.Time
	Key                string // of the accept form
}

// DeskGoods is one of the producer's listings. State is "draft", "live",
// "paused" or "archived".
type DeskGoods struct {
	Href, EditHref, Title        string
	BarnHref, LookHref, CopyHref string
	CopyKey                      string
	Picture                      part.Picture
	Unit                         string
	OnHand, Reserved             int64
	Price                        int64
	State                        string
}

// Income is a producer's money by where it is.
type Income struct {
	Held, Payable, Sent, Paid int64
	Months                    []part.Month
	NextAt                    time.Time
	NextMinor                 int64
	Tail                      string // last digits of the account
	NoBank                    bool
	Collect                   []Collect // of what is sent, what lies with an agent
}

// Collect is a payout in cash that waits for its receiver.
type Collect struct {
	Hand  string
	Until time.Time
	Minor int64
}

// SellerOrders is a producer's orders in one state.
type SellerOrders struct {
	Frame       part.Frame
	State       string // the filter's word; "new" may be accepted together
	Chips       []part.Chip
	Rows        []SellerOrder
	Next        string
	Form        part.Form // accepts those that are ticked
	PackingHref string
	LabelsHref  string
	Currency    string
}

// SellerOrder is one of them.
type SellerOrder struct {
	DeskOrder
	Badge string
	At    time.Time
	Total int64
	Fault string // why it could not be accepted
}

// ProducerGoods is a producer's goods in one state.
type ProducerGoods struct {
	Frame    part.Frame
	Chips    []part.Chip
	Goods    []DeskGoods
	Next     string
	NewHref  string
	Terms    string // where delivery and discount are set; empty for a clerk
	Currency string
}

// Preview stands before goods that are shown as a buyer will see them.
type Preview struct {
	Frame    part.Frame
	BackHref string
	State    string
}

// ProducerIncome is where a producer's money is, and each sale with its split.
type ProducerIncome struct {
	Frame         part.Frame
	Income        Income
	Held          []DeskOrder
	Sales         []StatementLine
	Next          string
	StatementHref string
	Currency      string
}

func (v ProducerDesk) title() string {
	if len(v.todos()) == 0 && len(v.Waiting) == 0 {
		return v.Frame.T("producer.nothing")
	}
	return v.Frame.T("producer.waiting", "count", v.count())
}

// count is how many things there are to do.
func (v ProducerDesk) count() int {
	n := len(v.todos())
	if len(v.Waiting) > 0 {
		n++
	}
	return n
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

// atOnce is how many orders of one sort become one thing to do.
const atOnce = 2

// todos are the other things to do: several orders of one sort are one of them.
func (v ProducerDesk) todos() []part.Todo {
	out := v.said()
	if len(v.Waiting) == 0 {
		return append(out, v.empty()...)
	}
	for _, sort := range []string{"secured", "accepted", "packed"} {
		var of []DeskOrder
		for _, o := range v.Waiting[1:] {
			if o.State == sort {
				of = append(of, o)
			}
		}
		if len(of) >= atOnce {
			out = append(out, v.together(sort, of))
			continue
		}
		for _, o := range of {
			out = append(out, v.todo(o, v.Frame.T("producer."+o.State+".todo"), o.Buyer+" · "+o.Goods, deedWay(o), v.Frame.T("producer."+o.State+".word")))
		}
	}
	return append(out, v.empty()...)
}

// said is what others wait to hear of.
func (v ProducerDesk) said() []part.Todo {
	r := v.Frame.Reader
	var out []part.Todo
	if v.Disputes > 0 {
		t := part.Todo{Title: r.T("producer.disputes", "count", v.Disputes), Text: r.T("producer.disputes_text"), Word: r.T("producer.disputes_word"), Href: v.DisputeHref}
		if !v.DisputeDue.IsZero() {
			t.Until, t.Urgent = r.T("producer.by", "due", r.Due(v.DisputeDue)), r.Urgent(v.DisputeDue)
		}
		out = append(out, t)
	}
	if v.Returns > 0 {
		out = append(out, part.Todo{Title: r.T("producer.returns", "count", v.Returns), Text: r.T("producer.returns_text"), Word: r.T("producer.returns_word"), Href: v.ReturnsHref})
	}
	if v.Talks > 0 {
		out = append(out, part.Todo{Title: r.T("producer.talks", "count", v.Talks), Text: r.T("producer.talks_text"), Word: r.T("producer.talks_word"), Href: v.TalksHref})
	}
	for _, c := range v.Income.Collect {
		if v.CashHref != "" {
			out = append(out, part.Todo{Title: r.T("producer.collect", "sum", r.Money(c.Minor, v.Currency), "hand", c.Hand), Text: r.T("producer.collect_text"), Word: r.T("producer.collect_word"),
				Href: v.CashHref, Until: r.T("producer.by", "due", r.Due(c.Until)), Urgent: r.Urgent(c.Until)})
		}
	}
	return out
}

func (v ProducerDesk) todo(first DeskOrder, title, text, href, word string) part.Todo {
	r := v.Frame.Reader
	t := part.Todo{Title: title, Text: text, Word: word, Href: href}
	if !first.Due.IsZero() {
		t.Until, t.Urgent = r.T("producer.by", "due", r.Due(first.Due)), r.Urgent(first.Due)
	}
	return t
}

// together is one thing to do for several orders: a list to accept from, a
// packing list, labels.
func (v ProducerDesk) together(sort string, of []DeskOrder) part.Todo {
	r := v.Frame.Reader
	var names []string // each buyer once
	for _, o := range of {
		if !slices.Contains(names, o.Buyer) {
			names = append(names, o.Buyer)
		}
	}
	text := strings.Join(names[:min(len(names), 3)], " · ")
	if len(names) > 3 {
		text += " …"
	}
	href := map[string]string{"secured": v.NewHref, "accepted": v.PackingHref, "packed": v.LabelsHref}[sort]
	return v.todo(of[0], r.T("producer."+sort+".todos", "count", len(of)), text, href, r.T("producer."+sort+".words"))
}

// empty are goods on sale of which nothing is left.
func (v ProducerDesk) empty() []part.Todo {
	var out []part.Todo
	for _, g := range v.Goods {
		if g.State == "live" && g.OnHand <= g.Reserved {
			out = append(out, part.Todo{Title: v.Frame.T("producer.sold_out", "goods", g.Title), Text: v.Frame.T("producer.sold_out_text"), Word: v.Frame.T("producer.sold_out_word"), Href: g.BarnHref})
		}
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

func (in Income) stats(f part.Frame, currency string) []part.Stat {
	r := f.Reader
	with := "income.sent_note"
	if len(in.Collect) > 0 {
		with = "income.collect_note"
	}
	return []part.Stat{
		{Label: r.T("income.paid"), Value: r.Money(in.Paid, currency)},
		{Label: r.T("income.payable"), Value: r.Money(in.Payable, currency), Note: r.T("income.payable_note")},
		{Label: r.T("income.sent"), Value: r.Money(in.Sent, currency), Note: r.T(with)},
		{Label: r.T("income.held"), Value: r.Money(in.Held, currency), Note: r.T("income.held_note")},
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
		Caption: r.T("producer.stock"), Ledger: true,
		Cols: []part.Col{
			{Label: r.T("stock.goods")}, {Label: r.T("stock.state")}, {Label: r.T("stock.on_hand"), Num: true},
			{Label: r.T("stock.reserved"), Num: true}, {Label: r.T("stock.free"), Num: true},
		},
	}
	for _, g := range v.Goods {
		t.Rows = append(t.Rows, []templ.Component{
			part.Link(g.EditHref, g.Title, ""), goodsState(v.Frame, g),
			part.Text(r.Quantity(g.OnHand, g.Unit)), part.Text(r.Quantity(g.Reserved, g.Unit)), part.Text(r.Quantity(g.OnHand-g.Reserved, g.Unit)),
		})
	}
	return t
}

// split is how a sale was shared, for its details.
func (v ProducerIncome) split(l StatementLine) []part.Fact {
	r := v.Frame.Reader
	facts := []part.Fact{
		{Name: r.T("statement.order"), Value: l.Number, Href: l.Href}, {Name: r.T("statement.buyer_paid"), Value: r.Money(l.Base, v.Currency)},
		{Name: r.T("statement.others"), Value: r.Money(l.Others, v.Currency)}, {Name: r.T("statement.yours"), Value: r.Money(l.Minor, v.Currency)},
	}
	if l.Why != "" {
		facts = append(facts, part.Fact{Name: r.T("statement.why"), Value: l.Why})
	}
	return facts
}

// deskOrderWay is where a row of the orders leads: to its deed, else to its page.
func deskOrderWay(row SellerOrder) string { return deedWay(row.DeskOrder) }

// about is who bought and which order it is, in one line.
func (row SellerOrder) about() string {
	var words strings.Builder
	words.WriteString(row.Buyer)
	for _, word := range []string{row.Place, row.Number} {
		if word != "" {
			words.WriteString(" · " + word)
		}
	}
	return words.String()
}
