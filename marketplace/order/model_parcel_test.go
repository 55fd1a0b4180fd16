package order_test

import (
	"fmt"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/storage/id"
)

// parcel sends a part of an order, or lets one of its parcels arrive or be lost.
func (h *history) parcel(o *ordermodel.Order) {
	one, some := pick(h.r, o.Parcels)
	n := h.r.IntN(5)
	if !some || n < 2 {
		rest, _ := o.Unsent()
		lines, grams := map[int]int64{}, make([]int64, len(rest))
		for i, left := range rest {
			if h.r.IntN(3) > 0 && left > 0 {
				grams[i] = h.r.Int64N(left + left/20 + 1)
			}
			if grams[i] > 0 {
				lines[i+1] = grams[i]
			}
		}
		err := h.Orders.Ship(h.ctx, h.Seller, h.refs[o], order.Parcel{Carrier: "中通", Number: id.New().String(), Lines: lines})
		h.same("send some", h.m.Ship(o, grams), err)
		return
	}
	of := h.shipment(o, one)
	was := o.State
	if n == 2 {
		for range 1 + h.r.IntN(2) {
			err := h.Orders.Arrive(h.ctx, h.Buyer, h.refs[o], of)
			h.same(fmt.Sprintf("a parcel arrives, %s", was), h.m.Arrive(o, one), err)
		}
		return
	}
	if n == 3 {
		err := h.Orders.Lost(h.ctx, h.Operator, h.refs[o], of, "x")
		h.same(fmt.Sprintf("a parcel is lost, %s", was), h.m.Lost(o, one, "lost", false), err)
		return
	}
	h.broughtBack(o, one)
}

// broughtBack lets the carrier bring a parcel back.
func (h *history) broughtBack(o *ordermodel.Order, one *ordermodel.Parcel) {
	name := "a parcel is brought back, " + o.State
	if o.Awaits() {
		name += ", unpaid"
	}
	by, _ := pick(h.r, []order.By{h.Seller, h.Operator})
	fate, _ := pick(h.r, []string{order.FateBack, order.FateLost})
	err := h.Orders.Returned(h.ctx, by, h.refs[o], h.shipment(o, one), "x", fate)
	h.same(name, h.m.Lost(o, one, "returned", fate == order.FateBack), err)
}

// shipment is the parcel's row: they are in the order in which they were sent.
func (h *history) shipment(o *ordermodel.Order, one *ordermodel.Parcel) id.ID {
	sent := story(h.T, h.World, h.refs[o]).Shipments
	if len(sent) != len(o.Parcels) {
		h.Fatalf("%d parcels, the model has %d", len(sent), len(o.Parcels))
	}
	for i, p := range o.Parcels {
		if p == one {
			return sent[i].ID
		}
	}
	return id.None
}
