package bank

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"commonfield/storage/fault"
	"commonfield/storage/written"
)

// The most that a statement may hold.
const (
	mostBytes = 8 << 20
	mostLines = 20_000
)

// file is what a statement says.
type file struct {
	name    string
	account string // empty: it does not say
	until   time.Time
	closing *int64
	lines   []Line
}

// read reads a statement of either layout; docs/bank-file.md describes them.
func read(data []byte, currency string) (file, error) {
	if len(data) > mostBytes {
		return file{}, fault.TooLarge("statement_large", fault.Args{"most": mostLines})
	}
	text, ok := written.File(data)
	if !ok { // a workbook, a picture, half a file
		return file{}, fault.Invalid("file", "statement_layout")
	}
	how := readCSV
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		how = readCamt
	}
	f, err := how(text, currency)
	if err != nil {
		return f, err
	}
	if len(f.lines) == 0 && f.closing == nil {
		return f, fault.Invalid("file", "statement_empty")
	}
	if len(f.lines) > mostLines {
		return f, fault.TooLarge("statement_large", fault.Args{"most": mostLines})
	}
	seen := map[string]bool{}
	for _, l := range f.lines {
		switch {
		case l.Reference == "" || utf8.RuneCountInString(l.Reference) > 100:
			return f, fault.Invalid("file", "statement_reference")
		case seen[l.Reference]:
			return f, fault.Invalid("file", "statement_twice", fault.Args{"reference": l.Reference})
		}
		seen[l.Reference] = true
		if l.On.After(f.until) {
			f.until = l.On
		}
	}
	return f, nil
}

func notCSV(err error) error {
	no := 0
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		no = at.Line
	}
	return fault.Invalid("file", "statement_unreadable", fault.Args{"line": no}).Because(err)
}

func xmlLine(err error) int {
	if at, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return at.Line
	}
	return 0
}

func cut(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

func number(n int) string { return strconv.Itoa(n) }
