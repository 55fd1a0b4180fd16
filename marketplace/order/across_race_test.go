package order_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

var errCut = errors.New("cut here")

// cut is a world whose statements a test can stop: the program dies there.
type cut struct {
	when atomic.Pointer[func(query string) bool]
}

func (c *cut) at(when func(query string) bool) { c.when.Store(&when) }

func (c *cut) heal() { c.when.Store(nil) }

func (c *cut) options(o *storage.Options) {
	inner := o.Guard
	o.Guard = func(query string, write, tx bool) error {
		if when := c.when.Load(); when != nil && (*when)(query) {
			return errCut
		}
		return inner(query, write, tx)
	}
}

// The program dies between any two commits of placing over three markets, and
// nobody presses again: the jobs undo what was placed, the goods are free, and
// nothing of it can be paid. Pressed again in time, it is finished.
func TestCutBetweenAnyTwoMarketsACheckoutIsUndoneByItsJobsOrFinishedByItsRepetition(t *testing.T) {
	for repeat := range 2 {
		for cuts := 1; cuts <= 3; cuts++ {
			var c cut
			w := ordertest.NewWith(t, c.options)
			f := &fair{World: w, t: t, rice: w.Stall(t, "红米", 1280, 50_000), tea: w.Stall(t, "古树茶", 33333, 2_000)}
			key := once.Of(f.Buyer.ID, "k", []byte("k"))
			n := 0
			c.at(func(query string) bool { // the basket of the cuts-th market is not written, nor anything after it
				if strings.Contains(query, "INSERT INTO baskets") {
					n++
				}
				return n >= cuts
			})
			if _, err := f.Orders.Place(t.Context(), key, f.ask()); !errors.Is(err, errCut) {
				t.Fatalf("cut %d: %v", cuts, err)
			}
			c.heal()
			if repeat == 1 {
				again, err := f.Orders.Place(t.Context(), key, f.ask())
				must(t, err)
				f.Clock.Advance(3 * time.Minute)
				f.Drain(t)
				f.states(again, order.Placed)
				f.Pay(t, again)
				f.Drain(t)
				f.states(again, order.Secured)
				f.books()
				continue
			}
			f.Clock.Advance(3 * time.Minute)
			f.Drain(t)
			if f.free(f.rice) != 50_000 || f.free(f.tea) != 2_000 {
				t.Errorf("cut %d: %d rice and %d tea are left", cuts, f.free(f.rice), f.free(f.tea))
			}
			if all := f.mine(f.Buyer.ID, order.Filter{}); len(all) != 0 {
				t.Errorf("cut %d: the buyer sees %d orders", cuts, len(all))
			}
			f.books()
			done, err := f.Orders.Place(t.Context(), key, f.ask()) // much later the same press is a new one
			must(t, err)
			f.states(done, order.Placed)
		}
	}
}

// The home market is slow: the parts' jobs give the checkout up while it is being
// placed. Whoever is second loses, and nothing is half.
func TestAPlacingThatIsOvertakenByItsOwnUndoingIsNeverHalf(t *testing.T) {
	f := open(t)
	for range 6 {
		f.Listing = f.Offer(t, "核桃", 2600, 1_000_000)
		var c order.Checkout
		var placed error
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			defer close(stop)
			c, placed = f.Orders.Place(t.Context(), once.Of(f.Buyer.ID, id.New().String(), nil), f.ask())
		})
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					f.Clock.Advance(3 * time.Minute) // every job of a part is due at once
					for _, m := range []int32{f.rice.Market, f.tea.Market} {
						if _, err := f.Worker.Drain(t.Context(), m); err != nil {
							t.Error(err)
							return
						}
					}
				}
			}
		})
		wg.Wait()
		if placed != nil {
			refuses(t, placed, "conflict")
		} else {
			for _, ref := range c.Orders() {
				o, err := f.Orders.Find(t.Context(), ref)
				must(t, err)
				if o.State != order.Placed && o.State != order.Expired {
					t.Errorf("%s is %s", o.Number, o.State)
				}
			}
		}
		f.Clock.Advance(time.Hour)
		f.Drain(t)
		if f.free(f.rice) != 50_000 || f.free(f.tea) != 2_000 {
			t.Fatalf("%d rice and %d tea are left", f.free(f.rice), f.free(f.tea))
		}
	}
	f.books()
}

