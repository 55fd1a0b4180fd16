package told

import (
	"context"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order/dispute"
	"commonfield/storage"
	"commonfield/storage/jobs"
)

// disputesWay is where operators find the complaints that wait for them.
const disputesWay = "/desk/operator/disputes"

// dispute tells the two sides of a complaint what happened, and the operators when
// it is theirs to decide. What was said stays on its page: no notice repeats it.
func (t *Teller) dispute(ctx context.Context, j jobs.Job) (finish, error) {
	news, err := read[dispute.News](j)
	if err != nil {
		return nil, err
	}
	d, err := t.disputes.Find(ctx, j.Market, news.Dispute)
	if err != nil {
		return nil, err
	}
	o, seller, way, err := t.sidesOf(ctx, j.Market, news.Order)
	if err != nil {
		return nil, err
	}
	n := telling{Notice: notice.Notice{Key: "dispute:" + j.Key, Market: j.Market, Way: way + "/dispute", At: news.At,
		Facts: notice.Facts{Number: o.Number, Currency: o.Currency}}}
	switch news.What {
	case "opened":
		n.Facts.Until = &d.AnswerBy
		n.to(notice.DisputeOpened, seller)
	case "waits":
		n.Facts.Until = &d.AnswerBy
		n.to(notice.DisputeWaits, seller)
	case "silent":
		n.Facts.Until = &d.EscalateAt
		n.to(notice.DisputeSilent, o.Buyer)
	case "answered":
		n.Facts.Until = &d.EscalateAt
		n.to(notice.DisputeAnswered, o.Buyer)
	case "offered":
		n.Facts.Until, n.Facts.Sum = &d.EscalateAt, d.Offer
		n.to(notice.DisputeOffered, o.Buyer)
	case "said":
		n.to(notice.DisputeSaid, o.Buyer, seller)
	case "escalated":
		n.to(notice.DisputeEscalated, o.Buyer, seller)
	case string(dispute.Withdrawn):
		n.to(notice.DisputeWithdrawn, seller)
	case string(dispute.Settled):
		n.Facts.Sum = d.Back
		n.to(notice.DisputeSettled, seller)
	case string(dispute.Decided):
		n.Facts.Sum, n.Facts.Why = d.Back, d.Why
		n.to(notice.DisputeDecided, o.Buyer, seller)
	}
	tell, err := t.notices.Tell(ctx, without(news.By, n.all)...)
	if err != nil || news.What != "escalated" {
		return tell, err
	}
	n.Kind, n.Way = notice.DeskDispute, disputesWay
	desk, err := t.desk(ctx, n.Notice)
	return both(tell, desk), err
}

// both does two things in the transaction that ends a job.
func both(first, second finish) finish {
	if first == nil || second == nil {
		if first == nil {
			return second
		}
		return first
	}
	return func(tx *storage.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		return second(tx)
	}
}
