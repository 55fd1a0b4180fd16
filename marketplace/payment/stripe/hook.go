package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	stripe "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"commonfield/agents/payout"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// What is accepted as news: signed not longer than five minutes ago, and no larger
// than any event of Stripe's.
const (
	Tolerance = 5 * time.Minute
	MaxBody   = 512 << 10
)

// subject is what is read of an event's object.
type subject struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent json.RawMessage   `json:"payment_intent"`
}

// Heard is one event that is believed to come from Stripe.
type Heard struct {
	Market int32 // 0: its object says nothing of one
	News   payment.News
	Body   []byte      // what is kept of it: nothing of the payer
	Payee  payout.News // of a payee's account, or a payout
	Ours   bool        // something may follow from it
}

// Hear checks what came to the webhook: its size (body_too_large), its age
// (webhook_old) and signature (webhook_unsigned), the mode (webhook_mode) and the
// account it is of (webhook_foreign), its form (webhook_thin, webhook_malformed).
// Each has its word, since whoever set the endpoint up has nothing else to go by.
// Nothing of the body is believed but where to look.
func (g *Gateway) Hear(body []byte, signature string) (Heard, error) {
	if len(body) > MaxBody {
		return Heard{}, fault.TooLarge("body_too_large", fault.Args{"most": MaxBody >> 10})
	}
	e, err := g.signed(body, signature)
	if err != nil {
		return Heard{}, err
	}
	if e.Livemode != g.o.Live() {
		return Heard{}, fault.Forbidden("webhook_mode")
	}
	if e.Account != "" && !ofPayees[string(e.Type)] {
		return Heard{}, fault.Forbidden("webhook_foreign")
	}
	var of subject
	if e.ID == "" || json.Unmarshal(e.Data.Raw, &of) != nil || of.ID == "" {
		return Heard{}, fault.Invalid("", "webhook_malformed")
	}
	h := Heard{Ours: follows[string(e.Type)], News: payment.News{Provider: Name, Event: e.ID, Object: of.ID}}
	h.Body, err = json.Marshal(map[string]any{"id": e.ID, "type": e.Type, "created": e.Created, "api_version": e.APIVersion, "object": of.Object, "of": of.ID})
	if err != nil || !h.Ours {
		return h, err
	}
	if e.Account != "" { // of a payee's own account, and of nothing else
		if string(e.Type) == "account.updated" && of.ID != e.Account {
			return Heard{}, fault.Forbidden("webhook_foreign")
		}
		h.Payee = payout.News{Event: e.ID, Object: e.Account}
		if market, err := strconv.ParseInt(of.Metadata[keyMarket], 10, 32); err == nil {
			h.Market = int32(market)
		}
		return h, nil
	}
	if of.Object == "transfer" {
		return h.transfer(e.ID, of), nil
	}
	if h.News.Charged = of.Object == "dispute"; h.News.Charged {
		return h, nil // it names no market: the platform asks whose it is
	}
	market, err := strconv.ParseInt(of.Metadata[keyMarket], 10, 32)
	if err != nil {
		h.Ours = false
		return h, nil //nolint:nilerr // an object that this program did not make
	}
	h.Market = int32(market)
	var known bool
	h.News.Payment, known = id.Parse(of.Metadata[keyPayment])
	if named := of.Metadata[keyRefund]; named != "" && known {
		h.News.Refund, known = id.Parse(named)
	}
	h.Ours = known
	return h, nil
}

// transfer reads of which payout of ours a transfer is.
func (h Heard) transfer(event string, of subject) Heard {
	market, err := strconv.ParseInt(of.Metadata[keyMarket], 10, 32)
	name, is := id.Parse(of.Metadata[keyPayout])
	h.Ours = err == nil && is && market > 0
	if h.Ours {
		h.Market, h.Payee = int32(market), payout.News{Event: event, Object: of.ID, Payout: name}
	}
	return h
}

// signed holds the body against each secret.
func (g *Gateway) signed(body []byte, signature string) (stripe.Event, error) {
	failed := errors.New("stripe: no secret of the webhook is set")
	for _, secret := range g.o.Secrets {
		if failed = webhook.ValidatePayloadWithTolerance(body, signature, secret, Tolerance); failed == nil {
			return event(body)
		}
	}
	code := "webhook_unsigned"
	if errors.Is(failed, webhook.ErrTooOld) { // each try is signed anew: a clock is wrong, here or there
		code = "webhook_old"
	}
	return stripe.Event{}, fault.Invalid("", code).Because(failed)
}

