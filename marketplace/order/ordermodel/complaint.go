package ordermodel

import (
	"time"

	"commonfield/storage/money"
)

// How long a complaint waits for its seller, and for both before it is an operator's;
// and until when a completed order is complained of.
const (
	answerTime, escalateTime = 3 * 24 * time.Hour, 8 * 24 * time.Hour
	complainable             = 30 * 24 * time.Hour
)

// Complaint is what a buyer complains of.
type Complaint struct {
	Order  *Order
	State  string // open, answered, escalated; withdrawn, settled, decided, cancelled
	Offer  int64
	Back   int64
	named  []bool // by line
	answer time.Time
}

// Open says whether it goes on.
func (c *Complaint) Open() bool {
	return c.State == "open" || c.State == "answered" || c.State == "escalated"
}

// Names says whether a line is complained of.
func (c *Complaint) Names(line int) bool { return c.named[line] }

// complaint is the order's that is open.
func (o *Order) complaint() *Complaint {
	for _, c := range o.Complaints {
		if c.Open() {
			return c
		}
	}
	return nil
}

// Complain is the buyer's, of some lines or of all that can be complained of.
func (m *Model) Complain(o *Order, missing bool, lines []bool) bool {
	switch o.State {
	case "shipped":
		if !missing || o.Awaits() {
			return false
		}
	case "delivered":
	case "completed":
		if !m.Now.Before(o.completed.Add(complainable)) {
			return false
		}
	default:
		return false
	}
	if o.complaint() != nil || o.goesBack() != nil {
		return false
	}
	c := &Complaint{Order: o, State: "open", named: make([]bool, len(o.Lines)), answer: m.Now.Add(answerTime)}
	var left int64
	for i, l := range o.Lines {
		heard := false // it was settled or decided before
		for _, before := range o.Complaints {
			heard = heard || before.named[i] && (before.State == "settled" || before.State == "decided")
		}
		if lines != nil && lines[i] && heard {
			return false
		}
		c.named[i] = lines != nil && lines[i] || lines == nil && !heard && l.left() > 0
		if c.named[i] {
			left += l.left()
		}
	}
	if left == 0 {
		return false
	}
	o.Complaints = append(o.Complaints, c)
	m.at(m.Now.Add(escalateTime), func() bool {
		if c.Open() {
			c.State = "escalated"
		}
		return done
	})
	return true
}

// left is what the lines that it names still have for the buyer.
func (c *Complaint) left() (all int64) {
	for i, l := range c.Order.Lines {
		if c.named[i] {
			all += l.left()
		}
	}
	return all
}

// Say is words of a side. A seller's first are the answer, and may offer something.
func (m *Model) Say(c *Complaint, by string, offer int64) bool {
	if !c.Open() || offer > 0 && by != "seller" || offer > c.left() {
		return false
	}
	if by == "seller" {
		if c.State == "open" {
			c.State = "answered"
		}
		if offer > 0 {
			c.Offer = offer
		}
	}
	return true
}

// TakeOffer is the buyer's consent to the offer that they have seen. A seller gives
// back what is held, or what is still owed.
func (m *Model) TakeOffer(c *Complaint, by string, seen int64) bool {
	if c.State == "settled" {
		return true
	}
	if !c.Open() || by != "buyer" || c.Offer == 0 || seen != c.Offer || c.Offer > c.left() || !c.Order.paid() || c.Order.taken() {
		return false
	}
	var left []int64
	for i, l := range c.Order.Lines {
		if !c.named[i] {
			left = append(left, 0)
		} else {
			left = append(left, l.left())
		}
	}
	if !m.giveBack(c.Order, money.Split(c.Offer, left), 0, true) {
		return false
	}
	c.State, c.Back = "settled", c.Offer
	return true
}

// Withdraw is the buyer's.
func (m *Model) Withdraw(c *Complaint, by string) bool {
	if c.Open() && by == "buyer" {
		c.State = "withdrawn"
	}
	return c.State == "withdrawn"
}

// Escalate calls an operator: either side after the answer, the buyer after three days
// without one.
func (m *Model) Escalate(c *Complaint, by string) bool {
	switch {
	case by == "operator":
		return false
	case c.State == "answered", c.State == "open" && by == "buyer" && !m.Now.Before(c.answer):
		c.State = "escalated"
	}
	return c.State == "escalated"
}

// DecideComplaint is an operator's: what goes back of each line (less than nothing:
// the line is not named) and of the delivery, and whether the goods came back. All of
// an order that never arrived: it is cancelled.
func (m *Model) DecideComplaint(c *Complaint, by string, parts []int64, bring int64, came bool) bool {
	o := c.Order
	if !c.Open() || by != "operator" {
		return false
	}
	named, whole := bring > 0, bring == sum(o.Bring)
	give := make([]int64, len(parts))
	for i, l := range o.Lines {
		if parts[i] >= 0 && !c.named[i] {
			return false
		}
		named = named || parts[i] >= 0
		give[i] = max(parts[i], 0)
		whole = whole && give[i] == l.left()
	}
	left, never := o.Left(), o.State == "shipped" && whole
	switch {
	case !named:
	case o.taken(), !o.paid():
		return false
	case never:
		m.drop(o)
	case !m.giveBack(o, give, bring, false):
		return false
	}
	if came {
		m.cameBack(o, c.named)
	}
	c.State, c.Back = "decided", left-o.Left()
	return true
}

// cameBack says that all of some lines that was sent is in the store again.
func (m *Model) cameBack(o *Order, named []bool) {
	for i, l := range o.Lines {
		if !named[i] {
			continue
		}
		m.Store[o.Seller] += o.Here(i)
		l.came = 0
		for _, p := range o.Parcels {
			if p.State == "sent" || p.State == "arrived" {
				p.back[i] = p.Grams[i]
			}
		}
	}
}
