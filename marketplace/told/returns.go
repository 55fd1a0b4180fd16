package told

import (
	"context"

	"commonfield/agents/region"
	"commonfield/marketplace/hook"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order/returns"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// returnsWay is where operators find the returns that wait for them.
const returnsWay = "/desk/operator/returns"

// giveBack tells the two sides of a return what happened, and the operators when it
// is theirs to decide.
func (t *Teller) giveBack(ctx context.Context, j jobs.Job) (finish, error) {
	news, err := read[returns.News](j)
	if err != nil {
		return nil, err
	}
	b, err := t.returns.Find(ctx, j.Market, news.Return)
	if err != nil {
		return nil, err
	}
	o, seller, way, err := t.sidesOf(ctx, j.Market, news.Order)
	if err != nil {
		return nil, err
	}
	n := telling{Notice: notice.Notice{Key: "return:" + j.Key, Market: j.Market, Way: way + "/return", At: news.At,
		Facts: notice.Facts{Number: o.Number, Currency: o.Currency, Sum: b.Back, Why: b.Why}}}
	if b.State == news.State {
		n.Facts.Until = b.DueAt
	}
	switch {
	case news.Waits > 0 && b.State != news.State:
		return nothing() // made meanwhile
	case news.Waits > 0 && news.State == returns.Asked:
		n.to(notice.ReturnWaits, seller)
	case news.Waits > 0 && news.State == returns.Sent:
		n.to(notice.ReturnLook, seller)
	case news.Waits > 0 && news.State == returns.Approved:
		n.to(notice.ReturnSend, o.Buyer)
	case news.State == returns.Asked:
		n.to(notice.ReturnAsked, seller)
	case news.State == returns.Objected: // and once more before it ends
		n.Facts.Why = b.Objection
		n.to(notice.ReturnObjected, o.Buyer)
	case news.State == returns.Approved:
		n.to(notice.ReturnApproved, o.Buyer)
	case news.State == returns.Sent:
		n.to(notice.ReturnSent, seller)
	case news.State == returns.Called:
		n.to(notice.ReturnCalled, o.Buyer, seller)
	case news.State == returns.Refunded:
		n.to(notice.ReturnRefunded, o.Buyer, seller)
	case news.State == returns.Refused:
		n.to(notice.ReturnRefused, o.Buyer, seller)
	case news.State == returns.Withdrawn, news.State == returns.Lapsed:
		n.to(notice.ReturnOver, o.Buyer, seller)
	}
	tell, err := t.notices.Tell(ctx, without(news.By, n.all)...)
	if err != nil || news.State != returns.Called {
		return tell, err
	}
	n.Kind, n.Way = notice.DeskReturn, returnsWay
	desk, err := t.desk(ctx, n.Notice)
	return both(tell, desk), err
}

type returnOut struct {
	Return   id.ID         `json:"return"`
	Order    id.ID         `json:"order"`
	State    returns.State `json:"state"`
	Currency string        `json:"currency"`
	Back     int64         `json:"back_minor"`
}

// returnEvents are the steps of a return; a reminder is none.
func (t *Teller) returnEvents(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
	news, err := read[returns.News](j)
	if err != nil || news.Waits > 0 {
		return nil, err
	}
	b, err := t.returns.Find(ctx, j.Market, news.Return)
	if err != nil {
		return nil, err
	}
	return []hook.Event{{Type: hook.ReturnMoved, Key: j.Key, Market: m.Code, At: news.At, Data: returnOut{b.ID, b.Order, news.State, m.Currency, b.Back}}}, nil
}
