package ordermodel

import "commonfield/storage/money"

// Refund is money on its way back.
type Refund struct {
	Basket *Basket
	Order  *Order // nil: what came in part or too late
	Amount int64
	State  string // asked, succeeded, failed, repeated
}

// Refund gives back a sum of each line, and of the delivery. After release only an
// operator does.
func (m *Model) Refund(o *Order, by string, parts []int64, bring int64) bool {
	if !o.paid() || o.taken() || o.State == "completed" && by != "operator" {
		return false
	}
	return m.giveBack(o, parts, bring, false)
}

// giveBack gives back what was decided, if all of it is there: not more than is left
// of each, something in all, and with consent of a seller alone not more than is owed
// to those who have it.
func (m *Model) giveBack(o *Order, parts []int64, bring int64, consent bool) bool {
	if bring < 0 || bring > sum(o.Bring) {
		return false
	}
	all := bring
	for i, l := range o.Lines {
		if parts[i] < 0 || parts[i] > l.left() {
			return false
		}
		all += parts[i]
	}
	if all == 0 || consent && !m.owes(o, parts, bring) {
		return false
	}
	m.take(o, parts, bring, false)
	return true
}

// owes says whether all who shared in a released order are owed still what they
// would give.
func (m *Model) owes(o *Order, parts []int64, bring int64) bool {
	if o.State != "completed" {
		return true
	}
	of, _ := o.cut(parts, bring, false)
	return m.Owed[o.Seller] >= of[0] && (!o.payable || m.Owed[m.Agent] >= of[1])
}

// cut says what each of the four gives of lines and delivery, in proportion to what
// it still has, and what of it the market had given; and takes it, or not.
func (o *Order) cut(parts []int64, bring int64, really bool) (of [4]int64, gifts int64) {
	from := func(left [4]int64, all int64) [4]int64 {
		for s, x := range money.Split(all, left[:]) {
			left[s] -= x
			of[s] += x
		}
		return left
	}
	for i, l := range o.Lines {
		gift := l.Gift
		if parts[i] < l.left() {
			gift, _ = money.MulDiv(l.Gift, parts[i], l.left())
		}
		gifts += gift
		left := from(l.Left, parts[i]+gift)
		if really {
			l.Left, l.Gift = left, l.Gift-gift
		}
	}
	left := from(o.Bring, bring)
	if really {
		o.Bring = left
	}
	return of, gifts
}

// take takes from the owners of lines and delivery; what the market had given of it
// goes back to the market. The rest goes to the payer, or lies ready for the bank that
// has taken it already.
func (m *Model) take(o *Order, parts []int64, bring int64, bank bool) {
	of, gifts := o.cut(parts, bring, true)
	if o.Awaits() {
		return // its buyer has the money: less is due
	}
	to, all := "transit:refund", sum(of)
	if bank {
		to = "reserve:chargeback"
	} else if all > gifts {
		m.ask(o.Basket, o, all-gifts)
	}
	m.post(to, "cost:discount", gifts)
	if o.State != "completed" {
		m.post("held:order", to, all)
		return
	}
	m.post("income:fees", to, of[2])
	m.post("tax:vat", to, of[3])
	m.takeFrom(o, o.Seller, of[0], to)
	if o.payable {
		m.takeFrom(o, m.Agent, of[1], to)
	} else {
		m.Pending[m.Agent] -= of[1]
		m.post("commission", to, of[1])
	}
}

// takeFrom takes from what a payee has; the rest becomes debt.
func (m *Model) takeFrom(o *Order, payee int, all int64, to string) {
	if all == 0 {
		return
	}
	has := min(all, m.Owed[payee])
	m.Owed[payee] -= has
	m.Debt[payee] += all - has
	m.post("owed", to, has)
	m.post("receivable", to, all-has)
	m.Payables = append(m.Payables, &Payable{Payee: payee, Sum: -all, order: o})
}

// back sends what is unclaimed on its way to the payer.
func (m *Model) back(b *Basket, o *Order, all int64) *Refund {
	m.post("unclaimed", "transit:refund", all)
	return m.ask(b, o, all)
}

// ask lets the gateway give money back, which waits while the payer's bank has all of
// it; what came by a transfer or in cash waits for a person.
func (m *Model) ask(b *Basket, o *Order, all int64) *Refund {
	r := &Refund{Basket: b, Order: o, Amount: all, State: "asked"}
	m.Refunds = append(m.Refunds, r)
	if b.Way != "sandbox" {
		return r
	}
	m.at(m.Now, func() bool {
		if b.Taken.open() {
			return later
		}
		r.State = "succeeded"
		m.post("transit:refund", "gateway:available", r.Amount)
		return done
	})
	return r
}

// Finish is what a person did with a refund by bank transfer.
func (m *Model) Finish(r *Refund, sent bool) bool {
	want := "failed"
	if sent {
		want = "succeeded"
	}
	switch {
	case r.Basket.Way == "sandbox":
		return false
	case r.State == "repeated":
		return !sent
	case r.State != "asked":
		return r.State == want
	}
	r.State = want
	if sent {
		m.post("transit:refund", "bank:operating", r.Amount)
	} else {
		m.post("transit:refund", "unclaimed", r.Amount)
	}
	return true
}

// Repeat sends a failed refund again, once; it gives the new one.
func (m *Model) Repeat(r *Refund) (*Refund, bool) {
	if r.State != "failed" {
		return nil, r.State == "repeated"
	}
	r.State = "repeated"
	return m.back(r.Basket, r.Order, r.Amount), true
}

// GiveBack returns what came beyond what was due.
func (m *Model) GiveBack(b *Basket) bool {
	switch {
	case b.State == "open", b.Taken.open():
		return false
	case b.gave > 0 && b.gave == b.Came:
		return true // nothing came since
	case b.Unclaimed == 0:
		return false
	}
	m.back(b, nil, b.Unclaimed)
	b.Unclaimed, b.gave = 0, b.Came
	return true
}
