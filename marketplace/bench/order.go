package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func orderCases() []Case {
	return []Case{
		{Name: "order", Says: "place and secure: two producers × two lines, an agent, spread goods", run: orders,
			Limits: []Limit{{"statements", 1.0}, {"one call", 0.3}}, Trips: 2 + 2},
		{Name: "order-stripe", Says: "the same paid by Stripe: the session with its attempt, and what it says of the money; its calls over loopback", run: intents,
			Limits: []Limit{{"statements", 1.0}, {"one call", 0.3}}, Trips: 2 + 5 + 3},
		{Name: "hot", Says: "the same one sack by everybody, never more than there are", run: hot,
			Limits: []Limit{{"statements", 0.5}}, Trips: 2 + 2},
	}
}

// buying asks for what a basket names and secures it.
type buying struct {
	m       *stage
	baskets []basket
	buyers  []string
	agent   string
	each    int64 // base units of each line
	way     string
	turn    atomic.Int64
}

// wants is the ask of one more deed.
func (b *buying) wants() (order.Ask, error) {
	n := int(b.turn.Add(1))
	buyer, _ := id.Parse(b.buyers[n%len(b.buyers)])
	a := order.Ask{Kind: retail.Name, Buyer: people.Person{ID: buyer}, PlacedBy: people.Person{ID: buyer}, Seen: -1, Way: b.way,
		Agent:     attribution.Ask{Link: b.agent, LinkAt: time.Now()},
		DeliverTo: &order.Address{Name: "王芳", Phone: "+8613900000000", Region: "北京市", Street: "学院路 1 号"}}
	for i, name := range b.baskets[n%len(b.baskets)].names {
		if place := i % 6; place == 2 || place == 4 { // producer, payee, listing, batch, listing, batch
			listing, ok := id.Parse(name)
			if !ok {
				return a, broken("no id: %s", name)
			}
			a.Items = append(a.Items, order.Item{Market: firstMarket, Listing: listing, Quantity: b.each})
		}
	}
	return a, nil
}

func (b *buying) place(ctx context.Context) (order.Checkout, error) {
	a, err := b.wants()
	if err != nil {
		return order.Checkout{}, err
	}
	return b.m.m.Orders.Place(ctx, once.Of(a.Buyer.ID, id.New().String(), []byte("bench")), a)
}

// secure is what the gateway's news leads to: its sum is written down.
func (b *buying) secure(ctx context.Context, basket order.Checkout) error {
	p, err := b.m.m.Orders.Captured(ctx, basket.Market, basket.Payment, payment.Object{ID: "bench", State: payment.ObjectCaptured,
		Captured: basket.Total, Currency: basket.Currency, Payment: basket.Payment, Fee: basket.Total * 6 / 1000})
	return captured(p, err)
}

func captured(p payment.Payment, err error) error {
	if err == nil && p.State != payment.Captured {
		err = broken("the payment is %s", p.State)
	}
	return err
}

func (b *buying) both(ctx context.Context, _ int) error {
	basket, err := b.place(ctx)
	if err != nil {
		return err
	}
	if b.way == stripe.Name {
		return b.paid(ctx, basket)
	}
	return b.secure(ctx, basket)
}

// transactions are the deed's, one after the other.
func (b *buying) transactions(ctx context.Context) []func() error {
	var c order.Checkout
	place := func() (err error) { c, err = b.place(ctx); return err }
	if b.way == stripe.Name {
		attempt, answer := b.opening(ctx, &c)
		return []func() error{place, attempt, answer, func() error { return b.settle(ctx, c) }}
	}
	return []func() error{place, func() error { return b.secure(ctx, c) }}
}

// learn does the deed once on a quiet database, sees what it has written and
// makes the limits of it; then it holds what the limits write against it.
func (s *stage) learn(ctx context.Context, b *buying) (*replay, error) {
	for range b.buyers { // what is written once for a buyer, as the market in a list of theirs
		if err := b.both(ctx, 0); err != nil {
			return nil, err
		}
	}
	n := int(b.turn.Load()) + 1
	about := append([]string{b.buyers[n%len(b.buyers)]}, b.baskets[n%len(b.baskets)].names...)
	time.Sleep(2 * time.Millisecond) // names are made by the millisecond
	sc := &scribe{since: time.Now().Truncate(time.Millisecond), given: about}
	var each []written
	for _, do := range b.transactions(ctx) {
		w, err := observe(ctx, s.owner, do)
		if err != nil {
			return nil, err
		}
		sc.learn(w)
		each = append(each, w)
	}
	r := &replay{url: s.url, names: len(sc.fresh), baskets: b.baskets, buyers: b.buyers}
	if b.way == stripe.Name {
		r.asks = s.far.asks()
	}
	for i, w := range each {
		script, call := sc.write(w), fmt.Sprintf("bench_%d", i+1)
		r.scripts, r.calls = append(r.scripts, script), append(r.calls, call)
		if _, err := s.owner.ExecContext(ctx, script.procedure(call)); err != nil {
			return nil, fmt.Errorf("%w: %s", err, script.procedure(call))
		}
	}
	return r, s.alike(ctx, r, slices.Concat(each...))
}

