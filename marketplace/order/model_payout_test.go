package order_test

import (
	"fmt"
	"slices"

	"commonfield/agents/payout"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// pay takes a step with payouts.
func (h *history) pay() bool {
	batches := h.m.Batches
	if h.r.IntN(5) > 0 {
		batches = slices.DeleteFunc(slices.Clone(batches), func(b *ordermodel.Batch) bool { return b.State == "cancelled" })
	}
	batch, some := pick(h.r, batches)
	owing := h.m.Open(0) > 0 || h.m.Open(1) > 0 || h.m.Open(2) > 0
	if !some && h.r.IntN(8) == 0 || owing && h.r.IntN(3) == 0 {
		model, allowed := h.m.Draft([]int{0, 1, 2})
		b, err := h.payouts.Draft(h.ctx, once.Key{}, h.Market, h.Operator.ID, h.payees)
		h.same("draft", allowed, err)
		h.batches[model] = b.ID
		return true
	}
	if !some {
		return false
	}
	for range 1 + h.r.IntN(4) {
		h.onward(batch)
	}
	return true
}

// onward takes a step with a batch, mostly the next.
func (h *history) onward(batch *ordermodel.Batch) {
	name := h.batches[batch]
	next := map[string][]string{"draft": {"approve", "approve", "approve", "approve", "give up", "answer"}, "submitted": {"answer", "answer", "answer", "approve"}, "closed": {"returned", "answer"}}[batch.State]
	deed, some := pick(h.r, next)
	if !some || h.r.IntN(8) == 0 {
		deed, _ = pick(h.r, []string{"approve", "give up", "answer", "returned"})
	}
	o, _ := pick(h.r, batch.Payouts)
	switch deed {
	case "give up":
		h.same("give a draft up", h.m.GiveUp(batch), h.payouts.Cancel(h.ctx, h.Market, name, h.Operator.ID, "x"))
	case "approve":
		_, err := h.payouts.Approve(h.ctx, h.Market, name, h.Buyer.ID)
		h.same("approve", h.m.Approve(batch), err)
	case "returned":
		h.same("returned", h.m.Returned(o), h.payouts.Returned(h.ctx, h.Market, h.payoutOf(name, o), "x", h.Operator.ID))
	default:
		paid := h.r.IntN(3) > 0
		answer := payout.Answer{Payout: h.payoutOf(name, o), State: payout.Failed}
		if paid {
			answer.State = payout.Paid
		}
		_, err := h.payouts.Answer(h.ctx, once.Key{}, h.Market, name, payout.Answers{Rows: []payout.Answer{answer}})
		h.same(fmt.Sprintf("answer, paid: %v", paid), h.m.Answer(batch, o, paid), err)
	}
}

func (h *history) payoutOf(batch id.ID, o *ordermodel.Payout) (found id.ID) {
	must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) error {
		rows, err := payout.Payouts(tx, batch)
		for _, row := range rows {
			if row.PayeeID == h.payees[o.Payee] {
				found = row.ID
			}
		}
		return err
	}))
	return found
}
