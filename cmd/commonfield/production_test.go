package main

import (
	"bytes"
	"database/sql"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// told is what a program has said so far, while it still runs.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *told) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *told) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// newcomer is somebody's browser in front of a server that hands out secure cookies:
// it keeps them though this test has no certificate, as one behind a proxy that has.
type newcomer struct {
	t       *testing.T
	base    string
	cookies map[string]*http.Cookie
}

// ask goes to a page or sends its form, and follows no redirect.
func (n *newcomer) ask(method, path string, form url.Values) (int, string, string) {
	n.t.Helper()
	r, err := http.NewRequestWithContext(n.t.Context(), method, n.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		n.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range n.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if !c.Secure {
			n.t.Errorf("%s hands out the cookie %s to connections without TLS", path, c.Name)
		}
		n.cookies[c.Name] = c
	}
	return res.StatusCode, res.Header.Get("Location"), string(body)
}

// opens reads a page that must be there.
func (n *newcomer) opens(path string) string {
	n.t.Helper()
	code, to, body := n.ask(http.MethodGet, path, nil)
	if code != http.StatusOK {
		n.t.Fatalf("%s answers %d to %q\n%.600s", path, code, to, body)
	}
	return body
}

var key = regexp.MustCompile(`name="key" value="([^"]+)"`)

// fills sends the form of a page with its hidden words, and says where it leads.
func (n *newcomer) fills(page, action string, pairs ...string) string {
	n.t.Helper()
	body := n.opens(page)
	form := url.Values{}
	for name, hidden := range map[string]*regexp.Regexp{"csrf": token, "key": key} {
		if found := hidden.FindStringSubmatch(body); found != nil {
			form.Set(name, found[1])
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	code, to, answer := n.ask(http.MethodPost, action, form)
	if code != http.StatusSeeOther {
		n.t.Fatalf("the form of %s answers %d\n%.3000s", page, code, answer)
	}
	return to
}

// inProduction starts the server for real: on a server of PostgreSQL, with a login that
// is only a member of commonfield_app.
func inProduction(t *testing.T) (env []string, base string, said *told) {
	t.Helper()
	_, owner := dbtest.Own(t)
	admin, err := sql.Open("postgres", owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	login := "web_" + strings.ToLower(id.Secret(8))
	for _, say := range []string{"CREATE ROLE " + pq.QuoteIdentifier(login) + " LOGIN PASSWORD 'walnut'", "GRANT commonfield_app TO " + pq.QuoteIdentifier(login)} {
		if _, err := admin.ExecContext(t.Context(), say); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _, _ = admin.Exec("DROP ROLE " + pq.QuoteIdentifier(login)) })
	data := folder(t)
	with(t, []string{"DATABASE_URL=" + owner}, "", "migrate", "--data", data).well(t)
	production := "COMMONFIELD_ENV=production"
	with(t, []string{production, "DATABASE_URL=" + owner}, "", "serve", "--addr", "127.0.0.1:0", "--data", data).refuses(t, exitEnvironment, "superuser", "commonfield_app")

	env = plainEnv(production, "DATABASE_URL="+dbtest.Login(owner, login, "walnut"), "COMMONFIELD_URL=https://market.example", "COMMONFIELD_DATA="+data)
	said = &told{}
	command := exec.Command(binary, "serve", "--addr", "127.0.0.1:0")
	command.Env, command.Dir, command.Stdout = env, root, said
	return env, started(t, command).address, said
}

// A stranger with a server, a database and the code from the log has a shop: the first
// operator, the first market, the first producer, the first goods, found by a buyer.
func TestTheFirstMarketOfAnInstallationOpensInProduction(t *testing.T) {
	t.Parallel()
	env, base, said := inProduction(t)
	code := regexp.MustCompile(`https://market\.example/setup .* code (\S+)`).FindStringSubmatch(said.String())
	if code == nil {
		t.Fatalf("the log shows no setup code:\n%s", said)
	}
	first := &newcomer{t, base, map[string]*http.Cookie{}}
	if !strings.Contains(first.opens("/"), `href="/setup"`) {
		t.Error("the first page does not say where to begin")
	}
	to := first.fills("/setup", "/setup", "code", code[1], "name", "李会计", "who", "13900001111", "password", "walnut-harvest-1")
	if to != "/desk/operator/markets/new" {
		t.Fatalf("the first operator goes on to %s", to)
	}
	way := to + "?region=652823"
	desk := first.fills(way, way, "name", "尉犁集市", "code", "YL", "currency", "CNY", "time_zone", "Asia/Shanghai",
		"fee", "3", "tax", "0", "commission", "8", "hold", "7", "holder", "尉犁共田", "bank", "农业银行", "number", "6228480012345678", "capital", "10000")
	if !strings.HasPrefix(desk, "/desk/operator?market=") {
		t.Fatalf("the first market leads to %s", desk)
	}
	_, market, _ := strings.Cut(desk, "?")
	first.opens(desk)
	grower := first.fills("/desk/operator/members?"+market, "/desk/operator/producers?"+market, "name", "吐尔逊", "region", "652823100", "exemption", "零星农产品")
	_, producer, _ := strings.Cut(grower, "?")
	first.opens(grower)
	offer := "/desk/producer/listings/new?" + producer
	first.fills(offer, offer, "title_zh", "纸皮核桃 185", "category", "walnut", "unit", "jin", "price", "13.20", "stock", "50", "minimum", "1", "band", "3", "state", "live")

	buyer := &newcomer{t, base, map[string]*http.Cookie{}}
	if strings.Contains(buyer.opens("/"), "/setup") {
		t.Error("the shop still sends people to the first run")
	}
	looks, late := time.NewTicker(200*time.Millisecond), time.After(time.Minute)
	defer looks.Stop()
	found := ""
	for asked := "/search?q=" + url.QueryEscape("核桃"); found == ""; {
		if goods := regexp.MustCompile(`href="(/listings/[^"]+)"`).FindStringSubmatch(buyer.opens(asked)); goods != nil {
			found = goods[1]
		}
		select {
		case <-looks.C:
		case <-late:
			t.Fatal("in a minute the search has not found what is on sale")
		}
	}
	body := buyer.opens(found)
	if !strings.Contains(body, "纸皮核桃 185") || !strings.Contains(body, "13.20") {
		t.Errorf("the goods are not shown:\n%.600s", body)
	}
	audit := exec.CommandContext(t.Context(), binary, "audit")
	audit.Env, audit.Dir = env, root
	if out, err := audit.CombinedOutput(); err != nil {
		t.Errorf("the books of the first market: %v\n%s", err, out)
	}
}
