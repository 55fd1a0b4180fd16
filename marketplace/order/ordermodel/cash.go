package ordermodel

import "time"

// A buyer who has let so many orders in cash come back in so many days pays
// beforehand; and what one order may come to at most.
const (
	mostRefused, refusedFor = 2, 90 * 24 * time.Hour
	mostCash                = 1000_00
)

// Awaits says whether the money of an order in cash is with its buyer still.
func (o *Order) Awaits() bool { return o.Basket.Way == "cash" && !o.cashed }

// mayCash says whether all of a basket may be paid when it arrives: its sellers take
// cash, none comes to too much, no hand gets more than it may have, and its buyer has
// not let orders come back.
func (m *Model) mayCash(b *Basket) bool {
	more, refused := map[int]int64{}, 0
	for _, o := range b.Orders {
		on := m.Terms[o.Seller]
		if !on.Cash || o.Left() > mostCash {
			return false
		}
		more[on.Hand] += o.Left()
	}
	for _, before := range m.Baskets {
		for _, o := range before.Orders {
			if !o.Awaits() {
				continue
			}
			if hand := m.Terms[o.Seller].Hand; o.Alive() && more[hand] > 0 {
				more[hand] += o.Left()
			}
			if b.Known && before.Known && !o.returned.IsZero() && !o.returned.Before(m.Now.Add(-refusedFor)) {
				refused++
			}
		}
	}
	for hand, sum := range more {
		if m.Holds[hand]+sum > m.Limit {
			return false
		}
	}
	return refused < mostRefused
}

// TakeCash is the whole sum that an order comes to, which delivers it. Whoever
// collects says so, or an operator.
func (m *Model) TakeCash(o *Order, may bool, sum int64, coded bool) bool {
	switch {
	case o.Basket.Way != "cash", !may:
		return false
	case o.cashed:
		return o.took == sum
	case o.State != "shipped", o.Comes && !coded, sum != o.Left():
		return false
	}
	hand := m.Terms[o.Seller].Hand
	account := "cash:producer"
	if hand == m.Agent {
		account = "cash:agent"
	}
	m.post(account, "held:order", sum)
	m.post("cost:discount", "held:order", o.gift())
	m.Holds[hand] += sum
	o.cashed, o.took = true, sum
	o.Basket.Came += sum
	m.collected(o.Basket)
	return m.deliver(o)
}

// collected ends the payment of a basket in cash when nothing of it is awaited.
func (m *Model) collected(b *Basket) {
	if b.Way != "cash" || b.State != "open" {
		return
	}
	for _, o := range b.Orders {
		if o.Awaits() && o.Alive() {
			return
		}
	}
	if b.State = "captured"; b.Came == 0 {
		b.State = "closed"
	}
}

// Bank is cash that a hand has paid in.
func (m *Model) Bank(hand int, sum int64) bool {
	if sum <= 0 || sum > m.Holds[hand] {
		return false
	}
	account := "cash:producer"
	if hand == m.Agent {
		account = "cash:agent"
	}
	m.Holds[hand] -= sum
	m.post("bank:operating", account, sum)
	return true
}
