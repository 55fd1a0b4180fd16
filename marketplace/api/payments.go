package api

import (
	"net/http"
	"time"
	"unicode/utf8"

	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/fault"
)

type paymentShown struct {
	Market    string    `json:"market"`
	ID        string    `json:"id"`
	Basket    string    `json:"basket"`
	Way       string    `json:"way"`
	Reference string    `json:"reference"`
	State     string    `json:"state" enum:"open,captured,closed"`
	Due       int64     `json:"due_minor"`
	Captured  int64     `json:"captured_minor"`
	Currency  string    `json:"currency"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

type outcome struct {
	Outcome string `json:"outcome" enum:"pay,fail,later" doc:"later: paid, but the news comes half a minute after"`
}

type transfer struct {
	Amount    int64  `json:"amount_minor"`
	Reference string `json:"bank_reference" doc:"of the line of the bank's statement; the same line counts once"`
}

// payments mounts what happens to a payment beside the buyer's checkout.
func (s *server) payments() {
	handle(s, route{method: http.MethodGet, path: "/payments", says: "List the bank transfers that are waited for", open: known, more: "For operators."}, s.waiting)
	handle(s, route{method: http.MethodGet, path: "/payments/{market}/{id}", says: "Show a payment", open: somebody, more: "To its buyer and to operators."}, s.showPayment)
	if s.Sandbox != nil {
		handle(s, route{method: http.MethodPost, path: "/payments/{market}/{id}/sandbox", says: "Play the bank", open: somebody,
			more: "By the buyer. A payment that fails stays open and may be tried again. The sandbox is not there in production."}, s.play)
	}
	handle(s, route{method: http.MethodPost, path: "/payments/{market}/{id}/transfers", says: "Confirm a bank transfer that has come", open: known,
		more: "By operators. A smaller sum is kept until the rest comes."}, s.transferred)
}

func showPayment(m region.Market, p payment.Payment) paymentShown {
	return paymentShown{m.Code, p.ID.String(), p.Sale.String(), p.Gateway, p.Reference, string(p.State), p.Due, p.Captured, p.Currency, p.CreatedAt, p.ExpiresAt}
}

func (s *server) waiting(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[paymentShown], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[paymentShown]{}, err
	}
	var rows []payment.Payment
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = payment.OpenTransfers(tx); return })
	return listed(rows, func(p payment.Payment) paymentShown { return showPayment(m, p) }), err
}

// paymentOf finds a payment for its buyer or an operator.
func (s *server) paymentOf(v *visit, in This) (region.Market, payment.Payment, error) {
	var p payment.Payment
	m, i, err := v.place(in)
	if err != nil {
		return m, p, err
	}
	c, err := s.owned(v, m.ID, i)
	if err != nil {
		return m, p, err
	}
	if m, err = s.Books.Market(v.ctx, c.Market); err != nil { // where it is at home
		return m, p, err
	}
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, i); return })
	return m, p, err
}

func (s *server) showPayment(v *visit, in *This) (paymentShown, error) {
	m, p, err := s.paymentOf(v, *in)
	if err != nil {
		return paymentShown{}, err
	}
	return showPayment(m, p), nil
}

func (s *server) play(v *visit, in *thisWith[outcome]) (paymentShown, error) {
	m, p, err := s.paymentOf(v, in.This)
	if err != nil {
		return paymentShown{}, err
	}
	if p.Gateway != s.Sandbox.Name() {
		return paymentShown{}, fault.Conflict("not_sandbox")
	}
	if p.Object == "" {
		if p, err = s.Orders.Pay(v.ctx, m.ID, p.ID, back(m, p.ID)); err != nil {
			return paymentShown{}, err
		}
	}
	switch in.Body.Outcome {
	case "pay":
		err = s.Sandbox.Pay(v.ctx, m.ID, p.Object, sandbox.News{Repeat: 1})
	case "later":
		err = s.Sandbox.Pay(v.ctx, m.ID, p.Object, sandbox.News{Repeat: 1, Delay: 30 * time.Second})
	}
	return showPayment(m, p), err
}

// longestReference is how long a bank's reference is.
const longestReference = 100

// mostTransfer is the largest sum that is believed, in minor units.
const mostTransfer = 100_000_000_000_000

func (s *server) transferred(v *visit, in *thisWith[transfer]) (paymentShown, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return paymentShown{}, err
	}
	_, p, err := s.paymentOf(v, in.This)
	if err != nil {
		return paymentShown{}, err
	}
	if utf8.RuneCountInString(in.Body.Reference) > longestReference {
		return paymentShown{}, fault.Invalid("bank_reference", "too_long", fault.Args{"max": longestReference, "most": longestReference})
	}
	if in.Body.Amount <= 0 || in.Body.Amount > mostTransfer {
		return paymentShown{}, fault.Invalid("amount_minor", "out_of_range", fault.Args{"min": 1, "max": int64(mostTransfer), "currency": m.Currency})
	}
	p, err = s.Orders.Confirm(v.ctx, order.By{Person: v.who, As: order.AsOperator}, m.ID, p.ID, in.Body.Amount, in.Body.Reference)
	return showPayment(m, p), err
}
