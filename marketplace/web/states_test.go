package web_test

import (
	"net/http"
	"slices"
	"testing"

	"commonfield/marketplace/web/gallery"
)

// shownAs says under which name the gallery shows the page of a route. A new page
// gets its line here and its states there.
var shownAs = map[string]string{
	"/": "home", "/search": "search", "/producers/:market/:id": "grower", "/listings/:market/:id": "listing", "/s/:code": "shelf",
	"/basket": "basket", "/checkout": "checkout", "/pay/:market/:id": "pay", "/pay/:market/:id/result": "pay-result",
	"/orders": "orders", "/orders/find": "find-order", "/orders/:market/:id": "order", "/orders/:market/:id/dispute": "dispute", "/orders/:market/:id/return": "return", "/desk/operator/returns": "returns", "/desk/producer/returns": "returns", "/orders/:market/:id/papers/:paper": "paper", "/desk/operator/disputes": "disputes", "/orders/:market/:id/pack": "pack", "/orders/:market/:id/ship": "ship",
	"/sign-in": "sign-in", "/register": "register", "/me": "account", "/agents/apply": "agent-apply", "/setup": "setup",
	"/notices": "notices", "/me/notices": "notice choices", "/notices/confirm": "mail link", "/notices/stop": "mail link",

	"/orders/:market/:id/talk": "talk", "/messages": "talks", "/desk/producer/messages": "talks", "/desk/operator/messages": "talks",

	"/desk/producer": "producer-desk", "/desk/producer/orders": "seller-orders", "/desk/producer/goods": "producer-goods", "/desk/producer/income": "producer-income",
	"/desk/producer/terms": "terms", "/desk/operator/terms": "terms",
	"/desk/producer/packing": "packing-list", "/desk/producer/labels": "labels", "/desk/producer/listings/new": "listing-form",
	"/desk/producer/listings/:market/:id": "listing-form", "/desk/producer/listings/:market/:id/preview": "preview", "/desk/producer/listings/:market/:id/stock": "stock",
	"/desk/producer/statements": "statements", "/desk/producer/statements/:month": "statement",

	"/desk/agent": "agent-desk", "/desk/agent/share": "agent-share", "/desk/agent/poster": "poster", "/desk/agent/shelf": "agent-shelf", "/desk/agent/orders": "agent-orders",
	"/desk/agent/commissions": "agent-entries", "/desk/agent/commissions/:market/:id": "commission", "/desk/agent/statements": "statements", "/desk/agent/statements/:month": "statement",

	"/desk/operator": "operator-desk", "/desk/operator/parts": "desk-parts", "/desk/operator/market": "market", "/desk/operator/markets": "markets",
	"/desk/operator/markets/new": "new-market", "/desk/operator/people": "people", "/desk/operator/applications": "applications", "/desk/operator/members": "members",
	"/desk/operator/cash": "cash", "/desk/agent/cash": "cash-hand", "/me/cash": "cash-mine", "/me/gateway": "gateway-mine", "/desk/operator/rates": "rates", "/desk/operator/payouts": "payouts", "/desk/operator/payouts/:market/:id": "payout", "/desk/operator/payouts/rules": "payout-rules", "/desk/operator/books/months": "months", "/desk/operator/books/sales": "sales", "/desk/operator/bank": "bank-side", "/desk/operator/gateway": "gateway-side", "/desk/operator/payouts/accounts": "payee-accounts", "/desk/operator/refunds": "refunds",
	"/desk/operator/offline": "offline", "/desk/operator/treasury": "treasury", "/desk/operator/between": "between", "/desk/operator/books": "books", "/desk/operator/jobs": "jobs", "/desk/operator/trail": "trail",
	"/desk/operator/people/:id": "person", "/desk/operator/rates/try": "try-rules", "/no-network": "no-network", "/desk/station": "station",
	"/desk/operator/hooks": "hooks", "/desk/operator/hooks/:market/:id": "hook",
	"/desk/operator/search":        "engine",
	"/desk/operator/books/account": "ledger-account", "/desk/operator/books/entries/:entry": "ledger-entry", "/desk/operator/books/order": "ledger-story",
}

// pageless are the routes that give no page of their own: files, pieces, and ways on.
var pageless = []string{
	"/favicon.ico", "/favicon.svg", "/robots.txt", "/sitemap.xml", "/sitemap/:file", "/manifest.webmanifest", "/worker.js", "/static/*", "/photos/:key/:file", "/desk/agent/qr.png", "/desk/operator/payouts/:market/:id/file", "/desk/operator/books/journal/:file", "/desk/operator/books/sales/:file", "/desk/operator/books/account/file",
	"/search/suggest", "/orders/:market/:id/evidence/:key/:file", "/s/:code/:goods", "/notices/:id", "/desk/operator/cash/:market/:id/photo",
}

// alone are the pages that have one state: a piece that is put into a page, the page of
// goods that only their grower sees, the list of markets (without any there is no desk
// that could list them), and the story of one commission.
var alone = []string{"desk-parts", "preview", "markets", "commission"}

func TestEveryPageHasItsStatesInTheGallery(t *testing.T) {
	shown := map[string]int{}
	for _, s := range gallery.Pages() {
		shown[s.Name]++
	}
	h := newHouse(t)
	there := map[string]bool{}
	for _, r := range h.app.GetRoutes(true) {
		if r.Method != http.MethodGet {
			continue
		}
		there[r.Path] = true
		name, page := shownAs[r.Path]
		switch {
		case slices.Contains(pageless, r.Path):
			if page {
				t.Errorf("%s is said to be a page and none", r.Path)
			}
		case !page:
			t.Errorf("%s has no line in shownAs: show its states in the gallery", r.Path)
		case shown[name] == 0:
			t.Errorf("%s: the gallery has no %q", r.Path, name)
		case (shown[name] == 1) != slices.Contains(alone, name):
			t.Errorf("%s: the gallery shows %d states of %q: nothing there, everything there, a refusal, long names", r.Path, shown[name], name)
		}
	}
	if len(there) < 50 {
		t.Fatalf("only %d routes were found", len(there))
	}
	for way := range shownAs {
		if !there[way] {
			t.Errorf("%s is no route any more", way)
		}
	}
	for _, way := range pageless {
		if !there[way] {
			t.Errorf("%s is no route any more", way)
		}
	}
}
