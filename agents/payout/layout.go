package payout

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"time"

	"commonfield/storage/id"
)

// The layouts of the bank file. Every one says the same; which one a market's
// bank takes is among its rules. docs/bank-file.md describes them.
const (
	CSV    = "csv"
	Pain03 = "pain.001.001.03" // ISO 20022, as most banks still take it
	Pain09 = "pain.001.001.09" // its version of 2019
)

// Layouts lists them, as pages show them.
var Layouts = []string{CSV, Pain03, Pain09}

// layout is one way to write a batch for a bank. The bytes come from the batch
// and its lines alone: written again, they are the same.
type layout struct {
	ending string
	kind   string // media type
	write  func(of sheet) ([]byte, error)
}

var layouts = map[string]layout{
	CSV:    {"csv", "text/csv; charset=utf-8", writeCSV},
	Pain03: {"xml", "application/xml; charset=utf-8", func(of sheet) ([]byte, error) { return writePain(of, Pain03) }},
	Pain09: {"xml", "application/xml; charset=utf-8", func(of sheet) ([]byte, error) { return writePain(of, Pain09) }},
}

// sheet is what a file says: the batch, where its money comes from, and its lines.
type sheet struct {
	batch Batch
	at    time.Time // when it was approved, on the market's clock
	lines []line
}

// line is one payout of the file, its account number opened.
type line struct {
	id                          id.ID
	payee, holder, bank, number string
	amount                      int64
}

func (l line) name() string { return id.Short(l.id) }

// reference is what the payee reads on the statement, and answers name.
func (of sheet) reference(l line) string { return of.batch.Number + "-" + l.name() }

var header = []string{"number", "payee", "holder", "bank", "account", "amount", "currency", "reference"}

// bom tells spreadsheets that the file is UTF-8; without it they garble Chinese.
const bom = "\xef\xbb\xbf"

func writeCSV(of sheet) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(bom)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.Write(header); err != nil {
		return nil, err
	}
	for _, l := range of.lines {
		cells := []string{l.name(), l.payee, l.holder, l.bank, l.number, decimal(l.amount), of.batch.Currency, of.reference(l)}
		for i := range cells {
			cells[i] = plain(cells[i])
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// plain keeps a spreadsheet from reading a cell as a formula.
func plain(cell string) string {
	if cell != "" && bytes.IndexByte([]byte("=+-@\t\r\n"), cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

// decimal writes minor units with two decimals, as banks read them.
func decimal(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d.%02d", sign, minor/100, minor%100)
}
