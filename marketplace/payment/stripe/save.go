package stripe

import (
	"context"
	"errors"
	"net/http"
	"strings"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment"
)

// Save makes a Checkout Session at which a payer saves a card for later; the same key
// gives the same session. Stripe makes a customer for it alone, so that its intents
// are ours, and forgetting the customer forgets nothing else.
func (g *Gateway) Save(ctx context.Context, i payment.Intent) (payment.Object, error) {
	known := metadata(i)
	p := &stripe.CheckoutSessionParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModeSetup)),
		PaymentMethodTypes: stripe.StringSlice([]string{string(stripe.PaymentMethodTypeCard)}),
		CustomerCreation:   stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways)),
		ClientReferenceID:  new(i.Reference),
		SuccessURL:         new(g.o.Home + i.Back),
		CancelURL:          new(g.o.Home + strings.TrimSuffix(i.Back, "/result")),
		ExpiresAt:          new(ends(i).Unix()),
		Metadata:           known,
		SetupIntentData:    &stripe.CheckoutSessionSetupIntentDataParams{Metadata: known, Description: new(i.Reference)},
	}
	p.Context = ctx
	p.SetIdempotencyKey(i.Key)
	p.AddExpand(setup)
	s, err := g.sessions.New(p)
	if err != nil {
		return payment.Object{}, judge(err)
	}
	return seen(s)
}

// setup is what a session that saves is looked into for.
const setup = "setup_intent"

// saved reads a session whose payer has done their part.
func saved(o *payment.Object, s *stripe.CheckoutSession) error {
	i := s.SetupIntent
	switch {
	case i == nil || i.Status == "":
		return errors.New("stripe: session " + s.ID + " is complete and does not show its setup intent")
	case i.Status == stripe.SetupIntentStatusProcessing:
		o.State = payment.ObjectPending
	case i.Status != stripe.SetupIntentStatusSucceeded || i.PaymentMethod == nil || s.Customer == nil:
		o.State = payment.ObjectClosed // the session cannot be gone through again
	default:
		o.State, o.Saved = payment.ObjectSaved, s.Customer.ID+" "+i.PaymentMethod.ID
	}
	return nil
}

// Charge takes a sum by a saved card, without its payer. One that was asked for
// before is looked for among the customer's intents first: a key is forgotten after a
// day, an intent is not. A charge that the bank refuses is cancelled, so that it can
// never be taken beside what the payer then pays by hand.
func (g *Gateway) Charge(ctx context.Context, c payment.Charge) (payment.Object, error) {
	customer, method, _ := strings.Cut(c.Saved, " ")
	if c.Again {
		i, err := g.charged(ctx, customer, c)
		if e, said := errors.AsType[*stripe.Error](err); said && e.Code == stripe.ErrorCodeResourceMissing {
			err = nil // the customer is gone: so it is told below
		}
		if err != nil {
			return payment.Object{}, unknown(err)
		}
		if i != nil {
			return g.ended(ctx, i)
		}
	}
	p := &stripe.PaymentIntentParams{
		Amount: new(c.Amount), Currency: new(lower(c.Currency)), Customer: new(customer), PaymentMethod: new(method),
		PaymentMethodTypes: stripe.StringSlice([]string{string(stripe.PaymentMethodTypeCard)}),
		Confirm:            new(true), OffSession: new(true), Description: new(c.Reference), TransferGroup: new(c.Payment.String()),
		Metadata: metadata(payment.Intent{Market: c.Market, Payment: c.Payment}),
	}
	p.Context = ctx
	p.SetIdempotencyKey(c.Key)
	p.AddExpand(charge)
	i, err := g.intents.New(p)
	if err == nil {
		return g.ended(ctx, i)
	}
	e, said := errors.AsType[*stripe.Error](err)
	switch {
	case said && e.HTTPStatusCode == http.StatusPaymentRequired && e.PaymentIntent != nil:
		return g.ended(ctx, e.PaymentIntent)
	case said && e.Type == stripe.ErrorTypeInvalidRequest && (e.Param == "customer" || e.Param == "payment_method"):
		return payment.Object{State: payment.ObjectRefused, Why: "card_gone"}, nil // what was saved is not there any more
	}
	return payment.Object{}, judge(err)
}

