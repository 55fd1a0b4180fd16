package paymenttest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"commonfield/marketplace/payment"
	"commonfield/storage/id"
)

// saver holds a gateway that saves to the promises of payment.Saver.
func (c Case) saver(t *testing.T) {
	t.Run("saving twice with one key is one object, and takes nothing", c.savesOnce)
	t.Run("where the saving was closed nothing is saved", c.savesNot)
	t.Run("what is saved is charged once, under any key and by eight at once", c.chargesOnce)
	t.Run("a charge that was declined stays declined, and nothing comes of it", c.declines)
	t.Run("what was forgotten is not charged, and forgetting twice is forgetting once", c.forgets)
	t.Run("a charge goes back as every payment does", c.chargeBack)
}

// savedAt gives what a payer has saved, and with which intent.
func (c Case) savedAt(t *testing.T, declines bool) (payment.Object, payment.Intent) {
	t.Helper()
	i := c.intent()
	i.Shares = nil
	o, err := c.Gateway.(payment.Saver).Save(t.Context(), i)
	ok(t, err)
	if !c.Save(o.ID, declines) {
		t.Fatal("nothing can be saved")
	}
	seen, err := c.Look(t.Context(), c.Market, o.ID)
	ok(t, err)
	if seen.State != payment.ObjectSaved || seen.Saved == "" || seen.Captured != 0 || seen.Payment != i.Payment {
		t.Fatalf("%+v", seen)
	}
	return seen, i
}

func (c Case) charge(t *testing.T, o payment.Object, i payment.Intent, key string, again bool) (payment.Object, error) {
	t.Helper()
	return c.Gateway.(payment.Saver).Charge(context.WithoutCancel(t.Context()), payment.Charge{Key: i.Payment.String() + key, Again: again, Market: c.Market, Payment: i.Payment, Reference: i.Reference,
		Amount: i.Amount, Currency: i.Currency, Saved: o.Saved})
}

func (c Case) savesOnce(t *testing.T) {
	i := c.intent()
	var names []string
	for range 2 {
		o, err := c.Gateway.(payment.Saver).Save(t.Context(), i)
		ok(t, err)
		if o.State != payment.ObjectOpen || o.PayURL == "" || o.Captured != 0 || o.Payment != i.Payment {
			t.Fatalf("%+v", o)
		}
		names = append(names, o.ID)
	}
	if names[0] != names[1] {
		t.Fatalf("%v", names)
	}
}

func (c Case) savesNot(t *testing.T) {
	o, err := c.Gateway.(payment.Saver).Save(t.Context(), c.intent())
	ok(t, err)
	seen, err := c.Close(t.Context(), c.Market, o.ID)
	ok(t, err)
	if seen.State != payment.ObjectClosed || c.Save(o.ID, false) {
		t.Fatalf("it is %s and could be saved", seen.State)
	}
	late, _ := c.savedAt(t, false)
	seen, err = c.Close(t.Context(), c.Market, late.ID)
	ok(t, err)
	if seen.State != payment.ObjectSaved {
		t.Fatalf("closing what was saved a moment before says %s", seen.State)
	}
}

func (c Case) chargesOnce(t *testing.T) {
	o, i := c.savedAt(t, false)
	var all sync.WaitGroup
	said := make(chan payment.Object, 8)
	for range 8 {
		all.Go(func() {
			if seen, err := c.charge(t, o, i, ":1", false); err == nil {
				said <- seen
			}
		})
	}
	all.Wait()
	close(said)
	first, err := c.charge(t, o, i, ":2", true)
	ok(t, err)
	if first.State != payment.ObjectCaptured || first.Captured != i.Amount || first.Payment != i.Payment || first.Currency != i.Currency {
		t.Fatalf("%+v", first)
	}
	for seen := range said {
		if seen.ID != first.ID {
			t.Fatalf("charged as %s and as %s", seen.ID, first.ID)
		}
	}
	seen, err := c.Look(t.Context(), c.Market, first.ID)
	ok(t, err)
	if seen.State != first.State || seen.Captured != first.Captured || seen.Fee != first.Fee {
		t.Fatalf("%+v, then %+v", first, seen)
	}
}

func (c Case) declines(t *testing.T) {
	o, i := c.savedAt(t, true)
	for n, key := range []string{":1", ":1", ":2"} {
		seen, err := c.charge(t, o, i, key, n > 0)
		ok(t, err)
		if seen.State != payment.ObjectRefused || seen.Captured != 0 || seen.Why == "" {
			t.Fatalf("%d: %+v", n, seen)
		}
	}
	byHand := i
	byHand.Key = "open:" + id.New().String()
	open, err := c.Open(t.Context(), byHand)
	ok(t, err)
	if !c.Pay(open.ID) {
		t.Fatal("it cannot be paid by hand")
	}
	seen, err := c.Look(t.Context(), c.Market, open.ID)
	ok(t, err)
	if seen.State != payment.ObjectCaptured || seen.Captured != i.Amount {
		t.Fatalf("%+v", seen)
	}
}

func (c Case) forgets(t *testing.T) {
	o, i := c.savedAt(t, false)
	for range 2 {
		ok(t, c.Gateway.(payment.Saver).Forget(t.Context(), c.Market, o.Saved))
	}
	for n, again := range []bool{false, true} {
		seen, err := c.charge(t, o, i, ":1", again)
		if err != nil && !errors.As(err, new(*payment.Refused)) {
			t.Fatal(err)
		}
		if err == nil && (seen.State != payment.ObjectRefused || seen.Captured != 0) {
			t.Fatalf("%d: %+v", n, seen)
		}
	}
}

func (c Case) chargeBack(t *testing.T) {
	o, i := c.savedAt(t, false)
	taken, err := c.charge(t, o, i, ":1", false)
	ok(t, err)
	r := id.New()
	given := c.back(t, payment.Back{Refund: r, Key: r.String(), Market: c.Market, Payment: i.Payment, Object: taken.ID, Amount: 500})
	if given.State != payment.RefundSucceeded || c.Given(taken.ID) != 500 {
		t.Fatalf("%+v, %d went back", given, c.Given(taken.ID))
	}
}
