package web_test

import (
	"bytes"
	"compress/gzip"
	"html"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestAnUnknownAddressIsAPageInTheReadersLanguage(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	v.lang = "en"
	for _, way := range []string{"/nowhere", "/listings/" + h.code(t) + "/1", "/listings/XX/" + h.Listing.ID.String(), "/listings/0/" + h.Listing.ID.String(), "/listings/" + h.code(t) + "/" + id.New().String(),
		"/s/NOSUCH", "/a/" + strings.Repeat("x", 300), "/pay/1/x", "/photos/x/640.jpg", "/static/nothing.css", "/orders/PLATFORM/" + id.New().String(), "/producers/XX/1", "/producers/" + h.code(t) + "/" + id.New().String(), "/checkout", "/listings/%00/%ff"} {
		a := v.get(t, way)
		if a.status != http.StatusNotFound || !strings.Contains(a.body, "cannot be found") {
			t.Errorf("%s answers %d: %s", way, a.status, plain(a.body))
		}
	}
	if a := v.get(t, "/search?after=rubbish"); a.status != http.StatusOK {
		t.Errorf("a made-up cursor answers %d", a.status)
	}
	r := httptest.NewRequest(http.MethodDelete, "/orders", nil)
	if a := v.ask(t, r); a.status != http.StatusForbidden { // without a token nothing is even looked for
		t.Errorf("an unknown method answers %d", a.status)
	}
}

func TestEveryPageAnswersHead(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	for _, way := range []string{"/", h.listing(t), "/sign-in", "/register", "/robots.txt", "/favicon.ico", "/orders", "/agents/apply"} {
		a := v.ask(t, httptest.NewRequest(http.MethodHead, way, nil))
		if a.status != http.StatusOK || a.body != "" {
			t.Errorf("%s answers %d with %d bytes", way, a.status, len(a.body))
		}
	}
}

func TestNoPressWithoutTheTokenOfItsVisit(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	s := h.atCheckout(t, v, "5")
	for _, csrf := range []string{"", "wrong", strings.Repeat("x", 10_000)} {
		if a, _ := v.press(t, s, "csrf", csrf); a.status != http.StatusForbidden {
			t.Errorf("token %.10q answers %d", csrf, a.status)
		}
	}
	for _, way := range []string{"/sign-in", "/register", "/sign-out", "/theme", "/me/bank", "/me/tokens", "/agents/apply", "/pay/1/1", "/orders/1/1/accept"} {
		if a, _ := h.nobody().sendTo(t, way, url.Values{"who": {"x"}}); a.status != http.StatusForbidden {
			t.Errorf("%s without a visit answers %d", way, a.status)
		}
	}
}

func TestATokenOfAnyPageOfAVisitServesAndNoneOfAnother(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	v.page(t, "/sign-in")
	first := v.csrf
	v.page(t, "/sign-in")
	if v.csrf == first {
		t.Error("two pages carry the same token, which their length may tell of")
	}
	second := v.csrf
	for _, token := range []string{first, second, first} {
		v.csrf = token
		if a := v.post(t, "/sign-in", "login", "nobody@example.com", "password", "wrong-password-1"); a.status == http.StatusForbidden {
			t.Errorf("refused: %s", plain(a.body))
		}
	}
	w := h.nobody()
	w.page(t, "/sign-in")
	w.csrf = first
	if a := w.post(t, "/sign-in", "login", "nobody@example.com", "password", "wrong-password-1"); a.status != http.StatusForbidden {
		t.Errorf("another visit's token answers %d", a.status)
	}
}

func TestWhatIsLongIsSentPackedToWhoeverTakesIt(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	v.page(t, "/")
	get := func(way, takes string) (answer, []byte) {
		r := httptest.NewRequest(http.MethodGet, way, nil)
		if takes != "" {
			r.Header.Set("Accept-Encoding", takes)
		}
		a := v.ask(t, r)
		if a.header.Get("Content-Encoding") == "" {
			return a, []byte(a.body)
		}
		z, err := gzip.NewReader(strings.NewReader(a.body))
		must(t, err)
		body, err := io.ReadAll(z)
		must(t, err)
		return a, body
	}
	hidden := regexp.MustCompile(`(name="csrf" value="|cf_visit=)[^"]*|[0-9A-Z]{13}`)
	for _, way := range []string{"/", h.listing(t), "/no-such-page", "/api/v1/categories"} {
		bare, plain := get(way, "")
		small, body := get(way, "br, gzip")
		if small.header.Get("Content-Encoding") != "gzip" || small.status != bare.status || len(small.body) > len(bare.body)/2 {
			t.Errorf("%s: %d bytes of %d, %q", way, len(small.body), len(bare.body), small.header.Get("Content-Encoding"))
		}
		if !strings.Contains(bare.header.Get("Vary"), "Accept-Encoding") || !strings.Contains(small.header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: a cache would mix them up: %q", way, bare.header.Get("Vary"))
		}
		if hidden.ReplaceAllString(string(body), "") != hidden.ReplaceAllString(string(plain), "") {
			t.Errorf("%s is another page when it is packed", way)
		}
	}
	for way, takes := range map[string]string{"/": "gzip;q=0", "/manifest.webmanifest": "gzip", "/photos/none/1.jpg": "identity"} {
		if a, _ := get(way, takes); a.header.Get("Content-Encoding") != "" {
			t.Errorf("%s is packed for %q", way, takes)
		}
	}
}

var styles = regexp.MustCompile(`/static/components\.[0-9a-f]+\.css`)

func TestFilesAndPhotosAreKeptForEver(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	var picture bytes.Buffer
	must(t, jpeg.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 800, 600)), nil))
	key, err := h.m.Photos.Take(t.Context(), picture.Bytes())
	must(t, err)
	way := "/photos/" + strings.TrimPrefix(key, "photo/") + "/320.jpg"
	for _, file := range []string{way, styles.FindString(v.page(t, "/"))} {
		a := v.get(t, file)
		if a.status != http.StatusOK || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || len(a.body) == 0 {
			t.Errorf("%s answers %d, %s", file, a.status, a.header.Get("Cache-Control"))
		}
		r := httptest.NewRequest(http.MethodGet, file, nil)
		r.Header.Set("If-None-Match", a.header.Get("ETag"))
		if again := v.ask(t, r); again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("%s again answers %d with %d bytes", file, again.status, len(again.body))
		}
	}
	for _, wrong := range []string{strings.Replace(way, "320", "321", 1), strings.Replace(way, ".jpg", ".png", 1), strings.Replace(way, "320.jpg", "x.jpg", 1)} {
		if a := v.get(t, wrong); a.status != http.StatusNotFound {
			t.Errorf("%s answers %d", wrong, a.status)
		}
	}
}

