package marketplace_test

import (
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/marketplace/recon"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// gatewayDay lets two markets of the demo sell through Stripe's stand-in, and a day
// of everything happen at its balance that only the gateway tells of: so that the
// book has an example of each posting that follows from that.
func gatewayDay(t *testing.T, address string, markets []int32) {
	t.Helper()
	ctx := t.Context()
	now := time.Now()
	clock := func() time.Time { return now }
	s := stripetest.New(t, 99, clock)
	m, err := marketplace.Open(ctx, marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard, Clock: clock,
		Stripe: stripe.Options{Key: stripetest.Key, Secrets: []string{stripetest.Secret}, Base: s.URL, Home: "https://market.example"}})
	must(t, err)
	defer func() { _ = m.Shut() }()
	ask := order.Ask{Kind: "goods", Seen: -1, Way: stripe.Name, DeliverTo: &order.Address{Name: "王芳", Phone: "+8613900000000", Region: "北京市", Street: "学院路 1 号"}}
	for _, market := range markets {
		if market == storage.Platform || len(ask.Items) == 2 {
			continue
		}
		var of struct {
			ID      id.ID `db:"id"`
			Minimum int64 `db:"minimum"`
		}
		must(t, m.DB.View(ctx, market, func(tx *storage.Tx) error {
			if ask.Buyer.ID == id.None {
				if err := tx.Get(&ask.Buyer.ID, "SELECT buyer_id FROM orders WHERE market_id = $1 AND buyer_id IS NOT NULL LIMIT 1", market); err != nil {
					return err
				}
			}
			return tx.Get(&of, `SELECT l.id, l.minimum FROM listings l WHERE l.market_id = $1 AND l.state = 'live'
				AND EXISTS (SELECT 1 FROM batches b WHERE b.market_id = $1 AND b.listing_id = l.id AND b.on_hand - b.reserved >= 2 * l.minimum) ORDER BY l.id LIMIT 1`, market)
		}))
		ask.Items = append(ask.Items, order.Item{Market: market, Listing: of.ID, Quantity: of.Minimum})
	}
	ask.PlacedBy = people.Person{ID: ask.Buyer.ID}
	drain := func(forward time.Duration) {
		now = now.Add(forward)
		for range 3 {
			for _, market := range markets {
				must(t, m.DB.Update(ctx, market, func(tx *storage.Tx) error {
					recon.Again(tx, tx.Now.Format(time.RFC3339Nano))
					return nil
				}))
				_, err := m.Worker.Drain(ctx, market)
				must(t, err)
			}
			now = now.Add(time.Minute)
		}
	}
	pay := func() string {
		c, err := m.Orders.Place(ctx, once.Key{}, ask)
		must(t, err)
		p, err := m.Orders.Pay(ctx, c.Market, c.Payment, "/back")
		must(t, err)
		s.Pay(p.Object, stripetest.Paying{})
		_, err = m.Orders.Settle(ctx, c.Market, c.Payment)
		must(t, err)
		return p.Object
	}
	first := pay()
	s.Refee(first, 1) // less than was said
	s.Refee(pay(), 999)
	alone := ask
	alone.Items = ask.Items[1:]
	ask = alone // so that the second has money at the gateway too
	pay()
	drain(0)
	now = now.Add(3 * time.Hour)
	s.Take("stripe_fee", 1000, "")
	s.Take("stripe_fee", -300, "")
	for _, sum := range []int64{500, -400, 300, -200, 100, -90} {
		s.Take("reserve_transaction", sum, "")
	}
	po := s.PayOut(1500)
	s.NoBank(s.PayOut(200))
	_ = po
	keeper, err := m.Recon.Keeper(ctx)
	must(t, err)
	must(t, m.Recon.Now(ctx, keeper.ID))
	drain(time.Hour)
	var waits []recon.Line
	must(t, m.DB.View(ctx, keeper.ID, func(tx *storage.Tx) (err error) { waits, err = recon.Undecided(tx, 50); return }))
	if len(waits) != 6 {
		t.Fatalf("%d movements wait", len(waits))
	}
	for i, l := range waits {
		_, err := m.Recon.Decide(ctx, keeper.ID, l.ID, people.System, recon.Say{Deed: []string{recon.Fee, recon.Bank, recon.Capital}[i/2%3]})
		must(t, err)
	}
}
