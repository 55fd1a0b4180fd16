package order_test

import (
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
)

// hurry brings an order some steps on, as everybody would wish it.
func (h *history) hurry(o *ordermodel.Order, steps int) {
	for i, to := range []order.State{order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed} {
		if i >= steps {
			return
		}
		err := h.step(h.refs[o], order.Checkout{}, to)
		if to != order.Packed {
			h.same(string(to), h.m.Step(o, string(to)), err)
			continue
		}
		var grams []int64
		for _, l := range o.Lines {
			grams = append(grams, l.Taken())
		}
		h.same(string(to), h.m.Pack(o, grams), err)
	}
}

// forward makes the next move, or, now and then, any other.
func (h *history) forward(b *ordermodel.Basket, o *ordermodel.Order) {
	next := map[string]string{"secured": "accepted", "accepted": "packed", "packed": "shipped", "shipped": "delivered", "delivered": "completed"}
	to := next[o.State]
	if o.State == "placed" && h.r.IntN(2) == 0 {
		h.money(b)
		return
	}
	if to == "" || h.r.IntN(10) == 0 {
		to, _ = pick(h.r, []string{"accepted", "packed", "shipped", "delivered", "completed"})
	}
	ref := h.refs[o]
	if to == "accepted" && h.r.IntN(3) == 0 {
		h.part(o)
		return
	}
	if o.State == "packed" && h.r.IntN(3) == 0 || o.State == "shipped" && h.r.IntN(3) > 0 {
		h.parcel(o)
		return
	}
	if to != "packed" {
		by := map[string]order.State{"accepted": order.Accepted, "shipped": order.Shipped, "delivered": order.Delivered, "completed": order.Completed}
		err := h.step(ref, order.Checkout{}, by[to])
		h.same(to, h.m.Step(o, to), err)
		return
	}
	weights, grams := map[int]int64{}, []int64{}
	for i, l := range o.Lines {
		band := l.Taken() * 3 / 100
		grams = append(grams, l.Taken()+h.r.Int64N(2*band+1)-band)
		weights[i+1] = grams[i]
	}
	err := h.Orders.Pack(h.ctx, h.Seller, ref, weights)
	h.same(to, h.m.Pack(o, grams), err)
}

func (h *history) cancel(o *ordermodel.Order) {
	by, _ := pick(h.r, []order.By{h.Buyer, h.Seller, h.Operator})
	h.cancelBy(o, by)
}

func (h *history) cancelBy(o *ordermodel.Order, by order.By) {
	name := "cancel by " + string(by.As)
	switch {
	case h.m.Overdue(o):
		name += ", overdue"
	case o.State == "shipped":
		name += ", shipped"
	}
	err := h.Orders.Cancel(h.ctx, by, h.refs[o], "x")
	h.same(name, h.m.Cancel(o, string(by.As)), err)
}

// weary lets a buyer end what was not sent by its day.
func (h *history) weary() {
	for _, o := range h.orders() {
		if h.m.Overdue(o) && h.r.IntN(2) == 0 {
			h.cancelBy(o, h.Buyer)
		}
	}
}
