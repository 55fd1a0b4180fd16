package page

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// LedgerAccount is one account with its postings, newest first; Divided, it is
// the single accounts that a name of the trial balance adds up.
type LedgerAccount struct {
	Frame    part.Frame
	Books    string
	Name     string // finished
	Balance  int64
	Currency string
	Divided  bool
	Held     []HeldRow
	Legs     []Leg
	Next     string
}

// HeldRow is a single account that holds something.
type HeldRow struct {
	Name, Href string
	Minor      int64
}

// Leg is one posting. Side is "debit" or "credit" where an account looks at it.
type Leg struct {
	At                     time.Time
	Cause, Href            string
	Debit, DebitHref       string
	Credit, CreditHref     string
	Side, Other, OtherHref string
	Minor                  int64
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

// halves are the account's name in words, and as the ledger writes it.
func (v LedgerAccount) halves() (said, code string) {
	said, code, _ = strings.Cut(v.Name, " · ")
	return said, code
}

func (v LedgerAccount) legs() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: v.Name, Cols: []part.Col{{Label: r.T("ledger.when")}, {Label: r.T("ledger.opposite")}, {Label: r.T("books.debit"), Num: true}, {Label: r.T("books.credit"), Num: true}}}
	for _, l := range v.Legs {
		row := []templ.Component{part.Link(l.Href, r.Moment(l.At), l.Cause), part.Link(l.OtherHref, l.Other, ""), nil, nil}
		if l.Side == "debit" {
			row[2] = part.Amount(v.Frame, l.Minor, v.Currency)
		} else {
			row[3] = part.Amount(v.Frame, l.Minor, v.Currency)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v LedgerAccount) held() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: v.Name, Ledger: true, Cols: []part.Col{{Label: r.T("books.account")}, {Label: r.T("ledger.balance"), Num: true}}}
	for _, h := range v.Held {
		t.Rows = append(t.Rows, []templ.Component{part.Link(h.Href, h.Name, ""), part.Amount(v.Frame, h.Minor, v.Currency)})
	}
	return t
}

func legSheet(f part.Frame, legs []Leg, currency string) part.Sheet {
	r := f.Reader
	t := part.Sheet{Caption: r.T("ledger.legs"), Cols: []part.Col{{Label: r.T("books.debit")}, {Label: r.T("books.credit")}, {Label: r.T("ledger.amount"), Num: true}}}
	for _, l := range legs {
		t.Rows = append(t.Rows, []templ.Component{part.Link(l.DebitHref, l.Debit, ""), part.Link(l.CreditHref, l.Credit, ""), part.Amount(f, l.Minor, currency)})
	}
	return t
}
