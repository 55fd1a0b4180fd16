package stripe_test

import (
	"testing"
	"time"

	"commonfield/marketplace/payment/paymenttest"
	"commonfield/marketplace/payment/stripe/stripetest"
)

func TestStripeKeepsWhatEveryGatewayKeeps(t *testing.T) {
	s := stripetest.New(t, 7, time.Now)
	paymenttest.Run(t, paymenttest.Case{Gateway: open(s), Market: 11, Now: time.Now,
		Pay: func(object string) bool { return s.Pay(object, stripetest.Paying{}) },
		Save: func(object string, declines bool) bool {
			card := stripetest.Good
			if declines {
				card = stripetest.Declined
			}
			return s.Save(object, card)
		},
		Given: s.Refunded})
}
