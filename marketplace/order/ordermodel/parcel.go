package ordermodel

import "slices"

// Parcel is some of an order on its way.
type Parcel struct {
	Grams []int64 // of each line
	back  []int64 // of them the buyer's, who gave them back before all of it had arrived
	State string  // sent, arrived, lost, returned
}

// sending is how much of a line there is to send.
func (l *Line) sending() int64 {
	if l.packed > 0 {
		return l.packed
	}
	return l.taken
}

// Unsent is how much of each line is in no parcel yet.
func (o *Order) Unsent() (rest []int64, some bool) {
	for i, l := range o.Lines {
		left := l.sending()
		for _, p := range o.Parcels {
			left -= p.Grams[i]
		}
		rest, some = append(rest, left), some || left > 0
	}
	return rest, some
}

// Ship sends some grams of each line; nil: all that is left.
func (m *Model) Ship(o *Order, grams []int64) bool {
	if o.State != "packed" && o.State != "shipped" {
		return false
	}
	rest, some := o.Unsent()
	if grams == nil {
		if !some {
			return true
		}
		grams = rest
	}
	if o.Comes || o.Basket.Way == "cash" && !slices.Equal(grams, rest) { // its money is taken once
		return false
	}
	return m.send(o, grams, rest)
}

func (m *Model) send(o *Order, grams, rest []int64) bool {
	var all int64
	for i, n := range grams {
		if n > rest[i] {
			return false
		}
		all += n
	}
	if all == 0 {
		return false
	}
	if o.State == "packed" { // all of it leaves the store
		m.letGo(o)
		for _, l := range o.Lines {
			m.Store[o.Seller] -= l.sending()
		}
		if o.State = "shipped"; !o.Comes && o.Basket.Way != "cash" { // those silence does not deliver
			m.become(o, "shipped", arrived)
		}
	}
	o.Parcels = append(o.Parcels, &Parcel{Grams: grams, back: make([]int64, len(grams)), State: "sent"})
	return true
}

// Arrive says that a parcel has come; the last one delivers the order.
func (m *Model) Arrive(o *Order, p *Parcel) bool {
	if p.State != "sent" || o.State != "shipped" {
		return p.State == "arrived"
	}
	if o.Awaits() {
		return false
	}
	p.State = "arrived"
	m.allCame(o)
	return true
}

// Lost says that a parcel will not come, or that the carrier brought it back: what it
// held goes back, and into the store what is sound. An order of which no parcel is left
// ends.
func (m *Model) Lost(o *Order, p *Parcel, how string, sound bool) bool {
	if p.State != "sent" || o.State != "shipped" || o.taken() {
		return p.State == how
	}
	gone := p.holds()
	p.State = how
	if sound {
		m.store(o, gone)
	}
	if _, unsent := o.Unsent(); o.allLost() && !unsent {
		if how == "returned" {
			o.returned = m.Now
		}
		m.drop(o)
		return true
	}
	m.missing(o, gone, gone)
	m.allCame(o)
	return true
}

func (o *Order) allLost() bool {
	for _, p := range o.Parcels {
		if p.State == "sent" || p.State == "arrived" {
			return false
		}
	}
	return true
}

// holds is what of a parcel did not come back in another way.
func (p *Parcel) holds() (grams []int64) {
	for i, n := range p.Grams {
		grams = append(grams, n-p.back[i])
	}
	return grams
}

// Here is how much of a line its buyer has or awaits: what is in parcels that are not
// lost and were not brought back, less what the buyer gave back.
func (o *Order) Here(line int) int64 {
	all := -o.Lines[line].came
	for _, p := range o.Parcels {
		if p.State == "sent" || p.State == "arrived" {
			all += p.holds()[line]
		}
	}
	return all
}

// missing gives back what is gone, of all that was here or is still to be sent.
func (m *Model) missing(o *Order, gone, was []int64) {
	rest, _ := o.Unsent()
	var parts []int64
	for i, l := range o.Lines {
		left := min(rest[i]+o.Here(i)+was[i], l.Grams)
		parts = append(parts, l.less(left, max(left-gone[i], 0)))
	}
	m.take(o, parts, 0, false)
}

// allCame delivers an order when nothing of it is on its way any more.
func (m *Model) allCame(o *Order) {
	if _, unsent := o.Unsent(); unsent {
		return
	}
	for _, p := range o.Parcels {
		if p.State == "sent" {
			return
		}
	}
	m.delivered(o)
}

// deliver says that all of it has come, if all of it was sent.
func (m *Model) deliver(o *Order) bool {
	if _, unsent := o.Unsent(); unsent {
		return false
	}
	for _, p := range o.Parcels {
		if p.State == "sent" {
			p.State = "arrived"
		}
	}
	m.delivered(o)
	return true
}

// waited long enough: what was never sent goes back, the rest counts as arrived, if
// there is any.
func (m *Model) waited(o *Order) {
	if o.allLost() {
		m.drop(o)
		return
	}
	if rest, unsent := o.Unsent(); unsent {
		m.store(o, rest)
		m.missing(o, rest, make([]int64, len(rest)))
	}
	m.delivered(o)
}

func (m *Model) delivered(o *Order) {
	o.arrived = m.Now
	m.become(o, "delivered", confirm)
}
