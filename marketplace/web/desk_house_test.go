package web_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/marketplace"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/web"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// nearby is where the tests' requests come from; every visitor says an address
// of their own, so that nobody is slowed down by the tests before.
var nearby = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32")}

func address() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[0] = 0x20
	return netip.AddrFrom16(b).String()
}

// house is a world with the door of pages before it.
type house struct {
	*ordertest.World
	m   *marketplace.Marketplace
	app *fiber.App
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return guarded(t, dbtest.Guard)
}

// guarded is a house whose statements a test can stop.
func guarded(t *testing.T, guard func(query string, write, tx bool) error) *house {
	t.Helper()
	return furnished(t, ordertest.New(t), marketplace.Config{Guard: guard})
}

// furnished is a house that is opened as the configuration says.
func furnished(t *testing.T, w *ordertest.World, c marketplace.Config) *house {
	t.Helper()
	c.URL, c.Data, c.Pool, c.Clock = dbtest.Address(t), t.TempDir(), 8, w.Clock.Now
	m, err := marketplace.Open(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { _ = m.Shut() })
	m.People.Cost, m.Search.Patience = people.LightCost, time.Minute
	w.DB, w.Orders, w.Desk, w.Sandbox, w.Worker, w.People, w.Box, w.Catalog, w.Stock = m.DB, m.Orders, m.Desk, m.Sandbox, m.Worker, m.People, m.Box, m.Catalog, m.Stock
	d := door.New(m, door.Options{Trusted: nearby})
	app := fiber.New(door.Config(web.OnError))
	app.Use(d.Every)
	d.Hooks(app)
	web.Mount(app, d)
	return &house{World: w, m: m, app: app}
}

// operator registers somebody who operates the market.
func (h *house) operator(t *testing.T, market int32) people.Person {
	t.Helper()
	p := h.Person(t, "运营")
	must(t, h.DB.Update(t.Context(), market, func(tx *storage.Tx) error {
		return people.Grant(tx, p.ID, people.Operator, "", h.Operator.ID)
	}))
	return p
}

// bank gives a payee an account, so that a payout can go there.
func (h *house) bank(t *testing.T, payee id.ID, number string) {
	t.Helper()
	must(t, payable.SetAccount(t.Context(), h.DB, h.Market, payee, payable.Account{Holder: "户主", Bank: "农业银行", Number: number}, h.Box, h.Operator.ID))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// visitor is a browser: it keeps cookies and finds the token of forms.
type visitor struct {
	h       *house
	lang    string
	cookies map[string]string
	csrf    string
	from    string // address
}

func (h *house) nobody() *visitor {
	return &visitor{h: h, lang: "zh", cookies: map[string]string{}, from: address()}
}

func (h *house) visitor(t *testing.T, p people.Person) *visitor {
	t.Helper()
	_, token, err := h.m.People.SignIn(t.Context(), p.Phone, "walnut-harvest-1", "test")
	must(t, err)
	v := h.nobody()
	v.cookies["cf_session"] = token
	return v
}

// answer is what a visitor was given.
type answer struct {
	status int
	body   string
	header http.Header
}

var token = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (v *visitor) ask(t *testing.T, r *http.Request) answer {
	t.Helper()
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.Header.Set("Accept-Language", v.lang)
	r.Header.Set("X-Forwarded-For", v.from)
	a, err := v.h.app.Test(r, 60_000)
	must(t, err)
	defer func() { _ = a.Body.Close() }()
	for _, c := range a.Cookies() {
		v.cookies[c.Name] = c.Value
	}
	body, err := io.ReadAll(a.Body)
	must(t, err)
	if m := token.FindSubmatch(body); m != nil {
		v.csrf = string(m[1])
	}
	return answer{a.StatusCode, string(body), a.Header}
}

func (v *visitor) get(t *testing.T, way string) answer {
	t.Helper()
	a := v.ask(t, httptest.NewRequest(http.MethodGet, way, nil))
	if strings.Contains(a.body, "⟦") {
		i := strings.Index(a.body, "⟦")
		t.Errorf("%s: a sentence is missing: %s", way, a.body[i:min(i+80, len(a.body))])
	}
	return a
}

// page is get that must give a page with one heading.
func (v *visitor) page(t *testing.T, way string) string {
	t.Helper()
	a := v.get(t, way)
	if a.status != http.StatusOK {
		t.Fatalf("%s answers %d: %s", way, a.status, plain(a.body))
	}
	if n := strings.Count(a.body, "<h1"); n != 1 {
		t.Errorf("%s has %d first headings", way, n)
	}
	return a.body
}

// post sends a form: name, value, name, value. A key is added where none is given.
func (v *visitor) post(t *testing.T, way string, pairs ...string) answer {
	t.Helper()
	if v.csrf == "" {
		v.get(t, "/desk/producer")
	}
	form := url.Values{"csrf": {v.csrf}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	if !form.Has("key") {
		form.Set("key", id.New().String())
	}
	r := httptest.NewRequest(http.MethodPost, way, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.ask(t, r)
}

// send is post with a file.
func (v *visitor) send(t *testing.T, way, field string, file []byte, pairs ...string) answer {
	t.Helper()
	if v.csrf == "" {
		v.get(t, "/desk/producer")
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	must(t, w.WriteField("csrf", v.csrf))
	for i := 0; i+1 < len(pairs); i += 2 {
		must(t, w.WriteField(pairs[i], pairs[i+1]))
	}
	if !strings.Contains(strings.Join(pairs, "\x00"), "key\x00") {
		must(t, w.WriteField("key", id.New().String()))
	}
	if file != nil {
		f, err := w.CreateFormFile(field, "file")
		must(t, err)
		_, err = f.Write(file)
		must(t, err)
	}
	must(t, w.Close())
	r := httptest.NewRequest(http.MethodPost, way, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return v.ask(t, r)
}

// does is post that must be done; it gives where one goes on.
func (v *visitor) does(t *testing.T, way string, pairs ...string) string {
	t.Helper()
	return went(t, way, v.post(t, way, pairs...))
}

func went(t *testing.T, way string, a answer) string {
	t.Helper()
	if a.status != http.StatusSeeOther {
		t.Fatalf("%s answers %d: %s", way, a.status, plain(a.body))
	}
	return a.header.Get("Location")
}

var tags = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)

// plain is what a page says.
func plain(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

func has(t *testing.T, body string, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if !strings.Contains(body, p) {
			t.Errorf("the page does not say %q: %s", p, plain(body))
		}
	}
}
