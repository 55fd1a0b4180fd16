package bank

import (
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"commonfield/storage/fault"
	"commonfield/storage/money"
)

// columns are the names that a column may have; banks export their own.
var columns = map[string][]string{
	"reference": {"reference", "流水号", "交易流水号", "交易流水", "凭证号"},
	"date":      {"date", "日期", "交易日期", "交易日", "交易时间", "记账日期", "记账日", "入账日期"},
	"amount":    {"amount", "金额", "交易金额", "发生额"},
	"side":      {"side", "借贷标志", "借贷方向", "借贷", "借/贷", "收支", "收支标志", "收/支"},
	"in":        {"in", "收入", "收入金额", "贷方发生额", "贷方金额"},
	"out":       {"out", "支出", "支出金额", "借方发生额", "借方金额"},
	"party":     {"party", "对方户名", "对方名称", "对方单位", "对方单位名称", "对方账户名称"},
	"text":      {"text", "摘要", "附言", "用途", "备注", "交易附言", "交易用途"},
	"balance":   {"balance", "余额", "账户余额", "交易后余额"},
}

// beside is what banks write beside a column's name: its unit, the name in another
// language.
var beside = regexp.MustCompile(`[(（\[].*$|/元.*$`)

// mostAbove is how many rows may stand above the names of the columns: whose
// account it is, from when till when.
const mostAbove = 40

// named finds the columns by their names, the first of them where several have one.
func named(row []string) map[string][]int {
	at := map[string][]int{}
	for i, name := range row {
		name = strings.ToLower(strings.TrimSpace(beside.ReplaceAllString(strings.TrimSpace(name), "")))
		for column, names := range columns {
			if slices.Contains(names, name) {
				at[column] = append(at[column], i)
			}
		}
	}
	if at["reference"] == nil || at["date"] == nil || at["amount"] == nil && (at["in"] == nil || at["out"] == nil) {
		return nil
	}
	return at
}

// readCSV reads a table with commas, tabs or semicolons between its cells.
func readCSV(text, _ string) ([]file, error) {
	var first error
	for _, between := range []rune{',', '\t', ';'} {
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord, r.Comma = -1, between
		for range mostAbove {
			row, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				if first == nil {
					first = notCSV(err)
				}
				break
			}
			if at := named(row); at != nil {
				f, err := readRows(r, at)
				f.key = sha256.Sum256([]byte(text))
				return []file{f}, err
			}
		}
	}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, fault.Invalid("file", "statement_empty")
	case first != nil:
		return nil, first
	}
	return nil, fault.Invalid("file", "statement_columns")
}

func readRows(r *csv.Reader, at map[string][]int) (file, error) {
	var f file
	var sums []told
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			f.closes(sums)
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
		if no = max(no, 1); cell("reference") == "" && total(record) {
			continue
		}
		sum, err := f.row(cell, no)
		if err != nil {
			return f, err
		}
		if sums = append(sums, sum); len(f.lines) > mostLines {
			return f, fault.TooLarge("statement_large", fault.Args{"most": mostLines})
		}
	}
}

// total says that a row only adds the others up.
func total(record []string) bool {
	for _, cell := range record {
		if cell = strings.ToLower(strings.TrimSpace(cell)); cell != "" {
			return strings.HasPrefix(cell, "合计") || strings.HasPrefix(cell, "总计") || strings.HasPrefix(cell, "total")
		}
	}
	return false
}

// row adds one row, and gives the balance that stands in it.
func (f *file) row(cell func(string) string, no int) (told, error) {
	l := Line{Reference: cell("reference"), Party: cut(cell("party"), 120), Words: cut(cell("text"), 300)}
	var ok bool
	if l.On, ok = day(cell("date")); !ok {
		return told{}, fault.Invalid("file", "statement_day", fault.Args{"line": no})
	}
	if l.Reference == "" {
		return told{}, fault.Invalid("file", "statement_reference")
	}
	in, out := cell("in"), cell("out")
	if sum := cell("amount"); sum != "" {
		l.Amount, ok = decimal(sum)
		if ok && cell("side") != "" {
			l.Amount, ok = sided(l.Amount, cell("side"))
		}
	} else {
		var came, went int64
		if came, ok = decimal(orNought(in)); ok {
			went, ok = decimal(orNought(out))
		}
		l.Amount = came - went
		ok = ok && (came == 0) != (went == 0)
	}
	sum := told{day: l.On, amount: l.Amount}
	if text := cell("balance"); ok && text != "" {
		sum.there = true
		sum.balance, ok = decimal(text)
	}
	if !ok || l.Amount == 0 {
		return told{}, fault.Invalid("file", "statement_sum", fault.Args{"line": no})
	}
	f.lines = append(f.lines, l)
	return sum, nil
}

// sided gives a sum its sign, where the bank says it in a column of its own: what
// went out stands under "debit", from where the bank sits.
func sided(sum int64, side string) (int64, bool) {
	switch strings.ToLower(side) {
	case "贷", "贷方", "收", "收入", "来账", "转入", "c", "cr", "crdt", "credit":
		return sum, sum > 0
	case "借", "借方", "付", "支", "支出", "往账", "转出", "d", "dr", "dbit", "debit":
		return -max(sum, -sum), true
	}
	return 0, false
}

// told is one row's day and sum, and the balance after it where it says one.
type told struct {
	day             time.Time
	amount, balance int64
	there           bool
}

// closes keeps the balance after the newest row. Half of the banks write the newest
// row first: the days say it, and within one day what each row adds to the balance.
func (f *file) closes(rows []told) {
	if backwards(rows) {
		slices.Reverse(rows)
	}
	for _, r := range rows {
		if r.there && !r.day.Before(f.until) {
			f.closing, f.until = &r.balance, r.day
		}
	}
}

func backwards(rows []told) bool {
	if len(rows) == 0 {
		return false
	}
	if n := rows[0].day.Compare(rows[len(rows)-1].day); n != 0 {
		return n > 0
	}
	down, up := 0, 0
	for i := 1; i < len(rows); i++ {
		if one, two := rows[i-1], rows[i]; one.there && two.there {
			if two.balance == one.balance+two.amount {
				up++
			}
			if one.balance == two.balance+one.amount {
				down++
			}
		}
	}
	return down > up
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
	for _, layout := range []string{"2006-01-02", "20060102", "20060102150405", "2006/1/2", "2006.1.2", "2006年1月2日"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 2000 {
			return t.Truncate(24 * time.Hour), true
		}
	}
	return time.Time{}, false
}

// thousands is a sum with commas only where thousands end. "12,5" is none: somebody's
// twelve and a half must not become a hundred and twenty-five.
var thousands = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d*)?$`)

// decimal reads a sum to the fen, with or without thousands.
func decimal(s string) (int64, bool) {
	s = strings.NewReplacer("，", ",", "¥", "", "￥", "", " ", "", "\u00a0", "", "−", "-", "－", "-").Replace(s)
	minus := strings.HasPrefix(s, "-")
	if s = strings.TrimPrefix(s, "-"); !minus {
		s = strings.TrimPrefix(s, "+")
	}
	if thousands.MatchString(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	n, ok := money.Decimal(s)
	if minus {
		n = -n
	}
	return n, ok && max(n, -n) <= 1_000_000_000_000_000
}
