package ordermodel

import "time"

// Cancel ends an order, or a basket that was not paid.
func (m *Model) Cancel(o *Order, by string) bool {
	switch o.State {
	case "cancelled":
		return true
	case "placed":
		if by == "seller" {
			return false
		}
		if m.Settle(o.Basket); o.State != "placed" {
			return false
		}
		m.end(o.Basket, "cancelled")
		return true
	case "secured", "accepted", "packed", "shipped":
		if by == "buyer" && !m.Overdue(o) || o.State == "shipped" && (by != "operator" || !o.allLost()) || o.taken() {
			return false
		}
		m.drop(o)
		return true
	}
	return false
}

// Overdue says whether an order was taken on and not sent within a week of its money.
func (m *Model) Overdue(o *Order) bool {
	return (o.State == "accepted" || o.State == "packed") && !m.Now.Before(o.secured.Add(within))
}

// drop ends an order: all that is left goes back. Its complaint is over a moment
// later.
func (m *Model) drop(o *Order) {
	parts, bring := o.rest()
	m.take(o, parts, bring, false)
	if o.State == "shipped" {
		rest, _ := o.Unsent()
		m.store(o, rest)
	} else {
		m.letGo(o)
	}
	o.State = "cancelled"
	m.collected(o.Basket)
	m.at(m.Now, func() bool {
		if c := o.complaint(); c != nil {
			c.State = "cancelled"
		}
		return done
	})
}

// rest is all that is left of lines and delivery.
func (o *Order) rest() (parts []int64, bring int64) {
	for _, l := range o.Lines {
		parts = append(parts, l.left())
	}
	return parts, sum(o.Bring)
}

func (m *Model) end(b *Basket, state string) {
	b.State, b.shut = "closed", true
	for _, o := range b.Orders {
		o.State = state
		m.letGo(o)
	}
	if b.Came > 0 {
		m.back(b, nil, b.Came)
		b.Unclaimed -= b.Came
	}
}

// letGo frees what was promised of an order.
func (m *Model) letGo(o *Order) {
	for _, l := range o.Lines {
		m.Promised[o.Seller] -= l.taken
	}
}

// store puts goods into the store again.
func (m *Model) store(o *Order, grams []int64) {
	for _, n := range grams {
		m.Store[o.Seller] += n
	}
}

// late is what silence does with an order. What is stopped is asked again a day
// later: whatever stops it, where it would arrive or be released, and the payer's
// bank, where it would be given back.
func (m *Model) late(o *Order) bool {
	switch o.State {
	case "secured", "accepted", "packed":
		if o.taken() {
			return later
		}
		m.drop(o)
	case "shipped":
		if o.frozen() {
			return later
		}
		m.waited(o)
	case "delivered":
		if o.frozen() {
			return later
		}
		m.release(o)
	}
	return done
}

// become moves an order on; after so long in that state silence counts.
func (m *Model) become(o *Order, state string, after time.Duration) {
	o.State, o.due = state, m.Now.Add(after)
	m.at(o.due, func() bool { return o.State != state || m.late(o) })
}

func (m *Model) release(o *Order) {
	o.State, o.completed = "completed", m.Now
	m.post("held:order", "owed", o.Share(0))
	m.post("held:order", "commission", o.Share(1))
	m.post("held:order", "income:fees", o.Share(2))
	m.post("held:order", "tax:vat", o.Share(3))
	m.Owed[o.Seller] += o.Share(0)
	m.Pending[m.Agent] += o.Share(1)
	m.earn(o, o.Seller, o.Share(0))
	if o.Agent {
		m.at(m.Now.Add(hold), func() bool { return m.mature(o) })
	}
}

// mature makes the commission owed, unless the agent was the buyer or something stops
// the order's money.
func (m *Model) mature(o *Order) bool {
	switch {
	case !o.Agent:
		return done
	case o.frozen():
		return later
	}
	all := o.Share(1)
	o.payable = true
	m.Pending[m.Agent] -= all
	m.Owed[m.Agent] += all
	m.post("commission", "owed", all)
	m.earn(o, m.Agent, all)
	return done
}
