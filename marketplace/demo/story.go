package demo

import (
	"fmt"
	"slices"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
)

// sale is one order of the story: when, what, and how far it comes.
type sale struct {
	day   int // before today
	buyer int
	goods int
	units int64 // of the listing's unit
	agent int   // −1: nobody's link
	way   string
	upTo  order.State
	less  bool // packed a little less
	back  int64
	then  func(p *place, ref order.Ref, buyer, seller order.By) error
}

// sales of a county, the oldest first. Every state an order can be in is
// reached by at least one; the completed ones are old enough to be paid out.
func sales(n int) []sale {
	var all []sale
	for i := range 14 { // a steady trade
		all = append(all, sale{day: 41 - i*2, buyer: i % 4, goods: i % n, units: int64(3 + i%5), agent: i%3 - 1, way: "sandbox", upTo: order.Completed, less: i%4 == 1})
	}
	return append(all,
		sale{day: 12, buyer: 1, goods: 0, units: 20, agent: 0, way: "bank", upTo: order.Completed},
		sale{day: 11, buyer: 0, goods: 1, units: 4, agent: 0, way: "sandbox", upTo: order.Completed, back: 500},
		sale{day: 9, buyer: 3, goods: villagers, units: 4, agent: 0, way: "sandbox", upTo: order.Completed},
		sale{day: 9, buyer: 2, goods: 2, units: 6, agent: 0, way: "sandbox", upTo: order.Expired},
		sale{day: 8, buyer: 3, goods: 0, units: 10, agent: -1, way: "sandbox", upTo: order.Cancelled},
		sale{day: 4, buyer: 1, goods: 0, units: 8, agent: 0, way: "sandbox", upTo: order.Shipped, then: (*place).chat},
		sale{day: 2, buyer: 0, goods: 2, units: 5, agent: 0, way: "sandbox", upTo: order.Delivered, less: true, then: (*place).complain},
		sale{day: 2, buyer: 1, goods: 0, units: 6, agent: -1, way: "sandbox", upTo: order.Delivered, then: (*place).givesBack},
		sale{day: 2, buyer: 2, goods: 1, units: 3, agent: -1, way: "sandbox", upTo: order.Packed, less: true},
		sale{day: 2, buyer: 3, goods: 0, units: 40, agent: 0, way: "sandbox", upTo: order.Accepted},
		sale{day: 1, buyer: 1, goods: 0, units: 6, agent: -1, way: "sandbox", upTo: order.Accepted, then: (*place).waits},
		sale{day: 1, buyer: 0, goods: 0, units: 5, agent: 0, way: "sandbox", upTo: order.Secured},
		sale{day: 1, buyer: 1, goods: 2, units: 6, agent: 0, way: "sandbox", upTo: order.Secured},
		sale{day: 1, buyer: 3, goods: 0, units: 4, agent: -1, way: payment.Cash, upTo: order.Shipped},
		sale{day: 0, buyer: 2, goods: 0, units: 12, agent: 0, way: "bank", upTo: order.Placed},
	)
}

// story tells what happened in the counties until now, day by day in all of them, so
// that what came later has the later name.
func (b *builder) story(places []*place, now time.Time) error {
	for i := range sales(1) {
		for _, p := range places {
			if err := p.tell(i, now); err != nil {
				return fmt.Errorf("demo: %s: sale %d: %w", p.code, i, err)
			}
		}
	}
	b.clock.until(now)
	for _, p := range places {
		if err := p.today(); err != nil {
			return fmt.Errorf("demo: %s: %w", p.code, err)
		}
	}
	return nil
}

// tell is one sale, and the first payout when it is time for it.
func (p *place) tell(i int, now time.Time) error {
	all := sales(len(p.goods))
	s := all[i]
	p.clock.until(now.AddDate(0, 0, -s.day).Add(time.Duration(i-len(all)) * time.Minute)) // the last one a minute ago
	if s.day == 10 || s.day == 9 {
		if err := p.payOut("first"); err != nil {
			return err
		}
	}
	if err := p.sell(s, fmt.Sprintf("sale:%s:%d", p.code, i)); err != nil {
		return err
	}
	return p.drain()
}

// today is what waits for somebody now.
func (p *place) today() error {
	if err := p.drain(); err != nil {
		return err
	}
	if err := p.bankIn(); err != nil {
		return err
	}
	if _, err := p.cashOut("waiting"); err != nil { // lies with the agent, who waits for the receiver
		return err
	}
	// One more batch waits for the second operator.
	_, err := p.m.Payouts.Draft(p.ctx, key("payout:"+p.code+":waiting"), p.market.ID, p.operator.ID, nil)
	if fault.Has(err, "payout_nothing") {
		return nil
	}
	return err
}

func (p *place) drain() error {
	_, err := p.m.Worker.Drain(p.ctx, p.market.ID)
	return err
}

