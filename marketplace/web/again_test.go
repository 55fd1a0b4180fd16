package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/storage/id"
)

func TestTheSameIsBoughtAgainAndAnOrderIsFoundByItsNumber(t *testing.T) {
	h := newHouse(t)
	buyer, other := h.nobody(), h.nobody()
	buyer.lang, other.lang = "en", "en"
	mine := h.paid(t, buyer)
	body := buyer.page(t, mine)
	a, way := buyer.press(t, form(t, body, mine+"/again"))
	if way != "/basket" {
		t.Fatalf("buying again leads to %s", way)
	}
	has(t, a.body, h.listing(t), "1 thing is in the basket")
	h.Drain(t) // where many markets are, a job says in which a person has been
	has(t, buyer.page(t, "/orders?group=to_receive"), mine)
	if strings.Contains(buyer.page(t, "/orders?group=done"), mine) {
		t.Error("an order on its way is among those that are done")
	}
	has(t, buyer.page(t, "/orders?q="+strings.Repeat("x", 3000)), "There is no such order")
	none := "YL-" + id.Short(id.New()) // tries are counted by number, also those of earlier runs
	a, _ = other.press(t, form(t, other.page(t, "/orders/find"), "/orders/find"), "number", none, "phone", "13800000000")
	if a.status != http.StatusNotFound {
		t.Errorf("a number that is none answers %d", a.status)
	}
	has(t, a.body, `value="`+none+`"`, `role="alert"`)
}
