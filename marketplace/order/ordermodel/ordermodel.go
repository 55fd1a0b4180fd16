// Package ordermodel is the life of orders and their money in plain Go, for
// tests to hold the pipeline against. It is written from the design, not from
// the code: no rows, no locks, no jobs; one map of accounts, and one list of what is to
// happen when. A verb answers whether it is allowed, and changes nothing when it is not.
package ordermodel

import (
	"time"

	"commonfield/storage/money"
)

// The terms that all lines share.
const (
	feeBP, commissionBP, gatewayBP = 200, 600, 60
	silence, unpacked, arrived     = 72 * time.Hour, 14 * 24 * time.Hour, 15 * 24 * time.Hour
	confirm, hold, within          = 14 * 24 * time.Hour, 7 * 24 * time.Hour, 7 * 24 * time.Hour
)

// Model is a market.
type Model struct {
	Now      time.Time
	TaxBP    int32
	Agent    int              // the agent's payee
	Accounts map[string]int64 // debit − credit, by class of account
	Owed     map[int]int64    // by payee
	Debt     map[int]int64    // by payee
	Pending  map[int]int64    // commission that cannot be paid yet, by payee
	Terms    map[int]Terms    // by seller
	Store    map[int]int64    // grams that a seller has
	Promised map[int]int64    // and of them those of orders that were not sent
	Holds    map[int]int64    // cash in a payee's hand
	Limit    int64            // of what a hand may have, and be promised
	GiftBP   int32            // what the market takes off
	Baskets  []*Basket
	Refunds  []*Refund
	Payables []*Payable
	Batches  []*Batch
	agenda   []entry
	noted    int // entries so far
}

// Basket is what is paid at once.
type Basket struct {
	Way       string // sandbox, bank, cash
	Known     bool   // its buyer has an account
	Due, Came int64
	State     string // of the payment: open, captured, closed
	Orders    []*Order
	Unclaimed int64
	Taken     *Taken // back by the payer's bank
	gave      int64  // what had come when the excess was last given back
	atGateway bool   // paid there
	shut      bool
}

// Order is one seller's part.
type Order struct {
	Basket     *Basket
	Seller     int
	Agent      bool
	State      string
	Lines      []*Line
	Parcels    []*Parcel
	Complaints []*Complaint
	Returns    []*Return
	Bring      [4]int64 // what is left of its delivery
	Lost       bool     // it ended with its payment, which the bank took
	Comes      bool     // its buyer comes for it
	Asked      bool     // its buyer would rather not have it
	cashed     bool     // its cash was taken
	took       int64    // so much of it
	returned   time.Time
	free       bool // it was free from the start
	payable    bool // the commission is owed already
	secured    time.Time
	due        time.Time // when silence counts
	arrived    time.Time
	completed  time.Time
}

// Line has what is left of its four shares: seller, agent, fee, tax.
type Line struct {
	Seller       int
	Grams, Price int64 // price of a kilo
	total        int64
	taken        int64 // grams that the seller has taken on
	packed       int64 // what the scales said
	came         int64 // grams that the buyer gave back
	cost         int64 // what the buyer owed for it
	Gift         int64 // what of it the market pays
	Left         [4]int64
}

// New makes an empty market.
func New(now time.Time, agent int, taxBP int32) *Model {
	return &Model{Now: now, Agent: agent, TaxBP: taxBP, Terms: map[int]Terms{}, Store: map[int]int64{}, Promised: map[int]int64{}, Holds: map[int]int64{}, Accounts: map[string]int64{}, Owed: map[int]int64{}, Debt: map[int]int64{}, Pending: map[int]int64{}}
}

func (m *Model) post(debit, credit string, sum int64) {
	m.Accounts[debit] += sum
	m.Accounts[credit] -= sum
}

// Wish is what somebody would buy.
type Wish struct {
	Way          string
	Known, Agent bool
	Comes        map[int]bool // for what a seller has
	Lines        []Line
}

// Place makes one order per seller.
func (m *Model) Place(w Wish) (*Basket, bool) {
	b := &Basket{Way: w.Way, Known: w.Known, State: "open"}
	of := map[int]*Order{}
	for _, l := range w.Lines {
		o := of[l.Seller]
		if o == nil {
			o = &Order{Basket: b, Seller: l.Seller, Agent: w.Agent, State: "placed", Comes: w.Comes[l.Seller]}
			of[l.Seller] = o
			b.Orders = append(b.Orders, o)
		}
		l.total, _ = money.MulDiv(l.Price, l.Grams, 1000)
		l.taken = l.Grams
		o.Lines = append(o.Lines, &l)
	}
	for _, o := range b.Orders {
		if o.Comes && !m.Terms[o.Seller].Pickup {
			return nil, false
		}
		m.price(o)
		b.Due += o.Left()
	}
	if b.Way == "cash" && !m.mayCash(b) {
		return nil, false
	}
	for _, o := range b.Orders {
		for _, l := range o.Lines {
			m.Promised[o.Seller] += l.Grams
		}
	}
	m.Baskets = append(m.Baskets, b)
	if b.Way == "cash" {
		m.secure(b)
		return b, true
	}
	m.at(m.Now.Add(map[string]time.Duration{"sandbox": 15 * time.Minute, "bank": 72 * time.Hour}[b.Way]), func() bool {
		if m.Settle(b); b.State == "open" {
			m.end(b, "expired")
		}
		return done
	})
	return b, true
}

