package hook_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/hook"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// got is one request as a receiver has it.
type got struct {
	head http.Header
	body string
}

// receiver is a real HTTP server whose answers a test chooses.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	all    []got
	answer http.HandlerFunc
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thank you") }}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.all = append(r.all, got{req.Header, string(body)})
		answer := r.answer
		r.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) says(answer http.HandlerFunc) { r.mu.Lock(); defer r.mu.Unlock(); r.answer = answer }

func (r *receiver) status(code int) {
	r.says(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); _, _ = io.WriteString(w, "no") })
}

func (r *receiver) heard() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]got(nil), r.all...)
}

type house struct {
	*hook.Room
	t      *testing.T
	db     *storage.DB
	box    *seal.Box
	market int32
	worker *jobs.Worker
	mu     sync.Mutex
	now    time.Time
	by     id.ID
	log    strings.Builder
}

func open(t *testing.T) *house { return openAs(t, true) }

func openAs(t *testing.T, private bool) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), by: id.New()}
	h.db, _ = dbtest.Own(t, func(o *storage.Options) {
		o.Clock = func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }
	})
	h.market = dbtest.Market(t, h.db)
	var err error
	h.box, err = seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	h.ok(err)
	h.Room = hook.New(h.db, h.box, hook.Options{Private: private, Log: slog.New(slog.NewTextHandler(&h.log, nil))})
	h.worker = jobs.NewWorker(h.db, h.Handlers(), jobs.Options{})
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, code string) {
	h.t.Helper()
	if !fault.Has(err, code) {
		h.t.Fatalf("%v, not %s", err, code)
	}
}

func (h *house) pass(d time.Duration) { h.mu.Lock(); h.now = h.now.Add(d); h.mu.Unlock() }

func (h *house) drain() {
	h.t.Helper()
	_, err := h.worker.Drain(h.t.Context(), h.market)
	h.ok(err)
}

func (h *house) add(url string, events ...string) (hook.Hook, string) {
	h.t.Helper()
	if len(events) == 0 {
		events = []string{hook.OrderMoved}
	}
	one, secret, err := h.Add(h.t.Context(), h.market, h.by, url, events)
	h.ok(err)
	return one, secret
}

func (h *house) happens(kind, key string) {
	h.t.Helper()
	h.ok(h.db.Update(h.t.Context(), h.market, func(tx *storage.Tx) error {
		tx.Keyed()
		return hook.Put(tx, hook.Event{Type: kind, Key: key, Market: "YL", At: tx.Now, Data: map[string]any{"order": "o1", "state": "shipped", "total_minor": 2600}})
	}))
}

func (h *house) deliveries(of id.ID) []hook.Delivery {
	h.t.Helper()
	var all []hook.Delivery
	h.ok(h.db.View(h.t.Context(), h.market, func(tx *storage.Tx) (err error) {
		all, err = hook.Deliveries(tx, of, "", id.None, 100)
		return
	}))
	return all
}

func (h *house) hook(of id.ID) hook.Hook {
	h.t.Helper()
	var one hook.Hook
	h.ok(h.db.View(h.t.Context(), h.market, func(tx *storage.Tx) (err error) { one, err = hook.Find(tx, of); return }))
	return one
}

func (h *house) news() []hook.News {
	h.t.Helper()
	var bodies []string
	h.ok(h.db.View(h.t.Context(), h.market, func(tx *storage.Tx) error {
		bodies = nil
		return tx.Select(&bodies, `SELECT body::text FROM jobs WHERE market_id = $1 AND kind = $2 ORDER BY id`, h.market, hook.JobNews)
	}))
	var all []hook.News
	for _, b := range bodies {
		var n hook.News
		h.ok(json.Unmarshal([]byte(b), &n))
		all = append(all, n)
	}
	return all
}

