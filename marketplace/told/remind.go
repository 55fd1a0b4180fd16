package told

import (
	"context"
	"fmt"
	"time"

	"commonfield/agents/payable"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// silence is after how long a seller is reminded: at 24 and at 48 hours, before
// the pipeline ends the order at 72.
const silence = 24 * time.Hour

type remindJob struct {
	Order id.ID     `json:"order"`
	Time  int       `json:"time"` // the first or the second
	Since time.Time `json:"since"`
}

// remind tells a seller who has not answered, and asks once more later. When the
// order has moved on, there is nothing to say.
func (t *Teller) remind(ctx context.Context, j jobs.Job) (finish, error) {
	r, err := read[remindJob](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: r.Order})
	if err != nil {
		return nil, err
	}
	if o.State != order.Secured || o.DueAt == nil {
		return nothing()
	}
	seller, err := t.sellerOf(ctx, o)
	if err != nil {
		return nil, err
	}
	way, err := t.wayOf(ctx, j.Market, o.ID)
	if err != nil {
		return nil, err
	}
	kind := notice.SaleWaits
	if r.Time > 1 {
		kind = notice.SaleEnds
	}
	tell, err := t.notices.Tell(ctx, notice.Notice{Person: seller, Key: fmt.Sprintf("order:%s:remind:%d", o.ID, r.Time), Kind: kind, Market: j.Market, Way: way,
		Facts: notice.Facts{Number: o.Number, Sum: o.Total, Currency: o.Currency, Until: o.DueAt}, At: r.Since.Add(time.Duration(r.Time) * silence)})
	if err != nil {
		return nil, err
	}
	return func(tx *storage.Tx) error {
		if r.Time == 1 {
			jobs.Add(tx, JobRemind, o.ID.String()+":2", remindJob{Order: o.ID, Time: 2, Since: r.Since}, r.Since.Add(2*silence))
		}
		return tell(tx)
	}, nil
}

// unpaidFor is after how long, and then again, whoever is to collect is asked where
// the cash of an order is: nothing else ends it, no silence delivers it.
const unpaidFor = 5 * 24 * time.Hour

type unpaidJob struct {
	Order id.ID `json:"order"`
	Time  int   `json:"time"` // the first or the second
}

func chases(tx *storage.Tx, o order.Order) {
	if o.Way != payment.Cash {
		return
	}
	for i := 1; i <= 2; i++ {
		jobs.Add(tx, JobUnpaid, fmt.Sprintf("%s:%d", o.ID, i), unpaidJob{Order: o.ID, Time: i}, tx.Now.Add(time.Duration(i)*unpaidFor))
	}
}

// unpaid asks the seller, and the agent who collects, what became of an order that is
// still on its way.
func (t *Teller) unpaid(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[unpaidJob](j)
	if err != nil {
		return nil, err
	}
	o, seller, way, err := t.sidesOf(ctx, j.Market, body.Order)
	if err != nil || o.State != order.Shipped {
		return nil, err
	}
	s, err := t.orders.Story(ctx, o.Ref())
	if err != nil || s.Cash == nil {
		return nil, err
	}
	n := telling{Notice: notice.Notice{Key: fmt.Sprintf("order:%s:unpaid:%d", o.ID, body.Time), Market: j.Market, Way: way, At: t.db.Now(),
		Facts: notice.Facts{Number: o.Number, Sum: s.Due(), Currency: o.Currency, Count: int64(body.Time) * int64(unpaidFor/(24*time.Hour))}}}
	n.to(notice.SaleUnpaid, seller)
	if s.Cash.Kind == payable.Agent {
		n.Way = handWay
		n.to(notice.SaleUnpaid, s.Cash.Person)
	}
	return t.notices.Tell(ctx, n.all...)
}

type transferJob struct {
	Order id.ID `json:"order"`
}

// late tells a buyer whose transfer is not here that a day is left.
func (t *Teller) late(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[transferJob](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: body.Order})
	if err != nil {
		return nil, err
	}
	pay, err := t.paymentOf(ctx, j.Market, o.Payment)
	if err != nil {
		return nil, err
	}
	if o.State != order.Placed || pay.State != payment.Open {
		return nothing()
	}
	return t.waited(ctx, o, pay, notice.TransferLate, "payment:"+pay.ID.String()+":late", pay.ExpiresAt.Add(-silence))
}

// part tells a buyer that less than the sum has come, and how much is missing.
func (t *Teller) part(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[order.PartCame](j)
	if err != nil {
		return nil, err
	}
	pay, err := t.paymentOf(ctx, j.Market, body.Payment)
	if err != nil {
		return nil, err
	}
	if pay.State != payment.Open || pay.Captured >= pay.Due {
		return nothing() // the rest has come meanwhile
	}
	basket, err := t.orders.List(ctx, order.Filter{Markets: []int32{j.Market}, Basket: pay.Sale, N: 1})
	if err != nil || len(basket) == 0 {
		return nil, err
	}
	return t.waited(ctx, basket[0], pay, notice.TransferShort, "payment:"+j.Key, body.At)
}

func (t *Teller) waited(ctx context.Context, o order.Order, pay payment.Payment, kind notice.Kind, key string, when time.Time) (finish, error) {
	way, err := t.wayOf(ctx, o.Market, o.ID)
	if err != nil {
		return nil, err
	}
	return t.notices.Tell(ctx, notice.Notice{Person: o.Buyer, Key: key, Kind: kind, Market: o.Market, Way: way, At: when,
		Facts: notice.Facts{Number: pay.Reference, Sum: pay.Captured, Rest: pay.Due - pay.Captured, Currency: pay.Currency, Until: new(pay.ExpiresAt)}})
}
