package marketplace_test

import (
	"testing"
	"time"

	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

func TestWhoWatchesHearsOfBooksMoneyThatWaitsAndWhatWasNotPaid(t *testing.T) {
	db, address := dbtest.Own(t)
	must(t, region.LoadSome(t.Context(), db, "652823100"))
	must(t, catalog.Load(t.Context(), db))
	o := openOdd(t, address)
	look := func() marketplace.Watched {
		t.Helper()
		w, err := o.Watch(o.ctx)
		must(t, err)
		return w
	}
	if w := look(); !w.Audited.IsZero() || w.Unclaimed["CNY"] != 0 || w.Contested != 0 || w.Unpaid != 0 {
		t.Errorf("before anything happened: %+v", w)
	}
	o.confirm(o.place("bank", 1), 13_000+700) // seven yuan more than is due
	o.bank.News()
	s := o.paid("stripe", 2)
	bad := o.bank.Dispute(s.object, 0)
	o.hear()
	must(t, o.Tick(o.ctx))
	o.drain()
	w := look()
	if w.Audited.IsZero() || w.Broken != 0 || w.Violations != 0 || w.Unclaimed["CNY"] != 700 || w.Contested != 1 {
		t.Errorf("of a payment that is contested and seven yuan too much: %+v", w)
	}
	o.bank.Decide(bad, true)
	o.hear()
	if w := look(); w.Contested != 0 {
		t.Errorf("%d chargebacks are open after the bank decided", w.Contested)
	}
	o.upTo("bank", 1, order.Completed)
	if n := len(o.payOut(0, payout.Failed)); n == 0 || look().Unpaid != int64(n) {
		t.Errorf("%d payouts failed, and it says %d", n, look().Unpaid)
	}
	// A posting that balances nothing, planted past the program: the next day's check says so.
	must(t, o.DB.Update(o.ctx, o.markets[1], func(tx *storage.Tx) error {
		tx.Keyed()
		_, err := tx.Exec("INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES ($1, $2, 500)", tx.Market, ledger.Unclaimed(id.New().String()))
		return err
	}))
	before := look().Audited
	o.pass(25 * time.Hour)
	must(t, o.Tick(o.ctx))
	o.drain()
	if w := look(); w.Broken == 0 || w.Violations == 0 || !w.Audited.After(before) || w.Unclaimed["CNY"] != 1200 {
		t.Errorf("of books that are wrong: %+v", w)
	}
}
