package marketplace_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/agents/terms"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// odd is two counties in which everything happens that a demonstration would not
// show: banks that take money back, refunds that fail late, transfers in parts, debts.
type odd struct {
	*marketplace.Marketplace

	t       *testing.T
	ctx     context.Context
	mu      sync.Mutex
	moved   time.Duration
	bank    *stripetest.Server
	markets [2]int32
	goods   [2]catalog.Listing
	growers [2]order.By
	payees  [2]id.ID
	agent   agents.Agent
	agentBy people.Person
	buyer   order.By
	boss    order.By
	second  id.ID
	link    string // the agent's, or nobody's

	kinds []order.Kind // beside the program's own
	funds ordertest.Funds
	about ordertest.Contract // of the first county's grower
}

func (o *odd) now() time.Time { o.mu.Lock(); defer o.mu.Unlock(); return time.Now().Add(o.moved) }

func (o *odd) must(err error) {
	o.t.Helper()
	must(o.t, err)
}

// openOdd opens the rooms on a database, with Stripe's stand-in, and lets everybody in.
func openOdd(t *testing.T, address string) *odd {
	t.Helper()
	o := &odd{t: t, ctx: t.Context()}
	o.bank = stripetest.New(t, 5, o.now)
	o.kinds = []order.Kind{ordertest.Gift(&o.funds, 500), ordertest.Backing(), ordertest.Reward(&o.about.Seller), ordertest.Deposit(), ordertest.CallOff(&o.about)}
	var err error
	o.Marketplace, err = marketplace.Open(o.ctx, marketplace.Config{URL: address, Data: t.TempDir(), Clock: o.now, Guard: dbtest.Guard, Home: "https://market.example",
		Kinds:  o.kinds,
		Stripe: stripe.Options{Key: stripetest.Key, Secrets: []string{stripetest.Secret}, Base: o.bank.URL}})
	o.must(err)
	t.Cleanup(func() { _ = o.Shut() })
	o.People.Cost = people.LightCost
	somebody := func(name string, as order.Party) order.By {
		p, err := o.People.Register(o.ctx, once.Key{}, people.Newcomer{Name: name, Phone: dbtest.Phone(), Password: "walnut-harvest-1"})
		o.must(err)
		return order.By{Person: p, As: as}
	}
	o.buyer, o.boss, o.second = somebody("王芳", order.AsBuyer), somebody("李建国", order.AsOperator), somebody("石玉兰", order.AsOperator).ID
	o.agentBy = somebody("马春兰", order.AsBuyer).Person
	for i, code := range []string{"OA", "OB"} {
		const township = "652823100"
		m, err := o.Books.Open(o.ctx, region.NewMarket{Code: code, Name: "集市 " + code, RegionCode: township[:6], Currency: "CNY", TimeZone: "Asia/Shanghai"})
		o.must(err)
		o.markets[i] = m.ID
		o.boss.Operator = append(o.boss.Operator, m.ID)
		for what, bp := range map[string]int32{catalog.Fee: 200, catalog.Tax: 900} {
			_, err = o.Catalog.SetRate(o.ctx, m.ID, what, "", "", bp, time.Time{}, o.boss.ID)
			o.must(err)
		}
		_, err = commission.AddRule(o.ctx, o.DB, m.ID, commission.Rule{RateBP: 600, HoldDays: 7}, o.boss.ID)
		o.must(err)
		o.growers[i] = somebody("农户 "+code, order.AsSeller)
		made, err := o.Producers.Apply(o.ctx, once.Key{}, m.ID, o.boss.Person, producer.Application{Text: producer.Text{Name: "农户 " + code, RegionCode: township, Exemption: "零星农产品"},
			PersonID: o.growers[i].ID, State: producer.Active})
		o.must(err)
		o.payees[i] = made.PayeeID
		if i == 0 {
			o.about.Seller = made
		}
		o.account(m.ID, made.PayeeID, "农户 "+code)
		o.goods[i], err = o.Catalog.Offer(o.ctx, once.Key{}, m.ID, o.growers[i].ID, catalog.Draft{ProducerID: made.ID, Category: "walnut", Title: "薄皮核桃", Unit: "kg", PriceMinor: 2600, Minimum: 500, WeightBandBP: 300, State: catalog.Live})
		o.must(err)
		_, err = o.Stock.Receive(o.ctx, once.Key{}, m.ID, o.growers[i].ID, o.goods[i].ID, stock.Batch{Quantity: 10_000_000})
		o.must(err)
		a, err := o.Agents.Apply(o.ctx, m.ID, o.agentBy)
		o.must(err)
		o.must(o.Agents.Approve(o.ctx, m.ID, a.ID, o.boss.Person))
		o.agent = a
		o.must(o.DB.View(o.ctx, m.ID, func(tx *storage.Tx) error {
			in, err := agents.InMarket(tx, a.ID)
			made.PayeeID = in.PayeeID
			return err
		}))
		o.account(m.ID, made.PayeeID, "马春兰")
	}
	o.link = o.agent.Code
	return o
}

