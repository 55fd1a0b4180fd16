package order_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// plain is what a checkout over three markets must come to, in whole numbers and
// nothing else: no rows, no jobs, no accounts.
type plain struct {
	c       order.Checkout
	bank    bool
	came    int64    // by transfer, before it is whole
	state   string   // open, paid, ended
	shares  [3]int64 // what each market's order cost
	fees    [3]int64
	left    [3]int64 // after refunds
	refunds [3]int64
	over    [3]bool // completed or cancelled
	taken   int64   // by the payer's bank
	word    string  // of the bank: open, won, lost
	parts   [3]int64
	held    [3]int64 // of them held until then
}

// Random histories of checkouts over three markets: paid, by transfer in parts,
// cancelled, expired, refunded before and after release, taken back by the payer's bank
// and won or lost, in any order, jobs run now and then. In the end every book is what the plain figures say.
func TestRandomHistoriesOverThreeMarketsAreWhatPlainFiguresSay(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { (&fairs{fair: open(t), r: rand.New(rand.NewPCG(seed, 7))}).tell() })
	}
}

type fairs struct {
	*fair
	r   *rand.Rand
	all []*plain
}

func (h *fairs) tell() {
	for range 60 {
		h.deed()
		if h.r.IntN(3) == 0 {
			h.Drain(h.t)
		}
	}
	h.Drain(h.t)
	h.compare()
}

func (h *fairs) deed() {
	if len(h.all) == 0 || h.r.IntN(5) == 0 {
		h.begin()
		return
	}
	p := h.all[h.r.IntN(len(h.all))]
	switch {
	case p.state == "open" && h.r.IntN(6) == 0:
		must(h.t, h.Orders.Cancel(h.t.Context(), h.Buyer, p.c.Orders()[h.r.IntN(3)], "x"))
		p.state = "ended"
	case p.state == "open":
		h.pay(p)
	case p.state == "paid" && !p.bank && (p.word == "open" && h.r.IntN(2) == 0 || p.word == "" && h.r.IntN(5) == 0):
		h.Drain(h.t)
		h.bank(p)
	case p.state == "paid":
		h.Drain(h.t)
		h.after(p, h.r.IntN(3))
	}
}

func (h *fairs) begin() {
	a := h.Ask(500 + h.r.Int64N(3000))
	a.Agent.Link = ""
	a.Items = append(a.Items, h.rice.Item(500+h.r.Int64N(900)), h.tea.Item(500))
	p := &plain{state: "open", bank: h.r.IntN(2) == 0}
	if p.bank {
		a.Way = "bank"
	}
	c, err := h.Orders.Place(h.t.Context(), once.Key{}, a)
	if code(err) == "sold_out" { // the tea: then none of it is there
		return
	}
	must(h.t, err)
	p.c = c
	_, err = h.Orders.Pay(h.t.Context(), h.Market, c.Payment, "/")
	must(h.t, err)
	for i, b := range c.Baskets {
		p.shares[i], p.left[i] = b.Total, b.Total
	}
	h.all = append(h.all, p)
}

func (h *fairs) pay(p *plain) {
	if p.bank {
		sum := min(1+h.r.Int64N(p.c.Total), p.c.Total-p.came)
		_, err := h.Orders.Confirm(h.t.Context(), h.Operator, h.Market, p.c.Payment, sum, fmt.Sprint(p.c.Payment, p.came))
		must(h.t, err)
		if p.came += sum; p.came == p.c.Total {
			p.state = "paid"
		}
		return
	}
	h.Open(h.t, p.c)
	if h.r.IntN(2) == 0 { // else its news come by the jobs
		_, err := h.Orders.Settle(h.t.Context(), h.Market, p.c.Payment)
		must(h.t, err)
	}
	p.state = "paid"
	for i, f := range money.Split(money.Part(p.c.Total, 60), p.shares[:]) {
		p.fees[i] = f
	}
}

