package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/api"
)

func TestEveryRefusalHasOneShapeInTheReadersLanguage(t *testing.T) {
	w := open(t)
	buyer, _, _ := w.person("王芳")
	none := "019a0000-0000-7000-8000-000000000000"
	for _, c := range []struct {
		what, method, path, token string
		body                      any
		headers                   []string
		status                    int
		code, field               string
	}{
		{what: "an unknown address", method: "GET", path: "/nothing", status: 404, code: "no_route"},
		{what: "an unknown address beside the version", method: "GET", path: "/api/v2/listings", status: 404, code: "no_route"},
		{what: "the bare door", method: "GET", path: "/api", status: 404, code: "no_route"},
		{what: "a wrong method", method: "PUT", path: "/listings", body: object{}, status: 405, code: "method"},
		{what: "no JSON", method: "POST", path: "/people", body: []byte("{"), status: 400, code: "malformed"},
		{what: "no body", method: "POST", path: "/people", status: 400, code: "body_missing"},
		{what: "bad UTF-8", method: "POST", path: "/people", body: []byte("{\"name\":\"\xff\"}"), status: 400, code: "malformed"},
		{what: "bad UTF-8 in another kind of JSON", method: "POST", path: "/people", body: []byte("{\"name\":\"\xff\"}"), headers: []string{"Content-Type", "application/vnd.api+json"}, status: 400, code: "malformed"},
		{what: "a nought in another kind of JSON", method: "POST", path: "/people", body: []byte(`{"name":"a\u0000b","phone":"13911112222","password":"walnut-185"}`), headers: []string{"Content-Type", "application/vnd.api+JSON; x=y"}, status: 422, code: "invalid"},
		{what: "another type", method: "POST", path: "/people", body: []byte("a=b"), headers: []string{"Content-Type", "text/plain"}, status: 415, code: "media_type"},
		{what: "too large", method: "POST", path: "/people", body: []byte(`{"name":"` + strings.Repeat("a", 2<<20) + `"}`), status: 413, code: "body_too_large"},
		{what: "a missing field", method: "POST", path: "/sessions", body: object{"login": "x"}, status: 422, code: "required", field: "password"},
		{what: "an unknown field", method: "POST", path: "/sessions", body: object{"login": "x", "password": "hunter2", "otp": "1"}, status: 422, code: "unknown_field", field: "otp"},
		{what: "a number for a text", method: "POST", path: "/sessions", body: object{"login": 1, "password": "hunter2"}, status: 422, code: "wrong_type.text", field: "login"},
		{what: "a text for a number", method: "POST", path: "/checkouts", token: buyer, body: object{"way": "bank", "items": []object{{"market": "YL", "listing": none, "quantity": "5"}},
			"deliver_to": object{"name": "a", "phone": "b", "street": "c"}}, status: 422, code: "wrong_type.integer", field: "items.0.quantity"},
		{what: "a number that is too large", method: "POST", path: "/listings/YL/" + none + "/batches", token: buyer, body: []byte(`{"quantity":99999999999999999999}`), status: 422, code: "wrong_type.integer", field: "quantity"},
		{what: "a value that is none of them", method: "POST", path: "/me/tokens", token: buyer, body: object{"name": "x", "scopes": "all"}, status: 422, code: "not_one_of", field: "scopes"},
		{what: "a query that is no number", method: "GET", path: "/listings?limit=x", status: 422, code: "wrong_type.integer", field: "limit"},
		{what: "a cursor that no page gave", method: "GET", path: "/listings?after=x", status: 422, code: "cursor_bad", field: "after"},
		{what: "an unknown market", method: "GET", path: "/orders?market=XX", token: buyer, status: 404, code: "market_unknown", field: "market"},
		{what: "nobody", method: "GET", path: "/me", status: 401, code: "sign_in_first"},
		{what: "a session that is over", method: "GET", path: "/me", token: "x.y.z", status: 401, code: "sign_in_again"},
		{what: "a wrong password", method: "POST", path: "/sessions", body: object{"login": "13900000000", "password": "hunter2"}, status: 422, code: "wrong_password", field: "password"},
		{what: "an order that is not there", method: "GET", path: "/orders/YL/" + none, token: buyer, status: 404, code: "not_found"},
		{what: "an id that is none", method: "GET", path: "/orders/YL/1", token: buyer, status: 404, code: "not_found"},
		{what: "somebody who may not", method: "GET", path: "/audit?market=YL", token: buyer, status: 403, code: "operator_only"},
	} {
		sentences := map[string]string{}
		for _, lang := range []string{"en", "zh-CN"} {
			p := w.ask(c.method, c.path, c.token, c.body, append([]string{"Accept-Language", lang}, c.headers...)...).refused(c.status, c.code)
			if p.Field != c.field || p.Type != "urn:commonfield:problem:"+c.code {
				t.Errorf("%s: %+v", c.what, p)
			}
			if strings.Contains(fmt.Sprint(p), "hunter2") {
				t.Errorf("%s gives a secret back: %+v", c.what, p)
			}
			sentences[lang] = p.Detail
		}
		if sentences["en"] == sentences["zh-CN"] || strings.Contains(sentences["en"], "did not work") {
			t.Errorf("%s has no sentence of its own in both languages: %v", c.what, sentences)
		}
	}
	if allow := w.ask("PUT", "/listings", "", object{}).header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("allowed: %q", allow)
	}
	p := w.ask("POST", "/people", "", object{"name": " ", "phone": "12", "password": "1"}).refused(422, "required")
	if len(p.Errors) != 3 || p.Errors[1].Field != "phone" || p.Errors[2].Code != "weak_password" || p.Errors[2].Detail == "" {
		t.Errorf("three wrong fields: %+v", p.Errors)
	}
}

