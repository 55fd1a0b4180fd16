package order_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// move posts as a room would that is not built yet.
func move(t *testing.T, w *ordertest.World, legs ...ledger.Leg) {
	t.Helper()
	must(t, w.DB.Update(t.Context(), w.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		return ledger.Post(tx, ledger.Entry{Cause: "test:" + id.New().String(), Legs: legs})
	}))
}

// signed is a world with a contract: 1,000 kg at 20.00, fee 2 %, tax 9 % in it.
func signed(t *testing.T) (*ordertest.World, *ordertest.Contract) {
	t.Helper()
	w := ordertest.New(t)
	c := &ordertest.Contract{ID: id.New(), Seller: w.Producer, Price: 2000, Quantity: 1_000_000, FeeBP: 200, TaxBP: 900}
	w.Join(w.DB, ordertest.Deposit(), ordertest.CallOff(c))
	return w, c
}

func called(t *testing.T, w *ordertest.World, c *ordertest.Contract, grams int64) order.Ref {
	t.Helper()
	ref, err := w.Call(t.Context(), once.Key{}, c.ID, grams)
	must(t, err)
	return ref
}

// sent brings a call-off to its buyer.
func sent(t *testing.T, w *ordertest.World, ref order.Ref) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "中通", Number: "7584"}))
	must(t, w.Orders.Deliver(ctx, w.Buyer, ref))
}

func TestADepositGoesToItsContractAndComesBackFromThere(t *testing.T) {
	w, c := signed(t)
	ref, b, err := w.Give(t.Context(), ordertest.DepositKind, c.ID, 50000)
	must(t, err)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 0}) // nobody has paid it yet
	refuses(t, back(t, w, ref, 100), "refund_not_paid")
	w.Pay(t, b)
	w.Drain(t)
	w.Must(t, ref, order.Completed)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 50000, ledger.HeldOrder(ref.ID): 0, ledger.IncomeFees: 0})
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Seller, ref, nil, "not theirs")
	refuses(t, err, "forbidden")
	must(t, back(t, w, ref, 20000))
	// An advance to the seller, by agreement: what is gone is gone.
	move(t, w, ledger.Leg{Debit: ledger.Contract(c.ID), Credit: ledger.OwnCapital, Amount: 25000})
	refuses(t, back(t, w, ref, 5001), "refund_spent")
	must(t, back(t, w, ref, 5000))
	has(t, w, map[string]int64{ledger.Contract(c.ID): 0})
}

// 10 kg: 200.00, fee 4.00, tax 16.51, commission 6 % of 183.49 = 11.01, seller 168.48.
func TestACallOffIsSecuredAtOnceAndPaidByItsContract(t *testing.T) {
	w, c := signed(t)
	_, err := w.Call(t.Context(), once.Key{}, c.ID, 10_000)
	refuses(t, err, "not_covered") // nothing was paid into it
	given(t, w, ordertest.DepositKind, c.ID, 50000)
	ref := called(t, w, c, 10_000)
	s := story(t, w, ref)
	if s.State != order.Secured || s.Payment != id.None || s.Way != "contract" || s.PaymentState() != "covered" || len(s.History) != 2 || s.DueAt == nil {
		t.Fatalf("%+v", s)
	}
	if code, err := w.Orders.ClaimCode(t.Context(), s.Order); code != "" || err != nil {
		t.Error(code, err)
	}
	w.Drain(t)
	sent(t, w, ref)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 50000, ledger.Owed(w.Producer.PayeeID): 0})
	must(t, w.Orders.Complete(t.Context(), w.Buyer, ref))
	must(t, w.Orders.Complete(t.Context(), w.Buyer, ref))
	w.Drain(t)
	agent := *story(t, w, ref).Lines[0].AgentPayee
	has(t, w, map[string]int64{ledger.Contract(c.ID): 30000, ledger.Owed(w.Producer.PayeeID): 16848, ledger.IncomeFees: 400, ledger.TaxDue: 1651, ledger.Commission(agent): 1101})
	w.Clock.Advance(8 * 24 * time.Hour)
	w.Drain(t)
	has(t, w, map[string]int64{ledger.Owed(agent): 1101, ledger.Commission(agent): 0})
}

