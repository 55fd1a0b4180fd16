package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

func TestARefundThatFailedIsSentAgainOnceAndWhatCameTooMuchGoesBackOnce(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	ask := h.Ask(2500)
	ask.Way = "bank"
	placed, err := h.Orders.Place(t.Context(), noKey, ask)
	must(t, err)
	boss := order.By{Person: h.Operator.Person, As: order.AsOperator}
	_, err = h.Orders.Confirm(t.Context(), boss, h.Market, placed.Payment, placed.Total+500, "2026-11-26/1")
	must(t, err)
	ref := order.Ref{Market: h.Market, ID: placed.Baskets[0].Orders[0]}
	_, err = h.Orders.Refund(t.Context(), noKey, boss, ref, nil, "没货了")
	must(t, err)
	var asked []payment.Refund
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { asked, err = payment.RecentRefunds(tx, 5); return }))
	if len(asked) != 1 {
		t.Fatalf("asked: %+v", asked)
	}
	failed := asked[0]
	must(t, h.Desk.Finish(t.Context(), h.Market, failed.ID, false))
	for _, lang := range []string{"en", "zh"} {
		v.lang = lang
		v.page(t, "/desk/operator")
		has(t, v.page(t, h.way("/desk/operator/refunds")), failed.ID.String(), `id="unclaimed"`)
	}
	has(t, v.page(t, "/desk/operator"), "2 笔钱等着退回去")
	way := h.way("/desk/operator/refunds/again")
	for range 2 { // pressed twice
		v.does(t, way, "key", "k", "refund", failed.ID.String())
	}
	v.does(t, way, "refund", failed.ID.String()) // another form, the same refund
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { asked, err = payment.RecentRefunds(tx, 5); return }))
	if len(asked) != 2 {
		t.Errorf("after pressing three times there are %d refunds", len(asked))
	}
	if a := v.post(t, way, "refund", asked[0].ID.String()); a.status != http.StatusConflict {
		t.Errorf("one that did not fail answers %d", a.status)
	}
	if a := v.post(t, way, "refund", id.New().String()); a.status != http.StatusNotFound {
		t.Errorf("no such refund answers %d", a.status)
	}
	excess := h.way("/desk/operator/refunds/excess")
	for range 2 {
		v.does(t, excess, "key", "e", "payment", failed.Payment.String())
	}
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { asked, err = payment.RecentRefunds(tx, 5); return }))
	if len(asked) != 3 || asked[0].Amount != 500 {
		t.Errorf("what came too much: %+v", asked)
	}
	if strings.Contains(v.page(t, h.way("/desk/operator/refunds")), `id="unclaimed"`) {
		t.Error("nothing waits any more and the page does not say so")
	}
	other, err := h.Orders.Find(t.Context(), h.UpTo(t, order.Secured))
	must(t, err)
	if a := v.post(t, excess, "payment", other.Payment.String()); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a payment without excess answers %d: %s", a.status, plain(a.body))
	}
	buyer := h.visitor(t, h.Buyer.Person)
	for _, w := range []string{way, excess} {
		if a := buyer.post(t, w, "refund", failed.ID.String(), "payment", failed.Payment.String()); a.status != http.StatusForbidden {
			t.Errorf("%s answers %d to a buyer", w, a.status)
		}
	}
	h.clean(t)
}

func TestARefundWhoseWayIsClosedIsSentByBankFromThePage(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	ref := h.UpTo(t, order.Secured)
	boss := order.By{Person: h.Operator.Person, As: order.AsOperator}
	r, err := h.Orders.Refund(t.Context(), noKey, boss, ref, nil, "没货了")
	must(t, err)
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error { // its card is closed
		tx.Queue("UPDATE jobs SET state = 'done' WHERE market_id = $1 AND kind = 'payment:refund'", h.Market)
		tx.Queue("UPDATE refunds SET state = 'failed' WHERE market_id = $1 AND id = $2", h.Market, r)
		return ledger.Post(tx, ledger.Entry{Cause: "refund:" + r.String() + ":failed", By: h.Operator.ID, Legs: []ledger.Leg{{Debit: ledger.TransitRefund(r), Credit: ledger.Unclaimed(r.String()), Amount: 13000}}})
	}))
	way := h.way("/desk/operator/refunds/transfer")
	page := v.page(t, h.way("/desk/operator/refunds"))
	has(t, page, "用银行转账退", "先问买家要账号")
	for range 2 {
		v.does(t, way, "refund", r.String())
	}
	page = v.page(t, h.way("/desk/operator/refunds"))
	if strings.Contains(page, `id="unclaimed"`) {
		t.Error("it waits still, though it is to be sent")
	}
	var sends []payment.Sending
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { sends, err = payment.ToSend(tx); return }))
	if len(sends) != 1 {
		t.Fatalf("%d to send", len(sends))
	}
	has(t, page, sends[0].ID.String())
	if a := v.post(t, way, "refund", sends[0].ID.String()); a.status != http.StatusConflict {
		t.Errorf("one that did not fail answers %d", a.status)
	}
	if a := h.visitor(t, h.Buyer.Person).post(t, way, "refund", r.String()); a.status != http.StatusForbidden {
		t.Errorf("a buyer is answered %d", a.status)
	}
	v.does(t, h.way("/desk/operator/refunds/sent"), "refund", sends[0].ID.String(), "fate", "sent")
	if have := h.balance(t, ledger.BankOperating); have != -13000 {
		t.Errorf("%d in the bank", have)
	}
	h.clean(t)
}

func TestAPausedMarketTakesNoOrders(t *testing.T) {
	h := newHouse(t)
	boss := h.visitor(t, h.operator(t, h.Market))
	boss.does(t, h.way("/desk/operator/market/pause"), "deed", "pause")
	_, err := h.Orders.Place(t.Context(), noKey, h.Ask(2500))
	if err == nil || !strings.Contains(err.Error(), "market_paused") {
		t.Errorf("placing answers %v", err)
	}
}

func TestTheSimulatorSaysWhoGetsWhat(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	body := v.page(t, h.way("/desk/operator/rates/try")+"&category=walnut&sum=200")
	has(t, body, "¥200.00", "就是这条")
	if a := v.get(t, h.way("/desk/operator/rates/try")+"&category=walnut&sum=x&day=never"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="x"`) {
		t.Errorf("a sum that is none answers %d", a.status)
	}
}
