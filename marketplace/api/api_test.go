package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/marketplace"
	"commonfield/marketplace/api"
	"commonfield/marketplace/door"
	"commonfield/storage"
	"commonfield/storage/dbtest"
)

func TestMain(m *testing.M) {
	api.Generous()
	dbtest.Main(m, unproven)
}

// township is a real place of the market's county.
const township = "652823100"

// password of everybody in these tests.
const password = "walnut-harvest-1"

// clock is moved by tests.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) advance(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

// world is an open marketplace behind its API, in a database of its own.
type world struct {
	t      testing.TB
	m      *marketplace.Marketplace
	app    *fiber.App
	doc    *huma.OpenAPI
	clock  *clock
	market region.Market
	wrong  bool // what is asked is wrong on purpose: that it is let pass proves nothing
}

func open(t testing.TB, change ...func(*marketplace.Config)) *world {
	t.Helper()
	_, address := dbtest.Own(t)
	w := &world{t: t, clock: &clock{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}}
	data, err := os.MkdirTemp(t.TempDir(), "data")
	w.ok(err)
	c := marketplace.Config{URL: address, Data: data, Clock: w.clock.Now, Guard: dbtest.Guard}
	for _, one := range change {
		one(&c)
	}
	w.m, err = marketplace.Open(t.Context(), c)
	w.ok(err)
	t.Cleanup(func() { _ = w.m.Shut() })
	w.m.People.Cost, w.m.Search.Patience = people.LightCost, time.Minute
	w.ok(region.LoadSome(t.Context(), w.m.DB, township))
	w.ok(catalog.Load(t.Context(), w.m.DB))
	w.market, err = w.m.Books.Open(t.Context(), region.NewMarket{Code: "YL", Name: "尉犁集市", NameEN: "Yuli", RegionCode: township[:6], Currency: "CNY", TimeZone: "Asia/Shanghai"})
	w.ok(err)
	w.app = fiber.New(door.Config(api.OnError))
	d := door.New(w.m, door.Options{})
	w.app.Use(d.Every)
	w.doc = api.MountDocumented(w.app, d)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// drain runs what is due.
func (w *world) drain() {
	w.t.Helper()
	_, err := w.m.Worker.Drain(w.t.Context(), w.market.ID)
	w.ok(err)
}

// clean fails unless the books are.
func (w *world) clean() {
	w.t.Helper()
	report, err := w.m.Audit(w.t.Context())
	w.ok(err)
	for _, c := range report.Checks {
		if !c.OK {
			w.t.Errorf("audit: %s: %v", c.Name, c.Violations)
		}
	}
}

// said is an answer.
type said struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	body   []byte
}

// ask sends a request; token may be empty, body is JSON unless it is bytes.
func (w *world) ask(method, path, token string, body any, headers ...string) said {
	w.t.Helper()
	s, err := w.try(method, path, token, body, headers...)
	w.ok(err)
	return s
}

func (w *world) try(method, path, token string, body any, headers ...string) (said, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		reader = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return said{}, err
		}
		reader = bytes.NewReader(text)
	}
	req := httptest.NewRequestWithContext(context.Background(), method, "/", reader)
	if !strings.HasPrefix(path, "/api") {
		path = "/api/v1" + path
	}
	req.RequestURI = path // as it is, without escapes of our own
	if reader != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Accept-Language", "en")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	res, err := w.app.Test(req, 60_000)
	if err != nil {
		return said{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.documented(method, path, res, text)
	return said{w.t, method + " " + path, res.StatusCode, res.Header, text}, err
}

// must fails unless the status is the one wanted, and reads the answer.
func (s said) must(status int, into ...any) said {
	s.t.Helper()
	if s.status != status {
		s.t.Fatalf("%s: %d, not %d: %s", s.asked, s.status, status, s.body)
	}
	for _, v := range into {
		if err := json.Unmarshal(s.body, v); err != nil {
			s.t.Fatalf("%s: %v: %s", s.asked, err, s.body)
		}
	}
	return s
}

// refused fails unless the answer is a problem with this status and code.
func (s said) refused(status int, code string) problem {
	s.t.Helper()
	var p problem
	s.must(status, &p)
	if p.Code != code || p.Status != status || p.Detail == "" || p.Title == "" || p.Request == "" || s.header.Get("Content-Type") != "application/problem+json" {
		s.t.Fatalf("%s: want the problem %s, got %s (%s)", s.asked, code, s.body, s.header.Get("Content-Type"))
	}
	return p
}

type problem struct {
	Type    string         `json:"type"`
	Title   string         `json:"title"`
	Detail  string         `json:"detail"`
	Code    string         `json:"code"`
	Field   string         `json:"field"`
	Status  int            `json:"status"`
	Request string         `json:"request_id"`
	Args    map[string]any `json:"args"`
	Errors  []wrongField   `json:"errors"`
}

type wrongField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// object is an answer whose fields a test picks.
type object map[string]any

func (o object) text(name string) string { s, _ := o[name].(string); return s }

func (o object) number(name string) int64 { f, _ := o[name].(float64); return int64(f) }

// person registers somebody and signs them in, by the API.
func (w *world) person(name string) (token, id, phone string) {
	w.t.Helper()
	phone = dbtest.Phone()
	var p, session object
	w.ask("POST", "/people", "", object{"name": name, "phone": phone, "password": password}).must(201, &p)
	w.ask("POST", "/sessions", "", object{"login": phone, "password": password}).must(201, &session)
	return session.text("token"), p.text("id"), phone
}

// operator makes somebody an operator, as the terminal does.
func (w *world) operator(name string, market int32) (token, id string) {
	w.t.Helper()
	token, id, phone := w.person(name)
	p, err := w.m.People.FindByLogin(w.t.Context(), phone)
	w.ok(err)
	w.ok(w.m.DB.Update(w.t.Context(), market, func(tx *storage.Tx) error { return people.Grant(tx, p.ID, people.Operator, "", people.System.ID) }))
	return token, id
}
