package order_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"commonfield/agents/attribution"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func code(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Code
	}
	return fmt.Sprint(err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refuses(t *testing.T, err error, want string) *fault.Fault {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	return f
}

func TestEveryForbiddenMoveIsRefusedWithTheMovesAllowed(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	verbs := map[order.State]func(order.By, order.Ref) error{
		order.Accepted:  func(by order.By, r order.Ref) error { return w.Orders.Accept(ctx, by, r) },
		order.Packed:    func(by order.By, r order.Ref) error { return w.Orders.Pack(ctx, by, r, nil) },
		order.Shipped:   func(by order.By, r order.Ref) error { return w.Orders.Ship(ctx, by, r, order.Parcel{Carrier: "x"}) },
		order.Delivered: func(by order.By, r order.Ref) error { return w.Orders.Deliver(ctx, by, r) },
		order.Completed: func(by order.By, r order.Ref) error { return w.Orders.Complete(ctx, by, r) },
		order.Cancelled: func(by order.By, r order.Ref) error { return w.Orders.Cancel(ctx, by, r, "") },
	}
	tried := 0
	for _, state := range []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed, order.Cancelled, order.Expired} {
		ref := w.UpTo(t, state)
		o, err := w.Orders.Find(ctx, ref)
		must(t, err)
		for to, verb := range verbs {
			if to == state {
				continue
			}
			for _, by := range []order.By{w.Buyer, w.Seller, w.Operator} {
				allowed := o.Moves(by.As, w.Clock.Now())
				if slices.Contains(allowed, to) {
					continue
				}
				tried++
				if slices.Contains(state.Moves(by.As), to) { // the buyer, before it is overdue
					refuses(t, verb(by, ref), "cancel_early")
					continue
				}
				f := refuses(t, verb(by, ref), "order_move")
				if f.Args["from"] != string(state) || f.Args["to"] != string(to) {
					t.Errorf("%s → %s as %s: %v", state, to, by.As, f)
				}
				for _, a := range allowed {
					if !slices.Contains(f.Args["allowed"].([]string), string(a)) {
						t.Errorf("%s → %s as %s names %q, not %s", state, to, by.As, f.Args["allowed"], a)
					}
				}
				w.Must(t, ref, state)
			}
		}
	}
	if tried < 80 {
		t.Fatalf("only %d forbidden moves were tried", tried)
	}
	books(t, w)
}

func TestAChangedPriceIsToldWithTheNewTotalAndNothingIsKept(t *testing.T) {
	w := ordertest.New(t)
	a := w.Ask(5000)
	a.Seen = 12000
	_, err := w.Orders.Place(t.Context(), once.Key{}, a)
	if f := refuses(t, err, "price_changed"); f.Args["new"] != int64(13000) || f.Args["currency"] != "CNY" {
		t.Fatalf("args %v", f.Args)
	}
	a.Seen = 13000
	if _, err := w.Orders.Place(t.Context(), once.Key{}, a); err != nil {
		t.Fatal(err)
	}
	books(t, w)
}

func TestWrongItemsAreRefusedEachByItsField(t *testing.T) {
	w := ordertest.New(t)
	for want, change := range map[string]func(*order.Ask){
		"below_minimum":  func(a *order.Ask) { a.Items[0].Quantity = 499 },
		"out_of_range":   func(a *order.Ask) { a.Items[0].Quantity = -1 },
		"listing_gone":   func(a *order.Ask) { a.Items[0].Listing = id.New() },
		"required":       func(a *order.Ask) { a.Items = nil },
		"unknown_way":    func(a *order.Ask) { a.Way = "gold" },
		"unknown_kind":   func(a *order.Ask) { a.Kind = "gold" },
		"sold_out":       func(a *order.Ask) { a.Items[0].Quantity = ordertest.InStock + 1 },
		"agent_unknown":  func(a *order.Ask) { a.Agent = attribution.Ask{Code: "ZZZZZZ"} },
		"too_many_items": func(a *order.Ask) { a.Items = slices.Repeat(a.Items, 51) },
	} {
		a := w.Ask(1000)
		change(&a)
		_, err := w.Orders.Place(t.Context(), once.Key{}, a)
		refuses(t, err, want)
	}
	must(t, w.Catalog.Pause(t.Context(), w.Market, w.Listing.ID, w.Seller.ID))
	_, err := w.Orders.Place(t.Context(), once.Key{}, w.Ask(1000))
	refuses(t, err, "listing_not_live")
	books(t, w)
}

