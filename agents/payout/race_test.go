package payout_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// atOnce runs fn n times at the same time and gives the errors.
func atOnce(n int, fn func(i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() { <-start; errs[i] = fn(i) })
	}
	close(start)
	wg.Wait()
	return errs
}

func TestSixtyFourDraftsAtOncePutEachPayableInOnePayout(t *testing.T) {
	o := open(t)
	var payees []id.ID
	for i := range 5 {
		payees = append(payees, o.payee(fmt.Sprint("p", i), 100, 10, 1))
	}
	var total atomic.Int64
	errs := atOnce(64, func(i int) error {
		asked := payees
		switch i % 3 {
		case 1:
			asked = nil
		case 2:
			asked = []id.ID{payees[i%5], payees[(i+2)%5]}
		}
		b, err := o.desk.Draft(context.Background(), once.Key{}, o.market, anna, asked)
		total.Add(b.Total)
		return err
	})
	for _, err := range errs {
		if err != nil && !fault.Has(err, "payout_nothing") {
			t.Error(err)
		}
	}
	if total.Load() != 5*111 {
		t.Errorf("the drafts hold %d, not %d", total.Load(), 5*111)
	}
	o.clean()
}

func TestSixtyFourDraftsUnderOneKeyAreOneBatch(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	var mu sync.Mutex
	batches := map[id.ID]bool{}
	for _, err := range atOnce(64, func(int) error {
		b, err := o.desk.Draft(context.Background(), once.Of(anna, "k", nil), o.market, anna, nil)
		mu.Lock()
		defer mu.Unlock()
		batches[b.ID] = true
		return err
	}) {
		must(t, err)
	}
	if len(batches) != 1 {
		t.Errorf("%d batches", len(batches))
	}
}

func TestSixtyFourApprovalsAtOnceAreOneEntryAndOneFile(t *testing.T) {
	o := open(t)
	p := o.payee("A", 100)
	b := o.draft()
	for _, err := range atOnce(64, func(int) error {
		got, err := o.desk.Approve(context.Background(), o.market, b.ID, bernat)
		if err == nil && got.State != payout.Submitted {
			err = fmt.Errorf("answered %s", got.State)
		}
		return err
	}) {
		must(t, err)
	}
	out := o.payouts(b)[0]
	if got := o.books(ledger.Owed(p), ledger.TransitPayout(out.ID)); !same(got, []int64{0, 100}) {
		t.Errorf("owed, transit: %v", got)
	}
	var entries, trail int
	o.view(func(tx *storage.Tx) error {
		must(t, tx.Get(&entries, `SELECT count(*) FROM ledger_causes WHERE market_id = $1 AND cause LIKE 'payout:%'`, o.market))
		return tx.Get(&trail, `SELECT count(*) FROM trail WHERE market_id = $1 AND deed = 'payout.approve'`, o.market)
	})
	if entries != 1 || trail != 1 || len(o.sent.files) != 1 {
		t.Errorf("%d entries, %d lines of the trail, %d files", entries, trail, len(o.sent.files))
	}
	o.clean()
}

