package marketplace_test

import (
	"testing"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/dbtest"
)

// Of a payment over two markets 30.00 have gone back in the second one when the bank
// takes all of it back: what it takes beyond what the payment still has is written down
// at home, though the other market bears it.
func TestAChargebackIsHeldAgainstWhatWentBackInEveryMarketOfItsPayment(t *testing.T) {
	db, address := dbtest.Own(t)
	must(t, region.LoadSome(t.Context(), db, "652823100"))
	must(t, catalog.Load(t.Context(), db))
	o := openOdd(t, address)
	s := o.paid("stripe", 2)
	o.refund(s.Orders()[1], 3000)
	o.takenBack(s, 0, false)
	var all []payment.Chargeback
	must(t, o.DB.View(o.ctx, s.Market, func(tx *storage.Tx) (err error) { all, err = payment.Chargebacks(tx, 10); return }))
	if len(all) != 1 || all[0].State != payment.ChargebackLost || all[0].Excess != 3000 {
		t.Errorf("%+v", all)
	}
	report, err := o.Audit(o.ctx)
	must(t, err)
	for _, c := range report.Checks {
		for _, v := range c.Violations {
			t.Errorf("%s: %s", c.Name, v)
		}
	}
}
