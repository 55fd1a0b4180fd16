package order_test

import (
	"fmt"
	"slices"

	"commonfield/marketplace/order/ordermodel"
)

// bank is the payer's, who takes a payment back, or decides.
func (h *history) bank() bool {
	var paid, unsent, open []*ordermodel.Basket
	for _, b := range h.m.Baskets {
		if b.Way == "sandbox" && b.Came > 0 && b.Taken == nil {
			paid = append(paid, b)
			if slices.ContainsFunc(b.Orders, (*ordermodel.Order).InStore) {
				unsent = append(unsent, b)
			}
		}
		if b.Taken != nil && b.Taken.State != "won" && b.Taken.State != "lost" {
			open = append(open, b)
		}
	}
	if b, some := pick(h.r, open); some && h.r.IntN(3) > 0 {
		h.bankSays(b)
		return true
	}
	b, some := pick(h.r, unsent)
	if !some || h.r.IntN(3) > 0 {
		b, some = pick(h.r, paid)
	}
	if h.r.IntN(20) == 0 {
		b, some = pick(h.r, h.m.Baskets)
	}
	if !some {
		return false
	}
	object := "sb_" + h.baskets[b].Payment.String()
	sum := []int64{0, b.Due, 1 + h.r.Int64N(b.Due), b.Due + 1 + h.r.Int64N(b.Due)}[h.r.IntN(4)]
	for range 1 + h.r.IntN(2) { // the first sum stands
		h.same("the bank takes a payment back", h.m.TakeBack(b, sum), h.Sandbox.TakeBack(h.ctx, h.Market, object, sum))
		sum++
	}
	if h.r.IntN(3) > 0 {
		h.drain()
	}
	if h.r.IntN(4) == 0 {
		h.bankSays(b)
	}
	return true
}

func (h *history) bankSays(b *ordermodel.Basket) {
	won := h.r.IntN(2) == 0
	object := "cb_sb_" + h.baskets[b].Payment.String()
	for range 1 + h.r.IntN(2) {
		h.same(fmt.Sprintf("the bank decides, won: %v", won), h.m.Decide(b, won), h.Sandbox.Decide(h.ctx, h.Market, object, won))
	}
	if h.r.IntN(2) > 0 {
		h.drain()
	}
}