func (p *place) sell(s sale, name string) error {
	buyer := p.names[buyers[s.buyer].key]
	l := p.sold(s.goods)
	base := map[string]int64{"jin": jin, "kg": 1000, "dan": dan}[l.Unit]
	if base == 0 {
		base = 1
	}
	a := order.Ask{Kind: retail.Name, Buyer: buyer, PlacedBy: buyer, Seen: -1, Way: s.way,
		Items:     []order.Item{{Market: p.market.ID, Listing: l.ID, Quantity: max(s.units*base, l.Minimum)}},
		DeliverTo: &order.Address{Name: buyer.Name, Phone: buyer.Phone, Region: "北京市海淀区", Street: "学院路 1 号（演示）"}}
	if s.agent >= 0 {
		a.Agent = attribution.Ask{Link: p.agents[s.agent%len(p.agents)].Code, LinkAt: p.clock.read()}
	}
	b, err := p.m.Orders.Place(p.ctx, key(name), a)
	if err != nil {
		return err
	}
	ref := b.Orders()[0]
	pay, err := p.m.Orders.Pay(p.ctx, p.market.ID, b.Payment, "/")
	if err != nil || s.upTo == order.Placed {
		return err
	}
	switch s.upTo {
	case order.Expired:
		p.clock.until(p.clock.read().Add(20 * time.Minute))
		return nil
	case order.Cancelled:
		return p.m.Orders.Cancel(p.ctx, order.By{Person: buyer, As: order.AsBuyer}, ref, "买错了")
	}
	if s.way == payment.Cash { // agreed is secured
		return p.carry(s, ref, buyer)
	}
	if s.way == "bank" {
		_, err = p.m.Orders.Confirm(p.ctx, order.By{Person: p.operator, As: order.AsOperator}, p.market.ID, b.Payment, b.Total, "DEMO-"+pay.Reference)
	} else if err = p.m.Sandbox.Pay(p.ctx, p.market.ID, pay.Object, sandbox.News{Repeat: 1}); err == nil {
		_, err = p.m.Orders.Settle(p.ctx, p.market.ID, b.Payment)
	}
	if err != nil {
		return err
	}
	return p.carry(s, ref, buyer)
}

// carry walks a paid order as far as the sale says.
func (p *place) carry(s sale, ref order.Ref, buyer people.Person) error {
	o, err := p.m.Orders.Story(p.ctx, ref)
	if err != nil {
		return err
	}
	seller := order.By{Person: p.seller[*o.Seller], As: order.AsSeller}
	by := order.By{Person: buyer, As: order.AsBuyer}
	weights := map[int]int64{}
	if s.less && o.Lines[0].BandBP > 0 {
		weights[1] = o.Lines[0].Quantity * 98 / 100
	}
	for _, step := range []struct {
		to order.State
		do func() error
	}{
		{order.Accepted, func() error { return p.m.Orders.Accept(p.ctx, seller, ref) }},
		{order.Packed, func() error { return p.m.Orders.Pack(p.ctx, seller, ref, weights) }},
		{order.Shipped, func() error {
			return p.m.Orders.Ship(p.ctx, seller, ref, order.Parcel{Carrier: "zto", Number: "7584" + o.Number[len(o.Number)-8:]})
		}},
		{order.Delivered, func() error { return p.m.Orders.Deliver(p.ctx, by, ref) }},
		{order.Completed, func() error { return p.m.Orders.Complete(p.ctx, by, ref) }},
	} {
		if !slices.Contains(o.State.Moves(order.AsOperator), step.to) {
			continue // a demo that was cut goes on: this order has come further already
		}
		if o.State == s.upTo {
			break
		}
		if err := step.do(); err != nil {
			return err
		}
		o.State = step.to
	}
	if s.back > 0 {
		_, err := p.m.Orders.Refund(p.ctx, key("back:"+ref.ID.String()), order.By{Person: p.operator, As: order.AsOperator}, ref, []order.Part{{Line: 1, Amount: s.back}}, "有几颗坏的")
		return err
	}
	if s.then != nil {
		return s.then(p, ref, by, seller)
	}
	return nil
}

// payOut drafts, approves and answers a batch of everything that is payable.
func (p *place) payOut(name string) error {
	if err := p.drain(); err != nil {
		return err
	}
	if err := p.bankIn(); err != nil {
		return err
	}
	if err := p.bring(name); err != nil {
		return err
	}
	batch, err := p.m.Payouts.Draft(p.ctx, key("payout:"+p.code+":"+name), p.market.ID, p.operator.ID, nil)
	if fault.Has(err, "payout_nothing") {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err = p.m.Payouts.Approve(p.ctx, p.market.ID, batch.ID, p.second.ID); err != nil {
		return err
	}
	var sent []payout.Payout
	if err := p.m.DB.View(p.ctx, p.market.ID, func(tx *storage.Tx) (err error) { sent, err = payout.Payouts(tx, batch.ID); return }); err != nil {
		return err
	}
	var says payout.Answers
	for _, s := range sent {
		if s.State == payout.InTransit {
			says.Rows = append(says.Rows, payout.Answer{Payout: s.ID, State: payout.Paid})
		}
	}
	_, err = p.m.Payouts.Answer(p.ctx, key("answer:"+p.code+":"+name), p.market.ID, batch.ID, says)
	return err
}

// bankIn books that the gateway has paid to our bank what it has cleared.
func (p *place) bankIn() error {
	var have map[string]int64
	err := p.m.DB.View(p.ctx, p.market.ID, func(tx *storage.Tx) (err error) {
		have, err = ledger.Balance(tx, ledger.GatewayClearing, ledger.GatewayAvailable)
		return
	})
	if err != nil || have[ledger.GatewayClearing] <= 0 {
		return err
	}
	ref := "DEMO-" + p.code + "-" + p.clock.read().Format("0102-1504")
	if err := p.m.Desk.Available(p.ctx, p.market.ID, p.operator.ID, have[ledger.GatewayClearing], ref); err != nil {
		return err
	}
	sum := have[ledger.GatewayAvailable] + have[ledger.GatewayClearing] - 20_000 // a little stays for refunds
	if sum <= 0 {
		return nil
	}
	return p.m.Desk.Banked(p.ctx, p.market.ID, p.operator.ID, sum, ref)
}
