package demo

import (
	"fmt"

	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/retail"
)

// together is one buyer's checkout of two counties: the walnuts of two growers of
// the first and rice of another, put aside, placed at once and paid once. Then
// the three sellers go their own pace.
func (b *builder) together(nuts, rice *place) error {
	buyer := b.names[buyers[0].key]
	var items []order.Item
	for _, l := range []catalog.Listing{nuts.first(0, "walnut"), nuts.first(2, "walnut"), rice.first(0, "rice")} {
		quantity := max(5*jin, l.Minimum)
		if err := b.m.Kept.Put(b.ctx, buyer.ID, shelf.Ref{Market: l.Market, Listing: l.ID}, quantity); err != nil {
			return err
		}
		items = append(items, order.Item{Market: l.Market, Listing: l.ID, Quantity: quantity})
	}
	c, err := b.m.Orders.Place(b.ctx, key("together"), order.Ask{Kind: retail.Name, Buyer: buyer, PlacedBy: buyer, Seen: -1, Way: "sandbox", Items: items, Kept: true,
		DeliverTo: &order.Address{Name: buyer.Name, Phone: buyer.Phone, Region: "北京市海淀区", Street: "学院路 1 号（演示）"}})
	if err != nil {
		return err
	}
	pay, err := b.m.Orders.Pay(b.ctx, c.Market, c.Payment, "/")
	if err != nil {
		return err
	}
	if err := b.m.Sandbox.Pay(b.ctx, c.Market, pay.Object, sandbox.News{Repeat: 1}); err != nil {
		return err
	}
	if _, err := b.m.Orders.Settle(b.ctx, c.Market, c.Payment); err != nil {
		return err
	}
	for _, p := range []*place{nuts, rice, nuts} { // the home market's jobs, the other's, and what these left at home
		if err := p.drain(); err != nil {
			return err
		}
	}
	return b.onward(c, nuts, rice)
}

// onward: one seller has shipped, one has accepted, one has not looked yet.
func (b *builder) onward(c order.Checkout, nuts, rice *place) error {
	all, err := b.m.Orders.OrdersOf(b.ctx, c)
	if err != nil {
		return err
	}
	if len(all) != 3 || all[2].Market != rice.market.ID {
		return fmt.Errorf("%d orders instead of three", len(all))
	}
	as := func(o order.Order) order.By {
		return order.By{Person: nuts.seller[*o.Seller], As: order.AsSeller}
	}
	for i, o := range all[:2] {
		if err := b.m.Orders.Accept(b.ctx, as(o), o.Ref()); err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		if err := b.m.Orders.Pack(b.ctx, as(o), o.Ref(), nil); err != nil {
			return err
		}
		if err := b.m.Orders.Ship(b.ctx, as(o), o.Ref(), order.Parcel{Carrier: "中通快递", Number: "75840000000001"}); err != nil {
			return err
		}
	}
	return nil
}

// first is a grower's first listing of a category.
func (p *place) first(grower int, category string) catalog.Listing {
	for _, l := range p.goods {
		if l.Category == category && l.ProducerID == p.growers[grower].ID {
			return l
		}
	}
	return catalog.Listing{}
}
