package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"commonfield/agents/region"
)

func newMarket(code string) region.NewMarket {
	return region.NewMarket{Code: code, Name: "另一个集市", RegionCode: township[:6], Currency: "CNY", TimeZone: "Asia/Shanghai"}
}

// right makes a body of the right shape, from the document.
func (w *world) right(op operation) any {
	body, there := op.RequestBody.Content["application/json"]
	if !there {
		if op.method == "GET" {
			return nil
		}
		return []byte("{}")
	}
	doc, _ := w.document()
	return doc.value(body.Schema, 0)
}

func (d document) value(s schema, depth int) any {
	if s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	kind, _ := s.Type.(string)
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case kind == "object" || s.Properties != nil:
		o := object{}
		for name, p := range s.Properties {
			if slices.Contains(s.Required, name) || d.whole {
				o[name] = d.value(p, depth+1)
			}
		}
		if _, ok := s.Properties["market"]; ok {
			o["market"] = "YL"
		}
		return o
	case kind == "array" && s.Items != nil && depth < 4:
		return []any{d.value(*s.Items, depth+1)}
	case kind == "integer":
		return 1
	case kind == "boolean":
		return true
	case s.Format == "date-time":
		return "2026-11-02T09:00:00Z"
	}
	return "a"
}

// wrongValues take the place of each field in turn.
var wrongValues = []any{
	nil, true, -1, 0, 1.5, json.Number("1e300"), json.Number("99999999999999999999"), json.Number("-9223372036854775808"), json.Number("9223372036854775807"),
	"", "x", " ", "null", "'; DROP TABLE orders; --", "\u0000", "a\u0000b", "\ufffd\u202e", strings.Repeat("长", 5000), "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "-1", "NaN",
	[]any{}, []any{[]any{[]any{}}}, map[string]any{}, map[string]any{"a": map[string]any{"b": 1}}, []any{nil}, "019a0000-0000-7000-8000-000000000000", "YL", "../../etc/passwd",
}

// wrongBodies take the place of the whole body.
var wrongBodies = map[string][]byte{
	"nothing": []byte(""), "no JSON": []byte("{"), "null": []byte("null"), "a list": []byte("[]"), "a text": []byte(`"x"`), "a number": []byte("1"),
	"two values": []byte("{}{}"), "deep lists": []byte(strings.Repeat("[", 100_000)), "deep objects": []byte(strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000)),
	"closed deep lists": []byte(strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)),
	"bad UTF-8":         []byte("{\"name\":\"\xff\xfe\"}"), "a raw NUL": []byte("{\"name\":\"\x00\"}"), "an escaped NUL": []byte(`{"name":"\u0000"}`),
	"unknown fields": []byte(`{"__proto__":{},"password":"hunter2-secret","x":1}`), "the same key twice": []byte(`{"market":"YL","market":"AB"}`),
	"1 MB of text": []byte(`{"name":"` + strings.Repeat("a", 1<<20) + `"}`), "900 kB of text": []byte(`{"name":"` + strings.Repeat("a", 900_000) + `","market":"YL"}`),
	"a huge number": []byte(`{"name":` + strings.Repeat("9", 100_000) + `}`), "half a pair": []byte(`{"name":"\ud800"}`),
}

// wrongPlaces take the place of each parameter of a path or a query.
var wrongPlaces = []string{"x", "0", "-1", "99999999999", "%00", "%ff", "%", "..", "%2e%2e%2f", "'", "null", strings.Repeat("9", 300), strings.Repeat("a", 3000), "%E6%A0%B8%E6%A1%83", "1e9", "\xff"}

