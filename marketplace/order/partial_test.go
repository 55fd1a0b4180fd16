package order_test

import (
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
)

// captured says to the pipeline what a gateway has taken so far of a checkout's
// sum, and its fee of 0.6 % so far.
func (f *fair) captured(c order.Checkout, sofar int64) payment.Payment {
	f.t.Helper()
	seen := payment.Object{ID: "x", State: payment.ObjectCaptured, Captured: sofar, Fee: money.Part(sofar, 60), Currency: "CNY", Payment: c.Payment}
	if len(c.Baskets) > 1 {
		for _, b := range c.Baskets {
			seen.Shares = append(seen.Shares, payment.Share{Market: b.Market, Sale: b.ID, Amount: b.Total})
		}
	}
	p, err := f.Orders.Captured(f.t.Context(), c.Market, c.Payment, seen)
	must(f.t, err)
	return p
}

// 130.00 in three captures: the gateway says its fee so far, each time for all of it.
func TestOfCapturesInPartsEachPostsOnlyTheRiseOfTheGatewaysFee(t *testing.T) {
	f := open(t)
	_, c := f.Place(t, 5000)
	for _, step := range []struct {
		sofar, cost int64
		state       payment.State
	}{{5000, 30, payment.Open}, {5000, 30, payment.Open}, {9000, 54, payment.Open}, {13000, 78, payment.Captured}, {13000, 78, payment.Captured}, {9000, 78, payment.Captured}, {14000, 84, payment.Captured}} {
		p := f.captured(c, step.sofar)
		have := books(t, f.World, ledger.CostGateway, ledger.GatewayClearing)
		if have[ledger.CostGateway] != step.cost || p.State != step.state || p.Fee != step.cost || have[ledger.GatewayClearing] != p.Captured-step.cost {
			t.Errorf("at %d: %+v, the books have %v", step.sofar, p, have)
		}
	}
}

// What earlier captures cost was the home market's; when the sum is whole, each
// market bears its part of all of it, however it came.
func TestOverThreeMarketsTheFeeOfAllCapturesIsSharedAsThatOfOne(t *testing.T) {
	for _, parts := range [][]int64{{42467}, {1, 42467}, {20000, 42467}, {42466, 42467}, {10000, 20000, 30000, 42467}} {
		f := open(t)
		c := f.place(f.ask())
		_, err := f.Orders.Pay(t.Context(), f.Market, c.Payment, "/")
		must(t, err)
		for _, sofar := range parts {
			f.captured(c, sofar)
		}
		f.Drain(t)
		f.states(c, order.Secured)
		all := f.books(ledger.CostGateway, ledger.GatewayClearing, ledger.Intermarket(f.rice.Market), ledger.Intermarket(f.tea.Market))
		for i, want := range []int64{78, 77, 100} {
			if all[i][ledger.CostGateway] != want {
				t.Errorf("%v: market %d bears %d, not %d", parts, i, all[i][ledger.CostGateway], want)
			}
		}
		if all[0][ledger.GatewayClearing] != 42467-255 || all[0][ledger.Intermarket(f.rice.Market)] != 12800-77 || all[0][ledger.Intermarket(f.tea.Market)] != 16667-100 {
			t.Errorf("%v: %v", parts, all[0])
		}
	}
}
