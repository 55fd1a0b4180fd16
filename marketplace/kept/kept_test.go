package kept_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/kept"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type bench struct {
	t    *testing.T
	db   *storage.DB
	room *kept.Room
	two  [2]int32
}

func sit(t *testing.T) *bench {
	t.Helper()
	db, first := dbtest.Open(t)
	b := &bench{t: t, db: db, room: kept.New(db, shelf.New(db, region.New(db))), two: [2]int32{first, dbtest.Market(t, db)}}
	catalogtest.Load(t, db)
	return b
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) refused(err error, code string) {
	b.t.Helper()
	if !fault.Has(err, code) {
		b.t.Fatalf("refused with %v, want %s", err, code)
	}
}

// goods are on the shelf of a market with 10 kg in stock.
func (b *bench) goods(market int32) shelf.Ref {
	b.t.Helper()
	l, _ := catalogtest.Stocked(b.t, b.db, market, 10_000)
	return shelf.Ref{Market: market, Listing: l.ID}
}

func (b *bench) list(who id.ID) map[shelf.Ref]kept.Line {
	b.t.Helper()
	all, err := b.room.List(b.t.Context(), who)
	b.ok(err)
	n, err := b.room.Count(b.t.Context(), who)
	b.ok(err)
	if n != len(all) {
		b.t.Fatalf("%d counted, %d listed", n, len(all))
	}
	out := map[shelf.Ref]kept.Line{}
	for _, l := range all {
		out[l.Ref()] = l
	}
	return out
}

func TestABasketKeepsOneQuantityPerListingOverAllMarketsAndNoughtTakesItOut(t *testing.T) {
	b, ctx, who := sit(t), t.Context(), id.New()
	one, other := b.goods(b.two[0]), b.goods(b.two[1])
	for range 2 { // twice is once
		b.ok(b.room.Put(ctx, who, one, 2_000))
		b.ok(b.room.Put(ctx, who, other, 3_000))
	}
	b.ok(b.room.Put(ctx, who, one, 1_500))
	has := b.list(who)
	if len(has) != 2 || has[one].Quantity != 1_500 || has[other].Quantity != 3_000 || has[one].Reason != "" || has[one].View.Title == "" {
		t.Fatalf("kept: %+v", has)
	}
	if minor, ok := has[one].Costs(); !ok || minor != has[one].View.PriceMinor*1_500/has[one].View.UnitBase {
		t.Fatalf("it costs %d, %v", minor, ok)
	}
	if len(b.list(id.New())) != 0 {
		t.Fatal("a stranger has something")
	}
	for range 2 {
		b.ok(b.room.Put(ctx, who, one, 0))
	}
	if has := b.list(who); len(has) != 1 || has[other].Quantity != 3_000 {
		t.Fatalf("kept: %+v", has)
	}
}

func TestWhatCannotBeBoughtIsNotPutAside(t *testing.T) {
	b, ctx, who := sit(t), t.Context(), id.New()
	of := b.goods(b.two[0])
	b.refused(b.room.Put(ctx, who, of, 1), "below_minimum")
	b.refused(b.room.Put(ctx, who, of, -5), "out_of_range")
	b.refused(b.room.Put(ctx, who, of, 1<<62), "out_of_range")
	b.refused(b.room.Put(ctx, who, of, 10_001), "few_left")
	b.refused(b.room.Put(ctx, who, shelf.Ref{Market: of.Market, Listing: id.New()}, 500), "listing_unknown")
	b.refused(b.room.Put(ctx, who, shelf.Ref{Market: b.two[1], Listing: of.Listing}, 500), "listing_unknown")
	b.ok(catalog.New(b.db).Pause(ctx, of.Market, of.Listing, who))
	b.refused(b.room.Put(ctx, who, of, 500), "listing_not_live")
	b.ok(b.room.Put(ctx, who, of, 0)) // taking out what is not there
	if n := len(b.list(who)); n != 0 {
		t.Fatalf("%d lines", n)
	}
}

