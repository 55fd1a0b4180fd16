package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Months are the months of the book: each is open, closed, or waits for a second
// person, and the accountant gets it as a file. A form sends month and fate
// ("close", "agree", "keep", "reopen" with why).
type Months struct {
	Frame         part.Frame
	Books, Action string
	Rows          []MonthRow
	Currency      string
}

// MonthRow is one of them. State is "runs", "open", "closing", "closed" or
// "reopening".
type MonthRow struct {
	Month        string
	First        time.Time
	State, Why   string
	By, Agreed   string
	At, AgreedAt time.Time
	Mine         bool // asked by this operator, who may not agree
	Entries, Sum int64
	CSV, Book    string
	Key          string
	Form         part.Form
}

func (r MonthRow) badge() (kind, icon string) {
	switch r.State {
	case "closed":
		return "good", "lock"
	case "closing", "reopening":
		return "wait", "clock"
	}
	return "", ""
}

func (v Months) word(r MonthRow) string {
	return v.Frame.Reader.MonthYear(r.First)
}
