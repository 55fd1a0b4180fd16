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

// JobRelease reminds a buyer that their silence is about to count as an answer.
const JobRelease = "told:release"

// before is how long before the release a buyer is reminded.
const before = 24 * time.Hour

type releaseJob struct {
	Order id.ID     `json:"order"`
	Due   time.Time `json:"due"`
}

// warns writes down, with the delivery, when its buyer is reminded; where less than
// a day is left they were just told.
func warns(tx *storage.Tx, o order.Order) {
	if o.DueAt == nil || !o.DueAt.Add(-before).After(tx.Now) {
		return
	}
	jobs.Add(tx, JobRelease, o.ID.String(), releaseJob{Order: o.ID, Due: *o.DueAt}, o.DueAt.Add(-before))
}

// release reminds, where nothing was confirmed, complained of or stopped meanwhile.
func (t *Teller) release(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[releaseJob](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: body.Order})
	if err != nil {
		return nil, err
	}
	if o.State != order.Delivered || !t.db.Now().Before(body.Due) {
		return nothing()
	}
	way, err := t.wayOf(ctx, j.Market, o.ID)
	if err != nil {
		return nil, err
	}
	tell, err := t.notices.Tell(ctx, notice.Notice{Person: o.Buyer, Key: fmt.Sprintf("order:%s:release", o.ID), Kind: notice.OrderRelease, Market: j.Market, Way: way,
		Facts: notice.Facts{Number: o.Number, Until: &body.Due}, At: t.db.Now()})
	if err != nil {
		return nil, err
	}
	return func(tx *storage.Tx) error {
		if frozen, err := order.Frozen(tx, o.ID); err != nil || frozen {
			return err
		}
		return tell(tx)
	}, nil
}
