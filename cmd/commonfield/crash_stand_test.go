package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/cash"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/agents/terms"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// stand is two markets with a grower each, an agent, a buyer, two operators of both
// and Stripe's stand-in. Subjects are made by the public verbs; the program that is
// killed does all jobs, and the deeds.
type stand struct {
	ctx     context.Context
	m       *marketplace.Marketplace
	data    string
	bank    *stripetest.Server
	key     string
	secret  string
	markets []region.Market
	goods   []catalog.Listing
	growers []order.By
	payees  []id.ID
	agent   agents.Agent
	buyer   order.By
	boss    order.By
	tokens  map[id.ID]string
	second  order.By
	far     catalog.Listing // of a grower of the first market who is paid by transfers
	farther id.ID           // that grower's payee
	near    catalog.Listing // of one who is paid in cash, from the agent's hand
	nearer  id.ID           // that one's payee
	hand    order.By        // the agent
	ahead   atomic.Int64    // of our time is Stripe's
}

// openStand opens the rooms on a database that settle has filled, or will.
func openStand(t *testing.T, address, data string, seed uint64) *stand {
	t.Helper()
	s := &stand{ctx: t.Context(), data: data, key: stripetest.Key, secret: stripetest.Secret, tokens: map[id.ID]string{}}
	s.bank = stripetest.New(t, seed, func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) })
	m, err := marketplace.Open(t.Context(), marketplace.Config{URL: address, Data: data, Pool: 2, Home: "http://127.0.0.1:8080",
		Stripe: stripe.Options{Key: s.key, Secrets: []string{s.secret}, Base: s.bank.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shut() })
	m.People.Cost = people.LightCost
	s.m = m
	return s
}

