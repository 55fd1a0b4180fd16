package stripe_test

import (
	"context"
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
)

// slow is a gateway whose answer to an opening comes when something else has happened.
type slow struct {
	*stripe.Gateway

	meanwhile func()
}

// Open opens, and answers late.
func (s *slow) Open(ctx context.Context, i payment.Intent) (payment.Object, error) {
	o, err := s.Gateway.Open(ctx, i)
	if do := s.meanwhile; do != nil {
		s.meanwhile = nil
		do()
	}
	return o, err
}

func TestWhatAGatewayHasOpenedForAPaymentThatHasMovedMeanwhileNobodyCanPay(t *testing.T) {
	v := &street{t: t, ctx: t.Context()}
	var g *slow
	v.World = ordertest.NewThrough(t, func(clock *ordertest.Clock) payment.Gateway {
		v.s = stripetest.New(t, 9, clock.Now)
		v.g = open(v.s)
		g = &slow{Gateway: v.g}
		return g
	})

	ref, c := v.buy()
	g.meanwhile = func() { must(t, v.Orders.Cancel(v.ctx, v.Buyer, ref, "")) }
	p, err := v.Orders.Pay(v.ctx, c.Market, c.Payment, result(c))
	must(t, err)
	if p.State != payment.Closed || p.PayURL != "" || v.s.Pay(p.Object, stripetest.Paying{}) {
		t.Errorf("closed meanwhile: %s %q", p.State, p.PayURL)
	}
	if was := v.payment(c); was.Object != p.Object || was.State != payment.Closed {
		t.Errorf("the row says %s %q", was.State, was.Object)
	}
	v.Must(t, ref, order.Cancelled)

	ref, c = v.buy()
	var second string
	g.meanwhile = func() { // somebody gave the call up and opened another under another key
		must(t, v.DB.Update(v.ctx, v.Market, func(tx *storage.Tx) error {
			tx.Queue("UPDATE payment_attempts SET state = 'failed' WHERE market_id = $1 AND payment_id = $2", tx.Market, c.Payment)
			return nil
		}))
		second = v.session(c)
	}
	p, err = v.Orders.Pay(v.ctx, c.Market, c.Payment, result(c))
	must(t, err)
	if p.Object != second || v.payment(c).Object != second {
		t.Errorf("opened twice: %q, the row %q, first %q", p.Object, v.payment(c).Object, second)
	}
	open := 0
	for _, s := range v.s.Sessions() {
		if v.s.Pay(s, stripetest.Paying{}) {
			open++
		}
	}
	if open != 1 {
		t.Errorf("%d pages could be paid", open)
	}
	_, err = v.Orders.Settle(v.ctx, c.Market, c.Payment)
	must(t, err)
	v.Must(t, ref, order.Secured)
	v.books()
}
