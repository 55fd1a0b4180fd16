package bank

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"commonfield/storage/fault"
	"commonfield/storage/money"
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
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 { // no column holds a nought byte
		return file{}, fault.Invalid("file", "statement_unreadable", fault.Args{"line": 1})
	}
	text := strings.TrimPrefix(string(data), "\xef\xbb\xbf")
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

// columns are the names that a column may have; banks export their own.
var columns = map[string][]string{
	"reference": {"reference", "流水号", "交易流水号", "交易流水", "凭证号"},
	"date":      {"date", "日期", "交易日期", "记账日期", "入账日期"},
	"amount":    {"amount", "金额", "交易金额", "发生额"},
	"in":        {"in", "收入", "收入金额", "贷方发生额", "贷方金额"},
	"out":       {"out", "支出", "支出金额", "借方发生额", "借方金额"},
	"party":     {"party", "对方户名", "对方名称", "对方单位"},
	"text":      {"text", "摘要", "附言", "用途", "备注"},
	"balance":   {"balance", "余额", "账户余额"},
}

func readCSV(text, _ string) (file, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return file{}, fault.Invalid("file", "statement_empty")
	}
	if err != nil {
		return file{}, notCSV(err)
	}
	at := map[string][]int{}
	for i, name := range head {
		for column, names := range columns {
			if slices.Contains(names, strings.ToLower(strings.TrimSpace(name))) {
				at[column] = append(at[column], i)
			}
		}
	}
	if at["reference"] == nil || at["date"] == nil || at["amount"] == nil && (at["in"] == nil || at["out"] == nil) {
		return file{}, fault.Invalid("file", "statement_columns")
	}
	var f file
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, notCSV(err)
		}
		cell := func(column string) string {
			var parts []string
			for _, i := range at[column] {
				if i < len(record) {
					if s := strings.TrimPrefix(strings.TrimSpace(record[i]), "'"); s != "" {
						parts = append(parts, s)
					}
				}
			}
			return strings.Join(parts, " ")
		}
		if strings.Trim(strings.Join(record, ""), " \t") == "" {
			continue // the empty rows that spreadsheets leave behind
		}
		no, _ := r.FieldPos(0)
		if f.lines, err = f.row(cell, no); err != nil {
			return f, err
		}
		if len(f.lines) > mostLines {
			return f, fault.TooLarge("statement_large", fault.Args{"most": mostLines})
		}
	}
}

// row adds one row, and keeps its balance if it is the newest.
func (f *file) row(cell func(string) string, no int) ([]Line, error) {
	l := Line{Reference: cell("reference"), Party: cut(cell("party"), 120), Words: cut(cell("text"), 300)}
	var ok bool
	if l.On, ok = day(cell("date")); !ok {
		return nil, fault.Invalid("file", "statement_day", fault.Args{"line": no})
	}
	if l.Reference == "" {
		return nil, fault.Invalid("file", "statement_reference")
	}
	in, out := cell("in"), cell("out")
	if sum := cell("amount"); sum != "" {
		l.Amount, ok = decimal(sum)
	} else {
		var came, went int64
		if came, ok = decimal(orNought(in)); ok {
			went, ok = decimal(orNought(out))
		}
		l.Amount = came - went
		ok = ok && (came == 0) != (went == 0)
	}
	if !ok || l.Amount == 0 {
		return nil, fault.Invalid("file", "statement_sum", fault.Args{"line": no})
	}
	if sum := cell("balance"); sum != "" && !l.On.Before(f.until) {
		balance, ok := decimal(sum)
		if !ok {
			return nil, fault.Invalid("file", "statement_sum", fault.Args{"line": no})
		}
		f.closing, f.until = &balance, l.On
	}
	return append(f.lines, l), nil
}

func orNought(s string) string {
	if s == "" || s == "-" {
		return "0"
	}
	return s
}

func day(s string) (time.Time, bool) {
	if at := strings.IndexAny(s, " T"); at > 0 {
		s = s[:at]
	}
	for _, layout := range []string{"2006-01-02", "20060102", "2006/1/2", "2006.1.2", "2006年1月2日"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 2000 {
			return t, true
		}
	}
	return time.Time{}, false
}

// decimal reads a sum to the fen, with or without thousands.
func decimal(s string) (int64, bool) {
	s = strings.NewReplacer(",", "", "，", "", "¥", "", "￥", "", " ", "", "+", "").Replace(s)
	minus := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	n, ok := money.Decimal(s)
	if minus {
		n = -n
	}
	return n, ok && max(n, -n) <= 1_000_000_000_000_000
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
