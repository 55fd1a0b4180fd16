// Package demo fills an empty installation with three made-up markets in real
// counties: people, goods with pictures, and orders in every state. Everything
// goes through the public verbs, on a clock that begins some weeks ago and ends
// now, so that the books are such as real use would leave them. Its business
// keys let it run again without doing anything twice.
package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

//go:embed pictures/*.jpg
var pictures embed.FS

// Password lets everybody of the demo sign in. It is printed and no secret;
// serve refuses the demo in production.
const Password = "commonfield-demo"

// Login is somebody who can sign in.
type Login struct{ Role, Name, Phone, Market string }

// Weeks is how long ago the demo's story begins.
const weeks = 6

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// until moves the clock to a time, never back.
func (c *clock) until(t time.Time) {
	c.mu.Lock()
	if t.After(c.now) {
		c.now = t
	}
	c.mu.Unlock()
}

type builder struct {
	m     *marketplace.Marketplace
	ctx   context.Context
	clock *clock
	say   func(string)
	names map[string]people.Person
}

// Build fills the installation and says who can sign in. On one that has the
// demo already it only says so. say gets a line now and then; it may be nil.
func Build(ctx context.Context, c marketplace.Config, say func(string)) ([]Login, error) {
	if c.Production {
		return nil, errors.New("the demo is not for production")
	}
	if say == nil {
		say = func(string) {}
	}
	now := time.Now()
	b := &builder{ctx: ctx, clock: &clock{now: now.AddDate(0, 0, -7*weeks)}, say: say, names: map[string]people.Person{}}
	c.Clock = b.clock.read
	c.Letters = nil // weeks of a story that never was are told to nobody
	var err error
	if b.m, err = marketplace.Open(ctx, c); err != nil {
		return nil, err
	}
	defer func() { _ = b.m.Shut() }()
	done, err := b.built()
	if err != nil || done {
		return logins(), err
	}
	if err := b.people(); err != nil {
		return nil, err
	}
	var places []*place
	for _, of := range counties {
		say("demo: " + of.name)
		p, err := b.county(of)
		if err != nil {
			return nil, fmt.Errorf("demo: %s: %w", of.code, err)
		}
		places = append(places, p)
	}
	if err := b.story(places, now); err != nil {
		return nil, err
	}
	if err := b.together(places[0], places[2]); err != nil {
		return nil, fmt.Errorf("demo: one checkout of two counties: %w", err)
	}
	return logins(), b.mark()
}

// built says whether the demo is complete: its mark is the last row it writes.
func (b *builder) built() (bool, error) {
	_, _, found, err := once.Recall(b.ctx, b.m.DB, storage.Platform, key("built"))
	return found, err
}

func (b *builder) mark() error {
	return once.Remember(b.ctx, b.m.DB, storage.Platform, key("built"), 1, []byte("{}"))
}

func key(name string) once.Key { return once.Of(people.System.ID, "demo:"+name, nil) }

func logins() []Login {
	var ls []Login
	for _, c := range counties {
		for _, s := range c.operators {
			ls = append(ls, Login{"operator", s.name, s.phone, c.code})
		}
		for _, s := range c.agents {
			ls = append(ls, Login{"agent", s.name, s.phone, c.code})
		}
		for _, g := range c.growers {
			ls = append(ls, Login{"producer", g.name, g.phone, c.code})
		}
	}
	for _, s := range buyers {
		ls = append(ls, Login{"buyer", s.name, s.phone, ""})
	}
	return ls
}

func (b *builder) people() error {
	all := append([]someone{}, buyers...)
	for _, c := range counties {
		all = append(append(all, c.operators[:]...), c.agents...)
		for _, g := range c.growers {
			all = append(all, g.someone)
		}
	}
	for _, s := range all {
		p, err := b.m.People.Register(b.ctx, key("person:"+s.key), people.Newcomer{Name: s.name, Phone: s.phone, Password: Password, Language: "zh"})
		if err != nil {
			return fmt.Errorf("demo: %s: %w", s.name, err)
		}
		b.names[s.key] = p
	}
	return nil
}

// place is one county while its story is told.
type place struct {
	*builder
	county
	market   region.Market
	operator people.Person // who drafts; the second one approves
	second   people.Person
	agents   []agents.Agent
	growers  []producer.Producer
	goods    []catalog.Listing
	seller   map[id.ID]people.Person // by producer
	hand     id.ID                   // the first agent, who brings cash, as a payee
	villager producer.Producer       // to whom they bring it
}

