package stock_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/stock"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var by = catalogtest.By.ID

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantFault(t *testing.T, err error, code string) *fault.Fault {
	t.Helper()
	if !fault.Has(err, code) {
		t.Fatalf("want the fault %s, got %v", code, err)
	}
	f, _ := fault.As(err)
	return f
}

// update runs one verb in a transaction of its own.
func update(db *storage.DB, market int32, fn func(tx *storage.Tx) error) error {
	return db.Update(context.Background(), market, fn)
}

func reserve(db *storage.DB, market int32, wants ...stock.Want) error {
	return update(db, market, func(tx *storage.Tx) error { return stock.Reserve(tx, wants) })
}

func receive(t testing.TB, db *storage.DB, l catalog.Listing, quantity int64, harvest string) stock.Holding {
	t.Helper()
	b := stock.Batch{Quantity: quantity, Grade: "一级", Place: "一号库"}
	if harvest != "" {
		day, err := time.Parse(time.DateOnly, harvest)
		must(t, err)
		b.HarvestOn = &day
	}
	h, err := stock.New(db).Receive(t.Context(), once.Key{}, l.Market, by, l.ID, b)
	must(t, err)
	return h
}

// figures gives on hand and reserved of a listing's batches in the order they came.
func figures(t *testing.T, db *storage.DB, l catalog.Listing) (all [][2]int64) {
	t.Helper()
	must(t, db.View(t.Context(), l.Market, func(tx *storage.Tx) error {
		held, err := stock.Batches(tx, l.ID)
		for _, h := range held {
			all = append(all, [2]int64{h.OnHand, h.Reserved})
		}
		return err
	}))
	return all
}

func wantFigures(t *testing.T, db *storage.DB, l catalog.Listing, want ...[2]int64) {
	t.Helper()
	got := figures(t, db, l)
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("on hand and reserved %v, want %v", got, want)
		}
	}
	clean(t, db, l.Market)
}

func available(t *testing.T, db *storage.DB, l catalog.Listing) (free int64) {
	t.Helper()
	must(t, db.View(t.Context(), l.Market, func(tx *storage.Tx) (err error) {
		free, err = stock.Available(tx, l.ID)
		return err
	}))
	return free
}

// clean says that the audit finds nothing.
func clean(t *testing.T, db *storage.DB, market int32) {
	t.Helper()
	r, err := audit.Run(t.Context(), db, []int32{market}, stock.Checks(), nil)
	must(t, err)
	if !r.OK {
		t.Fatalf("audit: %+v", r.Checks)
	}
}

func TestGoodsAreReceivedOnceAndCounted(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	room := stock.New(db)
	key := once.Of(by, "delivery-7", []byte("5 kg"))
	for range 2 {
		if _, err := room.Receive(t.Context(), key, market, by, l.ID, stock.Batch{Quantity: 5000}); err != nil {
			t.Fatal(err)
		}
	}
	wantFigures(t, db, l, [2]int64{5000, 0})
	if got := available(t, db, l); got != 5000 {
		t.Fatalf("available %d", got)
	}
	_, err := room.Receive(t.Context(), once.Key{}, market, by, id.New(), stock.Batch{Quantity: 1})
	wantFault(t, err, "listing_unknown")
	for _, wrong := range []stock.Batch{{}, {Quantity: -5}, {Quantity: catalog.MostQuantity + 1}} {
		_, err := room.Receive(t.Context(), once.Key{}, market, by, l.ID, wrong)
		wantFault(t, err, "out_of_range")
	}
}

func TestACorrectionIsKeptWithItsReasonAndNeverTakesWhatIsPromised(t *testing.T) {
	db, market := dbtest.Open(t)
	l, h := catalogtest.Stocked(t, db, market, 5000)
	room := stock.New(db)
	must(t, reserve(db, market, stock.Want{Sale: id.New(), Line: 1, Listing: l.ID, Quantity: 3000, By: by}))
	_, err := room.Correct(t.Context(), once.Key{}, market, by, h.ID, -2001, "mice")
	if f := wantFault(t, err, "correct_below_reserved"); f.Args["left"] != int64(2000) || f.Args["unit"] != "jin" {
		t.Fatalf("args %v", f.Args)
	}
	key := once.Of(by, "count-1", []byte("-2000"))
	for range 2 {
		got, err := room.Correct(t.Context(), key, market, by, h.ID, -2000, " mice ")
		must(t, err)
		if got.OnHand != 3000 {
			t.Fatalf("on hand %d", got.OnHand)
		}
	}
	wantFigures(t, db, l, [2]int64{3000, 3000})
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		moves, err := stock.Moves(tx, h.ID, id.None, 10)
		if len(moves) != 3 || moves[0].Kind != stock.Corrected || moves[0].Why != "mice" || moves[0].Quantity != -2000 || moves[0].By != by {
			t.Errorf("moves %+v", moves)
		}
		return err
	}))
	_, err = room.Correct(t.Context(), once.Key{}, market, by, h.ID, 0, "")
	if f := wantFault(t, err, "required"); f.Field != "why" || len(f.More) != 1 || !fault.Has(f.More[0], "barn_same") {
		t.Fatalf("got %+v", f)
	}
	_, err = room.Correct(t.Context(), once.Key{}, market, by, id.New(), 1, "found")
	wantFault(t, err, "batch_unknown")
}

