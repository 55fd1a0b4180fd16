package stripetest_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment/stripe/stripetest"
)

var (
	listen = flag.String("listen", "", "serve the stand-in at this address instead of testing it")
	hook   = flag.String("hook", "", "where its news goes, at once")
)

// TestMain tests, or, with -listen, serves by hand until it is stopped.
func TestMain(m *testing.M) {
	flag.Parse()
	if *listen == "" {
		os.Exit(m.Run())
	}
	s := stripetest.Make(uint64(time.Now().UnixNano()), time.Now)
	s.At("http://" + *listen)
	go func() {
		for range time.Tick(time.Second) {
			for _, e := range s.News() {
				deliver(e)
			}
		}
	}()
	fmt.Println("the stand-in serves at http://"+*listen, "with the key", stripetest.Key, "and the secret", stripetest.Secret)
	fmt.Println(http.ListenAndServe(*listen, s))
}

func deliver(e stripetest.Event) {
	if *hook == "" {
		return
	}
	r, err := http.NewRequest(http.MethodPost, *hook, bytes.NewReader(e.Body))
	if err != nil {
		return
	}
	r.Header.Set("Stripe-Signature", e.Signature())
	if a, err := http.DefaultClient.Do(r); err == nil {
		_ = a.Body.Close()
		fmt.Println(e.Type, a.Status)
	}
}

// post sends a form as Stripe's library does.
func post(t *testing.T, s *stripetest.Server, path, key string, pairs ...string) (int, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1"+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+stripetest.Key)
	r.Header.Set("Stripe-Version", stripe.APIVersion)
	r.Header.Set("Idempotency-Key", key)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	var b bytes.Buffer
	_, _ = b.ReadFrom(a.Body)
	return a.StatusCode, b.String()
}

func session(sum string) []string {
	return []string{"mode", "payment", "line_items[0][quantity]", "1", "line_items[0][price_data][unit_amount]", sum, "line_items[0][price_data][currency]", "cny"}
}

func TestAKeyIsKeptAsStripeKeepsIt(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s := stripetest.New(t, 1, func() time.Time { return now })
	status, first := post(t, s, "/checkout/sessions", "one", session("13000")...)
	if status != 200 {
		t.Fatalf("%d %s", status, first)
	}
	if _, again := post(t, s, "/checkout/sessions", "one", session("13000")...); again != first {
		t.Fatalf("the same key gave\n%s\nand\n%s", first, again)
	}
	if status, said := post(t, s, "/checkout/sessions", "one", session("12000")...); status != 400 || !strings.Contains(said, "idempotency_error") {
		t.Fatalf("other values: %d %s", status, said)
	}
	if status, said := post(t, s, "/checkout/sessions", "bad", session("1")...); status != 400 || strings.Contains(said, "idempotency") {
		t.Fatalf("a sum that is too small: %d %s", status, said)
	}
	if status, _ := post(t, s, "/checkout/sessions", "bad", session("1300")...); status != 200 {
		t.Fatalf("a refusal was kept: %d", status)
	}
	s.Fault(stripetest.Broken)
	if status, _ := post(t, s, "/checkout/sessions", "broken", session("13000")...); status != 500 {
		t.Fatalf("%d", status)
	}
	if status, _ := post(t, s, "/checkout/sessions", "broken", session("13000")...); status != 500 {
		t.Fatalf("an answer of 500 was not kept: %d", status)
	}
	now = now.Add(25 * time.Hour)
	if _, later := post(t, s, "/checkout/sessions", "one", session("13000")...); later == first {
		t.Fatal("a key was kept for more than a day")
	}
}

func TestTheSameSeedDecidesTheSame(t *testing.T) {
	story := func(seed uint64) string {
		s := stripetest.New(t, seed, func() time.Time { return time.Unix(1_790_000_000, 0) })
		s.Chance(40)
		var said strings.Builder
		for i := range 20 {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1/refunds", nil)
			r.Header.Set("Authorization", "Bearer "+stripetest.Key)
			r.Header.Set("Stripe-Version", stripe.APIVersion)
			r.Close = true // a connection of its own: none is used again, so none is tried again
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				fmt.Fprint(&said, i, " cut ")
				continue
			}
			_ = a.Body.Close()
			fmt.Fprint(&said, i, " ", a.StatusCode, " ")
		}
		return said.String()
	}
	if one, again := story(5), story(5); one != again || !strings.Contains(one, "cut") || !strings.Contains(one, "500") {
		t.Fatalf("%s\n%s", one, again)
	}
	if story(5) == story(6) {
		t.Fatal("two seeds decide the same")
	}
}