func TestSixtyFourPressesOverThreeMarketsAreOneCheckout(t *testing.T) {
	f := open(t)
	key := once.Of(f.Buyer.ID, "k", []byte("k"))
	var mu sync.Mutex
	seen := map[id.ID]int{}
	for _, err := range at(64, func(int) error {
		c, err := f.Orders.Place(t.Context(), key, f.ask())
		mu.Lock()
		seen[c.Payment]++
		mu.Unlock()
		return err
	}) {
		must(t, err)
	}
	f.Clock.Advance(3 * time.Minute)
	f.Drain(t)
	if len(seen) != 1 || f.free(f.tea) != 1_500 || f.free(f.rice) != 40_000 || len(f.mine(f.Buyer.ID, order.Filter{})) != 3 {
		t.Fatalf("%v, %d tea, %d orders", seen, f.free(f.tea), len(f.mine(f.Buyer.ID, order.Filter{})))
	}
	f.books()
}

// Forty want the last of both, half of them naming the markets the other way
// round: as many get both as there are pairs, and nobody waits in a circle.
func TestTheLastOfTwoMarketsWantedInOppositeOrderGoesToWholeCheckouts(t *testing.T) {
	f := open(t)
	won := make([]bool, 40)
	for i, err := range at(40, func(i int) error {
		a := f.ask()
		a.Items = []order.Item{f.rice.Item(10_000), f.tea.Item(500)} // five of the rice, four of the tea
		if i%2 == 1 {
			a.Items[0], a.Items[1] = a.Items[1], a.Items[0]
		}
		_, err := f.Orders.Place(t.Context(), once.Of(f.Buyer.ID, id.New().String(), nil), a)
		won[i] = err == nil
		return err
	}) {
		if err != nil && code(err) != "sold_out" {
			t.Errorf("%d: %v", i, err)
		}
	}
	f.Drain(t)
	n := 0
	for _, is := range won {
		if is {
			n++
		}
	}
	if n != 4 || f.free(f.tea) != 0 || f.free(f.rice) != 10_000 {
		t.Fatalf("%d won, %d tea and %d rice are left", n, f.free(f.tea), f.free(f.rice))
	}
	f.books()
}

func TestBrowserAndNewsAHundredTimesAreOneCaptureInEachOfThreeMarkets(t *testing.T) {
	f := open(t)
	c := f.place(f.ask())
	f.Open(t, c)
	for _, err := range at(100, func(i int) error {
		switch i % 4 {
		case 0:
			_, err := f.Orders.Settle(t.Context(), f.Market, c.Payment)
			return err
		case 1:
			_, err := f.Orders.Settle(t.Context(), f.tea.Market, c.Payment)
			return err
		case 2:
			return f.Desk.Receive(t.Context(), f.Market, payment.News{Provider: "sandbox", Event: "evt", Object: "sb_" + c.Payment.String(), Payment: c.Payment}, []byte("{}"))
		}
		_, err := f.Worker.Drain(t.Context(), []int32{f.Market, f.rice.Market, f.tea.Market}[i%3])
		return err
	}) {
		must(t, err)
	}
	f.Drain(t)
	f.states(c, order.Secured)
	all := f.books(ledger.HeldOrder(c.Orders()[0].ID), ledger.HeldOrder(c.Orders()[1].ID), ledger.HeldOrder(c.Orders()[2].ID))
	for i, sum := range []int64{13000, 12800, 16667} {
		if have := all[i][ledger.HeldOrder(c.Orders()[i].ID)]; have != sum {
			t.Errorf("market %d holds %d", i, have)
		}
		if s := story(t, f.World, c.Orders()[i]); len(s.History) != 2 {
			t.Errorf("market %d: %+v", i, s.History)
		}
	}
}

// The gateway's object does not know one market's part: that market does not take
// it, and somebody hears of it; the others do.
func TestAShareThatTheGatewayDoesNotKnowIsNotTaken(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	c := f.place(f.ask())
	f.Open(t, c)
	must(t, f.DB.Update(ctx, f.Market, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE sandbox_objects SET shares = $3 WHERE market_id = $1 AND payment_id = $2", f.Market, c.Payment,
			payment.Told([]payment.Share{{Market: f.Market, Sale: c.Baskets[0].ID, Amount: 13000}, {Market: f.rice.Market, Sale: c.Baskets[1].ID, Amount: 12800},
				{Market: f.tea.Market, Sale: c.Baskets[2].ID, Amount: 16666}}))
		return err
	}))
	_, err := f.Orders.Settle(ctx, f.Market, c.Payment)
	must(t, err)
	f.Drain(t)
	f.Must(t, c.Orders()[0], order.Secured)
	f.Must(t, c.Orders()[1], order.Secured)
	f.Must(t, c.Orders()[2], order.Placed)
	f.books()
	if heard := f.alarms(); len(heard) != 0 {
		t.Fatalf("heard at once: %v", heard)
	}
	f.Clock.Advance(2 * time.Hour)
	if heard := f.alarms(); len(heard) != 1 || !strings.Contains(heard[0].String(), "share") {
		t.Fatalf("heard after two hours: %v", heard)
	}
}