func TestAWeightOutsideTheBandIsRefusedAndNamed(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Accepted)
	for _, grams := range []int64{4849, 5151, 0} {
		f := refuses(t, w.Orders.Pack(t.Context(), w.Seller, ref, map[int]int64{1: grams}), "weight_band")
		if f.Field != "weight_1" || f.Args["band"] != int32(300) || f.Args["over"] != max(4850-grams, grams-5150) || f.Args["unit"] != "kg" {
			t.Fatalf("fault %+v", f)
		}
	}
	refuses(t, w.Orders.Pack(t.Context(), w.Seller, ref, map[int]int64{2: 5000}), "no_such_line")
	must(t, w.Orders.Pack(t.Context(), w.Seller, ref, map[int]int64{1: 5150})) // more within the band is a gift
	if s := story(t, w, ref); s.Net() != 13000 || *s.Lines[0].Packed != 5150 {
		t.Fatalf("net %d packed %d", s.Net(), *s.Lines[0].Packed)
	}
	must(t, w.Orders.Ship(t.Context(), w.Seller, ref, order.Parcel{Carrier: "中通"}))
	books(t, w)
}

func TestABasketThatIsNotPaidExpiresAndItsStockIsFreeAgain(t *testing.T) {
	w := ordertest.New(t)
	ref, _ := w.Place(t, ordertest.InStock)
	_, err := w.Orders.Place(t.Context(), once.Key{}, w.Ask(500))
	refuses(t, err, "sold_out")
	w.Clock.Advance(14 * time.Minute)
	w.Drain(t)
	w.Must(t, ref, order.Placed)
	w.Clock.Advance(2 * time.Minute)
	w.Drain(t)
	w.Must(t, ref, order.Expired)
	w.Place(t, ordertest.InStock)
	books(t, w)
}

func TestMoneyThatComesForAnExpiredOrderGoesBackByItself(t *testing.T) {
	w := ordertest.New(t)
	a := w.Ask(5000)
	a.Way = "bank"
	b, err := w.Orders.Place(t.Context(), once.Key{}, a)
	must(t, err)
	w.Clock.Advance(73 * time.Hour)
	w.Drain(t)
	ref := b.Orders()[0]
	w.Must(t, ref, order.Expired)
	for range 2 { // the same line of the statement twice
		_, err = w.Orders.Confirm(t.Context(), w.Operator, w.Market, b.Payment, 13000, "STMT-1")
		must(t, err)
	}
	w.Drain(t)
	var waiting []payment.Refund
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) { waiting, err = payment.Waiting(tx); return }))
	if len(waiting) != 1 || waiting[0].Amount != 13000 {
		t.Fatalf("waiting refunds %+v", waiting)
	}
	must(t, w.Desk.Finish(t.Context(), w.Market, waiting[0].ID, true))
	must(t, w.Desk.Finish(t.Context(), w.Market, waiting[0].ID, true))
	if have := books(t, w, ledger.BankOperating); have[ledger.BankOperating] != 0 {
		t.Fatalf("bank %v", have)
	}
}

func TestATransferInTwoPartsSecuresWhenItIsWholeAndTooMuchWaitsUnclaimed(t *testing.T) {
	w := ordertest.New(t)
	a := w.Ask(5000)
	a.Way = "bank"
	b, err := w.Orders.Place(t.Context(), once.Key{}, a)
	must(t, err)
	ref := b.Orders()[0]
	_, err = w.Orders.Confirm(t.Context(), w.Operator, w.Market, b.Payment, 5000, "A")
	must(t, err)
	w.Must(t, ref, order.Placed)
	if s := story(t, w, ref); s.PaymentState() != "part" {
		t.Fatalf("payment is %s", s.PaymentState())
	}
	books(t, w)
	_, err = w.Orders.Confirm(t.Context(), w.Operator, w.Market, b.Payment, 8500, "B")
	must(t, err)
	w.Must(t, ref, order.Secured)
	un := ledger.Unclaimed(b.Payment.String())
	if have := books(t, w, un, ledger.HeldOrder(ref.ID)); have[un] != 500 || have[ledger.HeldOrder(ref.ID)] != 13000 {
		t.Fatalf("%v", have)
	}
	for want, call := range map[string]func() error{
		"out_of_range": func() error {
			_, err := w.Orders.Confirm(t.Context(), w.Operator, w.Market, b.Payment, 0, "C")
			return err
		},
		"required": func() error {
			_, err := w.Orders.Confirm(t.Context(), w.Operator, w.Market, b.Payment, 1, "")
			return err
		},
		"not_a_transfer": func() error {
			_, b := w.Place(t, 500)
			_, err := w.Orders.Confirm(t.Context(), w.Operator, w.Market, b.Payment, 1, "D")
			return err
		},
	} {
		refuses(t, call(), want)
	}
}