// settle lets everybody in.
func (s *stand) settle(t *testing.T) {
	t.Helper()
	ctx := s.ctx
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(marketplace.Prepare(ctx, s.m.DB))
	somebody := func(name string, as order.Party) order.By {
		phone := dbtest.Phone()
		p, err := s.m.People.Register(ctx, once.Key{}, people.Newcomer{Name: name, Phone: phone, Password: "walnut-harvest-1"})
		must(err)
		return order.By{Person: p, As: as}
	}
	s.buyer, s.boss, s.second = somebody("王芳", order.AsBuyer), somebody("李建国", order.AsOperator), somebody("石玉兰", order.AsOperator)
	agent := somebody("马春兰", order.AsBuyer)
	for i, code := range []string{"YL", "CJ"} {
		m, err := s.m.Books.Open(ctx, region.NewMarket{Code: code, Name: "集市 " + code, RegionCode: townships[2*i][:6], Currency: "CNY", TimeZone: "Asia/Shanghai"})
		must(err)
		s.markets = append(s.markets, m)
		must(s.m.DB.Update(ctx, m.ID, func(tx *storage.Tx) error {
			tx.Keyed()
			for _, by := range []order.By{s.boss, s.second} {
				if err := people.Grant(tx, by.ID, people.Operator, "", people.System.ID); err != nil {
					return err
				}
			}
			return nil
		}))
		s.boss.Operator, s.second.Operator = append(s.boss.Operator, m.ID), append(s.second.Operator, m.ID)
		must(s.m.Desk.Capital(ctx, m.ID, s.boss.ID, 10_000_000, "CAPITAL"))
		_, err = s.m.Catalog.SetRate(ctx, m.ID, catalog.Fee, "", "", 200, time.Time{}, s.boss.ID)
		must(err)
		_, err = commission.AddRule(ctx, s.m.DB, m.ID, commission.Rule{RateBP: 600, HoldDays: 7}, s.boss.ID)
		must(err)
		grower := somebody("农户 "+code, order.AsSeller)
		made, err := s.m.Producers.Apply(ctx, once.Key{}, m.ID, s.boss.Person, producer.Application{Text: producer.Text{Name: "农户 " + code, RegionCode: townships[2*i], Exemption: "零星农产品"},
			PersonID: grower.ID, State: producer.Active})
		must(err)
		must(payable.SetAccount(ctx, s.m.DB, m.ID, made.PayeeID, payable.Account{Holder: "农户 " + code, Bank: "农业银行", Number: "6222020200112233"}, s.m.Box, s.boss.ID))
		_, err = terms.Set(ctx, s.m.DB, m.ID, made.ID, s.boss.ID, 0, terms.Terms{Cash: &terms.Cash{}})
		must(err)
		must(cash.Trust(ctx, s.m.DB, m.ID, made.PayeeID, 10_000_00, s.boss.ID))
		l, err := s.m.Catalog.Offer(ctx, once.Key{}, m.ID, grower.ID, catalog.Draft{ProducerID: made.ID, Category: "walnut", Title: "薄皮核桃", Unit: "kg", PriceMinor: 2600, Minimum: 500, WeightBandBP: 300, State: catalog.Live})
		must(err)
		_, err = s.m.Stock.Receive(ctx, once.Key{}, m.ID, grower.ID, l.ID, stock.Batch{Quantity: 100_000_000})
		must(err)
		s.growers, s.goods, s.payees = append(s.growers, grower), append(s.goods, l), append(s.payees, made.PayeeID)
	}
	a, err := s.m.Agents.Apply(ctx, s.markets[0].ID, agent.Person)
	must(err)
	must(s.m.Agents.Approve(ctx, s.markets[0].ID, a.ID, s.boss.Person))
	s.agent, s.hand = a, agent
	grow := func(name string, on terms.Terms) (catalog.Listing, id.ID) {
		market := s.markets[0].ID
		made, err := s.m.Producers.Apply(ctx, once.Key{}, market, s.boss.Person, producer.Application{Text: producer.Text{Name: name, RegionCode: townships[0], Exemption: "零星农产品"},
			PersonID: somebody(name, order.AsSeller).ID, State: producer.Active})
		must(err)
		_, err = terms.Set(ctx, s.m.DB, market, made.ID, s.boss.ID, 0, on)
		must(err)
		l, err := s.m.Catalog.Offer(ctx, once.Key{}, market, s.boss.ID, catalog.Draft{ProducerID: made.ID, Category: "walnut", Title: name + "的核桃", Unit: "kg", PriceMinor: 2600, Minimum: 500, WeightBandBP: 300, State: catalog.Live})
		must(err)
		_, err = s.m.Stock.Receive(ctx, once.Key{}, market, s.boss.ID, l.ID, stock.Batch{Quantity: 100_000_000})
		must(err)
		return l, made.PayeeID
	}
	s.far, s.farther = grow("远处的农户", terms.Terms{})
	s.near, s.nearer = grow("近处的农户", terms.Terms{Cash: &terms.Cash{}, Pickup: &terms.Point{Name: "兴平村口", Address: "兴平村 1 号"},
		Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800, Further: 200}}}}})
	must(cash.Trust(ctx, s.m.DB, s.markets[0].ID, s.nearer, 100_000_00, s.boss.ID))
	held := s.handed(must)
	must(cash.Trust(ctx, s.m.DB, s.markets[0].ID, held, 100_000_00, s.boss.ID))
	must(cash.Choose(ctx, s.m.DB, s.markets[0].ID, s.nearer, held, s.boss.ID))
	for _, by := range append([]order.By{s.buyer, s.boss, s.second, s.hand}, s.growers...) {
		_, token, err := s.m.People.SignIn(ctx, by.Phone, "walnut-harvest-1", "test")
		must(err)
		s.tokens[by.ID] = token
	}
}

// like takes over who is who from the stand whose database was copied.
func (s *stand) like(o *stand) {
	s.markets, s.goods, s.growers, s.payees, s.agent = o.markets, o.goods, o.growers, o.payees, o.agent
	s.buyer, s.boss, s.second, s.tokens = o.buyer, o.boss, o.second, o.tokens
	s.far, s.farther, s.near, s.nearer, s.hand = o.far, o.farther, o.near, o.nearer, o.hand
}

// handed is the payee of the agent, who holds cash.
func (s *stand) handed(must func(error)) id.ID {
	var in agents.MarketAgent
	must(s.m.DB.View(s.ctx, s.markets[0].ID, func(tx *storage.Tx) (err error) { in, err = agents.InMarket(tx, s.agent.ID); return }))
	return in.PayeeID
}