// alarms are what the deals between markets let somebody hear of.
func (f *fair) alarms() (all []audit.Values) {
	f.t.Helper()
	must(f.t, f.DB.Snapshot(context.Background(), f.Market, func(tx *storage.Tx) error {
		for _, a := range ledger.Alarms() {
			if a.Name != "a deal between two markets has one side only" {
				continue
			}
			heard, err := a.Run(tx)
			if err != nil {
				return err
			}
			all = append(all, heard...)
		}
		return nil
	}))
	return all
}

func TestNewsThatComesLateRepeatedOrNeverSecuresAllMarkets(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	for name, n := range map[string]sandbox.News{"never": {}, "late and often": {Repeat: 5, Delay: 5 * time.Minute}} {
		c := f.place(f.ask())
		p, err := f.Orders.Pay(ctx, f.Market, c.Payment, "/")
		must(t, err)
		must(t, f.Sandbox.Pay(ctx, f.Market, p.Object, n))
		f.Clock.Advance(6 * time.Minute)
		if n.Repeat == 0 { // the sweeper finds it
			got, err := f.Orders.Sweep(ctx, f.Market)
			must(t, err)
			if got != 1 {
				t.Errorf("%s: the sweeper found %d", name, got)
			}
			for _, other := range []int32{f.rice.Market, f.tea.Market} { // where it is not at home
				if got, err := f.Orders.Sweep(ctx, other); err != nil || got != 0 {
					t.Errorf("%s: %d, %v", name, got, err)
				}
			}
		}
		f.Drain(t)
		f.states(c, order.Secured)
	}
	// Paid at the very end, heard of after the timer: the timer asks first.
	c := f.place(f.ask())
	f.Open(t, c)
	f.Clock.Advance(16 * time.Minute)
	f.Drain(t)
	f.states(c, order.Secured)
	f.books()
}

// halfPlaced is a checkout that was cut off when only its home market was missing,
// and its key.
func halfPlaced(t *testing.T) (*fair, once.Key) {
	t.Helper()
	var c cut
	w := ordertest.NewWith(t, c.options)
	f := &fair{World: w, t: t, rice: w.Stall(t, "红米", 1280, 50_000), tea: w.Stall(t, "古树茶", 33333, 2_000)}
	key := once.Of(f.Buyer.ID, "k", []byte("k"))
	n := 0
	c.at(func(query string) bool { // only the home market is missing
		if strings.Contains(query, "INSERT INTO baskets") {
			n++
		}
		return n >= 3
	})
	if _, err := f.Orders.Place(t.Context(), key, f.ask()); !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	c.heal()
	return f, key
}

// Two payments of a market may by chance have the same short reference. The one
// that comes later is given up like any other, and nothing waits for it for ever.
func TestACheckoutWhoseReferenceIsTakenIsUndoneAndPlacedAnew(t *testing.T) {
	for repeat := range 2 {
		f, key := halfPlaced(t)
		part := f.mine(f.Buyer.ID, order.Filter{})
		if len(part) == 0 {
			t.Fatal("nothing was placed")
		}
		must(t, f.DB.Update(t.Context(), f.Market, func(tx *storage.Tx) error {
			payment.Expect(tx, payment.Payment{ID: id.New(), Home: f.Market, Sale: id.New(), Gateway: "bank",
				Reference: payment.Reference(part[0].Payment), Currency: "CNY", Due: 1, ExpiresAt: tx.Now})
			return nil
		}))
		if repeat == 1 {
			again, err := f.Orders.Place(t.Context(), key, f.ask())
			must(t, err)
			f.states(again, order.Placed)
			continue
		}
		f.Clock.Advance(3 * time.Minute)
		f.Drain(t)
		if f.free(f.rice) != 50_000 || f.free(f.tea) != 2_000 {
			t.Errorf("%d rice and %d tea are left", f.free(f.rice), f.free(f.tea))
		}
	}
}

// One part was undone already and the other not yet: who presses again gives up
// the rest of the old checkout too and is not sent away.
func TestARepetitionBetweenTwoUndoingsGivesUpTheRestAndPlacesAnew(t *testing.T) {
	f, key := halfPlaced(t)
	f.Clock.Advance(3 * time.Minute)
	if _, err := f.Worker.Drain(t.Context(), f.tea.Market); err != nil {
		t.Fatal(err)
	}
	again, err := f.Orders.Place(t.Context(), key, f.ask())
	must(t, err)
	f.Drain(t)
	f.states(again, order.Placed)
	if f.free(f.rice) != 40_000 || f.free(f.tea) != 1_500 {
		t.Errorf("%d rice and %d tea are left", f.free(f.rice), f.free(f.tea))
	}
	f.books()
}
