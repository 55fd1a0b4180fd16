package marketplace

import (
	"context"
	"time"

	"commonfield/agents/payout"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/ledger"
)

// Watched is what those who watch over the program should know of its money, read
// from rows that are kept and from few others: no table is read through.
type Watched struct {
	Audited    time.Time        // since then every market's books were checked; zero: some never were
	Broken     int64            // rules, at the last daily checks
	Violations int64            //
	Alarms     int64            //
	Unclaimed  map[string]int64 // what belongs to payers and waits to go back, by currency, in minor units
	Contested  int64            // chargebacks that are open
	Unpaid     int64            // payouts that failed or came back within seven days
}

// unpaidFor is how long a payout that failed is news.
const unpaidFor = 7 * 24 * time.Hour

// Watch reads it.
func (m *Marketplace) Watch(ctx context.Context) (Watched, error) {
	w := Watched{Unclaimed: map[string]int64{}}
	markets, err := m.Books.All(ctx)
	if err != nil {
		return w, err
	}
	ids := []int32{storage.Platform}
	for _, b := range markets {
		ids = append(ids, b.ID)
		w.Unclaimed[b.Currency] = 0
	}
	last, err := audit.Last(ctx, m.DB)
	if err != nil {
		return w, err
	}
	checked := map[int32]bool{}
	for i, k := range last {
		checked[k.Market] = true
		w.Broken, w.Violations, w.Alarms = w.Broken+int64(k.Broken), w.Violations+k.Violations, w.Alarms+int64(k.Alarms)
		if i == 0 || k.At.Before(w.Audited) {
			w.Audited = k.At
		}
	}
	for _, id := range ids {
		if !checked[id] {
			w.Audited = time.Time{}
		}
	}
	lies, err := ledger.Unowned(ctx, m.DB, ids)
	if err != nil {
		return w, err
	}
	for _, b := range markets {
		w.Unclaimed[b.Currency] += lies[b.ID]
	}
	if w.Contested, err = payment.Contests(ctx, m.DB); err != nil {
		return w, err
	}
	w.Unpaid, err = payout.Unpaid(ctx, m.DB, m.DB.Now().Add(-unpaidFor))
	return w, err
}
