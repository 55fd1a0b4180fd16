package page

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
)

// AsOperator is the third side of a complaint, beside AsBuyer and AsSeller; a clerk
// speaks as the seller.
const AsOperator = "operator"

// Dispute is the page of what a buyer complains of: the form that begins it, or
// where it stands, what was said and shown, and what the visitor may do.
type Dispute struct {
	Frame      part.Frame
	Market, ID string // of the order
	Number     string
	As         string // AsBuyer, AsSeller or AsOperator
	Currency   string
	May        bool // the buyer may begin one
	Missing    bool // the goods are on their way: not arrived is all that can be said
	Lines      []DisputeLine
	Cases      []DisputeCase        // the newest first
	Forms      map[string]part.Form // by deed, "open" is the first; each with its action and key
}

// DisputeLine is a line that can be complained of or refunded.
type DisputeLine struct {
	ID, Title string // the name of its field
	Left      int64  // what it still has for the buyer
}

// DisputeCase is one complaint.
type DisputeCase struct {
	State   string // "open", "silent", "answered", "offered", "escalated", "withdrawn", "settled", "decided", "cancelled"
	Reason  string
	Lines   []string
	Turn    string // "buyer", "seller", "operator"; empty when it is over
	Due     time.Time
	At      time.Time
	Offer   int64
	Back    int64
	Goods   string
	Why     string
	Words   []DisputeWord
	May     map[string]bool // by deed
	Offers  bool            // the visitor may offer money back
	Decides []DisputeLine   // what an operator may give back
}

// DisputeWord is what one side said and showed.
type DisputeWord struct {
	As, Who string
	Text    string
	Offer   int64
	Photos  []part.Picture
	At      time.Time
}

func (v Dispute) head() part.Head {
	return headFor(v.Frame.T("dispute.title")+" "+v.Number, v.As)
}

func (v Dispute) money(minor int64) string { return v.Frame.Reader.Money(minor, v.Currency) }

// panel is where one complaint stands.
func (v Dispute) panel(c DisputeCase, i int) part.Standing {
	r := v.Frame.Reader
	sum := max(c.Offer, c.Back)
	if c.State == "decided" || c.State == "settled" {
		sum = c.Back
	}
	s := sides(r, i, v.As, c.Turn, r.T("dispute."+v.As+"."+c.State, "sum", v.money(sum)))
	if c.Turn == "" {
		s.Next = strings.TrimSpace(c.Why)
		if c.Goods != "" && c.State == "decided" {
			s.Next = strings.TrimSpace(s.Next + "\n" + r.T("dispute.goods_"+c.Goods))
		}
		return s
	}
	s.Next = r.T("dispute.next")
	return until(r, s, toWhom("dispute.", v.As, "until_"+c.Turn), c.Due)
}

// toWhom picks the sentence that speaks to the one who looks, and where there is none,
// the one for everybody.
func toWhom(topic, as, word string) string {
	if own := topic + as + "." + word; tongue.Has(own) {
		return own
	}
	return topic + word
}

// sides is how one complaint or return of an order stands to the one side of it that
// looks: what happened, and whose turn it is. Only the newest, the first, is the page's
// head.
func sides(r tongue.Reader, i int, as, turn, say string) part.Standing {
	s := part.Standing{Say: say, Second: i > 0}
	if i > 0 {
		s.ID = "say-" + strconv.Itoa(i)
	}
	switch turn {
	case "":
		s.Turn, s.Whose = part.Done, r.T("dispute.over")
	case as:
		s.Turn, s.Whose = part.You, r.T("turn.you")
	default:
		s.Turn, s.Whose = part.Them, r.T("dispute.turn_"+turn)
	}
	return s
}

// until adds by when, where there is such a day.
func until(r tongue.Reader, s part.Standing, word string, due time.Time) part.Standing {
	if !due.IsZero() {
		s.Until, s.Urgent = r.T(word, "due", r.Due(due), "left", r.Left(due)), r.Urgent(due)
	}
	return s
}

// about is what is complained of, in one line.
func (v Dispute) about(c DisputeCase) string {
	r := v.Frame.Reader
	return r.T("dispute.reason_"+c.Reason) + r.T("word.colon") + strings.Join(c.Lines, r.T("word.comma"))
}

func (v Dispute) reasons() []part.Option {
	var out []part.Option
	for _, reason := range []string{"not_arrived", "wrong", "damaged", "less", "quality"} {
		if v.Missing && reason != "not_arrived" {
			continue
		}
		out = append(out, part.Option{Value: reason, Label: v.Frame.T("dispute.reason_" + reason)})
	}
	return out
}

func (v Dispute) fates() []part.Option {
	var out []part.Option
	for _, fate := range []string{"kept", "back", "lost"} {
		out = append(out, part.Option{Value: fate, Label: v.Frame.T("dispute.fate_" + fate), Note: v.Frame.T("dispute.fate_" + fate + "_note")})
	}
	return out
}

func (v Dispute) who(w DisputeWord) string {
	if w.As == v.As {
		return v.Frame.T("dispute.said_you")
	}
	if w.Who != "" && w.As != AsOperator {
		return w.Who
	}
	return v.Frame.T("dispute.said_" + w.As)
}

// Disputes is the operator's list of what is open.
type Disputes struct {
	Frame part.Frame
	Rows  []DisputeRow
}

// DisputeRow is one complaint of the list.
type DisputeRow struct {
	Href, Number, Seller string
	Reason, State        string
	At, Due              time.Time
	Yours                bool
}

// second makes calling an operator the second button where an offer is first.
func (v Dispute) second(c DisputeCase) string {
	if c.May["take"] || c.Turn != v.As {
		return "quiet"
	}
	return ""
}

func (v Dispute) sayWord(c DisputeCase) string {
	if v.As == AsSeller && (c.State == "open" || c.State == "silent") {
		return v.Frame.T("dispute.answer")
	}
	return v.Frame.T("dispute.more")
}

func plain(n int64) string { return strconv.FormatInt(n, 10) }

func (v Disputes) table() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("disputes.title"), Cols: []part.Col{{Label: r.T("disputes.order")}, {Label: r.T("disputes.what")}, {Label: r.T("disputes.stands")}, {Label: r.T("disputes.since")}}}
	for _, row := range v.Rows {
		state := part.Badge("wait", "clock", r.T("disputes.state_"+row.State))
		if row.Yours {
			state = part.Badge("bad", "flag", r.T("disputes.state_"+row.State))
		}
		since := r.Moment(row.At)
		if !row.Due.IsZero() {
			since = r.T("disputes.until", "due", r.Due(row.Due))
		}
		t.Rows = append(t.Rows, []templ.Component{part.Link(row.Href, row.Number, row.Seller), part.Text(r.T("dispute.reason_" + row.Reason)), state, part.Text(since)})
	}
	return t
}
