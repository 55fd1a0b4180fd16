package ordermodel

import "time"

// Run does what is due: news, refunds at the gateway, timers, commissions.
func (m *Model) Run() {
	for _, b := range m.Baskets {
		due := !b.Expires.After(m.Now)
		if b.news || due {
			m.Settle(b)
		}
		if due && b.State == "open" {
			m.end(b, "expired")
		}
		for _, o := range b.Orders {
			if !o.Due.IsZero() && !o.Due.After(m.Now) {
				m.late(o)
			}
			if o.State == "completed" && o.Agent && !o.payable && !o.Matures.After(m.Now) {
				m.mature(o)
			}
		}
	}
	for _, r := range m.Refunds {
		if r.State == "asked" && !r.Basket.Bank {
			r.State = "succeeded"
			m.post("transit:refund", "gateway:available", r.Amount)
		}
	}
}

// Advance moves the clock and does what is due.
func (m *Model) Advance(d time.Duration) {
	m.Now = m.Now.Add(d)
	m.Run()
}

func (m *Model) late(o *Order) {
	switch o.State {
	case "secured", "accepted", "packed":
		m.drop(o)
	case "shipped":
		m.waited(o)
	case "delivered":
		m.Step(o, "completed")
	}
}

func (m *Model) mature(o *Order) {
	sum := o.Share(1)
	o.payable = true
	m.Pending[m.Agent] -= sum
	m.Owed[m.Agent] += sum
	m.post("commission", "owed", sum)
	m.earn(m.Agent, sum)
}

// Finish is what a person did with a refund by bank transfer.
func (m *Model) Finish(r *Refund, done bool) bool {
	want := "failed"
	if done {
		want = "succeeded"
	}
	switch {
	case !r.Basket.Bank:
		return false
	case r.State == "repeated":
		return !done
	case r.State != "asked":
		return r.State == want
	}
	r.State = want
	if done {
		m.post("transit:refund", "bank:operating", r.Amount)
	} else {
		m.post("transit:refund", "unclaimed", r.Amount)
	}
	return true
}

// Repeat sends a failed refund again; it gives the new one.
func (m *Model) Repeat(r *Refund) (*Refund, bool) {
	if r.State != "failed" {
		return nil, false
	}
	r.State = "repeated"
	m.back(r.Basket, r.Order, "unclaimed", r.Amount)
	return m.Refunds[len(m.Refunds)-1], true
}

// GiveBack returns what came beyond what was due.
func (m *Model) GiveBack(b *Basket) bool {
	switch {
	case b.State == "open":
		return false
	case b.gave > 0 && b.gave == b.Came:
		return true // nothing came since
	case b.Unclaimed == 0:
		return false
	}
	m.back(b, nil, "unclaimed", b.Unclaimed)
	b.Unclaimed, b.gave = 0, b.Came
	return true
}