func TestTheSameAnswerFile64TimesAtOnceHasOneEffect(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	o.payee("B", 50)
	b := o.approve(o.draft())
	start := o.bank()
	rows := o.payouts(b)
	file := []byte("number,state,reason\r\n" + rows[0].Number() + ",paid,\r\n" + rows[1].Number() + ",failed,no such account\r\n")
	for i, err := range atOnce(64, func(i int) error {
		k := once.Key{}
		if i%2 == 0 {
			k = once.Of(anna, "answer", file)
		}
		_, err := o.desk.AnswerFile(context.Background(), k, o.market, b.ID, file)
		return err
	}) {
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if paid := start - o.bank(); paid != rows[0].Amount {
		t.Errorf("the bank paid %d", paid)
	}
	o.clean()
}

func TestRefundsDraftsAndApprovalsAtOnceAgreeWithTheBooks(t *testing.T) {
	o := open(t)
	var payees []id.ID
	for i := range 6 {
		payees = append(payees, o.payee(fmt.Sprint("p", i), 100, 100))
	}
	for i, err := range atOnce(60, func(i int) error {
		switch p := payees[i%6]; i % 5 {
		case 0, 1:
			return o.takeBack(p, int64(10+i))
		case 2:
			sale := id.New()
			return o.db.Update(context.Background(), o.market, func(tx *storage.Tx) error {
				payable.Add(tx, payable.Row{Payee: p, Cause: sale.String(), Amount: 70, Sale: sale})
				return ledger.Post(tx, ledger.Entry{Cause: sale.String(), Legs: []ledger.Leg{{Debit: ledger.BankOperating, Credit: ledger.Owed(p), Amount: 70}}})
			})
		}
		b, err := o.desk.Draft(context.Background(), once.Key{}, o.market, anna, nil)
		if fault.Has(err, "payout_nothing") {
			return nil
		}
		if err == nil {
			_, err = o.desk.Approve(context.Background(), o.market, b.ID, bernat)
		}
		return err
	}) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	o.clean()
}

func TestEveryVerbWorksWithOneConnection(t *testing.T) {
	o := &office{t: t, now: new(atomic.Int64)}
	o.now.Store(noon.UnixNano())
	o.db, o.market = dbtest.Open(t, func(s *storage.Options) { s.Pool = 1 })
	o.furnish()
	p := o.payee("A", 100)
	must(t, o.desk.Cancel(t.Context(), o.market, o.draft().ID, anna, ""))
	b := o.approve(o.draft(p))
	o.table(b)
	_, err := o.desk.Answer(t.Context(), once.Of(anna, "k", nil), o.market, b.ID, says(payout.Answer{Payout: o.payouts(b)[0].ID, State: payout.Paid}))
	must(t, err)
	must(t, o.desk.Returned(t.Context(), o.market, o.payouts(b)[0].ID, "", anna))
	o.clean()
}

func TestRandomHistoriesKeepTheBooks(t *testing.T) {
	o := open(t)
	payees := []id.ID{o.payee("A"), o.payee("B"), o.payee("C")}
	r := rand.New(rand.NewPCG(2026, 11))
	var live []payout.Batch
	ctx := t.Context()
	for range 250 {
		p := payees[r.IntN(3)]
		switch r.IntN(9) {
		case 0, 1, 2:
			o.owe(p, 1+r.Int64N(500), id.New())
		case 3:
			must(t, o.takeBack(p, 1+r.Int64N(600)))
		case 4:
			b, err := o.desk.Draft(ctx, once.Key{}, o.market, anna, nil)
			if err == nil {
				live = append(live, b)
			} else if !fault.Has(err, "payout_nothing") {
				t.Fatal(err)
			}
		case 5:
			if len(live) > 0 {
				b := live[r.IntN(len(live))]
				if _, err := o.desk.Approve(ctx, o.market, b.ID, bernat); err != nil && !fault.Has(err, "payout_state") {
					t.Fatal(err)
				}
			}
		case 6:
			if len(live) > 0 {
				if err := o.desk.Cancel(ctx, o.market, live[r.IntN(len(live))].ID, anna, ""); err != nil && !fault.Has(err, "payout_state") {
					t.Fatal(err)
				}
			}
		default:
			if len(live) == 0 {
				continue
			}
			b := live[r.IntN(len(live))]
			for _, one := range o.payouts(b) {
				switch {
				case one.State == payout.InTransit:
					_, err := o.desk.Answer(ctx, once.Key{}, o.market, b.ID, says(payout.Answer{Payout: one.ID, State: fateOf(r.IntN(2) == 0)}))
					must(t, err)
				case one.State == payout.Paid && r.IntN(3) == 0:
					must(t, o.desk.Returned(ctx, o.market, one.ID, "back", anna))
				}
			}
		}
	}
	o.clean()
}
