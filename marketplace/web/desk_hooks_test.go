package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"commonfield/marketplace/order"
)

func TestAnOperatorHasASystemToldAndSeesWhatItAnswered(t *testing.T) {
	h := newHouse(t)
	var mu sync.Mutex
	var bodies []string
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		bodies = append(bodies, string(body))
		mu.Unlock()
		_, _ = io.WriteString(w, "<b>noted</b>")
	}))
	defer system.Close()
	op := h.visitor(t, h.operator(t, h.Market))
	const way = "/desk/operator/hooks"
	body := op.page(t, way)
	has(t, body, "系统对接", "还没有对接的系统")

	op.get(t, way) // the token of the forms
	a := op.post(t, way, "url", "不是网址")
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong address answers %d", a.status)
	}
	has(t, a.body, "这不像网址", "至少选一种消息", "不是网址")

	a = op.post(t, way, "url", system.URL, "order.moved", "yes")
	secret := regexp.MustCompile(`whsec_[A-Za-z0-9+/=]+`).FindString(strings.ReplaceAll(a.body, "&#43;", "+"))
	if a.status != http.StatusOK || secret == "" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("adding answers %d with the secret %q, kept as %q", a.status, secret, a.header.Get("Cache-Control"))
	}
	page := regexp.MustCompile(way + `/[A-Z0-9]+/[0-9a-f-]{36}`).FindString(a.body)
	if again := op.page(t, page); strings.Contains(again, "whsec_") {
		t.Error("the secret is shown twice")
	}
	h.UpTo(t, order.Secured)
	h.Drain(t)
	mu.Lock()
	told := len(bodies)
	mu.Unlock()
	if told == 0 {
		t.Fatal("nothing was told")
	}
	body = op.page(t, page)
	has(t, body, "订单有变化", "送到了", "对方答 200", "&lt;b&gt;noted&lt;/b&gt;")
	stranger := h.visitor(t, h.Buyer.Person)
	if a := stranger.get(t, page); a.status != http.StatusForbidden {
		t.Errorf("a buyer gets %d", a.status)
	}
}