// charge is how far an intent is looked into.
const charge = "latest_charge.balance_transaction"

// charged looks through a customer's intents for one of ours: one that has brought
// the sum, or else the newest.
func (g *Gateway) charged(ctx context.Context, customer string, c payment.Charge) (*stripe.PaymentIntent, error) {
	p := &stripe.PaymentIntentListParams{Customer: new(customer)}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	p.AddExpand("data." + charge)
	var newest *stripe.PaymentIntent
	all := g.intents.List(p)
	for all.Next() {
		i := all.PaymentIntent()
		switch {
		case i.Metadata[keyPayment] != c.Payment.String():
		case i.Status == stripe.PaymentIntentStatusSucceeded, i.Status == stripe.PaymentIntentStatusProcessing:
			return i, nil
		case newest == nil:
			newest = i
		}
	}
	return newest, all.Err()
}

// unknown is what a call beside the charge or the refund itself says when it does not
// go well: nothing of that. An earlier one may be at work, and keeps its key.
func unknown(err error) error {
	if no := refusal(judge(err)); no != nil {
		return no.Cause
	}
	return judge(err)
}

// ended says what has come of a charge. One that waits for its payer, or for another
// card, is cancelled first: nobody will come.
func (g *Gateway) ended(ctx context.Context, i *stripe.PaymentIntent) (payment.Object, error) {
	switch i.Status {
	case stripe.PaymentIntentStatusRequiresPaymentMethod, stripe.PaymentIntentStatusRequiresAction, stripe.PaymentIntentStatusRequiresConfirmation:
	default:
		return looked(i)
	}
	p := &stripe.PaymentIntentCancelParams{CancellationReason: stripe.String(string(stripe.PaymentIntentCancellationReasonAbandoned))}
	p.Context = ctx
	p.AddExpand(charge)
	done, err := g.intents.Cancel(i.ID, p)
	if err == nil {
		return looked(done)
	}
	if no := refusal(judge(err)); no == nil || no.Done {
		return payment.Object{}, unknown(err)
	}
	return g.lookIntent(ctx, i.ID) // cancelled already, or taken after all: which?
}

func (g *Gateway) lookIntent(ctx context.Context, name string) (payment.Object, error) {
	p := &stripe.PaymentIntentParams{}
	p.Context = ctx
	p.AddExpand(charge)
	i, err := g.intents.Get(name, p)
	if err != nil {
		return payment.Object{}, unknown(err)
	}
	return looked(i)
}

// looked reads a charge by a saved card. It is open while it is neither taken nor
// cancelled: then nobody knows yet.
func looked(i *stripe.PaymentIntent) (payment.Object, error) {
	o := payment.Object{ID: i.ID, State: payment.ObjectOpen, Currency: currency(i.Currency)}
	var err error
	if o.Payment, o.Shares, err = heard(i.Metadata); err != nil {
		return o, errors.New("stripe: intent " + i.ID + ": " + err.Error())
	}
	switch i.Status {
	case stripe.PaymentIntentStatusSucceeded:
		err = took(&o, i)
	case stripe.PaymentIntentStatusProcessing:
		o.State = payment.ObjectPending
	case stripe.PaymentIntentStatusCanceled:
		o.State, o.Why = payment.ObjectRefused, "cancelled"
		if e := i.LastPaymentError; e != nil {
			o.Why = string(e.Code)
		}
	}
	return o, err
}

// Forget deletes the customer, and with it the card.
func (g *Gateway) Forget(ctx context.Context, _ int32, saved string) error {
	customer, _, _ := strings.Cut(saved, " ")
	if customer == "" {
		return nil
	}
	p := &stripe.CustomerParams{}
	p.Context = ctx
	_, err := g.customers.Del(customer, p)
	if e, said := errors.AsType[*stripe.Error](err); said && e.Code == stripe.ErrorCodeResourceMissing {
		return nil
	}
	if err != nil {
		return judge(err)
	}
	return nil
}
