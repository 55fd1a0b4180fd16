// Package paymenttest is what every gateway keeps, whatever stands behind it. A
// gateway passes it by its own tests.
package paymenttest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Case is a gateway under test.
type Case struct {
	payment.Gateway
	Market int32
	Now    func() time.Time
	// Pay is the payer who pays an object; it says whether that was possible. Nil
	// for a gateway that hears of payments from people.
	Pay func(object string) bool
	// Save is the payer who saves a way to pay at an object, which a later charge
	// takes or declines. Nil for a gateway that saves nothing.
	Save func(object string, declines bool) bool
	// Given is how much has gone back to the payer of an object.
	Given func(object string) int64
}

// Run holds a gateway to the promises.
func Run(t *testing.T, c Case) {
	t.Run("its accounts are of known classes", c.accounts)
	t.Run("opening twice with one key is one object", c.opensOnce)
	if c.Pay == nil {
		t.Run("it knows nothing by itself", c.knowsNothing)
		return
	}
	t.Run("what is open has no money and names its payment and shares", c.open)
	t.Run("what is paid is captured whole", c.captured)
	t.Run("what is closed takes no money, and closing twice is closing once", c.closed)
	t.Run("closing what was paid a moment before says so", c.closedTooLate)
	t.Run("of a payer and eight who close one wins and all say the same", c.race)
	t.Run("a refund is given once, under any key", c.refundOnce)
	t.Run("refunds together are no more than was captured", c.refundWithin)
	t.Run("a call that was broken off is no answer", c.brokenOff)
	if _, saves := c.Gateway.(payment.Saver); saves {
		c.saver(t)
	}
}

func (c Case) intent() payment.Intent {
	p := id.New()
	return payment.Intent{Key: "open:" + p.String(), Since: c.Now(), Market: c.Market, Payment: p, Sale: id.New(), Reference: payment.Reference(p), Amount: 42467, Currency: "CNY",
		Back: "/pay/X/" + p.String() + "/result", ExpiresAt: c.Now().Add(15 * time.Minute),
		Shares: []payment.Share{{Market: c.Market, Sale: id.New(), Amount: 13000}, {Market: c.Market + 1, Sale: id.New(), Amount: 29467}}}
}

// opened gives a new object and what it was opened with.
func (c Case) opened(t *testing.T) (payment.Object, payment.Intent) {
	t.Helper()
	i := c.intent()
	o, err := c.Open(t.Context(), i)
	ok(t, err)
	return o, i
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c Case) accounts(t *testing.T) {
	for _, account := range []string{c.Arrives(), c.Leaves()} {
		if kind, known := ledger.Class(account); !known || kind != ledger.Outside {
			t.Errorf("%s is no account of money outside", account)
		}
	}
	if c.Name() == "" {
		t.Error("it has no name")
	}
}

func (c Case) opensOnce(t *testing.T) {
	o, i := c.opened(t)
	again, err := c.Open(t.Context(), i)
	ok(t, err)
	if o.ID == "" || again.ID != o.ID {
		t.Fatalf("%q, then %q", o.ID, again.ID)
	}
	if o.State != payment.ObjectOpen || o.Captured != 0 {
		t.Fatalf("it is %s with %d", o.State, o.Captured)
	}
}

func (c Case) knowsNothing(t *testing.T) {
	o, _ := c.opened(t)
	seen, err := c.Look(t.Context(), c.Market, o.ID)
	ok(t, err)
	given, err := c.Refund(t.Context(), payment.Back{Refund: id.New(), Market: c.Market, Object: o.ID, Amount: 1})
	ok(t, err)
	if seen.State != payment.ObjectOpen || seen.Captured != 0 || given.State != payment.RefundAsked {
		t.Fatalf("%+v, %+v", seen, given)
	}
}

func (c Case) open(t *testing.T) {
	o, i := c.opened(t)
	seen, err := c.Look(t.Context(), c.Market, o.ID)
	ok(t, err)
	if seen.ID != o.ID || seen.State != payment.ObjectOpen || seen.Captured != 0 || seen.Payment != i.Payment || seen.Currency != i.Currency || seen.PayURL == "" {
		t.Fatalf("%+v", seen)
	}
	if len(seen.Shares) != len(i.Shares) {
		t.Fatalf("its shares: %+v", seen.Shares)
	}
	for _, want := range i.Shares {
		found := false
		for _, s := range seen.Shares {
			found = found || s.Market == want.Market && s.Sale == want.Sale && s.Amount == want.Amount
		}
		if !found {
			t.Errorf("no share of market %d in %+v", want.Market, seen.Shares)
		}
	}
}