func TestAnEventArrivesSignedAsAReceiverWorksItOut(t *testing.T) {
	h, r := open(t), receive(t)
	one, secret := h.add(r.URL + "/in?k=1")
	h.happens(hook.OrderMoved, "o1:shipped")
	h.happens(hook.RefundSent, "r1") // not chosen
	h.drain()
	all := r.heard()
	if len(all) != 1 {
		t.Fatalf("%d requests", len(all))
	}
	head, body := all[0].head, all[0].body
	seconds, err := strconv.ParseInt(head.Get("webhook-timestamp"), 10, 64)
	h.ok(err)
	if want := hook.Sign(head.Get("webhook-id"), time.Unix(seconds, 0), body, secret); head.Get("webhook-signature") != want || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("signed %q, not %q", head.Get("webhook-signature"), want)
	}
	var said struct {
		ID, Type, Market string
		Timestamp        time.Time
		Data             map[string]any
	}
	h.ok(json.Unmarshal([]byte(body), &said))
	if said.ID != head.Get("webhook-id") || said.Type != "order.moved" || said.Market != "YL" || !said.Timestamp.Equal(h.now) || said.Data["state"] != "shipped" || head.Get("Content-Type") != "application/json" {
		t.Fatalf("%s with %v", body, head)
	}
	d := h.deliveries(one.ID)
	if len(d) != 1 || d[0].State != "done" || d[0].Status != 200 || d[0].Answer != "thank you" || d[0].Tries != 1 {
		t.Fatalf("%+v", d)
	}
}

// The example of the specification, Standard Webhooks 1.0.0, as its libraries test it.
func TestASignatureIsThatOfStandardWebhooks(t *testing.T) {
	got := hook.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), `{"test": 2432232314}`, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Fatal(got)
	}
}

func TestTheSameEventIsWrittenOnceAndASecondAddressHasTheSameID(t *testing.T) {
	h, r, s := open(t), receive(t), receive(t)
	h.add(r.URL)
	h.add(s.URL)
	for range 3 {
		h.happens(hook.OrderMoved, "o1:shipped")
	}
	h.drain()
	h.happens(hook.OrderMoved, "o1:shipped")
	h.drain()
	if len(r.heard()) != 1 || len(s.heard()) != 1 || r.heard()[0].head.Get("webhook-id") != s.heard()[0].head.Get("webhook-id") {
		t.Fatalf("%d and %d", len(r.heard()), len(s.heard()))
	}
}

func TestWhatIsNotTakenIsTriedNineTimesInADayAndGivenUp(t *testing.T) {
	h, r := open(t), receive(t)
	r.status(500)
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	began := h.now
	h.drain()
	for h.deliveries(one.ID)[0].State == "waiting" {
		h.pass(20 * time.Minute)
		h.drain()
		if h.now.Sub(began) > 48*time.Hour {
			t.Fatal("it is tried without end")
		}
	}
	d := h.deliveries(one.ID)[0]
	if d.State != "failed" || d.Tries != 9 || len(r.heard()) != 9 || d.Status != 500 || d.Error != "status" || h.now.Sub(began) < 20*time.Hour {
		t.Fatalf("%+v after %s, %d requests", d, h.now.Sub(began), len(r.heard()))
	}
	first := r.heard()[0].head
	last := r.heard()[8].head
	if first.Get("webhook-id") != last.Get("webhook-id") || first.Get("webhook-timestamp") == last.Get("webhook-timestamp") {
		t.Fatal("a try has the id of its event and a time of its own")
	}
	if n := h.news(); len(n) != 1 || n[0].Why != hook.GivenUp || n[0].Hook != one.ID {
		t.Fatalf("%+v", n)
	}
	var heard []audit.Values
	h.ok(h.db.View(t.Context(), h.market, func(tx *storage.Tx) (err error) { heard, err = hook.Alarms()[0].Run(tx); return }))
	if len(heard) != 1 {
		t.Fatalf("the alarm is silent: %v", heard)
	}
}

func TestAnAddressThatIsAwayCostsOneTryAtATimeHoweverMuchWaits(t *testing.T) {
	h, r := open(t), receive(t)
	r.status(503)
	h.add(r.URL)
	for i := range 50 {
		h.happens(hook.OrderMoved, strconv.Itoa(i))
	}
	h.drain()
	if n := len(r.heard()); n != 1 {
		t.Fatalf("%d tries at once", n)
	}
	r.says(func(http.ResponseWriter, *http.Request) {})
	h.pass(10 * time.Second)
	h.drain()
	h.pass(10 * time.Second)
	h.drain()
	if n := len(r.heard()); n != 51 {
		t.Fatalf("%d requests after it came back", n)
	}
}

