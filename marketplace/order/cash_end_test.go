package order_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// neighbour is a second producer in the world's market, who takes cash too, with goods.
func neighbour(t *testing.T, w *ordertest.World) (catalog.Listing, order.By) {
	t.Helper()
	n := *w
	person := w.Person(t, "阿依努尔")
	var err error
	n.Producer, err = producer.New(w.DB).Apply(t.Context(), once.Key{}, w.Market, w.Operator.Person, producer.Application{
		Text: producer.Text{Name: "阿依努尔", RegionCode: ordertest.Township, Village: "达西村", Exemption: "零星农产品"}, PersonID: person.ID, State: producer.Active})
	must(t, err)
	n.Seller = order.By{Person: person, As: order.AsSeller}
	n.TakesCash(t, id.None, 100_000)
	return n.Offer(t, "红枣", 2000, 50_000), n.Seller
}

func paymentOf(t *testing.T, w *ordertest.World, ref order.Ref) payment.Payment {
	t.Helper()
	return story(t, w, ref).Paid
}

func heardOf(t *testing.T, w *ordertest.World, name string) (found []audit.Values) {
	t.Helper()
	for _, a := range order.Alarms() {
		if strings.Contains(a.Name, name) {
			must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) { found, err = a.Run(tx); return }))
		}
	}
	return found
}

func TestAPaymentOnDeliveryIsOpenAsLongAsOneOfItsOrdersWaits(t *testing.T) {
	for _, end := range []struct {
		name  string
		first bool // the first order is paid, else cancelled
		last  bool
		want  payment.State
		came  int64
	}{
		{"both paid, with less than was placed", true, true, payment.Captured, 10140 + 4000},
		{"one paid, then one cancelled", true, false, payment.Captured, 10140},
		{"one cancelled, then one paid", false, true, payment.Captured, 4000},
		{"both cancelled", false, false, payment.Closed, 0},
	} {
		t.Run(end.name, func(t *testing.T) {
			w := ordertest.New(t)
			w.TakesCash(t, id.None, 100_000)
			ctx := t.Context()
			dates, second := neighbour(t, w)
			ask := w.Ask(5000)
			ask.Way = payment.Cash
			ask.Items = append(ask.Items, order.Item{Market: w.Market, Listing: dates.ID, Quantity: 2000})
			b, err := w.Orders.Place(ctx, once.Key{}, ask)
			must(t, err)
			refs := b.Orders()
			if len(refs) != 2 {
				t.Fatalf("%d orders", len(refs))
			}
			mine, theirs := refs[0], refs[1]
			if story(t, w, mine).Lines[0].Title != w.Listing.Title {
				mine, theirs = theirs, mine
			}
			finish := func(ref order.Ref, by order.By, weight, sum int64, pays bool) {
				t.Helper()
				if !pays {
					must(t, w.Orders.Cancel(ctx, by, ref, "没有了"))
					return
				}
				must(t, w.Orders.Accept(ctx, by, ref))
				must(t, w.Orders.Pack(ctx, by, ref, map[int]int64{1: weight}))
				must(t, w.Orders.Ship(ctx, by, ref, order.Parcel{Carrier: "自己送"}))
				must(t, w.Orders.TakeCash(ctx, by, ref, order.Taking{Sum: sum}))
			}
			if end.first {
				must(t, w.Orders.AcceptPart(ctx, w.Seller, mine, map[int]int64{1: 4000}))
				must(t, w.Orders.Pack(ctx, w.Seller, mine, map[int]int64{1: 3900}))
				must(t, w.Orders.Ship(ctx, w.Seller, mine, order.Parcel{Carrier: "自己送"}))
				must(t, w.Orders.TakeCash(ctx, w.Seller, mine, order.Taking{Sum: 10140}))
			} else {
				finish(mine, w.Seller, 0, 0, false)
			}
			if p := paymentOf(t, w, mine); p.State != payment.Open {
				t.Fatalf("%s while an order waits", p.State)
			}
			books(t, w)
			finish(theirs, second, 2000, 4000, end.last)
			if p := paymentOf(t, w, mine); p.State != end.want || p.Captured != end.came {
				t.Fatalf("%s with %d", p.State, p.Captured)
			}
			books(t, w)
			// A payment that stays open where nobody is to collect is what the audit names.
			must(t, w.DB.Update(ctx, w.Market, func(tx *storage.Tx) error {
				tx.Queue("UPDATE payments SET state = 'open' WHERE market_id = $1", w.Market)
				return nil
			}))
			r, err := audit.Run(ctx, w.DB, []int32{w.Market}, order.Checks(), nil)
			must(t, err)
			if r.OK {
				t.Error("an open payment of which nobody collects anything passes")
			}
		})
	}
}

func TestTheSecondOfTwoThatEndAtOnceEndsTheirPayment(t *testing.T) {
	w := ordertest.New(t)
	w.TakesCash(t, id.None, 100_000)
	ctx := t.Context()
	dates, second := neighbour(t, w)
	ask := w.Ask(1000)
	ask.Way = payment.Cash
	ask.Items = append(ask.Items, order.Item{Market: w.Market, Listing: dates.ID, Quantity: 1000})
	b, err := w.Orders.Place(ctx, once.Key{}, ask)
	must(t, err)
	refs := b.Orders()
	by := []order.By{w.Seller, second}
	if story(t, w, refs[0]).Lines[0].Title != w.Listing.Title {
		by[0], by[1] = by[1], by[0]
	}
	for _, err := range at(2, func(i int) error { return w.Orders.Cancel(ctx, by[i], refs[i], "没有了") }) {
		must(t, err)
	}
	if p := paymentOf(t, w, refs[0]); p.State != payment.Closed {
		t.Errorf("the payment is %s", p.State)
	}
	books(t, w)
}

func TestGoodsWhoseCashNobodyTakesAreAnAlarm(t *testing.T) {
	w := ordertest.New(t)
	w.TakesCash(t, id.None, 100_000)
	ref := onDelivery(t, w, 5000)
	w.Clock.Advance(24 * time.Hour)
	sentUnpaid(t, w, ref)
	w.Clock.Advance(13 * 24 * time.Hour)
	if found := heardOf(t, w, "on delivery"); len(found) != 0 {
		t.Fatalf("too early: %v", found)
	}
	w.Clock.Advance(25 * time.Hour)
	found := heardOf(t, w, "on delivery")
	if len(found) != 1 || found[0]["due_minor"] != int64(13000) || found[0]["name"] != w.Producer.Name {
		t.Fatalf("%v", found)
	}
	must(t, w.Orders.TakeCash(t.Context(), w.Seller, ref, order.Taking{Sum: 13000}))
	if found := heardOf(t, w, "on delivery"); len(found) != 0 {
		t.Errorf("%v after it was taken", found)
	}
}

func TestMoneyThatIsHeldForTooLongIsAnAlarm(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Delivered)
	must(t, w.DB.Update(t.Context(), w.Market, func(tx *storage.Tx) error {
		_, err := order.Freeze(tx, ref.ID, "dispute", w.Operator.ID)
		return err
	}))
	w.Clock.Advance(74 * 24 * time.Hour)
	w.Drain(t)
	if found := heardOf(t, w, "held"); len(found) != 0 {
		t.Fatalf("too early: %v", found)
	}
	w.Clock.Advance(2 * 24 * time.Hour)
	w.Drain(t)
	number := story(t, w, ref).Number
	if found := heardOf(t, w, "held"); len(found) != 1 || found[0]["number"] != number {
		t.Fatalf("%v", found)
	}
}