// connect gives the far grower an account at Stripe that may be paid to.
func (s *stand) connect(t *testing.T) {
	t.Helper()
	market := s.markets[0].ID
	a, _, err := s.m.Payouts.Connect(s.ctx, market, s.farther, s.boss.ID, "/me/gateway")
	if err == nil {
		s.bank.Stand(s.bank.Connected()[0], "active")
		s.bank.News()
		err = s.m.Payouts.Ask(s.ctx, market, a.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// usable lets the days pass at Stripe after which what was paid can be transferred.
func (s *stand) usable() {
	s.ahead.Store(int64(stripetest.Wait + time.Hour))
	s.bank.Pay("", stripetest.Paying{}) // whatever is asked, it looks at its clock
	s.ahead.Store(0)
}

func (s *stand) token(by order.By) string { return s.tokens[by.ID] }

// bought is an order with its checkout.
type bought struct {
	order.Checkout

	ref     order.Ref
	by      order.By
	session string // at Stripe
}

// place puts 5 kg of each of so many markets' goods into one checkout and opens its
// payment where that is at a gateway.
func (l *lane) place(way string, markets int) bought {
	l.t.Helper()
	return l.buy(way, 5000, l.goods[:markets]...)
}

// buy places so many grams of each of some goods.
func (l *lane) buy(way string, grams int64, goods ...catalog.Listing) bought {
	l.t.Helper()
	return l.order(l.ask(way, grams, goods...))
}

// ask is what the buyer wants of it.
func (l *lane) ask(way string, grams int64, goods ...catalog.Listing) order.Ask {
	a := order.Ask{Kind: retail.Name, Buyer: l.buyer.Person, PlacedBy: l.buyer.Person, Seen: -1, Way: way,
		Agent:     attribution.Ask{Link: l.agent.Code, LinkAt: l.m.DB.Now()},
		DeliverTo: &order.Address{Name: "王芳", Phone: "+8613900000000", Code: "11", Region: "北京市", Street: "学院路 1 号"}}
	for _, g := range goods {
		a.Items = append(a.Items, order.Item{Market: g.Market, Listing: g.ID, Quantity: grams})
	}
	return a
}

func (l *lane) order(a order.Ask) bought {
	l.t.Helper()
	c, err := l.m.Orders.Place(l.ctx, once.Key{}, a)
	l.ok(err)
	b := bought{Checkout: c, ref: c.Orders()[0], by: order.By{Person: a.Buyer, As: order.AsBuyer}}
	if a.Way == "stripe" {
		p, err := l.m.Orders.Pay(l.ctx, c.Market, c.Payment, "/")
		l.ok(err)
		b.session = p.Object
	}
	return b
}

// paid is an order whose money has come and has gone to all its markets.
func (l *lane) paid(way string, markets int) bought {
	l.t.Helper()
	return l.pay(way, l.place(way, markets))
}

func (l *lane) pay(way string, b bought) bought {
	l.t.Helper()
	switch way {
	case "stripe":
		l.bank.Pay(b.session, stripetest.Paying{})
		l.bank.News()
	case "sandbox":
		p, err := l.m.Orders.Pay(l.ctx, b.Market, b.Payment, "/")
		l.ok(err)
		l.ok(l.m.Sandbox.Pay(l.ctx, b.Market, p.Object, sandbox.News{}))
	case "bank":
		_, err := l.m.Orders.Confirm(l.ctx, l.boss, b.Market, b.Payment, b.Total, "LINE-"+b.Payment.String())
		l.ok(err)
		return b
	}
	_, err := l.m.Orders.Settle(l.ctx, b.Market, b.Payment)
	l.ok(err)
	l.quiet()
	return b
}

// upTo is a paid order that has come so far.
func (l *lane) upTo(way string, state order.State) bought {
	l.t.Helper()
	return l.goOn(l.paid(way, 1), state)
}

// goOn brings a paid order so far.
func (l *lane) goOn(b bought, state order.State) bought {
	l.t.Helper()
	for _, s := range []struct {
		to order.State
		do func() error
	}{
		{order.Secured, func() error { return nil }},
		{order.Accepted, func() error { return l.m.Orders.Accept(l.ctx, l.growers[0], b.ref) }},
		{order.Packed, func() error { return l.m.Orders.Pack(l.ctx, l.growers[0], b.ref, nil) }},
		{order.Shipped, func() error {
			return l.m.Orders.Ship(l.ctx, l.growers[0], b.ref, order.Parcel{Carrier: "中通", Number: "7584"})
		}},
		{order.Delivered, func() error { return l.m.Orders.Deliver(l.ctx, b.by, b.ref) }},
		{order.Completed, func() error { return l.m.Orders.Complete(l.ctx, b.by, b.ref) }},
	} {
		l.ok(s.do())
		if s.to == state {
			return b
		}
	}
	l.fail("no way to %s", state)
	return b
}

// api is the address of a thing of a market.
func (l *lane) api(noun string, market int32, of id.ID, verb ...string) string {
	path := fmt.Sprintf("/api/v1/%s/%d/%s", noun, market, of)
	for _, v := range verb {
		path += "/" + v
	}
	return path
}
