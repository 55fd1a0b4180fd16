package stripetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// failure is an answer that refuses.
type failure struct {
	status           int
	kind, code, text string
	param            string // which parameter it is of
	intent           obj    // of a card that was declined
}

func (f *failure) json() obj {
	e := obj{"type": f.kind, "message": f.text}
	if f.code != "" {
		e["code"] = f.code
	}
	if f.param != "" {
		e["param"] = f.param
	}
	if f.intent != nil {
		e["payment_intent"] = f.intent
	}
	return obj{"error": e}
}

func (f *failure) both() (int, obj) { return f.status, f.json() }

func invalid(code, text string) *failure {
	return &failure{status: http.StatusBadRequest, kind: "invalid_request_error", code: code, text: text}
}

func missing(name string) *failure {
	return &failure{status: http.StatusNotFound, kind: "invalid_request_error", code: "resource_missing", text: "No such object: " + name}
}

func readAll(r *http.Request) string {
	b, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	return string(b)
}

// indexed gathers what is written as name[0]=…, name[1]=….
func indexed(form url.Values, name string) []string {
	var all []string
	for i := 0; form.Has(name + "[" + strconv.Itoa(i) + "]"); i++ {
		all = append(all, form.Get(name+"["+strconv.Itoa(i)+"]"))
	}
	return all
}

// do finds the work that a call names.
func (s *Server) do(c call) (obj, *failure) {
	parts := strings.Split(strings.Trim(c.path, "/"), "/")
	if parts[0] == "checkout" {
		parts = parts[1:]
	}
	noun, name, verb := parts[0], "", ""
	if len(parts) > 1 {
		name = parts[1]
	}
	if len(parts) > 2 {
		verb = parts[2]
	}
	if c.method == http.MethodGet {
		return s.get(c, noun, name)
	}
	if c.method == http.MethodDelete && noun == "customers" {
		return s.deleteCustomer(c, name)
	}
	work, known := map[string]func(c call, name string) (obj, *failure){
		"sessions":        s.openSession,
		"sessions/expire": s.expireSession,
		"refunds":         s.makeRefund,
		"payment_intents": s.makeIntent,

		"payment_intents/cancel": s.cancelIntent,
		"disputes":               s.updateDispute,
		"disputes/close":         s.closeDispute,

		"accounts":            s.makeAccount,
		"account_links":       s.makeLink,
		"transfers":           s.makeTransfer,
		"transfers/reversals": s.makeReversal,
	}[strings.Trim(noun+"/"+verb, "/")]
	if !known || c.method != http.MethodPost {
		return nil, &failure{status: http.StatusNotFound, kind: "invalid_request_error", text: "Unrecognized request URL (" + c.method + ": /v1" + c.path + ")"}
	}
	return work(c, name)
}

// kinds are the objects by the words of the addresses.
var kinds = map[string]string{
	"sessions": "checkout.session", "payment_intents": "payment_intent", "charges": "charge", "refunds": "refund",
	"balance_transactions": "balance_transaction", "disputes": "dispute", "payouts": "payout", "events": "event", "accounts": "account", "transfers": "transfer",
	"customers": "customer", "setup_intents": "setup_intent", "payment_methods": "payment_method",
}

func (s *Server) get(c call, noun, name string) (obj, *failure) {
	if noun == "account" {
		noun, name = "accounts", Account
	}
	kind, known := kinds[noun]
	if !known {
		return nil, missing(c.path)
	}
	s.settle()
	if name == "" {
		if of := c.text("customer"); of != "" && (s.all[of] == nil || s.all[of]["deleted"] == true) {
			return nil, missing(of)
		}
		return s.list(c, kind), nil
	}
	o, known := s.all[name]
	if !known || o["object"] != kind {
		return nil, missing(name)
	}
	if o["gone"] == true {
		return nil, &failure{status: http.StatusForbidden, kind: "invalid_request_error", code: "account_invalid", text: "The provided key does not have access to account"}
	}
	return o, nil
}

// list gives a page of a kind, newest first, narrowed as the call says.
func (s *Server) list(c call, kind string) obj {
	most := int(c.number("limit"))
	if most == 0 {
		most = 10
	}
	var found []obj
	past := c.text("starting_after") == ""
	more := false
	for _, o := range s.of(kind) {
		if !past {
			past = o["id"] == c.text("starting_after")
			continue
		}
		if !fits(c, o) {
			continue
		}
		if len(found) == most {
			more = true
			break
		}
		found = append(found, o)
	}
	data := make([]any, len(found))
	for i, o := range found {
		data[i] = o
	}
	return obj{"object": "list", "url": "/v1" + c.path, "has_more": more, "data": data}
}

func fits(c call, o obj) bool {
	for _, name := range []string{"payment_intent", "charge", "type", "payout", "source", "status", "transfer_group", "customer"} {
		if want := c.text(name); want != "" && o[name] != want {
			return false
		}
	}
	at, _ := o["created"].(int64)
	return (c.text("created[gte]") == "" || at >= c.number("created[gte]")) && (c.text("created[lt]") == "" || at < c.number("created[lt]"))
}

// expand puts objects in the place of their names, as far as is asked.
func (s *Server) expand(o obj, paths ...[]string) obj {
	all := slices.Concat(paths...)
	sort.Strings(all)
	copied := plain(o)
	for _, path := range all {
		s.open(copied, strings.Split(path, "."))
	}
	return copied
}

func (s *Server) open(o any, path []string) {
	if many, is := o.([]any); is {
		for _, one := range many {
			s.open(one, path)
		}
		return
	}
	of, is := o.(obj)
	if !is || len(path) == 0 {
		return
	}
	if name, is := of[path[0]].(string); is {
		if found, known := s.all[name]; known {
			of[path[0]] = plain(found)
		}
	}
	s.open(of[path[0]], path[1:])
}

// written is an object as JSON; what a stand-in makes can always be written.
func written(o obj) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return b
}

// plain copies an object by way of JSON, so that nobody holds the stand-in's own.
func plain(o obj) obj {
	b := written(o)
	var copied obj
	_ = json.Unmarshal(b, &copied)
	return copied
}
