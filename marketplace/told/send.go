package told

import (
	"context"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobSend looks whether what was taken on was sent: a day before its day, for the
// seller, and on it, for the buyer.
const JobSend = "told:send"

type sendJob struct {
	Order id.ID `json:"order"`
	Late  bool  `json:"late,omitempty"`
}

// hurries writes down, as an order is taken on, when it will be looked at.
func hurries(tx *storage.Tx, o order.Order) {
	by := o.SendBy()
	if by == nil {
		return
	}
	if soon := by.Add(-24 * time.Hour); soon.After(tx.Now) {
		jobs.Add(tx, JobSend, o.ID.String()+":soon", sendJob{Order: o.ID}, soon)
	}
	jobs.Add(tx, JobSend, o.ID.String()+":late", sendJob{Order: o.ID, Late: true}, *by)
}

// send tells of an order that was not sent yet.
func (t *Teller) send(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[sendJob](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: body.Order})
	if err != nil {
		return nil, err
	}
	if !o.InHand() {
		return nothing()
	}
	n := notice.Notice{Person: o.Buyer, Key: "order:" + o.ID.String() + ":late", Kind: notice.OrderLate, Facts: notice.Facts{Until: o.DueAt}, At: *o.SendBy()}
	if !body.Late {
		n = notice.Notice{Key: "order:" + o.ID.String() + ":send", Kind: notice.SaleSend, Facts: notice.Facts{Until: o.SendBy()}, At: o.SendBy().Add(-24 * time.Hour)}
		if n.Person, err = t.sellerOf(ctx, o); err != nil {
			return nil, err
		}
	}
	return t.about(ctx, o, n)
}

// asked tells a seller that the buyer would rather not have the order.
func (t *Teller) asked(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[order.Asked](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: body.Order})
	if err != nil {
		return nil, err
	}
	if !o.InHand() {
		return nothing() // it was sent, or ended, meanwhile
	}
	n := notice.Notice{Key: "order:" + o.ID.String() + ":asked", Kind: notice.SaleAsked, At: body.At}
	if n.Person, err = t.sellerOf(ctx, o); err != nil {
		return nil, err
	}
	return t.about(ctx, o, n)
}

// about tells something of one order.
func (t *Teller) about(ctx context.Context, o order.Order, n notice.Notice) (finish, error) {
	var err error
	n.Market, n.Facts.Number, n.Facts.Currency = o.Market, o.Number, o.Currency
	if n.Way, err = t.wayOf(ctx, o.Market, o.ID); err != nil {
		return nil, err
	}
	return t.notices.Tell(ctx, n)
}