func TestLanguageAndThemeAreChosenWithoutAScript(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	has(t, v.page(t, "/?lang=en&q=x"), `lang="en"`, `/?lang=zh&amp;q=x`)
	has(t, v.page(t, "/"), `lang="en"`)
	v.page(t, "/?lang=zh")
	body := v.page(t, "/?lang=klingon")
	has(t, body, `lang="zh-Hans"`)
	a, way := v.press(t, form(t, body, "/theme"), "theme", "dark")
	if way != "/" {
		t.Errorf("sent to %s", way)
	}
	has(t, a.body, `data-theme="dark"`)
	a, _ = v.press(t, form(t, a.body, "/theme"), "theme", "<script>", "back", "//evil.example")
	if strings.Contains(a.body, "data-theme") {
		t.Error("a theme that is none is kept")
	}
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	h := newHouse(t)
	for _, next := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x", "/api/v1/me", strings.Repeat("/x", 3000)} {
		v := h.nobody()
		s := form(t, v.page(t, "/sign-in?next="+url.QueryEscape(next)), "/sign-in")
		if strings.Contains(s.values.Get("next"), "evil") {
			t.Errorf("%.30q stands in the form", next)
		}
		s.values.Set("next", next)
		s.values.Set("who", h.Buyer.Phone)
		s.values.Set("password", "walnut-harvest-1")
		r := httptest.NewRequest(http.MethodPost, s.action, strings.NewReader(s.values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		to := v.ask(t, r).header.Get("Location")
		if u, err := url.Parse(to); err != nil || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/api") || strings.Contains(to, "\\") {
			t.Errorf("%.30q leads to %q", next, to)
		}
		if a := v.get(t, "/s/"+h.Agent.Code+"?to="+url.QueryEscape(next)); a.header.Get("Location") != "/" {
			t.Errorf("the agent's link leads to %s", a.header.Get("Location"))
		}
	}
}

