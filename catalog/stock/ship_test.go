package stock_test

import (
	"testing"

	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/stock"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func ship(db *storage.DB, market int32, sale id.ID, packed map[int]int64) error {
	return update(db, market, func(tx *storage.Tx) error { return stock.Ship(tx, sale, packed, by) })
}

func TestWhatIsPackedLeavesAndTheRestIsLetGo(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	receive(t, db, l, 1000, "2026-09-01")
	receive(t, db, l, 1000, "2026-10-01")
	sale := id.New()
	must(t, reserve(db, market,
		stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 1500, By: by},
		stock.Want{Sale: sale, Line: 2, Listing: l.ID, Quantity: 200, By: by},
		stock.Want{Sale: sale, Line: 3, Listing: l.ID, Quantity: 100, By: by}))
	must(t, ship(db, market, sale, map[int]int64{1: 900, 3: 100}))
	wantFigures(t, db, l, [2]int64{100, 0}, [2]int64{900, 0})
	wantFault(t, ship(db, market, sale, map[int]int64{1: 900}), "not_reserved")
	wantFigures(t, db, l, [2]int64{100, 0}, [2]int64{900, 0})
}

func TestAHeavierPackTakesFromWhatIsFree(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	receive(t, db, l, 1000, "2026-09-01")
	receive(t, db, l, 1000, "2026-10-01")
	sale, other := id.New(), id.New()
	must(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 980, By: by}))
	must(t, reserve(db, market, stock.Want{Sale: other, Line: 1, Listing: l.ID, Quantity: 1000, By: by}))
	// 20 are free: all in the second batch, the sale's own comes from the first.
	f := wantFault(t, ship(db, market, sale, map[int]int64{1: 1001}), "batches_oversold")
	if f.Args["line"] != 1 || f.Args["missing"] != int64(1) || f.Args["unit"] != "jin" {
		t.Fatalf("args %v", f.Args)
	}
	wantFigures(t, db, l, [2]int64{1000, 1000}, [2]int64{1000, 980})
	must(t, ship(db, market, sale, map[int]int64{1: 1000}))
	wantFigures(t, db, l, [2]int64{20, 20}, [2]int64{980, 980})
	must(t, ship(db, market, other, map[int]int64{1: 1000}))
	wantFigures(t, db, l, [2]int64{0, 0}, [2]int64{0, 0})
}

func TestAHeavierPackTakesFirstFromItsOwnBatch(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	receive(t, db, l, 1000, "2026-10-01")
	sale := id.New()
	must(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 900, By: by}))
	receive(t, db, l, 1000, "2026-09-01") // older, and came later
	must(t, ship(db, market, sale, map[int]int64{1: 920}))
	wantFigures(t, db, l, [2]int64{80, 0}, [2]int64{1000, 0})
}

func TestWhatOneLineLetsGoAnotherLineMayTake(t *testing.T) {
	db, market := dbtest.Open(t)
	l, _ := catalogtest.Stocked(t, db, market, 1000)
	sale := id.New()
	must(t, reserve(db, market,
		stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 500, By: by},
		stock.Want{Sale: sale, Line: 2, Listing: l.ID, Quantity: 500, By: by}))
	must(t, ship(db, market, sale, map[int]int64{1: 510, 2: 490}))
	wantFigures(t, db, l, [2]int64{0, 0})
}

func TestALineThatWasNeverReservedCannotShip(t *testing.T) {
	db, market := dbtest.Open(t)
	l, _ := catalogtest.Stocked(t, db, market, 1000)
	sale := id.New()
	must(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 500, By: by}))
	wantFault(t, ship(db, market, sale, map[int]int64{1: 500, 2: 1}), "not_reserved")
	wantFault(t, ship(db, market, sale, map[int]int64{1: -1}), "not_reserved")
	wantFault(t, ship(db, market, id.New(), map[int]int64{1: 1}), "not_reserved")
	wantFigures(t, db, l, [2]int64{1000, 500})
}

func TestWhatComesBackIsInTheBarnAgainAndNeverMoreThanLeft(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	receive(t, db, l, 600, "2026-09-01")
	receive(t, db, l, 1000, "2026-10-01")
	sale := id.New()
	back := func(line int, q int64) error {
		return update(db, market, func(tx *storage.Tx) error { return stock.Return(tx, sale, map[int]int64{line: q}, by) })
	}
	must(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 1000, By: by}))
	wantFault(t, back(1, 1), "not_shipped")
	must(t, ship(db, market, sale, map[int]int64{1: 1000}))
	wantFigures(t, db, l, [2]int64{0, 0}, [2]int64{600, 0})
	must(t, back(1, 100))
	wantFigures(t, db, l, [2]int64{100, 0}, [2]int64{600, 0})
	must(t, back(1, 700))
	wantFigures(t, db, l, [2]int64{600, 0}, [2]int64{800, 0})
	if f := wantFault(t, back(1, 201), "not_shipped"); f.Args["left"] != int64(200) {
		t.Fatalf("args %v", f.Args)
	}
	wantFault(t, back(2, 1), "not_shipped")
	must(t, back(1, 200))
	wantFigures(t, db, l, [2]int64{600, 0}, [2]int64{1000, 0})
}

func TestSixtyFourPressesOfShipShipOnce(t *testing.T) {
	db, market := dbtest.Open(t)
	l, _ := catalogtest.Stocked(t, db, market, 64, func(d *catalog.Draft) { d.Unit, d.Minimum = "piece", 1 })
	sale := id.New()
	must(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 1, By: by}))
	results := make(chan error, 64)
	for range 64 {
		go func() { results <- ship(db, market, sale, map[int]int64{1: 1}) }()
	}
	done := 0
	for range 64 {
		if err := <-results; err == nil {
			done++
		}
	}
	if done != 1 {
		t.Fatalf("shipped %d times", done)
	}
	wantFigures(t, db, l, [2]int64{63, 0})
}
