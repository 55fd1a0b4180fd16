// Package ordertest brings an order to any state for tests: a small market
// with a producer, goods in stock, a buyer, an agent and the sandbox, made
// through the public verbs, on a clock that a test moves.
package ordertest

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/cash"
	"commonfield/agents/commission"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/agents/terms"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/offline"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/recon"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
	"commonfield/storage/seal"
)

// Township is a real place that the world's producers live in: 尉犁镇.
const Township = "652823100"

// Clock is a clock that a test moves; everything in the world reads it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

// World is a market with everybody in it.
type World struct {
	DB      *storage.DB
	Market  int32
	Clock   *Clock
	Orders  *order.Pipeline
	Desk    *payment.Desk
	Sandbox *sandbox.Gateway
	Recon   *recon.Desk
	Payouts *payout.Desk // it writes no bank files
	Worker  *jobs.Worker
	People  *people.Directory
	Catalog *catalog.Catalog
	Stock   *stock.Stock
	Box     *seal.Box

	Producer producer.Producer
	Agent    agents.Agent
	Seller   order.By
	Buyer    order.By
	Operator order.By
	AgentBy  people.Person
	Listing  catalog.Listing // walnuts at 26.00 a kg, 100 kg in stock, band 3 %, fee 2 %, commission 6 %

	stalls  []int32         // the markets of Stall
	gateway payment.Gateway // beside sandbox and bank

	handlers map[string]jobs.Handler
}

// Rates of the world, in basis points, and the stock in grams.
const (
	FeeBP        = 200
	CommissionBP = 600
	HoldDays     = 7
	InStock      = 100_000
)

// New makes a world in a fresh market. Kinds are passed beside goods.
func New(t testing.TB, kinds ...order.Kind) *World {
	t.Helper()
	return NewWith(t, nil, kinds...)
}

// NewThrough is New with one more gateway, which may need the world's clock.
func NewThrough(t testing.TB, gateway func(clock *Clock) payment.Gateway, kinds ...order.Kind) *World {
	t.Helper()
	w := &World{Clock: &Clock{now: start}}
	w.gateway = gateway(w.Clock)
	return w.made(t, nil, kinds...)
}

// start is when every world begins.
var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// NewWith is New with options of the database changed.
func NewWith(t testing.TB, change func(*storage.Options), kinds ...order.Kind) *World {
	t.Helper()
	return (&World{Clock: &Clock{now: start}}).made(t, change, kinds...)
}

func (w *World) made(t testing.TB, change func(*storage.Options), kinds ...order.Kind) *World {
	t.Helper()
	w.DB, w.Market = dbtest.Open(t, func(o *storage.Options) {
		o.Clock = w.Clock.Now
		if change != nil {
			change(o)
		}
	})
	box, err := seal.Open(t.TempDir() + "/keys.json")
	ok(t, err)
	w.Box = box
	w.Join(w.DB, kinds...)
	w.fill(t)
	return w
}

// Join opens the rooms on a database: a second instance of the program is
// another world joined to the same one.
func (w *World) Join(db *storage.DB, kinds ...order.Kind) {
	w.DB = db
	w.Sandbox = sandbox.New(db)
	gateways := []payment.Gateway{w.Sandbox, offline.Bank{}, offline.Cash{}}
	if w.gateway != nil {
		gateways = append(gateways, w.gateway)
	}
	w.Desk = payment.New(db, gateways...)
	w.Sandbox.Deliver(w.Desk.Receive)
	w.Orders = order.New(db, w.Desk, w.Box, region.New(db), append([]order.Kind{retail.Goods()}, kinds...)...)
	w.Recon = recon.New(db, w.Orders, w.Desk, w.markets, "")
	w.Payouts = payout.New(db, w.Box, nil, nil)
	w.Recon.Paying(w.Payouts)
	if g, pays := w.gateway.(payout.Gateway); pays {
		w.Payouts.Through(g)
	}
	w.People = people.New(db)
	w.People.Cost = people.LightCost
	w.Catalog, w.Stock = catalog.New(db), stock.New(db)
	w.handlers = map[string]jobs.Handler{
		order.JobExpire:      {Call: w.Orders.Expire},
		order.JobTimer:       {Do: w.Orders.Timer},
		order.JobSeen:        {Call: w.Orders.Seen},
		order.JobSpread:      {Call: w.Orders.Spread},
		order.JobFollow:      {Call: w.Orders.Follow},
		order.JobClaim:       {Do: w.Orders.Claimed},
		order.JobCharge:      {Call: w.Orders.Called},
		order.JobDrop:        {Call: w.Orders.Dropped},
		order.JobRest:        {Do: w.Orders.Rest},
		payment.JobNews:      {Call: w.Orders.News},
		payment.JobRefund:    {Call: w.Desk.Carry},
		payment.JobBack:      {Call: w.Desk.Returned},
		payment.JobUsable:    {Do: payment.Usable},
		payment.JobSquare:    {Call: w.Desk.Squared},
		payment.JobEvidence:  {Call: w.Desk.SendEvidence},
		payment.JobKept:      {Call: w.Desk.Kept},
		payment.JobForget:    {Call: w.Desk.Forget},
		payout.JobTransfer:   w.Payouts.Carrier(),
		payout.JobReverse:    w.Payouts.Reverser(),
		payout.JobLook:       w.Payouts.Looker(),
		payout.JobAsk:        w.Payouts.Asker(),
		payout.SubmitJob:     w.Payouts.Handler(),
		recon.JobRead:        {Call: w.Recon.Read},
		recon.JobMatch:       {Call: w.Recon.Match},
		order.JobBank:        {Call: w.Orders.Bank},
		sandbox.JobNews:      {Call: w.Sandbox.Tell},
		commission.MatureJob: commission.Handler(order.Frozen),
	}
	w.Work(nil)
}