// bank is the payer's: it takes a checkout back, each market's part by what its order
// cost, and in the end keeps it or not.
func (h *fairs) bank(p *plain) {
	ctx, object := h.t.Context(), "sb_"+p.c.Payment.String()
	if p.word == "" {
		p.taken = []int64{p.c.Total, 1 + h.r.Int64N(p.c.Total), p.c.Total + 1 + h.r.Int64N(1000)}[h.r.IntN(3)]
		must(h.t, h.Sandbox.TakeBack(ctx, p.c.Market, object, p.taken))
		h.Drain(h.t)
		p.word = "open"
		copy(p.parts[:], money.Split(min(p.taken, p.c.Total), p.shares[:]))
		for i := range 3 {
			if !p.over[i] {
				p.held[i] = min(p.parts[i], p.left[i])
			}
		}
		return
	}
	p.word = "lost"
	if h.r.IntN(2) == 0 {
		p.word = "won"
	}
	must(h.t, h.Sandbox.Decide(ctx, p.c.Market, "cb_"+object, p.word == "won"))
	h.Drain(h.t)
	p.held = [3]int64{}
	for i := range 3 {
		if p.word == "lost" {
			gone := min(p.parts[i], p.left[i])
			p.left[i] -= gone
			p.over[i] = p.over[i] || gone > 0 && p.left[i] == 0 // it was not sent, and ends
		}
	}
}

// after does something with one market's order of a checkout that is paid.
func (h *fairs) after(p *plain, i int) {
	ctx, ref := h.t.Context(), p.c.Orders()[i]
	at := []ordertest.Stall{{Market: h.Market, Seller: h.Seller, Operator: h.Operator}, h.rice, h.tea}[i]
	switch n := h.r.IntN(4); {
	case p.word == "open":
		_, err := h.Orders.Refund(ctx, once.Key{}, at.Operator, ref, []order.Part{{Line: 1, Amount: 1}}, "x")
		if got := code(err); got != "refund_frozen" && (got != "refund_not_paid" || !p.over[i]) {
			h.t.Errorf("a refund while the bank has it: %v", err)
		}
	case n == 0 && !p.over[i]:
		h.walk(ref, at)
		p.over[i] = true
	case n == 1 && !p.over[i]:
		must(h.t, h.Orders.Cancel(ctx, at.Operator, ref, "x"))
		p.refunds[i], p.left[i], p.over[i] = p.refunds[i]+p.left[i], 0, true
	case n >= 2 && p.left[i] > 0:
		sum := 1 + h.r.Int64N(p.left[i])
		_, err := h.Orders.Refund(ctx, once.Key{}, at.Operator, ref, []order.Part{{Line: 1, Amount: sum}}, "x")
		if p.left[i] == p.shares[i] || err == nil {
			must(h.t, err)
			p.refunds[i], p.left[i] = p.refunds[i]+sum, p.left[i]-sum
		}
	}
}

func (h *fairs) compare() {
	h.Clock.Advance(time.Minute)
	var owed [3]int64 // what home owes each market when the bank's refunds are not sent yet
	var back int64    // from the gateway's balance
	for _, p := range h.all {
		for i := range 3 {
			if p.state != "paid" {
				continue
			}
			owed[i] += p.shares[i] - p.fees[i]
			if p.word == "lost" {
				owed[i] -= p.parts[i]
			}
			if !p.bank {
				owed[i] -= p.refunds[i]
				back += p.refunds[i]
			}
		}
		if p.word != "" {
			back += sandbox.ChargebackFee
		}
		if p.word == "open" || p.word == "lost" {
			back += p.taken
		}
	}
	accounts := []string{ledger.GatewayAvailable, ledger.Intermarket(h.Market), ledger.Intermarket(h.rice.Market), ledger.Intermarket(h.tea.Market)}
	for _, p := range h.all {
		for _, ref := range p.c.Orders() {
			accounts = append(accounts, ledger.HeldOrder(ref.ID))
		}
	}
	all := h.books(accounts...)
	for i, m := range []int32{h.rice.Market, h.tea.Market} {
		owes, has := all[0][ledger.Intermarket(m)], -all[i+1][ledger.Intermarket(h.Market)]
		if owes != owed[i+1] || has != owed[i+1] {
			h.t.Errorf("home owes market %d %d, which has %d; the figures say %d", i+1, owes, has, owed[i+1])
		}
	}
	if all[0][ledger.GatewayAvailable] != -back {
		h.t.Errorf("the gateway gave back %d, the figures say %d", -all[0][ledger.GatewayAvailable], back)
	}
	for n, p := range h.all {
		for i, ref := range p.c.Orders() {
			want := p.left[i] - p.held[i]
			if p.state != "paid" || p.over[i] {
				want = 0
			}
			if have := all[i][ledger.HeldOrder(ref.ID)]; have != want {
				h.t.Errorf("checkout %d, market %d: %d held, the figures say %d", n, i, have, want)
			}
		}
	}
}