func TestWhatAContractCannotPayYetIsPaidWhenAnInstalmentComes(t *testing.T) {
	w, c := signed(t)
	given(t, w, ordertest.DepositKind, c.ID, 12000)
	first, second := called(t, w, c, 10_000), called(t, w, c, 10_000)
	for _, ref := range []order.Ref{first, second} {
		sent(t, w, ref)
		must(t, w.Orders.Complete(t.Context(), w.Buyer, ref))
	}
	w.Drain(t)
	agent := *story(t, w, first).Lines[0].AgentPayee
	// 120.00 of 400.00: the first order's own shares, less than 188.99 in all, by what each has of it.
	has(t, w, map[string]int64{ledger.Contract(c.ID): 0, ledger.Owed(w.Producer.PayeeID): 10698, ledger.IncomeFees: 254, ledger.TaxDue: 1048, ledger.Commission(agent): 0})
	given(t, w, ordertest.DepositKind, c.ID, 7000) // the first order's own shares are whole; its agent's 11.01 is not there
	has(t, w, map[string]int64{ledger.Contract(c.ID): 0, ledger.Commission(agent): 0})
	c.Retained.Store(5000)
	given(t, w, ordertest.DepositKind, c.ID, 20000)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 5000})
	c.Retained.Store(0)
	for range 2 { // heard twice
		must(t, w.DB.Update(t.Context(), w.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			order.Passed(tx, c.ID, ledger.Contract(c.ID), "retention")
			return nil
		}))
		w.Drain(t)
	}
	has(t, w, map[string]int64{ledger.Contract(c.ID): 101, ledger.Commission(agent): 1101}) // 10.00 are missing for the second order's agent
	given(t, w, ordertest.DepositKind, c.ID, 1000+50000)                                    // all of it, and something for later
	has(t, w, map[string]int64{ledger.Contract(c.ID): 50000, ledger.Owed(w.Producer.PayeeID): 2 * 16848, ledger.IncomeFees: 800, ledger.TaxDue: 2 * 1651, ledger.Commission(agent): 2 * 1101})
}

func TestWhatIsNotDeliveredUnderAContractStaysInIt(t *testing.T) {
	w, c := signed(t)
	ctx := t.Context()
	given(t, w, ordertest.DepositKind, c.ID, 100000)
	// 10 kg, of which 8 are taken on, and 7.9 packed: 158.00 of 200.00.
	ref := called(t, w, c, 10_000)
	must(t, w.Orders.AcceptPart(ctx, w.Seller, ref, map[int]int64{1: 8000}))
	must(t, w.Orders.AcceptPart(ctx, w.Seller, ref, map[int]int64{1: 8000}))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 7900}))
	if s := story(t, w, ref); s.Net() != 15800 || len(s.Refunds) != 0 {
		t.Fatalf("net %d, %+v", s.Net(), s.Refunds)
	}
	// A seller gives 8.00 back before it is released: the contract keeps that too.
	_, err := w.Orders.Refund(ctx, once.Key{}, w.Seller, ref, []order.Part{{Line: 1, Amount: 800}}, "some are broken")
	must(t, err)
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "中通"}))
	must(t, w.Orders.Deliver(ctx, w.Buyer, ref))
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	w.Drain(t)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 85000})
	// Declined, and never answered: nothing has moved.
	declined, silent := called(t, w, c, 10_000), called(t, w, c, 10_000)
	must(t, w.Orders.Cancel(ctx, w.Seller, declined, "no nuts"))
	must(t, w.Orders.Cancel(ctx, w.Seller, declined, "no nuts"))
	w.Clock.Advance(73 * time.Hour)
	w.Drain(t)
	w.Must(t, declined, order.Cancelled)
	w.Must(t, silent, order.Cancelled)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 85000})
	// A lost parcel ends the order; the contract has never paid for it.
	lost := called(t, w, c, 5000)
	must(t, w.Orders.Accept(ctx, w.Seller, lost))
	must(t, w.Orders.Pack(ctx, w.Seller, lost, nil))
	must(t, w.Orders.Ship(ctx, w.Seller, lost, order.Parcel{Carrier: "中通", Number: "1"}))
	must(t, w.Orders.Lost(ctx, w.Operator, lost, story(t, w, lost).Shipments[0].ID, "a flood"))
	w.Drain(t)
	w.Must(t, lost, order.Cancelled)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 85000})
}

