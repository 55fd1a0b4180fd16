package stripe

import (
	"context"
	"strconv"
	"time"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment"
)

// LookChargeback says how a dispute stands; Stripe calls a chargeback so. A mere
// question of the bank's, by which no money moves, is none of ours yet.
func (g *Gateway) LookChargeback(ctx context.Context, _ int32, object string) (payment.Charged, error) {
	p := &stripe.DisputeParams{}
	p.Context = ctx
	p.AddExpand("payment_intent")
	d, err := g.disputes.Get(object, p)
	if err != nil {
		return payment.Charged{}, judge(err)
	}
	c := payment.Charged{ID: d.ID, Amount: d.Amount, Currency: currency(d.Currency), Reason: string(d.Reason), State: payment.ChargebackOpen}
	switch d.Status {
	case stripe.DisputeStatusWarningNeedsResponse, stripe.DisputeStatusWarningUnderReview, stripe.DisputeStatusWarningClosed:
		return c, nil
	case stripe.DisputeStatusWon:
		c.State = payment.ChargebackWon
	case stripe.DisputeStatusLost:
		c.State = payment.ChargebackLost
	}
	for _, b := range d.BalanceTransactions {
		c.Fee += b.Fee
	}
	c.Fee = max(c.Fee, 0)
	if d.EvidenceDetails != nil && d.EvidenceDetails.DueBy > 0 {
		c.Due = time.Unix(d.EvidenceDetails.DueBy, 0).UTC()
	}
	if d.PaymentIntent == nil {
		return c, nil
	}
	market, err := strconv.ParseInt(d.PaymentIntent.Metadata[keyMarket], 10, 32)
	if err != nil {
		return c, nil //nolint:nilerr // a payment that this program did not open
	}
	if c.Payment, _, err = heard(d.PaymentIntent.Metadata); err == nil {
		c.Market = int32(market)
	}
	return c, err
}

// Contest sends what speaks against a dispute and submits it: the bank reads it once.
func (g *Gateway) Contest(ctx context.Context, _ int32, object, text, key string) error {
	p := &stripe.DisputeParams{Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: new(text)}, Submit: new(true)}
	p.Context = ctx
	p.SetIdempotencyKey(key)
	if _, err := g.disputes.Update(object, p); err != nil {
		return judge(err)
	}
	return nil
}

// Chargebacks names the disputes that were opened since a moment, for the sweeper.
func (g *Gateway) Chargebacks(ctx context.Context, since time.Time) ([]string, error) {
	p := &stripe.DisputeListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	var names []string
	all := g.disputes.List(p)
	for all.Next() {
		d := all.Dispute()
		names = append(names, d.ID+" "+string(d.Status))
	}
	if err := all.Err(); err != nil {
		return nil, judge(err)
	}
	return names, nil
}