func TestAPartThatCameGoesBackWhenTheBasketExpires(t *testing.T) {
	w := ordertest.New(t)
	a := w.Ask(5000)
	a.Way = "bank"
	b, err := w.Orders.Place(t.Context(), once.Key{}, a)
	must(t, err)
	_, err = w.Orders.Confirm(t.Context(), w.Operator, w.Market, b.Payment, 5000, "A")
	must(t, err)
	w.Clock.Advance(73 * time.Hour)
	w.Drain(t)
	un := ledger.Unclaimed(b.Payment.String())
	if have := books(t, w, un); have[un] != 0 {
		t.Fatalf("unclaimed %v", have)
	}
}

func TestTheTimersMakeTheMovesThatNobodyMade(t *testing.T) {
	w := ordertest.New(t)
	for _, c := range []struct {
		from, to order.State
		after    time.Duration
	}{
		{order.Secured, order.Cancelled, 73 * time.Hour},
		{order.Accepted, order.Cancelled, 15 * 24 * time.Hour},
		{order.Packed, order.Cancelled, 15 * 24 * time.Hour},
		{order.Shipped, order.Delivered, 16 * 24 * time.Hour},
		{order.Delivered, order.Completed, 15 * 24 * time.Hour},
	} {
		ref := w.UpTo(t, c.from)
		w.Clock.Advance(c.after - 2*24*time.Hour)
		w.Drain(t)
		w.Must(t, ref, c.from)
		w.Clock.Advance(2 * 24 * time.Hour)
		w.Drain(t)
		w.Must(t, ref, c.to)
		s := story(t, w, ref)
		if last := s.History[len(s.History)-1]; last.Why != "timeout" {
			t.Errorf("%s → %s: why %q", c.from, c.to, last.Why)
		}
		if c.to == order.Cancelled && s.PaymentState() != "refunded" {
			t.Errorf("%s → %s: payment is %s", c.from, c.to, s.PaymentState())
		}
		books(t, w)
	}
}

func TestAFreezeStopsCompletionUntilItIsLifted(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Delivered)
	var freeze id.ID
	must(t, w.DB.Update(t.Context(), w.Market, func(tx *storage.Tx) error {
		var err error
		freeze, err = order.Freeze(tx, ref.ID, "chargeback", w.Operator.ID)
		return err
	}))
	refuses(t, w.Orders.Complete(t.Context(), w.Buyer, ref), "order_frozen")
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, nil, "x")
	refuses(t, err, "refund_frozen")
	w.Clock.Advance(16 * 24 * time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Delivered)
	must(t, w.DB.Update(t.Context(), w.Market, func(tx *storage.Tx) error { return order.Lift(tx, ref.ID, freeze, w.Operator.ID) }))
	w.Clock.Advance(25 * time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Completed)
	books(t, w)
}

