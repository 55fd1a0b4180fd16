package order_test

import (
	"slices"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func (f *fair) transfer() order.Checkout {
	f.t.Helper()
	a := f.ask()
	a.Way = "bank"
	c := f.place(a)
	_, err := f.Orders.Pay(f.t.Context(), f.Market, c.Payment, "/")
	must(f.t, err)
	return c
}

func TestATransferOverThreeMarketsIsHeldAtHomeUntilItIsWhole(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	c := f.transfer()
	_, err := f.Orders.Confirm(ctx, f.tea.Operator, f.tea.Market, c.Payment, c.Total, "B-0")
	refuses(t, err, "confirm_at_home")
	for _, part := range []int64{20000, 20000} {
		_, err = f.Orders.Confirm(ctx, f.Operator, f.Market, c.Payment, part, id.New().String())
		must(t, err)
	}
	f.Drain(t)
	f.states(c, order.Placed)
	all := f.books(ledger.Unclaimed(c.Payment.String()), ledger.Intermarket(f.rice.Market))
	if all[0][ledger.Unclaimed(c.Payment.String())] != 40000 || all[0][ledger.Intermarket(f.rice.Market)] != 0 {
		t.Fatalf("%v", all[0])
	}
	for range 2 { // the same line of the statement, 1.00 too much
		_, err = f.Orders.Confirm(ctx, f.Operator, f.Market, c.Payment, 2567, "B-3")
		must(t, err)
	}
	f.Drain(t)
	f.states(c, order.Secured)
	all = f.books(ledger.Unclaimed(c.Payment.String()), ledger.Intermarket(f.rice.Market), ledger.Intermarket(f.tea.Market), ledger.Intermarket(f.Market))
	if all[0][ledger.Unclaimed(c.Payment.String())] != 100 || all[0][ledger.Intermarket(f.rice.Market)] != 12800 || all[2][ledger.Intermarket(f.Market)] != -16667 {
		t.Fatalf("%v", all)
	}
	// Part of another one, and then nothing: it goes back whole, and later money too.
	c = f.transfer()
	_, err = f.Orders.Confirm(ctx, f.Operator, f.Market, c.Payment, 10000, "B-4")
	must(t, err)
	f.Clock.Advance(73 * time.Hour)
	f.Drain(t)
	for _, ref := range c.Orders() {
		f.Must(t, ref, order.Expired)
	}
	_, err = f.Orders.Confirm(ctx, f.Operator, f.Market, c.Payment, c.Total, "B-5")
	must(t, err)
	f.Drain(t)
	var back []payment.Sending
	must(t, f.DB.View(ctx, f.Market, func(tx *storage.Tx) (err error) { back, err = payment.ToSend(tx); return }))
	back = slices.DeleteFunc(back, func(s payment.Sending) bool { return s.Payment != c.Payment }) // the silent sellers' of the first
	if len(back) != 2 || back[0].Amount+back[1].Amount != 10000+c.Total {
		t.Fatalf("to send back: %+v", back)
	}
	f.books()
}

// walk brings one order of a checkout to completion.
func (f *fair) walk(ref order.Ref, s ordertest.Stall) {
	f.t.Helper()
	ctx := f.t.Context()
	must(f.t, f.Orders.Accept(ctx, s.Seller, ref))
	must(f.t, f.Orders.Pack(ctx, s.Seller, ref, nil))
	must(f.t, f.Orders.Ship(ctx, s.Seller, ref, order.Parcel{Carrier: "中通"}))
	must(f.t, f.Orders.Deliver(ctx, f.Buyer, ref))
	must(f.t, f.Orders.Complete(ctx, f.Buyer, ref))
}

func TestARefundInAnotherMarketGoesBackThroughTheHomeMarket(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	c := f.place(f.ask())
	f.Pay(t, c)
	f.Drain(t)
	rice, tea := c.Orders()[1], c.Orders()[2]
	refund := func(by order.By, ref order.Ref, sum int64) error {
		_, err := f.Orders.Refund(ctx, once.Key{}, by, ref, []order.Part{{Line: 1, Amount: sum}}, "x")
		return err
	}
	must(t, refund(f.rice.Operator, rice, 333)) // before release
	must(t, f.Orders.Accept(ctx, f.rice.Seller, rice))
	must(t, f.Orders.Pack(ctx, f.rice.Seller, rice, map[int]int64{1: 9_900})) // 100 g less: 1.28
	f.Drain(t)
	f.books()
	f.walk(tea, f.tea)
	must(t, refund(f.tea.Operator, tea, 5001)) // after release
	must(t, f.Orders.Cancel(ctx, f.rice.Operator, rice, "x"))
	f.Drain(t)
	all := f.books(ledger.Intermarket(f.Market), ledger.Intermarket(f.rice.Market), ledger.Intermarket(f.tea.Market), ledger.GatewayAvailable)
	for i, m := range []int32{f.rice.Market, f.tea.Market} {
		owes, has := all[0][ledger.Intermarket(m)], -all[i+1][ledger.Intermarket(f.Market)]
		want := []int64{-77, 16667 - 100 - 5001}[i] // all of the rice went back: its market owes its part of the fee
		if owes != want || has != want {
			t.Errorf("home owes market %d %d, which has %d; want %d", m, owes, has, want)
		}
	}
	if all[0][ledger.GatewayAvailable] != -12800-5001 || all[1][ledger.GatewayAvailable] != 0 {
		t.Errorf("the gateway gave back %d", -all[0][ledger.GatewayAvailable])
	}
	for _, ref := range []order.Ref{rice, tea} {
		for _, r := range story(t, f.World, ref).Refunds {
			if r.State != payment.RefundSucceeded {
				t.Errorf("%+v", r)
			}
		}
	}
	if s := story(t, f.World, rice); s.PaymentState() != "refunded" {
		t.Error(s.PaymentState())
	}
}

func TestARefundOfAShareByTransferWaitsForTheHomeOperatorAndAFailedOneIsRepeated(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	c := f.transfer()
	_, err := f.Orders.Confirm(ctx, f.Operator, f.Market, c.Payment, c.Total, "B-1")
	must(t, err)
	f.Drain(t)
	tea := c.Orders()[2]
	here, err := f.Orders.Refund(ctx, once.Key{}, f.tea.Operator, tea, nil, "x")
	must(t, err)
	f.Drain(t)
	sending := func(market int32) (all []payment.Sending) {
		must(t, f.DB.View(ctx, market, func(tx *storage.Tx) (err error) { all, err = payment.ToSend(tx); return }))
		return all
	}
	if len(sending(f.tea.Market)) != 0 || len(sending(f.Market)) != 1 {
		t.Fatalf("to send: %v, %v", sending(f.tea.Market), sending(f.Market))
	}
	refuses(t, f.Desk.Finish(ctx, f.tea.Market, here, true), "not_a_transfer")
	must(t, f.Desk.Finish(ctx, f.Market, sending(f.Market)[0].ID, false))
	f.Drain(t)
	if s := story(t, f.World, tea); s.Refunds[0].State != payment.RefundFailed {
		t.Fatalf("%+v", s.Refunds)
	}
	f.books()
	for range 2 {
		_, err = f.Desk.Repeat(ctx, f.tea.Market, here, f.tea.Operator.ID)
		must(t, err)
	}
	f.Drain(t)
	must(t, f.Desk.Finish(ctx, f.Market, sending(f.Market)[0].ID, true))
	f.Drain(t)
	all := f.books(ledger.Intermarket(f.tea.Market), ledger.Intermarket(f.Market), ledger.BankOperating)
	if all[0][ledger.Intermarket(f.tea.Market)] != 0 || all[2][ledger.Intermarket(f.Market)] != 0 || all[0][ledger.BankOperating] != c.Total-16667 {
		t.Fatalf("%v", all)
	}
}

func TestWhileThePayersBankTakesThePaymentBackNoShareIsRefunded(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	c := f.place(f.ask())
	f.Pay(t, c)
	f.Drain(t)
	var freeze id.ID
	must(t, f.DB.Update(ctx, f.Market, func(tx *storage.Tx) (err error) {
		freeze, err = order.Freeze(tx, c.Orders()[0].ID, "chargeback", f.Operator.ID)
		return err
	}))
	_, err := f.Orders.Refund(ctx, once.Key{}, f.tea.Operator, c.Orders()[2], nil, "x")
	refuses(t, err, "refund_frozen")
	must(t, f.Orders.Cancel(ctx, f.tea.Operator, c.Orders()[2], "x")) // its refund waits at the gate
	f.Drain(t)
	if s := story(t, f.World, c.Orders()[2]); s.Refunds[0].State != payment.RefundAsked {
		t.Fatalf("%+v", s.Refunds)
	}
	must(t, f.DB.Update(ctx, f.Market, func(tx *storage.Tx) error { return order.Lift(tx, c.Orders()[0].ID, freeze, f.Operator.ID) }))
	f.Clock.Advance(25 * time.Hour)
	f.Drain(t)
	if s := story(t, f.World, c.Orders()[2]); s.Refunds[0].State != payment.RefundSucceeded {
		t.Fatalf("%+v", s.Refunds)
	}
	f.books()
}
