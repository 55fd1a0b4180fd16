package main

import (
	"commonfield/agents/cash"
	"commonfield/agents/payout"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// waits is an order that its buyer comes for, ready at its point, with its code.
func (l *lane) waits(way string) (bought, string) {
	a := l.ask(way, 5000, l.near)
	a.Collect = []id.ID{l.near.ProducerID}
	b := l.order(a)
	if way != "cash" {
		l.pay(way, b)
	}
	l.goOn(b, order.Packed)
	l.ok(l.m.Orders.Ready(l.ctx, l.growers[0], b.ref))
	s, err := l.m.Orders.Story(l.ctx, b.ref)
	l.ok(err)
	code, err := l.m.Orders.PickupCode(l.ctx, s.Order)
	l.ok(err)
	return b, code
}

// inHand is a payout in cash that the agent has the money for.
func (l *lane) inHand() payout.Payout {
	market := l.markets[0].ID
	l.goOn(l.pay("sandbox", l.buy("sandbox", 5000, l.near)), order.Completed)
	b, err := l.m.Payouts.DraftCash(l.ctx, once.Key{}, market, l.boss.ID, []id.ID{l.nearer})
	l.ok(err)
	b, err = l.m.Payouts.Approve(l.ctx, market, b.ID, l.second.ID)
	l.ok(err)
	o := l.rows(b)[0]
	l.ok(cash.Give(l.ctx, l.m.DB, market, l.handed(l.ok), l.boss.ID, o.Amount, "H-"+o.ID.String()))
	return o
}

// cashAll is payOut for the near grower.
func (l *lane) cashAll() { l.payAll(l.m.Payouts.DraftCash, l.nearer) }

// ofHands are the deeds of goods and of cash that go from one hand into another, and
// of an agent who turns out to have bought from themself.
var ofHands = []deed{
	{name: "goods handed over for their code", must: []string{"order.(*Pipeline).Collect"},
		ready: func(l *lane) func() error {
			b, code := l.waits("sandbox")
			return l.pressed(l.boss, l.api("orders", b.Market, b.ref.ID, "collect"), object{"code": code})
		}},
	{name: "cash taken where goods are picked up", must: []string{"order.(*Pipeline).TakeCash"},
		ready: func(l *lane) func() error {
			b, code := l.waits("cash")
			return l.pressed(l.boss, l.api("orders", b.Market, b.ref.ID, "cash"), object{"sum_minor": b.Total, "code": code})
		}},
	{name: "picked up in place of a delivery", must: []string{"order.(*Pipeline).PickUp", "payment:refund"},
		ready: func(l *lane) func() error {
			b := l.pay("sandbox", l.buy("sandbox", 5000, l.near))
			return l.pressed(l.buyer, l.api("orders", b.Market, b.ref.ID, "pickup"), nil)
		}},
	{name: "payout handed over in cash", must: []string{"payout.(*Desk).HandOver"}, tidy: (*lane).cashAll,
		ready: func(l *lane) func() error {
			o := l.inHand()
			code, err := l.m.Payouts.Code(l.ctx, l.markets[0].ID, o.ID, l.boss.Person)
			l.ok(err)
			return l.pressed(l.hand, l.api("handovers", l.markets[0].ID, o.ID, "done"), object{"code": code})
		}},
	{name: "payout in cash called back", must: []string{"payout.(*Desk).CallBack"}, tidy: (*lane).cashAll,
		ready: func(l *lane) func() error {
			o := l.inHand()
			return l.pressed(l.boss, l.api("handovers", l.markets[0].ID, o.ID, "back"), object{"reason": "人不在"})
		}},
	{name: "payout in cash that nobody came for", must: []string{"payout:collect"}, tidy: (*lane).cashAll,
		ready: func(l *lane) func() error { return l.wake("payout:collect", l.inHand().ID.String()) }},
	{name: "the buyer turns out to be the agent", must: []string{"order.(*Pipeline).Claim"}, person: true,
		ready: func(l *lane) func() error {
			guest, token, err := l.m.People.Guest(l.ctx, "test")
			l.ok(err)
			a := l.ask("sandbox", 5000, l.goods[0])
			a.Buyer, a.PlacedBy = guest, guest
			l.goOn(l.pay("sandbox", l.order(a)), order.Completed)
			return func() error {
				_, err := l.owner.Exec("DELETE FROM limits WHERE key LIKE 'sign-in:%'") // a quarter of an hour is over
				l.ok(err)
				_, err = l.post(token, "/api/v1/sessions", id.New().String(), object{"login": l.hand.Phone, "password": "walnut-harvest-1"})
				return err
			}
		}},
}

// dueToday adds the reading of a day, as the calendar does.
func (l *lane) dueToday() func() error {
	day := id.New().String()
	return func() error {
		return l.m.DB.Update(l.ctx, l.markets[0].ID, func(tx *storage.Tx) error {
			tx.Keyed()
			l.m.Recon.Due(tx, day)
			return nil
		})
	}
}

// ofTheGateway are walked first, while the gateway's balance has few lines.
var ofTheGateway = []deed{
	// It has kept less of a payment of two markets than it had said, somebody has given
	// money back in its pages, of one order and of two, it has taken a fee of its own and paid to our bank (a fen
	// each, which no other market has a part of).
	{name: "the gateway's day", must: []string{"recon.(*Desk).begin", "recon.(*Desk).write", "recon.(*Desk).turned", "recon.(*Desk).plan", "recon.(*Desk).shared"},
		ready: func(l *lane) func() error {
			l.ok(l.dueToday()())
			l.quiet()
			dear, half, whole := l.paid("stripe", 2), l.paid("stripe", 1), l.paid("stripe", 2)
			l.bank.Refee(dear.session, 200)
			l.bank.InDashboard(half.session, 500)
			l.bank.InDashboard(whole.session, whole.Total)
			l.bank.Take("stripe_fee", 1, "Billing")
			l.bank.PayOut(1)
			l.bank.News()
			return l.dueToday()
		}},
}