func TestTheOldestHarvestLeavesFirst(t *testing.T) {
	db, market := dbtest.Open(t)
	l := catalogtest.Listing(t, db, market)
	receive(t, db, l, 1000, "")           // unknown: last
	receive(t, db, l, 1000, "2026-10-01") // second
	receive(t, db, l, 1000, "2026-09-01") // first
	sale := id.New()
	must(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: l.ID, Quantity: 1500, By: by}))
	wantFigures(t, db, l, [2]int64{1000, 0}, [2]int64{1000, 500}, [2]int64{1000, 1000})
	must(t, update(db, market, func(tx *storage.Tx) error {
		return stock.LetGoPart(tx, sale, map[int]int64{1: 700}, by, "part")
	}))
	wantFigures(t, db, l, [2]int64{1000, 0}, [2]int64{1000, 0}, [2]int64{1000, 800})
	err := update(db, market, func(tx *storage.Tx) error { return stock.LetGoPart(tx, sale, map[int]int64{1: 801}, by, "part") })
	if f := wantFault(t, err, "not_reserved"); f.Args["left"] != int64(800) {
		t.Fatalf("args %v", f.Args)
	}
}

func TestTooLittleIsRefusedPolitelyAndWhole(t *testing.T) {
	db, market := dbtest.Open(t)
	a, _ := catalogtest.Stocked(t, db, market, 5000)
	b, _ := catalogtest.Stocked(t, db, market, 1000)
	sale := id.New()
	err := reserve(db, market,
		stock.Want{Sale: sale, Line: 1, Listing: a.ID, Quantity: 2000, By: by},
		stock.Want{Sale: sale, Line: 2, Listing: b.ID, Quantity: 600, By: by},
		stock.Want{Sale: sale, Line: 3, Listing: b.ID, Quantity: 600, By: by})
	f := wantFault(t, err, "sold_out")
	if f.Args["left"] != int64(1000) || f.Args["listing"] != "薄皮核桃" || f.Args["unit"] != "jin" || f.Args["id"] != b.ID.String() {
		t.Fatalf("args %v", f.Args)
	}
	wantFigures(t, db, a, [2]int64{5000, 0})
	wantFault(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: id.New(), Quantity: 1, By: by}), "listing_unknown")
	wantFault(t, reserve(db, market, stock.Want{Sale: sale, Line: 1, Listing: a.ID, Quantity: 0, By: by}), "out_of_range")
}

func TestGoodsOfAnotherMarketCannotBeReserved(t *testing.T) {
	db, market := dbtest.Open(t)
	l, _ := catalogtest.Stocked(t, db, market, 5000)
	err := reserve(db, dbtest.Market(t, db), stock.Want{Sale: id.New(), Line: 1, Listing: l.ID, Quantity: 1, By: by})
	wantFault(t, err, "listing_unknown")
	wantFigures(t, db, l, [2]int64{5000, 0})
}

// Number 10 of the real bugs.
func TestOfFiftyBuyersOfOneSackExactlyOneGetsIt(t *testing.T) {
	db, market := dbtest.Open(t)
	l, _ := catalogtest.Stocked(t, db, market, 1, func(d *catalog.Draft) { d.Unit, d.Minimum = "piece", 1 })
	got, refused := race(t, 50, func(int) error {
		return reserve(db, market, stock.Want{Sale: id.New(), Line: 1, Listing: l.ID, Quantity: 1, By: by})
	})
	if got != 1 || refused != 49 {
		t.Fatalf("%d got it, %d were refused", got, refused)
	}
	wantFigures(t, db, l, [2]int64{1, 1})
}

// Number 11 of the real bugs, for the room of stock alone.
func TestBuyersOfTwoGoodsInOppositeOrderGetFivePairs(t *testing.T) {
	db, first := dbtest.Open(t)
	sack := func(d *catalog.Draft) { d.Unit, d.Minimum = "piece", 1 }
	for _, market := range []int32{first, dbtest.Market(t, db)} {
		a, _ := catalogtest.Stocked(t, db, market, 5, sack)
		b, _ := catalogtest.Stocked(t, db, market, 3, sack)
		receive(t, db, b, 2, "2026-10-01")
		got, refused := race(t, 40, func(i int) error {
			sale := id.New()
			wants := []stock.Want{
				{Sale: sale, Line: 1, Listing: a.ID, Quantity: 1, By: by},
				{Sale: sale, Line: 2, Listing: b.ID, Quantity: 1, By: by},
			}
			if i%2 == 1 {
				wants[0], wants[1] = wants[1], wants[0]
			}
			return reserve(db, market, wants...)
		})
		if got != 5 || refused != 35 {
			t.Fatalf("%d pairs, %d refused", got, refused)
		}
		if available(t, db, a) != 0 || available(t, db, b) != 0 {
			t.Fatalf("left %v %v", figures(t, db, a), figures(t, db, b))
		}
		clean(t, db, market)
	}
}

