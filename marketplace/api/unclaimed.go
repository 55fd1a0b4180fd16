package api

import (
	"net/http"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

type excess struct {
	Market    string    `json:"market"`
	Payment   string    `json:"payment"`
	Reference string    `json:"reference"`
	Amount    int64     `json:"amount_minor" doc:"what came beyond the sum and is still here"`
	Currency  string    `json:"currency"`
	CreatedAt time.Time `json:"created_at"`
}

// unclaimed mounts money that belongs to payers and waits to go back.
func (s *server) unclaimed() {
	handle(s, route{method: http.MethodGet, path: "/refunds/unclaimed", says: "List the refunds that failed and were not repeated", open: known, more: "For operators."}, s.listUnclaimed)
	handle(s, route{method: http.MethodPost, path: "/refunds/{market}/{id}/repeat", says: "Send a refund once more that failed", open: known, status: http.StatusCreated,
		more: "By operators. Twice is once: it gives the same refund."}, s.repeatRefund)
	handle(s, route{method: http.MethodPost, path: "/refunds/{market}/{id}/transfer", says: "Send a refund by bank transfer that failed", open: known, status: http.StatusCreated,
		more: "By operators, where its gateway cannot carry it out any more. The new refund is asked until somebody says that it is sent, or a line of the bank does. Twice is once: it gives the same refund."}, s.transferRefund)
	handle(s, route{method: http.MethodGet, path: "/payments/excess", says: "List the payments that brought more than was due", open: known, more: "For operators."}, s.listExcess)
	handle(s, route{method: http.MethodPost, path: "/payments/{market}/{id}/give-back", says: "Give back what came beyond a payment's sum", open: known, status: http.StatusCreated,
		more: "By operators. Twice is once, until more comes."}, s.giveExcess)
}

func (s *server) listUnclaimed(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[refund], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[refund]{}, err
	}
	var rows []payment.Refund
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = payment.Unclaimed(tx); return })
	return listed(rows, func(r payment.Refund) refund { return v.refund(m.ID, m.Currency, r) }), err
}

func (s *server) listExcess(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[excess], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[excess]{}, err
	}
	var rows []payment.Payment
	var have map[string]int64
	err = v.view(m.ID, func(tx *storage.Tx) error {
		var err error
		if rows, err = payment.Excess(tx); err != nil {
			return err
		}
		var accounts []string
		for _, p := range rows {
			accounts = append(accounts, ledger.Unclaimed(p.ID.String()))
		}
		have, err = ledger.Balance(tx, accounts...)
		return err
	})
	return listed(rows, func(p payment.Payment) excess {
		return excess{m.Code, p.ID.String(), p.Reference, have[ledger.Unclaimed(p.ID.String())], p.Currency, p.CreatedAt}
	}), err
}

func (s *server) repeatRefund(v *visit, in *This) (refund, error) {
	return s.sendBack(v, in, func(m region.Market, name id.ID) (payment.Refund, error) {
		return s.Desk.Repeat(v.ctx, m.ID, name, v.who.ID)
	})
}

func (s *server) transferRefund(v *visit, in *This) (refund, error) {
	return s.sendBack(v, in, func(m region.Market, name id.ID) (payment.Refund, error) {
		return s.Desk.Transfer(v.ctx, m.ID, name, v.who.ID)
	})
}

func (s *server) giveExcess(v *visit, in *This) (refund, error) {
	return s.sendBack(v, in, func(m region.Market, name id.ID) (payment.Refund, error) {
		return s.Desk.GiveBack(v.ctx, m.ID, name, v.who.ID, "excess")
	})
}

func (s *server) sendBack(v *visit, in *This, do func(region.Market, id.ID) (payment.Refund, error)) (refund, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return refund{}, err
	}
	name, err := row(in.ID)
	if err != nil {
		return refund{}, err
	}
	r, err := do(m, name)
	if err != nil {
		return refund{}, err
	}
	s.Worker.Wake()
	return v.refund(m.ID, m.Currency, r), nil
}
