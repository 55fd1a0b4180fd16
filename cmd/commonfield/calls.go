package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commonfield/marketplace/payment/stripe"
)

// calls counts and times what is asked of gateways.
type calls struct{ took *prometheus.HistogramVec }

func newCalls() *calls {
	return &calls{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "commonfield_gateway_call_seconds", Help: "Time until a gateway answered, by verb and answer: ok, refused, failed, or none.",
		Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20},
	}, []string{"gateway", "verb", "answer"})}
}

// stripe hears of the calls to Stripe; nil where nobody counts.
func (c *calls) stripe() stripe.Watch {
	if c == nil {
		return nil
	}
	return func(_ context.Context, verb string) func(int) {
		began := time.Now()
		return func(status int) {
			c.took.WithLabelValues(stripe.Name, verb, answered(status)).Observe(time.Since(began).Seconds())
		}
	}
}

// answered says how a call ended: refused is the gateway's no, failed its fault.
func answered(status int) string {
	switch {
	case status == 0:
		return "none"
	case status < 400:
		return "ok"
	case status == 429 || status >= 500:
		return "failed"
	}
	return "refused"
}
