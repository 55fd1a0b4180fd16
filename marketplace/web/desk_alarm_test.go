package web_test

import (
	"strings"
	"testing"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// gaveUp writes down a job that gave up.
func (h *house) gaveUp(t *testing.T) {
	t.Helper()
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		job := id.New()
		tx.Queue(`INSERT INTO jobs (market_id, id, kind, key, state, run_at, attempts, error, created_at, finished_at) VALUES ($1, $2, 'order:seen', $3, 'failed', $4, 9, 'no such thing', $4, $4)`,
			h.Market, job, job.String(), tx.Now)
		return nil
	}))
}

func TestWhatAlarmsHearIsOnTheBooksPageAndOnTheDesk(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	const books = "/desk/operator/books"
	quiet := v.page(t, books)
	has(t, quiet, "没有要看的")
	if page := v.page(t, "/desk/operator"); strings.Contains(page, "#alarms") {
		t.Error("the desk counts alarms where there is none")
	}
	h.gaveUp(t)
	h.gaveUp(t)
	loud := v.page(t, books)
	has(t, loud, `id="alarms"`, "后台任务：有没办成的", "2 处", "no such thing", "账是平的")
	if strings.Contains(loud, "没有要看的") {
		t.Error("it says too that there is nothing")
	}
	has(t, v.page(t, "/desk/operator"), h.way(books)+"#alarms", "账上有 1 件事要看一看")
	v.page(t, href(t, loud, "/desk/operator/jobs"))
	v.lang = "en"
	has(t, v.page(t, books), "Jobs: one gave up", "2 times")
	v.lang = "zh"
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		return ledger.Post(tx, ledger.Entry{Cause: "test:lost", By: id.New(), Legs: []ledger.Leg{{Debit: ledger.Recon, Credit: ledger.BankOperating, Amount: 123456}}})
	}))
	has(t, v.page(t, books), "还没说清的差额一共 ¥1,234.56")
}
