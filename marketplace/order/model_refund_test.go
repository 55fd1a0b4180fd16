package order_test

import (
	"commonfield/marketplace/order/ordermodel"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
)

// refundOf finds the model's refund that a row is.
func (h *history) refundOf(row payment.Refund, state string) *ordermodel.Refund {
	for _, r := range h.m.Refunds {
		if r.Amount == row.Amount && r.State == state && h.saleOf(r) == row.Sale {
			return r
		}
	}
	h.Fatalf("the model knows no refund %s of %d, %s", row.Cause, row.Amount, state)
	return nil
}

func (h *history) saleOf(r *ordermodel.Refund) id.ID {
	if r.Order != nil {
		return h.refs[r.Order].ID
	}
	return h.baskets[r.Basket].Baskets[0].ID
}

func (h *history) finish() {
	var asked []payment.Sending
	var failed []payment.Refund
	must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) (err error) {
		if asked, err = payment.ToSend(tx); err != nil {
			return err
		}
		failed, err = payment.Unclaimed(tx)
		return err
	}))
	if row, some := pick(h.r, failed); some && h.r.IntN(2) == 0 {
		r := h.refundOf(row, "failed")
		_, allowed := h.m.Repeat(r)
		_, err := h.Desk.Repeat(h.ctx, h.Market, row.ID, h.Operator.ID)
		h.same("repeat a refund", allowed, err)
		_, allowed = h.m.Repeat(r)
		_, err = h.Desk.Repeat(h.ctx, h.Market, row.ID, h.Operator.ID)
		h.same("repeat it again", allowed, err)
	}
	if row, some := pick(h.r, asked); some {
		r, ok := h.refundOf(row.Refund, "asked"), h.r.IntN(3) > 0
		name := "finish a refund"
		if r.Basket.Way == "cash" {
			name += " of cash"
		}
		h.same(name, h.m.Finish(r, ok), h.Desk.Finish(h.ctx, h.Market, row.ID, ok))
		again := h.r.IntN(2) == 0
		h.same("finish it again", h.m.Finish(r, again), h.Desk.Finish(h.ctx, h.Market, row.ID, again))
	}
}

func (h *history) excess(b *ordermodel.Basket) {
	for range 2 {
		_, err := h.Desk.GiveBack(h.ctx, h.Market, h.baskets[b].Payment, h.Operator.ID, "x")
		h.same("give excess back", h.m.GiveBack(b), err)
	}
}
