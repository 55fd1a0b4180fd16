package told

import (
	"context"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// talksWay is where operators find the talks that they were called to.
const talksWay = "/desk/operator/messages"

// talk tells the other sides of an order that something was written to them: once
// until they have looked, and nobody who looked meanwhile. The agent is told where
// they have written too, or where the seller has no account and so cannot answer.
// What was written is in no notice.
func (t *Teller) talk(ctx context.Context, j jobs.Job) (finish, error) {
	news, err := read[talk.News](j)
	if err != nil {
		return nil, err
	}
	ref := order.Ref{Market: j.Market, ID: news.Order}
	o, seller, way, err := t.sidesOf(ctx, j.Market, news.Order)
	if err != nil {
		return nil, err
	}
	n := notice.Notice{Market: j.Market, Way: way + "/talk", At: news.At, Facts: notice.Facts{Number: o.Number}}
	if news.What == "called" {
		n.Kind, n.Key = notice.DeskTalk, "talk:call:"+j.Key
		n.Way = talksWay
		return t.desk(ctx, n)
	}
	agent, err := t.agentOf(ctx, o)
	if err != nil {
		return nil, err
	}
	if agent != id.None && seller != id.None {
		wrote, err := t.talks.Wrote(ctx, agent, ref)
		if err != nil {
			return nil, err
		}
		if !wrote {
			agent = id.None
		}
	}
	var all []notice.Notice
	for _, to := range []struct {
		person id.ID
		as     order.Party
		kind   notice.Kind
	}{{o.Buyer, order.AsBuyer, notice.MessageWaits}, {seller, order.AsSeller, notice.SaleMessage}, {agent, talk.AsAgent, notice.SaleMessage}} {
		if to.person == id.None || to.as == news.As {
			continue
		}
		first, err := t.talks.Waiting(ctx, to.person, to.as, ref)
		if err != nil {
			return nil, err
		}
		if first == id.None {
			continue
		}
		n.Kind, n.Person, n.Key = to.kind, to.person, "talk:"+o.ID.String()+":"+first.String()
		all = append(all, n)
	}
	return t.notices.Tell(ctx, without(news.By, all)...)
}
