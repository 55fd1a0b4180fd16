package order_test

import (
	"fmt"
	"slices"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/marketplace/order/returns"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// back asks to give goods back, or takes a step with goods that go back.
func (h *history) back() bool {
	var open []*ordermodel.Return
	for _, o := range h.orders() {
		for _, r := range o.Returns {
			if r.Open() || h.r.IntN(20) == 0 {
				open = append(open, r)
			}
		}
	}
	if r, some := pick(h.r, open); some && h.r.IntN(4) > 0 {
		if r.Open() && h.r.IntN(8) == 0 { // nobody does anything
			h.advance(73*time.Hour, 73*time.Hour, 8*24*time.Hour, 11*24*time.Hour)
			return true
		}
		for range 1 + h.r.IntN(3) {
			h.giveGoods(r)
		}
		return true
	}
	again := h.r.IntN(3) == 0 // something of it came back already
	o, some := h.among(func(o *ordermodel.Order) bool {
		return (o.State == "delivered" || o.State == "completed") && (!again || slices.ContainsFunc(o.Returns, func(r *ordermodel.Return) bool { return r.Back > 0 }))
	})
	if !some {
		return false
	}
	grams, lines := make([]int64, len(o.Lines)), map[int]int64{}
	for i, l := range o.Lines {
		switch h.r.IntN(5) {
		case 4:
			grams[i] = o.Here(i) + 1
		case 0:
			grams[i] = 1 + h.r.Int64N(l.Grams)
		case 1:
			grams[i] = 1 + h.r.Int64N(1+l.Grams/10)
		case 2:
			grams[i] = max(o.Here(i), 0)
		}
		if grams[i] > 0 {
			lines[i+1] = grams[i]
		}
	}
	name, err := h.returns.Ask(h.ctx, once.Key{}, h.buyer(o), h.refs[o], returns.Wish{Lines: lines})
	h.same("ask to give goods back, "+o.State, h.m.AskReturn(o, grams), err)
	if err == nil {
		h.backs[o.Returns[len(o.Returns)-1]] = returns.Ref{Order: h.refs[o], ID: name}
	}
	return true
}

// giveGoods takes a step with goods that go back, mostly the next.
func (h *history) giveGoods(r *ordermodel.Return) {
	o, of, was := r.Order, h.backs[r], r.State
	next := map[string][]string{"asked": {"approve", "approve", "approve", "approve", "refuse", "refuse", "withdraw"}, "objected": {"call", "call", "approve", "withdraw"},
		"approved": {"send", "send", "send", "send", "send", "approve", "withdraw"}, "sent": {"take in", "take in", "take in", "refuse", "see"}, "called": {"take in", "take in", "approve", "refuse"}}[r.State]
	deed, some := pick(h.r, next)
	if !some || h.r.IntN(10) == 0 {
		deed, _ = pick(h.r, []string{"approve", "refuse", "call", "send", "take in", "see", "withdraw"})
	}
	right := order.AsSeller
	switch {
	case deed == "call" || deed == "send" || deed == "withdraw":
		right = order.AsBuyer
	case r.State == "called":
		right = order.AsOperator
	}
	by := h.side(o, right)
	as := string(by.As)
	var err error
	var allowed bool
	switch deed {
	case "approve":
		err, allowed = h.returns.Approve(h.ctx, by, of, returns.Answer{To: "兴平村 3 号"}), h.m.ApproveReturn(r, as)
	case "refuse":
		err, allowed = h.returns.Refuse(h.ctx, by, of, "不是我们的"), h.m.RefuseReturn(r, as)
	case "call":
		err, allowed = h.returns.Call(h.ctx, by, of), h.m.CallReturn(r, as)
	case "send":
		err, allowed = h.returns.Send(h.ctx, by, of, "sf", id.New().String()), h.m.SendReturn(r, as)
	case "withdraw":
		err, allowed = h.returns.Withdraw(h.ctx, by, of), h.m.WithdrawReturn(r, as)
	case "see":
		by = h.Seller
		err, allowed = h.returns.Seen(h.ctx, by, of, order.FateLost), h.m.SeeReturn(r, string(by.As))
	case "take in":
		fate, _ := pick(h.r, []string{order.FateBack, order.FateLost})
		err, allowed = h.returns.Receive(h.ctx, by, of, fate), h.m.TakeIn(r, as, fate == order.FateBack)
		deed += ", goods " + fate
	}
	h.same(fmt.Sprintf("%s of a return, %s", deed, was), allowed, err)
}