func TestAnAddressThatFailsForThreeDaysIsPausedAndWhatHappensThenIsSentWhenItGoesOn(t *testing.T) {
	h, r := open(t), receive(t)
	r.status(500)
	one, _ := h.add(r.URL)
	for day := range 5 {
		h.happens(hook.OrderMoved, strconv.Itoa(day))
		for range 24 {
			h.drain()
			h.pass(time.Hour)
		}
	}
	p := h.hook(one.ID)
	if p.State != hook.Paused || p.Why != hook.Failing {
		t.Fatalf("%+v", p)
	}
	n := h.news()
	if len(n) == 0 || n[len(n)-1].Why != hook.Failing {
		t.Fatalf("%+v", n)
	}
	before := len(r.heard())
	h.happens(hook.OrderMoved, "while paused")
	h.drain()
	if len(r.heard()) != before || h.deliveries(one.ID)[0].State != "held" {
		t.Fatal("something was sent to a paused address")
	}
	h.refused(h.Replay(t.Context(), h.market, h.by, one.ID, h.deliveries(one.ID)[0].ID), "hook_paused")
	r.says(func(http.ResponseWriter, *http.Request) {})
	h.ok(h.Resume(t.Context(), h.market, h.by, one.ID))
	h.ok(h.Resume(t.Context(), h.market, h.by, one.ID))
	h.drain()
	for _, d := range h.deliveries(one.ID) {
		if d.State != "done" && d.State != "failed" {
			t.Fatalf("%+v", d)
		}
	}
	if h.deliveries(one.ID)[0].State != "done" || h.hook(one.ID).State != hook.Active {
		t.Fatal("what was held was not sent")
	}
}

func TestAnAddressThatSaysItIsGoneIsPausedAtOnce(t *testing.T) {
	h, r := open(t), receive(t)
	r.status(http.StatusGone)
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.drain()
	if p := h.hook(one.ID); p.State != hook.Paused || p.Why != hook.Gone || h.news()[0].Why != hook.Gone {
		t.Fatalf("%+v", p)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	h, r, other := open(t), receive(t), receive(t)
	r.says(func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, other.URL, http.StatusTemporaryRedirect)
	})
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.drain()
	if d := h.deliveries(one.ID)[0]; d.Error != "redirect" || d.Status != 307 || len(other.heard()) != 0 {
		t.Fatalf("%+v, %d requests where it led", d, len(other.heard()))
	}
}

func TestOfAHugeAnswerOnlyTheBeginningIsRead(t *testing.T) {
	h, r := open(t), receive(t)
	written := make(chan int, 1)
	r.says(func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for range 4096 {
			m, err := io.WriteString(w, strings.Repeat("数\x01", 16<<10))
			if n += m; err != nil {
				break
			}
		}
		written <- n
	})
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.drain()
	d := h.deliveries(one.ID)[0]
	if d.State != "done" || len([]rune(d.Answer)) != 500 || strings.Contains(d.Answer, "\x01") {
		t.Fatalf("%s, %d letters", d.State, len([]rune(d.Answer)))
	}
	if n := <-written; n > 64<<20 {
		t.Fatalf("%d bytes were taken", n)
	}
}

func TestAReceiverThatNeverAnswersIsLeftAfterItsTime(t *testing.T) {
	h, r := open(t), receive(t)
	left := make(chan struct{})
	r.says(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done(); close(left) })
	h.Quickly(50 * time.Millisecond)
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.drain()
	<-left
	if d := h.deliveries(one.ID)[0]; d.Error != "timeout" || d.State != "waiting" || d.NextAt == nil {
		t.Fatalf("%+v", d)
	}
}

func TestAReceiverThatIsNotThereIsSaidInAWord(t *testing.T) {
	h, r := open(t), receive(t)
	url := r.URL
	r.Close()
	one, _ := h.add(url + "/secret-path")
	h.happens(hook.OrderMoved, "a")
	h.drain()
	if d := h.deliveries(one.ID)[0]; d.Error != "refused" {
		t.Fatalf("%+v", d)
	}
	if strings.Contains(h.log.String(), "secret-path") || !strings.Contains(h.log.String(), "refused") {
		t.Fatalf("the log: %s", h.log.String())
	}
}

