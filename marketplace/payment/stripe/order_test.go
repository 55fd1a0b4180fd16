package stripe_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/once"
)

// permute calls with every order of n things.
func permute(n int, with func(order []int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var turn func(k int)
	turn = func(k int) {
		if k == n {
			with(slices.Clone(order))
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			turn(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	turn(0)
}

// story is what the books of one payment hold, under names that do not tell which
// payment it was, and how its order and refunds stand.
func (v *street) story(ref order.Ref, c order.Checkout) string {
	v.t.Helper()
	names := map[string]string{ref.ID.String(): "<order>", c.Payment.String(): "<payment>"}
	var refunds []struct {
		ID    string `db:"id"`
		State string `db:"state"`
		Sum   int64  `db:"amount_minor"`
	}
	sums := map[string]int64{}
	must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
		if err := tx.Select(&refunds, "SELECT id, state, amount_minor FROM refunds WHERE market_id = $1 AND payment_id = $2 ORDER BY amount_minor", tx.Market, c.Payment); err != nil {
			return err
		}
		var banks []string
		if err := tx.Select(&banks, "SELECT id FROM chargebacks WHERE market_id = $1 AND payment_id = $2", tx.Market, c.Payment); err != nil {
			return err
		}
		for i, b := range banks {
			names[b] = fmt.Sprintf("<chargeback %d>", i)
		}
		for i, r := range refunds {
			names[r.ID] = fmt.Sprintf("<refund %d %s>", i, r.State)
		}
		return tx.Each(`SELECT p.debit, p.credit, p.amount_minor FROM ledger_postings p JOIN ledger_causes c ON c.market_id = p.market_id AND c.entry_id = p.entry_id
			WHERE p.market_id = $1 AND (c.cause LIKE '%' || $2 || '%' OR c.cause LIKE '%' || $3 || '%' OR EXISTS (SELECT 1 FROM refunds r WHERE r.market_id = p.market_id AND r.payment_id = $3::uuid AND c.cause LIKE '%' || r.id::text || '%')
				OR EXISTS (SELECT 1 FROM chargebacks b WHERE b.market_id = p.market_id AND b.payment_id = $3::uuid AND c.cause LIKE 'chargeback:' || b.id::text || '%'))`,
			[]any{tx.Market, ref.ID.String(), c.Payment.String()}, func(scan func(...any) error) error {
				var debit, credit string
				var sum int64
				if err := scan(&debit, &credit, &sum); err != nil {
					return err
				}
				sums[credit] += sum
				sums[debit] -= sum
				return nil
			})
	}))
	o, err := v.Orders.Find(v.ctx, ref)
	must(v.t, err)
	lines := []string{string(o.State)}
	for _, account := range slices.Sorted(maps.Keys(sums)) {
		if sums[account] == 0 {
			continue
		}
		line := fmt.Sprintf("%s %d", account, sums[account])
		for name, word := range names {
			line = strings.ReplaceAll(line, name, word)
		}
		lines = append(lines, line)
	}
	for _, r := range refunds {
		lines = append(lines, fmt.Sprintf("refund %d %s", r.Sum, r.State))
	}
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}

// life is the history of one payment in five pieces of news: paid by a bank that
// answers later, a part refunded, and that refund comes back after days.
func (v *street) life() (order.Ref, order.Checkout, []stripetest.Event) {
	v.t.Helper()
	ref, c := v.buy()
	s := v.session(c)
	v.s.News()
	v.s.Pay(s, stripetest.Paying{Async: true})
	v.s.Answer(s, true)
	news := v.s.News() // completed, processing, intent succeeded, charge succeeded, async succeeded
	return ref, c, news
}

func TestEveryOrderInWhichFivePiecesOfNewsArriveGivesTheSameBook(t *testing.T) {
	v := enter(t, 41)
	_, err := v.Stock.Receive(v.ctx, once.Key{}, v.Market, v.Seller.ID, v.Listing.ID, stock.Batch{Quantity: 1_000_000})
	must(t, err)
	var want string
	n := 0
	permute(5, func(in []int) {
		n++
		ref, c, first := v.life()
		// Two of the capture, and three of a refund that came back; a fact comes before
		// its news, and each arrives in its turn.
		all := []stripetest.Event{first[0], first[3]}
		secured := false
		heard := 0
		for _, k := range in {
			for len(all) <= k { // a fact comes before its news
				if !secured {
					_, err := v.Orders.Settle(v.ctx, c.Market, c.Payment)
					must(t, err)
					v.refund(ref, 1000)
					v.Drain(t)
					secured = true
				}
				before := v.s.Refunds()
				v.s.Finish(before[len(before)-1], false)
				all = append(all, v.s.News()...)
			}
			v.hear(all[k])
			heard++
			if heard%2 == 0 {
				v.Drain(t)
			}
		}
		v.Drain(t)
		if !secured {
			t.Fatal("the refund was never made")
		}
		got := v.story(ref, c)
		if want == "" {
			want = got
			t.Logf("the book of every one:\n%s", want)
		}
		if got != want {
			t.Fatalf("in the order %v:\n%s", in, got)
		}
	})
	if n != 120 {
		t.Fatalf("%d orders", n)
	}
	t.Logf("%d orders of five", n)
	v.books()
}

func TestNewsThatEightHandsBringAtOnceGivesTheSameBook(t *testing.T) {
	v := enter(t, 42)
	var want string
	for round := range 12 {
		ref, c, news := v.life()
		var hands sync.WaitGroup
		errs := make(chan error, 8*(len(news)+2))
		for hand := range 8 {
			hands.Go(func() {
				mine := slices.Clone(news)
				r := rand.New(rand.NewPCG(uint64(round), uint64(hand)))
				r.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
				for _, e := range mine {
					errs <- v.g.Take(v.ctx, v.Desk, e.Body, e.Signature())
				}
				_, err := v.Orders.Settle(v.ctx, c.Market, c.Payment)
				errs <- err
				_, err = v.Worker.Drain(v.ctx, v.Market)
				errs <- err
			})
		}
		hands.Wait()
		close(errs)
		for err := range errs {
			must(t, err)
		}
		v.refund(ref, 1000)
		v.Drain(t)
		got := v.story(ref, c)
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("round %d:\n%s\nwanted\n%s", round, got, want)
		}
	}
	v.books()
}

