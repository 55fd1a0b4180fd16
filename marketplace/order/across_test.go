package order_test

import (
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// fair is a world with two more markets: rice at 12.80 and tea at 333.33 a kg.
type fair struct {
	*ordertest.World
	t         *testing.T
	rice, tea ordertest.Stall
}

func open(t *testing.T) *fair {
	t.Helper()
	w := ordertest.New(t)
	return &fair{World: w, t: t, rice: w.Stall(t, "红米", 1280, 50_000), tea: w.Stall(t, "古树茶", 33333, 2_000)}
}

// ask wants 5 kg of walnuts (130.00), 10 kg of rice (128.00) and 500 g of tea
// (166.67): 424.67.
func (f *fair) ask() order.Ask {
	a := f.Ask(5000)
	a.Items = append(a.Items, f.rice.Item(10_000), f.tea.Item(500))
	return a
}

func (f *fair) place(a order.Ask) order.Checkout {
	f.t.Helper()
	c, err := f.Orders.Place(f.t.Context(), once.Of(f.Buyer.ID, id.New().String(), nil), a)
	must(f.t, err)
	return c
}

// books holds all three markets against all checks and gives their balances.
func (f *fair) books(accounts ...string) (all [3]map[string]int64) {
	f.t.Helper()
	home := f.Market
	defer func() { f.Market = home }()
	for i, m := range []int32{home, f.rice.Market, f.tea.Market} {
		f.Market = m
		all[i] = books(f.t, f.World, accounts...)
	}
	return all
}

func (f *fair) states(c order.Checkout, want order.State) {
	f.t.Helper()
	for _, ref := range c.Orders() {
		f.Must(f.t, ref, want)
	}
}

// free is what is left of the rice, in grams.
func (f *fair) free(s ordertest.Stall) int64 {
	f.t.Helper()
	var n int64
	must(f.t, f.DB.View(f.t.Context(), s.Market, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT sum(on_hand - reserved) FROM batches WHERE market_id = $1 AND listing_id = $2", s.Market, s.Listing.ID)
	}))
	return n
}

func TestOnePaymentOverThreeMarketsIsOneCheckoutAndEachMarketTakesItsOwn(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	c := f.place(f.ask())
	if c.Market != f.Market || c.Total != 13000+12800+16667 || len(c.Baskets) != 3 || len(c.Orders()) != 3 {
		t.Fatalf("placed %+v", c)
	}
	f.states(c, order.Placed)
	f.books()
	p, err := f.Orders.Pay(ctx, f.tea.Market, c.Payment, "/back") // asked from another market it opens at home
	must(t, err)
	if p.Home != f.Market || p.Due != c.Total {
		t.Fatalf("opened %+v", p)
	}
	shown, err := f.Sandbox.Show(ctx, f.Market, p.Object)
	must(t, err)
	if shown.Amount != c.Total {
		t.Fatalf("the pay page asks for %d", shown.Amount)
	}
	f.Pay(t, c)
	f.Drain(t)
	f.states(c, order.Secured)
	// 0.6 % of 424.67 is 2.55, over 130.00, 128.00 and 166.67: 0.78, 0.77, 1.00.
	fees := []int64{78, 77, 100}
	shares := []int64{13000, 12800, 16667}
	all := f.books(ledger.CostGateway, ledger.GatewayClearing, ledger.Intermarket(f.Market), ledger.Intermarket(f.rice.Market), ledger.Intermarket(f.tea.Market),
		ledger.HeldOrder(c.Orders()[0].ID), ledger.HeldOrder(c.Orders()[1].ID), ledger.HeldOrder(c.Orders()[2].ID))
	for i, have := range all {
		if have[ledger.CostGateway] != fees[i] || have[ledger.HeldOrder(c.Orders()[i].ID)] != shares[i] {
			t.Errorf("market %d: %v", i, have)
		}
	}
	if all[0][ledger.GatewayClearing] != c.Total-255 || all[1][ledger.GatewayClearing] != 0 {
		t.Errorf("clearing %d", all[0][ledger.GatewayClearing])
	}
	for i, m := range []int32{f.rice.Market, f.tea.Market} {
		owes, has := all[0][ledger.Intermarket(m)], -all[i+1][ledger.Intermarket(f.Market)]
		if owes != shares[i+1]-fees[i+1] || owes != has {
			t.Errorf("home owes market %d %d, which has %d", m, owes, has)
		}
	}
	s := story(t, f.World, c.Orders()[1])
	if s.PaymentState() != "paid" || s.Paid.Due != c.Total || len(s.Siblings) != 2 || s.Siblings[0] != c.Orders()[0] {
		t.Fatalf("the rice's story: %s %+v %v", s.PaymentState(), s.Paid, s.Siblings)
	}
	found, buyer, err := f.Orders.FindCheckout(ctx, f.tea.Market, c.Payment)
	must(t, err)
	if buyer != f.Buyer.ID || found.Market != c.Market || found.Total != c.Total || len(found.Orders()) != 3 || found.Baskets[2].Total != 16667 {
		t.Fatalf("found %+v", found)
	}
}

