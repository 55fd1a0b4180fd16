package order_test

import (
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// All of the rice was given back when the bank takes 200.00 of 424.67: its market's part
// is 60.28, and what is left of walnuts and tea does not stand for that.
func TestAPartOfALostChargebackThatAMarketHasNoMoreIsBeyondWhateverTheOthersHave(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	c := f.place(f.ask())
	f.Pay(t, c)
	f.Drain(t)
	give := func(i int, by order.By) {
		t.Helper()
		_, err := f.Orders.Refund(ctx, once.Key{}, by, c.Orders()[i], nil, "x")
		must(t, err)
		f.Drain(t)
	}
	give(1, f.rice.Operator)
	object := "sb_" + c.Payment.String()
	must(t, f.Sandbox.TakeBack(ctx, f.Market, object, 20000))
	f.Drain(t)
	must(t, f.Sandbox.Decide(ctx, f.Market, "cb_"+object, false))
	f.Drain(t)
	var all []payment.Chargeback
	must(t, f.DB.View(ctx, f.Market, func(tx *storage.Tx) (err error) { all, err = payment.Chargebacks(tx, 10); return }))
	if len(all) != 1 || all[0].State != payment.ChargebackLost || all[0].Excess != 6028 {
		t.Fatalf("%+v", all)
	}
	have := f.books(ledger.CostChargeback)
	if have[0][ledger.CostChargeback] != 1500 || have[1][ledger.CostChargeback] != 6028 || have[2][ledger.CostChargeback] != 0 {
		t.Errorf("costs %v", have)
	}
	give(0, f.Operator) // what is left of the others goes back too
	give(2, f.tea.Operator)
	f.books()
}
