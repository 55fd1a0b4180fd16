package stripe

import (
	"context"
	"strconv"
	"strings"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment"
)

// Refund gives money back. When an earlier call was made it asks first whether
// Stripe has the refund already: a key is forgotten after a day, our name on the
// refund is not. Where that question fails nothing is known of the refund: an earlier
// call may be at work still, and keeps its key.
func (g *Gateway) Refund(ctx context.Context, r payment.Back) (payment.Given, error) {
	intent, err := g.intentOf(ctx, r.Object)
	if err != nil {
		return payment.Given{}, err
	}
	if r.Again {
		if given, found, err := g.find(ctx, intent, r); err != nil || found {
			return given, err
		}
	}
	p := &stripe.RefundParams{PaymentIntent: new(intent), Amount: new(r.Amount),
		Metadata: map[string]string{keyMarket: strconv.Itoa(int(r.Market)), keyPayment: r.Payment.String(), keyRefund: r.Refund.String()}}
	p.Context = ctx
	p.SetIdempotencyKey(r.Key)
	made, err := g.refunds.New(p)
	if err == nil {
		return given(made), nil
	}
	no := judge(err)
	if said := refusal(no); said != nil && !said.Done && !said.Frozen && never(said.Why) {
		return payment.Given{State: payment.RefundFailed}, nil
	}
	return payment.Given{}, no
}

// never says whether a refund that was refused for this reason will be refused
// always: the money has gone back already, or cannot go back this way any more.
func never(why string) bool {
	switch stripe.ErrorCode(why) {
	case stripe.ErrorCodeChargeAlreadyRefunded, stripe.ErrorCodeAmountTooLarge, stripe.ErrorCodeChargeInvalidParameter:
		return true
	}
	return why == "charge_not_refundable" || why == string(stripe.ErrorTypeInvalidRequest)
}

// LookRefund asks how a refund stands.
func (g *Gateway) LookRefund(ctx context.Context, r payment.Back) (payment.Given, error) {
	if r.Given == "" {
		intent, err := g.intentOf(ctx, r.Object)
		if err != nil {
			return payment.Given{}, err
		}
		given, found, err := g.find(ctx, intent, r)
		if err == nil && !found {
			given.State = payment.RefundAsked
		}
		return given, err
	}
	p := &stripe.RefundParams{}
	p.Context = ctx
	made, err := g.refunds.Get(r.Given, p)
	if err != nil {
		return payment.Given{}, judge(err)
	}
	return given(made), nil
}

// find looks through an intent's refunds for ours.
func (g *Gateway) find(ctx context.Context, intent string, r payment.Back) (payment.Given, bool, error) {
	p := &stripe.RefundListParams{PaymentIntent: new(intent)}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	all := g.refunds.List(p)
	for all.Next() {
		if made := all.Refund(); made.Metadata[keyRefund] == r.Refund.String() {
			return given(made), true, nil
		}
	}
	if err := all.Err(); err != nil {
		return payment.Given{}, false, unknown(err)
	}
	return payment.Given{}, false, nil
}

func given(r *stripe.Refund) payment.Given {
	state := payment.RefundAsked // pending, requires_action
	switch r.Status {
	case stripe.RefundStatusSucceeded:
		state = payment.RefundSucceeded
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		state = payment.RefundFailed
	}
	return payment.Given{ID: r.ID, State: state}
}

// intent says whether an object is a payment intent: a charge by a saved card.
func intent(object string) bool { return strings.HasPrefix(object, "pi_") }

// intentOf gives the payment intent of an object.
func (g *Gateway) intentOf(ctx context.Context, object string) (string, error) {
	if intent(object) {
		return object, nil
	}
	p := &stripe.CheckoutSessionParams{}
	p.Context = ctx
	s, err := g.sessions.Get(object, p)
	if err != nil {
		return "", unknown(err)
	}
	if s.PaymentIntent == nil {
		return "", &payment.Refused{Why: "no_payment_intent"}
	}
	return s.PaymentIntent.ID, nil
}