func TestWhenOneMarketRefusesNoneHasPlacedAndTheRefusalNamesMarketAndItem(t *testing.T) {
	f := open(t)
	a := f.ask()
	a.Items[2].Quantity = 2_001 // one gram more than there is
	key := once.Of(f.Buyer.ID, "k", []byte("k"))
	for range 2 {
		_, err := f.Orders.Place(t.Context(), key, a)
		said := refuses(t, err, "sold_out")
		if said.Field != "items.2" || said.Args["market"] == "" || said.Args["left"] != int64(2000) {
			t.Fatalf("said %+v", said)
		}
	}
	f.Drain(t)
	for _, s := range []ordertest.Stall{f.rice, f.tea} {
		if free := f.free(s); free != map[int32]int64{f.rice.Market: 50_000, f.tea.Market: 2_000}[s.Market] {
			t.Errorf("%d left in market %d", free, s.Market)
		}
	}
	f.books()
	// The same key, once there is enough, places.
	a.Items[2].Quantity = 2_000
	c, err := f.Orders.Place(t.Context(), key, a)
	must(t, err)
	must(t, f.Orders.Cancel(t.Context(), f.Buyer, c.Orders()[0], "x"))
	a.Items[0].Quantity = 499
	a.Items[1].Quantity = -1
	_, err = f.Orders.Place(t.Context(), once.Key{}, a)
	said := refuses(t, err, "below_minimum")
	if said.Field != "items.0" || len(said.More) != 1 {
		t.Fatalf("said %+v", said)
	}
	a = f.ask()
	a.Seen = 42466
	_, err = f.Orders.Place(t.Context(), once.Key{}, a)
	if said := refuses(t, err, "price_changed"); said.Args["new"] != int64(42467) {
		t.Fatalf("said %+v", said)
	}
	f.Drain(t)
	f.books()
}

func TestACheckoutThatIsNotPaidDiesWhole(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	for name, end := range map[string]func(order.Checkout) order.State{
		"cancelled from another market": func(c order.Checkout) order.State {
			must(t, f.Orders.Cancel(ctx, f.Buyer, c.Orders()[2], "x"))
			return order.Cancelled
		},
		"expired": func(order.Checkout) order.State { f.Clock.Advance(16 * 60e9); return order.Expired },
	} {
		c := f.place(f.ask())
		p, err := f.Orders.Pay(ctx, f.Market, c.Payment, "/")
		must(t, err)
		state := end(c)
		f.Drain(t)
		f.states(c, state)
		if f.free(f.tea) != 2_000 || f.free(f.rice) != 50_000 {
			t.Errorf("%s: %d tea, %d rice", name, f.free(f.tea), f.free(f.rice))
		}
		if o, err := f.Sandbox.Look(ctx, f.Market, p.Object); err != nil || o.State != payment.ObjectClosed {
			t.Errorf("%s: the pay page is %s", name, o.State)
		}
		f.books()
	}
}
