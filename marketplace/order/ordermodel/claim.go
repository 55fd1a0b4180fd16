package ordermodel

// Claim gives a guest's basket to its agent: what the agent has of it is its
// seller's.
func (m *Model) Claim(b *Basket) {
	for _, o := range b.Orders {
		sum := o.Share(1)
		if !o.Agent || o.State == "cancelled" || o.State == "expired" {
			continue
		}
		o.Agent = false
		for _, l := range o.Lines {
			l.Left[0], l.Left[1] = l.Left[0]+l.Left[1], 0
		}
		if o.State != "completed" {
			continue
		}
		m.Owed[o.Seller] += sum
		m.earn(o, o.Seller, sum)
		if o.payable {
			m.takeFrom(o, m.Agent, sum, "owed")
			continue
		}
		m.Pending[m.Agent] -= sum
		m.post("commission", "owed", sum)
	}
}
