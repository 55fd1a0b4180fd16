package bank

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"slices"
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

// file is what one statement of a file says.
type file struct {
	key     [32]byte // what it is known again by: the hash of its text
	name    string
	account string // empty: it does not say
	until   time.Time
	closing *int64
	lines   []Line
}

// read reads a file of either layout into its statements, one or more;
// docs/bank-file.md describes them.
func read(data []byte, currency string) ([]file, error) {
	if len(data) > mostBytes {
		return nil, fault.TooLarge("statement_large", fault.Args{"most": mostLines})
	}
	text, ok := written.File(data)
	if !ok { // a workbook, a picture, half a file
		return nil, fault.Invalid("file", "statement_layout")
	}
	how := readCSV
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		how = readCamt
	}
	all, err := how(text, currency)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(f file) bool { return len(f.lines) == 0 && f.closing == nil })
	if len(all) == 0 {
		return nil, fault.Invalid("file", "statement_empty")
	}
	lines, seen := 0, map[string]bool{}
	for i := range all {
		if lines += len(all[i].lines); lines > mostLines {
			return nil, fault.TooLarge("statement_large", fault.Args{"most": mostLines})
		}
		if err := all[i].check(seen); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// check refuses lines that could not be told apart from those that were seen in the
// file, and finds the last day.
func (f *file) check(seen map[string]bool) error {
	for _, l := range f.lines {
		switch {
		case l.Reference == "" || utf8.RuneCountInString(l.Reference) > 100:
			return fault.Invalid("file", "statement_reference")
		case seen[l.Reference]:
			return fault.Invalid("file", "statement_twice", fault.Args{"reference": l.Reference})
		}
		seen[l.Reference] = true
		if l.On.After(f.until) {
			f.until = l.On
		}
	}
	return nil
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
