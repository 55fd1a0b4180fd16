package stripe

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
)

// Payees are paid by Connect: each has an account of the kind "express", which
// Stripe opens, checks and shows to its holder; we know its name and whether money
// may be transferred there. Transfers leave our balance at once.

// What an account and a transfer carry besides their market.
const (
	keyPayee   = "payee"
	keyAccount = "account"
	keyPayout  = "payout"
)

// Title is what people call it.
func (g *Gateway) Title() string { return "Stripe" }

// Enrol makes an account; the same key gives the same one.
func (g *Gateway) Enrol(ctx context.Context, e payout.Enrolment) (string, error) {
	p := &stripe.AccountParams{Type: new(string(stripe.AccountTypeExpress)),
		Capabilities: &stripe.AccountCapabilitiesParams{Transfers: &stripe.AccountCapabilitiesTransfersParams{Requested: new(true)}},
		Metadata:     map[string]string{keyMarket: strconv.Itoa(int(e.Market)), keyPayee: e.Payee.String(), keyAccount: e.Account.String()}}
	p.Context = ctx
	p.SetIdempotencyKey(e.Key)
	a, err := g.accounts.New(p)
	if err != nil {
		return "", refused(err)
	}
	return a.ID, nil
}

// Link gives the address of Stripe's pages where an account's holder says who they
// are. It is good once, for minutes.
func (g *Gateway) Link(ctx context.Context, object, back string) (string, error) {
	home := g.o.Home + back
	p := &stripe.AccountLinkParams{Account: new(object), RefreshURL: new(home), ReturnURL: new(home), Type: new(string(stripe.AccountLinkTypeAccountOnboarding))}
	p.Context = ctx
	l, err := g.links.New(p)
	if err != nil {
		return "", refused(err)
	}
	return l.URL, nil
}

// Stands says how an account stands. Money is transferred where Stripe lets it be
// and pays it on: a balance that cannot leave is nobody's payout.
func (g *Gateway) Stands(ctx context.Context, object string) (string, error) {
	p := &stripe.AccountParams{}
	p.Context = ctx
	a, err := g.accounts.GetByID(object, p)
	if err != nil {
		e, said := errors.AsType[*stripe.Error](err)
		if said && e.Code == stripe.ErrorCodeAccountInvalid || said && e.HTTPStatusCode == http.StatusNotFound {
			return payable.Closed, nil // its holder has taken our access away
		}
		return "", refused(err)
	}
	return standing(a), nil
}

func standing(a *stripe.Account) string {
	may := a.Capabilities != nil && a.Capabilities.Transfers == stripe.AccountCapabilityStatusActive
	switch {
	case a.Deleted:
		return payable.Closed
	case may && a.PayoutsEnabled:
		return payable.Active
	case a.Requirements != nil && a.Requirements.DisabledReason != "" && a.DetailsSubmitted && a.Requirements.DisabledReason != "requirements.pending_verification":
		return payable.Restricted
	}
	return payable.Pending
}

// Transfer pays a payee, once for a key.
func (g *Gateway) Transfer(ctx context.Context, t payout.Transfer) (payout.Sent, error) {
	p := &stripe.TransferParams{Amount: new(t.Amount), Currency: new(lower(t.Currency)), Destination: new(t.Object), Description: new(t.Number),
		TransferGroup: new(t.Payout.String()), Metadata: map[string]string{keyMarket: strconv.Itoa(int(t.Market)), keyPayout: t.Payout.String()}}
	p.Context = ctx
	p.SetIdempotencyKey(t.Key)
	made, err := g.transfers.New(p)
	if err != nil {
		return payout.Sent{}, refused(err)
	}
	return transferred(made), nil
}

// Find looks for a transfer by its name, or among those of its payout's group.
func (g *Gateway) Find(ctx context.Context, t payout.Transfer) (payout.Sent, bool, error) {
	if t.Name != "" {
		p := &stripe.TransferParams{}
		p.Context = ctx
		made, err := g.transfers.Get(t.Name, p)
		if err != nil {
			return payout.Sent{}, false, refused(err)
		}
		return transferred(made), true, nil
	}
	p := &stripe.TransferListParams{TransferGroup: new(t.Payout.String())}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	all := g.transfers.List(p)
	for all.Next() {
		if made := all.Transfer(); made.Metadata[keyPayout] == t.Payout.String() {
			return transferred(made), true, nil
		}
	}
	if err := all.Err(); err != nil {
		return payout.Sent{}, false, refused(err)
	}
	return payout.Sent{}, false, nil
}

// Reverse takes a whole transfer back from the payee's account, once for a key.
func (g *Gateway) Reverse(ctx context.Context, t payout.Transfer) (payout.Sent, error) {
	p := &stripe.TransferReversalParams{ID: new(t.Name), Amount: new(t.Amount), Metadata: map[string]string{keyMarket: strconv.Itoa(int(t.Market)), keyPayout: t.Payout.String()}}
	p.Context = ctx
	p.SetIdempotencyKey(t.Key)
	r, err := g.reversals.New(p)
	if err != nil {
		return payout.Sent{}, refused(err)
	}
	return payout.Sent{Name: t.Name, Amount: t.Amount, Back: r.Amount, Currency: currency(r.Currency)}, nil
}

func transferred(t *stripe.Transfer) payout.Sent {
	return payout.Sent{Name: t.ID, Amount: t.Amount, Back: t.AmountReversed, Currency: currency(t.Currency)}
}

// refused is Stripe's no, for the room of payouts.
func refused(err error) error {
	no := judge(err)
	if said := refusal(no); said != nil {
		return &payout.Refused{Why: said.Why, Poor: said.Why == string(stripe.ErrorCodeBalanceInsufficient), Done: said.Done, Cause: no}
	}
	return no
}