// race runs n buyers at once and counts who got something and who was told
// that it is sold out; anything else fails.
func race(t *testing.T, n int, buy func(i int) error) (got, refused int) {
	t.Helper()
	results := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			results[i] = buy(i)
		})
	}
	close(start)
	all.Wait()
	for _, err := range results {
		switch {
		case err == nil:
			got++
		case fault.Has(err, "sold_out"):
			refused++
		default:
			t.Errorf("neither goods nor a polite refusal: %v", err)
		}
	}
	return got, refused
}

func TestReservingCostsOneTripAndQueuesTheRest(t *testing.T) {
	db, market := dbtest.Open(t)
	a, _ := catalogtest.Stocked(t, db, market, 50_000)
	b, _ := catalogtest.Stocked(t, db, market, 50_000)
	trips := func() (read, flush int64) {
		sale := id.New()
		must(t, update(db, market, func(tx *storage.Tx) error {
			before := db.Trips()
			err := stock.Reserve(tx, []stock.Want{
				{Sale: sale, Line: 1, Listing: a.ID, Quantity: 500, By: by},
				{Sale: sale, Line: 2, Listing: b.ID, Quantity: 500, By: by},
			})
			read = db.Trips() - before
			err = errors.Join(err, tx.Flush())
			flush = db.Trips() - before - read
			return err
		}))
		return read, flush
	}
	// Every connection prepares its statements on its first run.
	for range 16 {
		trips()
	}
	if read, flush := trips(); read != 1 || flush != 1 {
		t.Fatalf("%d trips to read, %d to write", read, flush)
	}
}

func TestASaleLetGoGivesAllBackAndOnlyOnce(t *testing.T) {
	db, market := dbtest.Open(t)
	l, _ := catalogtest.Stocked(t, db, market, 5000)
	one, two, other := id.New(), id.New(), id.New()
	must(t, reserve(db, market,
		stock.Want{Sale: one, Line: 1, Listing: l.ID, Quantity: 1000, By: by},
		stock.Want{Sale: two, Line: 1, Listing: l.ID, Quantity: 1000, By: by},
		stock.Want{Sale: other, Line: 1, Listing: l.ID, Quantity: 500, By: by}))
	for range 2 {
		must(t, update(db, market, func(tx *storage.Tx) error { return stock.LetGo(tx, by, "expired", one, two) }))
		wantFigures(t, db, l, [2]int64{5000, 500})
	}
	// Sold again afterwards, to the last gram.
	must(t, reserve(db, market, stock.Want{Sale: id.New(), Line: 1, Listing: l.ID, Quantity: 4500, By: by}))
	wantFigures(t, db, l, [2]int64{5000, 5000})
}

func TestPromisesLetGoWhileOthersReserveStayTrue(t *testing.T) {
	db, market := dbtest.Open(t)
	a, _ := catalogtest.Stocked(t, db, market, 20_000)
	b, _ := catalogtest.Stocked(t, db, market, 20_000)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 6 {
				sale := id.New()
				wants := []stock.Want{{Sale: sale, Line: 1, Listing: a.ID, Quantity: 500, By: by}, {Sale: sale, Line: 2, Listing: b.ID, Quantity: 700, By: by}}
				if i%2 == 1 {
					wants[0].Listing, wants[1].Listing = wants[1].Listing, wants[0].Listing
				}
				err := reserve(db, market, wants...)
				if err == nil && i%4 < 2 {
					err = update(db, market, func(tx *storage.Tx) error { return stock.LetGo(tx, by, "cancelled", sale) })
				} else if err == nil {
					err = update(db, market, func(tx *storage.Tx) error {
						return stock.Ship(tx, sale, map[int]int64{1: 500, 2: 650}, by)
					})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	clean(t, db, market)
	if got := available(t, db, a) + available(t, db, b); got != 40_000-24*1150 {
		t.Fatalf("left %d", got)
	}
}

func TestEveryVerbPassesWithOneConnection(t *testing.T) {
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Pool = 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	l, h := catalogtest.Stocked(t, db, market, 5000)
	_, err := stock.New(db).Correct(ctx, once.Of(by, "c", nil), market, by, h.ID, 100, "found")
	must(t, err)
	sale, gone := id.New(), id.New()
	must(t, db.Update(ctx, market, func(tx *storage.Tx) error {
		return errors.Join(
			stock.Reserve(tx, []stock.Want{
				{Sale: sale, Line: 1, Listing: l.ID, Quantity: 1000, By: by},
				{Sale: gone, Line: 1, Listing: l.ID, Quantity: 1000, By: by},
			}),
			stock.LetGo(tx, by, "test", gone),
			stock.LetGoPart(tx, sale, map[int]int64{1: 100}, by, "test"),
			stock.Ship(tx, sale, map[int]int64{1: 910}, by),
			stock.Return(tx, sale, map[int]int64{1: 10}, by))
	}))
	wantFigures(t, db, l, [2]int64{4200, 0})
}
