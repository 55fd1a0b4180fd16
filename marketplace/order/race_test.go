package order_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func address(t *testing.T) string { return dbtest.Address(t) }

// at runs n calls at once and gives their errors.
func at(n int, call func(i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			errs[i] = call(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

func TestFiftyBuyersOfOneSackMakeOneOrderAndFortyNinePoliteRefusals(t *testing.T) {
	w := ordertest.New(t)
	l := w.Offer(t, "最后一袋", 2000, 1000)
	var won, refused atomic.Int32
	for _, err := range at(50, func(int) error {
		a := w.Ask(1000)
		a.Items[0].Listing = l.ID
		_, err := w.Orders.Place(t.Context(), once.Key{}, a)
		return err
	}) {
		switch {
		case err == nil:
			won.Add(1)
		case fault.Has(err, "sold_out"):
			refused.Add(1)
		default:
			t.Error(err)
		}
	}
	if won.Load() != 1 || refused.Load() != 49 {
		t.Fatalf("%d orders, %d refusals", won.Load(), refused.Load())
	}
	books(t, w)
}

// In each of two markets one seller has two goods, five sacks of each. Forty buyers of
// each market want one sack of both, all at once, half of them naming the goods in
// opposite order: each market has exactly five orders, and nobody sees a deadlock.
func TestPairsOfGoodsWantedInOppositeOrderDoNotDeadlock(t *testing.T) {
	w := ordertest.New(t)
	far := w.Stall(t, "红米", 2000, 5000)
	further, err := w.Catalog.Offer(t.Context(), once.Key{}, far.Market, far.Seller.ID, catalog.Draft{ProducerID: far.Producer.ID, Category: "rice",
		Title: "黑米", Unit: "kg", PriceMinor: 3000, Minimum: 500, WeightBandBP: 300, State: catalog.Live})
	must(t, err)
	_, err = w.Stock.Receive(t.Context(), once.Key{}, far.Market, far.Seller.ID, further.ID, stock.Batch{Quantity: 5000})
	must(t, err)
	pairs := [2][2]order.Item{
		{{Market: w.Market, Listing: w.Offer(t, "甲", 2000, 5000).ID, Quantity: 1000}, {Market: w.Market, Listing: w.Offer(t, "乙", 3000, 5000).ID, Quantity: 1000}},
		{far.Item(1000), {Market: far.Market, Listing: further.ID, Quantity: 1000}},
	}
	var won, refused [2]int
	for i, err := range at(80, func(i int) error {
		a := w.Ask(0)
		a.Buyer.ID = id.New() // everybody for themselves
		a.PlacedBy.ID = a.Buyer.ID
		pair := pairs[i%2]
		a.Items = []order.Item{pair[i/2%2], pair[1-i/2%2]}
		if i%2 == 1 {
			a.Agent.Link = "" // an agent of the first market
		}
		_, err := w.Orders.Place(t.Context(), once.Key{}, a)
		return err
	}) {
		switch {
		case err == nil:
			won[i%2]++
		case fault.Has(err, "sold_out"):
			refused[i%2]++
		default:
			t.Error(err)
		}
	}
	if won != [2]int{5, 5} || refused != [2]int{35, 35} {
		t.Fatalf("orders %v, refusals %v", won, refused)
	}
	for n, market := range []int32{w.Market, far.Market} {
		booksOf(t, w, market)
		orders, err := w.Orders.List(t.Context(), order.Filter{Markets: []int32{market}, N: 100})
		must(t, err)
		if len(orders) != 5 {
			t.Errorf("market %d has %d orders", n+1, len(orders))
		}
	}
}

func TestTheBrowsersReturnAndTheNewsAHundredTimesAreOneCapture(t *testing.T) {
	w := ordertest.New(t)
	ref, b := w.Place(t, 5000)
	w.Open(t, b)
	for _, err := range at(100, func(i int) error {
		switch i % 3 {
		case 0: // the browser comes back
			_, err := w.Orders.Settle(t.Context(), w.Market, b.Payment)
			return err
		case 1: // the news comes again
			return w.Desk.Receive(t.Context(), w.Market, payment.News{Provider: "sandbox", Event: "evt", Object: "sb_" + b.Payment.String(), Payment: b.Payment}, []byte("{}"))
		}
		_, err := w.Worker.Drain(t.Context(), w.Market)
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	w.Drain(t)
	w.Must(t, ref, order.Secured)
	s := story(t, w, ref)
	if len(s.History) != 2 || s.Paid.Captured != 13000 {
		t.Fatalf("history %+v, captured %d", s.History, s.Paid.Captured)
	}
	held := ledger.HeldOrder(ref.ID)
	if have := books(t, w, held); have[held] != 13000 {
		t.Fatalf("%v", have)
	}
}

func TestSixtyFourPressesOfEveryButtonAreOneEffect(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	a := w.Ask(5000)
	key := once.Of(w.Buyer.ID, "k-1", []byte("place"))
	var mu sync.Mutex
	baskets := map[id.ID]order.Checkout{}
	press := func(name string, call func(int) error) {
		t.Helper()
		for _, err := range at(64, call) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		books(t, w)
	}
	press("place", func(int) error {
		b, err := w.Orders.Place(ctx, key, a)
		mu.Lock()
		baskets[b.Payment] = b
		mu.Unlock()
		return err
	})
	if len(baskets) != 1 {
		t.Fatalf("%d baskets", len(baskets))
	}
	var b order.Checkout
	for _, b = range baskets {
	}
	ref := b.Orders()[0]
	press("open the payment", func(int) error { _, err := w.Orders.Pay(ctx, w.Market, b.Payment, "/"); return err })
	press("pay", func(int) error {
		return w.Sandbox.Pay(ctx, w.Market, "sb_"+b.Payment.String(), sandbox.News{Repeat: 3})
	})
	press("return", func(int) error { _, err := w.Orders.Settle(ctx, w.Market, b.Payment); return err })
	press("accept", func(int) error { return w.Orders.Accept(ctx, w.Seller, ref) })
	press("pack", func(int) error { return w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 4900}) })
	press("ship", func(int) error { return w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "x"}) })
	press("deliver", func(int) error { return w.Orders.Deliver(ctx, w.Buyer, ref) })
	press("complete", func(int) error { return w.Orders.Complete(ctx, w.Buyer, ref) })
	refund := once.Of(w.Operator.ID, "k-2", []byte("refund"))
	press("refund", func(int) error {
		_, err := w.Orders.Refund(ctx, refund, w.Operator, ref, []order.Part{{Line: 1, Amount: 1000}}, "x")
		return err
	})
	w.Drain(t)
	s := story(t, w, ref)
	if len(s.Refunds) != 2 || s.Net() != 13000-260-1000 || len(s.History) != 7 {
		t.Fatalf("%d refunds, net %d, history %d", len(s.Refunds), s.Net(), len(s.History))
	}
	other, _ := w.Place(t, 500)
	w.Pay(t, order.Checkout{Market: w.Market, Payment: story(t, w, other).Payment})
	press("cancel", func(int) error { return w.Orders.Cancel(ctx, w.Operator, other, "x") })
}

func TestPlaceAndSecureTakeTwoTripsEach(t *testing.T) {
	w := ordertest.NewWith(t, func(o *storage.Options) { o.Pool = 1 })
	ctx := t.Context()
	count := func(call func()) int64 {
		before := w.DB.Trips()
		call()
		return w.DB.Trips() - before
	}
	var place, secure int64
	for i := range 3 { // the first ones prepare the statements
		var b order.Checkout
		key := once.Of(w.Buyer.ID, string(rune('a'+i)), nil)
		place = count(func() {
			var err error
			b, err = w.Orders.Place(ctx, key, w.Ask(1000))
			must(t, err)
		})
		w.Open(t, b)
		var p, g = b.Payment, "sb_" + b.Payment.String()
		seen, err := w.Sandbox.Look(ctx, w.Market, g)
		must(t, err)
		secure = count(func() {
			_, err := w.Orders.Captured(ctx, w.Market, p, seen)
			must(t, err)
		})
	}
	t.Logf("place %d trips, secure %d", place, secure)
	if place != 2 || secure != 2 { // what is read, and all that is written
		t.Errorf("placing took %d trips, securing %d", place, secure)
	}
}

func TestEveryVerbPassesWithAPoolOfOneConnection(t *testing.T) {
	w := ordertest.NewWith(t, func(o *storage.Options) { o.Pool = 1 })
	ref := w.UpTo(t, order.Completed)
	for _, err := range at(8, func(i int) error {
		switch i % 4 {
		case 0:
			_, err := w.Orders.Place(t.Context(), once.Key{}, w.Ask(500))
			return err
		case 1:
			_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{{Line: 1, Amount: 10}}, "x")
			return err
		case 2:
			_, err := w.Worker.Drain(t.Context(), w.Market)
			return err
		}
		_, err := w.Orders.Story(t.Context(), ref)
		return err
	}) {
		must(t, err)
	}
	for _, s := range []order.State{order.Cancelled, order.Expired} {
		w.UpTo(t, s)
	}
	w.Drain(t)
	books(t, w)
}
