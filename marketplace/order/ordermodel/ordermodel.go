// Package ordermodel is the life of orders and their money in plain Go, for
// tests to hold the pipeline against. It is written from the design, not from
// the code: no rows, no locks, no jobs, one map of accounts. A verb answers
// whether it is allowed, and changes nothing when it is not.
package ordermodel

import (
	"time"

	"commonfield/storage/money"
)

// The terms that all lines share.
const (
	feeBP, commissionBP, gatewayBP = 200, 600, 60
	silence, unpacked, arrived     = 72 * time.Hour, 14 * 24 * time.Hour, 15 * 24 * time.Hour
	returnable, hold               = 14 * 24 * time.Hour, 7 * 24 * time.Hour
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
	GiftBP   int32            // what the market takes off
	Baskets  []*Basket
	Refunds  []*Refund
	Payables []*Payable
	Batches  []*Batch
}

// Basket is what is paid at once.
type Basket struct {
	Bank       bool
	Due, Came  int64
	State      string // of the payment: open, captured, closed
	Expires    time.Time
	Orders     []*Order
	Unclaimed  int64
	gave       int64 // what had come when the excess was last given back
	atGateway  bool  // paid there
	news, shut bool
}

// Order is one seller's part.
type Order struct {
	Basket  *Basket
	Seller  int
	Agent   bool
	State   string
	Due     time.Time
	Lines   []*Line
	Parcels []*Parcel
	Bring   [4]int64 // what is left of its delivery
	free    bool     // it was free from the start
	payable bool     // the commission is owed already
	Matures time.Time
}

// Line has what is left of its four shares: seller, agent, fee, tax.
type Line struct {
	Seller       int
	Grams, Price int64 // price of a kilo
	total        int64
	taken        int64 // grams that the seller has taken on
	packed       int64 // what the scales said
	cost         int64 // what the buyer owed for it
	Gift         int64 // what of it the market pays
	Left         [4]int64
}

// Refund is money on its way back.
type Refund struct {
	Basket *Basket
	Order  *Order // nil: what came in part or too late
	Amount int64
	State  string // asked, succeeded, failed, repeated
}

// New makes an empty market.
func New(now time.Time, agent int, taxBP int32) *Model {
	return &Model{Now: now, Agent: agent, TaxBP: taxBP, Terms: map[int]Terms{}, Accounts: map[string]int64{}, Owed: map[int]int64{}, Debt: map[int]int64{}, Pending: map[int]int64{}}
}

func (m *Model) post(debit, credit string, sum int64) {
	m.Accounts[debit] += sum
	m.Accounts[credit] -= sum
}

// Place makes one order per seller.
func (m *Model) Place(bank, agent bool, lines []Line) *Basket {
	b := &Basket{Bank: bank, State: "open", Expires: m.Now.Add(15 * time.Minute)}
	if bank {
		b.Expires = m.Now.Add(72 * time.Hour)
	}
	of := map[int]*Order{}
	for _, l := range lines {
		o := of[l.Seller]
		if o == nil {
			o = &Order{Basket: b, Seller: l.Seller, Agent: agent, State: "placed"}
			of[l.Seller] = o
			b.Orders = append(b.Orders, o)
		}
		l.total, _ = money.MulDiv(l.Price, l.Grams, 1000)
		l.taken = l.Grams
		o.Lines = append(o.Lines, &l)
	}
	for _, o := range b.Orders {
		m.price(o)
		for _, l := range o.Lines {
			b.Due += l.cost
		}
		b.Due += sum(o.Bring)
	}
	m.Baskets = append(m.Baskets, b)
	return b
}

// Pay presses the gateway's button.
func (m *Model) Pay(b *Basket, news bool) bool {
	if b.Bank || b.shut {
		return false
	}
	if !b.atGateway {
		b.atGateway, b.news = true, news
	}
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
	if !b.Bank || sum <= 0 {
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
			o.become("secured", m.Now.Add(silence))
		}
		return
	}
	if first := b.Orders[0].State; first == "cancelled" || first == "expired" {
		m.back(b, nil, "unclaimed", sum)
		b.Unclaimed -= sum
	}
}

func (o *Order) become(state string, due time.Time) { o.State, o.Due = state, due }

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

// left is what the buyer can get back of a line.
func (l *Line) left() int64 { return sum(l.Left) - l.Gift }

// back sends money on its way to the payer.
func (m *Model) back(b *Basket, o *Order, from string, sum int64) {
	m.post(from, "transit:refund", sum)
	m.Refunds = append(m.Refunds, &Refund{Basket: b, Order: o, Amount: sum, State: "asked"})
}

