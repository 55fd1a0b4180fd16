package order_test

import (
	"commonfield/catalog/photo"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/marketplace/order/returns"
	"commonfield/storage/blob"
	"commonfield/storage/jobs"
)

// courts are the rooms above the pipeline that stop an order's money.
type courts struct {
	disputes   *dispute.Room
	returns    *returns.Room
	complaints map[*ordermodel.Complaint]dispute.Ref
	backs      map[*ordermodel.Return]returns.Ref
}

// convene opens them, and lets the world's worker do their jobs.
func (h *history) convene() {
	blobs, err := blob.Open(h.ctx, h.TempDir())
	must(h.T, err)
	h.Cleanup(func() { _ = blobs.Close() })
	photos := photo.New(blobs)
	h.courts = courts{dispute.New(h.DB, h.Orders, photos), returns.New(h.DB, h.Orders, h.Box, photos),
		map[*ordermodel.Complaint]dispute.Ref{}, map[*ordermodel.Return]returns.Ref{}}
	h.Work(map[string]jobs.Handler{
		dispute.JobTimer: {Do: h.disputes.Timer}, dispute.JobOver: {Do: h.disputes.Over},
		returns.JobTimer: {Do: h.returns.Timer}, returns.JobOver: {Do: h.returns.Over},
	})
}

// buyer is whose an order is now.
func (h *history) buyer(o *ordermodel.Order) order.By {
	return order.By{Person: h.buyers[o.Basket], As: order.AsBuyer}
}

// side is one of the three, now and then another than would be right.
func (h *history) side(o *ordermodel.Order, right ...order.Party) order.By {
	as, some := pick(h.r, right)
	if !some || h.r.IntN(8) == 0 {
		as, _ = pick(h.r, []order.Party{order.AsBuyer, order.AsSeller, order.AsOperator})
	}
	return map[order.Party]order.By{order.AsBuyer: h.buyer(o), order.AsSeller: h.Seller, order.AsOperator: h.Operator}[as]
}

// among gives one of the orders of which something is so, now and then any other.
func (h *history) among(is func(*ordermodel.Order) bool) (*ordermodel.Order, bool) {
	var some []*ordermodel.Order
	all := h.orders()
	for _, o := range all {
		if is(o) {
			some = append(some, o)
		}
	}
	if h.r.IntN(15) == 0 {
		return pick(h.r, all)
	}
	return pick(h.r, some)
}
