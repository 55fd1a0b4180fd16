package ordertest

import (
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/once"
)

// PledgeKind is the name of Pledge.
const PledgeKind = "pledge"

// Pledge is a sum for a campaign with nothing in return, whose backer may save a way
// to pay and be charged when the campaign has succeeded.
func Pledge() order.Kind {
	return order.Kind{Name: PledgeKind, Path: []order.State{order.Placed, order.Promised, order.Secured, order.Completed}, Release: order.Secured,
		Price: sums("pledge", 0), Accounts: pledged}
}

// Pledging is what a backer asks for: a sum for the campaign that the world's listing
// stands for, by a way to pay that is saved now.
func (w *World) Pledging(sum int64) order.Ask {
	ask := w.Ask(sum)
	ask.Kind, ask.Later, ask.DeliverTo = PledgeKind, true, nil
	ask.Agent.Link = ""
	return ask
}

// Pledge places a pledge and lets its backer save a way to pay; nobody has heard of
// it yet. What is saved may be declined later.
func (w *World) Pledge(t testing.TB, sum int64, declines bool) (order.Ref, order.Checkout) {
	t.Helper()
	c, err := w.Orders.Place(t.Context(), once.Key{}, w.Pledging(sum))
	ok(t, err)
	p, err := w.Orders.Pay(t.Context(), c.Market, c.Payment, "/back")
	ok(t, err)
	ok(t, w.Sandbox.Pay(t.Context(), c.Market, p.Object, sandbox.News{Repeat: 1, Declines: declines}))
	return c.Orders()[0], c
}

// Promised is Pledge with its news heard.
func (w *World) Promised(t testing.TB, sum int64, declines bool) (order.Ref, order.Checkout) {
	t.Helper()
	ref, c := w.Pledge(t, sum, declines)
	_, err := w.Orders.Settle(t.Context(), c.Market, c.Payment)
	ok(t, err)
	w.Must(t, ref, order.Promised)
	return ref, c
}

// Payment gives a checkout's payment as it is now.
func (w *World) Payment(t testing.TB, c order.Checkout) payment.Payment {
	t.Helper()
	var p payment.Payment
	ok(t, w.DB.View(t.Context(), c.Market, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, c.Payment); return }))
	return p
}