// Step is the seller's and the buyer's way forward.
func (m *Model) Step(o *Order, to string) bool {
	from := map[string]string{"accepted": "secured", "delivered": "shipped", "completed": "delivered"}
	if to == "shipped" {
		return m.Ship(o, nil)
	}
	if o.State == to {
		return true
	}
	if o.State != from[to] {
		return false
	}
	switch to {
	case "accepted":
		o.become(to, m.Now.Add(unpacked))
	case "delivered":
		return m.deliver(o)
	case "completed":
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
	for i, l := range o.Lines {
		parts = append(parts, l.less(l.taken, grams[i]))
		l.packed = grams[i]
	}
	m.take(o, parts, 0)
	o.become("packed", m.Now.Add(unpacked))
	return true
}

// Cancel ends an order, or a basket that was not paid.
func (m *Model) Cancel(o *Order, by string) bool {
	switch o.State {
	case "cancelled":
		return true
	case "placed":
		if by == "seller" {
			return false
		}
		if m.Settle(o.Basket); o.State != "placed" {
			return false
		}
		m.end(o.Basket, "cancelled")
		return true
	case "secured", "accepted", "packed", "shipped":
		if by == "buyer" || o.State == "shipped" && by != "operator" {
			return false
		}
		m.drop(o)
		return true
	}
	return false
}

func (m *Model) drop(o *Order) {
	var parts []int64
	for _, l := range o.Lines {
		parts = append(parts, l.left())
	}
	m.take(o, parts, sum(o.Bring))
	o.become("cancelled", time.Time{})
}

func (m *Model) end(b *Basket, state string) {
	b.State, b.shut = "closed", true
	for _, o := range b.Orders {
		o.become(state, time.Time{})
	}
	if b.Came > 0 {
		m.back(b, nil, "unclaimed", b.Came)
		b.Unclaimed -= b.Came
	}
}

// Refund gives back a sum of each line, and of the delivery.
func (m *Model) Refund(o *Order, parts []int64, bring int64) bool {
	if o.State == "placed" || o.State == "cancelled" || o.State == "expired" {
		return false
	}
	if bring > sum(o.Bring) {
		return false
	}
	all := bring
	for i, l := range o.Lines {
		if parts[i] < 0 || parts[i] > l.left() {
			return false
		}
		all += parts[i]
	}
	if all == 0 {
		return false
	}
	m.take(o, parts, bring)
	return true
}

// take takes from the owners of lines and delivery, each in proportion to what is
// left; what the market had given of it goes back to the market.
func (m *Model) take(o *Order, parts []int64, bring int64) {
	var of [4]int64
	var all, gifts int64
	cut := func(left *[4]int64, sum int64) {
		for s, x := range money.Split(sum, left[:]) {
			left[s] -= x
			of[s] += x
			all += x
		}
	}
	for i, l := range o.Lines {
		gift := l.Gift
		if parts[i] < l.left() {
			gift, _ = money.MulDiv(l.Gift, parts[i], l.left())
		}
		l.Gift -= gift
		gifts += gift
		cut(&l.Left, parts[i]+gift)
	}
	cut(&o.Bring, bring)
	if all == 0 {
		return
	}
	m.post("transit:refund", "cost:discount", gifts)
	if o.State != "completed" {
		m.post("held:order", "transit:refund", gifts)
		m.back(o.Basket, o, "held:order", all-gifts)
		return
	}
	m.Refunds = append(m.Refunds, &Refund{Basket: o.Basket, Order: o, Amount: all - gifts, State: "asked"})
	m.post("income:fees", "transit:refund", of[2])
	m.post("tax:vat", "transit:refund", of[3])
	m.takeFrom(o.Seller, of[0], "transit:refund")
	if o.payable {
		m.takeFrom(m.Agent, of[1], "transit:refund")
	} else {
		m.Pending[m.Agent] -= of[1]
		m.post("commission", "transit:refund", of[1])
	}
}

// takeFrom takes from what a payee has; the rest becomes debt.
func (m *Model) takeFrom(payee int, sum int64, to string) {
	if sum == 0 {
		return
	}
	has := min(sum, m.Owed[payee])
	m.Owed[payee] -= has
	m.Debt[payee] += sum - has
	m.post("owed", to, has)
	m.post("receivable", to, sum-has)
	m.Payables = append(m.Payables, &Payable{Payee: payee, Sum: -sum})
}

func (m *Model) release(o *Order) {
	o.become("completed", time.Time{})
	o.Matures = m.Now.Add(hold)
	m.post("held:order", "owed", o.Share(0))
	m.post("held:order", "commission", o.Share(1))
	m.post("held:order", "income:fees", o.Share(2))
	m.post("held:order", "tax:vat", o.Share(3))
	m.Owed[o.Seller] += o.Share(0)
	m.Pending[m.Agent] += o.Share(1)
	m.earn(o.Seller, o.Share(0))
}
