package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"commonfield/marketplace/order"
)

var entryLink = regexp.MustCompile(`/desk/operator/books/entries/[0-9a-f-]{36}`)

func TestFromTheTrialBalanceOneComesToAnOrder(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Completed)
	o, err := h.Orders.Find(t.Context(), ref)
	must(t, err)
	v := h.visitor(t, h.operator(t, h.Market))
	account := h.way("/desk/operator/books/account") + "&name="
	has(t, v.page(t, h.way("/desk/operator/books")), "name=owed", "name=held%3Aorder")
	has(t, v.page(t, account+"owed"), "owed:"+h.Producer.PayeeID.String())
	body := v.page(t, account+url.QueryEscape("owed:"+h.Producer.PayeeID.String()))
	entry := entryLink.FindString(body)
	if entry == "" {
		t.Fatal("the account names no entry")
	}
	has(t, v.page(t, entry+fmt.Sprintf("?market=%d", h.Market)), o.Number, "/orders/")
	story := h.way("/desk/operator/books/order") + "&number="
	has(t, v.page(t, story+o.Number), "held:order:"+ref.ID.String(), "owed:"+h.Producer.PayeeID.String(), "¥130.00")
	has(t, v.page(t, story+"NONE"), "NONE")
	for way, status := range map[string]int{
		account + "nothing": http.StatusNotFound, account + "bank:operating&after=x": http.StatusUnprocessableEntity, account + "owed&after=bank": http.StatusUnprocessableEntity,
		h.way("/desk/operator/books/entries/019a0000-0000-7000-8000-000000000000"): http.StatusNotFound, h.way("/desk/operator/books/entries/x"): http.StatusNotFound,
	} {
		if got := v.get(t, way); got.status != status {
			t.Errorf("%s answers %d, not %d", way, got.status, status)
		}
	}
	if got := h.visitor(t, h.Seller.Person).get(t, account+"owed"); got.status != http.StatusForbidden {
		t.Errorf("a producer reads the books: %d", got.status)
	}
}
