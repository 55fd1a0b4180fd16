package catalog_test

import (
	"testing"
	"time"

	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func offered(t *testing.T, db *storage.DB, market int32, ids ...id.ID) map[id.ID]catalog.Offer {
	t.Helper()
	var offers map[id.ID]catalog.Offer
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) (err error) {
		offers, err = catalog.Offered(tx, ids)
		return err
	}))
	return offers
}

func TestASaleLearnsAllOfItsListingsInOneTrip(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	eggs := catalogtest.Listing(t, db, market, func(d *catalog.Draft) { d.Category, d.Unit, d.Minimum = "egg", "box", 1 })
	elsewhere := catalogtest.Listing(t, db, dbtest.Market(t, db))
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		if _, err := catalog.Offered(tx, []id.ID{l.ID}); err != nil { // prepares the statement
			return err
		}
		before := db.Trips()
		offers, err := catalog.Offered(tx, []id.ID{l.ID, eggs.ID, elsewhere.ID, id.New()})
		if err != nil {
			return err
		}
		if n := db.Trips() - before; n != 1 {
			t.Errorf("%d trips", n)
		}
		if len(offers) != 2 {
			t.Errorf("offers %+v", offers)
		}
		o := offers[l.ID]
		if o.UnitBase != 500 || o.PriceMinor != 2800 || o.SellerPayee == id.None || o.SellerPerson != id.None || !o.Live || o.Fresh || o.Version != 1 {
			t.Errorf("walnuts %+v", o)
		}
		if e := offers[eggs.ID]; !e.Fresh || e.UnitBase != 1 || e.WeightBandBP != 0 {
			t.Errorf("eggs %+v", e)
		}
		return nil
	}))
}

func TestACategoryThatWasAddedAMomentAgoIsKnown(t *testing.T) {
	db, _ := dbtest.Own(t)
	of := dbtest.Market(t, db)
	catalogtest.Load(t, db)
	now := func(code string) (k catalog.Category, err error) {
		err = db.View(t.Context(), of, func(tx *storage.Tx) (err error) { k, err = catalog.KindNow(tx, code); return })
		return k, err
	}
	if k, err := now("egg"); err != nil || !k.Fresh {
		t.Fatalf("%+v, %v", k, err)
	}
	if _, err := now("quail-egg"); !fault.Has(err, "unknown_category") {
		t.Fatalf("%v", err)
	}
	must(t, db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		tx.Queue("INSERT INTO categories (code, name, name_en, fresh, position) VALUES ('quail-egg', '鹌鹑蛋', 'Quail eggs', true, 999)")
		return nil
	}))
	if k, err := now("quail-egg"); err != nil || !k.Fresh || k.NameEN != "Quail eggs" {
		t.Fatalf("%+v, %v", k, err)
	}
}

func TestASuspendedProducersListingIsNotLive(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	must(t, producer.New(db).Suspend(t.Context(), market, l.ProducerID, catalogtest.By, "test"))
	if offered(t, db, market, l.ID)[l.ID].Live {
		t.Fatal("live")
	}
}

func TestTheRateThatFitsBestCounts(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	c := catalog.New(db)
	set := func(what, category, kind string, bp int32, from time.Time) {
		t.Helper()
		_, err := c.SetRate(t.Context(), market, what, category, kind, bp, from, by)
		must(t, err)
	}
	fee := func() int32 { return offered(t, db, market, l.ID)[l.ID].FeeBP }
	if got := fee(); got != 0 {
		t.Fatalf("%d without a rate", got)
	}
	day := 24 * time.Hour
	now := db.Now()
	for _, step := range []struct {
		category, kind string
		bp             int32
		from           time.Time
		want           int32
	}{
		{"", "", 100, now.Add(-9 * day), 100},
		{"", "", 110, now.Add(-8 * day), 110},       // newer
		{"", "", 120, now.Add(-10 * day), 110},      // older
		{"", "goods", 200, now.Add(-20 * day), 200}, // fits better, though older
		{"", "call-off", 900, now.Add(-day), 200},   // another kind
		{"walnut", "", 300, now.Add(-30 * day), 300},
		{"rice", "goods", 900, now.Add(-day), 300}, // other goods
		{"walnut", "goods", 400, now.Add(-40 * day), 400},
		{"walnut", "goods", 500, now.Add(day), 400}, // tomorrow's
	} {
		set(catalog.Fee, step.category, step.kind, step.bp, step.from)
		if got := fee(); got != step.want {
			t.Fatalf("after %+v: %d", step, got)
		}
	}
	set(catalog.Tax, "", "", 900, time.Time{})
	if o := offered(t, db, market, l.ID)[l.ID]; o.TaxBP != 900 || o.FeeBP != 400 {
		t.Fatalf("tax %d, fee %d", o.TaxBP, o.FeeBP)
	}
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		all, err := catalog.Rates(tx)
		if len(all) != 10 || all[0].RateBP != 500 {
			t.Errorf("rates %+v", all)
		}
		return err
	}))
}

func TestAWrongRateIsRefusedByItsField(t *testing.T) {
	db, market := dbtest.Open(t)
	catalogtest.Load(t, db)
	c := catalog.New(db)
	for code, call := range map[string]func() error{
		"rate_unknown": func() error { _, err := c.SetRate(t.Context(), market, "tip", "", "", 1, time.Time{}, by); return err },
		"out_of_range": func() error {
			_, err := c.SetRate(t.Context(), market, "fee", "", "", 5001, time.Time{}, by)
			return err
		},
		"unknown_category": func() error {
			_, err := c.SetRate(t.Context(), market, "tax", "gold", "", 1, time.Time{}, by)
			return err
		},
	} {
		wantFault(t, call(), code)
	}
}
