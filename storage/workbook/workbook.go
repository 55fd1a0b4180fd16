// Package workbook writes spreadsheets (XLSX) row by row, without holding them.
// Sums are numbers with two decimals, days are dates, and what people wrote is
// text whatever it begins with: a name like "=1+1" stays a name, also when its
// cell is opened and closed again.
package workbook

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Type is what a door says that a workbook is.
const Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type kind uint8

const (
	words kind = iota
	sum
	count
	day
	percent
)

// Cell is one field of a row.
type Cell struct {
	kind   kind
	text   string
	number int64
	day    time.Time
	loud   bool
}

// Text is what somebody wrote.
func Text(s string) Cell { return Cell{text: s} }

// Sum is money in minor units, of which a hundred make one.
func Sum(minor int64) Cell { return Cell{kind: sum, number: minor} }

// Count is a whole number.
func Count(n int64) Cell { return Cell{kind: count, number: n} }

// Percent is a rate in basis points.
func Percent(points int64) Cell { return Cell{kind: percent, number: points} }

// Day is the day of a moment, in the moment's own place.
func Day(t time.Time) Cell { return Cell{kind: day, day: t} }

// Loud is a cell in bold: heads and totals.
func (c Cell) Loud() Cell { c.loud = true; return c }

// Heads are loud texts.
func Heads(names ...string) []Cell {
	row := make([]Cell, len(names))
	for i, n := range names {
		row[i] = Text(n).Loud()
	}
	return row
}

// Sheet is one sheet. Fill gives its rows from the first to the last.
type Sheet struct {
	Name   string
	Widths []int // of columns, in characters
	Head   int   // rows that stay in sight
	Fill   func(put func(row ...Cell) error) error
}

// Write writes a workbook with these sheets.
func Write(w io.Writer, sheets ...Sheet) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	styles, err := newStyles(f)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for i, s := range sheets {
		name := sheetName(s.Name, i, used)
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err == nil {
			err = s.write(f, name, styles)
		}
		if err != nil {
			return err
		}
	}
	return f.Write(w)
}

func (s Sheet) write(f *excelize.File, name string, styles map[style]int) error {
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, width := range s.Widths {
		if err := out.SetColWidth(i+1, i+1, float64(width)); err != nil {
			return err
		}
	}
	if s.Head > 0 {
		at, _ := excelize.CoordinatesToCellName(1, s.Head+1)
		if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: s.Head, TopLeftCell: at, ActivePane: "bottomLeft"}); err != nil {
			return err
		}
	}
	line := 0
	err = s.Fill(func(row ...Cell) error {
		line++
		if line > excelize.TotalRows {
			return fmt.Errorf("workbook: more than %d rows", excelize.TotalRows)
		}
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = excelize.Cell{StyleID: styles[style{c.kind, c.loud}], Value: c.value()}
		}
		at, _ := excelize.CoordinatesToCellName(1, line)
		return out.SetRow(at, cells)
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// value is what the file holds. A sum is the decimal number that is nearest to
// it, which reads back as the same two decimals for every sum there is.
func (c Cell) value() any {
	switch c.kind {
	case sum:
		return float64(c.number) / 100
	case percent:
		return float64(c.number) / 10_000
	case count:
		return c.number
	case day:
		if c.day.IsZero() {
			return ""
		}
		y, m, d := c.day.Date()
		return int64(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	}
	return c.text
}

type style struct {
	kind kind
	loud bool
}

// The formats that spreadsheets know by a number.
const (
	asCount   = 3  // #,##0
	asSum     = 4  // #,##0.00
	asPercent = 10 // 0.00%
	asText    = 49 // @
)

func newStyles(f *excelize.File) (map[style]int, error) {
	dates := "yyyy-mm-dd"
	styles := map[style]int{}
	for kind, format := range map[kind]excelize.Style{
		words: {NumFmt: asText}, sum: {NumFmt: asSum}, count: {NumFmt: asCount}, percent: {NumFmt: asPercent}, day: {CustomNumFmt: &dates},
	} {
		for _, loud := range []bool{false, true} {
			one := format
			one.Alignment = &excelize.Alignment{Vertical: "top", WrapText: kind == words}
			if loud {
				one.Font = &excelize.Font{Bold: true}
			}
			n, err := f.NewStyle(&one)
			if err != nil {
				return nil, err
			}
			styles[style{kind, loud}] = n
		}
	}
	return styles, nil
}

// sheetName is a name that a workbook may have: short, without what formulas
// use, and only once.
func sheetName(name string, i int, used map[string]bool) string {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) || r < ' ' {
			return '-'
		}
		return r
	}, name))
	if r := []rune(name); len(r) > 28 {
		name = string(r[:28])
	}
	if name == "" || used[strings.ToLower(name)] {
		name = fmt.Sprintf("%s %d", name, i+1)
	}
	used[strings.ToLower(name)] = true
	return name
}
