package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
)

func TestAChargebackIsWalkedByHandFromTheOperatorsPage(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	ref := h.UpTo(t, order.Accepted)
	o, err := h.Orders.Find(t.Context(), ref)
	must(t, err)
	page := h.way("/desk/operator/refunds")
	if strings.Contains(v.page(t, page), `id="play"`) {
		t.Error("without an order there is something to play")
	}
	has(t, v.page(t, page+"&number="+o.Number), `id="play"`, o.Number, "¥130.00")
	way := h.way("/desk/operator/refunds/try")
	for _, sum := range []string{"0", "-1", "x", "1e9"} {
		if a := v.post(t, way, "order", ref.ID.String(), "sum", sum); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="play"`) {
			t.Errorf("the sum %q answers %d", sum, a.status)
		}
	}
	if a := v.post(t, way, "order", id.New().String()); a.status != http.StatusNotFound {
		t.Errorf("an order that is none answers %d", a.status)
	}
	for range 3 {
		v.does(t, way, "order", ref.ID.String(), "sum", "140")
	}
	h.Drain(t)
	var all []payment.Chargeback
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { all, err = payment.Chargebacks(tx, 10); return }))
	if len(all) != 1 || all[0].Amount != 14000 {
		t.Fatalf("%+v", all)
	}
	has(t, v.page(t, page), `id="chargebacks"`, all[0].ID.String(), "¥140.00", `name="won"`)
	if a := v.post(t, way, "chargeback", all[0].ID.String(), "won", "perhaps"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a word that is none answers %d", a.status)
	}
	buyer := h.visitor(t, h.Buyer.Person)
	if a := buyer.post(t, way, "order", ref.ID.String()); a.status != http.StatusForbidden {
		t.Errorf("a buyer is answered %d", a.status)
	}
	for range 2 {
		v.does(t, way, "chargeback", all[0].ID.String(), "won", "no")
	}
	h.Drain(t)
	h.Must(t, ref, order.Cancelled)
	if a := v.post(t, way, "chargeback", all[0].ID.String(), "won", "yes"); a.status != http.StatusConflict && a.status != http.StatusUnprocessableEntity {
		t.Errorf("another word is answered %d", a.status)
	}
	h.clean(t)
}

func TestAPaymentByTransferIsNotTheSandboxsToTakeBack(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	ask := h.Ask(2500)
	ask.Way = "bank"
	placed, err := h.Orders.Place(t.Context(), noKey, ask)
	must(t, err)
	boss := order.By{Person: h.Operator.Person, As: order.AsOperator}
	_, err = h.Orders.Confirm(t.Context(), boss, h.Market, placed.Payment, placed.Total, "2026-11-26/2")
	must(t, err)
	o, err := h.Orders.Find(t.Context(), placed.Orders()[0])
	must(t, err)
	if strings.Contains(v.page(t, h.way("/desk/operator/refunds")+"&number="+o.Number), `id="play"`) {
		t.Error("a transfer can be taken back on the page")
	}
	if a := v.post(t, h.way("/desk/operator/refunds/try"), "order", o.ID.String()); a.status != http.StatusNotFound {
		t.Errorf("a transfer answers %d", a.status)
	}
}
