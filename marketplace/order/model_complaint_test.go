package order_test

import (
	"fmt"
	"slices"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/storage/once"
)

// complaint begins one, or takes a step with one.
func (h *history) complaint() bool {
	var open []*ordermodel.Complaint
	for _, o := range h.orders() {
		for _, c := range o.Complaints {
			if c.Open() || h.r.IntN(20) == 0 {
				open = append(open, c)
			}
		}
	}
	if c, some := pick(h.r, open); some && h.r.IntN(4) > 0 {
		if c.Open() && h.r.IntN(10) == 0 { // nobody does anything
			h.advance(73*time.Hour, 8*24*time.Hour)
			return true
		}
		for range 1 + h.r.IntN(3) {
			h.argue(c)
		}
		return true
	}
	o, some := h.among(func(o *ordermodel.Order) bool {
		return slices.Contains([]string{"shipped", "delivered", "completed"}, o.State)
	})
	if !some {
		return false
	}
	missing := o.State == "shipped" != (h.r.IntN(6) == 0)
	reason := "damaged"
	if missing {
		reason = dispute.NotArrived
	}
	var named []bool
	var lines []int
	if h.r.IntN(2) == 0 {
		named = make([]bool, len(o.Lines))
		for i := range o.Lines {
			if named[i] = h.r.IntN(2) == 0; named[i] {
				lines = append(lines, i+1)
			}
		}
		if lines == nil {
			named = nil
		}
	}
	name, err := h.disputes.Complain(h.ctx, once.Key{}, h.buyer(o), h.refs[o], dispute.Complaint{Said: dispute.Said{Text: "坏的"}, Lines: lines, Reason: reason})
	h.same("complain, "+o.State, h.m.Complain(o, missing, named), err)
	if err == nil {
		h.complaints[o.Complaints[len(o.Complaints)-1]] = dispute.Ref{Order: h.refs[o], ID: name}
	}
	return true
}

// argue takes a step with a complaint.
func (h *history) argue(c *ordermodel.Complaint) {
	was, o := c.State, c.Order
	switch n := h.r.IntN(12); {
	case n < 3, c.Offer == 0 && n < 6:
		by := h.side(o, order.AsSeller)
		var offer int64
		if h.r.IntN(3) > 0 {
			offer = 1 + h.r.Int64N(o.Left()+o.Left()/10+1)
		}
		err := h.disputes.Say(h.ctx, once.Key{}, by, h.complaints[c], dispute.Said{Text: "好的"}, offer)
		h.same(fmt.Sprintf("say something of a complaint, offer: %v, %s", offer > 0, was), h.m.Say(c, string(by.As), offer), err)
	case n < 6:
		by, seen := h.side(o, order.AsBuyer), c.Offer
		if h.r.IntN(10) == 0 {
			seen++
		}
		err := h.disputes.Take(h.ctx, by, h.complaints[c], seen)
		h.same(fmt.Sprintf("take an offer, %s, %s", o.State, was), h.m.TakeOffer(c, string(by.As), seen), err)
	case n == 6:
		by := h.side(o, order.AsBuyer)
		h.same("withdraw a complaint, "+was, h.m.Withdraw(c, string(by.As)), h.disputes.Withdraw(h.ctx, by, h.complaints[c]))
	case n < 9:
		by := h.side(o, order.AsBuyer, order.AsSeller)
		h.same("call an operator to a complaint, "+was, h.m.Escalate(c, string(by.As)), h.disputes.Escalate(h.ctx, by, h.complaints[c]))
	default:
		h.judge(c)
	}
}

// judge decides a complaint: nothing, a part or all of its lines, seldom of others.
func (h *history) judge(c *ordermodel.Complaint) {
	o := c.Order
	by := h.side(o, order.AsOperator)
	goods, _ := pick(h.r, []string{dispute.Kept, dispute.Back, dispute.Lost})
	n := dispute.Decision{Goods: goods, Why: "看得清楚"}
	sums, bring, how := make([]int64, len(o.Lines)), int64(0), h.r.IntN(4)
	for i, l := range o.Lines {
		left := l.Left[0] + l.Left[1] + l.Left[2] + l.Left[3] - l.Gift
		sums[i] = -1
		if how == 0 || c.Names(i) == (h.r.IntN(40) == 0) {
			continue
		}
		if sums[i] = left; how < 3 {
			sums[i] = h.r.Int64N(left + left/20 + 2)
		}
		part := order.Part{Line: i + 1, Amount: sums[i]}
		if sums[i] == 0 { // which says all of it
			sums[i] = left
		}
		n.Parts = append(n.Parts, part)
	}
	if left := o.Bring[0] + o.Bring[3]; left > 0 && how == 3 && h.r.IntN(3) > 0 {
		bring = left
		n.Parts = append(n.Parts, order.Part{Charge: h.delivery(o), Amount: bring})
	}
	was := o.State
	err := h.disputes.Decide(h.ctx, once.Key{}, by, h.complaints[c], n)
	h.same(fmt.Sprintf("decide a complaint, goods %s, %s", goods, was), h.m.DecideComplaint(c, string(by.As), sums, bring, goods == dispute.Back), err)
}
