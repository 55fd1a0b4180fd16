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
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordermodel"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// histories is how many random histories are walked; COMMONFIELD_SEEDS asks for
// more, COMMONFIELD_SEED for one that failed: `make seeds`.
const histories, deeds = 40, 80

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
	seed := rand.Uint64() >> 1
	if one, err := strconv.ParseUint(os.Getenv("COMMONFIELD_SEED"), 10, 64); err == nil {
		seed, n = one, 1
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
	told    string
	done    map[string]int
	lines   int
}

func newHistory(t *testing.T, seed uint64, done map[string]int) *history {
	h := &history{arena: enter(t), r: rand.New(rand.NewPCG(seed, 7)), done: done,
		baskets: map[*ordermodel.Basket]order.Checkout{}, refs: map[*ordermodel.Order]order.Ref{}, batches: map[*ordermodel.Batch]id.ID{}, guests: map[*ordermodel.Basket]people.Person{}}
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
		_, err = h.Stock.Receive(h.ctx, once.Key{}, h.Market, h.Operator.ID, l.ID, stock.Batch{Quantity: 10_000_000})
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

// deed does one random thing in both.
func (h *history) deed() {
	var alive []*ordermodel.Order
	for _, b := range h.m.Baskets {
		for _, o := range b.Orders {
			if o.State != "completed" && o.State != "cancelled" && o.State != "expired" {
				alive = append(alive, o)
			}
		}
	}
	which, some := pick(h.r, h.m.Baskets)
	live, going := pick(h.r, alive)
	if !some || len(alive) < 4 && h.r.IntN(10) == 0 {
		h.place()
		return
	}
	o, _ := pick(h.r, which.Orders)
	switch n := h.r.IntN(100); {
	case n < 48 && going:
		h.forward(live.Basket, live)
	case n < 50:
		h.forward(which, o)
	case n < 56:
		h.money(which)
	case n < 58:
		h.cancel(o)
	case n < 67:
		h.giveBack(o)
	case n < 72:
		h.finish()
	case n < 75:
		h.excess(which)
	case n < 79:
		h.claim(which)
	case n < 89:
		h.pay()
	case n < 94:
		h.Drain(h.T)
		h.m.Run()
	case n < 98:
		h.advance(time.Minute, 16*time.Minute, 20*time.Hour)
	default:
		h.advance(73*time.Hour, 8*24*time.Hour, 15*24*time.Hour)
	}
}

func (h *history) advance(by ...time.Duration) {
	d, _ := pick(h.r, by)
	h.told += fmt.Sprintf("%s later\n", d)
	h.Clock.Advance(d)
	h.Drain(h.T)
	h.m.Advance(d)
}

func (h *history) place() {
	ask := h.Ask(0)
	ask.DeliverTo.Code = "11"
	ask.Items = nil
	if h.r.IntN(4) == 0 {
		ask.Agent.Link = ""
	}
	if h.r.IntN(2) == 0 {
		ask.Way = "bank"
	}
	if h.r.IntN(2) == 0 {
		ask.Buyer = people.Person{ID: id.New(), Guest: true}
		ask.PlacedBy = ask.Buyer
	}
	var lines []ordermodel.Line
	for range 1 + h.r.IntN(3) {
		of := h.r.IntN(2)
		grams := 500 + h.r.Int64N(9_500)
		ask.Items = append(ask.Items, order.Item{Market: h.Market, Listing: h.shelf[of].ID, Quantity: grams})
		lines = append(lines, ordermodel.Line{Seller: of, Grams: grams, Price: h.shelf[of].PriceMinor})
	}
	b, err := h.Orders.Place(h.ctx, once.Key{}, ask)
	model := h.m.Place(ask.Way == "bank", ask.Agent.Link != "", lines)
	h.same(fmt.Sprintf("place by %s", ask.Way), true, err)
	if len(b.Orders()) != len(model.Orders) || b.Total != model.Due {
		h.Fatalf("%d orders for %d, the model says %d for %d", len(b.Orders()), b.Total, len(model.Orders), model.Due)
	}
	h.baskets[model] = b
	if ask.Buyer.Guest {
		h.guests[model] = ask.Buyer
	}
	for i, o := range model.Orders {
		h.refs[o] = b.Orders()[i]
	}
}

// claim: a guest signs in, and turns out to be the agent, or somebody else.
func (h *history) claim(b *ordermodel.Basket) {
	guest, is := h.guests[b]
	if !is {
		return
	}
	delete(h.guests, b)
	who := h.AgentBy
	if h.r.IntN(4) == 0 {
		who = h.Buyer.Person
	}
	must(h.T, h.Orders.Claim(h.ctx, guest, who))
	h.Drain(h.T)
	if who.ID == h.AgentBy.ID {
		h.m.Claim(b)
	}
	h.m.Run()
	h.same(fmt.Sprintf("claim by the agent: %v, %s", who.ID == h.AgentBy.ID, b.Orders[0].State), true, nil)
}

func (h *history) money(b *ordermodel.Basket) {
	pay := h.baskets[b].Payment
	if b.Bank {
		sum := []int64{b.Due, max(b.Due-b.Came, 1), max(b.Due/2, 1), 1 + h.r.Int64N(b.Due+500)}[h.r.IntN(4)]
		h.lines++
		for range 1 + h.r.IntN(2) { // the same line twice is once
			_, err := h.Orders.Confirm(h.ctx, h.Operator, h.Market, pay, sum, fmt.Sprintf("S-%d", h.lines))
			must(h.T, err)
		}
		h.same("transfer", h.m.Transfer(b, sum), nil)
		return
	}
	p, err := h.Orders.Pay(h.ctx, h.Market, pay, "/")
	must(h.T, err)
	news := h.r.IntN(3)
	if err = h.Sandbox.Pay(h.ctx, h.Market, "sb_"+pay.String(), sandbox.News{Repeat: news}); p.Object == "" && err == nil {
		h.Errorf("paid without an object")
	}
	h.same("pay", h.m.Pay(b, news > 0), err)
	if h.r.IntN(2) == 0 {
		_, err = h.Orders.Settle(h.ctx, h.Market, pay)
		h.m.Settle(b)
		h.same("settle", true, err)
	}
}

// forward makes the next move, or, now and then, any other.
func (h *history) forward(b *ordermodel.Basket, o *ordermodel.Order) {
	next := map[string]string{"secured": "accepted", "accepted": "packed", "packed": "shipped", "shipped": "delivered", "delivered": "completed"}
	to := next[o.State]
	if o.State == "placed" && h.r.IntN(2) == 0 {
		h.money(b)
		return
	}
	if to == "" || h.r.IntN(10) == 0 {
		to, _ = pick(h.r, []string{"accepted", "packed", "shipped", "delivered", "completed"})
	}
	ref := h.refs[o]
	if to == "accepted" && h.r.IntN(3) == 0 {
		h.part(o)
		return
	}
	if o.State == "packed" && h.r.IntN(3) == 0 || o.State == "shipped" && h.r.IntN(3) > 0 {
		h.parcel(o)
		return
	}
	if to != "packed" {
		by := map[string]order.State{"accepted": order.Accepted, "shipped": order.Shipped, "delivered": order.Delivered, "completed": order.Completed}
		err := h.step(ref, order.Checkout{}, by[to])
		h.same(to, h.m.Step(o, to), err)
		return
	}
	weights, grams := map[int]int64{}, []int64{}
	for i, l := range o.Lines {
		band := l.Taken() * 3 / 100
		grams = append(grams, l.Taken()+h.r.Int64N(2*band+1)-band)
		weights[i+1] = grams[i]
	}
	err := h.Orders.Pack(h.ctx, h.Seller, ref, weights)
	h.same(to, h.m.Pack(o, grams), err)
}

func (h *history) cancel(o *ordermodel.Order) {
	by, _ := pick(h.r, []order.By{h.Buyer, h.Seller, h.Operator})
	err := h.Orders.Cancel(h.ctx, by, h.refs[o], "x")
	h.same("cancel by "+string(by.As), h.m.Cancel(o, string(by.As)), err)
}

// refundOf finds the model's refund that a row is.
func (h *history) refundOf(row payment.Refund, state string) *ordermodel.Refund {
	for _, r := range h.m.Refunds {
		if r.Amount == row.Amount && r.State == state && h.saleOf(r) == row.Sale {
			return r
		}
	}
	h.Fatalf("the model knows no refund %s of %d, %s", row.Cause, row.Amount, state)
	return nil
}

func (h *history) saleOf(r *ordermodel.Refund) id.ID {
	if r.Order != nil {
		return h.refs[r.Order].ID
	}
	return h.baskets[r.Basket].Baskets[0].ID
}

func (h *history) finish() {
	var asked []payment.Sending
	var failed []payment.Refund
	must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) (err error) {
		if asked, err = payment.ToSend(tx); err != nil {
			return err
		}
		failed, err = payment.Unclaimed(tx)
		return err
	}))
	if row, some := pick(h.r, failed); some && h.r.IntN(2) == 0 {
		_, allowed := h.m.Repeat(h.refundOf(row, "failed"))
		_, err := h.Desk.Repeat(h.ctx, h.Market, row.ID, h.Operator.ID)
		h.same("repeat a refund", allowed, err)
	}
	if row, some := pick(h.r, asked); some {
		r, ok := h.refundOf(row.Refund, "asked"), h.r.IntN(3) > 0
		h.same("finish a refund", h.m.Finish(r, ok), h.Desk.Finish(h.ctx, h.Market, row.ID, ok))
		again := h.r.IntN(2) == 0
		h.same("finish it again", h.m.Finish(r, again), h.Desk.Finish(h.ctx, h.Market, row.ID, again))
	}
}

