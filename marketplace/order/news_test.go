package order_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/once"
)

// eventsOf are what may be heard of one payment, by way of paying. Each may come in
// any order, twice, and at once with the others.
var eventsOf = map[string]func(t *testing.T, w *ordertest.World, c order.Checkout) []func() error{
	// Its payer has paid: two pieces of news, the browser, the sweeper, and a buyer who
	// presses cancel too late.
	"sandbox": func(t *testing.T, w *ordertest.World, c order.Checkout) []func() error {
		ctx := t.Context()
		p, err := w.Orders.Pay(ctx, c.Market, c.Payment, "/back")
		must(t, err)
		must(t, w.Sandbox.Pay(ctx, c.Market, p.Object, sandbox.News{}))
		hear := func(event string) func() error {
			return func() error {
				return w.Desk.Receive(ctx, c.Market, payment.News{Provider: "sandbox", Event: event + p.Object, Object: p.Object, Payment: c.Payment}, []byte{})
			}
		}
		return []func() error{hear("paid:"), hear("paid again:"),
			func() error { _, err := w.Orders.Settle(ctx, c.Market, c.Payment); return err },
			func() error { _, err := w.Orders.Sweep(ctx, c.Market); return err },
			func() error {
				err := w.Orders.Cancel(ctx, w.Buyer, c.Orders()[0], "")
				if _, refused := fault.As(err); !refused {
					return fmt.Errorf("a paid order was cancelled: %w", err)
				}
				return nil
			}}
	},
	// Three lines of the statement make the sum, one is too much, one is read twice.
	"bank": func(t *testing.T, w *ordertest.World, c order.Checkout) []func() error {
		line := func(name string, sum int64) func() error {
			return func() error {
				_, err := w.Orders.Confirm(t.Context(), w.Operator, c.Market, c.Payment, sum, name+c.Payment.String())
				return err
			}
		}
		return []func() error{line("a", 5000), line("b", 3000), line("c", c.Total-8000), line("d", 700), line("a", 5000)}
	},
}

// ordersOf calls with every order of n things.
func ordersOf(n int, with func(in []int)) {
	in := make([]int, n)
	for i := range in {
		in[i] = i
	}
	var turn func(k int)
	turn = func(k int) {
		if k == n {
			with(slices.Clone(in))
			return
		}
		for i := k; i < n; i++ {
			in[k], in[i] = in[i], in[k]
			turn(k + 1)
			in[k], in[i] = in[i], in[k]
		}
	}
	turn(0)
}

// bookOf is how a checkout stands and what every account has of it, names left out.
func bookOf(t *testing.T, w *ordertest.World, c order.Checkout) string {
	t.Helper()
	ref := c.Orders()[0]
	held, waits := "held:order:"+ref.ID.String(), "unclaimed:"+c.Payment.String()
	sums := map[string]int64{}
	var state string
	var captured int64
	must(t, w.DB.View(t.Context(), c.Market, func(tx *storage.Tx) error {
		p, err := payment.Find(tx, c.Payment)
		state, captured = string(p.State), p.Captured
		if err != nil {
			return err
		}
		return tx.Each(`SELECT p.debit, p.credit, p.amount_minor FROM ledger_postings p WHERE p.market_id = $1 AND EXISTS (SELECT 1 FROM ledger_postings q
			WHERE q.market_id = $1 AND q.entry_id = p.entry_id AND (q.debit IN ($2, $3) OR q.credit IN ($2, $3)))`, []any{tx.Market, held, waits}, func(scan func(...any) error) error {
			var debit, credit string
			var sum int64
			if err := scan(&debit, &credit, &sum); err != nil {
				return err
			}
			sums[debit] += sum
			sums[credit] -= sum
			return nil
		})
	}))
	o, err := w.Orders.Find(t.Context(), ref)
	must(t, err)
	lines := []string{fmt.Sprintf("order %s, payment %s with %d", o.State, state, captured)}
	for _, account := range slices.Sorted(maps.Keys(sums)) {
		if sums[account] != 0 {
			lines = append(lines, fmt.Sprintf("%s %d", strings.NewReplacer(ref.ID.String(), "*", c.Payment.String(), "*").Replace(account), sums[account]))
		}
	}
	return strings.Join(lines, "\n")
}

func TestEveryOrderOfFiveEventsOfAPaymentAndEightHandsAtOnceGiveTheSameBook(t *testing.T) {
	for way, events := range eventsOf {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			w := ordertest.New(t)
			w.Listing = w.Offer(t, "核桃", 2600, 100_000_000)
			fresh := func() (order.Checkout, []func() error) {
				ask := w.Ask(5000)
				ask.Way = way
				c, err := w.Orders.Place(t.Context(), once.Key{}, ask)
				must(t, err)
				return c, events(t, w, c)
			}
			want, n := "", 0
			same := func(c order.Checkout, how any) {
				t.Helper()
				w.Drain(t)
				got := bookOf(t, w, c)
				if want == "" {
					want = got
					t.Logf("the book of every one:\n%s", want)
				}
				if got != want {
					t.Fatalf("%v:\n%s", how, got)
				}
			}
			ordersOf(5, func(in []int) {
				n++
				c, all := fresh()
				for i, k := range in {
					must(t, all[k]())
					if i%2 == 1 {
						w.Drain(t)
					}
				}
				same(c, in)
			})
			for round := range 12 {
				c, all := fresh()
				for _, err := range at(8, func(hand int) error {
					mine := slices.Clone(all)
					r := rand.New(rand.NewPCG(uint64(round), uint64(hand)))
					r.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
					for _, do := range mine {
						if err := do(); err != nil {
							return err
						}
					}
					_, err := w.Worker.Drain(t.Context(), c.Market)
					return err
				}) {
					must(t, err)
				}
				same(c, fmt.Sprint("eight at once, round ", round))
			}
			if n != 120 {
				t.Errorf("%d orders of five", n)
			}
			t.Logf("%d orders of five events, 12 rounds of eight at once", n)
			books(t, w)
		})
	}
}
