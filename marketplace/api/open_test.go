package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// openTo says who may ask for every operation of the document: everybody,
// guests with a session, people with an account. An operation that is missing
// here fails the test: whoever adds one decides it by hand.
var openTo = map[string]string{
	"POST /sessions": "everybody", "POST /sessions/guest": "everybody", "POST /people": "everybody",
	"GET /sessions": "session", "DELETE /sessions/current": "session", "DELETE /sessions/{id}": "session",
	"GET /me": "session", "PUT /me/password": "account", "POST /me/close": "account", "GET /me/tokens": "account", "POST /me/tokens": "account", "DELETE /me/tokens/{id}": "account",
	"GET /notices": "session", "GET /notices/unread": "session", "POST /notices/read": "session", "POST /notices/{id}/read": "session", "GET /me/notices": "account", "PUT /me/notices": "account", "POST /me/notices/address": "account", "POST /notices/confirm": "everybody", "POST /notices/stop": "everybody", "POST /me/notices/phone": "account", "POST /me/notices/phone/confirm": "account",
	"GET /me/payees": "account", "GET /me/payees/{market}/{id}": "account", "PUT /me/payees/{market}/{id}/account": "account", "POST /me/payees/{market}/{id}/gateway": "account", "POST /payouts/{market}/{id}/{payout}/recall": "account",
	"GET /me/payees/{market}/{id}/statements": "account", "GET /me/payees/{market}/{id}/statements/{month}": "account", "GET /me/payees/{market}/{id}/statements/{month}/workbook": "account",
	"GET /shelves/{code}": "everybody", "GET /me/shelf": "account", "PUT /me/shelf": "account", "GET /me/clicks": "account",
	"GET /regions": "everybody", "GET /regions/{code}": "everybody", "GET /categories": "everybody", "GET /units": "everybody",
	"GET /markets": "everybody", "GET /markets/{code}": "everybody",
	"GET /search": "everybody", "GET /search/suggest": "everybody",
	"GET /listings": "everybody", "GET /listings/{market}/{id}": "everybody", "POST /listings": "account", "PATCH /listings/{market}/{id}": "account",
	"POST /listings/{market}/{id}/publish": "account", "POST /listings/{market}/{id}/pause": "account", "POST /listings/{market}/{id}/archive": "account",
	"GET /listings/{market}/{id}/batches": "account", "POST /listings/{market}/{id}/batches": "account",
	"POST /listings/{market}/{id}/batches/{batch}/corrections": "account",
	"POST /photos": "account", "GET /photos/{hash}/{width}": "everybody",
	"GET /producers": "everybody", "GET /producers/{market}/{id}": "everybody", "POST /producers": "account", "PATCH /producers/{market}/{id}": "account",
	"POST /producers/{market}/{id}/approve": "account", "POST /producers/{market}/{id}/suspend": "account", "POST /producers/{market}/{id}/readmit": "account",
	"GET /basket": "session", "PUT /basket/{market}/{id}": "session", "DELETE /basket/{market}/{id}": "session",
	"POST /checkouts/quote": "everybody", "POST /checkouts": "session", "GET /checkouts/{market}/{id}": "session", "POST /checkouts/{market}/{id}/settle": "session", "POST /checkouts/{market}/{id}/cancel": "session",
	"GET /payments": "account", "GET /payments/{market}/{id}": "session", "POST /payments/{market}/{id}/sandbox": "session", "POST /payments/{market}/{id}/transfers": "account",
	"POST /orders/claim": "account", "POST /orders/find": "session", "POST /orders/{market}/{id}/reorder": "session",
	"GET /orders": "session", "GET /orders/{market}/{id}": "session", "POST /orders/{market}/{id}/accept": "session", "POST /orders/{market}/{id}/decline": "session",
	"POST /orders/{market}/{id}/pack": "session", "POST /orders/{market}/{id}/ship": "session", "POST /orders/{market}/{id}/arrive": "session", "POST /orders/{market}/{id}/lost": "session", "POST /orders/{market}/{id}/returned": "account", "POST /orders/{market}/{id}/deliver": "session",
	"POST /orders/{market}/{id}/complete": "session", "POST /orders/{market}/{id}/ask-cancel": "session", "POST /orders/{market}/{id}/cancel": "session",
	"GET /orders/{market}/{id}/refunds": "session", "POST /orders/{market}/{id}/refunds": "account",
	"GET /orders/{market}/{id}/disputes": "session", "POST /orders/{market}/{id}/disputes": "session", "POST /orders/{market}/{id}/disputes/{dispute}/say": "session",
	"POST /orders/{market}/{id}/disputes/{dispute}/take": "session", "POST /orders/{market}/{id}/disputes/{dispute}/escalate": "session", "POST /orders/{market}/{id}/disputes/{dispute}/withdraw": "session",
	"GET /orders/{market}/{id}/returns": "session", "POST /orders/{market}/{id}/returns": "session", "GET /returns": "account",
	"POST /orders/{market}/{id}/returns/{return}/approve": "session", "POST /orders/{market}/{id}/returns/{return}/refuse": "session", "POST /orders/{market}/{id}/returns/{return}/call": "session",
	"POST /orders/{market}/{id}/returns/{return}/send": "session", "POST /orders/{market}/{id}/returns/{return}/receive": "session", "POST /orders/{market}/{id}/returns/{return}/withdraw": "session",
	"POST /orders/{market}/{id}/pickup": "session", "POST /orders/{market}/{id}/ready": "account", "POST /orders/{market}/{id}/collect": "account", "POST /orders/{market}/{id}/cash": "account",
	"GET /orders/{market}/{id}/papers": "session", "GET /orders/{market}/{id}/papers/{paper}/pdf": "session", "POST /orders/{market}/{id}/papers/{paper}/invoice": "account",
	"POST /orders/{market}/{id}/disputes/{dispute}/decide": "account", "POST /orders/{market}/{id}/evidence": "session", "GET /orders/{market}/{id}/evidence/{hash}/{width}": "session", "GET /disputes": "account",
	"GET /orders/{market}/{id}/messages": "session", "POST /orders/{market}/{id}/messages": "session", "POST /orders/{market}/{id}/messages/read": "session", "POST /orders/{market}/{id}/messages/call": "session", "POST /orders/{market}/{id}/messages/leave": "account", "GET /messages": "session",
	"GET /refunds": "account", "POST /refunds/{market}/{id}/finish": "account",
	"GET /agents": "account", "GET /agents/me": "account", "POST /agents": "account", "POST /agents/{market}/{id}/approve": "account", "POST /agents/{market}/{id}/suspend": "account",
	"GET /commissions": "account", "GET /between": "account", "GET /treasury": "account", "POST /treasury/{market}": "account", "POST /between": "account", "POST /commission-rules/{market}/{id}/place": "account", "POST /commission-rules/{market}/{id}/close": "account", "GET /commission-rules/try": "account", "GET /commission-rules": "account", "POST /commission-rules": "account", "GET /rates": "account", "POST /rates": "account", "GET /terms": "account", "PUT /terms": "account",
	"GET /cash": "account", "GET /cash/hands": "account", "POST /cash/{market}/{id}/trust": "account", "POST /cash/{market}/{id}/stop": "account", "POST /cash/{market}/{id}/give": "account",
	"POST /cash/{market}/{id}/bank": "account", "GET /me/cash": "account", "PUT /me/payees/{market}/{id}/cash": "account", "POST /handovers/{market}/{id}/code": "account",
	"POST /handovers/{market}/{id}/done": "account", "POST /handovers/{market}/{id}/back": "account", "POST /handovers/{market}/{id}/photo": "account", "GET /handovers/{market}/{id}/photo": "account",
	"GET /payouts": "account", "POST /payouts": "account", "GET /payouts/{market}/{id}": "account", "POST /payouts/{market}/{id}/approve": "account",
	"POST /payouts/{market}/{id}/cancel": "account", "GET /payouts/{market}/{id}/file": "account", "POST /payouts/{market}/{id}/answers": "account",
	"POST /payouts/{market}/{id}/{payout}/returned": "account",
	"GET /bank/unclaimed":                           "account", "POST /bank/lines/{market}/{id}/match": "account",
	"GET /bank/statements": "account", "POST /bank/statements/{market}": "account", "POST /bank/statements/{market}/{id}/difference": "account", "GET /bank/lines": "account", "POST /bank/lines/{market}/{id}": "account",
	"GET /chargebacks": "account", "POST /chargebacks/{market}/{id}/evidence": "account", "POST /chargebacks/{market}/{id}/decide": "account", "POST /payments/{market}/{id}/take-back": "account", "GET /payments/odd": "account", "POST /payments/{market}/{id}/settle-odd": "account",
	"GET /gateway/runs": "account", "POST /gateway/runs/{market}": "account", "GET /gateway/lines": "account", "POST /gateway/lines/{market}/{id}": "account",
	"GET /sales": "account", "GET /sales/{market}/{month}": "account", "GET /sales/{market}/{month}/{by}": "account", "GET /ledger/months": "account", "GET /ledger/journal/{market}/{month}": "account", "POST /ledger/months/{market}/{month}/close": "account", "POST /ledger/months/{market}/{month}/agree": "account",
	"POST /ledger/months/{market}/{month}/keep": "account", "POST /ledger/months/{market}/{month}/reopen": "account",
	"GET /payout-rules": "account", "POST /payout-rules": "account", "GET /payout-accounts": "account", "POST /payout-accounts/{market}/{id}/check": "account",
	"POST /payout-accounts/{market}/{id}/free": "account", "POST /payout-accounts/{market}/{id}/restrict": "account",
	"GET /hooks": "account", "POST /hooks": "account", "PUT /hooks/{market}/{id}": "account", "DELETE /hooks/{market}/{id}": "account", "POST /hooks/{market}/{id}/secret": "account", "POST /hooks/{market}/{id}/pause": "account", "POST /hooks/{market}/{id}/resume": "account", "POST /hooks/{market}/{id}/test": "account", "GET /hooks/{market}/{id}/deliveries": "account", "POST /hooks/{market}/{id}/deliveries/{delivery}/replay": "account",
	"POST /markets": "account", "PATCH /markets/{code}": "account", "GET /trail": "account",
	"GET /refunds/unclaimed": "account", "POST /refunds/{market}/{id}/repeat": "account", "POST /refunds/{market}/{id}/transfer": "account", "GET /payments/excess": "account", "POST /payments/{market}/{id}/give-back": "account",
	"GET /search/engine": "account", "GET /search/comparison": "account", "POST /search/rebuild": "account", "GET /search/synonyms": "account", "PUT /search/synonyms": "account",
	"GET /jobs": "account", "POST /jobs/{market}/{id}/retry": "account", "GET /audit": "account", "GET /ledger/trial": "account",
	"GET /ledger/accounts": "account", "GET /ledger/entries/{market}/{id}": "account", "GET /ledger/orders/{market}/{id}": "account",
	"GET /ledger/accounts/{market}/{account}": "account", "GET /ledger/accounts/{market}/{account}/csv": "account", "GET /roles": "account", "POST /roles": "account", "DELETE /roles": "account",
}

