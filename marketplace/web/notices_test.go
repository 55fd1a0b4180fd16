package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/noticetest"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/seal"
)

func TestTheBellCountsAndANoticeLeadsToItsPage(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Shipped)
	h.Drain(t)
	v := h.visitor(t, h.Buyer.Person)
	body := v.page(t, "/notices")
	has(t, body, "发货了", "7584", "消息，3 条没看", "没看")
	a := v.get(t, regexp.MustCompile(`/notices/[0-9a-f-]{36}`).FindString(body))
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/orders/"+h.code(t)+"/"+ref.ID.String() {
		t.Errorf("a notice leads %d to %s", a.status, a.header.Get("Location"))
	}
	v.page(t, a.header.Get("Location"))
	body = v.page(t, "/notices")
	has(t, body, "消息，2 条没看")
	v.press(t, form(t, body, "/notices/read"))
	if body = v.page(t, "/notices"); strings.Contains(body, "条没看") || strings.Contains(body, `action="/notices/read"`) {
		t.Error("all is read, and the bell still counts")
	}
	for _, way := range []string{"/notices/" + id.New().String(), "/notices/1"} {
		if a := v.get(t, way); a.status != http.StatusNotFound {
			t.Errorf("%s answers %d", way, a.status)
		}
	}
	stranger := h.visitor(t, h.Person(t, "别人"))
	rows, err := h.m.Notices.List(t.Context(), h.Buyer.ID, id.None, 1)
	must(t, err)
	if a := stranger.get(t, "/notices/"+rows[0].ID.String()); a.status != http.StatusNotFound {
		t.Errorf("another person's notice answers %d", a.status)
	}
	if a := h.nobody().get(t, "/notices"); a.status != http.StatusSeeOther {
		t.Errorf("nobody's notices answer %d", a.status)
	}
}

// Every page that a notice leads to is there for the person who was told.
func TestNoNoticeLeadsNowhere(t *testing.T) {
	h := newHouse(t)
	boss := h.operator(t, h.Market)
	h.UpTo(t, order.Completed)
	h.transfer(t)
	_, err := h.m.Agents.Apply(t.Context(), h.Market, h.Person(t, "想做代理"))
	must(t, err)
	h.bank(t, h.Producer.PayeeID, "6228480000017731")
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		tx.Queue("INSERT INTO jobs (market_id, id, kind, key, state, run_at, error, created_at, finished_at) VALUES ($1, $2, 'order:timer', 'x', 'failed', $3, 'x', $3, $3)", h.Market, id.New(), tx.Now)
		jobs.Add(tx, "told:watch", "x", struct{}{})
		return nil
	}))
	h.Drain(t)
	seen := 0
	for _, p := range []people.Person{h.Buyer.Person, h.Seller.Person, h.AgentBy, boss} {
		rows, err := h.m.Notices.List(t.Context(), p.ID, id.None, 100)
		must(t, err)
		v := h.visitor(t, p)
		for _, n := range rows {
			seen++
			if a := v.get(t, n.Way); a.status != http.StatusOK {
				t.Errorf("%s leads to %s, which answers %d", n.Kind, n.Way, a.status)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d notices were followed", seen)
	}
}

func TestWhatOneWantsToBeToldIsKept(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Buyer.Person)
	body := v.page(t, "/me/notices")
	has(t, body, "您的账号没有邮箱", `name="orders.app"`)
	if strings.Contains(body, "orders.email") {
		t.Error("letters are offered to somebody without an address")
	}
	s := form(t, body, "/me/notices")
	s.values.Del("news.app")
	v.press(t, s)
	c, err := h.m.Notices.Choices(t.Context(), h.Buyer.ID)
	must(t, err)
	if c.Wants(notice.News, notice.App) || !c.Wants(notice.Orders, notice.App) || !c.Wants(notice.Orders, notice.Email) {
		t.Errorf("kept as %+v", c)
	}
	if a := h.nobody().get(t, "/me/notices"); a.status != http.StatusSeeOther {
		t.Errorf("nobody chooses: %d", a.status)
	}
}

