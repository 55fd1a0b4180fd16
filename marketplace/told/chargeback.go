package told

import (
	"context"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/hook"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// chargebackOf reads what the news is of.
func (t *Teller) chargebackOf(ctx context.Context, j jobs.Job) (news payment.ChargebackNews, c payment.Chargeback, err error) {
	if news, err = read[payment.ChargebackNews](j); err != nil {
		return news, c, err
	}
	err = t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { c, err = payment.FindChargeback(tx, news.Chargeback); return })
	return news, c, err
}

// chargeback tells operators that a bank takes a payment back, that nobody has
// answered it and the time for that is nearly over, and what the bank has decided.
func (t *Teller) chargeback(ctx context.Context, j jobs.Job) (finish, error) {
	news, c, err := t.chargebackOf(ctx, j)
	if err != nil {
		return nil, err
	}
	n := notice.Notice{Key: "chargeback:" + j.Key, Kind: notice.DeskChargeback, Market: j.Market, Way: refundsWay, At: news.At,
		Facts: notice.Facts{Number: c.Reference, Sum: c.Amount, Currency: c.Currency, Until: c.DueAt}}
	switch {
	case news.Due:
		if c.State != payment.ChargebackOpen || c.Evidence != "" {
			return nothing()
		}
		n.Kind = notice.DeskChargebackDue
	case news.State == payment.ChargebackWon:
		n.Kind = notice.DeskChargebackWon
	case news.State == payment.ChargebackLost:
		n.Kind = notice.DeskChargebackLost
	}
	return t.desk(ctx, n)
}

// stopped tells a seller that a bank takes the money of their order back, and how
// it ended.
func (t *Teller) stopped(ctx context.Context, j jobs.Job) (finish, error) {
	news, err := read[order.Stopped](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: news.Order})
	if err != nil {
		return nil, err
	}
	n := notice.Notice{Key: "chargeback:" + j.Key, Kind: notice.SaleStopped, Market: j.Market, At: news.At,
		Facts: notice.Facts{Number: o.Number, Sum: news.Taken, Currency: o.Currency}}
	switch {
	case news.State == payment.ChargebackLost && news.Taken > 0:
		n.Kind = notice.SaleTaken
	case news.State != payment.ChargebackOpen:
		n.Kind = notice.SaleResumed
	}
	if n.Person, err = t.sellerOf(ctx, o); err != nil {
		return nil, err
	}
	if n.Way, err = t.wayOf(ctx, j.Market, o.ID); err != nil {
		return nil, err
	}
	return t.notices.Tell(ctx, n)
}

type chargebackOut struct {
	Chargeback id.ID                   `json:"chargeback"`
	Payment    id.ID                   `json:"payment"`
	Reference  string                  `json:"reference"`
	Gateway    string                  `json:"gateway"`
	Object     string                  `json:"object"`
	State      payment.ChargebackState `json:"state"`
	Reason     string                  `json:"reason"`
	Currency   string                  `json:"currency"`
	Amount     int64                   `json:"amount_minor"`
	Fee        int64                   `json:"fee_minor"`
	Excess     int64                   `json:"excess_minor"`
	Due        *time.Time              `json:"due_at,omitempty"`
}

// chargebackEvents are the steps of a chargeback; that its time runs out is none.
func (t *Teller) chargebackEvents(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
	news, c, err := t.chargebackOf(ctx, j)
	if err != nil || news.Due {
		return nil, err
	}
	out := chargebackOut{c.ID, c.Payment, c.Reference, c.Gateway, c.Object, news.State, c.Reason, c.Currency, c.Amount, c.Fee, 0, c.DueAt}
	if news.State == c.State {
		out.Excess = c.Excess
	}
	return []hook.Event{{Type: hook.ChargebackMoved, Key: j.Key, Market: m.Code, At: news.At, Data: out}}, nil
}
