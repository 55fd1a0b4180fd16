package order_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// histories is how many random histories are walked, each of so many deeds, some of
// several steps, the same ones each time, so that a test is not red by luck.
// COMMONFIELD_SEEDS asks for more, COMMONFIELD_SEED for one that failed, both for so many
// from that one on, and COMMONFIELD_SEED=new for what nobody has walked yet: `make seeds`.
const histories, deeds = 40, 72

// plenty is what each seller has in the beginning, in grams.
const plenty = 10_000_000

// hands is how many histories are walked at once.
const hands = 4

// Random histories of a market walk the pipeline and a plain model side by
// side. Each verb must be allowed in both or in neither, and after each history
// every account, payee, payment, order and refund must be the same in both and
// the audit clean.
func TestRandomHistoriesAreWhatThePlainModelSays(t *testing.T) {
	n := histories
	if more, err := strconv.Atoi(os.Getenv("COMMONFIELD_SEEDS")); err == nil {
		n = more
	}
	seed := uint64(1)
	switch asked := os.Getenv("COMMONFIELD_SEED"); asked {
	case "":
	case "new":
		seed = rand.Uint64() >> 1
	default:
		one, err := strconv.ParseUint(asked, 10, 64)
		must(t, err)
		if seed = one; os.Getenv("COMMONFIELD_SEEDS") == "" {
			n = 1
		}
	}
	t.Logf("%d histories from seed %d", n, seed)
	done := map[string]int{}
	next := make(chan uint64, n)
	for i := range uint64(n) {
		next <- seed + i
	}
	close(next)
	var mu sync.Mutex
	t.Run("side by side", func(t *testing.T) {
		for hand := range hands {
			t.Run(fmt.Sprint(hand), func(t *testing.T) {
				t.Parallel()
				for one := range next {
					t.Run(fmt.Sprint(one), func(t *testing.T) {
						h := newHistory(t, one, map[string]int{})
						for range deeds {
							h.deed()
						}
						h.count()
						if h.compare(); t.Failed() {
							t.Fatalf("COMMONFIELD_SEED=%d:\n%s", one, h.told)
						}
						mu.Lock()
						defer mu.Unlock()
						for name, times := range h.done {
							done[name] += times
						}
					})
				}
			})
		}
	})
	for _, name := range slices.Sorted(maps.Keys(done)) {
		t.Logf("%6d %s", done[name], name)
	}
	if n < enough {
		return
	}
	for _, name := range never(done) {
		t.Errorf("in %d histories it never happened: %s", n, name)
	}
}

// history is one walk of both.
type history struct {
	*arena
	m       *ordermodel.Model
	r       *rand.Rand
	shelf   []catalog.Listing // one per seller
	payees  []id.ID           // sellers, then the agent
	baskets map[*ordermodel.Basket]order.Checkout
	refs    map[*ordermodel.Order]order.Ref
	batches map[*ordermodel.Batch]id.ID
	guests  map[*ordermodel.Basket]people.Person // who nobody has claimed yet
	buyers  map[*ordermodel.Basket]people.Person
	courts
	picky bool // whoever pays on delivery seldom takes what comes
	told  string
	done  map[string]int
	lines int
}