func TestRefundsAfterReleaseTakeFromThePayeesAndWhatTheyNoLongerHaveBecomesDebt(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Completed)
	w.Drain(t)
	owed, debt := ledger.Owed(w.Producer.PayeeID), ledger.Receivable(w.Producer.PayeeID)
	before := books(t, w, owed)[owed]
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{{Line: 1, Amount: 3000}}, "霉了")
	must(t, err)
	w.Drain(t)
	s := story(t, w, ref)
	if have := books(t, w, owed); have[owed] != before-3000*s.Lines[0].SellerShare/13000 && have[owed] != s.Parts().Seller {
		t.Fatalf("owed %d, parts %+v", have[owed], s.Parts())
	}
	w.Clock.Advance(8 * 24 * time.Hour)
	w.Drain(t) // the agent's commission is payable now
	// The seller was paid out everything meanwhile.
	must(t, w.DB.Update(t.Context(), w.Market, func(tx *storage.Tx) error {
		have, err := ledger.Balance(tx, owed)
		if err != nil {
			return err
		}
		_, err = tx.Exec("UPDATE payables SET payout_id = $2 WHERE market_id = $1 AND payee_id = $3", w.Market, ref.ID, w.Producer.PayeeID)
		if err != nil {
			return err
		}
		return ledger.Post(tx, ledger.Entry{Cause: "test:payout", By: w.Operator.ID, Legs: []ledger.Leg{{Debit: owed, Credit: ledger.BankOperating, Amount: have[owed]}}})
	}))
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, nil, "全退")
	must(t, err)
	w.Drain(t)
	s = story(t, w, ref)
	if s.Parts().Sum() != 0 || s.PaymentState() != "refunded" {
		t.Fatalf("parts %+v, %s", s.Parts(), s.PaymentState())
	}
	payee := *s.Lines[0].AgentPayee
	var have map[string]int64
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) {
		have, err = ledger.Balance(tx, debt, ledger.Owed(payee), ledger.Commission(payee), ledger.IncomeFees)
		return
	}))
	if have[debt] == 0 || have[ledger.Owed(payee)] != 0 || have[ledger.Commission(payee)] != 0 || have[ledger.IncomeFees] != 0 {
		t.Fatalf("%v", have)
	}
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, nil, "again")
	refuses(t, err, "refund_too_large")
}

func TestPartialRefundsBeforeReleaseLeaveTheRestToItsOwners(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Secured)
	for range 13 {
		_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{{Line: 1, Amount: 777}}, "部分")
		must(t, err)
		books(t, w)
	}
	w.Drain(t)
	ctx := t.Context()
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 4850}))
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "x"}))
	must(t, w.Orders.Deliver(ctx, w.Buyer, ref))
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	w.Drain(t)
	s := story(t, w, ref)
	if s.Net() != 13000-13*777-390 || s.Parts().Sum() != s.Net() {
		t.Fatalf("net %d, parts %+v", s.Net(), s.Parts())
	}
	books(t, w)
}

func TestOnlySellersAndOperatorsRefundAndAReasonIsNeeded(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Secured)
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Buyer, ref, nil, "x")
	refuses(t, err, "forbidden")
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Seller, ref, nil, "  ")
	refuses(t, err, "required")
	placed, _ := w.Place(t, 500)
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Operator, placed, nil, "x")
	refuses(t, err, "refund_not_paid")
	_, err = w.Orders.Refund(t.Context(), once.Key{}, w.Operator, order.Ref{Market: w.Market, ID: id.New()}, nil, "x")
	refuses(t, err, "not_found")
}

func TestTwoInstancesOnOneDatabaseWalkOneOrderTogether(t *testing.T) {
	w := ordertest.New(t)
	second := *w
	db, err := storage.Open(t.Context(), storage.Options{URL: address(t), Clock: w.Clock.Now, Pool: 4})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	second.Join(db)
	ctx := t.Context()
	ref, b := w.Place(t, 5000)
	second.Open(t, b)
	if n := w.Drain(t) + second.Drain(t); n == 0 {
		t.Fatal("no news ran")
	}
	w.Must(t, ref, order.Secured)
	must(t, second.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))
	must(t, second.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "x"}))
	must(t, w.Orders.Deliver(ctx, w.Buyer, ref))
	var wg sync.WaitGroup
	var failures sync.Map
	for i := range 16 {
		p := w
		if i%2 == 1 {
			p = &second
		}
		wg.Go(func() {
			if err := p.Orders.Complete(ctx, w.Buyer, ref); err != nil {
				failures.Store(i, err)
			}
		})
	}
	wg.Wait()
	failures.Range(func(_, err any) bool { t.Error(err); return true })
	second.Must(t, ref, order.Completed)
	books(t, w)
}