func TestEndlessWordsAreCutNotFeared(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	long := strings.Repeat("核", 3400) // 10 kB
	for _, way := range []string{"/search?q=" + long, "/search?category=" + long, "/search?market=" + long + "&region=" + long + "&harvest=" + long + "&from=" + long + "&sort=" + long, "/search/suggest?q=" + long, h.listing(t) + "?quantity=" + long, h.listing(t) + "?unit=" + long + "&quantity=5"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(way, "?")
		if a := v.ask(t, r); a.status >= 500 || a.status == 0 {
			t.Errorf("%.20s answers %d", way, a.status)
		}
	}
	if a := v.get(t, "/search?q=%00%ff%27%3B+DROP+TABLE"); a.status != http.StatusOK {
		t.Errorf("a query that is no text answers %d", a.status)
	}
}

func TestSomebodyRegistersSignsInAndOut(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	v.lang = "en"
	phone := dbtest.Phone()
	s := form(t, v.page(t, "/register?next=/orders"), "/register")
	for name, pairs := range map[string][]string{
		"nothing":       {},
		"weak":          {"name", "陈", "who", phone, "password", "12345"},
		"no phone":      {"name", "陈", "who", "12", "password", "a long walk in autumn"},
		"no mail":       {"name", "陈", "who", "a@", "password", "a long walk in autumn"},
		"endless":       {"name", strings.Repeat("陈", 200), "who", phone, "password", "a long walk in autumn"},
		"somebody else": {"name", "陈", "who", h.Buyer.Phone, "password", "a long walk in autumn"},
	} {
		a, _ := v.press(t, s, pairs...)
		s = form(t, a.body, "/register")
		if a.status != http.StatusUnprocessableEntity && a.status != http.StatusConflict || !strings.Contains(a.body, "aria-invalid") {
			t.Errorf("%s answers %d: %s", name, a.status, plain(a.body))
		}
		if strings.Contains(a.body, "a long walk in autumn") || len(pairs) > 0 && !strings.Contains(a.body, pairs[1]) {
			t.Errorf("%s: what was typed is not kept, or the password is", name)
		}
	}
	a, way := v.press(t, s, "name", "陈默", "who", phone, "password", "a long walk in autumn")
	if a.status != http.StatusOK || way != "/orders" {
		t.Fatalf("%d at %s: %s", a.status, way, plain(a.body))
	}
	own := v.page(t, "/me")
	has(t, own, "陈默", "This device")
	_, _ = v.press(t, form(t, own, "/sign-out"))
	if a := v.get(t, "/me"); a.status != http.StatusSeeOther || a.header.Get("Location") != "/sign-in?next=%2Fme" {
		t.Errorf("after signing out: %d to %s", a.status, a.header.Get("Location"))
	}
	s = form(t, v.page(t, "/sign-in?next=/me"), "/sign-in")
	if a, _ := v.press(t, s, "who", phone, "password", "wrong"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="`+phone) {
		t.Errorf("a wrong password answers %d", a.status)
	}
	if _, way := v.press(t, s, "who", phone, "password", "a long walk in autumn"); way != "/me" {
		t.Errorf("signed in at %s", way)
	}
}

func TestTooManyTriesAreSlowedDown(t *testing.T) {
	h := newHouse(t)
	v, phone := h.nobody(), dbtest.Phone()
	s := form(t, v.page(t, "/sign-in"), "/sign-in")
	status := 0
	for range 12 {
		a, _ := v.press(t, s, "who", phone, "password", "guess")
		status = a.status
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the twelfth try answers %d", status)
	}
}

