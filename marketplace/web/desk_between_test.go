package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/ledger"
)

func TestWhatAMarketOwesAnotherIsPaidByTransferFromItsDesk(t *testing.T) {
	h := newHouse(t)
	other := dbtest.Market(t, h.DB)
	// As a refund that market made for the other one would leave it, the other way round.
	for market, leg := range map[int32]ledger.Leg{h.Market: {Debit: ledger.GatewayAvailable, Credit: ledger.Intermarket(other), Amount: 12723}, other: {Debit: ledger.Intermarket(h.Market), Credit: ledger.Unclaimed("x"), Amount: 12723}} {
		must(t, h.DB.Update(t.Context(), market, func(tx *storage.Tx) error {
			return ledger.Post(tx, ledger.Entry{Cause: "refund:x:across", Legs: []ledger.Leg{leg}})
		}))
	}
	v := h.visitor(t, h.operator(t, h.Market))
	way := fmt.Sprintf("/desk/operator/between?market=%d", h.Market)
	m, err := h.m.Books.Market(t.Context(), other)
	must(t, err)
	has(t, v.page(t, way), m.Code, "¥127.23")
	to := fmt.Sprint(other)
	for name, bad := range map[string]struct {
		pairs  []string
		status int
		says   string
	}{
		"no sum":       {[]string{"to", to, "reference", "x"}, http.StatusUnprocessableEntity, ""},
		"no reference": {[]string{"to", to, "sum", "5"}, http.StatusUnprocessableEntity, ""},
		"no market":    {[]string{"sum", "5", "reference", "x"}, http.StatusUnprocessableEntity, ""},
		"too much":     {[]string{"to", to, "sum", "127.24", "reference", "x"}, http.StatusConflict, "¥127.23"},
		"to itself":    {[]string{"to", fmt.Sprint(h.Market), "sum", "5", "reference", "x"}, http.StatusUnprocessableEntity, ""},
	} {
		if got := v.post(t, way, bad.pairs...); got.status != bad.status {
			t.Errorf("%s answers %d", name, got.status)
		} else {
			has(t, got.body, bad.says)
		}
	}
	for range 2 {
		v.does(t, way, "key", "k", "to", to, "sum", "27.23", "reference", "T-1")
	}
	if got := v.post(t, way, "to", to, "sum", "28", "reference", "T-1"); got.status != http.StatusConflict {
		t.Errorf("the same reference with another sum answers %d", got.status)
	}
	has(t, v.page(t, way), "¥100.00", "¥27.23")
	if bank := h.balance(t, ledger.BankOperating); bank != -2723 {
		t.Errorf("the bank has %d", bank)
	}
	// The account has a name that people know, wherever it stands.
	q := fmt.Sprintf("?market=%d", h.Market)
	has(t, v.page(t, "/desk/operator/books/account"+q+"&name=intermarket:"+to), "集市之间", m.Name)
	h.clean(t)
}
