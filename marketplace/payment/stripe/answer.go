package stripe

import (
	"errors"
	"net/http"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment"
)

// judge says what an error of Stripe's library means. Without an answer (a
// timeout, a cut connection), with 409 (the same key is at work) and with 429
// (nothing was looked at) the end is unknown and the same key is used again. An
// answer of the kind 500 is kept by Stripe under its key, and it may have done the
// work: the next call asks first and has another key. Other answers are refusals.
func judge(err error) error {
	e, said := errors.AsType[*stripe.Error](err)
	if !said || e.HTTPStatusCode == 0 {
		return err
	}
	why := string(e.Code)
	if why == "" {
		why = string(e.Type)
	}
	cause := errors.New("stripe: " + http.StatusText(e.HTTPStatusCode) + ": " + why + " (request " + e.RequestID + ")")
	switch {
	case e.HTTPStatusCode == http.StatusConflict, e.HTTPStatusCode == http.StatusTooManyRequests:
		return cause
	case e.HTTPStatusCode >= 500, e.Type == stripe.ErrorTypeIdempotency:
		return &payment.Refused{Why: why, Done: true, Cause: cause}
	case e.HTTPStatusCode == http.StatusUnauthorized, e.HTTPStatusCode == http.StatusForbidden:
		return &payment.Refused{Why: "key", Done: true, Cause: cause} // ours to mend, not the payer's
	}
	return &payment.Refused{Why: why, Frozen: e.Code == stripe.ErrorCodeChargeDisputed, Cause: cause}
}

func refusal(err error) *payment.Refused {
	no, _ := errors.AsType[*payment.Refused](err)
	return no
}
