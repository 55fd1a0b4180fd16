package ordertest

import (
	"context"
	"slices"
	"sync"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Funds says what of each gift has been sent on already.
type Funds struct {
	mu   sync.Mutex
	sent map[id.ID]int64
}

// Send says that so much of a gift has gone to those it is for.
func (f *Funds) Send(gift id.ID, sum int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sent == nil {
		f.sent = map[id.ID]int64{}
	}
	f.sent[gift] += sum
}

// Gift is a sum of money for a fund with a tip in it: a gift goes to fund:held, the
// tip to income:tips, and what was not sent on can be given back.
func Gift(f *Funds, tipBP int32) order.Kind {
	return order.Kind{Name: GiftKind, Path: atOnce, Release: order.Secured, Price: sums("gift", tipBP),
		Accounts: func(o order.Order) order.Accounts {
			return order.Accounts{Owner: ledger.FundHeld(*o.For), Back: []string{ledger.FundHeld(*o.For), ledger.FundFree(*o.For)}, Fee: ledger.IncomeTips}
		},
		Taken: func(_ *storage.Tx, o order.Order, sum int64, _ id.ID) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			left := -f.sent[o.ID]
			for _, l := range o.Lines {
				left += l.Left.Seller // what this refund leaves
			}
			if left < 0 {
				return fault.Conflict("refund_spent", fault.Args{"left": max(left+sum, 0), "currency": o.Currency})
			}
			return nil
		},
		Postings: slices.Concat(ledger.Move("fund:*:freed", "fund:*:held / fund:*:free"), ledger.Move("fund:*:spent", "fund:*:free / transit:disbursement")),
	}
}

// Free says that so much of a fund has waited long enough: no bank takes it back any
// more. The decision is its key.
func Free(ctx context.Context, db *storage.DB, market int32, fund id.ID, sum int64, decision string) error {
	return moves(ctx, db, market, "fund:"+fund.String()+":freed:"+decision, ledger.Leg{Debit: ledger.FundHeld(fund), Credit: ledger.FundFree(fund), Amount: sum})
}

// Spend sends so much of a fund on its way to those it is for. The decision is its key.
func Spend(ctx context.Context, db *storage.DB, market int32, fund id.ID, sum int64, decision string) error {
	return moves(ctx, db, market, "fund:"+fund.String()+":spent:"+decision, ledger.Leg{Debit: ledger.FundFree(fund), Credit: "transit:disbursement:" + id.New().String(), Amount: sum})
}

func moves(ctx context.Context, db *storage.DB, market int32, cause string, leg ledger.Leg) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if was, err := ledger.OfCause(tx, cause); err != nil || len(was) > 0 {
			return err
		}
		return ledger.Post(tx, ledger.Entry{Cause: cause, Legs: []ledger.Leg{leg}})
	})
}
