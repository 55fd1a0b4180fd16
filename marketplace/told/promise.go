package told

import (
	"context"
	"fmt"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/jobs"
)

// beforeEnd is how long before the end of the days for paying by hand a buyer is
// reminded: three days, then one.
var beforeEnd = []time.Duration{3 * 24 * time.Hour, 24 * time.Hour}

type repairJob struct {
	order.Refused

	Time int `json:"time"` // the first or the second
}

// refusedCard tells a buyer that what they saved was not accepted, and where and
// until when they may pay by hand; and writes down when they are reminded.
func (t *Teller) refusedCard(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[order.Refused](j)
	if err != nil {
		return nil, err
	}
	tell, err := t.byHand(ctx, j.Market, body, notice.PromiseRefused, "payment:"+body.Payment.String()+":refused", body.At)
	if err != nil {
		return nil, err
	}
	return func(tx *storage.Tx) error {
		for i, before := range beforeEnd {
			if at := body.Until.Add(-before); at.After(body.At) {
				jobs.Add(tx, JobRepair, fmt.Sprintf("%s:%d", body.Payment, i+1), repairJob{body, i + 1}, at)
			}
		}
		if tell == nil {
			return nil
		}
		return tell(tx)
	}, nil
}

// repair reminds a buyer who has not paid by hand yet.
func (t *Teller) repair(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[repairJob](j)
	if err != nil {
		return nil, err
	}
	return t.byHand(ctx, j.Market, body.Refused, notice.PromiseWaits, fmt.Sprintf("payment:%s:repair:%d", body.Payment, body.Time), body.Until.Add(-beforeEnd[body.Time-1]))
}

// byHand tells of a sum that is to be paid by hand, while it is.
func (t *Teller) byHand(ctx context.Context, market int32, r order.Refused, kind notice.Kind, key string, at time.Time) (finish, error) {
	o, err := t.orders.Find(ctx, order.Ref{Market: market, ID: r.Order})
	if err != nil {
		return nil, err
	}
	pay, err := t.paymentOf(ctx, market, r.Payment)
	if err != nil {
		return nil, err
	}
	if o.State != order.Promised || pay.State != payment.Open || pay.Promise != payment.PromiseRefused || pay.Pending {
		return nothing()
	}
	way, err := t.wayOf(ctx, market, o.ID)
	if err != nil {
		return nil, err
	}
	return t.notices.Tell(ctx, notice.Notice{Person: o.Buyer, Key: key, Kind: kind, Market: market, Way: way, At: at,
		Facts: notice.Facts{Number: o.Number, Sum: pay.Due, Currency: pay.Currency, Until: new(pay.ExpiresAt)}})
}
