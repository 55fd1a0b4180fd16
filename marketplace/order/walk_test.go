package order_test

import (
	"testing"
	"time"

	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/statement"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// books fails unless every check of the rooms below passes, and gives balances.
func books(t *testing.T, w *ordertest.World, accounts ...string) map[string]int64 {
	t.Helper()
	return booksOf(t, w, w.Market, accounts...)
}

// booksOf is books in another market of the world.
func booksOf(t *testing.T, w *ordertest.World, market int32, accounts ...string) map[string]int64 {
	t.Helper()
	var checks []audit.Check
	for _, of := range [][]audit.Check{ledger.Checks(), payment.Checks(), order.Checks(), retail.Checks(), commission.Checks(), payable.Checks(), payout.Checks(), statement.Checks(), stock.Checks(), dispute.Checks(), returns.Checks()} {
		checks = append(checks, of...)
	}
	r, err := audit.Run(t.Context(), w.DB, []int32{market}, checks, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		for _, v := range c.Violations {
			t.Errorf("audit: %s: %s", c.Name, v)
		}
	}
	var have map[string]int64
	err = w.DB.View(t.Context(), market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, accounts...); return })
	if err != nil {
		t.Fatal(err)
	}
	return have
}

func story(t *testing.T, w *ordertest.World, ref order.Ref) order.Story {
	t.Helper()
	s, err := w.Orders.Story(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// 5 kg of walnuts at 26.00: 130.00; fee 2 % 2.60, commission 6 % 7.80, seller 119.60.
func TestAnOrderWalksTheWholePipeline(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ref, b := w.Place(t, 5000)
	if b.Total != 13000 {
		t.Fatalf("total is %d", b.Total)
	}
	books(t, w)
	w.Pay(t, b)
	held := ledger.HeldOrder(ref.ID)
	if have := books(t, w, held, ledger.GatewayClearing, ledger.CostGateway); have[held] != 13000 || have[ledger.GatewayClearing] != 13000-78 || have[ledger.CostGateway] != 78 {
		t.Fatalf("after capture: %v", have)
	}
	w.Drain(t) // the gateway's news: nothing happens twice
	for _, step := range []func() error{
		func() error { return w.Orders.Accept(ctx, w.Seller, ref) },
		func() error { return w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 4900}) }, // 100 g less: 2.60 back
		func() error { return w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "中通"}) },
		func() error { return w.Orders.Deliver(ctx, w.Buyer, ref) },
		func() error { return w.Orders.Complete(ctx, w.Buyer, ref) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
		if err := step(); err != nil { // pressed twice
			t.Fatalf("the second press: %v", err)
		}
		w.Drain(t)
		books(t, w)
	}
	s := story(t, w, ref)
	if s.State != order.Completed || s.PaymentState() != "part_refunded" || s.Net() != 12740 || len(s.Refunds) != 1 || s.Refunds[0].State != payment.RefundSucceeded {
		t.Fatalf("story: %s %s net %d refunds %+v", s.State, s.PaymentState(), s.Net(), s.Refunds)
	}
	if s.DeliverTo == nil || s.DeliverTo.Name != "王芳" {
		t.Fatalf("address: %+v", s.DeliverTo)
	}
	payee := *s.Lines[0].AgentPayee
	have := books(t, w, held, ledger.Owed(w.Producer.PayeeID), ledger.Commission(payee), ledger.IncomeFees, ledger.GatewayAvailable)
	parts := s.Parts()
	if have[held] != 0 || have[ledger.Owed(w.Producer.PayeeID)] != parts.Seller || have[ledger.Commission(payee)] != parts.Agent || have[ledger.IncomeFees] != parts.Fee {
		t.Fatalf("after release: %v, parts %+v", have, parts)
	}
	if parts.Sum() != 12740 || parts.Seller != 11721 || parts.Agent != 764 || parts.Fee != 255 {
		t.Fatalf("parts %+v", parts)
	}
	w.Clock.Advance(8 * 24 * time.Hour)
	w.Drain(t)
	have = books(t, w, ledger.Owed(payee), ledger.Commission(payee))
	if have[ledger.Owed(payee)] != 764 || have[ledger.Commission(payee)] != 0 {
		t.Fatalf("after the hold: %v", have)
	}
}

func TestAKindWithoutGoodsPassesFromPlacedToCompleted(t *testing.T) {
	w := ordertest.New(t, ordertest.Ticket())
	a := w.Ask(0)
	a.Kind, a.Items, a.Agent.Link = "ticket", []order.Item{{Market: w.Market, Quantity: 2500}, {Market: w.Market, Quantity: 1}}, ""
	b, err := w.Orders.Place(t.Context(), once.Key{}, a)
	if err != nil {
		t.Fatal(err)
	}
	w.Pay(t, b)
	s := story(t, w, b.Orders()[0])
	if s.State != order.Completed || len(s.History) != 3 || s.History[1].To != order.Secured || s.History[2].To != order.Completed {
		t.Fatalf("%s, history %+v", s.State, s.History)
	}
	if have := books(t, w, ledger.IncomeFees); have[ledger.IncomeFees] != 2501 {
		t.Fatalf("fees %v", have)
	}
}
