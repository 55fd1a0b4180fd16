package told

import (
	"context"
	"fmt"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobArrived asks a buyer whether a parcel is there.
const JobArrived = "told:arrived"

// pause is between two questions, and between the last one and the day on which the
// system says by itself that the goods are there.
const pause = 5 * 24 * time.Hour

type arrivedJob struct {
	Order id.ID `json:"order"`
	Time  int   `json:"time"` // the first or the second
}

// asks writes down, with the parcel, when its buyer will be asked: ten and five days
// before silence counts as an answer, so that two questions came before.
func asks(tx *storage.Tx, o order.Order) {
	if o.DueAt == nil {
		return
	}
	for i := 1; i <= 2; i++ {
		jobs.Add(tx, JobArrived, fmt.Sprintf("%s:%d", o.ID, i), arrivedJob{Order: o.ID, Time: i}, o.DueAt.Add(-time.Duration(3-i)*pause))
	}
}

// arrived asks, where the goods are still on their way and nothing else stops them.
func (t *Teller) arrived(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[arrivedJob](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: body.Order})
	if err != nil {
		return nil, err
	}
	if o.State != order.Shipped {
		return nothing()
	}
	way, err := t.wayOf(ctx, j.Market, o.ID)
	if err != nil {
		return nil, err
	}
	return t.notices.Tell(ctx, notice.Notice{Person: o.Buyer, Key: fmt.Sprintf("order:%s:arrived:%d", o.ID, body.Time), Kind: notice.OrderArrived, Market: j.Market, Way: way,
		Facts: notice.Facts{Number: o.Number, Until: o.DueAt}, At: t.db.Now()})
}