// alike does each limit once and compares the rows.
func (s *stage) alike(ctx context.Context, r *replay, deed written) error {
	hands, err := r.hands(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { _ = hands[0].Close() }()
	for name, limit := range map[string]func(context.Context, *hand) error{"statements": r.statements, "one call": r.oneCall} {
		did, err := observe(ctx, s.owner, func() error { return limit(ctx, hands[0]) })
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		// What is added and changed by two transactions of one observation counts
		// as added: so it is compared by what is there afterwards.
		if err := same(deed.merged(), did.merged()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func orders(ctx context.Context, s *stage, c Case) ([]Result, error) {
	return s.against(ctx, c, s.spread("sandbox"), s.Clients, s.replaying)
}

func intents(ctx context.Context, s *stage, c Case) ([]Result, error) {
	return s.against(ctx, c, s.spread(stripe.Name), s.Clients, s.replaying)
}

// spread buys all goods in turn but the hot one.
func (s *stage) spread(way string) *buying {
	return &buying{m: s, baskets: s.goods.baskets[:len(s.goods.baskets)-1], buyers: s.goods.buyers, agent: s.goods.agent, each: 500, way: way}
}

const plenty = 1_000_000_000

// hot is one listing that everybody wants; it is in no basket of the others.
func hot(ctx context.Context, s *stage, c Case) ([]Result, error) {
	one := s.goods.baskets[len(s.goods.baskets)-1].names[:4] // one producer, one of its listings
	b := &buying{m: s, baskets: []basket{{one}}, buyers: s.goods.buyers, agent: s.goods.agent, each: 500, way: "sandbox"}
	if err := s.leave(ctx, one[3], plenty); err != nil { // a run before this one has sold it
		return nil, err
	}
	results, err := s.against(ctx, c, b, s.Clients[len(s.Clients)-1:], func(r *replay, hands []*hand) []side {
		return s.replaying(r, hands)[:1]
	})
	if err != nil {
		return results, err
	}
	return results, s.oversold(ctx, b, one[3])
}

// against measures place and secure with each number of clients.
func (s *stage) against(ctx context.Context, c Case, b *buying, clients []int, limits func(*replay, []*hand) []side) ([]Result, error) {
	r, err := s.learn(ctx, b)
	if err != nil {
		return nil, err
	}
	if err := s.counted(ctx); err != nil {
		return nil, err
	}
	var results []Result
	for _, n := range clients {
		hands, err := r.hands(ctx, n)
		if err != nil {
			return nil, err
		}
		res, err := s.alternate(ctx, c, n, side{name: c.Name, do: b.both, cpu: own}, limits(r, hands)...)
		for _, h := range hands {
			_ = h.Close()
		}
		if err != nil {
			return nil, err
		}
		results = append(results, res)
	}
	counted, err := b.touched(ctx)
	for i := range results {
		results[i].counted(counted)
	}
	return results, err
}

// touched counts what the deed touches, on a connection of its own.
func (b *buying) touched(ctx context.Context) (counted, error) {
	return b.m.count(ctx, func(ctx context.Context, on *stage) error {
		mine := &buying{m: on, baskets: b.baskets, buyers: b.buyers, agent: b.agent, each: b.each, way: b.way}
		mine.turn.Store(b.turn.Add(1000))
		return mine.both(ctx, 0)
	})
}

// counted lets the database count its rows again, as it does by itself a minute
// after it was filled: a plan made on empty tables reads all of a full one.
func (s *stage) counted(ctx context.Context) error {
	_, err := s.owner.ExecContext(ctx, "VACUUM ANALYZE")
	return err
}

// replaying are both limits.
func (s *stage) replaying(r *replay, hands []*hand) []side {
	return []side{
		{name: "statements", do: func(ctx context.Context, client int) error { return r.statements(ctx, hands[client]) }},
		{name: "one call", do: func(ctx context.Context, client int) error { return r.oneCall(ctx, hands[client]) }},
	}
}

// oversold lets many want the last sacks at once, twice as many as there are.
func (s *stage) oversold(ctx context.Context, b *buying, batch string) error {
	const left = 40
	if err := s.leave(ctx, batch, left*b.each); err != nil {
		return err
	}
	var sold, refused atomic.Int64
	tries := make(chan struct{}, 2*left)
	for range cap(tries) {
		tries <- struct{}{}
	}
	close(tries)
	l := drive(ctx, 32, time.Minute, func(ctx context.Context, _ int) error {
		if _, more := <-tries; !more {
			return errEnough
		}
		switch _, err := b.place(ctx); {
		case fault.Has(err, "sold_out"):
			refused.Add(1)
		case err != nil:
			return err
		default:
			sold.Add(1)
		}
		return nil
	})
	if l.first != nil && !errors.Is(l.first, errEnough) {
		return l.first
	}
	if sold.Load() != left || refused.Load() != left {
		return broken("of %d sacks %d were sold and %d refused", left, sold.Load(), refused.Load())
	}
	return nil
}

var errEnough = errors.New("enough")

// leave takes from a batch all but so much.
func (s *stage) leave(ctx context.Context, batch string, left int64) error {
	return s.m.DB.Update(ctx, firstMarket, func(tx *storage.Tx) error {
		var free int64
		if err := tx.Get(&free, "SELECT on_hand - reserved FROM batches WHERE market_id = $1 AND id = $2 FOR UPDATE", firstMarket, batch); err != nil {
			return err
		}
		tx.Queue("UPDATE batches SET on_hand = on_hand - $3 WHERE market_id = $1 AND id = $2", firstMarket, batch, free-left)
		tx.Queue(`INSERT INTO stock_moves (market_id, id, batch_id, kind, quantity, why, moved_by, moved_at) VALUES ($1, $2, $3, 'correct', $4, 'bench', $5, $6)`,
			firstMarket, id.New(), batch, left-free, people.System.ID, tx.Now)
		return nil
	})
}
