package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// BankSide is the bank's side: statements are read in, each is held against the
// books, and lines that are not certain wait for a person. Its form sends file; a
// line's form line, say ("deed:target") and why; a difference's statement and why.
type BankSide struct {
	Frame      part.Frame
	Form       part.Form // the upload
	Lines      []BankLine
	Nobodys    []BankLine // their form sends line and number
	Statements []BankStatement
	Recent     []BankDone
	Currency   string
	LineWay    string
	DifferWay  string
}

// BankLine is a line that waits.
type BankLine struct {
	ID, Reference, Party, Words string
	On                          time.Time
	Minor                       int64
	Back                        bool // the bank says that it gave it back
	Options                     []part.Option
	Story                       string // of one of nobody: its account
	Form                        part.Form
}

// BankStatement is one that was read in.
type BankStatement struct {
	ID, Name          string
	Until             time.Time
	Lines             int64
	Said              bool // it says what lay there
	Bank, Books, Open int64
	Waits             int64 // how many lines nobody has decided
	Differ, Recon     int64
	Why               string
	Form              part.Form
}

// BankDone is a line that was found to be something.
type BankDone struct {
	On              time.Time
	Reference, Deed string
	Minor           int64
}

func (v BankSide) done() []part.Row {
	var rows []part.Row
	for _, d := range v.Recent {
		rows = append(rows, part.Row{Label: v.Frame.Reader.Day(d.On) + " · " + v.Frame.T("bank_deed."+d.Deed) + " · " + d.Reference, Minor: d.Minor})
	}
	return rows
}
