package stripe

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment"
	"commonfield/storage/id"
)

// What a Checkout Session may wait for at the least and at the most. A checkout
// that ends sooner closes its session itself.
const (
	shortest = 35 * time.Minute // Stripe says 30, from when it hears of it
	longest  = 23 * time.Hour   // Stripe says 24
)

// Open makes a Checkout Session; the same key gives the same session.
func (g *Gateway) Open(ctx context.Context, i payment.Intent) (payment.Object, error) {
	known := metadata(i)
	p := &stripe.CheckoutSessionParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModePayment)),
		PaymentMethodTypes: stripe.StringSlice(g.o.Methods),
		ClientReferenceID:  new(i.Reference),
		SuccessURL:         new(g.o.Home + i.Back),
		CancelURL:          new(g.o.Home + strings.TrimSuffix(i.Back, "/result")),
		ExpiresAt:          new(ends(i).Unix()),
		Metadata:           known,
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency: new(strings.ToLower(i.Currency)), UnitAmount: new(i.Amount),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: new(i.Reference)},
		}}},
		// The charge and its chargebacks are found by what the intent carries.
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: known, Description: new(i.Reference), TransferGroup: new(i.Payment.String())},
	}
	for _, m := range g.o.Methods {
		if m == string(stripe.PaymentMethodTypeWeChatPay) {
			p.PaymentMethodOptions = &stripe.CheckoutSessionPaymentMethodOptionsParams{WeChatPay: &stripe.CheckoutSessionPaymentMethodOptionsWeChatPayParams{Client: new("web")}}
		}
	}
	p.Context = ctx
	p.SetIdempotencyKey(i.Key)
	p.AddExpand(deep)
	s, err := g.sessions.New(p)
	if err != nil {
		return payment.Object{}, judge(err)
	}
	return seen(s)
}

// ends is when a session ends by itself. It follows from the first attempt with
// the key, because Stripe refuses a key that comes with other values.
func ends(i payment.Intent) time.Time {
	end := i.ExpiresAt
	if soonest := i.Since.Add(shortest); end.Before(soonest) {
		end = soonest
	}
	if latest := i.Since.Add(longest); end.After(latest) {
		end = latest
	}
	return end
}

// deep is how far a session is looked into: to what its charge did to the balance.
const deep = "payment_intent.latest_charge.balance_transaction"

// Look fetches the present state of a session, or of a charge by a saved card.
func (g *Gateway) Look(ctx context.Context, _ int32, object string) (payment.Object, error) {
	if intent(object) {
		return g.lookIntent(ctx, object)
	}
	p := &stripe.CheckoutSessionParams{}
	p.Context = ctx
	p.AddExpand(deep)
	p.AddExpand(setup)
	s, err := g.sessions.Get(object, p)
	if err != nil {
		return payment.Object{}, judge(err)
	}
	return seen(s)
}

// Close lets a session take no money any more. Whoever was paying at that moment
// has been first, and the answer says so.
func (g *Gateway) Close(ctx context.Context, market int32, object string) (payment.Object, error) {
	p := &stripe.CheckoutSessionExpireParams{}
	p.Context = ctx
	p.AddExpand(deep)
	s, err := g.sessions.Expire(object, p)
	if err == nil {
		return seen(s)
	}
	no := judge(err)
	if said := refusal(no); said == nil || said.Done {
		return payment.Object{}, no
	}
	return g.Look(ctx, market, object) // complete or expired already: which?
}

// seen reads a session. What it says of money comes from its charge and from what
// that did to the balance, never from what was asked.
func seen(s *stripe.CheckoutSession) (payment.Object, error) {
	o := payment.Object{ID: s.ID, PayURL: s.URL, State: payment.ObjectOpen, Currency: currency(s.Currency)}
	var err error
	if o.Payment, o.Shares, err = heard(s.Metadata); err != nil {
		return o, fmt.Errorf("stripe: session %s: %w", s.ID, err)
	}
	switch s.Status {
	case stripe.CheckoutSessionStatusExpired:
		o.State = payment.ObjectClosed
	case stripe.CheckoutSessionStatusComplete:
		if s.Mode == stripe.CheckoutSessionModeSetup {
			err = saved(&o, s)
			return o, err
		}
		return o, completed(&o, s)
	}
	return o, nil
}

func completed(o *payment.Object, s *stripe.CheckoutSession) error {
	i := s.PaymentIntent
	switch {
	case i == nil || i.Status == "":
		return fmt.Errorf("stripe: session %s is complete and does not show its payment intent", s.ID)
	case i.Status == stripe.PaymentIntentStatusSucceeded:
	case i.Status == stripe.PaymentIntentStatusProcessing, i.Status == stripe.PaymentIntentStatusRequiresAction:
		o.State = payment.ObjectPending
		return nil
	default: // the bank has refused it after all; the session cannot be paid again
		o.State = payment.ObjectClosed
		return nil
	}
	return took(o, i)
}

// took reads an intent that has succeeded.
func took(o *payment.Object, i *stripe.PaymentIntent) error {
	o.State, o.Captured, o.Currency, o.Final = payment.ObjectCaptured, i.AmountReceived, currency(i.Currency), true
	c := i.LatestCharge
	if c == nil || c.BalanceTransaction == nil || c.BalanceTransaction.Type == "" {
		return fmt.Errorf("stripe: the fee of %s is not known yet", i.ID)
	}
	b := c.BalanceTransaction
	if currency(b.Currency) != o.Currency {
		return nil // settled in another currency: the daily reconciliation tells of it
	}
	o.Fee, o.Usable = b.Fee, time.Unix(b.AvailableOn, 0).UTC()
	return nil
}

func lower(c string) string { return strings.ToLower(c) }

func currency(c stripe.Currency) string { return strings.ToUpper(string(c)) }

// What our objects carry at Stripe: of which payment they are, in which market, and
// each other market's share under a name of its own, for one value may hold 500 letters.
const (
	keyMarket  = "market"
	keyPayment = "payment"
	keyRefund  = "refund"
	keyShare   = "share_"
)

func metadata(i payment.Intent) map[string]string {
	m := map[string]string{keyMarket: strconv.Itoa(int(i.Market)), keyPayment: i.Payment.String()}
	for _, s := range i.Shares {
		m[keyShare+strconv.Itoa(int(s.Market))] = s.Sale.String() + " " + strconv.FormatInt(s.Amount, 10)
	}
	return m
}

func heard(m map[string]string) (of id.ID, shares []payment.Share, err error) {
	if m[keyPayment] == "" {
		return of, nil, nil
	}
	of, known := id.Parse(m[keyPayment])
	for key, value := range m {
		market, is := strings.CutPrefix(key, keyShare)
		if !is {
			continue
		}
		sale, sum, _ := strings.Cut(value, " ")
		n, noMarket := strconv.ParseInt(market, 10, 32)
		amount, noSum := strconv.ParseInt(sum, 10, 64)
		s := payment.Share{Market: int32(n), Amount: amount}
		var named bool
		if s.Sale, named = id.Parse(sale); !named || noMarket != nil || noSum != nil {
			known = false
		}
		shares = append(shares, s)
	}
	if !known {
		return of, nil, errors.New("its metadata is not what was written")
	}
	return of, shares, nil
}