// hit sends one wrong request and holds the answer against the promise.
func (w *world) hit(what, method, path, token string, body []byte, headers ...string) {
	w.t.Helper()
	var sent any
	if body != nil {
		sent = body
	}
	s, err := w.try(method, path, token, sent, headers...)
	if err != nil {
		w.t.Errorf("%s %s, %s: %v", method, path, what, err)
		return
	}
	short := func(text string) string { return text[:min(len(text), 300)] }
	if s.status >= 500 {
		w.t.Errorf("%s %s, %s: %d %s\nbody %s", method, short(path), what, s.status, s.body, short(string(body)))
		return
	}
	if s.status < 400 {
		return
	}
	var p problem
	if err := json.Unmarshal(s.body, &p); err != nil || p.Code == "" || p.Detail == "" || p.Title == "" || p.Status != s.status || s.header.Get("Content-Type") != "application/problem+json" {
		w.t.Errorf("%s %s, %s: %d is no problem: %s", method, short(path), what, s.status, short(string(s.body)))
	}
	if strings.Contains(string(s.body), "hunter2") || len(s.body) > 20_000 {
		w.t.Errorf("%s %s, %s: gives back what was sent: %s", method, short(path), what, short(string(s.body)))
	}
}

// Every operation of the document, as an operator: no 5xx, no hang, and every
// refusal is a problem with a code and a sentence.
func TestNoWrongRequestBreaksAnOperation(t *testing.T) {
	w := open(t)
	token, _ := w.operator("Operator", w.market.ID)
	rows := w.rows(token)
	at := func(op operation) string { return rows.in(op.at("YL")) }
	doc, all := w.document()
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.name, b.name) })
	n := 0
	w.wrong = true
	hit := func(what string, op operation, path string, body []byte, headers ...string) {
		n++
		w.hit(what, op.method, path, token, body, headers...)
	}
	for _, op := range all {
		if op.name == "DELETE /sessions/current" {
			continue
		}
		fuzzPlaces(hit, op, at(op))
		if op.method == "GET" || op.method == "DELETE" {
			continue
		}
		for what, body := range wrongBodies {
			hit(what, op, at(op), body)
		}
		hit("another type", op, at(op), []byte("<a/>"), "Content-Type", "application/xml")
		hit("no type", op, at(op), []byte("{}"), "Content-Type", "")
		hit("a bad type", op, at(op), []byte("{}"), "Content-Type", ";;;=")
		hit("a form", op, at(op), []byte("a=b"), "Content-Type", "application/x-www-form-urlencoded")
		hit("an empty form", op, at(op), []byte("--x--\r\n"), "Content-Type", "multipart/form-data; boundary=x")
		hit("a bad table", op, at(op), []byte("number,state\n\x00,paid\n\"x"), "Content-Type", "text/csv")
		hit("a strange key", op, at(op), []byte("{}"), "Idempotency-Key", strings.Repeat("k", 500))
		hit("a strange device", op, at(op), []byte("{}"), "User-Agent", "\xff\xfe")
		if body, there := op.RequestBody.Content["application/json"]; there {
			doc.whole = true // wrong values in fields that may be left out, too
			right := rows.filled(doc.value(body.Schema, 0))
			spots(right, func(name string, put func(any)) {
				for _, value := range wrongValues {
					put(value)
					text, err := json.Marshal(right)
					if err != nil {
						t.Fatal(err)
					}
					hit(fmt.Sprintf("%s is %.40v", name, value), op, at(op), text)
				}
			})
		}
	}
	t.Logf("%d wrong requests", n)
	w.clean()
}

// rows are things that are there, by the resource whose paths name them: wrong
// values must reach the rooms, not only the look-up of a row.
type rows map[string]string