func TestWhatARetryAfterAsksForIsGiven(t *testing.T) {
	h, r := open(t), receive(t)
	r.says(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.drain()
	if d := h.deliveries(one.ID)[0]; d.NextAt.Sub(h.now) != 2*time.Hour {
		t.Fatalf("again at %s", d.NextAt)
	}
}

func TestASecretThatWasChangedSignsBesideTheNewOneForADay(t *testing.T) {
	h, r := open(t), receive(t)
	one, old := h.add(r.URL)
	fresh, err := h.Renew(t.Context(), h.market, h.by, one.ID)
	h.ok(err)
	if fresh == old {
		t.Fatal("it is the same")
	}
	h.pass(time.Minute)
	again, err := h.Renew(t.Context(), h.market, h.by, one.ID) // pressed twice
	h.ok(err)
	fresh = again
	h.happens(hook.OrderMoved, "a")
	h.drain()
	h.pass(25 * time.Hour)
	h.happens(hook.OrderMoved, "b")
	h.drain()
	for i, want := range [][]string{{fresh, old}, {fresh}} {
		g := r.heard()[i]
		seconds, err := strconv.ParseInt(g.head.Get("webhook-timestamp"), 10, 64)
		h.ok(err)
		signed := strings.Fields(g.head.Get("webhook-signature"))
		if len(signed) != len(want) {
			t.Fatalf("signed %d times, not %d", len(signed), len(want))
		}
		for k, secret := range want {
			if signed[k] != hook.Sign(g.head.Get("webhook-id"), time.Unix(seconds, 0), g.body, secret) {
				t.Errorf("signature %d of request %d is another", k, i)
			}
		}
	}
}

func TestASecretLiesSealed(t *testing.T) {
	h, r := open(t), receive(t)
	one, secret := h.add(r.URL)
	var sealed []byte
	h.ok(h.db.View(t.Context(), h.market, func(tx *storage.Tx) error {
		return tx.Get(&sealed, `SELECT secret FROM hooks WHERE market_id = $1 AND id = $2`, h.market, one.ID)
	}))
	if strings.Contains(string(sealed), secret) {
		t.Fatal("it lies open")
	}
	if _, err := h.box.Open(sealed, "hook:"+id.New().String()); err == nil {
		t.Fatal("it opens for another hook")
	}
}

func TestADeliveryIsSentAgainUnderItsID(t *testing.T) {
	h, r := open(t), receive(t)
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.drain()
	d := h.deliveries(one.ID)[0]
	h.ok(h.Replay(t.Context(), h.market, h.by, one.ID, d.ID))
	h.drain()
	all := r.heard()
	if len(all) != 2 || all[0].body != all[1].body || all[0].head.Get("webhook-id") != all[1].head.Get("webhook-id") {
		t.Fatalf("%d requests", len(all))
	}
	h.refused(h.Replay(t.Context(), h.market, h.by, one.ID, id.New()), "not_found")
}

func TestATestArrivesWhateverWasChosen(t *testing.T) {
	h, r := open(t), receive(t)
	one, _ := h.add(r.URL, hook.ListingChanged)
	h.ok(h.TestOne(t.Context(), h.market, "YL", one.ID))
	h.drain()
	if all := r.heard(); len(all) != 1 || !strings.Contains(all[0].body, `"type":"hook.test"`) {
		t.Fatalf("%v", all)
	}
}

func TestARemovedAddressIsToldNothingMore(t *testing.T) {
	h, r := open(t), receive(t)
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.ok(h.Remove(t.Context(), h.market, h.by, one.ID))
	h.drain()
	h.happens(hook.OrderMoved, "b")
	h.drain()
	if len(r.heard()) != 0 || len(h.deliveries(one.ID)) != 0 {
		t.Fatal("something was sent")
	}
	h.add(r.URL) // the address may be added again
	h.ok(h.Remove(t.Context(), h.market, h.by, one.ID))
	h.refused(h.Pause(t.Context(), h.market, h.by, one.ID), "not_found")
	h.refused(h.Remove(t.Context(), h.market, h.by, id.New()), "not_found")
}

func TestWhatIsWrongWithAnAddressIsSaid(t *testing.T) {
	h := openAs(t, false)
	for url, code := range map[string]string{
		"": "hook_url", "ftp://example.com/": "hook_url", "https://u:p@example.com/": "hook_url", "https://": "hook_url", "https://example.com/#a": "hook_url",
		"http://example.com/": "hook_https", "https://localhost/": "hook_private", "https://127.0.0.1/": "hook_private", "https://[::1]/": "hook_private",
		"https://10.1.2.3/": "hook_private", "https://192.168.1.9:8443/": "hook_private", "https://169.254.169.254/latest": "hook_private", "https://[fe80::1]/": "hook_private",
		"https://erp.local/": "hook_private", "https://erp/": "hook_private", "https://[::ffff:10.0.0.1]/": "hook_private",
		"https://" + strings.Repeat("a", 500) + ".example.com/": "hook_url",
	} {
		if _, _, err := h.Add(t.Context(), h.market, h.by, url, []string{hook.OrderMoved}); !fault.Has(err, code) {
			t.Errorf("%q: %v, not %s", url, err, code)
		}
	}
	_, _, err := h.Add(t.Context(), h.market, h.by, "https://8.8.8.8/in", []string{"order.eaten"})
	h.refused(err, "not_one_of")
	_, _, err = h.Add(t.Context(), h.market, h.by, "https://8.8.8.8/in", nil)
	h.refused(err, "hook_events")
}

func TestAnAddressIsToldOnceAndAMarketHasNoMoreThanTen(t *testing.T) {
	h, r := open(t), receive(t)
	h.add(r.URL)
	_, _, err := h.Add(t.Context(), h.market, h.by, r.URL, []string{hook.OrderMoved})
	h.refused(err, "hook_exists")
	for i := range hook.Most - 1 {
		h.add(r.URL + "/" + strconv.Itoa(i))
	}
	_, _, err = h.Add(t.Context(), h.market, h.by, r.URL+"/more", []string{hook.OrderMoved})
	h.refused(err, "hook_many")
}

// A name that led elsewhere when the address was added and leads here when it is
// connected to: the connection itself is refused. The control lets it in.
func TestAConnectionIsLookedAtWhateverTheNameSaidBefore(t *testing.T) {
	r := receive(t)
	for _, private := range []bool{true, false} {
		h := openAs(t, private)
		development := hook.New(h.db, h.box, hook.Options{Private: true})
		one, _, err := development.Add(t.Context(), h.market, h.by, r.URL, []string{hook.OrderMoved})
		h.ok(err)
		before := len(r.heard())
		h.happens(hook.OrderMoved, "a")
		h.drain()
		d, came := h.deliveries(one.ID)[0], len(r.heard())-before
		if private && (d.State != "done" || came != 1) || !private && (d.Error != "private" || came != 0) {
			t.Errorf("private %t: %+v, %d requests", private, d, came)
		}
	}
}

func TestWhichAddressesAreTheWorlds(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1": true, "127.0.0.1": false, "127.9.9.9": false, "0.0.0.0": false, "10.0.0.1": false, "172.16.0.1": false, "172.32.0.1": true, "192.168.0.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "::": false, "::1": false,
		"::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::7f00:1": false, "fec0::1": false,
	} {
		if got := hook.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

func TestWhatIsOldIsForgotten(t *testing.T) {
	h, r := open(t), receive(t)
	one, _ := h.add(r.URL)
	h.happens(hook.OrderMoved, "a")
	h.drain()
	sweep := func() {
		h.ok(h.db.Update(context.Background(), h.market, func(tx *storage.Tx) error { tx.Keyed(); hook.Sweep(tx); return nil }))
	}
	sweep()
	if len(h.deliveries(one.ID)) != 1 {
		t.Fatal("it was forgotten at once")
	}
	h.pass(31 * 24 * time.Hour)
	sweep()
	if len(h.deliveries(one.ID)) != 0 {
		t.Fatal("it is there still")
	}
}
