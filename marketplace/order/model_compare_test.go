package order_test

import (
	"fmt"
	"slices"

	"commonfield/agents/payable"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/ledger"
)

// compare holds everything against the model.
func (h *history) compare() {
	h.Helper()
	books(h.T, h.World)
	statements(h.T, h.World)
	must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) error {
		rows, err := ledger.Trial(tx)
		if err != nil {
			return err
		}
		have := map[string]int64{}
		for _, r := range rows {
			have[r.Account] = r.Balance
		}
		for account := range h.m.Accounts {
			h.equal(account, have[account], h.m.Accounts[account])
			delete(have, account)
		}
		for account, sum := range have {
			h.equal(account, sum, 0)
		}
		return h.comparePayees(tx)
	}))
	for b, is := range h.baskets {
		h.compareBasket(b, is)
	}
}

func (h *history) comparePayees(tx *storage.Tx) error {
	open, err := payable.Open(tx)
	if err != nil {
		return err
	}
	for i, payee := range h.payees {
		have, err := ledger.Balance(tx, ledger.Owed(payee), ledger.Receivable(payee), ledger.Commission(payee))
		if err != nil {
			return err
		}
		h.equal(fmt.Sprintf("owed to %d", i), have[ledger.Owed(payee)], h.m.Owed[i])
		h.equal(fmt.Sprintf("debt of %d", i), have[ledger.Receivable(payee)], h.m.Debt[i])
		h.equal(fmt.Sprintf("pending of %d", i), have[ledger.Commission(payee)], h.m.Pending[i])
		h.equal(fmt.Sprintf("payables of %d", i), open[payee], h.m.Open(i))
	}
	return nil
}

func (h *history) compareBasket(b *ordermodel.Basket, is order.Checkout) {
	h.Helper()
	var back, want []string
	for _, o := range b.Orders {
		s := story(h.T, h.World, h.refs[o])
		if string(s.State) != o.State || s.Paid.Captured != b.Came || string(s.Paid.State) != b.State {
			h.Errorf("order %s, payment %s with %d; the model says %s, %s with %d", s.State, s.Paid.State, s.Paid.Captured, o.State, b.State, b.Came)
		}
		if o.State != "expired" && (o.State != "cancelled" || s.SecuredAt != nil) {
			if parts := (order.Shares{Seller: o.Share(0), Agent: o.Share(1), Fee: o.Share(2), Tax: o.Share(3)}); s.Parts() != parts {
				h.Errorf("%s: parts %+v, the model says %+v", s.Number, s.Parts(), parts)
			}
		}
	}
	must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) error {
		rows, err := payment.RefundsOf(tx, append(slices.Clone(is.Baskets[0].Orders), is.Baskets[0].ID)...)
		for _, r := range rows {
			back = append(back, fmt.Sprintf("%s %d %s", r.Sale, r.Amount, r.State))
		}
		return err
	}))
	for _, r := range h.m.Refunds {
		if r.Basket == b {
			state := r.State
			if state == "repeated" {
				state = "failed" // the row stays as it was
			}
			want = append(want, fmt.Sprintf("%s %d %s", h.saleOf(r), r.Amount, state))
		}
	}
	slices.Sort(back)
	slices.Sort(want)
	if !slices.Equal(back, want) {
		h.Errorf("refunds %v, the model says %v", back, want)
	}
}

func (h *history) equal(what string, have, want int64) {
	h.Helper()
	if have != want {
		h.Errorf("%s is %d, the model says %d", what, have, want)
	}
}
