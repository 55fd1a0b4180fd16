package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestAConditionThatDoesNotExistIsLeftOutAndSaid(t *testing.T) {
	h := newHouse(t)
	h.Drain(t)
	v := h.nobody()
	v.lang = "en"
	for _, way := range []string{"category=gold", "market=ZZ", "region=999999", "harvest=never", "harvest=30000", "sort=nonsense"} {
		body := v.page(t, "/search?q="+url.QueryEscape("核桃")+"&"+way)
		has(t, body, "One condition does not exist any more", "<mark>核桃</mark>")
		if strings.Contains(body, `class="chip on"`) {
			t.Errorf("%s stands among the conditions", way)
		}
	}
}

func TestPricesThatAreNoneAreSaidBesideTheirFields(t *testing.T) {
	h := newHouse(t)
	h.Drain(t)
	has(t, h.nobody().page(t, "/search?from=cheap"), `aria-invalid="true"`)
	has(t, h.nobody().page(t, "/search?from=90&to=5&market="+h.code(t)), h.listing(t), "¥5.00", "¥90.00")
}

func TestAScriptGetsThePieceThatItAsksFor(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	h.Drain(t)
	for piece, wants := range map[string][]string{"found": {`id="found"`, `id="picks"`, `id="results-head"`, "hx-swap-oob"}, "more": {`id="more"`}} {
		r := httptest.NewRequest(http.MethodGet, "/search?category=&market="+h.code(t), nil)
		r.Header.Set("HX-Request", "true")
		r.Header.Set("HX-Target", piece)
		a := v.ask(t, r)
		has(t, a.body, append(wants, h.listing(t))...)
		if strings.Contains(a.body, "<html") || !strings.Contains(a.header.Get("Vary"), "HX-Target") {
			t.Errorf("the piece %s is a page, or is kept as one: %v", piece, a.header)
		}
		if piece == "found" && a.header.Get("HX-Push-Url") != "/search?market="+h.code(t) {
			t.Errorf("the address becomes %s", a.header.Get("HX-Push-Url"))
		}
	}
}

func TestAProducerHasAPageOfTheirOwn(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	body := v.page(t, "/producers/"+h.code(t)+"/"+h.Listing.ProducerID.String())
	has(t, body, "薄皮核桃", h.listing(t), `href="/search?market=`+h.code(t))
}
