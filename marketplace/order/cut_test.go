package order_test

import (
	"fmt"
	"sync"
	"testing"

	"commonfield/agents/payout"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// lossy is an arena with a second instance of the program, whose connection is cut at
// the COMMIT of what it posts.
type lossy struct {
	*arena
	there *ordertest.World // behind the cutter
	cut   *dbtest.Cutter
}

func enterLossy(t *testing.T) lossy {
	t.Helper()
	l := lossy{arena: enter(t), cut: dbtest.Cut(t, dbtest.Address(t), dbtest.AtCommit("INSERT INTO ledger_postings"))}
	db, err := storage.Open(l.ctx, storage.Options{URL: l.cut.Address, Pool: 2, Guard: dbtest.Guard, Clock: l.Clock.Now})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	there := *l.World
	l.there = &there
	l.there.Join(db)
	blobs, err := blob.Open(l.ctx, t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	l.there.Payouts = payout.New(db, l.Box, blobs, nil)
	return l
}

// loses does a deed whose COMMIT is cut, and says whether the accounts are not as once.
func (l lossy) loses(unseen bool, deed func() error, want map[string]int64) bool {
	l.Helper()
	l.cut.Arm(unseen)
	must(l.T, deed())
	if l.cut.Waits() {
		l.Fatal("nothing was cut")
	}
	var accounts []string
	for a := range want {
		accounts = append(accounts, a)
	}
	var have map[string]int64
	must(l.T, l.DB.View(l.ctx, l.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, accounts...); return }))
	for a := range want {
		if have[a] != want[a] {
			return true
		}
	}
	return false
}

// round takes an order's money in, gives some back, and pays the rest out; each of it
// is cut. It gives how often something was doubled or missing.
func (l lossy) round(unseen bool) (wrong int) {
	l.Helper()
	lost := func(deed func() error, want map[string]int64) {
		l.Helper()
		if l.loses(unseen, deed, want) {
			wrong++
		}
	}
	ref, b := l.Place(l.T, 5000)
	l.Open(l.T, b)
	held := ledger.HeldOrder(ref.ID)
	lost(func() error { _, err := l.there.Orders.Settle(l.ctx, b.Market, b.Payment); return err }, map[string]int64{held: 13_000})
	var refund id.ID
	key := func(deed string) once.Key { return once.Of(l.Operator.ID, ref.ID.String()+deed, nil) }
	lost(func() (err error) {
		refund, err = l.there.Orders.Refund(l.ctx, key("back"), l.Operator, ref, []order.Part{{Line: 1, Amount: 3_000}}, "x")
		return err
	}, map[string]int64{held: 10_000})
	if l.balance(ledger.TransitRefund(refund)) != 3_000 {
		wrong++
	}
	for _, s := range []order.State{order.Accepted, order.Packed, order.Shipped, order.Delivered} {
		must(l.T, l.step(ref, b, s))
	}
	owed := ledger.Owed(l.Producer.PayeeID)
	lost(func() error { return l.there.Orders.Complete(l.ctx, l.Operator, ref) }, map[string]int64{held: 0, owed: 9_200})
	batch, err := l.payouts.Draft(l.ctx, once.Key{}, l.Market, l.Operator.ID, []id.ID{l.Producer.PayeeID})
	must(l.T, err)
	var rows []payout.Payout
	must(l.T, l.DB.View(l.ctx, l.Market, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, batch.ID); return }))
	transit, bank := ledger.TransitPayout(rows[0].ID), l.balance(ledger.BankOperating)
	lost(func() error { _, err := l.there.Payouts.Approve(l.ctx, l.Market, batch.ID, l.Buyer.ID); return err }, map[string]int64{owed: 0, transit: 9_200})
	says := payout.Answers{Rows: []payout.Answer{{Payout: rows[0].ID, State: payout.Paid}}}
	lost(func() error {
		_, err := l.there.Payouts.Answer(l.ctx, key("paid"), l.Market, batch.ID, says)
		return err
	},
		map[string]int64{transit: 0, ledger.BankOperating: bank - 9_200})
	return wrong
}

func (l lossy) balance(account string) int64 {
	l.Helper()
	var have map[string]int64
	must(l.T, l.DB.View(l.ctx, l.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, account); return }))
	return have[account]
}

// Five deeds of money of each order: its capture, a refund, its release, a payout's
// approval and the bank's answer.
func TestOf500CutsAfterCommitsOfMoneyAnd500BeforeThemNothingIsDoubledAndNothingIsMissing(t *testing.T) {
	const workers, rounds, each = 4, 50, 5
	var mu sync.Mutex
	wrong, cuts := map[bool]int{}, int64(0)
	t.Run("workers", func(t *testing.T) {
		for w := range workers {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				l := enterLossy(t)
				for i := range rounds {
					n := l.round(i%2 == 1)
					mu.Lock()
					wrong[i%2 == 1] += n
					mu.Unlock()
				}
				books(t, l.World)
				mu.Lock()
				defer mu.Unlock()
				cuts += l.cut.Cuts()
			})
		}
	})
	t.Logf("of %d cuts, half of them after COMMIT: %d are doubled or missing after it, %d before it", cuts, wrong[false], wrong[true])
	if cuts != workers*rounds*each || wrong[false]+wrong[true] != 0 {
		t.Errorf("%d cuts, wrong %v", cuts, wrong)
	}
}

// The control: who promises a key and posts under a new one each time doubles.
func TestMoneyThatIsPostedUnderANewKeyEachTimeIsDoubled(t *testing.T) {
	l := enterLossy(t)
	const rounds = 25
	doubled := 0
	for range rounds {
		payee := ledger.Owed(id.New())
		if l.loses(false, func() error {
			return l.there.DB.Update(l.ctx, l.Market, func(tx *storage.Tx) error {
				tx.Keyed()
				return ledger.Post(tx, ledger.Entry{Cause: "test:" + id.New().String(), Legs: []ledger.Leg{{Debit: ledger.BankOperating, Credit: payee, Amount: 100}}})
			})
		}, map[string]int64{payee: 100}) && l.balance(payee) == 200 {
			doubled++
		}
	}
	if t.Logf("without a key of its own, cut after COMMIT %d times: %d are doubled", rounds, doubled); doubled != rounds {
		t.Errorf("%d of %d are doubled", doubled, rounds)
	}
}
