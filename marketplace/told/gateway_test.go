package told_test

import (
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/marketplace/notice"
	"commonfield/storage"
)

func TestAPayeeIsToldOfTheirAccountAtAGatewayAndWhetherItMayBePaidTo(t *testing.T) {
	v := open(t)
	var a payable.BankAccount
	in := func(fn func(tx *storage.Tx) error) {
		t.Helper()
		must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error { tx.Keyed(); return fn(tx) }))
		v.Drain(t)
	}
	for range 2 { // the same again is no news
		in(func(tx *storage.Tx) (err error) {
			a, err = payable.SetGateway(tx, v.Producer.PayeeID, "stripe", "Stripe", v.Seller.ID)
			return err
		})
	}
	says := func(how string) {
		t.Helper()
		v.Clock.Advance(time.Minute)
		in(func(tx *storage.Tx) error { return payable.Heard(tx, a.ID, how) })
	}
	kinds := []notice.Kind{notice.GatewayChosen}
	v.told(t, v.Seller.ID, kinds...)
	says(payable.Pending)
	v.told(t, v.Seller.ID, kinds...)
	for range 2 {
		says(payable.Active)
	}
	v.told(t, v.Seller.ID, append(kinds, notice.GatewayReady)...)
	if n := v.last(t, v.Seller.ID); n.Facts.Word != "Stripe" || n.Way != "/me/gateway" {
		t.Errorf("told %+v", n)
	}
	must(t, payable.RestrictAccount(t.Context(), v.DB, v.Market, a.ID, v.Operator.ID, "报警了"))
	says(payable.Restricted)
	says(payable.Active) // a person has stopped it
	v.told(t, v.Seller.ID, append(kinds, notice.GatewayReady, notice.GatewayStopped)...)
	v.Clock.Advance(time.Minute)
	must(t, payable.FreeAccount(t.Context(), v.DB, v.Market, a.ID, v.Operator.ID))
	v.told(t, v.Seller.ID, append(kinds, notice.GatewayReady, notice.GatewayStopped, notice.GatewayReady)...)
	says(payable.Restricted)
	v.told(t, v.Seller.ID, append(kinds, notice.GatewayReady, notice.GatewayStopped, notice.GatewayReady, notice.GatewayStopped)...)
}