func (c Case) captured(t *testing.T) {
	o, i := c.opened(t)
	if !c.Pay(o.ID) {
		t.Fatal("it cannot be paid")
	}
	seen, err := c.Look(t.Context(), c.Market, o.ID)
	ok(t, err)
	if seen.State != payment.ObjectCaptured || seen.Captured != i.Amount || seen.Currency != i.Currency || seen.Payment != i.Payment {
		t.Fatalf("%+v", seen)
	}
	if seen.Fee < 0 || seen.Fee >= seen.Captured {
		t.Fatalf("it keeps %d", seen.Fee)
	}
}

func (c Case) closed(t *testing.T) {
	o, _ := c.opened(t)
	for range 2 {
		seen, err := c.Close(t.Context(), c.Market, o.ID)
		ok(t, err)
		if seen.State != payment.ObjectClosed || seen.Captured != 0 {
			t.Fatalf("%+v", seen)
		}
	}
	if c.Pay(o.ID) {
		t.Fatal("it was paid")
	}
	seen, err := c.Look(t.Context(), c.Market, o.ID)
	ok(t, err)
	if seen.State != payment.ObjectClosed || seen.Captured != 0 {
		t.Fatalf("%+v", seen)
	}
}

func (c Case) closedTooLate(t *testing.T) {
	o, i := c.opened(t)
	c.Pay(o.ID)
	seen, err := c.Close(t.Context(), c.Market, o.ID)
	ok(t, err)
	if seen.State != payment.ObjectCaptured || seen.Captured != i.Amount {
		t.Fatalf("%+v", seen)
	}
}

func (c Case) race(t *testing.T) {
	for range 8 {
		o, _ := c.opened(t)
		var all sync.WaitGroup
		all.Go(func() { c.Pay(o.ID) })
		said := make(chan payment.Object, 8)
		for range 8 {
			all.Go(func() {
				if seen, err := c.Close(context.WithoutCancel(t.Context()), c.Market, o.ID); err == nil {
					said <- seen
				}
			})
		}
		all.Wait()
		close(said)
		end, err := c.Look(t.Context(), c.Market, o.ID)
		ok(t, err)
		if end.State == payment.ObjectOpen {
			t.Fatal("nobody has won")
		}
		for seen := range said {
			if seen.State != end.State || seen.Captured != end.Captured {
				t.Fatalf("one heard %s, it is %s", seen.State, end.State)
			}
		}
	}
}

// back asks for a sum until it is given or has failed.
func (c Case) back(t *testing.T, b payment.Back) payment.Given {
	t.Helper()
	g, err := c.Refund(t.Context(), b)
	ok(t, err)
	if g.State == payment.RefundAsked {
		b.Given = g.ID
		g, err = c.LookRefund(t.Context(), b)
		ok(t, err)
	}
	return g
}

func (c Case) refundOnce(t *testing.T) {
	o, i := c.opened(t)
	c.Pay(o.ID)
	b := payment.Back{Refund: id.New(), Key: "first", Market: c.Market, Payment: i.Payment, Object: o.ID, Amount: 1000}
	b.Key = b.Refund.String() + ":1"
	first := c.back(t, b)
	again := c.back(t, b)
	b.Key, b.Again = b.Refund.String()+":2", true
	other := c.back(t, b)
	if first.State != payment.RefundSucceeded || again != first || other != first {
		t.Fatalf("%+v, %+v, %+v", first, again, other)
	}
	if given := c.Given(o.ID); given != 1000 {
		t.Fatalf("%d went back", given)
	}
	b.Given = first.ID
	seen, err := c.LookRefund(t.Context(), b)
	ok(t, err)
	if seen != first {
		t.Fatalf("it is %+v, was %+v", seen, first)
	}
}

func (c Case) refundWithin(t *testing.T) {
	o, i := c.opened(t)
	c.Pay(o.ID)
	var states []payment.RefundState
	for _, sum := range []int64{40000, 2467, 1} {
		r := id.New()
		states = append(states, c.back(t, payment.Back{Refund: r, Key: r.String(), Market: c.Market, Payment: i.Payment, Object: o.ID, Amount: sum}).State)
	}
	if states[0] != payment.RefundSucceeded || states[1] != payment.RefundSucceeded || states[2] != payment.RefundFailed {
		t.Fatalf("%v", states)
	}
	if given := c.Given(o.ID); given != i.Amount {
		t.Fatalf("%d went back of %d", given, i.Amount)
	}
}

func (c Case) brokenOff(t *testing.T) {
	o, _ := c.opened(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Look(ctx, c.Market, o.ID); err == nil || errors.As(err, new(*payment.Refused)) {
		t.Fatalf("it was answered: %v", err)
	}
	if _, err := c.Open(ctx, c.intent()); err == nil || errors.As(err, new(*payment.Refused)) {
		t.Fatalf("it was answered: %v", err)
	}
}
