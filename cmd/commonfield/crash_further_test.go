package main

import (
	"commonfield/agents/cash"
	"commonfield/marketplace/order"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// parcel is the one parcel of an order that is on its way.
func (l *lane) parcel() (bought, id.ID) {
	b := l.upTo("sandbox", order.Shipped)
	s, err := l.m.Orders.Story(l.ctx, b.ref)
	l.ok(err)
	return b, s.Shipments[0].ID
}

// further are the deeds of goods that do not come as they were ordered, of money that
// comes late or does not arrive, and of cash.
var further = []deed{
	{name: "accepted in part", must: []string{"order.(*Pipeline).AcceptPart", "payment:refund"},
		ready: func(l *lane) func() error {
			b := l.paid("sandbox", 1)
			return l.pressed(l.growers[0], l.api("orders", b.Market, b.ref.ID, "accept"), object{"take": []object{{"line": 1, "quantity": 3000}}})
		}},
	{name: "cancelled by its buyer, overdue", must: []string{"order.(*Pipeline).Cancel", "payment:refund"},
		ready: func(l *lane) func() error {
			b := l.upTo("sandbox", order.Packed)
			_, err := l.owner.Exec("UPDATE orders SET secured_at = secured_at - interval '8 days' WHERE market_id = $1 AND id = $2", b.Market, b.ref.ID)
			l.ok(err)
			return l.pressed(l.buyer, l.api("orders", b.Market, b.ref.ID, "cancel"), object{"reason": "一直没发"})
		}},
	{name: "parcel lost", must: []string{"order.(*Pipeline).parcel", "payment:refund"},
		ready: func(l *lane) func() error {
			b, parcel := l.parcel()
			return l.pressed(l.boss, l.api("orders", b.Market, b.ref.ID, "lost"), object{"parcel": parcel.String(), "reason": "找不到了"})
		}},
	{name: "parcel brought back", must: []string{"order.(*Pipeline).Returned", "payment:refund"},
		ready: func(l *lane) func() error {
			b, parcel := l.parcel()
			return l.pressed(l.growers[0], l.api("orders", b.Market, b.ref.ID, "returned"), object{"parcel": parcel.String(), "reason": "没人收", "goods": "back"})
		}},
	{name: "late money given back", must: []string{"order.(*Pipeline).Confirm"},
		ready: func(l *lane) func() error {
			b := l.place("bank", 1)
			l.ok(l.m.Orders.Cancel(l.ctx, l.buyer, b.ref, ""))
			return l.pressed(l.boss, l.api("payments", b.Market, b.Payment, "transfers"), object{"amount_minor": b.Total, "bank_reference": "LATE-" + b.Payment.String()})
		}},
	{name: "refund repeated", must: []string{"payment.(*Desk).again"},
		ready: func(l *lane) func() error {
			b := l.paid("bank", 1)
			r, err := l.m.Orders.Refund(l.ctx, once.Key{}, l.boss, b.ref, []order.Part{{Line: 1, Amount: 1000}}, "有几颗坏的")
			l.ok(err)
			_, err = l.post(l.token(l.boss), l.api("refunds", b.Market, r, "finish"), id.New().String(), object{"done": false})
			l.ok(err)
			return l.pressed(l.boss, l.api("refunds", b.Market, r, "repeat"), nil)
		}},
	{name: "payout failed", must: []string{"payout.(*Desk).Answer"}, tidy: (*lane).payOut,
		ready: func(l *lane) func() error {
			b := l.sent()
			return l.pressed(l.boss, l.api("payouts", l.markets[0].ID, b.ID, "answers"), object{"rows": []object{{"payout": l.rows(b)[0].ID.String(), "state": "failed", "reason": "户名不符"}}})
		}},
	{name: "cash given to a hand", must: []string{"cash.move"},
		ready: func(l *lane) func() error {
			return l.pressed(l.boss, l.api("cash", l.markets[0].ID, l.handed(l.ok), "give"), object{"amount_minor": 5000, "bank_reference": "G-" + id.New().String()})
		}},
	{name: "cash banked by a hand", must: []string{"cash.move"},
		ready: func(l *lane) func() error {
			hand := l.handed(l.ok)
			l.ok(cash.Give(l.ctx, l.m.DB, l.markets[0].ID, hand, l.boss.ID, 7000, "F-"+id.New().String()))
			return l.pressed(l.boss, l.api("cash", l.markets[0].ID, hand, "bank"), object{"amount_minor": 7000, "bank_reference": "B-" + id.New().String()})
		}},
}