func TestAPersonsOwnPageEndsSessionsAndMakesKeys(t *testing.T) {
	h := newHouse(t)
	v, other := h.visitor(t, h.Seller.Person), h.visitor(t, h.Seller.Person)
	a, _ := v.press(t, form(t, v.page(t, "/me"), "/me/sessions"))
	if a.status != http.StatusOK || other.get(t, "/me").status != http.StatusSeeOther {
		t.Error("the other device is still signed in")
	}
	make := lastForm(t, v.page(t, "/me"), "/me/tokens")
	if a, _ := v.press(t, make, "label", "", "scope", "everything"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a key without a name answers %d", a.status)
	}
	a, _ = v.press(t, make, "label", "记账", "scope", people.Read)
	key := regexp.MustCompile(`cf_[0-9a-zA-Z.-]+`).FindString(a.body)
	p, err := h.m.People.ByToken(t.Context(), key)
	if err != nil || p.ID != h.Seller.ID {
		t.Fatalf("the key %q is %v %v", key, p, err)
	}
	if strings.Contains(v.page(t, "/me"), key) {
		t.Error("the key is shown again")
	}
	_, _ = v.press(t, form(t, v.page(t, "/me"), "/me/tokens"))
	if _, err := h.m.People.ByToken(t.Context(), key); err == nil {
		t.Error("the key still opens")
	}
	bank := form(t, v.page(t, "/me"), "/me/bank")
	if a, _ := v.press(t, bank, "holder", "吐尔逊", "bank", "农行", "account", "12"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="12"`) {
		t.Errorf("a short number answers %d", a.status)
	}
	a, _ = v.press(t, bank, "holder", "吐尔逊", "bank", "农行", "account", "6228 4800 1234 5678")
	has(t, a.body, "5678", "吐尔逊")
	if strings.Contains(a.body, "62284800") {
		t.Error("the whole number is shown")
	}
	gone := form(t, a.body, "/me/close")
	if a, _ := v.press(t, gone); a.status != http.StatusUnprocessableEntity {
		t.Errorf("closing without a tick answers %d", a.status)
	}
	if a, way := v.press(t, gone, "sure", "yes"); a.status != http.StatusOK || way != "/" || v.get(t, "/me").status != http.StatusSeeOther {
		t.Errorf("closed: %d at %s", a.status, way)
	}
}

func lastForm(t *testing.T, body, way string) *sheet {
	t.Helper()
	var last *sheet
	for _, s := range sheets(t, body) {
		if strings.HasPrefix(s.action, way) {
			last = s
		}
	}
	if last == nil {
		t.Fatalf("no form goes to %s", way)
	}
	return last
}

func TestSomebodyAppliesToBeAnAgent(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Person(t, "古丽"))
	s := form(t, v.page(t, "/agents/apply?market="+h.code(t)), "/agents/apply")
	if s.values.Get("market") != h.code(t) {
		// The shared test database has many markets; the one of the address is chosen.
		t.Errorf("the form is of market %s", s.values.Get("market"))
	}
	if a, _ := v.press(t, s, "about", "住在兴平"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "住在兴平") {
		t.Errorf("without the promise: %d", a.status)
	}
	a, _ := v.press(t, s, "about", "住在兴平", "agree", "yes", "market", h.code(t))
	if a.status != http.StatusOK {
		t.Fatalf("answers %d: %s", a.status, plain(a.body))
	}
	if strings.Contains(a.body, `name="agree"`) {
		t.Error("it asks again")
	}
	if a := h.nobody().get(t, "/agents/apply"); a.status != http.StatusOK {
		t.Errorf("nobody reads it: %d", a.status)
	}
}

func TestAReadOnlyKeyChangesNothing(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	_, key, err := h.m.People.MakeToken(t.Context(), h.Buyer.Person, "scales", people.Read)
	must(t, err)
	s := h.atCheckout(t, v, "5")
	r := httptest.NewRequest(http.MethodPost, s.action, strings.NewReader(s.values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+key)
	if a := v.ask(t, r); a.status != http.StatusForbidden {
		t.Errorf("answers %d", a.status)
	}
}

func TestAMistakeOfOursIsOnePoliteLineWithItsNumber(t *testing.T) {
	h := newHouse(t)
	d := door.New(h.m, door.Options{})
	app := fiber.New(door.Config(web.OnError))
	app.Use(d.Every)
	web.Mount(app, d)
	app.Get("/broken", func(*fiber.Ctx) error { panic("a secret of ours") })
	h.app = app
	a := h.nobody().get(t, "/broken")
	if a.status != http.StatusInternalServerError || strings.Contains(a.body, "secret") {
		t.Errorf("answers %d: %s", a.status, plain(a.body))
	}
	has(t, a.body, a.header.Get("X-Request-ID"))
}

func TestPagesStayWithinTheirWeight(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	body := v.page(t, "/")
	total := len(body)
	fetched := map[string]bool{}
	for _, file := range regexp.MustCompile(`/static/[a-z-]+\.[0-9a-f]+\.(css|svg|js)`).FindAllString(body, -1) {
		if fetched[file] {
			continue
		}
		fetched[file] = true
		r := httptest.NewRequest(http.MethodGet, file, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		total += len(v.ask(t, r).body)
	}
	if total > 60_000 {
		t.Errorf("the first view weighs %d bytes, the page itself %d", total, len(v.page(t, "/")))
	}
	if scripts := regexp.MustCompile(`(?s)<script.*?>`).FindAllString(v.page(t, h.listing(t)), -1); len(scripts) != 1 || !strings.HasPrefix(scripts[0], `<script src="/static/page.`) {
		t.Errorf("a page brings the scripts %v", scripts)
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// Somebody's session ends while they fill a form in: nothing that they typed is lost, and
// after signing in one more press sends it.
func TestAFormWhoseSessionEndedIsSentByOneMorePress(t *testing.T) {
	h := newHouse(t)
	seller := h.visitor(t, h.Seller.Person)
	way := "/desk/producer/listings/new"
	seller.page(t, way)
	posted := func(pairs ...string) *http.Request {
		form := url.Values{"csrf": {seller.csrf}}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		r := httptest.NewRequest(http.MethodPost, way, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	typed := []string{"key", id.New().String(), "title_zh", `纸皮"核桃`, "story_zh", "一年的事\n写了很久", "category", "walnut", "unit", "jin", "price", "12.50", "stock", "90", "minimum", "1", "band", "3", "state", "draft"}
	ended := seller.cookies["cf_session"]
	delete(seller.cookies, "cf_session")

	from := posted(typed...)
	from.Header.Set("Sec-Fetch-Site", "same-origin")
	a := seller.ask(t, from)
	if a.status != http.StatusForbidden || !strings.Contains(a.body, "再交一次") || !strings.Contains(a.body, "先登录") {
		t.Fatalf("it answers %d: %s", a.status, plain(a.body))
	}
	seller.cookies["cf_session"] = ended // signed in again beside it: the page's token is an old one once more
	var kept []string
	for _, m := range hidden.FindAllStringSubmatch(a.body, -1) {
		if m[1] != "csrf" && m[1] != "back" {
			kept = append(kept, m[1], html.UnescapeString(m[2]))
		}
	}
	from = posted(kept...)
	from.Header.Set("Origin", "http://example.com") // a browser that names no site, but where it was
	if a = seller.ask(t, from); a.status != http.StatusForbidden || !strings.Contains(a.body, "再交一次") || strings.Contains(a.body, "先登录") {
		t.Fatalf("after signing in it answers %d: %s", a.status, plain(a.body))
	}
	if a = seller.ask(t, posted(kept...)); a.status != http.StatusSeeOther {
		t.Fatalf("sent once more it answers %d: %s", a.status, plain(a.body))
	}
	has(t, seller.page(t, a.header.Get("Location")), "纸皮&#34;核桃", "一年的事", "写了很久")

	for name, change := range map[string]func(*http.Request){
		"another site's":          func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a sister site's":         func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"one from nobody knows":   func(*http.Request) {},
		"one from another origin": func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
	} {
		seller.csrf = "old"
		r := posted(typed...)
		change(r)
		if a := seller.ask(t, r); a.status != http.StatusForbidden || strings.Contains(a.body, "再交一次") || strings.Contains(a.body, "写了很久") {
			t.Errorf("%s form is handed back: %d", name, a.status)
		}
	}
	seller.csrf = "old"
	r := posted("who", "x", "password", "secret-of-mine")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if a := seller.ask(t, r); a.status != http.StatusForbidden || strings.Contains(a.body, "secret-of-mine") {
		t.Errorf("a password is handed back: %d", a.status)
	}
}
