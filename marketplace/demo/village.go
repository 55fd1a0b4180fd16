package demo

import (
	"time"

	"commonfield/agents/cash"
	"commonfield/agents/payout"
	"commonfield/agents/producer"
	"commonfield/agents/terms"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/order/talk"
	"commonfield/storage"
	"commonfield/storage/fault"
)

// villagers, as the goods of a sale, are those of whoever is paid in cash.
const villagers = -1

func (p *place) sold(goods int) catalog.Listing {
	if goods != villagers {
		return p.goods[goods%len(p.goods)]
	}
	for _, l := range p.goods {
		if l.ProducerID == p.villager.ID {
			return l
		}
	}
	return catalog.Listing{}
}

// point is where buyers of the county may pick their goods up.
func (p *place) point() error {
	_, err := terms.Set(p.ctx, p.m.DB, p.market.ID, terms.Market, p.operator.ID, 0,
		terms.Terms{Pickup: &terms.Point{Name: p.name + "提货点", Address: "县城农贸市场东门（演示）", Hours: "每天 9:00–18:00"}})
	return err
}

// trust lets the first agent bring money to those who have no account.
func (p *place) trust() error {
	return cash.Trust(p.ctx, p.m.DB, p.market.ID, p.hand, 500_000, p.operator.ID)
}

// onDelivery lets the first grower be paid when goods arrive, and collect it themselves.
func (p *place) onDelivery() error {
	var of producer.Producer
	var was terms.Kept
	err := p.m.DB.View(p.ctx, p.market.ID, func(tx *storage.Tx) (err error) {
		if of, err = producer.Find(tx, p.goods[0].ProducerID); err != nil {
			return err
		}
		was, err = terms.Find(tx, of.ID)
		return err
	})
	if err != nil {
		return err
	}
	if was.Cash == nil {
		was.Cash = &terms.Cash{}
		if _, err = terms.Set(p.ctx, p.m.DB, p.market.ID, of.ID, p.operator.ID, was.Version, was.Terms); err != nil {
			return err
		}
	}
	return cash.Trust(p.ctx, p.m.DB, p.market.ID, of.PayeeID, 200_000, p.operator.ID)
}

// cashOut drafts and approves what is paid in cash; it lies with the agent then.
func (p *place) cashOut(name string) ([]payout.Handed, error) {
	batch, err := p.m.Payouts.DraftCash(p.ctx, key("cash:"+p.code+":"+name), p.market.ID, p.operator.ID, nil)
	if fault.Has(err, "payout_nothing") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if _, err := p.m.Payouts.Approve(p.ctx, p.market.ID, batch.ID, p.second.ID); err != nil {
		return nil, err
	}
	var all []payout.Handed
	err = p.m.DB.View(p.ctx, p.market.ID, func(tx *storage.Tx) (err error) { all, err = payout.HandedOf(tx, batch.ID); return })
	return all, err
}

// bring pays in cash: the agent fetches it, the receiver says their code, and the
// agent types it.
func (p *place) bring(name string) error {
	if err := cash.Give(p.ctx, p.m.DB, p.market.ID, p.hand, p.operator.ID, 300_000, "DEMO-CASH-"+p.code); err != nil {
		return err
	}
	all, err := p.cashOut(name)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.State != payout.InTransit {
			continue
		}
		code, err := p.m.Payouts.Code(p.ctx, p.market.ID, one.ID, p.seller[p.villager.ID])
		if err != nil {
			return err
		}
		if _, err := p.m.Payouts.HandOver(p.ctx, p.market.ID, one.ID, p.names[p.county.agents[0].key], payout.Proof{Code: code}); err != nil {
			return err
		}
	}
	return nil
}

// chat: the two sides write to each other; the seller has not read the last yet.
func (p *place) chat(ref order.Ref, buyer, seller order.By) error {
	for i, m := range []struct {
		by   order.By
		text string
	}{
		{buyer, "您好，是今年的新货吗？大概几天能到？"},
		{seller, "是今年九月的。昨天交给中通了，三四天到。"},
		{buyer, "好的，谢谢！到了我告诉您。"},
	} {
		p.clock.until(p.clock.read().Add(25 * time.Minute))
		if _, err := p.m.Talks.Say(p.ctx, key("said:"+ref.ID.String()+string(rune('0'+i))), m.by, ref, talk.Said{Text: m.text}); err != nil {
			return err
		}
	}
	return nil
}

// complain: the buyer found something, and the seller has not answered yet.
func (p *place) complain(ref order.Ref, buyer, _ order.By) error {
	_, err := p.m.Disputes.Complain(p.ctx, key("complaint:"+ref.ID.String()), buyer, ref,
		dispute.Complaint{Said: dispute.Said{Text: "有一袋受潮了，打开有霉味，其他的都好。"}, Reason: "quality"})
	return err
}

// givesBack: the buyer would give half of it back, and the seller has not answered yet.
func (p *place) givesBack(ref order.Ref, buyer, _ order.By) error {
	o, err := p.m.Orders.Story(p.ctx, ref)
	if err != nil {
		return err
	}
	_, err = p.m.Returns.Ask(p.ctx, key("return:"+ref.ID.String()), buyer, ref,
		returns.Wish{Lines: map[int]int64{1: o.Lines[0].Quantity / 2}, Text: "买多了，家里吃不完，没拆封。"})
	return err
}

// waits: the buyer comes for it, and it is ready.
func (p *place) waits(ref order.Ref, buyer, seller order.By) error {
	if err := p.m.Orders.PickUp(p.ctx, buyer, ref); err != nil {
		return err
	}
	o, err := p.m.Orders.Find(p.ctx, ref)
	if err != nil {
		return err
	}
	if o.State == order.Accepted {
		if err := p.m.Orders.Pack(p.ctx, seller, ref, nil); err != nil {
			return err
		}
	}
	return p.m.Orders.Ready(p.ctx, seller, ref)
}
