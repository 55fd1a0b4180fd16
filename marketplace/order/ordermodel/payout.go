package ordermodel

// Payable is one signed sum of a payee.
type Payable struct {
	Payee  int
	Sum    int64
	Payout *Payout
	order  *Order
}

// waits says of what a payee has that it may not be picked: its order is stopped. A
// debt is a debt.
func (p *Payable) waits() bool { return p.Sum > 0 && p.order.frozen() }

// Payout is one sum on its way to one payee.
type Payout struct {
	Payee        int
	Sum, settled int64
	State        string // draft, cancelled, in_transit, paid, failed, returned
}

// Batch is a set of payouts.
type Batch struct {
	State   string // draft, cancelled, submitted, closed
	Payouts []*Payout
}

func (m *Model) earn(o *Order, payee int, sum int64) {
	if sum > 0 {
		m.Payables = append(m.Payables, &Payable{Payee: payee, Sum: sum, order: o})
	}
}

// Open is what a payee has in no payout.
func (m *Model) Open(payee int) (sum int64) {
	for _, p := range m.Payables {
		if p.Payee == payee && p.Payout == nil {
			sum += p.Sum
		}
	}
	return sum
}

// free is what of it may be picked.
func (m *Model) free(payee int) (sum int64) {
	for _, p := range m.Payables {
		if p.Payee == payee && p.Payout == nil && !p.waits() {
			sum += p.Sum
		}
	}
	return sum
}

// stopped says whether something that a payout was drafted for may not be paid now.
func (m *Model) stopped(o *Payout) bool {
	for _, p := range m.Payables {
		if p.Payout == o && p.waits() {
			return true
		}
	}
	return false
}

// Draft picks all that is open and not stopped of everybody who has more than nothing.
func (m *Model) Draft(payees []int) (*Batch, bool) {
	b := &Batch{State: "draft"}
	for _, payee := range payees {
		sum := m.free(payee)
		if sum <= 0 {
			continue
		}
		o := &Payout{Payee: payee, Sum: sum, State: "draft"}
		for _, p := range m.Payables {
			if p.Payee == payee && p.Payout == nil && !p.waits() {
				p.Payout = o
			}
		}
		b.Payouts = append(b.Payouts, o)
	}
	if len(b.Payouts) == 0 {
		return nil, false
	}
	m.Batches = append(m.Batches, b)
	return b, true
}

func (m *Model) leave(o *Payout, state string) {
	o.State = state
	for _, p := range m.Payables {
		if p.Payout == o {
			p.Payout = nil
		}
	}
}

// GiveUp cancels a draft.
func (m *Model) GiveUp(b *Batch) bool {
	if b.State == "draft" {
		b.State = "cancelled"
		for _, o := range b.Payouts {
			m.leave(o, "cancelled")
		}
	}
	return b.State == "cancelled"
}

// Approve lets a batch go; whose grounds have changed is left out.
func (m *Model) Approve(b *Batch) bool {
	if b.State != "draft" {
		return b.State != "cancelled"
	}
	b.State = "cancelled"
	for _, o := range b.Payouts {
		debt := m.Debt[o.Payee]
		if m.stopped(o) || m.free(o.Payee) < 0 || m.Owed[o.Payee]-debt < o.Sum {
			m.leave(o, "cancelled")
			continue
		}
		b.State, o.State, o.settled = "submitted", "in_transit", debt
		m.Owed[o.Payee] -= o.Sum + debt
		m.Debt[o.Payee] = 0
		m.post("owed", "transit:payout", o.Sum)
		m.post("owed", "receivable", debt)
	}
	return true
}

// Answer is the bank's about one payout.
func (m *Model) Answer(b *Batch, o *Payout, paid bool) bool {
	want := "failed"
	if paid {
		want = "paid"
	}
	switch {
	case b.State != "submitted" && b.State != "closed", o.State == "cancelled":
		return false
	case o.State == want, o.State == "returned" && paid:
		return true
	case o.State != "in_transit":
		return false
	}
	if paid {
		o.State = "paid"
		m.post("transit:payout", "bank:operating", o.Sum)
	} else {
		m.undo(o, "failed")
	}
	b.State = "closed"
	for _, o := range b.Payouts {
		if o.State == "in_transit" {
			b.State = "submitted"
		}
	}
	return true
}

// Returned is money that the bank gives back after it was paid.
func (m *Model) Returned(o *Payout) bool {
	if o.State == "paid" {
		m.post("bank:operating", "transit:payout", o.Sum)
		m.undo(o, "returned")
	}
	return o.State == "returned"
}

func (m *Model) undo(o *Payout, state string) {
	m.post("transit:payout", "owed", o.Sum)
	m.post("receivable", "owed", o.settled)
	m.Owed[o.Payee] += o.Sum + o.settled
	m.Debt[o.Payee] += o.settled
	m.leave(o, state)
}
