package workbook_test

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"commonfield/storage/workbook"
)

func write(t *testing.T, sheets ...workbook.Sheet) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := workbook.Write(&b, sheets...); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func rows(all ...[]workbook.Cell) func(func(...workbook.Cell) error) error {
	return func(put func(...workbook.Cell) error) error {
		for _, r := range all {
			if err := put(r...); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestSumsReadBackToTheFen(t *testing.T) {
	sums := []int64{0, 1, -1, 10, 99, -101, 2992, 123456789, -99999999999, 900_719_925_474_099}
	for range 2000 {
		sums = append(sums, rand.Int64N(2e14)-1e14)
	}
	var all [][]workbook.Cell
	for _, s := range sums {
		all = append(all, []workbook.Cell{workbook.Sum(s)})
	}
	f := write(t, workbook.Sheet{Name: "sums", Fill: rows(all...)})
	got, err := f.GetRows("sums", excelize.Options{RawCellValue: true})
	if err != nil || len(got) != len(sums) {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i, want := range sums {
		x, err := strconv.ParseFloat(got[i][0], 64)
		if err != nil {
			t.Fatal(err)
		}
		if whole := strconv.FormatFloat(x*100, 'f', 0, 64); whole != strconv.FormatInt(want, 10) {
			t.Errorf("%d came back as %s (%s)", want, got[i][0], whole)
		}
	}
	if shown, err := f.GetCellValue("sums", "A7"); err != nil || shown != "29.92" {
		t.Errorf("2992 is shown as %q, %v", shown, err)
	}
}

func TestWhatPeopleWroteIsNeverAFormula(t *testing.T) {
	bad := []string{`=1+1`, `+49 1`, `-2`, `@SUM(A1)`, `=HYPERLINK("http://x","y")`, "\t=1", "=cmd|' /C calc'!A0", "<b>&\"", "\x01\x0b"}
	var all [][]workbook.Cell
	for _, s := range bad {
		all = append(all, []workbook.Cell{workbook.Text(s), workbook.Text(s).Loud()})
	}
	f := write(t, workbook.Sheet{Name: "=1+1", Fill: rows(all...)})
	name := f.GetSheetName(0)
	for i, want := range bad {
		for _, column := range []string{"A", "B"} {
			at := column + strconv.Itoa(i+1)
			if formula, err := f.GetCellFormula(name, at); err != nil || formula != "" {
				t.Errorf("%q became the formula %q (%v)", want, formula, err)
			}
			kind, err := f.GetCellType(name, at)
			if err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
				t.Errorf("%q is kept as %v (%v)", want, kind, err)
			}
			if got, _ := f.GetCellValue(name, at); strings.HasPrefix(want, "=") && got != want {
				t.Errorf("%q reads back as %q", want, got)
			}
			n, err := f.GetCellStyle(name, at)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := f.GetStyle(n); err != nil || s.NumFmt != 49 {
				t.Errorf("%q would be reckoned when its cell is edited: %+v %v", want, s, err)
			}
		}
	}
}

func TestDaysAreDatesAndNamesOfSheetsAreMade(t *testing.T) {
	place := time.FixedZone("market", 8*3600)
	late := time.Date(2026, 10, 31, 23, 59, 0, 0, place)
	one := workbook.Sheet{Name: "对账单: [1/2]", Widths: []int{12, 30}, Head: 1, Fill: rows(workbook.Heads("日子", "几单"), []workbook.Cell{workbook.Day(late), workbook.Count(12345), workbook.Percent(725), workbook.Day(time.Time{})})}
	two := one
	f := write(t, one, two)
	if n := f.SheetCount; n != 2 {
		t.Fatalf("%d sheets: %v", n, f.GetSheetList())
	}
	for _, name := range f.GetSheetList() {
		for at, want := range map[string]string{"A1": "日子", "A2": "2026-10-31", "B2": "12,345", "C2": "7.25%", "D2": ""} {
			if got, err := f.GetCellValue(name, at); err != nil || got != want {
				t.Errorf("%s %s is %q, not %q (%v)", name, at, got, want, err)
			}
		}
	}
}