// Work lets the world's worker do the jobs of rooms above too.
func (w *World) Work(more map[string]jobs.Handler) {
	maps.Copy(w.handlers, more)
	w.Worker = jobs.NewWorker(w.DB, w.handlers, jobs.Options{})
}

// markets are those of the world: the first keeps the gateway's account.
func (w *World) markets(ctx context.Context) ([]region.Market, error) {
	var all []region.Market
	for _, market := range append([]int32{w.Market}, w.stalls...) {
		err := w.DB.View(ctx, market, func(tx *storage.Tx) error {
			m, err := region.FindMarket(tx, market)
			all = append(all, m)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (w *World) fill(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	ok(t, region.LoadSome(ctx, w.DB, Township))
	ok(t, catalog.Load(ctx, w.DB))
	w.Operator = order.By{Person: people.Person{ID: w.Person(t, "Operator").ID, Operator: []int32{w.Market}}, As: order.AsOperator}
	grower := w.Person(t, "吐尔逊")
	var err error
	w.Producer, err = producer.New(w.DB).Apply(ctx, once.Key{}, w.Market, w.Operator.Person, producer.Application{
		Text:     producer.Text{Name: "吐尔逊·买买提", NameEN: "Tursun", RegionCode: Township, Village: "兴平村", Exemption: "零星农产品"},
		PersonID: grower.ID, State: producer.Active})
	ok(t, err)
	w.Seller = order.By{Person: grower, As: order.AsSeller}
	w.Buyer = order.By{Person: w.Person(t, "Buyer"), As: order.AsBuyer}
	w.AgentBy = w.Person(t, "马春兰")
	room := agents.New(w.DB)
	w.Agent, err = room.Apply(ctx, w.Market, w.AgentBy)
	ok(t, err)
	ok(t, room.Approve(ctx, w.Market, w.Agent.ID, w.Operator.Person))
	_, err = w.Catalog.SetRate(ctx, w.Market, catalog.Fee, "", "", FeeBP, time.Time{}, w.Operator.ID)
	ok(t, err)
	_, err = commission.AddRule(ctx, w.DB, w.Market, commission.Rule{RateBP: CommissionBP, HoldDays: HoldDays}, w.Operator.ID)
	ok(t, err)
	w.Listing = w.Offer(t, "薄皮核桃", 2600, InStock)
}

// Person registers somebody with a phone of their own.
func (w *World) Person(t testing.TB, name string) people.Person {
	t.Helper()
	p, err := w.People.Register(t.Context(), once.Key{}, people.Newcomer{Name: name, Phone: dbtest.Phone(), Password: "walnut-harvest-1"})
	ok(t, err)
	return p
}

// Offer puts goods of the world's producer on the shelf, with stock in grams.
func (w *World) Offer(t testing.TB, title string, pricePerKilo, grams int64) catalog.Listing {
	t.Helper()
	l, err := w.Catalog.Offer(t.Context(), once.Key{}, w.Market, w.Seller.ID, catalog.Draft{ProducerID: w.Producer.ID, Category: "walnut",
		Title: title, Unit: "kg", PriceMinor: pricePerKilo, Minimum: 500, WeightBandBP: 300, State: catalog.Live})
	ok(t, err)
	_, err = w.Stock.Receive(t.Context(), once.Key{}, w.Market, w.Seller.ID, l.ID, stock.Batch{Quantity: grams})
	ok(t, err)
	return l
}

// Terms sets the terms of a seller, or of the market (terms.Market).
func (w *World) Terms(t testing.TB, owner id.ID, on terms.Terms) {
	t.Helper()
	var was terms.Kept
	ok(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) { was, err = terms.Find(tx, owner); return }))
	_, err := terms.Set(t.Context(), w.DB, w.Market, owner, w.Operator.ID, was.Version, on)
	ok(t, err)
}

// TakesCash lets the world's producer sell for cash on delivery, which they collect
// themselves up to a limit, or an agent's payee does.
func (w *World) TakesCash(t testing.TB, hand id.ID, limit int64) {
	t.Helper()
	w.Terms(t, w.Producer.ID, terms.Terms{Cash: &terms.Cash{Hand: hand}})
	if hand == id.None {
		hand = w.Producer.PayeeID
	}
	ok(t, cash.Trust(t.Context(), w.DB, w.Market, hand, limit, w.Operator.ID))
}

// Ask is what the buyer wants: grams of the world's walnuts, by the agent's link.
func (w *World) Ask(grams int64) order.Ask {
	return order.Ask{Kind: retail.Name, Buyer: w.Buyer.Person, PlacedBy: w.Buyer.Person, Seen: -1, Way: "sandbox",
		Items:     []order.Item{{Market: w.Market, Listing: w.Listing.ID, Quantity: grams}},
		Agent:     attribution.Ask{Link: w.Agent.Code, LinkAt: w.Clock.Now()},
		DeliverTo: &order.Address{Name: "王芳", Phone: "+8613900000000", Region: "北京市", Street: "学院路 1 号"}}
}

// Place places an order of grams and gives its name.
func (w *World) Place(t testing.TB, grams int64) (order.Ref, order.Checkout) {
	t.Helper()
	b, err := w.Orders.Place(t.Context(), once.Key{}, w.Ask(grams))
	ok(t, err)
	return b.Orders()[0], b
}

// Pay pays a checkout in the sandbox and lets the browser return.
func (w *World) Pay(t testing.TB, b order.Checkout) {
	t.Helper()
	w.Open(t, b)
	p, err := w.Orders.Settle(t.Context(), b.Market, b.Payment)
	ok(t, err)
	if p.State != payment.Captured {
		t.Fatalf("the payment is %s", p.State)
	}
}

// Open opens the checkout's payment and presses the sandbox's button; nobody has
// heard of it yet.
func (w *World) Open(t testing.TB, b order.Checkout) {
	t.Helper()
	p, err := w.Orders.Pay(t.Context(), b.Market, b.Payment, "/back")
	ok(t, err)
	ok(t, w.Sandbox.Pay(t.Context(), b.Market, p.Object, sandbox.News{Repeat: 1}))
}

// UpTo brings a new order of 5 kg to a state.
func (w *World) UpTo(t testing.TB, state order.State) order.Ref {
	t.Helper()
	ref, b := w.Place(t, 5000)
	ctx := t.Context()
	steps := []struct {
		to order.State
		do func() error
	}{
		{order.Placed, func() error { return nil }},
		{order.Secured, func() error { w.Pay(t, b); return nil }},
		{order.Accepted, func() error { return w.Orders.Accept(ctx, w.Seller, ref) }},
		{order.Packed, func() error { return w.Orders.Pack(ctx, w.Seller, ref, nil) }},
		{order.Shipped, func() error {
			return w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "中通", Number: "7584"})
		}},
		{order.Delivered, func() error { return w.Orders.Deliver(ctx, w.Buyer, ref) }},
		{order.Completed, func() error { return w.Orders.Complete(ctx, w.Buyer, ref) }},
	}
	switch state {
	case order.Cancelled:
		ok(t, w.Orders.Cancel(ctx, w.Buyer, ref, ""))
		return ref
	case order.Expired:
		w.Clock.Advance(16 * time.Minute)
		w.Drain(t)
		return ref
	}
	for _, s := range steps {
		ok(t, s.do())
		w.Must(t, ref, s.to)
		if s.to == state {
			return ref
		}
	}
	t.Fatalf("no way to %s", state)
	return ref
}

