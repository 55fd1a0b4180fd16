package demo_test

import (
	"slices"
	"testing"

	"commonfield/marketplace"
	"commonfield/marketplace/demo"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// The demo is complete, its books are clean, and building it again changes nothing.
func TestTheDemoHasOrdersInEveryStateAndCleanBooks(t *testing.T) {
	ctx := t.Context()
	_, address := dbtest.Own(t)
	c := marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard}
	db, err := storage.Open(ctx, storage.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	if err := marketplace.Prepare(ctx, db); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	who, err := demo.Build(ctx, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := marketplace.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shut() })
	counts := func() map[order.State]int {
		all, err := m.Books.All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n := map[order.State]int{}
		for _, market := range all {
			os, err := m.Orders.List(ctx, order.Filter{Markets: []int32{market.ID}, N: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range os {
				if o.PlacedAt.After(m.DB.Now()) {
					t.Errorf("order %s is of %v, which has not been yet", o.Number, o.PlacedAt)
				}
				n[o.State]++
			}
		}
		return n
	}
	first := counts()
	for _, s := range []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed, order.Cancelled, order.Expired} {
		if first[s] < 2 {
			t.Errorf("%d orders are %s", first[s], s)
		}
	}
	report, err := m.Audit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Checks {
		for _, v := range c.Violations {
			t.Errorf("%s: %s", c.Name, v)
		}
	}
	for _, a := range report.Alarms {
		t.Errorf("alarm: %s", a)
	}
	for _, market := range []int32{1, 2, 3} {
		var said, back, complaints, ready, brought, waits int
		err := m.DB.View(ctx, market, func(tx *storage.Tx) error {
			for n, query := range map[*int]string{&said: "order_messages WHERE market_id = $1", &back: "returns WHERE market_id = $1 AND ended_at IS NULL", &complaints: "disputes WHERE market_id = $1 AND ended_at IS NULL",
				&ready:   "pickups p JOIN orders o ON o.market_id = p.market_id AND o.id = p.order_id WHERE p.market_id = $1 AND o.state = 'shipped'",
				&brought: "handovers WHERE market_id = $1 AND how = 'code'", &waits: "handovers WHERE market_id = $1 AND how = ''"} {
				if err := tx.Get(n, "SELECT count(*) FROM "+query, market); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || said != 3 || back != 1 || complaints != 1 || ready != 1 || brought != 1 || waits != 1 {
			t.Errorf("market %d: %d messages, %d returns, %d complaints, %d to pick up, cash brought %d and waiting %d, %v", market, said, back, complaints, ready, brought, waits, err)
		}
	}
	// One checkout of two counties: three sellers, one payment, and nothing is left in the kept basket.
	buyer := who[slices.IndexFunc(who, func(l demo.Login) bool { return l.Role == "buyer" })]
	p, err := m.People.FindByLogin(ctx, buyer.Phone)
	if err != nil {
		t.Fatal(err)
	}
	far := 0
	for _, market := range []int32{1, 2, 3} {
		os, err := m.Orders.List(ctx, order.Filter{Markets: []int32{market}, Buyer: p.ID, N: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range os {
			s, err := m.Orders.Story(ctx, o.Ref())
			if err != nil {
				t.Fatal(err)
			}
			if s.Paid.Shares == 1 && len(s.Siblings) == 2 && s.SecuredAt != nil {
				far++
			}
		}
	}
	if n, err := m.Kept.Count(ctx, p.ID); far != 3 || n != 0 || err != nil {
		t.Errorf("%d orders of two counties, %d kept, %v", far, n, err)
	}
	if len(who) < 15 {
		t.Errorf("%d people can sign in", len(who))
	}
	for _, l := range who {
		if _, _, err := m.People.SignIn(ctx, l.Phone, demo.Password, "test"); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
	if _, err := demo.Build(ctx, c, nil); err != nil {
		t.Fatal(err)
	}
	for s, n := range counts() {
		if first[s] != n {
			t.Errorf("after a second build %d orders are %s, not %d", n, s, first[s])
		}
	}
	c.Production = true
	if _, err := demo.Build(ctx, c, nil); err == nil {
		t.Error("production took the demo")
	}
}
