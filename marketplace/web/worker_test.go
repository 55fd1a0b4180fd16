package web_test

import (
	"strings"
	"testing"

	"commonfield/marketplace/web/static"
)

// A page with this line is one that the worker keeps on the device.
const mayStay = `id="kept" hidden`

func TestOnlyPublicPagesOfNobodyMayStayOnTheDevice(t *testing.T) {
	h := newHouse(t)
	goods := h.listing(t)
	nobody, guest, buyer := h.nobody(), h.nobody(), h.visitor(t, h.Buyer.Person)
	for _, way := range []string{"/", "/search", goods, "/agents/apply"} {
		if page := nobody.page(t, way); strings.Count(page, mayStay) != 1 {
			t.Errorf("%s, which everybody sees, does not stay", way)
		}
		if strings.Contains(buyer.page(t, way), mayStay) {
			t.Errorf("%s of somebody who signed in stays", way)
		}
	}
	for _, way := range []string{"/basket", "/sign-in", "/register", "/orders/find", "/no-network"} {
		if strings.Contains(nobody.page(t, way), mayStay) {
			t.Errorf("%s stays", way)
		}
	}
	if a := nobody.get(t, "/listings/1/nothing"); strings.Contains(a.body, mayStay) {
		t.Error("a page that is none stays")
	}
	guest.press(t, form(t, guest.page(t, goods), "/basket/put"), "quantity", "1")
	if a := guest.get(t, goods); strings.Contains(a.body, mayStay) {
		t.Error("a page of a guest, whose forms carry their token, stays")
	}
}

// The worker looks for two lines of the pages, letter by letter.
func TestTheWorkerFindsWhatItLooksForInThePages(t *testing.T) {
	v := newHouse(t).nobody()
	worker := v.get(t, "/worker.js")
	if worker.header.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(worker.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("%v", worker.header)
	}
	for way, line := range map[string]string{"/": `<div class="page flash" id="kept"`, "/no-network": `<ul class="list" id="seen">`} {
		if !strings.Contains(worker.body, "'"+line) || !strings.Contains(v.page(t, way), line) {
			t.Errorf("%s has another line than the worker looks for", way)
		}
	}
	page, _ := static.Find(static.URL(static.Script))
	if !strings.Contains(string(page.Body), `register("/worker.js")`) {
		t.Error("nobody asks for the worker")
	}
	if whole := len(page.Gzip) + len(worker.body); whole > 25<<10 {
		t.Errorf("script and worker weigh %d", whole)
	}
}
