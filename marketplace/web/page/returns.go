package page

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Return is the page of what a buyer gives back without a complaint: the form that
// begins it, or where it stands and what the visitor may do.
type Return struct {
	Frame      part.Frame
	Market, ID string // of the order
	Number     string
	As         string // AsBuyer, AsSeller or AsOperator
	Currency   string
	May        bool   // the buyer may begin one
	Stops      string // "open": a complaint is, so none can be begun
	Lines      []ReturnLine
	Cases      []ReturnCase // the newest first
	Carriers   []part.Option
	To         string               // where to, before the seller says so
	Forms      map[string]part.Form // by deed, "ask" is the first; each with its action and key
}

// ReturnLine is a line that could go back.
type ReturnLine struct {
	ID, Title string // the name of its field
	Unit      string
	Has       int64 // base units that the buyer has
	Sum       int64 // what it can still give back
	Until     time.Time
	Why       string // it cannot: "fresh", "late", "nothing", "decided"
}

// ReturnCase is one return.
type ReturnCase struct {
	State     string // "asked", "objected", "approved", "sent", "called", "refunded", "refused", "withdrawn", "lapsed", "cancelled"
	Turn      string // "buyer", "seller", "operator"; empty when it is over
	Due       time.Time
	At        time.Time
	Lines     []string // with how much of each
	Text      string
	Photos    []part.Picture
	Objection string
	Pays      string // "buyer", "seller"
	To        string
	Carrier   string
	Number    string
	Fate      string // "back", "lost"
	Why       string
	Back      int64
	Approved  bool
	Sent      bool
	Came      bool
	Seller    bool // the visitor is the seller
	Clerk     bool // the visitor looks at goods for them and gives no money back
	May       map[string]bool
}

func (v Return) head() part.Head {
	return headFor(v.Frame.T("return.title")+" "+v.Number, v.As)
}

func (v Return) money(minor int64) string { return v.Frame.Reader.Money(minor, v.Currency) }

// variant is the state with what makes its sentence differ.
func (c ReturnCase) variant() string {
	switch {
	case c.State == "approved" && c.To == "":
		return "approved_nowhere"
	case c.State == "called" && c.Came:
		return "called_came"
	case c.State == "called" && c.Sent:
		return "called_sent"
	case c.State == "refunded" && c.Back == 0:
		return "refunded_nothing"
	}
	return c.State
}

// panel is where one return stands.
func (v Return) panel(c ReturnCase, i int) part.Standing {
	r := v.Frame.Reader
	s := sides(r, i, v.As, c.Turn, r.T("return."+v.As+"."+c.variant(), "sum", v.money(c.Back)))
	if c.Turn == "" {
		s.Next = c.Why
		if c.Fate != "" && c.State == "refunded" {
			s.Next = strings.TrimSpace(s.Next + "\n" + r.T("return.goods_"+c.Fate))
		}
		return s
	}
	s.Next = r.T("return.next")
	return until(r, s, toWhom("return.", v.As, "until_"+c.variant()), c.Due)
}

// step is how far a return has come, or -1 where it went another way.
func (c ReturnCase) step() int {
	switch c.State {
	case "asked":
		return 0
	case "approved":
		return 1
	case "sent":
		return 2
	case "refunded":
		return 3
	}
	return -1
}

func (v Return) stepWords() []string {
	var words []string
	for _, one := range []string{"asked", "approved", "sent", "refunded"} {
		words = append(words, v.Frame.T("return.step_"+one))
	}
	return words
}

func (v Return) input(l ReturnLine) part.Input {
	r := v.Frame.Reader
	in := part.Input{Name: l.ID, Label: l.Title, Mode: "decimal", Unit: r.UnitOf(l.Has, l.Unit), Max: 12, Optional: len(v.Lines) > 1,
		Hint: r.T("return.line_hint", "has", r.Both(l.Has, l.Unit), "sum", v.money(l.Sum), "until", r.Moment(l.Until))}
	if len(v.Lines) == 1 {
		in.Value = r.Amount(l.Has, l.Unit)
	}
	return in
}

func (v Return) payers() []part.Option {
	seller := "return.pays_seller"
	if v.As == AsOperator {
		seller = "return.pays_theirs"
	}
	return []part.Option{{Value: "buyer", Label: v.Frame.T("return.pays_buyer"), Note: v.Frame.T("return.pays_buyer_note")}, {Value: "seller", Label: v.Frame.T(seller), Note: v.Frame.T("return.pays_seller_note")}}
}

func (v Return) fates() []part.Option {
	return []part.Option{{Value: "back", Label: v.Frame.T("return.fate_back"), Note: v.Frame.T("return.fate_back_note")}, {Value: "lost", Label: v.Frame.T("return.fate_lost"), Note: v.Frame.T("return.fate_lost_note")}}
}

// receiveSay says what follows the button, which differs by whose it is.
func (v Return) receiveSay(c ReturnCase) string {
	if c.Clerk {
		return v.Frame.T("return.receive_clerk")
	}
	return v.Frame.T("return.receive_say")
}

// refuseSay says what follows a no.
func (v Return) refuseSay(c ReturnCase) string {
	switch {
	case !c.Seller:
		return v.Frame.T("return.refuse_operator")
	case c.Sent:
		return v.Frame.T("return.refuse_sent")
	}
	return v.Frame.T("return.refuse_say")
}

// Returns is the operator's or a producer's list of what is open.
type Returns struct {
	Frame part.Frame
	Head  part.Head
	Lead  string
	Rows  []ReturnRow
}

// ReturnRow is one return of the list.
type ReturnRow struct {
	Href, Number, Goods string
	Other               string // the seller, or the buyer
	State               string
	At, Due             time.Time
	Yours               bool
}

func (v Returns) table() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: v.Head.Title, Cols: []part.Col{{Label: r.T("returns.order")}, {Label: r.T("returns.goods")}, {Label: r.T("returns.stands")}, {Label: r.T("returns.since")}}}
	for _, row := range v.Rows {
		state := part.Badge("wait", "clock", r.T("returns.state_"+row.State))
		if row.Yours {
			state = part.Badge("bad", "flag", r.T("returns.yours_"+row.State))
		}
		since := r.Moment(row.At)
		if !row.Due.IsZero() {
			since = r.T("returns.until", "due", r.Due(row.Due))
		}
		t.Rows = append(t.Rows, []templ.Component{part.Link(row.Href, row.Number, row.Other), part.Text(row.Goods), state, part.Text(since)})
	}
	return t
}
