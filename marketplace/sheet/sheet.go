// Package sheet is a paper before it is shown: a title, facts, a table and its
// sums, all finished words. The page prints it by the browser, this room writes
// it as a PDF of A4 pages; both read the same Sheet, so their figures are one.
//
// It knows no language and reads no rows. The PDF is made when it is asked for
// and kept nowhere; the font with Latin and Chinese characters stands in font/
// and each file embeds what it uses of it.
package sheet

// Sheet is one paper.
type Sheet struct {
	Title  string
	Number string
	Lead   string // under the title: what it is and is not
	Facts  []Fact
	Cols   []Col
	Rows   []Row
	Sums   []Sum
	Notes  []string
	Foot   string // at the foot of every page, before the page's number
	Page   func(n, of int) string
}

// Fact is a label with its value.
type Fact struct{ Label, Value string }

// Col is a column; Share is its part of the width, out of all shares.
type Col struct {
	Label string
	Num   bool
	Share int
}

// Row is a line of the table; Under stands small below its first cell.
type Row struct {
	Cells []string
	Under string
}

// Sum is a line under the table; the loud one is ruled twice, as accountants do.
type Sum struct {
	Label, Value string
	Loud         bool
}