// forOperators are the operations that somebody with an account and no role is
// refused, whatever they send.
var forOperators = []string{
	"POST /producers/{market}/{id}/approve", "POST /producers/{market}/{id}/suspend", "POST /producers/{market}/{id}/readmit",
	"GET /payments", "POST /payments/{market}/{id}/transfers", "GET /refunds", "GET /disputes", "GET /returns", "POST /refunds/{market}/{id}/finish",
	"GET /agents", "POST /agents/{market}/{id}/approve", "POST /agents/{market}/{id}/suspend", "GET /between", "POST /between", "GET /treasury", "POST /treasury/{market}", "POST /commission-rules/{market}/{id}/place", "POST /commission-rules/{market}/{id}/close", "GET /commission-rules/try", "GET /commission-rules", "POST /commission-rules", "GET /rates", "POST /rates",
	"GET /cash", "POST /cash/{market}/{id}/trust", "POST /cash/{market}/{id}/stop", "POST /cash/{market}/{id}/give", "POST /cash/{market}/{id}/bank", "POST /handovers/{market}/{id}/back", "GET /handovers/{market}/{id}/photo",
	"GET /payouts", "POST /payouts", "GET /payouts/{market}/{id}", "POST /payouts/{market}/{id}/approve", "POST /payouts/{market}/{id}/cancel", "GET /payouts/{market}/{id}/file",
	"POST /payouts/{market}/{id}/answers", "POST /payouts/{market}/{id}/{payout}/returned",
	"GET /bank/unclaimed", "POST /bank/lines/{market}/{id}/match", "GET /bank/statements", "POST /bank/statements/{market}", "POST /bank/statements/{market}/{id}/difference", "GET /bank/lines", "POST /bank/lines/{market}/{id}",
	"GET /chargebacks", "POST /chargebacks/{market}/{id}/evidence", "POST /chargebacks/{market}/{id}/decide", "POST /payments/{market}/{id}/take-back", "GET /payments/odd", "POST /payments/{market}/{id}/settle-odd",
	"POST /payouts/{market}/{id}/{payout}/recall", "GET /gateway/runs", "POST /gateway/runs/{market}", "GET /gateway/lines", "POST /gateway/lines/{market}/{id}",
	"GET /sales", "GET /sales/{market}/{month}", "GET /sales/{market}/{month}/{by}", "GET /ledger/months", "GET /ledger/journal/{market}/{month}", "POST /ledger/months/{market}/{month}/close", "POST /ledger/months/{market}/{month}/agree", "POST /ledger/months/{market}/{month}/keep", "POST /ledger/months/{market}/{month}/reopen",
	"GET /hooks", "POST /hooks", "PUT /hooks/{market}/{id}", "DELETE /hooks/{market}/{id}", "POST /hooks/{market}/{id}/secret", "POST /hooks/{market}/{id}/pause", "POST /hooks/{market}/{id}/resume", "POST /hooks/{market}/{id}/test", "GET /hooks/{market}/{id}/deliveries", "POST /hooks/{market}/{id}/deliveries/{delivery}/replay",
	"GET /payout-rules", "POST /payout-rules", "GET /payout-accounts", "POST /payout-accounts/{market}/{id}/check", "POST /payout-accounts/{market}/{id}/free", "POST /payout-accounts/{market}/{id}/restrict",
	"POST /markets", "PATCH /markets/{code}", "GET /trail", "GET /refunds/unclaimed", "POST /refunds/{market}/{id}/repeat", "POST /refunds/{market}/{id}/transfer", "GET /payments/excess", "POST /payments/{market}/{id}/give-back",
	"GET /search/comparison", "POST /search/rebuild", "PUT /search/synonyms",
	"GET /jobs", "POST /jobs/{market}/{id}/retry", "GET /audit", "GET /ledger/trial", "GET /ledger/accounts/{market}/{account}", "GET /ledger/accounts/{market}/{account}/csv", "GET /ledger/accounts", "GET /ledger/entries/{market}/{id}", "GET /ledger/orders/{market}/{id}", "GET /roles", "POST /roles", "DELETE /roles",
}

