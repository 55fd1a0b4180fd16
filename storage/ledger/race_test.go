package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

func TestOfTwentyWhoTakeTheLastFenOneGetsIt(t *testing.T) {
	db, m := dbtest.Open(t)
	held, fund := ledger.HeldOrder(id.New()), "fund:"+id.New().String()+":free"
	for _, from := range []string{held, fund} {
		post(t, db, m, entry("put:"+from, leg(ledger.GatewayClearing, from, 1)))
		var got, short atomic.Int32
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range 20 {
			wg.Go(func() {
				<-start
				err := try(t, db, m, entry(fmt.Sprintf("take:%s:%d", from, i), leg(from, ledger.TransitRefund(id.New()), 1)))
				switch {
				case err == nil:
					got.Add(1)
				case fault.Has(err, "ledger_short"):
					short.Add(1)
				default:
					t.Errorf("number %d: %v", i, err)
				}
			})
		}
		close(start)
		wg.Wait()
		if got.Load() != 1 || short.Load() != 19 {
			t.Errorf("%s: %d got it, %d were short", from, got.Load(), short.Load())
		}
	}
	want(t, db, m, map[string]int64{held: 0, fund: 0})
}

// Many accounts, named in any order, debited and credited at once, in one or
// two posts of a transaction: whoever must give way runs again unseen.
func TestCrossingLocksDoNotShow(t *testing.T) {
	db, m := dbtest.Open(t)
	accounts := make([]string, 6)
	for i := range accounts {
		accounts[i] = ledger.Owed(id.New())
		post(t, db, m, entry(fmt.Sprint("start:", i), leg(ledger.GatewayClearing, accounts[i], 10_000)))
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(g)))
			for i := range 15 {
				mixed := r.Perm(len(accounts))
				err := db.Update(t.Context(), m, func(tx *storage.Tx) error {
					a, b, c, d := accounts[mixed[0]], accounts[mixed[1]], accounts[mixed[2]], accounts[mixed[3]]
					if err := ledger.Post(tx, entry(fmt.Sprintf("x:%d:%d", g, i), leg(a, b, 3), leg(c, d, 2))); err != nil {
						return err
					}
					if i%3 > 0 {
						return nil
					}
					return ledger.Post(tx, entry(fmt.Sprintf("y:%d:%d", g, i), leg(d, a, 1)))
				})
				if err != nil {
					t.Errorf("%d, %d: %v", g, i, err)
				}
			}
		})
	}
	wg.Wait()
	var sum int64
	err := db.View(t.Context(), m, func(tx *storage.Tx) error {
		have, err := ledger.Balance(tx, accounts...)
		for _, n := range have {
			sum += n
		}
		return err
	})
	if err != nil || sum != 60_000 {
		t.Fatalf("together they hold %d, want 60000; %v", sum, err)
	}
	want(t, db, m, nil)
}

// The first credit of an account makes its row; nobody's may be lost.
func TestFirstCreditsAtOnceAreAllKept(t *testing.T) {
	db, m := dbtest.Open(t)
	a, b := ledger.Owed(id.New()), ledger.Owed(id.New())
	pot := ledger.HeldOrder(id.New())
	post(t, db, m, entry("pot", leg(ledger.GatewayClearing, pot, 100)))
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			from := ledger.GatewayClearing
			if i%2 == 0 {
				from = pot // beside a debit the row is inserted under other locks
			}
			if err := try(t, db, m, entry(fmt.Sprint("c:", i), leg(from, b, 1), leg(from, a, 2))); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	want(t, db, m, map[string]int64{a: 32, b: 16, pot: 76})
}
