package sandbox_test

import (
	"sync"
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// taken is a paid order, and the sandbox's name of its payment.
func taken(t *testing.T, w *ordertest.World, state order.State) (order.Ref, string) {
	t.Helper()
	ref := w.UpTo(t, state)
	o, err := w.Orders.Find(t.Context(), ref)
	must(t, err)
	var p payment.Payment
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, o.Payment); return }))
	return ref, p.Object
}

// booked gives the newest chargeback and some sums of accounts.
func booked(t *testing.T, w *ordertest.World, accounts ...string) (c payment.Chargeback, have map[string]int64) {
	t.Helper()
	w.Drain(t)
	have = map[string]int64{}
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		all, err := payment.Chargebacks(tx, 10)
		if err != nil {
			return err
		}
		if len(all) != 1 {
			t.Fatalf("%d chargebacks are booked", len(all))
		}
		c = all[0]
		for _, a := range accounts {
			var sum int64
			if err := tx.Get(&sum, "SELECT coalesce(sum(CASE WHEN debit = $2 THEN amount_minor ELSE -amount_minor END), 0) FROM ledger_postings WHERE market_id = $1 AND (debit = $2 OR credit = $2)", w.Market, a); err != nil {
				return err
			}
			have[a] = sum
		}
		return nil
	}))
	return c, have
}

func TestABankThatIsPressedManyTimesTakesAPaymentBackOnceAndGivesItBackOnce(t *testing.T) {
	w := ordertest.New(t)
	ref, object := taken(t, w, order.Accepted)
	pressed := func(do func() error) {
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				if err := do(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	pressed(func() error { return w.Sandbox.TakeBack(t.Context(), w.Market, object, 0) })
	held := ledger.HeldOrder(ref.ID)
	c, have := booked(t, w, held, ledger.GatewayDisputed)
	if have[held] != 0 || have[ledger.GatewayDisputed] != 13000 || c.State != payment.ChargebackOpen || c.DueAt == nil {
		t.Fatalf("%+v %v", c, have)
	}
	must(t, w.Desk.Contest(t.Context(), w.Market, c.ID, w.Operator.ID, "签收单号 7584"))
	w.Drain(t)
	pressed(func() error { return w.Sandbox.Decide(t.Context(), w.Market, c.Object, true) })
	reserved := ledger.ReserveChargeback(c.ID)
	c, have = booked(t, w, held, reserved, ledger.GatewayDisputed, ledger.CostChargeback)
	if c.State != payment.ChargebackWon || c.SentAt == nil || have[held] != -13000 || have[reserved] != 0 || have[ledger.GatewayDisputed] != 0 || have[ledger.CostChargeback] != 1500 {
		t.Fatalf("%+v %v", c, have)
	}
	if err := w.Sandbox.Decide(t.Context(), w.Market, c.Object, false); !fault.Has(err, "chargeback_closed") {
		t.Errorf("another word is answered %v", err)
	}
}

func TestABankMayTakeMoreBackThanWasPaidAndTheMarketBearsTheRest(t *testing.T) {
	w := ordertest.New(t)
	ref, object := taken(t, w, order.Secured)
	must(t, w.Sandbox.TakeBack(t.Context(), w.Market, object, 15000))
	must(t, w.Sandbox.TakeBack(t.Context(), w.Market, object, 99)) // the first sum stands
	c, _ := booked(t, w)
	must(t, w.Sandbox.Decide(t.Context(), w.Market, c.Object, false))
	c, have := booked(t, w, ledger.HeldOrder(ref.ID), ledger.GatewayDisputed, ledger.CostChargeback)
	if c.State != payment.ChargebackLost || c.Amount != 15000 || c.Excess != 2000 || have[ledger.HeldOrder(ref.ID)] != 0 || have[ledger.GatewayDisputed] != 0 || have[ledger.CostChargeback] != 3500 {
		t.Fatalf("%+v %v", c, have)
	}
	w.Must(t, ref, order.Cancelled)
}

func TestABankTakesNothingBackThatWasNeverPaidAndNoSumThatIsNone(t *testing.T) {
	w := ordertest.New(t)
	_, b := w.Place(t, 5000)
	p, err := w.Orders.Pay(t.Context(), b.Market, b.Payment, "/back")
	must(t, err)
	if err := w.Sandbox.TakeBack(t.Context(), w.Market, p.Object, 0); !fault.Has(err, "refund_not_paid") {
		t.Errorf("what was never paid: %v", err)
	}
	_, object := taken(t, w, order.Secured)
	for _, sum := range []int64{-1, payment.MostSum + 1} {
		if err := w.Sandbox.TakeBack(t.Context(), w.Market, object, sum); !fault.Has(err, "out_of_range") {
			t.Errorf("%d: %v", sum, err)
		}
	}
	if err := w.Sandbox.TakeBack(t.Context(), w.Market, "sb_"+id.New().String(), 0); !fault.Has(err, "not_found") {
		t.Errorf("nobody's: %v", err)
	}
}
