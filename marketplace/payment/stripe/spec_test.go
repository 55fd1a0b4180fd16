package stripe_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	stripelib "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment/stripe/stripetest"
)

// stripeMock starts Stripe's own mock, which holds every request against Stripe's
// specification of our version, and gives a client that reaches nothing else. It
// is built from the tools module, or named in STRIPE_MOCK.
func stripeMock(t *testing.T) *http.Client {
	t.Helper()
	program := os.Getenv("STRIPE_MOCK")
	if program == "" {
		program = filepath.Join(t.TempDir(), "stripe-mock")
		build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, "github.com/stripe/stripe-mock")
		build.Dir = filepath.Join("..", "..", "..", ".ci", "tools")
		if out, err := build.CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: stripe-mock CANNOT BE BUILT HERE (%v: %s). The shape of our requests was NOT held against Stripe's specification.", err, out)
		}
	}
	socket := filepath.Join(t.TempDir(), "mock.sock")
	ctx, stop := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, program, "-strict-version-check", "-http-unix", socket)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = run.Wait() })
	c := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	for deadline := time.Now().Add(20 * time.Second); ; {
		if r, err := c.Get("http://stripe-mock/"); err == nil {
			_ = r.Body.Close()
			return c
		}
		if time.Now().After(deadline) {
			t.Fatal("stripe-mock does not answer")
		}
		time.Sleep(20 * time.Millisecond) //nolint:forbidigo // another program starts
	}
}

// ask sends a recorded request to the mock.
func ask(t *testing.T, c *http.Client, r stripetest.Request, version string) (int, string) {
	t.Helper()
	address := "http://stripe-mock" + r.Path
	if r.Query != "" {
		address += "?" + r.Query
	}
	req, err := http.NewRequestWithContext(t.Context(), r.Method, address, strings.NewReader(r.Body))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+stripetest.Key)
	req.Header.Set("Stripe-Version", version)
	if r.Method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Idempotency-Key", r.Key)
	}
	answer, err := c.Do(req)
	must(t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(body)
}

func TestEveryRequestWeMakeHasTheShapeThatStripesOwnSpecificationSays(t *testing.T) {
	mock := stripeMock(t)
	v := enter(t, 51)
	v.everything()
	w := settled(t, 52)
	w.everyTransfer()
	routes := map[string]int{}
	for _, r := range append(v.s.Requests(), w.s.Requests()...) {
		status, body := ask(t, mock, r, stripelib.APIVersion)
		if status != http.StatusOK {
			t.Errorf("%s %s: %d %s\n%s", r.Method, r.Path, status, body, r.Body)
		}
		routes[r.Method+" "+strings.Join(named(r.Path), "/")]++
	}
	for route, n := range routes {
		t.Logf("%3d × %s", n, route)
	}
	// The control: a word that the specification does not know, and another version.
	wrong := stripetest.Request{Method: http.MethodPost, Path: "/v1/refunds", Body: "payment_intent=pi_1&amount=1&amounts=2"}
	if status, _ := ask(t, mock, wrong, stripelib.APIVersion); status == http.StatusOK {
		t.Error("a word that nobody knows was let through")
	}
	if status, _ := ask(t, mock, v.s.Requests()[0], "2020-08-27"); status == http.StatusOK {
		t.Error("another version was let through")
	}
}

// named is a path with its names left out.
func named(path string) []string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.ContainsAny(p, "0123456789") && p != "v1" {
			parts[i] = "…"
		}
	}
	return parts
}

// everything makes each kind of request at least once.
func (v *street) everything() {
	v.t.Helper()
	ref, _, s := v.bought()
	v.s.Fault(stripetest.Lost)
	v.refund(ref, 1000)
	v.Drain(v.t)
	v.later(1)
	if v.s.Refunded(s) != 1000 {
		v.t.Fatal("nothing went back")
	}
	v.s.Slow(true)
	v.refund(ref, 500)
	v.Drain(v.t)
	v.sweep()
	other, c := v.buy()
	v.session(c)
	must(v.t, v.Orders.Cancel(v.ctx, v.Buyer, other, ""))
	stall := v.Stall(v.t, fmt.Sprintf("香禾糯 %d", 1), 1600, 50_000)
	ask := v.Ask(5000)
	ask.Way, ask.Items = "stripe", append(ask.Items, stall.Item(8000))
	both, err := v.Orders.Place(v.ctx, noKey, ask)
	must(v.t, err)
	v.session(both)
	_, err = v.g.Account()
	must(v.t, err)
	v.s.Slow(false)
	_, _, paid := v.bought()
	v.s.InDashboard(paid, 100)
	v.everyPromise()
	v.s.Dispute(paid, 0)
	v.s.PayOut(100)
	for range 120 { // more than a page
		v.s.Take("stripe_fee", 1, "")
	}
	v.day()
}

// everyPromise makes each kind of request that is of a card that is saved.
func (v *street) everyPromise() {
	v.t.Helper()
	for _, card := range []stripetest.Card{stripetest.Good, stripetest.Asks} {
		ref, c, _ := v.promised(card)
		v.call(ref)
		v.s.Fault(stripetest.Lost)
		v.tick()
		v.again()
		if card == stripetest.Asks {
			v.s.Pay(v.session(c), stripetest.Paying{})
			v.settle(c)
		} else {
			v.refund(ref, 100)
		}
		v.Drain(v.t)
		v.taken(c, pledged)
	}
	_, c, _ := v.pledge()
	must(v.t, v.Orders.Cancel(v.ctx, v.Buyer, c.Orders()[0], ""))
}

// everyTransfer makes each kind of request that is of payees.
func (v *village) everyTransfer() {
	v.t.Helper()
	v.connected()
	b := v.approved()
	v.s.Fault(stripetest.Lost)
	v.round(2)
	must(v.t, v.Payouts.Recall(v.ctx, v.Market, v.row(b).ID, v.Operator.ID, "算错了"))
	v.round(26)
	if v.row(b).State != "returned" {
		v.t.Fatalf("%+v", v.row(b))
	}
}
