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
	h.compareBank()
	h.compareStore()
	for _, o := range h.orders() {
		h.compareParcels(o)
	}
	h.compareCourts()
}

func (h *history) orders() (all []*ordermodel.Order) {
	for _, b := range h.m.Baskets {
		all = append(all, b.Orders...)
	}
	return all
}

// compareBank holds what the payers' banks took back against the model.
func (h *history) compareBank() {
	h.Helper()
	var have, want []string
	must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) error {
		all, err := payment.Chargebacks(tx, 1000)
		for _, c := range all {
			have = append(have, fmt.Sprintf("%s %d %s, %d beyond", c.Payment, c.Amount, c.State, c.Excess))
		}
		return err
	}))
	for b, is := range h.baskets {
		if t := b.Taken; t != nil && t.State != "" {
			want = append(want, fmt.Sprintf("%s %d %s, %d beyond", is.Payment, t.Amount, t.State, t.Excess))
		}
	}
	h.alike("chargebacks", have, want)
}

// compareStore holds what is in the store, and promised of it, against the model.
func (h *history) compareStore() {
	h.Helper()
	for i, l := range h.shelf {
		var have struct {
			There    int64 `db:"there"`
			Promised int64 `db:"promised"`
		}
		must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) error {
			return tx.Get(&have, "SELECT sum(on_hand)::bigint AS there, sum(reserved)::bigint AS promised FROM batches WHERE market_id = $1 AND listing_id = $2", h.Market, l.ID)
		}))
		h.equal(fmt.Sprintf("the store of %d", i), have.There, h.m.Store[i])
		h.equal(fmt.Sprintf("promised of %d", i), have.Promised, h.m.Promised[i])
	}
}

func (h *history) compareParcels(o *ordermodel.Order) {
	h.Helper()
	var have, want []string
	for _, s := range story(h.T, h.World, h.refs[o]).Shipments {
		have = append(have, s.State)
	}
	for _, p := range o.Parcels {
		want = append(want, p.State)
	}
	h.alike("parcels", have, want)
}

// compareCourts holds complaints and returns against the model, with what each has
// given back.
func (h *history) compareCourts() {
	h.Helper()
	for c, ref := range h.complaints {
		d, err := h.disputes.Find(h.ctx, h.Market, ref.ID)
		must(h.T, err)
		if string(d.State) != c.State || d.Back != c.Back || d.Offer != c.Offer || d.Open() != c.Open() {
			h.Errorf("the complaint is %s, %d back, %d offered; the model says %s, %d back, %d offered", d.State, d.Back, d.Offer, c.State, c.Back, c.Offer)
		}
	}
	for r, ref := range h.backs {
		b, err := h.returns.Find(h.ctx, h.Market, ref.ID)
		must(h.T, err)
		if string(b.State) != r.State || b.Back != r.Back || b.Open() != r.Open() {
			h.Errorf("the return is %s, %d back; the model says %s, %d back", b.State, b.Back, r.State, r.Back)
		}
	}
}

func (h *history) comparePayees(tx *storage.Tx) error {
	open, err := payable.Open(tx)
	if err != nil {
		return err
	}
	for i, payee := range h.payees {
		have, err := ledger.Balance(tx, ledger.Owed(payee), ledger.Receivable(payee), ledger.Commission(payee), ledger.CashAgent(payee), ledger.CashProducer(payee))
		if err != nil {
			return err
		}
		h.equal(fmt.Sprintf("owed to %d", i), have[ledger.Owed(payee)], h.m.Owed[i])
		h.equal(fmt.Sprintf("debt of %d", i), have[ledger.Receivable(payee)], h.m.Debt[i])
		h.equal(fmt.Sprintf("pending of %d", i), have[ledger.Commission(payee)], h.m.Pending[i])
		h.equal(fmt.Sprintf("cash in the hand of %d", i), have[ledger.CashAgent(payee)]+have[ledger.CashProducer(payee)], h.m.Holds[i])
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
		if s.Asked() != o.Asked || (s.Pickup != nil) != o.Comes {
			h.Errorf("%s: asked %v, picked up %v; the model says %v, %v", s.Number, s.Asked(), s.Pickup != nil, o.Asked, o.Comes)
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
	h.alike("refunds", back, want)
}

func (h *history) alike(what string, have, want []string) {
	h.Helper()
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		h.Errorf("%s %v, the model says %v", what, have, want)
	}
}

func (h *history) equal(what string, have, want int64) {
	h.Helper()
	if have != want {
		h.Errorf("%s is %d, the model says %d", what, have, want)
	}
}