func (h *history) excess(b *ordermodel.Basket) {
	_, err := h.Desk.GiveBack(h.ctx, h.Market, h.baskets[b].Payment, h.Operator.ID, "x")
	h.same("give excess back", h.m.GiveBack(b), err)
}

// pay takes a step with payouts.
func (h *history) pay() {
	batch, some := pick(h.r, h.m.Batches)
	owing := h.m.Open(0) > 0 || h.m.Open(1) > 0 || h.m.Open(2) > 0
	if !some && h.r.IntN(4) == 0 || owing && h.r.IntN(3) == 0 {
		model, allowed := h.m.Draft([]int{0, 1, 2})
		b, err := h.payouts.Draft(h.ctx, once.Key{}, h.Market, h.Operator.ID, h.payees)
		h.same("draft", allowed, err)
		h.batches[model] = b.ID
		return
	}
	if !some {
		return
	}
	name := h.batches[batch]
	switch h.r.IntN(10) {
	case 0:
		h.same("give a draft up", h.m.GiveUp(batch), h.payouts.Cancel(h.ctx, h.Market, name, h.Operator.ID, "x"))
	case 1, 2, 3, 4:
		_, err := h.payouts.Approve(h.ctx, h.Market, name, h.Buyer.ID)
		h.same("approve", h.m.Approve(batch), err)
	case 5:
		o, _ := pick(h.r, batch.Payouts)
		h.same("returned", h.m.Returned(o), h.payouts.Returned(h.ctx, h.Market, h.payoutOf(name, o), "x", h.Operator.ID))
	default:
		o, _ := pick(h.r, batch.Payouts)
		paid := h.r.IntN(3) > 0
		answer := payout.Answer{Payout: h.payoutOf(name, o), State: payout.Failed}
		if paid {
			answer.State = payout.Paid
		}
		_, err := h.payouts.Answer(h.ctx, once.Key{}, h.Market, name, payout.Answers{Rows: []payout.Answer{answer}})
		h.same("answer", h.m.Answer(batch, o, paid), err)
	}
}

func (h *history) payoutOf(batch id.ID, o *ordermodel.Payout) (found id.ID) {
	must(h.T, h.DB.View(h.ctx, h.Market, func(tx *storage.Tx) error {
		rows, err := payout.Payouts(tx, batch)
		for _, row := range rows {
			if row.PayeeID == h.payees[o.Payee] {
				found = row.ID
			}
		}
		return err
	}))
	return found
}
