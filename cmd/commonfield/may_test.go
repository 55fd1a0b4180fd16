package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The table of who may do what is docs/who-may.md: written by hand, read by
// people, and held against the doors here. Every route of pages and API has a
// row; each row is asked by everybody, of their own thing, of another's in the
// same market, and of one in another market.
const whoMay = "../../docs/who-may.md"

var draft = flag.Bool("draft", false, "print the rows that docs/who-may.md lacks or that differ, as the doors answer now")

// roles are the columns of the table.
var roles = []string{"nobody", "guest", "buyer", "producer", "agent", "clerk", "operator", "owner", "reader"}

// asking is a route with the things that its path names, what its form or query
// says beyond a set's own words, and what each role may.
type asking struct {
	method, path string
	things       []string
	says         map[string]string // field → a thing, or what stands for itself after =
	may          map[string]string // role → a letter for each set
	line         int
}

func (r asking) key() string {
	return fmt.Sprint(r.method, " ", r.path, " ", strings.Join(r.things, " "), " ", r.says)
}

// about takes the things of a row apart: the words that fill its path, and what
// field=thing says in its form.
func (r *asking) about(words string) {
	r.says = map[string]string{}
	for word := range strings.FieldsSeq(words) {
		if field, thing, ok := strings.Cut(word, "="); ok && field != "" {
			r.says[field] = thing
			continue
		}
		r.things = append(r.things, word)
	}
}

// unknown is a word of a row that names no thing of the set and is not said to stand
// for itself.
func (r asking) unknown(set things) string {
	for _, word := range r.words() {
		if set[word] == "" {
			return word
		}
	}
	return ""
}

// written is the row's cell of things again.
func (r asking) written() string {
	words := slices.Clone(r.things)
	for _, field := range slices.Sorted(maps.Keys(r.says)) {
		words = append(words, field+"="+r.says[field])
	}
	return strings.Join(words, " ")
}

// means is a set with what the row says laid over it, under the fields' names.
func (r asking) means(set things) things {
	if len(r.says) == 0 {
		return set
	}
	said := maps.Clone(set)
	for field, thing := range r.says {
		said[field] = cmp.Or(set[thing], strings.TrimPrefix(thing, "="))
	}
	return said
}

var cells = regexp.MustCompile(`^([ysnh.]|[ysnh]{3})$`)

// readTable reads the rows and refuses a cell that is none.
func readTable(t *testing.T) []asking {
	t.Helper()
	text, err := os.ReadFile(whoMay)
	if err != nil {
		t.Fatal(err)
	}
	var rows []asking
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		parts := strings.Split(strings.Trim(line, "|"), "|")
		if len(parts) != 2+len(roles) {
			t.Fatalf("%s:%d has %d cells, not %d", whoMay, i+1, len(parts), 2+len(roles))
		}
		method, path, _ := strings.Cut(strings.Trim(strings.TrimSpace(parts[0]), "`"), " ")
		r := asking{method: method, path: path, may: map[string]string{}, line: i + 1}
		r.about(parts[1])
		for k, role := range roles {
			cell := strings.TrimSpace(parts[2+k])
			if !cells.MatchString(cell) {
				t.Fatalf("%s:%d: %q is no cell", whoMay, i+1, cell)
			}
			r.may[role] = cell
		}
		rows = append(rows, r)
	}
	return rows
}

// mounted lists the routes of both doors.
func mounted(app *fiber.App) []asking {
	var rows []asking
	for _, r := range app.GetRoutes(true) {
		if r.Method != http.MethodHead && r.Method != http.MethodOptions && r.Method != http.MethodConnect && r.Method != http.MethodTrace {
			rows = append(rows, asking{method: r.Method, path: r.Path})
		}
	}
	return rows
}

var parameter = regexp.MustCompile(`[:*][a-zA-Z]*`)

// fill puts a set's things into a path; what is no thing, or begins with =,
// stands for itself.
func (r asking) fill(set things) string {
	n := 0
	return parameter.ReplaceAllStringFunc(r.path, func(p string) string {
		if p == ":market" {
			return set["market"]
		}
		word := "x"
		if n < len(r.things) {
			word = r.things[n]
		}
		n++
		if known := set[word]; known != "" {
			return known
		}
		return strings.TrimPrefix(word, "=")
	})
}

