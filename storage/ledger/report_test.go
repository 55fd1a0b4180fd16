package ledger_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/ledger"
)

// A deal between two books is one entry in each under one key: the audit finds two
// that differ, and after an hour one that stands alone.
func TestADealBetweenTwoMarketsAgreesOrIsFound(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	db, m := dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return now } })
	other := dbtest.Market(t, db)
	look := func(market int32) (wrong []audit.Values, heard []audit.Values) {
		t.Helper()
		err := db.Snapshot(t.Context(), market, func(tx *storage.Tx) error {
			for _, c := range ledger.Checks() {
				_, w, err := c.Run(tx)
				if err != nil {
					return err
				}
				wrong = append(wrong, w...)
			}
			for _, a := range ledger.Alarms() {
				h, err := a.Run(tx)
				if err != nil {
					return err
				}
				if strings.Contains(a.Name, "two markets") {
					heard = append(heard, h...)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return wrong, heard
	}
	must := func(market int32, violations, alarms int) {
		t.Helper()
		if wrong, heard := look(market); len(wrong) != violations || len(heard) != alarms {
			t.Fatalf("market %d: %q, %q", market, wrong, heard)
		}
	}
	post(t, db, m, entry("deal", leg(ledger.BankOperating, ledger.Intermarket(other), 500), leg(ledger.Intermarket(other), ledger.CostBank, 20)))
	must(m, 0, 0) // under way
	now = now.Add(2 * time.Hour)
	must(m, 0, 1)
	post(t, db, other, entry("deal", leg(ledger.Intermarket(m), ledger.OwnCapital, 500), leg(ledger.CostBank, ledger.Intermarket(m), 20)))
	must(m, 0, 0)
	must(other, 0, 0)
	post(t, db, m, entry("differs", leg(ledger.BankOperating, ledger.Intermarket(other), 500)))
	post(t, db, other, entry("differs", leg(ledger.Intermarket(m), ledger.OwnCapital, 499)))
	must(m, 1, 0)
	must(other, 1, 0)
}
