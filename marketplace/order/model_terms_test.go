package order_test

import (
	"fmt"

	"commonfield/agents/cash"
	"commonfield/agents/terms"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/storage/once"
)

// agree sets random terms of the sellers and of the market in both.
func (h *history) agree() {
	for i, l := range h.shelf {
		on := ordermodel.Terms{Pickup: h.r.IntN(4) > 0, Cash: h.r.IntN(4) > 0, Hand: 2 * i} // the agent collects for the second
		var set terms.Terms
		if h.r.IntN(3) > 0 {
			on.First, on.Further = 1+h.r.Int64N(1500), h.r.Int64N(400)
			if h.r.IntN(2) == 0 {
				on.FreeFrom, on.OffBP, on.OffFrom = 20_000, 1+h.r.Int32N(2500), h.r.Int64N(20_000)
				set.Discount = &terms.Discount{RateBP: on.OffBP, From: on.OffFrom}
			}
			set.Delivery = &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: on.First, Further: on.Further, FreeFrom: on.FreeFrom}}}}
		}
		if on.Pickup {
			set.Pickup = &terms.Point{Name: "村口", Address: "兴平村 1 号"}
		}
		if on.Cash {
			set.Cash = &terms.Cash{}
			if i > 0 {
				set.Cash.Hand = h.payees[on.Hand]
			}
		}
		h.m.Terms[i] = on
		h.Terms(h.T, l.ProducerID, set)
	}
	h.m.Limit = 200_00 + h.r.Int64N(1500_00)
	for _, i := range []int{0, 2} {
		must(h.T, cash.Trust(h.ctx, h.DB, h.Market, h.payees[i], h.m.Limit, h.Operator.ID))
	}
	if h.r.IntN(2) == 0 {
		h.m.GiftBP = 1 + h.r.Int32N(2000)
		h.Terms(h.T, terms.Market, terms.Terms{Discount: &terms.Discount{RateBP: h.m.GiftBP}})
	}
}

func (h *history) giveBack(o *ordermodel.Order) {
	var parts []order.Part
	sums := make([]int64, len(o.Lines))
	for i, l := range o.Lines {
		left := l.Left[0] + l.Left[1] + l.Left[2] + l.Left[3] - l.Gift
		switch h.r.IntN(5) {
		case 0:
			continue
		case 1:
			sums[i] = left
		case 2:
			sums[i] = min(left, 1+h.r.Int64N(3))
		default:
			sums[i] = h.r.Int64N(left + left/8 + 1)
		}
		if sums[i] > 0 {
			parts = append(parts, order.Part{Line: i + 1, Amount: sums[i]})
		}
	}
	if parts == nil {
		parts = []order.Part{}
	}
	var bring int64
	if left := o.Bring[0] + o.Bring[3]; left > 0 && h.r.IntN(4) == 0 {
		bring = 1 + h.r.Int64N(left+left/8+1)
		parts = append(parts, order.Part{Charge: h.delivery(o), Amount: bring})
	}
	by, _ := pick(h.r, []order.By{h.Operator, h.Operator, h.Seller})
	_, err := h.Orders.Refund(h.ctx, once.Key{}, by, h.refs[o], parts, "x")
	h.same(fmt.Sprintf("refund by %s, %s", by.As, o.State), h.m.Refund(o, string(by.As), sums, bring), err)
}

// delivery is the number of an order's delivery among its charges.
func (h *history) delivery(o *ordermodel.Order) int {
	for _, c := range story(h.T, h.World, h.refs[o]).Charges {
		if c.Label == order.Delivery {
			return c.No
		}
	}
	h.Fatalf("no delivery on %s", h.refs[o].ID)
	return 0
}

// part takes some of each line on, now and then none or too much.
func (h *history) part(o *ordermodel.Order) {
	take, grams := map[int]int64{}, []int64{}
	for i, l := range o.Lines {
		n := l.Grams
		switch h.r.IntN(4) {
		case 0:
			n = 0
		case 1, 2:
			n = h.r.Int64N(l.Grams + l.Grams/20 + 1)
		}
		take[i+1], grams = n, append(grams, n)
	}
	err := h.Orders.AcceptPart(h.ctx, h.Seller, h.refs[o], take)
	h.same("accept a part", h.m.Part(o, grams), err)
}