// Every call may be cut, lost, refused or answered by 500, and news comes in any
// order, twice, or not at all: in the end each payment has what its payer paid, and
// each refund went back once.
func TestWhateverTheNetworkDoesTheBooksEndWithWhatStripeHas(t *testing.T) {
	seeds := 6
	for seed := range seeds {
		v := enter(t, uint64(100+seed))
		v.s.Chance(35)
		type one struct {
			ref     order.Ref
			c       order.Checkout
			session string
		}
		var all []one
		for i := range 5 {
			ref, c := v.buy()
			var session string
			for range 40 {
				p, err := v.Orders.Pay(v.ctx, c.Market, c.Payment, result(c))
				if err == nil {
					session = p.Object
					break
				}
			}
			if session == "" {
				t.Fatalf("seed %d: the page never opened", seed)
			}
			if i != 3 {
				v.s.Pay(session, stripetest.Paying{})
			}
			for _, e := range v.s.Shuffled() {
				if int(e.ID[9])%2 == i%2 { // half of it is lost
					v.hear(e)
				}
			}
			all = append(all, one{ref, c, session})
		}
		for range 6 {
			v.sweep()
		}
		for i, o := range all {
			if i == 3 {
				continue
			}
			v.Must(t, o.ref, order.Secured)
			v.refund(o.ref, int64(500+i))
		}
		v.later(5)
		v.s.Chance(0)
		for range 4 {
			v.sweep()
			v.later(5)
		}
		for i, o := range all {
			if back := v.s.Refunded(o.session); i == 3 && back != 0 || i != 3 && back != int64(500+i) && back != 13000 {
				t.Errorf("seed %d, payment %d: %d went back", seed, i, back)
			}
			var booked int64
			must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
				return tx.Get(&booked, "SELECT coalesce(sum(amount_minor), 0) FROM refunds WHERE market_id = $1 AND payment_id = $2 AND state = 'succeeded'", tx.Market, o.c.Payment)
			}))
			if booked != v.s.Refunded(o.session) {
				t.Errorf("seed %d, payment %d: %d booked, %d at Stripe", seed, i, booked, v.s.Refunded(o.session))
			}
		}
		v.books()
	}
	t.Logf("%d seeds", seeds)
}