func (o *odd) account(market int32, payee id.ID, holder string) {
	o.must(payable.SetAccount(o.ctx, o.DB, market, payee, payable.Account{Holder: holder, Bank: "农业银行", Number: "6222020200112233"}, o.Box, o.boss.ID))
}

// drain lets all jobs run that are due.
func (o *odd) drain() {
	o.t.Helper()
	for {
		n := 0
		for _, market := range []int32{storage.Platform, o.markets[0], o.markets[1]} {
			did, err := o.Worker.Drain(o.ctx, market)
			o.must(err)
			n += did
		}
		if n == 0 {
			return
		}
	}
}

// pass lets time pass.
func (o *odd) pass(d time.Duration) {
	o.mu.Lock()
	o.moved += d
	o.mu.Unlock()
	o.drain()
}

// sale is a checkout on its way, with its object at the gateway.
type oddSale struct {
	order.Checkout

	object string
}

func (s oddSale) ref() order.Ref { return s.Orders()[0] }

// place asks for 5 kg in each of so many markets.
func (o *odd) place(way string, markets int, by ...people.Person) oddSale {
	o.t.Helper()
	buyer := append(by, o.buyer.Person)[0]
	a := order.Ask{Kind: retail.Name, Buyer: buyer, PlacedBy: buyer, Seen: -1, Way: way, DeliverTo: &order.Address{Name: "王芳", Phone: "+8613900000000", Region: "北京市", Street: "1"}}
	if o.link != "" {
		a.Agent = attribution.Ask{Link: o.link, LinkAt: o.now()}
	}
	for i := range markets {
		a.Items = append(a.Items, order.Item{Market: o.markets[i], Listing: o.goods[i].ID, Quantity: 5000})
	}
	c, err := o.Orders.Place(o.ctx, once.Key{}, a)
	o.must(err)
	p, err := o.Orders.Pay(o.ctx, c.Market, c.Payment, "/pay/result")
	o.must(err)
	return oddSale{c, p.Object}
}

// paid is a checkout whose whole sum has come.
func (o *odd) paid(way string, markets int, by ...people.Person) oddSale {
	o.t.Helper()
	s := o.place(way, markets, by...)
	switch way {
	case "stripe":
		o.bank.Pay(s.object, stripetest.Paying{})
	case "sandbox":
		o.must(o.Sandbox.Pay(o.ctx, s.Market, s.object, sandbox.News{}))
	case "bank":
		o.confirm(s, s.Total)
		return s
	}
	_, err := o.Orders.Settle(o.ctx, s.Market, s.Payment)
	o.must(err)
	o.drain()
	return s
}

func (o *odd) confirm(s oddSale, sum int64) {
	o.t.Helper()
	_, err := o.Orders.Confirm(o.ctx, o.boss, s.Market, s.Payment, sum, id.New().String())
	o.must(err)
	o.drain()
}

// upTo is a paid order, or one of each market, that has come so far.
func (o *odd) upTo(way string, markets int, state order.State, by ...people.Person) oddSale {
	o.t.Helper()
	s := o.paid(way, markets, by...)
	for i, ref := range s.Orders() {
		o.walk(ref, o.growers[i], state)
	}
	return s
}

