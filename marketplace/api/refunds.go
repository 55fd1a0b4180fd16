package api

import (
	"net/http"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
)

type refund struct {
	Market    string    `json:"market"`
	ID        string    `json:"id"`
	Order     string    `json:"order" doc:"or the basket, when money came late"`
	Payment   string    `json:"payment"`
	Amount    int64     `json:"amount_minor"`
	Currency  string    `json:"currency"`
	State     string    `json:"state" enum:"asked,succeeded,failed,covered" doc:"covered: nobody had paid; what covers the order has it back"`
	Reason    string    `json:"reason"`
	CreatedAt time.Time `json:"created_at"`
	ChangedAt time.Time `json:"changed_at"`
}

type newRefund struct {
	Lines  []refundLine `json:"lines,omitempty" doc:"by line or charge, amount 0 or left out is all that is left of it; without lines: all of the order"`
	Reason string       `json:"reason"`
}

type refundLine struct {
	Line   int   `json:"line,omitempty"`
	Charge int   `json:"charge,omitempty" doc:"instead of a line: a charge that adds, like delivery"`
	Amount int64 `json:"amount_minor,omitempty"`
}

type finished struct {
	Done bool `json:"done" doc:"the money was sent; false: it could not be"`
}

// refunds mounts money back.
func (s *server) refunds() {
	handle(s, route{method: http.MethodGet, path: "/orders/{market}/{id}/refunds", says: "List an order's refunds", open: somebody}, s.orderRefunds)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/refunds", says: "Refund an order, wholly or in part", open: known, status: http.StatusCreated,
		more: "By the seller or an operator. Send an Idempotency-Key: without one a second request refunds again."}, s.giveBack)
	handle(s, route{method: http.MethodGet, path: "/refunds", says: "List the refunds that are under way", open: known, more: "For operators."}, s.openRefunds)
	handle(s, route{method: http.MethodPost, path: "/refunds/{market}/{id}/finish", says: "Say what became of a refund by transfer", open: known,
		more: "By operators. Twice is once."}, s.finishRefund)
	s.unclaimed()
}

func (v *visit) refund(market int32, currency string, r payment.Refund) refund {
	return refund{v.code(market), r.ID.String(), r.Sale.String(), r.Payment.String(), r.Amount, currency, string(r.State), r.Reason, r.CreatedAt, r.ChangedAt}
}

func (s *server) orderRefunds(v *visit, in *This) (list[refund], error) {
	ref, err := v.ref(*in)
	if err != nil {
		return list[refund]{}, err
	}
	o, err := s.story(v, ref)
	return list[refund]{Items: o.Refunds}, err
}

func (s *server) giveBack(v *visit, in *thisWith[newRefund]) (refund, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return refund{}, err
	}
	by, err := s.Refunder(v.ctx, v.who, ref)
	if err != nil {
		return refund{}, err
	}
	m, err := s.Books.Market(v.ctx, ref.Market)
	if err != nil {
		return refund{}, err
	}
	var lines []order.Part
	for _, l := range in.Body.Lines {
		lines = append(lines, order.Part(l))
	}
	i, err := s.Orders.Refund(v.ctx, v.key, by, ref, lines, in.Body.Reason)
	if err != nil {
		return refund{}, inCurrency(err, m.Currency)
	}
	o, err := s.Orders.Story(v.ctx, ref)
	if err == nil && o.CoveredBy != nil {
		return v.covered(o, i), nil
	}
	if err != nil {
		return refund{}, err
	}
	return s.showRefund(v, ref.Market, m.Currency, i)
}

// covered is what was taken off an order that a contract covers: nothing is sent back.
func (v *visit) covered(o order.Story, i id.ID) refund {
	out := refund{Market: v.code(o.Market), ID: i.String(), Order: o.ID.String(), Currency: o.Currency, State: "covered"}
	for _, c := range o.Charges {
		if c.Source == "refund:"+i.String() {
			out.Amount, out.Reason, out.CreatedAt, out.ChangedAt = out.Amount-c.Amount, c.Reason, c.At, c.At
		}
	}
	return out
}

func (s *server) showRefund(v *visit, market int32, currency string, i id.ID) (refund, error) {
	var r payment.Refund
	err := v.view(market, func(tx *storage.Tx) (err error) { r, err = payment.FindRefund(tx, i); return })
	return v.refund(market, currency, r), err
}

func (s *server) openRefunds(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[refund], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[refund]{}, err
	}
	var rows []payment.Refund
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = payment.Waiting(tx); return })
	return listed(rows, func(r payment.Refund) refund { return v.refund(m.ID, m.Currency, r) }), err
}

func (s *server) finishRefund(v *visit, in *thisWith[finished]) (refund, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return refund{}, err
	}
	i, err := row(in.ID)
	if err != nil {
		return refund{}, err
	}
	if err := s.Desk.Finish(v.ctx, m.ID, i, in.Body.Done); err != nil {
		return refund{}, err
	}
	return s.showRefund(v, m.ID, m.Currency, i)
}