func (b *builder) county(of county) (*place, error) {
	p := &place{builder: b, county: of, seller: map[id.ID]people.Person{}}
	m, err := b.m.Books.Open(b.ctx, region.NewMarket{Code: of.code, Name: of.name, NameEN: of.nameEN, RegionCode: of.region,
		Currency: "CNY", TimeZone: "Asia/Shanghai", Operator: of.operator, Licence: of.licence})
	if fault.Has(err, "taken.market") {
		err = b.m.DB.ViewShared(b.ctx, func(tx *storage.Tx) (err error) { m, err = region.FindMarketByCode(tx, of.code); return })
	}
	if err != nil {
		return nil, err
	}
	p.market, err = b.m.Books.Tell(b.ctx, m.ID, region.Told{Name: m.Name, NameEN: m.NameEN, Operator: m.Operator, Licence: m.Licence, TimeZone: m.TimeZone,
		Account: region.Account{Holder: m.Operator, Bank: "中国农业银行", Number: "103100000" + of.region}}) // where transfers go
	if err != nil {
		return nil, err
	}
	for i, s := range of.operators {
		who := b.names[s.key]
		if err := b.m.DB.Update(b.ctx, m.ID, func(tx *storage.Tx) error {
			tx.Keyed()
			return people.Grant(tx, who.ID, people.Operator, "", people.System.ID)
		}); err != nil {
			return nil, err
		}
		who.Operator = []int32{m.ID}
		if i == 0 {
			p.operator = who
		} else {
			p.second = who
		}
	}
	if err := b.m.Desk.Capital(b.ctx, m.ID, p.operator.ID, 5_000_000, "DEMO-CAPITAL"); err != nil {
		return nil, err
	}
	if _, err := b.m.Catalog.SetRate(b.ctx, m.ID, catalog.Fee, "", "", 200, time.Time{}, p.operator.ID); err != nil {
		return nil, err
	}
	rule := commission.Rule{ID: ruleOf(m), RateBP: 600, HoldDays: 7}
	if _, err := commission.AddRule(b.ctx, b.m.DB, m.ID, rule, p.operator.ID); err != nil {
		return nil, err
	}
	if err := errors.Join(p.point(), p.enlist(), p.sow()); err != nil {
		return p, err
	}
	return p, p.onDelivery()
}

// ruleOf names the one rule of a demo market, the same at every run.
func ruleOf(m region.Market) id.ID {
	var rule id.ID
	copy(rule[:], "demo commission ")
	rule[15] = byte(m.ID)
	return rule
}

// enlist lets the agents in and gives them a bank account.
func (p *place) enlist() error {
	for i, s := range p.county.agents {
		who := p.names[s.key]
		a, err := p.m.Agents.Apply(p.ctx, p.market.ID, who)
		if err != nil {
			return err
		}
		if err := p.m.Agents.Approve(p.ctx, p.market.ID, a.ID, p.operator); err != nil {
			return err
		}
		p.agents = append(p.agents, a)
		var payee id.ID
		err = p.m.DB.View(p.ctx, p.market.ID, func(tx *storage.Tx) error {
			in, err := agents.InMarket(tx, a.ID)
			payee = in.PayeeID
			return err
		})
		if err != nil {
			return err
		}
		if err := p.bank(payee, s.name, fmt.Sprintf("62284801000%02d%06d", p.market.ID, i)); err != nil {
			return err
		}
		if i == 0 {
			p.hand = payee
		}
	}
	return p.trust()
}

func (p *place) bank(payee id.ID, holder, number string) error {
	return payable.SetAccount(p.ctx, p.m.DB, p.market.ID, payee, payable.Account{Holder: holder, Bank: "中国农业银行", Number: number}, p.m.Box, p.operator.ID)
}

// sow lets the producers in and puts their goods on the shelf.
func (p *place) sow() error {
	for i, g := range p.county.growers {
		who := p.names[g.key]
		made, err := p.m.Producers.Apply(p.ctx, key("producer:"+g.key), p.market.ID, p.operator, producer.Application{
			Text: producer.Text{Name: g.name, NameEN: g.nameEN, RegionCode: g.region, Village: g.village, Story: g.story, StoryEN: g.storyEN,
				Exemption: "自产自销的零星农产品，依法免于登记"}, PersonID: who.ID, State: producer.Active})
		if err != nil {
			return err
		}
		p.growers = append(p.growers, made)
		p.seller[made.ID] = who
		if g.cash {
			p.villager = made
			err = cash.Choose(p.ctx, p.m.DB, p.market.ID, made.PayeeID, p.hand, p.operator.ID)
		} else {
			err = p.bank(made.PayeeID, g.name, fmt.Sprintf("62284802000%02d%06d", p.market.ID, i))
		}
		if err != nil {
			return err
		}
		for n, of := range g.goods {
			if err := p.offer(made, who, of, fmt.Sprintf("%s:%d", g.key, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *place) offer(of producer.Producer, who people.Person, g goods, name string) error {
	data, err := pictures.ReadFile("pictures/" + g.photo + ".jpg")
	if err != nil {
		return err
	}
	photo, err := p.m.Photos.Take(p.ctx, data)
	if err != nil {
		return err
	}
	harvest := time.Date(p.clock.read().Year(), time.September, 20, 0, 0, 0, 0, time.UTC)
	l, err := p.m.Catalog.Offer(p.ctx, key("listing:"+name), p.market.ID, who.ID, catalog.Draft{ProducerID: of.ID, Category: g.category,
		Title: g.title, TitleEN: g.titleEN, Story: g.story, StoryEN: g.storyEN, Grade: g.grade, HarvestOn: &harvest, Unit: g.unit,
		PriceMinor: g.price, Minimum: g.minimum, WeightBandBP: 300, Photos: []string{photo}, State: catalog.Live})
	if err != nil {
		return err
	}
	_, err = p.m.Stock.Receive(p.ctx, key("stock:"+name), p.market.ID, who.ID, l.ID, stock.Batch{HarvestOn: &harvest, Grade: g.grade, Place: of.Village, Quantity: g.stock})
	p.goods = append(p.goods, l)
	return err
}