// After the release those who were paid give back, into the contract: 50.00 of 200.00.
func TestARefundUnderAContractGoesBackIntoIt(t *testing.T) {
	w, c := signed(t)
	given(t, w, ordertest.DepositKind, c.ID, 20000)
	ref := called(t, w, c, 10_000)
	sent(t, w, ref)
	must(t, w.Orders.Complete(t.Context(), w.Buyer, ref))
	waits := called(t, w, c, 1_000) // 20.00 that the contract cannot pay
	sent(t, w, waits)
	must(t, w.Orders.Complete(t.Context(), w.Buyer, waits))
	w.Drain(t)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 0})
	key := once.Of(w.Operator.ID, "press", []byte("50"))
	for range 2 { // pressed twice
		_, err := w.Orders.Refund(t.Context(), key, w.Operator, ref, []order.Part{{Line: 1, Amount: 5000}}, "a quarter is spoilt")
		must(t, err)
	}
	w.Drain(t)
	// 50.00 came back, of which the other order was paid.
	has(t, w, map[string]int64{ledger.Contract(c.ID): 3000})
	s := story(t, w, ref)
	if s.Net() != 15000 || len(s.Refunds) != 0 || s.PaymentState() != "covered" || s.Back() != 15000 {
		t.Errorf("net %d, %+v", s.Net(), s.Refunds)
	}
	refuses(t, back(t, w, ref, 15001), "refund_too_large")
	must(t, back(t, w, ref, 0))
	must(t, back(t, w, waits, 0))
	agent := *s.Lines[0].AgentPayee
	has(t, w, map[string]int64{ledger.Contract(c.ID): 20000, ledger.Owed(w.Producer.PayeeID): 0, ledger.IncomeFees: 0, ledger.TaxDue: 0, ledger.Commission(agent): 0})
}

// Part of an order was given to its owners: what a refund takes, it takes first from
// what they wait for.
func TestARefundOfWhatWasPaidInPartTakesWhatWaitsFirst(t *testing.T) {
	w, c := signed(t)
	given(t, w, ordertest.DepositKind, c.ID, 10000)
	ref := called(t, w, c, 10_000)
	sent(t, w, ref)
	must(t, w.Orders.Complete(t.Context(), w.Buyer, ref))
	w.Drain(t)
	must(t, back(t, w, ref, 8000)) // 120.00 is left of it, 100.00 was given
	has(t, w, map[string]int64{ledger.Contract(c.ID): 0})
	must(t, back(t, w, ref, 6000)) // 60.00 is left, 3.30 of it the agent's: 43.30 comes back, and the agent's turn has come
	has(t, w, map[string]int64{ledger.Contract(c.ID): 4000})
	s := story(t, w, ref)
	has(t, w, map[string]int64{ledger.Commission(*s.Lines[0].AgentPayee): 330})
}

func TestNoMoreIsCalledOffThanAContractIsAboutHoweverManyPress(t *testing.T) {
	w, c := signed(t)
	c.Quantity = 10_000
	given(t, w, ordertest.DepositKind, c.ID, 100)
	for range 3 { // one press, three times
		must(t, func() error {
			_, err := w.Call(t.Context(), once.Of(w.Buyer.ID, "one", []byte("press")), c.ID, 2000)
			return err
		}())
	}
	errs := make([]error, 64)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = w.Call(t.Context(), once.Of(w.Buyer.ID, fmt.Sprint(i), []byte("1 kg")), c.ID, 1000)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if code(err) != "not_covered" {
			t.Error(err)
		}
	}
	if won != 8 {
		t.Errorf("%d of 8 kg were called off", won)
	}
	books(t, w)
	c.Suspended.Store(true)
	c.Quantity = 1_000_000
	_, err := w.Call(t.Context(), once.Key{}, c.ID, 1000)
	refuses(t, err, "not_covered")
	if _, err := w.Call(t.Context(), once.Key{}, id.New(), 1000); code(err) != "not_covered" {
		t.Error(err)
	}
}

// Eight instalments and eight completions at once give the same book as one after another.
func TestInstalmentsAndCompletionsAtOnceEndAtTheSameBook(t *testing.T) {
	w, c := signed(t)
	given(t, w, ordertest.DepositKind, c.ID, 1)
	var refs []order.Ref
	var paid []order.Checkout
	for range 8 {
		ref := called(t, w, c, 3_000)
		sent(t, w, ref)
		_, b, err := w.Give(t.Context(), ordertest.DepositKind, c.ID, 6100)
		must(t, err)
		w.Open(t, b)
		refs, paid = append(refs, ref), append(paid, b)
	}
	var wg sync.WaitGroup
	for i := range refs {
		wg.Go(func() { must(t, w.Orders.Complete(t.Context(), w.Buyer, refs[i])) })
		wg.Go(func() {
			p, err := w.Orders.Settle(t.Context(), paid[i].Market, paid[i].Payment)
			if err != nil || p.State != payment.Captured {
				t.Error(p.State, err)
			}
			_, err = w.Worker.Drain(t.Context(), w.Market)
			must(t, err)
		})
	}
	wg.Wait()
	w.Drain(t)
	has(t, w, map[string]int64{ledger.Contract(c.ID): 1 + 8*100, ledger.IncomeFees: 8 * 120})
}
