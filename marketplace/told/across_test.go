package told_test

import (
	"slices"
	"testing"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
)

// One payment over two markets: how to pay is asked once and whole, each market
// confirms its own contract, and a refund of the other market's is told once.
func TestAPaymentOverTwoMarketsIsAskedForOnceAndEachMarketConfirmsItsOwn(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	rice := v.Stall(t, "红米", 1280, 50_000)
	drain := func() {
		t.Helper()
		for range 3 { // what one market leaves for the other
			for _, m := range []int32{v.Market, rice.Market} {
				_, err := v.Worker.Drain(ctx, m)
				must(t, err)
			}
		}
	}
	kinds := func(want ...notice.Kind) {
		t.Helper()
		drain()
		got := v.of(t, v.Buyer.ID)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("told %v, not %v", got, want)
		}
	}
	ask := v.Ask(5000)
	ask.Way = "bank"
	ask.Items = append(ask.Items, rice.Item(10_000))
	c, err := v.Orders.Place(ctx, onceKeyed(v.Buyer.ID), ask)
	must(t, err)
	kinds(notice.OrderPlaced)
	if n := v.last(t, v.Buyer.ID); n.Facts.Sum != c.Total || c.Total != 13000+12800 {
		t.Errorf("asked for %d of %d", n.Facts.Sum, c.Total)
	}
	_, err = v.Orders.Confirm(ctx, v.Operator, v.Market, c.Payment, c.Total, "B-9")
	must(t, err)
	kinds(notice.OrderPlaced, notice.OrderSecured, notice.OrderSecured)
	rows, err := v.notices.List(ctx, v.Buyer.ID, order.Ref{}.ID, 10)
	must(t, err)
	if rows[0].Facts.Sum+rows[1].Facts.Sum != c.Total || rows[0].Market == rows[1].Market {
		t.Errorf("confirmed %d in %d and %d in %d", rows[0].Facts.Sum, rows[0].Market, rows[1].Facts.Sum, rows[1].Market)
	}
	other := c.Orders()[1]
	must(t, v.Orders.Cancel(ctx, order.By{Person: v.Operator.Person, As: order.AsOperator}, other, "没有货"))
	kinds(notice.OrderPlaced, notice.OrderSecured, notice.OrderSecured, notice.OrderStopped)
	if !slices.Contains(v.of(t, v.Operator.ID), notice.DeskRefund) {
		t.Error("nobody is told to send the refund")
	}
}
