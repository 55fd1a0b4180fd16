package ordermodel

// Parcel is some of an order on its way.
type Parcel struct {
	Grams []int64 // of each line
	State string  // sent, arrived, lost
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
	if o.State == "packed" {
		o.become("shipped", m.Now.Add(arrived))
	}
	o.Parcels = append(o.Parcels, &Parcel{Grams: grams, State: "sent"})
	return true
}

// Arrive says that a parcel has come; the last one delivers the order.
func (m *Model) Arrive(o *Order, p *Parcel) bool {
	if p.State != "sent" || o.State != "shipped" {
		return p.State == "arrived"
	}
	p.State = "arrived"
	m.allCame(o)
	return true
}

// Lost says that a parcel will not come: what it held goes back. An order of which
// every parcel is lost ends.
func (m *Model) Lost(o *Order, p *Parcel) bool {
	if p.State != "sent" || o.State != "shipped" {
		return p.State == "lost"
	}
	p.State = "lost"
	if _, unsent := o.Unsent(); o.allLost() && !unsent {
		m.drop(o)
		return true
	}
	m.missing(o, p.Grams, p)
	m.allCame(o)
	return true
}

func (o *Order) allLost() bool {
	for _, p := range o.Parcels {
		if p.State != "lost" {
			return false
		}
	}
	return true
}

// missing gives back what will not come, after what other lost parcels have taken.
func (m *Model) missing(o *Order, gone []int64, but *Parcel) {
	var parts []int64
	for i, l := range o.Lines {
		left := l.sending()
		for _, p := range o.Parcels {
			if p.State == "lost" && p != but {
				left -= p.Grams[i]
			}
		}
		left = min(left, l.Grams)
		parts = append(parts, l.less(left, max(left-gone[i], 0)))
	}
	m.take(o, parts, 0)
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
	o.become("delivered", m.Now.Add(returnable))
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
	o.become("delivered", m.Now.Add(returnable))
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
		m.missing(o, rest, nil)
	}
	o.become("delivered", m.Now.Add(returnable))
}
