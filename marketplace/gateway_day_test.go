package marketplace_test

import (
	"time"

	"commonfield/marketplace/recon"
	"commonfield/storage"
)

// gatewayDay lets a day of everything happen at the gateway's balance that only the
// gateway tells of: so that the books have an example of each posting that follows.
func (o *odd) gatewayDay() {
	o.t.Helper()
	o.bank.Refee(o.paid("stripe", 2).object, 1) // less than was said
	o.bank.Refee(o.paid("stripe", 2).object, 2000)
	o.pass(3 * time.Hour)
	o.bank.Take("stripe_fee", 1000, "")
	o.bank.Take("stripe_fee", -300, "")
	for _, sum := range []int64{500, -400, 300, -200, 100, -90} {
		o.bank.Take("reserve_transaction", sum, "")
	}
	o.bank.PayOut(1500)
	o.bank.NoBank(o.bank.PayOut(200))
	o.must(o.Recon.Now(o.ctx, o.markets[0]))
	o.pass(time.Hour)
	for range 2 {
		for _, market := range o.markets {
			o.must(o.DB.Update(o.ctx, market, func(tx *storage.Tx) error {
				recon.Again(tx, tx.Now.Format(time.RFC3339Nano))
				return nil
			}))
		}
		o.pass(time.Minute)
	}
	var waits []recon.Line
	o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) (err error) { waits, err = recon.Undecided(tx, 200); return }))
	n := 0
	for _, l := range waits {
		if l.Kind != "unknown" {
			continue
		}
		_, err := o.Recon.Decide(o.ctx, o.markets[0], l.ID, o.boss.Person, recon.Say{Deed: []string{recon.Fee, recon.Bank, recon.Capital}[n/2%3]})
		o.must(err)
		n++
	}
	if n != 6 {
		o.t.Fatalf("%d movements wait", n)
	}
}
