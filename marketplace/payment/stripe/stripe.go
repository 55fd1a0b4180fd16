// Package stripe is the gateway of that name: a payer pays on Stripe's own page
// (a Checkout Session) by card, Alipay or WeChat Pay, and no script or card number
// passes through this program. Its news is signed and only says where to look; the
// state is fetched. Every call carries the idempotency key of its attempt, which is
// a row before the call is made, so that nothing is charged or refunded twice
// whatever the network does.
package stripe

import (
	"net/http"
	"strings"
	"time"

	stripe "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/account"
	"github.com/stripe/stripe-go/v76/accountlink"
	"github.com/stripe/stripe-go/v76/balancetransaction"
	"github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/dispute"
	"github.com/stripe/stripe-go/v76/paymentintent"
	"github.com/stripe/stripe-go/v76/refund"
	"github.com/stripe/stripe-go/v76/transfer"
	"github.com/stripe/stripe-go/v76/transferreversal"

	"commonfield/storage/failpoint"
	"commonfield/storage/ledger"
)

// Name is the word in rows and addresses.
const Name = "stripe"

// patience is how long one call may take. A payer waits for most of them.
const patience = 20 * time.Second

// Methods are how a payer may pay where nobody has chosen others.
var Methods = []string{"card", "alipay", "wechat_pay"}

// Options of the gateway.
type Options struct {
	Key     string   // the secret key: sk_test_… or sk_live_…
	Secrets []string // the webhook endpoint's secrets: two while one is being changed
	Methods []string // empty: Methods
	Home    string   // "https://market.example", where payers come back to
	Bank    string   // code of the market whose bank account Stripe pays; empty: the first one
	Base    string   // another address of the API; tests only
	Watch   Watch    // hears of every call; nil: nobody
}

// Live says whether the key moves real money.
func (o Options) Live() bool {
	return strings.HasPrefix(o.Key, "sk_live_") || strings.HasPrefix(o.Key, "rk_live_")
}

// Gateway is Stripe.
type Gateway struct {
	o        Options
	sessions session.Client
	refunds  refund.Client
	accounts account.Client
	disputes dispute.Client
	balance  balancetransaction.Client
	intents  paymentintent.Client

	customers customer.Client

	links     accountlink.Client
	transfers transfer.Client
	reversals transferreversal.Client
	payees    Payees
}

// New gives the gateway. Stripe's library does not try again by itself: whether to
// try, when, and under which key is decided where the attempts are written down,
// and a payer who waits is not kept waiting three times. It logs nothing: its
// messages hold what payers typed.
func New(o Options) *Gateway {
	if len(o.Methods) == 0 {
		o.Methods = Methods
	}
	c := &stripe.BackendConfig{
		HTTPClient: &http.Client{Timeout: patience, Transport: once{watched{transport, o.Watch}}}, MaxNetworkRetries: stripe.Int64(0),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, EnableTelemetry: new(false),
	}
	if o.Base != "" {
		c.URL = new(o.Base)
	}
	b := stripe.GetBackendWithConfig(stripe.APIBackend, c)
	return &Gateway{o: o, sessions: session.Client{B: b, Key: o.Key}, refunds: refund.Client{B: b, Key: o.Key}, accounts: account.Client{B: b, Key: o.Key},
		disputes: dispute.Client{B: b, Key: o.Key}, balance: balancetransaction.Client{B: b, Key: o.Key}, intents: paymentintent.Client{B: b, Key: o.Key}, customers: customer.Client{B: b, Key: o.Key},
		links: accountlink.Client{B: b, Key: o.Key}, transfers: transfer.Client{B: b, Key: o.Key}, reversals: transferreversal.Client{B: b, Key: o.Key}}
}

// transport keeps a connection for each of many payers; Go itself keeps two, and opens
// one anew for every other call where the other side does not speak HTTP/2.
var transport = func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	return t
}()

// once keeps Go's transport from sending a request again by itself: it would, on a
// connection that was cut, because there is an idempotency key.
type once struct{ http.RoundTripper }

// RoundTrip sends the request; its body cannot be had a second time.
func (o once) RoundTrip(r *http.Request) (*http.Response, error) {
	r.GetBody = nil
	if r.Method == http.MethodGet {
		return o.RoundTripper.RoundTrip(r)
	}
	failpoint.Before("call", "")
	a, err := o.RoundTripper.RoundTrip(r)
	failpoint.After("call", "")
	return a, err
}

// Name is the word in rows and addresses.
func (g *Gateway) Name() string { return Name }

// Arrives is the money on its way from the gateway.
func (g *Gateway) Arrives() string { return ledger.GatewayClearing }

// Leaves is the gateway's balance that refunds are taken from.
func (g *Gateway) Leaves() string { return ledger.GatewayAvailable }