func (w *world) rows(operator string) rows {
	w.t.Helper()
	listing := w.goods(operator, 2600)
	var l, agent, bought, batches, batch, answer object
	w.ask("GET", "/listings/YL/"+listing, "", nil).must(200, &l)
	w.ask("POST", "/agents", operator, object{"market": "YL"}).must(201, &agent)
	w.ask("POST", "/checkouts", operator, buying(listing, 1000, "bank")).must(201, &bought)
	w.ask("GET", "/listings/YL/"+listing+"/batches", operator, nil).must(200, &batches)
	order := boughtOrders(bought)[0].(map[string]any)["id"].(string)
	w.ask("POST", "/payments/YL/"+bought.text("id")+"/transfers", operator, object{"amount_minor": 2600, "bank_reference": "A1"}).must(200)
	for _, move := range []string{"accept", "pack", "ship", "deliver", "complete"} {
		w.ask("POST", "/orders/YL/"+order+"/"+move, operator, object{"carrier": "中通"}.only(move == "ship")).must(200)
	}
	var producer object
	w.ask("GET", "/producers/YL/"+l.text("producer"), operator, nil).must(200, &producer)
	w.ask("PUT", "/me/payees/YL/"+producer.text("payee")+"/account", operator, object{"holder": "合作社", "bank": "农业银行", "number": "6222020200112233"}).must(204)
	w.ask("POST", "/payouts", operator, object{"market": "YL"}).must(201, &batch)
	second, _ := w.operator("Second", w.market.ID)
	w.ask("POST", "/payouts/YL/"+batch.text("id")+"/approve", second, nil).must(200)
	w.ask("GET", "/payouts/YL/"+batch.text("id"), operator, nil).must(200, &answer)
	return rows{"listings": listing, "producers": l.text("producer"), "agents": agent.text("id"), "checkouts": bought.text("id"), "payments": bought.text("id"),
		"orders": order, "payouts": batch.text("id"), "me": producer.text("payee"), "batch": batches["items"].([]any)[0].(map[string]any)["id"].(string),
		"payout": answer["rows"].([]any)[0].(map[string]any)["id"].(string)}
}

func (o object) only(when bool) any {
	if when {
		return o
	}
	return nil
}

// in puts rows that are there into a path.
func (r rows) in(path string) string {
	const none = "019a0000-0000-7000-8000-000000000000"
	parts := strings.Split(path, "/")
	ids := []string{r[parts[1]], r["batch"]}
	if parts[1] == "payouts" {
		ids[1] = r["payout"]
	}
	n := 0
	for i, part := range parts {
		if part == none && n < len(ids) && ids[n] != "" {
			parts[i] = ids[n]
			n++
		}
	}
	return strings.Join(parts, "/")
}

// filled names goods that are there in a body.
func (r rows) filled(body any) any {
	switch b := body.(type) {
	case object:
		for name, v := range b {
			switch name {
			case "listing":
				b[name] = r["listings"]
			case "way":
				b[name] = "sandbox"
			case "region":
				b[name] = township
			case "unit":
				b[name] = "kg"
			case "category":
				b[name] = "walnut"
			case "quantity":
				b[name] = 1000
			case "phone":
				b[name] = "13900000000"
			default:
				b[name] = r.filled(v)
			}
		}
		if b["listing"] != nil {
			b["quantity"] = 1000
		}
	case []any:
		for i := range b {
			b[i] = r.filled(b[i])
		}
	}
	return body
}

// spots visits every value of a body; put changes it for one request.
func spots(body any, visit func(name string, put func(any))) {
	switch b := body.(type) {
	case object:
		for _, name := range slices.Sorted(maps.Keys(b)) {
			was := b[name]
			spots(was, func(inner string, put func(any)) { visit(name+"."+inner, put) })
			visit(name, func(v any) { b[name] = v })
			b[name] = was
		}
	case []any:
		for i := range b {
			was := b[i]
			spots(was, func(inner string, put func(any)) { visit(fmt.Sprintf("%d.%s", i, inner), put) })
			visit(fmt.Sprint(i), func(v any) { b[i] = v })
			b[i] = was
		}
	}
}

func fuzzPlaces(hit func(string, operation, string, []byte, ...string), op operation, at string) {
	var body []byte
	if op.method != "GET" {
		body = []byte("{}")
	}
	for _, p := range op.Parameters {
		for _, bad := range wrongPlaces {
			switch p.In {
			case "path":
				path, query, _ := strings.Cut(at, "?")
				parts := strings.Split(path, "/")
				for i, part := range strings.Split(op.path, "/") {
					if part == "{"+p.Name+"}" {
						parts[i] = bad
					}
				}
				hit(p.Name+" in the path", op, strings.Join(parts, "/")+"?"+query, body)
			case "query":
				path, query, _ := strings.Cut(at, "?")
				q, _ := url.ParseQuery(query)
				q.Del(p.Name)
				hit(p.Name+" in the query", op, path+"?"+q.Encode()+"&"+p.Name+"="+bad, body)
			}
		}
	}
}
