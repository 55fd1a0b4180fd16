package ordermodel

import "commonfield/storage/money"

// less is what goes back when less of a line comes than was taken on.
func (l *Line) less(taken, now int64) int64 {
	before, _ := money.MulDiv(l.cost, taken, l.Grams)
	worth, _ := money.MulDiv(l.cost, now, l.Grams)
	return min(max(before-worth, 0), l.left())
}

// Taken is how much of a line the seller has taken on.
func (l *Line) Taken() int64 { return l.taken }

// Part takes on some grams of each line: the rest goes back at once, and the
// delivery is reckoned again.
func (m *Model) Part(o *Order, grams []int64) bool {
	if o.State == "accepted" {
		return true
	}
	if o.State != "secured" {
		return false
	}
	var some, all int64
	for i, l := range o.Lines {
		if grams[i] > l.Grams {
			return false
		}
		some += grams[i]
		all += l.Grams
	}
	if some == 0 {
		return false
	}
	if some < all && o.taken() {
		return false // something would go back
	}
	var parts []int64
	for i, l := range o.Lines {
		part := l.less(l.Grams, grams[i])
		if grams[i] == 0 {
			part = l.left()
		}
		parts = append(parts, part)
		m.Promised[o.Seller] -= l.Grams - grams[i]
		l.taken = grams[i]
	}
	var bring int64
	if some < all {
		bring = min(max(m.brings(o.Seller, all)-m.brings(o.Seller, some), 0), sum(o.Bring))
	}
	if o.free {
		bring = 0
	}
	m.take(o, parts, bring, false)
	m.become(o, "accepted", unpacked)
	return true
}

// brings is what a seller's delivery of so many grams costs.
func (m *Model) brings(seller int, grams int64) int64 {
	on := m.Terms[seller]
	costs := on.First
	for ; grams > 1000; grams -= 1000 {
		costs += on.Further
	}
	return costs
}