// secure is the moment from which the sellers rely on it.
func (m *Model) secure(b *Basket) {
	for _, o := range b.Orders {
		o.secured = m.Now
		m.become(o, "secured", silence)
	}
}

// Pay presses the gateway's button.
func (m *Model) Pay(b *Basket, news bool) bool {
	if b.Way != "sandbox" || b.shut {
		return false
	}
	if !b.atGateway && news {
		m.hear(func() { m.Settle(b) })
	}
	b.atGateway = true
	return true
}

// Settle hears of it.
func (m *Model) Settle(b *Basket) {
	if b.atGateway && b.Came == 0 {
		fee := money.Part(b.Due, gatewayBP)
		m.arrive(b, "gateway:clearing", b.Due)
		m.post("cost:gateway", "gateway:clearing", fee)
	}
}

// Transfer books a line of the bank's statement.
func (m *Model) Transfer(b *Basket, sum int64) bool {
	if b.Way != "bank" || sum <= 0 {
		return false
	}
	m.arrive(b, "bank:operating", sum)
	return true
}

func (m *Model) arrive(b *Basket, account string, sum int64) {
	b.Came += sum
	m.post(account, "unclaimed", sum)
	b.Unclaimed += sum
	if b.State == "open" && b.Came >= b.Due {
		b.State = "captured"
		for _, o := range b.Orders {
			m.post("unclaimed", "held:order", o.Left())
			m.post("cost:discount", "held:order", o.gift())
			b.Unclaimed -= o.Left()
		}
		m.secure(b)
		return
	}
	if first := b.Orders[0].State; first == "cancelled" || first == "expired" {
		m.back(b, nil, sum)
		b.Unclaimed -= sum
	}
}

// Left is what the buyer has paid of the order after its refunds.
func (o *Order) Left() int64 {
	all := sum(o.Bring)
	for _, l := range o.Lines {
		all += l.left()
	}
	return all
}

func (o *Order) gift() (all int64) {
	for _, l := range o.Lines {
		all += l.Gift
	}
	return all
}

// Share is what is left of one of the four shares.
func (o *Order) Share(i int) int64 {
	all := o.Bring[i]
	for _, l := range o.Lines {
		all += l.Left[i]
	}
	return all
}

// Alive says whether anything can follow.
func (o *Order) Alive() bool {
	return o.State != "completed" && o.State != "cancelled" && o.State != "expired"
}

// InStore says whether its goods are in the store still and its money is there.
func (o *Order) InStore() bool {
	return o.State == "secured" || o.State == "accepted" || o.State == "packed"
}

// paid says whether its money has come and is not all on its way back.
func (o *Order) paid() bool {
	return !o.Awaits() && o.State != "placed" && o.State != "cancelled" && o.State != "expired"
}

// left is what the buyer can get back of a line.
func (l *Line) left() int64 { return sum(l.Left) - l.Gift }

// Step is the seller's and the buyer's way forward.
func (m *Model) Step(o *Order, to string) bool {
	from := map[string]string{"accepted": "secured", "delivered": "shipped", "completed": "delivered"}
	if to == "shipped" {
		return m.Ship(o, nil)
	}
	if o.State == to {
		return true
	}
	if o.State != from[to] || to == "delivered" && o.Awaits() {
		return false
	}
	switch to {
	case "accepted":
		m.become(o, to, unpacked)
	case "delivered":
		return m.deliver(o)
	case "completed":
		if o.frozen() {
			return false
		}
		m.release(o)
	}
	return true
}

// Pack weighs; what is missing goes back.
func (m *Model) Pack(o *Order, grams []int64) bool {
	if o.State == "packed" {
		return true
	}
	if o.State != "accepted" {
		return false
	}
	var parts []int64
	var less int64
	for i, l := range o.Lines {
		parts = append(parts, l.less(l.taken, grams[i]))
		less += parts[i]
	}
	if less > 0 && o.taken() {
		return false
	}
	for i, l := range o.Lines {
		l.packed = grams[i]
	}
	m.take(o, parts, 0, false)
	m.become(o, "packed", o.due.Sub(m.Now)) // packing gives no time more
	return true
}
