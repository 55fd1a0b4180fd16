package stripe

import (
	"context"
	"strconv"
	"time"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/marketplace/payment"
	"commonfield/storage/id"
)

// pageOfMovements is how many balance transactions one call gives; Stripe's most.
const pageOfMovements = 100

// Movements gives a page of Stripe's balance transactions. What they are of is told
// by the metadata that we gave the charge and the refund; of a dispute, and of a
// refund that somebody made in Stripe's own pages, by that of the payment intent.
func (g *Gateway) Movements(ctx context.Context, since time.Time, after string) ([]payment.Movement, bool, error) {
	p := &stripe.BalanceTransactionListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	p.Context, p.Single, p.Limit = ctx, true, stripe.Int64(pageOfMovements)
	if after != "" {
		p.StartingAfter = new(after)
	}
	p.AddExpand("data.source")
	all := g.balance.List(p)
	var page []payment.Movement
	intents := map[string]map[string]string{}
	for all.Next() {
		b := all.BalanceTransaction()
		m := payment.Movement{ID: b.ID, Kind: sortOf(b), Amount: b.Amount, Fee: b.Fee, Currency: currency(b.Currency), Words: b.Description,
			At: time.Unix(b.Created, 0).UTC(), Usable: time.Unix(b.AvailableOn, 0).UTC()}
		known, intent := source(b, &m)
		if known[keyPayment] == "" && intent != "" {
			var err error
			if known, err = g.told(ctx, intent, intents); err != nil {
				return nil, false, err
			}
		}
		if m.Kind == payment.MovedTransferBack && known[keyPayout] == "" && m.Object != "" {
			var err error
			if known, err = g.toldTransfer(ctx, m.Object); err != nil {
				return nil, false, err
			}
		}
		whose(&m, known)
		page = append(page, m)
	}
	if err := all.Err(); err != nil {
		return nil, false, judge(err)
	}
	return page, all.Meta().HasMore, nil
}

// source reads what a movement is of: its metadata, and the intent that has more.
func source(b *stripe.BalanceTransaction, m *payment.Movement) (known map[string]string, intent string) {
	s := b.Source
	if s == nil {
		return nil, ""
	}
	m.Object = s.ID
	var of *stripe.PaymentIntent
	switch {
	case s.Charge != nil:
		known, of = s.Charge.Metadata, s.Charge.PaymentIntent
	case s.Refund != nil:
		known, of = s.Refund.Metadata, s.Refund.PaymentIntent
	case s.Dispute != nil:
		of = s.Dispute.PaymentIntent
	case s.Transfer != nil:
		known = s.Transfer.Metadata
	case s.TransferReversal != nil: // of one in Stripe's own pages the transfer has the name
		known = s.TransferReversal.Metadata
		if s.TransferReversal.Transfer != nil {
			m.Object = s.TransferReversal.Transfer.ID
		}
	}
	if of != nil {
		intent = of.ID
	}
	return known, intent
}

// told fetches the metadata of a payment intent, once for a page.
func (g *Gateway) told(ctx context.Context, intent string, read map[string]map[string]string) (map[string]string, error) {
	if known, there := read[intent]; there {
		return known, nil
	}
	p := &stripe.PaymentIntentParams{}
	p.Context = ctx
	i, err := g.intents.Get(intent, p)
	if err != nil {
		return nil, judge(err)
	}
	read[intent] = i.Metadata
	return i.Metadata, nil
}

// toldTransfer fetches the metadata of a transfer that somebody reversed in Stripe's
// own pages.
func (g *Gateway) toldTransfer(ctx context.Context, name string) (map[string]string, error) {
	p := &stripe.TransferParams{}
	p.Context = ctx
	t, err := g.transfers.Get(name, p)
	if err != nil {
		return nil, judge(err)
	}
	return t.Metadata, nil
}

// whose writes down of which payment and refund of ours a movement is.
func whose(m *payment.Movement, known map[string]string) {
	market, err := strconv.ParseInt(known[keyMarket], 10, 32)
	if of, is := id.Parse(known[keyPayout]); is && err == nil && market > 0 {
		m.Market, m.Payout = int32(market), of
		return
	}
	of, is := id.Parse(known[keyPayment])
	if err != nil || !is || market <= 0 {
		return
	}
	m.Market, m.Payment = int32(market), of
	if refund, is := id.Parse(known[keyRefund]); is {
		m.Refund = refund
	}
}

func sortOf(b *stripe.BalanceTransaction) payment.Moved {
	switch b.Type {
	case stripe.BalanceTransactionTypeCharge, stripe.BalanceTransactionTypePayment:
		return payment.MovedCharge
	case stripe.BalanceTransactionTypeRefund, stripe.BalanceTransactionTypePaymentRefund:
		return payment.MovedRefund
	case stripe.BalanceTransactionTypeRefundFailure, stripe.BalanceTransactionTypePaymentFailureRefund:
		return payment.MovedRefundBack
	case stripe.BalanceTransactionTypePayout:
		return payment.MovedPayout
	case stripe.BalanceTransactionTypePayoutFailure, stripe.BalanceTransactionTypePayoutCancel:
		return payment.MovedPayoutBack
	case stripe.BalanceTransactionTypeTransfer:
		return payment.MovedTransfer
	case stripe.BalanceTransactionTypeTransferRefund, stripe.BalanceTransactionTypeTransferCancel, stripe.BalanceTransactionTypeTransferFailure:
		return payment.MovedTransferBack
	case stripe.BalanceTransactionTypeStripeFee, stripe.BalanceTransactionTypeStripeFxFee, stripe.BalanceTransactionTypeTaxFee:
		return payment.MovedFee
	case stripe.BalanceTransactionTypeAdjustment:
		if b.Source == nil || b.Source.Dispute == nil {
			return payment.MovedOther
		}
		if b.Amount > 0 {
			return payment.MovedChargebackBack
		}
		return payment.MovedChargeback
	}
	return payment.MovedOther
}
