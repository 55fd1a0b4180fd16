package payout

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

// Answer is what the bank says about one payout, named by its id, or by its
// number or reference in the file.
type Answer struct {
	Payout    id.ID
	Reference string
	Paid      bool   // else it failed
	Reason    string // why it failed
}

// Answer takes the bank's answers about a submitted batch, all of them or none.
// A paid payout is posted transit → bank; a failed one is posted back whole and
// its payables are open again. When every payout is answered the batch is
// closed. The same answer again changes nothing, with a key or without. It
// refuses an unknown payout (fault.Invalid answer_unknown), one that the file
// names twice (payout_twice), a different answer than the first
// (fault.Conflict payout_answered; money that comes back later is Returned) and
// a batch without a file (payout_state).
func (d *Desk) Answer(ctx context.Context, k once.Key, market int32, batch id.ID, rows []Answer) (Batch, error) {
	return once.Do(ctx, d.db, market, k, func(tx *storage.Tx) (Batch, error) {
		b, err := lock(tx, batch)
		if err != nil {
			return Batch{}, err
		}
		if b.State != Submitted && b.State != Closed {
			return Batch{}, wrongState(b)
		}
		payouts, err := Payouts(tx, batch)
		if err != nil {
			return Batch{}, err
		}
		paidOnes, failedOnes, err := b.match(payouts, rows)
		if err != nil {
			return Batch{}, err
		}
		return b, b.settle(tx, payouts, paidOnes, failedOnes)
	})
}

// match finds the payouts that answers name and are new, in the order of the file.
func (b Batch) match(payouts []Payout, rows []Answer) (paidOnes, failedOnes []Payout, err error) {
	at := map[string]int{}
	for i, o := range payouts {
		at[o.ID.String()], at[o.Number()] = i, i
	}
	named := map[int]bool{}
	for _, r := range rows {
		name := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(r.Reference)), b.Number+"-")
		if r.Payout != id.None {
			name = r.Payout.String()
		}
		i, known := at[name]
		if !known || payouts[i].State == Cancelled {
			return nil, nil, fault.Invalid("number", "answer_unknown", fault.Args{"number": name})
		}
		o := payouts[i]
		if named[i] {
			return nil, nil, fault.Invalid("number", "payout_twice", fault.Args{"number": o.Number()})
		}
		named[i] = true
		want := Failed
		if r.Paid {
			want = Paid
		}
		switch {
		case o.State == want, o.State == Returned && want == Paid: // heard before
		case o.State != InTransit:
			return nil, nil, fault.Conflict("payout_answered", fault.Args{"number": o.Number(), "state": o.State})
		case r.Paid:
			paidOnes = append(paidOnes, o)
		default:
			o.Reason = r.Reason
			failedOnes = append(failedOnes, o)
		}
	}
	return paidOnes, failedOnes, nil
}

// settle posts what is new and closes the batch when nothing is in transit.
func (b *Batch) settle(tx *storage.Tx, payouts, paidOnes, failedOnes []Payout) error {
	if len(paidOnes)+len(failedOnes) == 0 {
		return nil
	}
	entries, err := back(tx, people.System.ID, failedOnes)
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range paidOnes {
		ids = append(ids, o.ID.String())
		entries = append(entries, ledger.Entry{Cause: paid(o.ID), By: people.System.ID, Note: b.Number,
			Legs: []ledger.Leg{{Debit: ledger.TransitPayout(o.ID), Credit: ledger.BankOperating, Amount: o.Amount}}})
	}
	if err := ledger.Post(tx, entries...); err != nil {
		return err
	}
	tx.Queue(`UPDATE payouts SET state = 'paid', changed_at = $3, paid_at = $3 WHERE market_id = $1 AND id = ANY($2::uuid[])`, tx.Market, pq.Array(ids), tx.Now)
	reopen(tx, Failed, failedOnes)
	announce(tx, Paid, paidOnes)
	announce(tx, Failed, failedOnes)
	still := 0
	for _, o := range payouts {
		if o.State == InTransit {
			still++
		}
	}
	if still == len(paidOnes)+len(failedOnes) {
		b.State = Closed
		tx.Queue(`UPDATE payout_batches SET state = 'closed' WHERE market_id = $1 AND id = $2`, tx.Market, b.ID)
	}
	trail.Write(tx, people.System.ID, "payout.answer", "payout_batch:"+b.ID.String(), "")
	return nil
}
