package part

import "github.com/a-h/templ"

// Sheet is a table. Ledger puts name and sum on one line of a phone, Stays
// keeps its columns there. A nil cell is empty.
type Sheet struct {
	Caption       string
	Ledger, Stays bool
	Cols          []Col
	Rows          [][]templ.Component
	Foot          []templ.Component
}

// Col is a column.
type Col struct {
	Label string
	Num   bool
	Plain bool // says by itself what it is: no label on a phone
}
