package page

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
)

// LedgerAccount is one account over some days, with its postings, newest first;
// Divided, it is the single accounts that a name of the trial balance adds up.
type LedgerAccount struct {
	Frame    part.Frame
	Books    string
	Name     string // finished
	Balance  int64  // at the end of these days
	Currency string
	Divided  bool
	Held     []HeldRow
	Legs     []Leg
	Next     string

	Ask                    part.Form // from, to
	Market, Account        string
	Spanned                bool // not all of it
	Opening, Debit, Credit int64
	CSV, All               string
}

// HeldRow is a single account that holds something.
type HeldRow struct {
	Name, Whose, Href string
	Minor             int64
}

// Leg is one posting. Side is "debit" or "credit" where an account looks at it.
type Leg struct {
	At                     time.Time
	Cause, Href            string
	Debit, DebitHref       string
	Credit, CreditHref     string
	Side, Other, OtherHref string
	Order, OrderHref       string // its number and its money, where it names one
	Minor, After           int64  // After: what stood in the account then
}

// LedgerEntry is one entry with its postings.
type LedgerEntry struct {
	Frame                     part.Frame
	Books, Self, ID           string
	At                        time.Time
	Cause, Note, By, Reverses string
	Currency                  string
	Legs                      []Leg
	Orders                    []LedgerOrder
}

// LedgerOrder is an order that an entry names.
type LedgerOrder struct{ Number, Href, MoneyHref string }

// LedgerStory is the money of one order, entry by entry, oldest first.
type LedgerStory struct {
	Frame                 part.Frame
	Books, Market, Number string
	Missing               bool
	Href, State, Currency string
	Total                 int64
	Entries               []LedgerEntry
}

// halves are an account's name in words, and as the ledger writes it.
func halves(name string) (said, code string) {
	if at := strings.LastIndex(name, " · "); at >= 0 {
		return name[:at], name[at+len(" · "):]
	}
	return name, ""
}

// caused is when an entry was made, and why.
func caused(r tongue.Reader, at time.Time, cause string) string {
	if why := r.Cause(cause); why != "" {
		return r.Moment(at) + " · " + why
	}
	return r.Moment(at)
}

// stats are what stood there, what moved, what stands there.
func (v LedgerAccount) stats() []part.Stat {
	r := v.Frame.Reader
	now := part.Stat{Label: r.T("ledger.balance"), Value: r.Money(v.Balance, v.Currency)}
	if !v.Spanned {
		return []part.Stat{now}
	}
	now.Label, now.Note = r.T("ledger.closing"), r.T("ledger.moved", "debit", r.Money(v.Debit, v.Currency), "credit", r.Money(v.Credit, v.Currency))
	return []part.Stat{{Label: r.T("ledger.opening"), Value: r.Money(v.Opening, v.Currency)}, now}
}

func (v LedgerAccount) legs() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: v.Name, Cols: []part.Col{{Label: r.T("ledger.when")}, {Label: r.T("ledger.opposite")}, {Label: r.T("ledger.order")}, {Label: r.T("books.debit"), Num: true}, {Label: r.T("books.credit"), Num: true}, {Label: r.T("ledger.after"), Num: true}}}
	for _, l := range v.Legs {
		said, code := halves(l.Other)
		row := []templ.Component{part.Keyed(l.Href, caused(r, l.At, l.Cause), l.Cause), part.Keyed(l.OtherHref, said, code), nil, nil, nil, part.Amount(v.Frame, l.After, v.Currency)}
		if l.Order != "" {
			row[2] = part.Link(l.OrderHref, l.Order, "")
		}
		if l.Side == "debit" {
			row[3] = part.Amount(v.Frame, l.Minor, v.Currency)
		} else {
			row[4] = part.Amount(v.Frame, l.Minor, v.Currency)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v LedgerAccount) held() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: v.Name, Ledger: true, Cols: []part.Col{{Label: r.T("books.account")}, {Label: r.T("ledger.balance"), Num: true}}}
	for _, h := range v.Held {
		name := part.Link(h.Href, h.Name, "")
		if h.Whose != "" {
			name = part.Keyed(h.Href, h.Whose, h.Name)
		}
		t.Rows = append(t.Rows, []templ.Component{name, part.Amount(v.Frame, h.Minor, v.Currency)})
	}
	return t
}

func legSheet(f part.Frame, legs []Leg, currency string) part.Sheet {
	r := f.Reader
	t := part.Sheet{Caption: r.T("ledger.legs"), Cols: []part.Col{{Label: r.T("books.debit")}, {Label: r.T("books.credit")}, {Label: r.T("ledger.amount"), Num: true}}}
	for _, l := range legs {
		debit, debitCode := halves(l.Debit)
		credit, creditCode := halves(l.Credit)
		t.Rows = append(t.Rows, []templ.Component{part.Keyed(l.DebitHref, debit, debitCode), part.Keyed(l.CreditHref, credit, creditCode), part.Amount(f, l.Minor, currency)})
	}
	return t
}
