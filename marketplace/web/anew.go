package web

import (
	"context"
	"maps"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// justNow is how long ago an order that waits for its money can have been placed
// to be the one that somebody meant: later the same goods are wanted once more.
const justNow = 15 * time.Minute

// anew is for somebody who has bought, went back before paying and buys the same
// goods for the same person again. The same in everything is the checkout that is
// there; what differs takes its place. So nobody waits for the money of what
// nobody means any more, and it holds no goods. What came from a basket has left
// it, and is not bought again that way; a part paid or on its way is left alone.
func (w *Web) anew(ctx context.Context, p people.Person, key once.Key, a order.Ask) (taken *order.Checkout, replaced bool, err error) {
	market := a.Items[0].Market
	if a.Kept {
		return nil, false, nil
	}
	want := map[id.ID]int64{}
	for _, it := range a.Items {
		if it.Market != market {
			return nil, false, nil
		}
		want[it.Listing] += it.Quantity
	}
	if _, done, err := once.Answered[order.Checkout](ctx, w.DB, market, key); done || err != nil {
		return nil, false, err // the same form: Place answers it, and refuses other content
	}
	before, err := w.unpaid(ctx, p, market)
	if err != nil {
		return nil, false, err
	}
	for _, b := range before {
		if b.to.Phone != a.DeliverTo.Phone || !sameKeys(b.lines, want) {
			continue // other goods, or another's parcel
		}
		if b.to == *a.DeliverTo && maps.Equal(b.lines, want) && sameKeys(b.comes, sellers(a.Collect)) && b.c.Way == a.Way && b.c.Total == a.Seen && a.Agent.Code == "" && !a.Agent.LinkAt.After(b.at) {
			return &b.c, replaced, nil
		}
		if err := w.Orders.Cancel(ctx, order.By{Person: p, As: order.AsBuyer}, b.c.Orders()[0], ""); err != nil {
			return nil, replaced, err
		}
		replaced = true
	}
	return nil, replaced, nil
}

// unsettled is a checkout of one market that waits for its money.
type unsettled struct {
	c     order.Checkout
	at    time.Time
	to    order.Address
	lines map[id.ID]int64 // how much of which listing
	comes map[id.ID]bool  // for which sellers' goods they come
}

// unpaid lists what somebody has placed in one market just now and paid nothing
// of, the newest first.
func (w *Web) unpaid(ctx context.Context, p people.Person, market int32) ([]unsettled, error) {
	placed, err := w.Orders.List(ctx, order.Filter{Markets: []int32{market}, Buyer: p.ID, States: []order.State{order.Placed}, N: 20})
	if err != nil {
		return nil, err
	}
	points, err := w.Orders.Pickups(ctx, market, ids(placed))
	if err != nil {
		return nil, err
	}
	var all []unsettled
	seen := map[id.ID]bool{}
	for _, o := range placed {
		if o.Payment == id.None || seen[o.Payment] || w.DB.Now().Sub(o.PlacedAt) > justNow {
			continue
		}
		seen[o.Payment] = true
		b := unsettled{at: o.PlacedAt, lines: map[id.ID]int64{}, comes: map[id.ID]bool{}}
		if b.c, _, err = w.Orders.FindCheckout(ctx, market, o.Payment); err != nil {
			return nil, err
		}
		var due payment.Payment
		if err := w.DB.View(ctx, b.c.Market, func(tx *storage.Tx) (err error) { due, err = payment.Find(tx, o.Payment); return }); err != nil {
			return nil, err
		}
		if len(b.c.Baskets) > 1 || b.c.Market != market || due.State != payment.Open || due.Pending || due.Captured > 0 {
			continue
		}
		to, err := w.Orders.Addresses(ctx, market, []id.ID{o.ID})
		if err != nil {
			return nil, err
		}
		b.to = to[o.ID]
		for _, of := range placed {
			if _, comes := points[of.ID]; comes && of.Payment == o.Payment && of.Seller != nil {
				b.comes[*of.Seller] = true
			}
			for _, l := range of.Lines {
				if of.Payment == o.Payment && l.Listing != nil {
					b.lines[*l.Listing] += l.Quantity
				}
			}
		}
		all = append(all, b)
	}
	return all, nil
}

func sellers(all []id.ID) map[id.ID]bool {
	of := map[id.ID]bool{}
	for _, one := range all {
		of[one] = true
	}
	return of
}

func sameKeys[V any](a, b map[id.ID]V) bool {
	for k := range a {
		if _, has := b[k]; !has {
			return false
		}
	}
	return len(a) == len(b)
}