// event reads what is signed, of whichever version of Stripe's API. A thin event has
// no object in it, and another form: its endpoint was set up for another kind.
func event(body []byte) (stripe.Event, error) {
	var e stripe.Event
	err := json.Unmarshal(body, &e)
	if err == nil && e.Data != nil {
		return e, nil
	}
	var thin struct {
		Object string `json:"object"`
	}
	if json.Unmarshal(body, &thin) == nil && strings.HasPrefix(thin.Object, "v2.") {
		return e, fault.Invalid("", "webhook_thin")
	}
	return e, fault.Invalid("", "webhook_malformed").Because(err)
}

// follows are the events from which something may follow.
var follows = map[string]bool{
	"checkout.session.completed":               true,
	"checkout.session.async_payment_succeeded": true,
	"checkout.session.async_payment_failed":    true,
	"checkout.session.expired":                 true,
	"setup_intent.succeeded":                   true,
	"payment_intent.succeeded":                 true,
	"payment_intent.processing":                true,
	"payment_intent.payment_failed":            true,
	"payment_intent.canceled":                  true,
	"charge.succeeded":                         true,
	"charge.refunded":                          true,
	"charge.refund.updated":                    true,
	"refund.created":                           true,
	"refund.updated":                           true,
	"refund.failed":                            true,
	"charge.dispute.created":                   true,
	"charge.dispute.updated":                   true,
	"charge.dispute.closed":                    true,
	"charge.dispute.funds_withdrawn":           true,
	"charge.dispute.funds_reinstated":          true,
	"account.updated":                          true,
	"account.application.deauthorized":         true,
	"transfer.created":                         true,
	"transfer.updated":                         true,
	"transfer.reversed":                        true,
}

// ofPayees are the events of payees' accounts, which come for those accounts.
var ofPayees = map[string]bool{"account.updated": true, "account.application.deauthorized": true}

// Payees hear of their accounts and their transfers.
type Payees interface {
	// Markets lists those where payees may be.
	Markets(ctx context.Context) ([]int32, error)
	Hear(ctx context.Context, market int32, gateway string, n payout.News) error
}

// Tell says who hears of payees' accounts and transfers.
func (g *Gateway) Tell(p Payees) { g.payees = p }

// Events are the kinds of news to choose at the webhook endpoint.
func Events() []string {
	var names []string
	for name := range follows {
		names = append(names, name)
	}
	return names
}

// Inbox is where news goes.
type Inbox interface {
	Knows(ctx context.Context, market int32, payment id.ID) (bool, error)
	Receive(ctx context.Context, market int32, n payment.News, body []byte) error
}

// Take hears an event and puts it into the inbox of its market. What is not ours,
// or was heard before, leaves no row and is answered like the rest.
func (g *Gateway) Take(ctx context.Context, in Inbox, body []byte, signature string) error {
	h, err := g.Hear(body, signature)
	if err != nil || !h.Ours {
		return err
	}
	if h.Payee.Event != "" {
		return g.hearPayee(ctx, h)
	}
	if h.News.Charged {
		return in.Receive(ctx, storage.Platform, h.News, h.Body)
	}
	// The account may be shared with another installation, whose market this is.
	known, err := in.Knows(ctx, h.Market, h.News.Payment)
	if err != nil || !known {
		return err
	}
	return in.Receive(ctx, h.Market, h.News, h.Body)
}

// hearPayee lets the market of a payee hear. That somebody has taken our access to
// an account away names the account alone: each market is asked for it.
func (g *Gateway) hearPayee(ctx context.Context, h Heard) error {
	if g.payees == nil {
		return nil
	}
	markets, err := g.payees.Markets(ctx)
	if err != nil {
		return err
	}
	for _, m := range markets {
		if h.Market != 0 && m != h.Market {
			continue
		}
		if err := g.payees.Hear(ctx, m, Name, h.Payee); err != nil {
			return err
		}
	}
	return nil
}