func (o *odd) walk(ref order.Ref, seller order.By, state order.State) {
	o.t.Helper()
	for _, step := range []struct {
		to order.State
		do func() error
	}{
		{order.Secured, func() error { return nil }},
		{order.Accepted, func() error { return o.Orders.Accept(o.ctx, seller, ref) }},
		{order.Packed, func() error { return o.Orders.Pack(o.ctx, seller, ref, nil) }},
		{order.Shipped, func() error { return o.Orders.Ship(o.ctx, seller, ref, order.Parcel{Carrier: "中通"}) }},
		{order.Delivered, func() error { return o.Orders.Deliver(o.ctx, o.boss, ref) }},
		{order.Completed, func() error { return o.Orders.Complete(o.ctx, o.boss, ref) }},
	} {
		o.must(step.do())
		if step.to == state {
			return
		}
	}
}

func (o *odd) refund(ref order.Ref, sum int64) id.ID {
	o.t.Helper()
	r, err := o.Orders.Refund(o.ctx, once.Key{}, o.boss, ref, []order.Part{{Line: 1, Amount: sum}}, "坏了")
	o.must(err)
	o.drain()
	return r
}

// hear lets all news of Stripe come in.
func (o *odd) hear() {
	o.t.Helper()
	for _, e := range o.bank.News() {
		o.must(o.Stripe.Take(o.ctx, o.Desk, e.Body, e.Signature()))
	}
	o.drain()
}

// takenBack lets the payer's bank take a sum back and decide.
func (o *odd) takenBack(s oddSale, sum int64, won bool) {
	o.t.Helper()
	o.bank.News()
	d := o.bank.Dispute(s.object, sum)
	o.hear()
	o.bank.Decide(d, won)
	o.hear()
}

// payOut pays a market's payees what they have, as the bank says.
func (o *odd) payOut(n int, state string) []payout.Payout {
	o.t.Helper()
	o.pass(time.Hour) // what was first, and what after, is to be seen
	defer o.pass(time.Hour)
	b, err := o.Payouts.Draft(o.ctx, once.Key{}, o.markets[n], o.boss.ID, nil)
	if fault.Has(err, "payout_nothing") {
		return nil
	}
	o.must(err)
	_, err = o.Payouts.Approve(o.ctx, o.markets[n], b.ID, o.second)
	o.must(err)
	var rows []payout.Payout
	o.must(o.DB.View(o.ctx, o.markets[n], func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
	var says payout.Answers
	for _, r := range rows {
		says.Rows = append(says.Rows, payout.Answer{Payout: r.ID, State: state, Reason: "户名不符"})
	}
	_, err = o.Payouts.Answer(o.ctx, once.Key{}, o.markets[n], b.ID, says)
	o.must(err)
	o.drain()
	return rows
}

// gift sets what both markets pay of every sale.
func (o *odd) gift(bp int32) {
	o.t.Helper()
	for _, market := range o.markets {
		var was terms.Kept
		o.must(o.DB.View(o.ctx, market, func(tx *storage.Tx) (err error) { was, err = terms.Find(tx, terms.Market); return }))
		on := terms.Terms{}
		if bp > 0 {
			on.Discount = &terms.Discount{RateBP: bp}
		}
		_, err := terms.Set(o.ctx, o.DB, market, terms.Market, o.boss.ID, was.Version, on)
		o.must(err)
	}
}

func (o *odd) sql(market int32, query string, args ...any) {
	o.t.Helper()
	o.must(o.DB.Update(o.ctx, market, func(tx *storage.Tx) error {
		_, err := tx.Exec(query, append([]any{market}, args...)...)
		return err
	}))
}

// statement reads in a statement of one line and gives the line.
func (o *odd) statement(sum, balance int64) (statement, line id.ID) {
	o.t.Helper()
	written := func(n int64) string {
		if n < 0 {
			return fmt.Sprintf("-%d.%02d", -n/100, -n%100)
		}
		return fmt.Sprintf("%d.%02d", n/100, n%100)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	o.must(err)
	all, err := o.Bank.Import(o.ctx, o.markets[0], o.boss.ID, fmt.Appendf(nil, "date,reference,amount,balance\n%s,%s,%s,%s\n", o.now().In(zone).Format(time.DateOnly), id.New(), written(sum), written(balance)))
	o.must(err)
	o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) error {
		return tx.Get(&line, "SELECT id FROM bank_lines WHERE market_id = $1 AND statement_id = $2", tx.Market, all[0].ID)
	}))
	return all[0].ID, line
}