// operation is what the tests read of the document.
type operation struct {
	name, method, path string
	Parameters         []parameter `json:"parameters"`
	RequestBody        struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

type parameter struct {
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Format     string            `json:"format"`
	Enum       []any             `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
}

type document struct {
	OpenAPI    string                          `json:"openapi"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
	whole bool // values with the fields that may be left out
}

func (w *world) document() (document, []operation) {
	w.t.Helper()
	var doc document
	s := w.ask("GET", "/api/v1/openapi.json", "", nil).must(200)
	if err := json.Unmarshal(s.body, &doc); err != nil {
		w.t.Fatal(err)
	}
	var all []operation
	for path, methods := range doc.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			op.name = op.method + " " + path
			all = append(all, op)
		}
	}
	return doc, all
}

// at writes a path for rows that are not there.
func (o operation) at(market string) string {
	path := strings.ReplaceAll(o.path, "{market}", market)
	for _, name := range []string{"{id}", "{batch}", "{payout}"} {
		path = strings.ReplaceAll(path, name, "019a0000-0000-7000-8000-000000000000")
	}
	path = strings.NewReplacer("{account}", "bank:operating", "{code}", "YL", "{hash}", strings.Repeat("ab", 32), "{width}", "640").Replace(path)
	var query []string
	for _, p := range o.Parameters {
		if p.In == "query" && p.Required {
			value := map[string]string{"market": market, "role": "operator", "person": "019a0000-0000-7000-8000-000000000000"}[p.Name]
			query = append(query, p.Name+"="+value)
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	return path
}

func TestEveryOperationIsOpenToThoseTheTableSays(t *testing.T) {
	w := open(t)
	doc, all := w.document()
	guest := w.guest()
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || len(all) != len(openTo) {
		t.Errorf("OpenAPI %s with %d operations, the table has %d", doc.OpenAPI, len(all), len(openTo))
	}
	for _, op := range all {
		to := openTo[op.name]
		if to == "" {
			t.Errorf("%s is not in the table", op.name)
			continue
		}
		var body any
		if op.method != http.MethodGet {
			body = []byte("{}")
		}
		without := w.ask(op.method, op.at("YL"), "", body)
		asGuest := w.ask(op.method, op.at("YL"), guest, body)
		if (without.status == 401) != (to != "everybody") {
			t.Errorf("%s without a token: %d %s", op.name, without.status, without.body)
		}
		if without.status == 401 && without.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s does not say how to sign in", op.name)
		}
		if (asGuest.status == 401) != (to == "account") && op.name != "DELETE /sessions/current" {
			t.Errorf("%s as a guest: %d %s", op.name, asGuest.status, asGuest.body)
		}
		if op.name == "DELETE /sessions/current" {
			guest = w.guest()
		}
		if bad := w.ask(op.method, op.at("YL"), "cf_nobody.nothing.never", body); bad.status != 401 {
			t.Errorf("%s with a token that is none: %d", op.name, bad.status)
		}
	}
}

func TestWhatIsForOperatorsIsRefusedToOthers(t *testing.T) {
	w := open(t)
	stranger, _, _ := w.person("Stranger")
	elsewhere, err := w.m.Books.Open(t.Context(), newMarket("AB"))
	w.ok(err)
	neighbour, _ := w.operator("Neighbour", elsewhere.ID)
	clerk, id, _ := w.person("Clerk")
	boss, _ := w.operator("Operator", w.market.ID)
	w.ask("POST", "/roles", boss, object{"market": "YL", "person": id, "role": "clerk", "region": township}).must(201)
	_, all := w.document()
	for _, name := range forOperators {
		for _, op := range all {
			if op.name != name {
				continue
			}
			for who, token := range map[string]string{"somebody": stranger, "the operator of another market": neighbour, "a clerk": clerk} {
				s := w.ask(op.method, op.at("YL"), token, w.right(op))
				if s.status != 403 {
					t.Errorf("%s as %s: %d %s", name, who, s.status, s.body)
				}
			}
		}
	}
}

func TestATokenThatMayOnlyReadNeverWrites(t *testing.T) {
	w := open(t)
	session, _ := w.operator("Operator", w.market.ID)
	var made object
	w.ask("POST", "/me/tokens", session, object{"name": "reader", "scopes": "read"}).must(201, &made)
	token := made.text("token")
	_, all := w.document()
	for _, op := range all {
		if op.method == http.MethodGet || op.name == "POST /checkouts/quote" {
			continue
		}
		if s := w.ask(op.method, op.at("YL"), token, w.right(op)); s.status != 403 {
			t.Errorf("%s: %d %s", op.name, s.status, s.body)
		}
	}
	w.ask("GET", "/payouts?market=YL", token, nil).must(200)
	w.ask("POST", "/checkouts/quote", token, object{"items": []object{}}).refused(422, "required")
}