func newHistory(t *testing.T, seed uint64, done map[string]int) *history {
	h := &history{arena: enter(t), r: rand.New(rand.NewPCG(seed, 7)), done: done,
		baskets: map[*ordermodel.Basket]order.Checkout{}, refs: map[*ordermodel.Order]order.Ref{}, batches: map[*ordermodel.Batch]id.ID{}, guests: map[*ordermodel.Basket]people.Person{}, buyers: map[*ordermodel.Basket]people.Person{}}
	h.convene()
	h.picky = h.r.IntN(3) == 0
	tax := int32(h.r.IntN(3) * 450)
	if tax > 0 {
		_, err := h.Catalog.SetRate(h.ctx, h.Market, catalog.Tax, "", "", tax, time.Time{}, h.Operator.ID)
		must(t, err)
	}
	second, err := producer.New(h.DB).Apply(h.ctx, once.Key{}, h.Market, h.Operator.Person, producer.Application{
		Text:     producer.Text{Name: "阿不都", NameEN: "Abdu", RegionCode: ordertest.Township, Village: "兴平村", Exemption: "零星农产品"},
		PersonID: h.Person(t, "阿不都").ID, State: producer.Active})
	must(t, err)
	for i, of := range []producer.Producer{h.Producer, second} {
		l, err := h.Catalog.Offer(h.ctx, once.Key{}, h.Market, h.Operator.ID, catalog.Draft{ProducerID: of.ID, Category: "walnut",
			Title: "货", Unit: "kg", PriceMinor: 1000 + h.r.Int64N(5000), Minimum: 500, WeightBandBP: int32(300 + 700*i), State: catalog.Live})
		must(t, err)
		_, err = h.Stock.Receive(h.ctx, once.Key{}, h.Market, h.Operator.ID, l.ID, stock.Batch{Quantity: plenty})
		must(t, err)
		h.shelf, h.payees = append(h.shelf, l), append(h.payees, of.PayeeID)
	}
	quote, err := h.Orders.Quote(h.ctx, h.Ask(5000))
	must(t, err)
	h.payees = append(h.payees, quote.Baskets[0].Given.PayeeID)
	for _, payee := range h.payees[1:] {
		must(t, payable.SetAccount(h.ctx, h.DB, h.Market, payee, payable.Account{Holder: "甲", Bank: "农行", Number: "6228480012345678"}, h.Box, h.Operator.ID))
	}
	h.m = ordermodel.New(h.Clock.Now(), 2, tax)
	h.m.Store[0], h.m.Store[1] = plenty, plenty
	h.agree()
	return h
}

// same fails unless the pipeline allowed what the model allowed.
func (h *history) same(name string, allowed bool, err error) {
	h.Helper()
	h.told += fmt.Sprintf("%s: %v %v\n", name, allowed, err)
	h.done[fmt.Sprintf("%s, allowed: %v", name, allowed)]++
	if (err == nil) != allowed {
		h.Errorf("%s: the model says %v, the pipeline %v", name, allowed, err)
	}
}

func pick[T any](r *rand.Rand, of []T) (one T, ok bool) {
	if len(of) == 0 {
		return one, false
	}
	return of[r.IntN(len(of))], true
}

// deed does one random thing in both; what nobody can do now leaves its turn to an
// order that goes on.
func (h *history) deed() {
	var alive []*ordermodel.Order
	for _, o := range h.orders() {
		if o.Alive() {
			alive = append(alive, o)
		}
	}
	which, some := pick(h.r, h.m.Baskets)
	if !some || len(alive) < 4 && h.r.IntN(5) == 0 {
		h.place()
		return
	}
	o, _ := pick(h.r, which.Orders)
	did := true
	switch n := h.r.IntN(100); {
	case n < 18:
		did = false
	case n < 22:
		h.pickUp(o)
	case n < 26:
		did = h.cash()
	case n < 28:
		h.ask(o)
	case n < 30:
		h.forward(which, o)
	case n < 33:
		h.money(which)
	case n < 35:
		h.cancel(o)
	case n < 40:
		h.giveBack(o)
	case n < 44:
		h.finish()
	case n < 45:
		h.excess(which)
	case n < 48:
		h.claim(which)
	case n < 58:
		did = h.pay()
	case n < 70:
		did = h.complaint()
	case n < 83:
		did = h.back()
	case n < 90:
		did = h.bank()
	case n < 94:
		h.drain()
	case n < 98:
		h.advance(time.Minute, 16*time.Minute, 20*time.Hour)
	default:
		h.advance(73*time.Hour, 8*24*time.Hour, 15*24*time.Hour)
		h.weary()
	}
	if live, going := pick(h.r, alive); going && !did {
		for n := 1 + h.r.IntN(3); n > 0 && live.Alive(); n-- {
			h.forward(live.Basket, live)
		}
	}
}

func (h *history) drain() {
	h.Drain(h.T)
	h.m.Run()
}

func (h *history) advance(by ...time.Duration) {
	d, _ := pick(h.r, by)
	h.told += fmt.Sprintf("%s later\n", d)
	h.Clock.Advance(d)
	h.Drain(h.T)
	h.m.Advance(d)
}
