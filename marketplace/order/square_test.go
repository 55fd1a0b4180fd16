package order_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
)

// Home owes 127.23 for the rice and 165.67 for the tea (docs/money.md).
func TestAMarketPaysAnotherWhatItOwesByTransferAndNotMore(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	f.Pay(t, f.place(f.ask()))
	f.Drain(t)
	rice, tea := f.rice.Market, f.tea.Market
	pay := func(from, to int32, sum int64, ref string) error {
		return f.Desk.Square(ctx, from, to, f.Operator.ID, sum, ref)
	}
	for name, c := range map[string]struct {
		err        error
		code, left string
	}{
		"no reference":      {pay(f.Market, rice, 100, "  "), "required", ""},
		"a long reference":  {pay(f.Market, rice, 100, strings.Repeat("x", 101)), "too_long", ""},
		"nothing":           {pay(f.Market, rice, 0, "B-1"), "out_of_range", ""},
		"below nothing":     {pay(f.Market, rice, -5, "B-1"), "out_of_range", ""},
		"to itself":         {pay(f.Market, f.Market, 5, "B-1"), "square_self", ""},
		"a fen too much":    {pay(f.Market, rice, 12724, "B-1"), "square_too_much", ""},
		"by whom it is due": {pay(rice, f.Market, 1, "B-1"), "square_too_much", ""},
		"never dealt with":  {pay(rice, tea, 1, "B-1"), "square_too_much", ""},
	} {
		if code(c.err) != c.code {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	over := pay(f.Market, rice, 12724, "B-1")
	if x, ok := fault.As(over); !ok || x.Args["owed"] != int64(12723) || x.Field != "amount" {
		t.Errorf("too much is refused with %+v", x)
	}
	for range 2 { // the same line twice is once
		must(t, pay(f.Market, rice, 2723, " B-1 "))
	}
	refuses(t, pay(f.Market, rice, 2724, "B-1"), "reference_used")
	refuses(t, pay(f.Market, tea, 2723, "B-1"), "reference_used")
	must(t, pay(f.Market, rice, 10000, "B-2"))
	refuses(t, pay(f.Market, rice, 1, "B-3"), "square_too_much")
	must(t, pay(f.Market, tea, 100, "B-3"))
	f.Drain(t)
	all := f.books(ledger.BankOperating, ledger.Intermarket(f.Market), ledger.Intermarket(rice), ledger.Intermarket(tea))
	if all[0][ledger.Intermarket(rice)] != 0 || all[1][ledger.Intermarket(f.Market)] != 0 || all[0][ledger.BankOperating] != -12823 || all[1][ledger.BankOperating] != 12723 || all[2][ledger.BankOperating] != 100 {
		t.Errorf("%v", all)
	}
	must(t, f.DB.View(ctx, f.Market, func(tx *storage.Tx) error {
		is, err := payment.Standing(tx)
		if len(is) != 2 || is[0] != (payment.Between{Market: rice, Paid: 12723}) || is[1] != (payment.Between{Market: tea, Owes: 16567 - 100, Paid: 100}) {
			t.Errorf("%+v", is)
		}
		return err
	}))
	// A market may come to owe where it had: its refunds are carried out at home.
	f.Clock.Advance(time.Hour)
	f.books()
}

func TestOfManyWhoPayTheSameDebtAtOnceOneDoes(t *testing.T) {
	f := open(t)
	f.Pay(t, f.place(f.ask()))
	f.Drain(t)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			ref := []string{"A", "B", "C", "D"}[i%4]
			errs[i] = f.Desk.Square(t.Context(), f.Market, f.rice.Market, f.Operator.ID, 12723, ref)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if code(err) != "square_too_much" {
			t.Error(err)
		}
	}
	if won != 2 { // both presses of the one reference that was first
		t.Errorf("%d of 8 were told that it is paid", won)
	}
	f.Drain(t)
	if all := f.books(ledger.BankOperating); all[0][ledger.BankOperating] != -12723 || all[1][ledger.BankOperating] != 12723 {
		t.Errorf("%v", all)
	}
}

// The program dies between the two books: the job brings the other side.
func TestATransferBetweenMarketsThatWasCutIsBookedByItsJob(t *testing.T) {
	var c cut
	w := ordertest.NewWith(t, c.options)
	f := &fair{World: w, t: t, rice: w.Stall(t, "红米", 1280, 200_000), tea: w.Stall(t, "古树茶", 33333, 20_000)}
	f.Pay(t, f.place(f.ask()))
	f.Drain(t)
	n := 0
	c.at(func(query string) bool {
		if strings.Contains(query, "INSERT INTO ledger_entries") {
			n++
		}
		return n >= 2
	})
	if err := f.Desk.Square(t.Context(), f.Market, f.rice.Market, f.Operator.ID, 12723, "B-1"); err != nil && !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	c.heal()
	if all := f.books(ledger.BankOperating); all[0][ledger.BankOperating] != -12723 || all[1][ledger.BankOperating] != 0 {
		t.Fatalf("before the job: %v", all)
	}
	f.Drain(t)
	if all := f.books(ledger.BankOperating, ledger.Intermarket(f.Market)); all[1][ledger.BankOperating] != 12723 || all[1][ledger.Intermarket(f.Market)] != 0 {
		t.Fatalf("after it: %v", all)
	}
}
