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
		if to != order.Packed {
			h.next(o, string(to))
			continue
		}
		err := h.step(h.refs[o], order.Checkout{}, to)
		var grams []int64
		for _, l := range o.Lines {
			grams = append(grams, l.Taken())
		}
		h.same(string(to), h.m.Pack(o, grams), err)
	}
}

// next brings an order into its next state, in the way that is its own, and now and
// then in that of others.
func (h *history) next(o *ordermodel.Order, to string) {
	switch other := h.r.IntN(8) == 0; {
	case to == "shipped" && o.Comes != other:
		h.ready(o)
	case to == "delivered" && (o.Basket.Way == "cash") != other:
		h.atDoor(o)
	case to == "delivered" && o.Comes:
		h.handOver(o)
	default:
		h.same(to, h.m.Step(o, to), h.step(h.refs[o], order.Checkout{}, order.State(to)))
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
	if sent := !o.Comes && b.Way != "cash"; o.State == "packed" && h.r.IntN(3) == 0 && (sent || h.r.IntN(4) == 0) || o.State == "shipped" && h.r.IntN(3) > 0 && (sent || h.r.IntN(2) == 0) {
		h.parcel(o)
		return
	}
	if to != "packed" {
		h.next(o, to)
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
	case o.Asked && o.InStore():
		name += ", asked"
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
