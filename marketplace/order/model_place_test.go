package order_test

import (
	"fmt"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func (h *history) place() {
	ask := h.Ask(0)
	ask.DeliverTo.Code = "11"
	ask.Items = nil
	if h.r.IntN(4) == 0 {
		ask.Agent.Link = ""
	}
	ask.Way, _ = pick(h.r, []string{"sandbox", "sandbox", "bank", "bank", "cash"})
	if h.picky && h.r.IntN(3) > 0 {
		ask.Way = "cash"
	}
	if h.r.IntN(2) == 0 && (!h.picky || h.r.IntN(2) == 0) {
		ask.Buyer = people.Person{ID: id.New(), Guest: true}
		ask.PlacedBy = ask.Buyer
	}
	wish := ordermodel.Wish{Way: ask.Way, Known: !ask.Buyer.Guest, Agent: ask.Agent.Link != "", Comes: map[int]bool{}}
	for range 1 + h.r.IntN(3) {
		of := h.r.IntN(2)
		grams := 500 + h.r.Int64N(9_500)
		if h.r.IntN(12) == 0 {
			grams *= 4
		}
		ask.Items = append(ask.Items, order.Item{Market: h.Market, Listing: h.shelf[of].ID, Quantity: grams})
		wish.Lines = append(wish.Lines, ordermodel.Line{Seller: of, Grams: grams, Price: h.shelf[of].PriceMinor})
		if !wish.Comes[of] && (h.m.Terms[of].Pickup && h.r.IntN(4) == 0 || h.r.IntN(40) == 0) {
			wish.Comes[of] = true
			ask.Collect = append(ask.Collect, h.shelf[of].ProducerID)
		}
	}
	b, err := h.Orders.Place(h.ctx, once.Key{}, ask)
	model, allowed := h.m.Place(wish)
	name := "place by " + ask.Way
	if len(ask.Collect) > 0 {
		name += ", picked up"
	}
	if h.same(name, allowed, err); !allowed || err != nil {
		if f, is := fault.As(err); is {
			h.done["an order is refused: "+f.Code]++
		}
		return
	}
	if len(b.Orders()) != len(model.Orders) || b.Total != model.Due {
		h.Fatalf("%d orders for %d, the model says %d for %d", len(b.Orders()), b.Total, len(model.Orders), model.Due)
	}
	h.baskets[model], h.buyers[model] = b, ask.Buyer
	if ask.Buyer.Guest {
		h.guests[model] = ask.Buyer
	}
	for i, o := range model.Orders {
		h.refs[o] = b.Orders()[i]
	}
	if h.r.IntN(3) > 0 {
		h.whole(model)
		for _, o := range model.Orders {
			h.hurry(o, h.r.IntN(8)-1)
		}
	}
}

// whole pays a basket at once.
func (h *history) whole(b *ordermodel.Basket) {
	switch b.Way {
	case "cash":
		return
	case "bank":
		h.transfer(b, b.Due)
		return
	}
	h.press(b)
	_, err := h.Orders.Settle(h.ctx, h.Market, h.baskets[b].Payment)
	h.m.Settle(b)
	h.same("settle", true, err)
}

// claim: a guest signs in, and turns out to be the agent, or somebody else.
func (h *history) claim(b *ordermodel.Basket) {
	guest, is := h.guests[b]
	if !is {
		return
	}
	delete(h.guests, b)
	who := h.AgentBy
	if h.r.IntN(4) == 0 {
		who = h.Buyer.Person
	}
	must(h.T, h.Orders.Claim(h.ctx, guest, who))
	h.buyers[b] = who
	h.Drain(h.T)
	if who.ID == h.AgentBy.ID {
		h.m.Claim(b)
	} else {
		b.Known = true
	}
	h.m.Run()
	h.same(fmt.Sprintf("claim by the agent: %v, %s", who.ID == h.AgentBy.ID, b.Orders[0].State), true, nil)
}

func (h *history) money(b *ordermodel.Basket) {
	if b.Way == "cash" {
		o, _ := pick(h.r, b.Orders)
		h.takeCash(o)
		return
	}
	if b.Way == "bank" {
		h.transfer(b, []int64{b.Due, max(b.Due-b.Came, 1), max(b.Due/2, 1), 1 + h.r.Int64N(b.Due+500)}[h.r.IntN(4)])
		return
	}
	h.press(b)
	if h.r.IntN(2) == 0 {
		_, err := h.Orders.Settle(h.ctx, h.Market, h.baskets[b].Payment)
		h.m.Settle(b)
		h.same("settle", true, err)
	}
}

func (h *history) transfer(b *ordermodel.Basket, sum int64) {
	h.lines++
	for range 1 + h.r.IntN(2) { // the same line twice is once
		_, err := h.Orders.Confirm(h.ctx, h.Operator, h.Market, h.baskets[b].Payment, sum, fmt.Sprintf("S-%d", h.lines))
		must(h.T, err)
	}
	h.same("transfer", h.m.Transfer(b, sum), nil)
}

// press presses the gateway's button; news of it come, more than once, or do not.
func (h *history) press(b *ordermodel.Basket) {
	pay := h.baskets[b].Payment
	p, err := h.Orders.Pay(h.ctx, h.Market, pay, "/")
	must(h.T, err)
	news := h.r.IntN(3)
	if err = h.Sandbox.Pay(h.ctx, h.Market, "sb_"+pay.String(), sandbox.News{Repeat: news}); p.Object == "" && err == nil {
		h.Errorf("paid without an object")
	}
	h.same("pay", h.m.Pay(b, news > 0), err)
}
