package stripe_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage/id"
)

// Each call is heard of by its verb, and never by what it names.
func TestEveryCallToStripeIsHeardOfWithoutNames(t *testing.T) {
	s := stripetest.New(t, 3, time.Now)
	type call struct {
		verb   string
		status int
	}
	var heard []call
	o := stripe.Options{Key: stripetest.Key, Secrets: []string{stripetest.Secret}, Home: "https://market.example", Base: s.URL,
		Watch: func(_ context.Context, verb string) func(int) {
			return func(status int) { heard = append(heard, call{verb, status}) }
		}}
	g := stripe.New(o)
	ctx, pay := t.Context(), id.New()
	object, err := g.Open(ctx, payment.Intent{Key: pay.String(), Since: time.Now(), Market: 11, Payment: pay, Sale: id.New(), Reference: "R1", Amount: 1000, Currency: "CNY", Back: "/", ExpiresAt: time.Now().Add(time.Hour)})
	must(t, err)
	s.Pay(object.ID, stripetest.Paying{})
	_, err = g.Look(ctx, 11, object.ID)
	must(t, err)
	back := payment.Back{Refund: id.New(), Market: 11, Payment: pay, Object: object.ID, Amount: 1000}
	back.Key = back.Refund.String()
	_, err = g.Refund(ctx, back)
	must(t, err)
	if _, err := g.Look(ctx, 11, "cs_test_none"); err == nil {
		t.Fatal("what is not there is found")
	}
	name := regexp.MustCompile(`^(GET|POST|DELETE)( [a-z_]+| \{id\})(/[a-z_]+|/\{id\})*$`)
	var verbs []string
	for _, c := range heard {
		if !name.MatchString(c.verb) {
			t.Errorf("%q names something", c.verb)
		}
		verbs = append(verbs, c.verb)
	}
	if !slices.Contains(heard, call{"POST checkout/sessions", http.StatusOK}) || !slices.Contains(heard, call{"POST refunds", http.StatusOK}) || !slices.Contains(verbs, "GET checkout/sessions/{id}") ||
		!slices.ContainsFunc(heard, func(c call) bool { return c == call{"GET checkout/sessions/{id}", http.StatusNotFound} }) {
		t.Errorf("heard: %v", heard)
	}
	heard, o.Base = nil, "http://127.0.0.1:1"
	if _, err := stripe.New(o).Look(ctx, 11, object.ID); err == nil || len(heard) != 1 || heard[0].status != 0 {
		t.Errorf("of a call without an answer: %v, %v", heard, err)
	}
}
