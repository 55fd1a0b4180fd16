package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/marketplace/bank"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func TestAStatementIsReadAndAPersonDecidesTheRest(t *testing.T) {
	h := newHouse(t)
	ask := h.Ask(5000)
	ask.Way = "bank"
	b, err := h.Orders.Place(t.Context(), once.Key{}, ask)
	must(t, err)
	p, err := h.Orders.Pay(t.Context(), h.Market, b.Payment, "/")
	must(t, err)
	v := h.visitor(t, h.operator(t, h.Market))
	way := h.way("/desk/operator/bank")
	file := "date,reference,amount,party,text,balance\n2026-11-24,A1,130.00,王芳," + p.Reference + ",130.00\n2026-11-24,A2,-3.50,银行,年费,126.50\n2026-11-24,A3,9.00,=1+1,<b>x</b>,135.50\n"
	for range 2 {
		if got := v.send(t, way, "file", []byte(file)); got.status != http.StatusSeeOther {
			t.Fatalf("it answers %d: %s", got.status, got.body)
		}
	}
	body := v.page(t, way)
	has(t, body, "年费", "A2", "&lt;b&gt;x&lt;/b&gt;", "买家的转账", "银行手续费", "还没定的")
	var lines []bank.Line
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { lines, err = bank.Lines(tx, id.None, 10); return }))
	of := map[string]string{}
	for _, l := range lines {
		of[l.Reference] = l.ID.String()
	}
	lineWay := strings.Replace(way, "/bank", "/bank/lines", 1)
	if got := v.post(t, lineWay, "line", of["A2"], "say", ""); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "年费") {
		t.Errorf("nothing chosen answers %d", got.status)
	}
	v.does(t, lineWay, "line", of["A2"], "say", "fee:")
	v.does(t, lineWay, "line", of["A3"], "say", "unclaimed:")
	if got := v.post(t, lineWay, "line", of["A3"], "say", "capital:"); got.status != http.StatusConflict && got.status != http.StatusNotFound {
		t.Errorf("decided twice answers %d", got.status)
	}
	if got := h.balance(t, ledger.BankOperating); got != 13_550 {
		t.Errorf("the bank has %d", got)
	}
	has(t, v.page(t, way), "对得上", `id="nobodys"`, "unclaimed%3A"+of["A3"])
	has(t, v.page(t, h.way("/desk/operator/refunds")), "不知道谁打来的", "#n"+of["A3"])
	matchWay := strings.Replace(way, "/bank", "/bank/matches", 1)
	for number, status := range map[string]int{"": http.StatusUnprocessableEntity, "YL-0000": http.StatusUnprocessableEntity} {
		if got := v.post(t, matchWay, "line", of["A3"], "number", number); got.status != status || !strings.Contains(got.body, `value="`+number) {
			t.Errorf("%q answers %d", number, got.status)
		}
	}
	if got := v.post(t, matchWay, "line", id.New().String(), "number", p.Reference); got.status != http.StatusNotFound {
		t.Errorf("no such line answers %d", got.status)
	}
	for range 2 {
		v.does(t, matchWay, "line", of["A3"], "number", " "+strings.ToLower(p.Reference))
	}
	if body := v.page(t, way); strings.Contains(body, `id="nobodys"`) {
		t.Error("it is still nobody's")
	}
	if got := h.balance(t, ledger.Unclaimed(p.ID.String())); got != 900 {
		t.Errorf("beyond what was due there are %d", got)
	}
	has(t, v.page(t, way), "对得上")
	for bad, status := range map[string]int{"": http.StatusUnprocessableEntity, "a,b\n1,2\n": http.StatusUnprocessableEntity} {
		if got := v.send(t, way, "file", []byte(bad)); got.status != status {
			t.Errorf("%q answers %d", bad, got.status)
		}
	}
	h.clean(t)
}