// ask sends the row's request as a role about a set.
func (h *house) ask(r asking, role string, set things) (string, string) {
	h.t.Helper()
	a := h.askers[role]
	path := r.fill(set)
	number := set["number"]
	set = r.means(set)
	if strings.HasPrefix(path, "/api/") {
		var body *strings.Reader
		if r.method == http.MethodGet || r.method == http.MethodDelete {
			body = strings.NewReader("")
		} else {
			text, err := json.Marshal(h.body(r, set))
			h.ok(err)
			body = strings.NewReader(string(text))
		}
		req := httptest.NewRequest(r.method, path+"?"+set.query(role), body)
		req.Header.Set("Content-Type", "application/json")
		if a.token != "" {
			req.Header.Set("Authorization", "Bearer "+a.token)
		}
		return h.request(role, req)
	}
	if role == "reader" {
		return ".", "" // a program's key opens no page
	}
	jar, csrf := h.cookies(a)
	var req *http.Request
	if r.method == http.MethodGet {
		req = httptest.NewRequest(r.method, path+"?"+set.query(role), nil)
	} else {
		values := url.Values{"csrf": {csrf}}
		for name, value := range set {
			values.Set(name, value)
		}
		values.Set("market", number)
		req = httptest.NewRequest(r.method, path+"?"+set.query(role), strings.NewReader(values.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if jar != "" {
		req.Header.Set("Cookie", jar)
	}
	return h.request(role, req)
}

// query names the set to those routes whose path does not; whoever sits at
// somebody else's desk names the producer.
func (s things) query(role string) string {
	q := url.Values{"market": {s["market"]}, "listing": {s["listing"]}, "person": {s["person"]}, "role": {"clerk"}, "region": {s["region"]}}
	if slices.Contains([]string{"clerk", "operator", "owner", outsider}, role) {
		q.Set("producer", s["producer"])
	}
	return q.Encode()
}

// of gives the set as a role sees it: own things are the role's own.
func (h *house) of(k int, role string) things {
	set := things{}
	maps.Copy(set, h.sets[k])
	if k == own {
		maps.Copy(set, h.askers[role].things)
	}
	return set
}

// body makes a request body of the right shape from the API's own document, so
// that what is refused is refused for who asks.
func (h *house) body(r asking, set things) any {
	if h.document == nil {
		res, err := h.app.Test(httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil), 60_000)
		h.ok(err)
		defer res.Body.Close()
		h.ok(json.NewDecoder(res.Body).Decode(&h.document))
	}
	path := parameter.ReplaceAllStringFunc(strings.TrimPrefix(r.path, "/api/v1"), func(p string) string { return "{" + p[1:] + "}" })
	op, _ := at(h.document, "paths", path, strings.ToLower(r.method), "requestBody", "content", "application/json", "schema").(map[string]any)
	return h.value("", op, set, 0)
}

func at(of any, names ...string) any {
	for _, n := range names {
		m, ok := of.(map[string]any)
		if !ok {
			return nil
		}
		of = m[n]
	}
	return of
}

// said are values that a field of this name is given.
var said = map[string]string{"way": "sandbox", "region": townships[0], "unit": "kg", "category": "walnut", "phone": "13900000000", "currency": "CNY", "time_zone": "Asia/Shanghai",
	"url": "https://shop.example/hook", "events": "order.moved", "why": "as agreed on the telephone", "reason": "as agreed on the telephone"}

func (h *house) value(name string, s map[string]any, set things, depth int) any {
	if ref, ok := s["$ref"].(string); ok {
		s, _ = at(h.document, "components", "schemas", ref[strings.LastIndex(ref, "/")+1:]).(map[string]any)
	}
	// A name that stands for an object, as the delivery of goods, is no id of a row.
	if known := set[strings.TrimSuffix(name, "_id")]; known != "" && s["type"] != "integer" && s["properties"] == nil && name != "code" && name != "number" {
		return known
	}
	if enum, ok := s["enum"].([]any); ok {
		return enum[0]
	}
	if known := said[name]; known != "" && s["type"] != "array" {
		return known
	}
	if name == "number" && set["order_number"] != "" {
		return set["order_number"]
	}
	kind := fmt.Sprint(s["type"])
	properties, _ := s["properties"].(map[string]any)
	switch {
	case properties != nil:
		o := map[string]any{}
		required, _ := s["required"].([]any)
		for p, of := range properties {
			of, _ := of.(map[string]any)
			if slices.Contains(required, any(p)) || p == "reason" || set[p] != "" && of["type"] != nil && p != "code" && p != "number" {
				o[p] = h.value(p, of, set, depth+1)
			}
		}
		return o
	case kind == "array" && depth < 4:
		items, _ := s["items"].(map[string]any)
		return []any{h.value(name, items, set, depth+1)}
	case kind == "integer":
		return 1000
	case kind == "boolean":
		return true
	case s["format"] == "date-time":
		return "2026-11-02T09:00:00Z"
	}
	if depth == 0 {
		return map[string]any{}
	}
	return "a"
}

// asked says what a role may with each of the three.
func (h *house) asked(r asking, role string) (string, string) {
	cell, codes := "", []string{}
	for k := range h.sets {
		h.ready(r, role)
		letter, code := h.ask(r, role, h.of(k, role))
		cell += letter
		codes = append(codes, code)
	}
	return short(cell), strings.Join(codes, " ")
}

// coded says whether a row tries the code of an order's buyer.
func (r asking) coded() bool {
	for _, word := range []string{"collect", "cash"} {
		if slices.Contains(r.things, "="+word) || strings.HasSuffix(r.path, "/orders/:market/:id/"+word) {
			return true
		}
	}
	return false
}

// ready lets time pass before what is scarce, and signs in whom the last deed may have
// signed out.
func (h *house) ready(r asking, role string) {
	if r.late() == 3 {
		h.pass(25 * time.Hour)
	}
	if r.late() >= 2 {
		h.back(role)
	}
}

// short writes one letter where all three are the same.
func short(cell string) string {
	if strings.Trim(cell, cell[:1]) == "" {
		return cell[:1]
	}
	return cell
}

// turning are the deeds that change who somebody is, and ending those after
// which somebody is no longer signed in: they are asked last.
var (
	turning = []string{"POST /agents", "POST /agents/apply", "POST /producers", "POST /roles", "DELETE /roles", "POST /people", "POST /register", "POST /sessions", "POST /sessions/guest", "POST /sign-in"}
	ending  = []string{"POST /sign-out", "POST /me/close", "PUT /me/password", "POST /me/sessions", "DELETE /sessions/current", "DELETE /sessions/:id"}
	// scarce may be asked a few times a day; a claimed order changes hands.
	scarce = []string{"POST /orders/find", "POST /orders/claim"}
)

// late is when a row is asked: 0 with the others.
func (r asking) late() int {
	deed := r.method + " " + strings.TrimPrefix(r.path, "/api/v1")
	switch {
	case slices.Contains(scarce, deed):
		return 3
	case slices.Contains(ending, deed):
		return 2
	case slices.Contains(turning, deed), strings.HasSuffix(deed, "/suspend"):
		return 1
	}
	return 0
}

func TestWhoMayDoWhat(t *testing.T) {
	h := newHouse(t)
	rows := readTable(t)
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.key()] {
			t.Errorf("%s:%d stands twice: %s", whoMay, r.line, r.key())
		}
		seen[r.key()], seen[r.method+" "+r.path] = true, true
	}
	routes := map[string]bool{}
	for _, r := range mounted(h.app) {
		routes[r.method+" "+r.path] = true
		if !seen[r.method+" "+r.path] {
			t.Errorf("%s has no row for %s %s", whoMay, r.method, r.path)
			if *draft {
				rows = append(rows, asking{method: r.method, path: r.path, things: guess(r.path)})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b asking) int { return a.late() - b.late() })
	for _, r := range rows {
		if !routes[r.method+" "+r.path] {
			t.Errorf("%s:%d: there is no route %s %s any more", whoMay, r.line, r.method, r.path)
			continue
		}
		if word := r.unknown(h.sets[own]); word != "" && r.line > 0 {
			t.Errorf("%s:%d: %q names no thing; what stands for itself has = before it", whoMay, r.line, word)
			continue
		}
		h.hold(r)
	}
	t.Logf("%d rows, %d requests", len(rows), h.minutes)
}

// hold asks a row by everybody and compares.
func (h *house) hold(r asking) {
	h.t.Helper()
	if r.coded() {
		h.pass(time.Hour) // an order takes few codes an hour, whichever row tries them
	}
	got, codes := map[string]string{}, ""
	for _, role := range roles {
		want := r.may[role]
		if want == "." {
			continue
		}
		cell, code := h.asked(r, role)
		got[role] = cell
		if cell != want {
			codes += fmt.Sprintf(" %s: %s, not %s (%s);", role, cell, want, code)
		}
	}
	codes += h.astray(r) + h.mixed(r)
	if codes == "" {
		return
	}
	if r.line > 0 {
		h.t.Errorf("%s:%d %s %s:%s", whoMay, r.line, r.method, r.path, codes)
	}
	if *draft {
		cell := ""
		for _, role := range roles {
			cell += " " + cmp.Or(got[role], ".") + " |"
		}
		fmt.Printf("| `%s %s` | %s |%s\n", r.method, r.path, r.written(), cell)
	}
}

// guess names the things of a path by the resource before them.
func guess(path string) []string {
	var out []string
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if !strings.HasPrefix(p, ":") || p == ":market" {
			continue
		}
		before := ""
		for j := i - 1; j >= 0 && before == ""; j-- {
			if !strings.HasPrefix(parts[j], ":") {
				before = strings.TrimSuffix(parts[j], "s")
			}
		}
		if p != ":id" {
			before = p[1:]
		}
		out = append(out, map[string]string{"checkout": "basket", "pay": "payment", "me": "payee", "transfer": "payment"}[before])
		if out[len(out)-1] == "" {
			out[len(out)-1] = before
		}
	}
	return out
}
