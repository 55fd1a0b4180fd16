package told_test

import (
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// Nothing but its money ends an order that is paid on delivery: seller and hand are
// asked for it twice, and not once it was taken.
func TestWhoIsToCollectIsAskedWhereTheCashIs(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	var a agents.MarketAgent
	must(t, v.DB.View(ctx, v.Market, func(tx *storage.Tx) (err error) { a, err = agents.InMarket(tx, v.Agent.ID); return }))
	v.TakesCash(t, a.PayeeID, 100_000)
	send := func() order.Ref {
		ask := v.Ask(1000)
		ask.Way = payment.Cash
		b, err := v.Orders.Place(ctx, once.Key{}, ask)
		must(t, err)
		ref := b.Orders()[0]
		must(t, v.Orders.Accept(ctx, v.Seller, ref))
		must(t, v.Orders.Pack(ctx, v.Seller, ref, nil))
		must(t, v.Orders.Ship(ctx, v.Seller, ref, order.Parcel{Carrier: "自己送"}))
		v.Drain(t)
		return ref
	}
	asked := func(person id.ID) (n int, days int64) {
		t.Helper()
		rows, err := v.notices.List(ctx, person, id.None, 100)
		must(t, err)
		for _, r := range rows {
			if r.Kind == notice.SaleUnpaid {
				n, days = n+1, max(days, r.Facts.Count)
			}
		}
		return n, days
	}
	waits, paid := send(), send()
	v.Clock.Advance(5*24*time.Hour - time.Minute)
	v.Drain(t)
	if n, _ := asked(v.Seller.ID); n != 0 {
		t.Fatalf("asked %d times before five days are over", n)
	}
	must(t, v.Orders.TakeCash(ctx, order.By{Person: v.AgentBy, As: order.AsSystem}, paid, order.Taking{Sum: 2600}))
	for range 3 {
		v.Clock.Advance(5 * 24 * time.Hour)
		v.Drain(t)
	}
	v.Must(t, waits, order.Shipped)
	for who, person := range map[string]id.ID{"seller": v.Seller.ID, "hand": v.AgentBy.ID} {
		if n, days := asked(person); n != 2 || days != 10 {
			t.Errorf("the %s was asked %d times, after %d days at last", who, n, days)
		}
	}
	if n, _ := asked(v.Buyer.ID); n != 0 {
		t.Error("the buyer is asked for the seller's money")
	}
}
