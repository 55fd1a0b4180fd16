package ordermodel

import "time"

// How long each step of a return may last, and how long after the day on which it
// arrived a dry good is given back.
const (
	objectTime, sendTime, lookTime = 3 * 24 * time.Hour, 7 * 24 * time.Hour, 10 * 24 * time.Hour
	returnDays                     = 7 + 1
	mostReturns                    = 20
)

// Return is goods that their buyer gives back.
type Return struct {
	Order  *Order
	State  string // asked, objected, approved, sent, called; refunded, refused, withdrawn, lapsed
	Back   int64
	Grams  []int64 // of each line
	where  bool    // somebody has said where to
	sent   bool
	no     bool // the seller said it
	seen   bool // by a seller, or a clerk
	waited int  // states that it was in
}

// Open says whether it goes on.
func (r *Return) Open() bool {
	switch r.State {
	case "asked", "objected", "approved", "sent", "called":
		return true
	}
	return false
}

// goesBack is the order's return that is open.
func (o *Order) goesBack() *Return {
	for _, r := range o.Returns {
		if r.Open() {
			return r
		}
	}
	return nil
}

// AskReturn is the buyer's.
func (m *Model) AskReturn(o *Order, grams []int64) bool {
	if o.State != "delivered" && o.State != "completed" {
		return false
	}
	if o.frozen() || len(o.Returns) >= mostReturns || !m.Now.Before(o.arrived.AddDate(0, 0, returnDays)) {
		return false
	}
	some := false
	for i, l := range o.Lines {
		if grams[i] == 0 {
			continue
		}
		some = true
		for _, before := range o.Returns {
			if before.State == "refused" && before.Grams[i] > 0 {
				return false
			}
		}
		if l.left() == 0 || grams[i] > o.Here(i) {
			return false
		}
	}
	if !some {
		return false
	}
	r := &Return{Order: o, Grams: grams}
	o.Returns = append(o.Returns, r)
	m.stand(r, "asked", answerTime)
	return true
}

// stand brings a return to a state, in which silence counts after a time.
func (m *Model) stand(r *Return, state string, after time.Duration) {
	r.State = state
	r.waited++
	if this := r.waited; after > 0 {
		m.at(m.Now.Add(after), func() bool {
			if r.waited == this {
				m.silent(r)
			}
			return done
		})
	}
}

// silent: the seller's approves, the buyer's ends it. Nobody was told where to send
// the goods, or nobody has looked at them: that is an operator's.
func (m *Model) silent(r *Return) {
	switch {
	case r.State == "asked":
		m.stand(r, "approved", sendTime)
	case r.State == "objected":
		m.stand(r, "refused", 0)
	case r.State == "approved" && r.where:
		m.stand(r, "lapsed", 0)
	case r.State == "approved", r.State == "sent":
		m.stand(r, "called", 0)
	}
}

// ApproveReturn says where to send the goods: the seller, who may think better of a
// no, or an operator.
func (m *Model) ApproveReturn(r *Return, by string) bool {
	switch {
	case r.State == "approved" && r.where:
		return true
	case by == "buyer":
		return false
	case r.State == "asked", r.State == "objected", r.State == "approved",
		r.State == "called" && !r.sent && by == "operator":
		r.where = true
		m.stand(r, "approved", sendTime)
		return true
	}
	return false
}

// RefuseReturn is a no: the seller's lets the buyer call an operator, or, of goods
// that are here, calls one; an operator's ends it.
func (m *Model) RefuseReturn(r *Return, by string) bool {
	switch {
	case by == "operator" && r.State == "refused",
		by == "seller" && r.no && (r.State == "objected" || r.State == "called"):
		return true
	case by == "seller" && r.State == "asked":
		r.no = true
		m.stand(r, "objected", objectTime)
		return true
	case by == "seller" && r.State == "sent":
		r.no = true
		m.stand(r, "called", 0)
		return true
	case by == "operator" && r.Open() && r.State != "approved":
		m.stand(r, "refused", 0)
		return true
	}
	return false
}

// CallReturn is the buyer's, whose seller said no.
func (m *Model) CallReturn(r *Return, by string) bool {
	if r.State == "objected" && by == "buyer" {
		m.stand(r, "called", 0)
	}
	return r.State == "called"
}

// SendReturn is the buyer's.
func (m *Model) SendReturn(r *Return, by string) bool {
	if r.State == "approved" && by == "buyer" {
		r.sent = true
		m.stand(r, "sent", lookTime)
	}
	return r.State == "sent"
}

// WithdrawReturn is the buyer's, who keeps the goods.
func (m *Model) WithdrawReturn(r *Return, by string) bool {
	if by == "buyer" && (r.State == "asked" || r.State == "objected" || r.State == "approved") {
		m.stand(r, "withdrawn", 0)
	}
	return r.State == "withdrawn"
}

// SeeReturn says that the goods are here, by somebody who may not give money back: an
// operator does.
func (m *Model) SeeReturn(r *Return, by string) bool {
	switch {
	case r.State == "refunded", r.State == "called" && r.seen && by == "seller":
		return true
	case by == "seller" && r.State == "sent":
		r.seen = true
		m.stand(r, "called", 0)
		return true
	}
	return false
}

// TakeIn says that the goods are here: what they cost goes back, in so far as it was
// not given back before, and into the store what is sound. A seller who was paid already
// only calls an operator.
func (m *Model) TakeIn(r *Return, by string, sound bool) bool {
	switch {
	case r.State == "refunded", r.State == "called" && r.seen && by == "seller":
		return true
	case by == "seller" && r.State == "sent", by == "operator" && (r.State == "sent" || r.State == "called" && r.sent):
	default:
		return false
	}
	o := r.Order
	if o.taken() {
		return false
	}
	var parts []int64
	for i, l := range o.Lines {
		has := min(o.Here(i), l.Grams)
		parts = append(parts, l.less(has, max(has-r.Grams[i], 0)))
	}
	if by == "seller" && !m.owes(o, parts, 0) {
		return m.SeeReturn(r, by)
	}
	for i, l := range o.Lines {
		l.came += r.Grams[i]
		r.Back += parts[i]
	}
	if sound {
		m.store(o, r.Grams)
	}
	m.take(o, parts, 0, false)
	m.stand(r, "refunded", 0)
	return true
}
