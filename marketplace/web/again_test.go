package web_test

import (
	"net/http"
	"regexp"
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

// Number and phone are printed on the parcel: they show a guest's order, and the
// code that only the guest's own browser showed makes it an account's.
func TestAGuestsOrderBecomesAnAccountsByTheCodeOfItsOwnBrowser(t *testing.T) {
	h := newHouse(t)
	guest, neighbour, buyer := h.nobody(), h.visitor(t, h.Person(t, "邻居")), h.visitor(t, h.Person(t, "王芳"))
	for _, v := range []*visitor{guest, neighbour, buyer} {
		v.lang = "en"
	}
	pay := h.buy(t, guest)
	result, _ := guest.press(t, form(t, guest.page(t, pay), "/pay/"), "outcome", "pay")
	way := href(t, result.body, "/orders/"+h.code(t))
	body := guest.page(t, way)
	secret := regexp.MustCompile(`id="claim".*?class="huge-code">([0-9A-Z]{4}-[0-9A-Z]{4})<`).FindStringSubmatch(strings.ReplaceAll(body, "\n", ""))
	number := regexp.MustCompile(`class="hash">([A-Z0-9]+-\d{8}-[0-9A-Z]+)<`).FindStringSubmatch(body)
	if secret == nil || number == nil {
		t.Fatalf("no code or no number in %s", body)
	}
	has(t, result.body, secret[1])
	find := func(v *visitor, code string) (answer, string) {
		return v.press(t, form(t, v.page(t, "/orders/find"), "/orders/find"), "number", number[1], "phone", "13900000000", "code", code)
	}
	if _, to := find(neighbour, ""); to != way {
		t.Fatalf("looking leads to %s", to)
	}
	seen := neighbour.page(t, way)
	if strings.Contains(seen, secret[1]) || strings.Contains(seen, "学院路") {
		t.Error("who looks on is shown the code or the address")
	}
	if a, _ := find(neighbour, "0000-0000"); a.status != http.StatusNotFound {
		t.Errorf("a wrong code answers %d", a.status)
	}
	if strings.Contains(neighbour.page(t, "/orders"), way) {
		t.Error("the neighbour has the order")
	}
	if _, to := find(buyer, strings.ToLower(secret[1])); to != way {
		t.Fatalf("claiming leads to %s", to)
	}
	h.Drain(t)
	has(t, buyer.page(t, "/orders"), way)
	if own := buyer.page(t, way); strings.Contains(own, secret[1]) {
		t.Error("the code is shown though the order is an account's")
	}
	if a := neighbour.get(t, way); a.status != http.StatusNotFound {
		t.Errorf("who looked on still sees it: %d", a.status)
	}
	h.balanced(t)
}
