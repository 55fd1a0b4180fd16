package order_test

import (
	"fmt"

	"commonfield/agents/cash"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
)

// pickUp: the buyer comes for it instead.
func (h *history) pickUp(o *ordermodel.Order) {
	if live, some := h.among(func(o *ordermodel.Order) bool { return o.State == "secured" || o.State == "accepted" }); some {
		o = live
	}
	name := fmt.Sprintf("pick up, %s", o.State)
	if o.Basket.Way == "cash" {
		name += ", in cash"
	}
	h.same(name, h.m.PickUp(o), h.Orders.PickUp(h.ctx, h.buyer(o), h.refs[o]))
}

func (h *history) ready(o *ordermodel.Order) {
	by, _ := pick(h.r, []order.By{h.Seller, h.Operator})
	name := "ready, " + o.State
	h.same(name, h.m.Ready(o), h.Orders.Ready(h.ctx, by, h.refs[o]))
}

// code is what the buyer of an order says, seldom a wrong one.
func (h *history) code(o *ordermodel.Order) (code string, right bool) {
	code, err := h.Orders.PickupCode(h.ctx, story(h.T, h.World, h.refs[o]).Order)
	must(h.T, err)
	if h.r.IntN(8) == 0 {
		return code[1:] + code[:1], code[1:]+code[:1] == code
	}
	return code, true
}

// handOver gives goods to whoever says their code.
func (h *history) handOver(o *ordermodel.Order) {
	code, right := h.code(o)
	by, _ := pick(h.r, []order.By{h.Seller, h.Operator})
	name := "hand over, " + o.State
	h.same(name, h.m.Collect(o, right), h.Orders.Collect(h.ctx, by, h.refs[o], code))
}

// cash takes the money of an order that waits for it, or pays in what a hand has.
func (h *history) cash() bool {
	hand := 2 * h.r.IntN(2)
	if has := h.m.Holds[hand] > 0; has && h.r.IntN(2) == 0 || h.r.IntN(20) == 0 {
		sum := []int64{h.m.Holds[hand], 1 + h.r.Int64N(1+h.m.Holds[hand])}[h.r.IntN(2)]
		h.lines++
		reference := fmt.Sprintf("C-%d", h.lines)
		err := cash.Bank(h.ctx, h.DB, h.Market, h.payees[hand], h.Operator.ID, sum, reference)
		h.same("cash is paid in", h.m.Bank(hand, sum), err)
		if err == nil && h.r.IntN(2) == 0 { // the same line twice is once
			must(h.T, cash.Bank(h.ctx, h.DB, h.Market, h.payees[hand], h.Operator.ID, sum, reference))
		}
		return true
	}
	o, some := h.among(func(o *ordermodel.Order) bool { return o.Basket.Way == "cash" && o.State == "shipped" })
	if some {
		h.atDoor(o)
	}
	return some
}

// atDoor: the money is taken, or its buyer will not have it and the carrier brings it
// back.
func (h *history) atDoor(o *ordermodel.Order) {
	if len(o.Parcels) > 0 && !o.Comes && (h.picky && h.r.IntN(4) > 0 || h.r.IntN(12) == 0) {
		h.broughtBack(o, o.Parcels[0])
		return
	}
	h.takeCash(o)
}

// takeCash is mostly by whoever collects, of what is due, with the code.
func (h *history) takeCash(o *ordermodel.Order) {
	by, may := h.Operator, true
	if h.r.IntN(3) > 0 {
		by = h.Seller
		if h.m.Terms[o.Seller].Hand == h.m.Agent != (h.r.IntN(8) == 0) {
			by = order.By{Person: h.AgentBy, As: order.AsBuyer}
		}
		may = (by.As == order.AsSeller) == (h.m.Terms[o.Seller].Hand != h.m.Agent)
	}
	sum := o.Left()
	if h.r.IntN(10) == 0 {
		sum += []int64{-1, 1, o.Basket.Due}[h.r.IntN(3)]
	}
	code, right := h.code(o)
	name := "cash is taken, " + o.State
	if o.Comes {
		name += ", for a code"
	}
	for range 1 + h.r.IntN(2) {
		err := h.Orders.TakeCash(h.ctx, by, h.refs[o], order.Taking{Sum: sum, Code: code})
		h.same(name, h.m.TakeCash(o, may, sum, right), err)
		name = "cash is taken again"
	}
}

// ask: a buyer would rather not have it; mostly the seller answers.
func (h *history) ask(o *ordermodel.Order) {
	if live, some := h.among(func(o *ordermodel.Order) bool { return o.InStore() }); some {
		o = live
	}
	by := h.side(o, order.AsBuyer)
	err := h.Orders.AskCancel(h.ctx, by, h.refs[o])
	h.same("ask to have it ended, "+o.State, by.As == order.AsBuyer && h.m.Ask(o), err)
	if err != nil {
		return
	}
	switch h.r.IntN(3) {
	case 0:
		h.cancelBy(o, h.Seller)
	case 1:
		h.forward(o.Basket, o)
	}
}