func TestAListingThatWentAwayStaysWithItsReason(t *testing.T) {
	b, ctx, who := sit(t), t.Context(), id.New()
	c, m := catalog.New(b.db), b.two[0]
	refs := map[kept.Reason]shelf.Ref{}
	for _, why := range []kept.Reason{"", kept.Archived, kept.Paused, kept.Suspended, kept.SoldOut, kept.Short, kept.BelowMinimum, kept.Gone} {
		refs[why] = b.goods(m)
		b.ok(b.room.Put(ctx, who, refs[why], 5_000))
	}
	at := func(why kept.Reason) id.ID { return refs[why].Listing }
	b.ok(c.Archive(ctx, m, at(kept.Archived), who))
	b.ok(c.Pause(ctx, m, at(kept.Paused), who))
	change := func(query string, of id.ID) {
		b.ok(b.db.Update(ctx, m, func(tx *storage.Tx) error { _, err := tx.Exec(query, m, of); return err }))
	}
	change("UPDATE producers SET state = 'suspended' WHERE market_id = $1 AND id = (SELECT producer_id FROM listings WHERE market_id = $1 AND id = $2)", at(kept.Suspended))
	change("UPDATE batches SET reserved = on_hand WHERE market_id = $1 AND listing_id = $2", at(kept.SoldOut))
	change("UPDATE batches SET reserved = on_hand - 2000 WHERE market_id = $1 AND listing_id = $2", at(kept.Short))
	change("UPDATE listings SET minimum = 6000 WHERE market_id = $1 AND id = $2", at(kept.BelowMinimum))
	change("UPDATE listings SET state = 'draft' WHERE market_id = $1 AND id = $2", at(kept.Gone)) // as good as none
	has := b.list(who)
	for why, of := range refs {
		if l, there := has[of]; !there || l.Reason != why || l.Quantity != 5_000 {
			t.Errorf("%q is listed as %q with %d (%v)", why, l.Reason, l.Quantity, there)
		}
	}
}

func TestABasketIsFull(t *testing.T) {
	b, ctx, who := sit(t), t.Context(), id.New()
	var refs []shelf.Ref
	for i := range kept.MostInMarket + 1 {
		refs = append(refs, b.goods(b.two[0]))
		err := b.room.Put(ctx, who, refs[i], 500)
		if i < kept.MostInMarket {
			b.ok(err)
		} else {
			b.refused(err, "basket_full")
		}
	}
	b.ok(b.room.Put(ctx, who, refs[0], 1_000)) // what is there may change
	b.ok(b.room.Put(ctx, who, b.goods(b.two[1]), 500))
	// A guest's basket brings only what fits; the rest stays the guest's.
	guest := id.New()
	b.ok(b.room.Put(ctx, guest, refs[kept.MostInMarket], 500))
	b.ok(b.room.Put(ctx, guest, refs[1], 2_000))
	b.ok(b.room.Merge(ctx, guest, who))
	if has := b.list(who); len(has) != kept.MostInMarket+1 || has[refs[1]].Quantity != 2_000 {
		t.Fatalf("%d lines, %+v", len(has), has[refs[1]])
	}
	if has := b.list(guest); len(has) != 1 {
		t.Fatalf("the guest has %d", len(has))
	}
}

func TestAGuestsBasketIsMergedOnceAndTheLargerQuantityStays(t *testing.T) {
	b, ctx, guest, who := sit(t), t.Context(), id.New(), id.New()
	one, two, three := b.goods(b.two[0]), b.goods(b.two[0]), b.goods(b.two[1])
	b.ok(b.room.Put(ctx, guest, one, 4_000))
	b.ok(b.room.Put(ctx, guest, two, 1_000))
	b.ok(b.room.Put(ctx, guest, three, 2_000))
	b.ok(b.room.Put(ctx, who, one, 3_000))
	b.ok(b.room.Put(ctx, who, two, 5_000))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = b.room.Merge(ctx, guest, who) })
	}
	wg.Wait()
	b.ok(errors.Join(errs...))
	b.ok(b.room.Merge(ctx, guest, who))
	b.ok(b.room.Merge(ctx, who, who))
	has := b.list(who)
	if len(has) != 3 || has[one].Quantity != 4_000 || has[two].Quantity != 5_000 || has[three].Quantity != 2_000 {
		t.Fatalf("merged: %+v", has)
	}
	if len(b.list(guest)) != 0 {
		t.Fatal("the guest still has something")
	}
}

