package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/hook"
)

// office is an operator's own system, which is told what happens.
type office struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	told   []call
}

type call struct {
	name, body string
	at         time.Time
	signatures []string
}

func newOffice(t *testing.T) *office {
	o := &office{status: http.StatusOK}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		at, _ := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.told = append(o.told, call{r.Header.Get("webhook-id"), string(body), time.Unix(at, 0), strings.Fields(r.Header.Get("webhook-signature"))})
		w.WriteHeader(o.status)
		_, _ = io.WriteString(w, "noted")
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *office) answer(status int) { o.mu.Lock(); o.status = status; o.mu.Unlock() }

// heard gives what was told since it was asked last.
func (o *office) heard() []call {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.told
	o.told = nil
	return all
}

func (c call) signed(secret string) bool {
	return slices.Contains(c.signatures, hook.Sign(c.name, c.at, c.body, secret))
}

func TestASystemIsToldByAWebhookThatTheAPIMakesAndMoves(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	system := newOffice(t)
	w.drain()
	ask := object{"market": "YL", "url": system.URL, "events": []string{"order.moved"}}
	w.ask("POST", "/hooks", x.boss, object{"market": "YL", "url": "ftp://x", "events": []string{"order.moved"}}).refused(422, "hook_url")
	w.ask("POST", "/hooks", x.boss, object{"market": "YL", "url": system.URL, "events": []string{"order.lost"}}).refused(422, "not_one_of")
	w.ask("POST", "/hooks", x.grower, ask).refused(403, "operator_only")
	var made, changed, renewed object
	w.ask("POST", "/hooks", x.boss, ask).must(201, &made)
	w.ask("POST", "/hooks", x.boss, ask).refused(409, "hook_exists")
	secret, here := made.text("secret"), "/hooks/YL/"+made.text("id")
	if !strings.HasPrefix(secret, "whsec_") || made.text("state") != "active" {
		t.Fatalf("made: %v", made)
	}
	all := w.items(x.second, "/hooks?market=YL")
	if len(all) != 1 || all[0].text("url") != system.URL || all[0]["secret"] != nil {
		t.Errorf("the list: %v", all)
	}

	w.ask("POST", here+"/test", x.boss, nil).must(204)
	w.drain()
	if told := system.heard(); len(told) != 1 || !told[0].signed(secret) || !strings.Contains(told[0].body, `"hook.test"`) {
		t.Fatalf("the test: %+v", told)
	}
	x.sold(5000)
	told := system.heard()
	states := []string{}
	for _, c := range told {
		var e struct {
			ID, Type, Market string
			Data             object
		}
		w.ok(json.Unmarshal([]byte(c.body), &e))
		if e.ID != c.name || e.Type != "order.moved" || e.Market != "YL" || !c.signed(secret) {
			t.Errorf("told %+v", c)
		}
		states = append(states, e.Data.text("state"))
	}
	if slices.Sort(states); !slices.Contains(states, "completed") || !slices.Contains(states, "secured") || len(slices.Compact(states)) != len(states) {
		t.Errorf("told of %v", states)
	}

	// What was told is sent again under the same name.
	deliveries := w.items(x.boss, here+"/deliveries?state=done")
	if len(deliveries) != len(told)+1 || deliveries[0].number("status") != 200 || deliveries[0].text("answer") != "noted" || deliveries[0].within("body").text("id") != deliveries[0].text("event") {
		t.Fatalf("deliveries: %v", deliveries)
	}
	w.ask("POST", here+"/deliveries/"+x.payee+"/replay", x.boss, nil).refused(404, "not_found")
	w.ask("POST", here+"/deliveries/"+deliveries[0].text("id")+"/replay", x.boss, nil).must(204)
	w.drain()
	if again := system.heard(); len(again) != 1 || again[0].name != deliveries[0].text("event") {
		t.Errorf("again: %+v", again)
	}

	// The secret before the new one signs beside it for a day.
	w.ask("POST", here+"/secret", x.boss, nil).must(200, &renewed)
	fresh := renewed.text("secret")
	w.ask("POST", here+"/test", x.boss, nil).must(204)
	w.drain()
	if both := system.heard(); len(both) != 1 || fresh == secret || !both[0].signed(secret) || !both[0].signed(fresh) {
		t.Errorf("by both secrets: %+v", both)
	}
	x.days(2)
	w.ask("POST", here+"/test", x.boss, nil).must(204)
	w.drain()
	if one := system.heard(); len(one) == 0 || one[len(one)-1].signed(secret) || !one[len(one)-1].signed(fresh) {
		t.Errorf("by the new one: %+v", one)
	}

	// Changed to other news, it is not told of orders.
	w.ask("PUT", here, x.boss, object{"url": system.URL + "/v2", "events": []string{"payout.drafted"}}).must(200, &changed)
	if changed.text("url") != system.URL+"/v2" || !changed.has("events", "payout.drafted") {
		t.Errorf("changed: %v", changed)
	}
	x.sold(1000)
	if none := system.heard(); len(none) != 0 {
		t.Errorf("told of what was not chosen: %+v", none)
	}
	for range 2 {
		w.ask("DELETE", here, x.boss, nil).must(204)
	}
	w.ask("POST", here+"/test", x.boss, nil).refused(404, "not_found")
	if all := w.items(x.boss, "/hooks?market=YL"); len(all) != 0 {
		t.Errorf("removed: %v", all)
	}
	w.clean()
}

func TestAWebhookIsPausedHeldResumedAndFailsInTheOpen(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	system := newOffice(t)
	var made object
	w.ask("POST", "/hooks", x.boss, object{"market": "YL", "url": system.URL, "events": []string{"payment.captured"}}).must(201, &made)
	here := "/hooks/YL/" + made.text("id")
	for range 2 {
		w.ask("POST", here+"/pause", x.boss, nil).must(204)
	}
	x.sold(1000)
	w.ask("POST", here+"/test", x.boss, nil).refused(409, "hook_paused")
	all := w.items(x.boss, "/hooks?market=YL")
	held := w.items(x.boss, here+"/deliveries?state=held")
	if all[0].text("state") != "paused" || all[0].text("why") != "operator" || len(held) != 1 || len(system.heard()) != 0 {
		t.Fatalf("paused: %v, held %v", all, held)
	}
	w.ask("POST", here+"/deliveries/"+held[0].text("id")+"/replay", x.boss, nil).refused(409, "hook_paused")

	system.answer(http.StatusServiceUnavailable)
	for range 2 {
		w.ask("POST", here+"/resume", x.boss, nil).must(204)
	}
	w.drain()
	waits := w.items(x.boss, here+"/deliveries?state=waiting")
	if len(system.heard()) != 1 || len(waits) != 1 || waits[0].number("tries") != 1 || waits[0].number("status") != 503 || waits[0].text("error") != "status" || waits[0].text("next_at") == "" {
		t.Errorf("failed: %v", waits)
	}
	if all := w.items(x.boss, "/hooks?market=YL"); all[0].text("failing_since") == "" || all[0].text("state") != "active" {
		t.Errorf("the webhook then: %v", all)
	}
	system.answer(http.StatusNoContent)
	w.clock.advance(10 * time.Second)
	w.drain()
	if done := w.items(x.boss, here+"/deliveries?state=done"); len(system.heard()) != 1 || len(done) != 1 || done[0].number("tries") != 2 || done[0].text("error") != "" {
		t.Errorf("the second try: %v", done)
	}
	w.ask("GET", here+"/deliveries", x.grower, nil).refused(403, "operator_only")
	w.clean()
}
