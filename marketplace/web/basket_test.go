package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"commonfield/agents/producer"
	"commonfield/catalog/catalogtest"
	"commonfield/storage/dbtest"
)

// putAside puts goods into a visitor's basket from their own page.
func (h *house) putAside(t *testing.T, v *visitor, quantity string) string {
	t.Helper()
	a, way := v.press(t, form(t, v.page(t, h.listing(t)), "/basket/put"), "quantity", quantity, "unit", "kg", "then", "")
	if way != "/basket" {
		t.Fatalf("putting aside leads to %s: %s", way, plain(a.body))
	}
	return a.body
}

func TestABasketIsFilledChangedAndEmptiedWithoutAScript(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	v.lang = "en"
	has(t, v.page(t, "/basket"), "still empty")
	body := h.putAside(t, v, "5")
	has(t, body, h.listing(t), "¥130.00", `class="count"`, "Basket, 1 thing", `href="/checkout?basket=yes"`)
	a, _ := v.press(t, form(t, body, "/basket/amount"), "quantity", "7.5")
	has(t, a.body, "¥195.00")
	a, _ = v.press(t, form(t, a.body, "/basket/amount"), "quantity", "a handful")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a quantity that is none answers %d", a.status)
	}
	has(t, a.body, `value="a handful"`, `aria-invalid="true"`, "¥195.00")
	a, _ = v.press(t, form(t, a.body, "/basket/amount"), "quantity", "999999")
	has(t, a.body, `value="999999"`, "¥195.00")
	a, _ = v.press(t, form(t, a.body, "/basket/amount"), "take", "yes")
	has(t, a.body, "still empty")
}

func TestAListingThatWentAwayStaysInTheBasketWithItsReason(t *testing.T) {
	for name, c := range map[string]struct {
		away func(h *house)
		says string
	}{
		"archived": {func(h *house) { must(t, h.Catalog.Archive(t.Context(), h.Market, h.Listing.ID, h.Operator.ID)) }, "put it away for good"},
		"paused":   {func(h *house) { must(t, h.Catalog.Pause(t.Context(), h.Market, h.Listing.ID, h.Operator.ID)) }, "paused it"},
		"suspended": {func(h *house) {
			must(t, producer.New(h.DB).Suspend(t.Context(), h.Market, h.Listing.ProducerID, catalogtest.By, "test"))
		}, "may not sell"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			v := h.nobody()
			v.lang = "en"
			h.putAside(t, v, "5")
			c.away(h)
			body := v.page(t, "/basket")
			has(t, body, c.says, "1 thing cannot be bought now", "¥0.00", `name="take"`)
			if strings.Contains(body, `href="/checkout?basket=yes"`) {
				t.Error("it can be checked out all the same")
			}
		})
	}
}

func TestWhatLiesInABasketIsNobodyElsesAndGoesAlongToTheAccount(t *testing.T) {
	h := newHouse(t)
	guest, other := h.nobody(), h.nobody()
	guest.lang, other.lang = "en", "en"
	h.putAside(t, guest, "5")
	has(t, other.page(t, "/basket"), "still empty")
	p := h.Person(t, "Chen")
	a, _ := guest.press(t, form(t, guest.page(t, "/sign-in"), "/sign-in"), "who", p.Phone, "password", "walnut-harvest-1")
	if a.status != http.StatusOK {
		t.Fatalf("signing in answers %d: %s", a.status, plain(a.body))
	}
	has(t, guest.page(t, "/basket"), h.listing(t), "¥130.00")
}

func TestSigningInThatFailedHalfwayLeavesTheGuestsThingsForTheNextTry(t *testing.T) {
	var cut atomic.Bool
	h := guarded(t, func(query string, write, tx bool) error {
		if cut.Load() && strings.Contains(query, "INSERT INTO kept_lines") {
			return errors.New("cut here")
		}
		return dbtest.Guard(query, write, tx)
	})
	guest := h.nobody()
	guest.lang = "en"
	h.putAside(t, guest, "5")
	p := h.Person(t, "Chen")
	f := form(t, guest.page(t, "/sign-in"), "/sign-in")
	cut.Store(true)
	if a, _ := guest.press(t, f, "who", p.Phone, "password", "walnut-harvest-1"); a.status != http.StatusInternalServerError {
		t.Fatalf("signing in answers %d: %s", a.status, plain(a.body))
	}
	cut.Store(false)
	if a, _ := guest.press(t, f, "who", p.Phone, "password", "walnut-harvest-1"); a.status != http.StatusOK {
		t.Fatalf("signing in again answers %d: %s", a.status, plain(a.body))
	}
	has(t, guest.page(t, "/basket"), h.listing(t), "¥130.00")
}

func TestAScriptChangesABasketInItsPlace(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	s := form(t, h.putAside(t, v, "5"), "/basket/amount")
	s.values.Set("quantity", "6")
	r := httptest.NewRequest(http.MethodPost, s.action, strings.NewReader(s.values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Target", "basket")
	a := v.ask(t, r)
	has(t, a.body, `id="basket"`, "¥156.00", `hx-swap-oob="true"`)
	if strings.Contains(a.body, "<html") {
		t.Error("a script gets a whole page")
	}
}

func TestTamperedLinesOfABasketAreNotFound(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	s := form(t, h.putAside(t, v, "5"), "/basket/amount")
	for _, pairs := range [][]string{{"listing", "x"}, {"market", "ZZ"}, {"market", ""}, {"listing", strings.Repeat("0", 36)}, {"base", "-500"}, {"base", "1e9"}, {"base", "9223372036854775807"}, {"quantity", strings.Repeat("9", 5000)}} {
		a, _ := v.press(t, s, pairs...)
		if a.status != http.StatusNotFound && a.status != http.StatusUnprocessableEntity && a.status != http.StatusConflict {
			t.Errorf("%.40v answers %d", pairs, a.status)
		}
	}
	has(t, v.page(t, "/basket"), "¥130.00")
}