func TestWhatWasBoughtIsTakenOutAndWhatWasPutAsideAfterwardsStays(t *testing.T) {
	b, ctx, who := sit(t), t.Context(), id.New()
	one, two, three := b.goods(b.two[0]), b.goods(b.two[1]), b.goods(b.two[1])
	for _, of := range []shelf.Ref{one, two, three} {
		b.ok(b.room.Put(ctx, who, of, 500))
	}
	w := jobs.NewWorker(b.db, map[string]jobs.Handler{kept.JobBought: {Call: b.room.Handle}}, jobs.Options{})
	b.ok(b.db.Update(ctx, b.two[0], func(tx *storage.Tx) error { kept.Later(tx, "x", who, []shelf.Ref{one, two}); return nil }))
	b.ok(b.room.Put(ctx, who, two, 1_000)) // again, after it was bought
	n, err := w.Drain(ctx, b.two[0])
	b.ok(err)
	if has := b.list(who); n != 1 || len(has) != 2 || has[two].Quantity != 1_000 || has[three].Quantity != 500 {
		t.Fatalf("%d jobs, kept: %+v", n, has)
	}
	b.ok(b.room.Bought(ctx, who, []shelf.Ref{two, three}, b.db.Now().Add(time.Second)))
	if n := len(b.list(who)); n != 0 {
		t.Fatalf("%d lines", n)
	}
}

func TestABasketIsReadInFourQueries(t *testing.T) {
	b, ctx, who := sit(t), t.Context(), id.New()
	for range 5 {
		b.ok(b.room.Put(ctx, who, b.goods(b.two[0]), 500))
		b.ok(b.room.Put(ctx, who, b.goods(b.two[1]), 500))
	}
	b.list(who)
	before := b.db.Trips()
	if _, err := b.room.List(ctx, who); err != nil {
		t.Fatal(err)
	}
	if trips := b.db.Trips() - before; trips > 4 {
		t.Fatalf("%d trips", trips)
	}
}

func TestALineKnowsAtWhichPriceItWasPutAside(t *testing.T) {
	b, ctx, who := sit(t), t.Context(), id.New()
	of, other := b.goods(b.two[0]), b.goods(b.two[1])
	b.ok(b.room.Put(ctx, who, of, 2_000))
	b.ok(b.room.Put(ctx, who, other, 2_000))
	seen := b.list(who)[of].View
	if was, changed := b.list(who)[of].Was(); changed || was != 0 {
		t.Fatalf("nothing has changed: %d", was)
	}
	reprice := func(minor int64, unit string) {
		b.ok(b.db.Update(ctx, of.Market, func(tx *storage.Tx) error {
			_, err := tx.Exec("UPDATE listings SET price_minor = $3, unit = $4 WHERE market_id = $1 AND id = $2", of.Market, of.Listing, minor, unit)
			return err
		}))
	}
	reprice(seen.PriceMinor+80, seen.Unit)
	if was, changed := b.list(who)[of].Was(); !changed || was != seen.PriceMinor {
		t.Fatalf("was %d (%v), seen at %d", was, changed, seen.PriceMinor)
	}
	if _, changed := b.list(who)[other].Was(); changed {
		t.Fatal("the other has changed as well")
	}
	// By another unit the same money is the same price, and other money is said in the new unit.
	reprice(seen.PriceMinor*2, "kg")
	if _, changed := b.list(who)[of].Was(); changed {
		t.Fatal("the same price by the double unit")
	}
	reprice(seen.PriceMinor*2-10, "kg")
	if was, changed := b.list(who)[of].Was(); !changed || was != seen.PriceMinor*2 {
		t.Fatalf("was %d (%v) by the double unit", was, changed)
	}
	// Of a guest's line and a person's the larger stays, with the price that it was put aside at.
	guest := id.New()
	b.ok(b.room.Put(ctx, guest, of, 3_000))
	b.ok(b.room.Merge(ctx, guest, who))
	if l := b.list(who)[of]; l.Quantity != 3_000 || l.Seen.Minor != seen.PriceMinor*2-10 {
		t.Fatalf("merged: %+v", l)
	}
	b.ok(b.room.Put(ctx, guest, other, 1_000))
	b.ok(b.room.Merge(ctx, guest, who))
	if l := b.list(who)[other]; l.Quantity != 2_000 || l.Seen.Minor == 0 {
		t.Fatalf("merged: %+v", l)
	}
	reprice(seen.PriceMinor, seen.Unit)
	b.ok(b.room.Put(ctx, who, of, 2_500)) // who changes the quantity has seen the price
	if _, changed := b.list(who)[of].Was(); changed {
		t.Fatal("it was seen")
	}
	b.ok(b.db.UpdateUser(ctx, who, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE kept_lines SET price_minor = NULL, unit_base = NULL WHERE user_id = $1", who)
		return err
	}))
	if was, changed := b.list(who)[of].Was(); changed || was != 0 {
		t.Fatalf("nobody noted a price: %d", was)
	}
}