func TestLinksOfLettersWorkSignedOutAndDoNothingUntilPressed(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	post := &noticetest.Post{}
	box, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	h.m.Notices = notice.New(h.DB, region.New(h.DB), box, notice.Options{Sender: post, Home: "https://market.example"})
	h.app = fiber.New(door.Config(web.OnError))
	d := door.New(h.m, door.Options{Trusted: nearby})
	h.app.Use(d.Every)
	web.Mount(h.app, d)
	worker := jobs.NewWorker(h.DB, map[string]jobs.Handler{notice.JobLetter: {Call: h.m.Notices.Letter}, notice.JobConfirm: {Call: h.m.Notices.Confirming}}, jobs.Options{})

	email := strings.ToLower(id.Secret(8)) + "@example.com"
	v := h.nobody()
	v.press(t, form(t, v.page(t, "/register"), "/register"), "name", "陈秀英", "who", email, "password", "walnut-harvest-1")
	p, err := h.People.FindByLogin(ctx, email)
	must(t, err)
	has(t, v.page(t, "/me/notices"), email, "确认信已经寄到")
	_, err = worker.Drain(ctx, storage.Platform)
	must(t, err)
	link := func(way string) string {
		t.Helper()
		for _, l := range post.Letters {
			if l.To == email {
				if _, rest, ok := strings.Cut(l.Text, "https://market.example"+way); ok {
					return way + strings.Fields(rest)[0]
				}
			}
		}
		t.Fatalf("no letter links to %s", way)
		return ""
	}
	out := h.nobody()
	confirm := link("/notices/confirm?t=")
	body := out.page(t, confirm)
	if a, err := h.m.Notices.AddressOf(ctx, p); err != nil || a.Confirmed {
		t.Fatalf("looking has confirmed the address: %v", err)
	}
	a, _ := out.press(t, form(t, body, "/notices/confirm"))
	has(t, a.body, "确认好了")

	end, err := h.m.Notices.Tell(ctx, notice.Notice{Person: p.ID, Key: "x", Kind: notice.OrderShipped, Market: h.Market, Way: "/orders", At: h.Clock.Now()})
	must(t, err)
	must(t, h.DB.Update(ctx, h.Market, end))
	_, err = worker.Drain(ctx, h.Market)
	must(t, err)
	stop := link("/notices/stop?t=")
	body = out.page(t, stop)
	wants := func() bool {
		c, err := h.m.Notices.Choices(ctx, p.ID)
		must(t, err)
		return c.Wants(notice.Orders, notice.Email)
	}
	if !wants() {
		t.Fatal("looking has stopped the letters")
	}
	a, _ = out.press(t, form(t, body, "/notices/stop"))
	has(t, a.body, "我买的订单")
	if wants() {
		t.Error("pressing has not stopped the letters")
	}
	must(t, h.m.Notices.Choose(ctx, p.ID, notice.Orders, notice.Email, true))
	// A mail program presses without cookies, page or token of a visit (RFC 8058).
	r := httptest.NewRequest(http.MethodPost, stop, strings.NewReader(url.Values{"List-Unsubscribe": {"One-Click"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a := h.nobody().ask(t, r); a.status != http.StatusOK || wants() {
		t.Errorf("one click answers %d, still wanted: %t", a.status, wants())
	}
	for _, bad := range []string{"/notices/confirm", "/notices/confirm?t=x", "/notices/stop?t=" + strings.Repeat("A", 5000), "/notices/stop" + strings.TrimPrefix(confirm, "/notices/confirm")} {
		if a := out.get(t, bad); a.status != http.StatusNotFound {
			t.Errorf("%.60s answers %d", bad, a.status)
		}
		r := httptest.NewRequest(http.MethodPost, bad, nil)
		if a := h.nobody().ask(t, r); a.status != http.StatusNotFound {
			t.Errorf("pressing %.60s answers %d", bad, a.status)
		}
	}
}