// A head or a body that the server refuses to read ends before any route.
func TestWhatTheServerDoesNotReadIsRefusedAsAProblem(t *testing.T) {
	w := open(t)
	at, err := net.Listen("tcp", "127.0.0.1:0")
	w.ok(err)
	done := make(chan error, 1)
	go func() { done <- w.app.Listener(at) }()
	t.Cleanup(func() { _ = w.app.Shutdown(); <-done })
	for what, c := range map[string]struct {
		request string
		status  int
		code    string
	}{
		"a huge body":   {"POST /api/v1/photos HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: 99000000\r\n\r\n", 413, "body_too_large"},
		"a broken form": {"POST /api/v1/photos HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\n--x", 400, "malformed"},
	} {
		conn, err := net.DialTimeout("tcp", at.Addr().String(), 5*time.Second)
		w.ok(err)
		w.ok(conn.SetDeadline(time.Now().Add(20 * time.Second)))
		_, err = io.WriteString(conn, c.request)
		w.ok(err)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		w.ok(err)
		text, _ := io.ReadAll(res.Body)
		_ = conn.Close()
		if res.StatusCode != c.status || !strings.Contains(string(text), `"code":"`+c.code+`"`) || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %s", what, res.StatusCode, res.Header.Get("Content-Type"), text)
		}
	}
}

func TestACookieReadsAndWritesOnlyWithThePagesToken(t *testing.T) {
	w := open(t)
	token, _, _ := w.person("王芳")
	cookie := "cf_session=" + token + "; cf_visit=visit"
	w.ask("GET", "/me", "", nil, "Cookie", cookie).must(200)
	write := func(headers ...string) said {
		return w.ask("POST", "/agents", "", object{"market": "YL"}, append([]string{"Cookie", cookie}, headers...)...)
	}
	write().refused(403, "csrf_token")
	write("X-CSRF-Token", "guessed").refused(403, "csrf_token")
	page := w.ask("GET", "/api/docs", "", nil, "Cookie", cookie).must(200)
	_, rest, found := strings.Cut(string(page.body), `name="csrf" value="`)
	if !found {
		t.Fatal("the page carries no token")
	}
	right, _, _ := strings.Cut(rest, `"`)
	write("X-CSRF-Token", right, "Sec-Fetch-Site", "cross-site").refused(403, "csrf_token")
	write("X-CSRF-Token", right, "Sec-Fetch-Site", "same-origin").must(201)
	w.ask("POST", "/agents", token, object{"market": "YL"}).must(201) // a bearer needs none
}

func TestWritesAreCountedAndTheHeadersSayWhatIsLeft(t *testing.T) {
	w := open(t)
	token, _, phone := w.person("王芳")
	api.Strict("", 3)
	t.Cleanup(api.Generous)
	for left := 2; left >= 0; left-- {
		s := w.ask("POST", "/agents", token, object{"market": "YL"}).must(201)
		if s.header.Get("Ratelimit-Limit") != "3" || s.header.Get("Ratelimit-Remaining") != fmt.Sprint(left) || s.header.Get("Ratelimit-Reset") == "" {
			t.Fatalf("%d left: %v", left, s.header)
		}
	}
	s := w.ask("POST", "/agents", token, object{"market": "YL"})
	s.refused(429, "too_many")
	if s.header.Get("Retry-After") == "" || s.header.Get("Ratelimit-Remaining") != "0" {
		t.Fatalf("no word of when: %v", s.header)
	}
	w.ask("GET", "/me", token, nil).must(200)
	api.Strict("sign-in:login", 3) // one is used: the clock of this world stands still
	for range 2 {
		w.ask("POST", "/sessions", "", object{"login": phone, "password": "guessed-wrong"}).refused(422, "wrong_password")
	}
	w.ask("POST", "/sessions", "", object{"login": phone[3:], "password": password}).refused(429, "too_many") // without +86 it is the same login
}

func TestTheGuideComesFromOurOwnHostAndHeadIsAnswered(t *testing.T) {
	w := open(t)
	for _, lang := range []string{"zh", "en"} {
		s := w.ask("GET", "/api/docs?lang="+lang, "", nil).must(200)
		text := string(s.body)
		if !strings.HasPrefix(s.header.Get("Content-Type"), "text/html") || !strings.Contains(text, "/api/v1/orders/{market}/{id}/accept") {
			t.Errorf("%s: %s", lang, s.header)
		}
		if strings.Contains(text, "src=\"http") || strings.Contains(text, "href=\"http") || strings.Contains(text, "<script>") || strings.Contains(text, " style=") {
			t.Errorf("%s: the page asks another host, or needs what the policy refuses", lang)
		}
	}
	for _, path := range []string{"/listings", "/markets/YL", "/api/v1/openapi.json", "/api/docs"} {
		s := w.ask("HEAD", path, "", nil)
		if s.status != 200 {
			t.Errorf("HEAD %s: %d", path, s.status)
		}
	}
}
