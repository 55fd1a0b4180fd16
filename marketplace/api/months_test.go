package api_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// csvRows are the rows of a file that opens with the mark of its encoding.
func csvRows(t *testing.T, s said) [][]string {
	t.Helper()
	s.must(http.StatusOK)
	text, marked := strings.CutPrefix(string(s.body), "\xef\xbb\xbf")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || !strings.HasPrefix(s.header.Get("Content-Type"), "text/csv") || !strings.Contains(s.header.Get("Content-Disposition"), ".csv") {
		t.Fatalf("%v, %v: %q", err, s.header, s.body)
	}
	return rows
}

// sheetRows are the rows of a workbook's sheet.
func sheetRows(t *testing.T, s said, sheet int) [][]string {
	t.Helper()
	s.must(http.StatusOK)
	book, err := excelize.OpenReader(bytes.NewReader(s.body))
	if err != nil || !strings.Contains(s.header.Get("Content-Disposition"), ".xlsx") {
		t.Fatalf("%v, %v", err, s.header)
	}
	rows, err := book.GetRows(book.GetSheetName(sheet))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// minor reads a sum of a file: 1,234.50; nothing is nought.
func minor(t *testing.T, text string) int64 {
	t.Helper()
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", ",", "", "¥", "").Replace(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAMonthIsClosedByTwoKeptReopenedAndGivenToTheAccountant(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	x.sold(5000)
	x.sold(2000)
	here := "/ledger/months/YL/2026-11/"
	w.ask("POST", here+"close", x.boss, nil).refused(409, "month_runs")
	w.ask("POST", "/ledger/months/YL/2026-13/close", x.boss, nil).refused(404, "not_found")
	w.ask("POST", here+"agree", x.boss, nil).refused(404, "not_found")
	x.days(30)
	state := func(want string) (month object) {
		t.Helper()
		all := w.items(x.second, "/ledger/months?market=YL")
		if len(all) != 1 || all[0].text("month") != "2026-11" || all[0].text("state") != want {
			t.Errorf("not %s: %v", want, all)
		}
		return all[0]
	}
	ask := func(fate, token string) said { return w.ask("POST", here+fate, token, nil) }
	ask("close", x.grower).refused(403, "operator_only")
	for range 2 {
		ask("close", x.boss).must(204)
	}
	state("closing")
	ask("agree", x.boss).refused(403, "month_self")
	ask("keep", x.second).must(204)
	state("open")
	ask("agree", x.second).refused(409, "month_state")
	ask("close", x.boss).must(204)
	for range 2 {
		ask("agree", x.second).must(204)
	}
	closed := state("closed")
	ask("reopen", x.second).refused(422, "required")
	w.clean()

	// The accountant's files have what the month was closed with, line by line.
	w.ask("GET", "/ledger/journal/YL/2026-11", x.grower, nil).refused(403, "operator_only")
	w.ask("GET", "/ledger/journal/YL/2026-11?format=pdf", x.boss, nil).refused(422, "not_one_of")
	rows := csvRows(t, w.ask("GET", "/ledger/journal/YL/2026-11", x.boss, nil))
	total := rows[len(rows)-1]
	if debit := minor(t, total[7]); debit != closed.number("posted_minor") || total[7] != total[8] || debit == 0 || int64(len(rows)-2) != 2*closed.number("postings") {
		t.Errorf("closed with %v, the file ends with %q after %d lines", closed, total, len(rows)-2)
	}
	var owed int64
	for _, r := range rows[1 : len(rows)-1] {
		if r[4] == "owed" && r[6] == x.payee {
			owed += minor(t, r[8]) - minor(t, r[7])
		}
	}
	if have := x.balance("owed:" + x.payee); owed != have || have == 0 {
		t.Errorf("%d is owed to the grower, by the file %d", have, owed)
	}
	lines := sheetRows(t, w.ask("GET", "/ledger/journal/YL/2026-11?format=xlsx", x.boss, nil), 0)
	if end := lines[len(lines)-1]; len(lines) != len(rows) || minor(t, end[5]) != closed.number("posted_minor") || end[5] != end[6] {
		t.Errorf("the workbook has %d lines and ends with %q", len(lines), end)
	}

	for range 2 {
		w.ask("POST", here+"reopen", x.second, object{"reason": "一笔记错了"}).must(204)
	}
	if month := state("reopening"); month.text("why") != "一笔记错了" {
		t.Errorf("asked: %v", month)
	}
	ask("agree", x.second).refused(403, "month_self")
	ask("agree", x.boss).must(204)
	state("open")
	w.clean()
}

func TestABookIsReadAccountByAccountEntryByEntryOrderByOrder(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	order := x.sold(5000)
	owed := w.items(x.boss, "/ledger/accounts?market=YL")
	if len(owed) != 1 || owed[0].text("account") != "owed:"+x.payee || owed[0].text("payee") != "吐尔逊·买买提" || owed[0].number("balance_minor") != 11960 {
		t.Errorf("owed: %v", owed)
	}
	if held := w.items(x.boss, "/ledger/accounts?market=YL&name=held:order"); len(held) != 0 {
		t.Errorf("still held: %v", held)
	}
	w.ask("GET", "/ledger/accounts?market=YL&name=pocket", x.boss, nil).refused(404, "not_found")
	w.ask("GET", "/ledger/accounts?market=YL&after=x", x.boss, nil).refused(422, "cursor_bad")

	var book, one struct {
		Currency string
		Postings []object
	}
	w.ask("GET", "/ledger/orders/YL/"+order, x.grower, nil).refused(403, "operator_only")
	w.ask("GET", "/ledger/orders/YL/"+x.payee, x.boss, nil).refused(404, "not_found")
	w.ask("GET", "/ledger/orders/YL/"+order, x.boss, nil).must(200, &book)
	sums := map[string]int64{}
	for _, p := range book.Postings {
		sums[p.text("debit")] += p.number("amount_minor")
		sums[p.text("credit")] -= p.number("amount_minor")
	}
	if book.Currency != "CNY" || sums["owed:"+x.payee] != -11960 || sums["held:order:"+order] != 0 || sums["gateway:clearing"]+sums["cost:gateway"] != 13000 {
		t.Errorf("of the order: %v", sums)
	}
	last := book.Postings[len(book.Postings)-1]
	w.ask("GET", "/ledger/entries/YL/"+last.text("entry"), x.boss, nil).must(200, &one)
	if len(one.Postings) == 0 || one.Postings[0].text("cause") != last.text("cause") {
		t.Errorf("the entry of %v: %v", last, one.Postings)
	}
	w.ask("GET", "/ledger/entries/YL/"+x.payee, x.boss, nil).refused(404, "not_found")
	w.clean()
}
