package ordermodel

// PickUp says that the buyer comes for it; what was paid for its delivery goes back.
func (m *Model) PickUp(o *Order) bool {
	bring := sum(o.Bring)
	switch {
	case o.Comes:
		return true
	case o.State != "secured" && o.State != "accepted", !m.Terms[o.Seller].Pickup, bring > 0 && o.taken():
		return false
	}
	o.Comes = true
	if bring > 0 {
		m.take(o, make([]int64, len(o.Lines)), bring, false)
	}
	return true
}

// Ready says that it waits at its point.
func (m *Model) Ready(o *Order) bool {
	switch {
	case !o.Comes:
		return false
	case len(o.Parcels) > 0:
		return true
	case o.State != "packed":
		return false
	}
	rest, _ := o.Unsent()
	return m.send(o, rest, rest)
}

// Collect hands it over to whoever says its code.
func (m *Model) Collect(o *Order, coded bool) bool {
	switch {
	case !o.Comes, !coded:
		return false
	case o.State == "delivered", o.State == "completed":
		return true
	case o.State != "shipped", o.Awaits():
		return false
	}
	return m.deliver(o)
}

// Ask is a buyer's request to have an order ended. Its answer is to end it, or to go on.
func (m *Model) Ask(o *Order) bool {
	if !o.InStore() && !o.Asked {
		return false
	}
	o.Asked = true
	return true
}