// Must fails unless the order is in a state.
func (w *World) Must(t testing.TB, ref order.Ref, state order.State) {
	t.Helper()
	o, err := w.Orders.Find(t.Context(), ref)
	ok(t, err)
	if o.State != state {
		t.Fatalf("order %s is %s, not %s", o.Number, o.State, state)
	}
}

// Drain runs what is due, in the stalls' markets too, until nothing is.
func (w *World) Drain(t testing.TB) int {
	t.Helper()
	all := 0
	for {
		n := 0
		for _, market := range append([]int32{w.Market}, w.stalls...) {
			did, err := w.Worker.Drain(t.Context(), market)
			ok(t, err)
			n += did
		}
		if all += n; n == 0 || len(w.stalls) == 0 {
			return all
		}
	}
}

// Ticket is a kind without stock, acceptance and shipment: it proves that the
// pipeline knows no goods. An item's quantity is its price.
func Ticket() order.Kind {
	return order.Kind{
		Name: "ticket", Path: []order.State{order.Placed, order.Secured, order.Completed}, Release: order.Completed,
		Price: func(_ *storage.Tx, items []order.Item) ([]order.Priced, error) {
			var lines []order.Priced
			for i, it := range items {
				lines = append(lines, order.Priced{Line: order.Line{Title: fmt.Sprintf("ticket %d", i+1), Quantity: 1, UnitBase: 1, Price: it.Quantity, Total: it.Quantity, Fee: it.Quantity}})
			}
			return lines, nil
		},
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// None is the id of nothing, for tests that compare.
var None = id.None
