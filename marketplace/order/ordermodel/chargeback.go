package ordermodel

import "commonfield/storage/money"

// what the gateway takes for a chargeback.
const chargebackFee = 1500

// Taken is a payment that its payer's bank takes back.
type Taken struct {
	Amount int64
	State  string // open, won, lost; empty: nobody has heard of it yet
	Excess int64  // what a lost one took beyond what the payment still had
	word   string // the bank's: won, lost
	parts  []int64
	held   []int64 // of them in the reserve, by order
}

func (t *Taken) open() bool { return t != nil && t.State == "open" }

// taken says whether the bank has the order's money at this moment: nothing of it is
// given back.
func (o *Order) taken() bool { return o.Basket.Taken.open() }

// frozen says whether anything stops the order's money.
func (o *Order) frozen() bool {
	return o.taken() || o.complaint() != nil || o.goesBack() != nil
}

// TakeBack is the payer's bank, which takes back a sum, or with none all that was
// paid. The first sum stands.
func (m *Model) TakeBack(b *Basket, sum int64) bool {
	if !b.atGateway {
		return false
	}
	if b.Taken == nil {
		if sum == 0 {
			sum = b.Due
		}
		b.Taken = &Taken{Amount: sum}
		m.hear(func() { m.heard(b) })
	}
	return true
}

// Decide is the bank's word, which stands.
func (m *Model) Decide(b *Basket, won bool) bool {
	if b.Taken == nil {
		return false
	}
	word := "lost"
	if won {
		word = "won"
	}
	if b.Taken.word == "" {
		b.Taken.word = word
		m.hear(func() { m.heard(b) })
	}
	return b.Taken.word == word
}

// heard does what follows from how it stands at the bank. The bank may be heard
// before the payment is: what it takes back has come.
func (m *Model) heard(b *Basket) {
	m.Settle(b)
	t := b.Taken
	if t.State == "" {
		t.State = "open"
		m.stop(b, t)
	}
	if t.State == "open" && t.word != "" {
		t.State = t.word
		m.decided(b, t)
	}
}

// stop reserves, of what is held, each order's part by what it still has.
func (m *Model) stop(b *Basket, t *Taken) {
	m.post("gateway:disputed", "gateway:available", t.Amount)
	m.post("cost:chargeback", "gateway:available", chargebackFee)
	var left []int64
	var all int64
	for _, o := range b.Orders {
		left = append(left, o.Left())
		all += o.Left()
	}
	t.parts = money.Split(min(t.Amount, b.Came, all), left)
	t.held = make([]int64, len(t.parts))
	for i, o := range b.Orders {
		if o.State != "completed" && o.State != "cancelled" {
			t.held[i] = t.parts[i]
		}
		m.post("held:order", "reserve:chargeback", t.held[i])
	}
}

// decided gives the reserve back; of one that is lost each order then gives its part
// as for a refund. One that was not sent and has nothing left ends. What the bank
// takes beyond is the market's cost.
func (m *Model) decided(b *Basket, t *Taken) {
	for _, held := range t.held {
		m.post("reserve:chargeback", "held:order", held)
	}
	if t.State == "won" {
		m.post("gateway:available", "gateway:disputed", t.Amount)
		return
	}
	gave := int64(0)
	for i, o := range b.Orders {
		if t.parts[i] == 0 {
			continue
		}
		gave += t.parts[i]
		lines, bring := o.rest()
		parts := money.Split(t.parts[i], append(lines, bring))
		m.take(o, parts[:len(lines)], parts[len(lines)], true)
		if o.Left() == 0 && o.InStore() {
			m.letGo(o)
			o.State, o.Lost = "cancelled", true
		}
	}
	m.post("reserve:chargeback", "gateway:disputed", gave)
	m.post("cost:chargeback", "gateway:disputed", t.Amount-gave)
	t.Excess = t.Amount - gave
}
