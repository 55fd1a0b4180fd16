package stripe

import (
	"context"
	"net/http"
	"strings"
)

// Watch hears of a call to Stripe before it is made, by its verb, as "POST
// checkout/sessions"; what it gives back is told the status of the answer when it
// is there, 0 when there was none.
type Watch func(ctx context.Context, verb string) (over func(status int))

// watched lets somebody hear of each call.
type watched struct {
	http.RoundTripper

	hears Watch
}

// RoundTrip makes the call.
func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.hears == nil {
		return w.RoundTripper.RoundTrip(r)
	}
	over := w.hears(r.Context(), verb(r))
	answer, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		over(0)
		return answer, err
	}
	over(answer.StatusCode)
	return answer, nil
}

// words are those of Stripe's addresses; everything else in them is a name of one
// thing, of which there are without end.
var words = map[string]bool{"account": true, "account_links": true, "accounts": true, "balance": true, "balance_transactions": true, "cancel": true, "charges": true,
	"checkout": true, "close": true, "confirm": true, "customers": true, "disputes": true, "expire": true, "payment_intents": true, "payment_methods": true,
	"refunds": true, "reversals": true, "search": true, "sessions": true, "setup_intents": true, "transfers": true}

// verb is what a call does, without what it does it to.
func verb(r *http.Request) string {
	parts := strings.Split(strings.TrimPrefix(strings.Trim(r.URL.Path, "/"), "v1/"), "/")
	for i, p := range parts {
		if !words[p] {
			parts[i] = "{id}"
		}
	}
	return r.Method + " " + strings.Join(parts, "/")
}
