package order_test

import (
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
)

// shipped is an order of 5 kg in parcels of so many grams.
func shipped(t *testing.T, w *ordertest.World, grams ...int64) (order.Ref, []order.Shipment) {
	t.Helper()
	ref := w.UpTo(t, order.Packed)
	for i, g := range grams {
		if err := w.Orders.Ship(t.Context(), w.Seller, ref, order.Parcel{Carrier: "zto", Number: string(rune('a' + i)), Lines: map[int]int64{1: g}}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.Orders.Story(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return ref, s.Shipments
}

func inStore(t *testing.T, w *ordertest.World) (n int64) {
	t.Helper()
	err := w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT sum(on_hand) FROM batches WHERE market_id = $1 AND listing_id = $2", tx.Market, w.Listing.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func heldOf(t *testing.T, w *ordertest.World, ref order.Ref) int64 {
	t.Helper()
	var have map[string]int64
	account := ledger.HeldOrder(ref.ID)
	if err := w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, account); return }); err != nil {
		t.Fatal(err)
	}
	return have[account]
}

func TestAParcelThatTheCarrierBringsBackIsRefundedAndTheOthersGoOn(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, sent := shipped(t, w, 2000, 3000)
	before := inStore(t, w)
	if err := w.Orders.Returned(ctx, w.Buyer, ref, sent[0].ID, "x", order.FateBack); !fault.Has(err, "forbidden") {
		t.Errorf("a buyer says so: %v", err)
	}
	if err := w.Orders.Returned(ctx, w.Seller, ref, sent[0].ID, "", "eaten"); !fault.Has(err, "required") {
		t.Errorf("without a reason: %v", err)
	}
	for range 2 { // twice is once
		if err := w.Orders.Returned(ctx, w.Seller, ref, sent[0].ID, "地址不对", order.FateBack); err != nil {
			t.Fatal(err)
		}
	}
	if held, came := heldOf(t, w, ref), inStore(t, w)-before; held != 7800 || came != 2000 {
		t.Errorf("%d is held and %d g came back", held, came)
	}
	w.Must(t, ref, order.Shipped)
	if err := w.Orders.Arrive(ctx, w.Buyer, ref, sent[0].ID); !fault.Has(err, "parcel_settled") {
		t.Errorf("it arrives all the same: %v", err)
	}
	if err := w.Orders.Arrive(ctx, w.Buyer, ref, sent[1].ID); err != nil {
		t.Fatal(err)
	}
	w.Must(t, ref, order.Delivered)
	_, has, _, err := w.Orders.Had(ctx, ref)
	if err != nil || has[1] != 3000 {
		t.Errorf("the buyer has %v, %v", has, err)
	}
	books(t, w)
}

func TestWhenEveryParcelCameBackTheOrderIsCancelledAndOnlyWhatIsSoundIsInTheStore(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, sent := shipped(t, w, 2000, 3000)
	before := inStore(t, w)
	if err := w.Orders.Returned(ctx, w.Operator, ref, sent[0].ID, "没人收", order.FateLost); err != nil {
		t.Fatal(err)
	}
	if err := w.Orders.Returned(ctx, w.Seller, ref, sent[1].ID, "没人收", order.FateBack); err != nil {
		t.Fatal(err)
	}
	w.Must(t, ref, order.Cancelled)
	if held, came := heldOf(t, w, ref), inStore(t, w)-before; held != 0 || came != 3000 {
		t.Errorf("%d is held and %d g came back", held, came)
	}
	books(t, w)
}

func TestAParcelThatWasBroughtBackCannotBeLostAsWell(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, sent := shipped(t, w, 2000, 3000)
	if err := w.Orders.Returned(ctx, w.Seller, ref, sent[0].ID, "地址不对", order.FateBack); err != nil {
		t.Fatal(err)
	}
	if err := w.Orders.Lost(ctx, w.Operator, ref, sent[0].ID, "丢了"); !fault.Has(err, "parcel_settled") {
		t.Errorf("what is in the store is lost: %v", err)
	}
	if held := heldOf(t, w, ref); held != 7800 {
		t.Errorf("%d is held", held)
	}
	books(t, w)
}

func TestOneParcelLostAndTheOtherBroughtBackEndTheOrder(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, sent := shipped(t, w, 2000, 3000)
	before := inStore(t, w)
	if err := w.Orders.Lost(ctx, w.Operator, ref, sent[0].ID, "丢了"); err != nil {
		t.Fatal(err)
	}
	if err := w.Orders.Returned(ctx, w.Seller, ref, sent[1].ID, "没人收", order.FateBack); err != nil {
		t.Fatal(err)
	}
	w.Must(t, ref, order.Cancelled)
	if came := inStore(t, w) - before; came != 3000 {
		t.Errorf("%d g came back", came)
	}
	books(t, w)
}
