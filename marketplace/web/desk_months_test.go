package web_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/ledger"
)

func TestTwoOperatorsCloseAMonthAndTheAccountantGetsIt(t *testing.T) {
	h := newHouse(t)
	h.UpTo(t, order.Completed)
	name := ledger.MonthAt(h.DB.Now(), time.FixedZone("", 8*3600)).Name
	one, two := h.operator(t, h.Market), h.operator(t, h.Market)
	a := h.visitor(t, one)
	way := h.way("/desk/operator/books/months")
	if got := a.post(t, way, "month", name, "fate", "close"); got.status != http.StatusConflict {
		t.Errorf("the running month is closed: %d", got.status)
	}
	h.Clock.Advance(32 * 24 * time.Hour)
	h.Drain(t)
	a, b := h.visitor(t, one), h.visitor(t, two) // a month later they sign in anew
	has(t, a.page(t, way), "关这个月")
	a.does(t, way, "month", name, "fate", "close")
	if got := a.post(t, way, "month", name, "fate", "agree"); got.status != http.StatusForbidden {
		t.Errorf("one agrees with oneself: %d", got.status)
	}
	for range 2 {
		b.does(t, way, "month", name, "fate", "agree")
	}
	has(t, b.page(t, way), "关了")
	if got := a.post(t, way, "month", name, "fate", "reopen", "why", ""); got.status != http.StatusUnprocessableEntity {
		t.Errorf("opened again without a reason: %d", got.status)
	}
	h.clean(t)

	var trial []ledger.Row
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { trial, err = ledger.Trial(tx); return }))
	want := map[string][2]int64{}
	for _, r := range trial {
		want[r.Account] = [2]int64{r.Debit, r.Credit}
	}
	got := map[string][2]int64{}
	file := h.way("/desk/operator/books/journal/" + name)
	for _, m := range []string{name, ledger.MonthAt(h.DB.Now(), time.FixedZone("", 8*3600)).Name} {
		file := strings.Replace(file, name, m+".csv", 1)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.get(t, file).body, "\xef\xbb\xbf"))).ReadAll()
		must(t, err)
		total := rows[len(rows)-1]
		if total[0] != "total" || total[7] != total[8] || total[3] != strconv.Itoa(len(rows)-2) {
			t.Errorf("%s ends with %q after %d lines", m, total, len(rows)-2)
		}
		for _, r := range rows[1 : len(rows)-1] {
			s := got[r[4]]
			got[r[4]] = [2]int64{s[0] + minorOf(r[7]), s[1] + minorOf(r[8])}
		}
	}
	for account, sums := range want {
		if got[account] != sums {
			t.Errorf("%s: the trial balance %v, the journal %v", account, sums, got[account])
		}
	}
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%d accounts in the journal, %d in the trial balance", len(got), len(want))
	}
	book, err := excelize.OpenReader(bytes.NewReader([]byte(a.get(t, strings.Replace(file, name, name+".xlsx", 1)).body)))
	must(t, err)
	lines, err := book.GetRows(book.GetSheetName(0))
	must(t, err)
	if end := lines[len(lines)-1]; end[0] != "合计" || end[5] != end[6] || end[1] != strconv.Itoa(len(lines)-2) {
		t.Errorf("the workbook ends with %q", end)
	}
	for _, bad := range []string{"2026-13.csv", "x.csv", name, name + ".pdf"} {
		if got := a.get(t, h.way("/desk/operator/books/journal/"+bad)); got.status != http.StatusNotFound {
			t.Errorf("%s answers %d", bad, got.status)
		}
	}
}

// minorOf reads a sum of the file.
func minorOf(s string) (n int64) {
	for _, c := range strings.ReplaceAll(s, ".", "") {
		n = n*10 + int64(c-'0')
	}
	return n
}
