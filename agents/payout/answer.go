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
	State     string // Paid, Failed, or InTransit: the bank has it in hand
	Status    string // the bank's own word
	Reason    string // why it failed
	Amount    int64  // what the bank says it is; 0: it does not say
}

// Answers are what one file says. Whatever the bank's layout is, this is what
// is read from it.
type Answers struct {
	Batch string  // whose answers they say they are; empty: they do not say
	All   *Answer // what they say of every payout that no row names; nil: nothing
	Rows  []Answer
}

// Answer takes the bank's answers about a submitted batch, all of them or none.
// A paid payout is posted transit → bank; a failed one is posted back whole and
// its payables are open again; of one that the bank has in hand its word is kept.
// When every payout is answered the batch is closed. The same answers again
// change nothing, with a key or without. It refuses another batch's answers
// (fault.Conflict answer_other_batch), an unknown payout (fault.Invalid
// answer_unknown), one that is named twice (payout_twice) or with another sum
// (answer_sum), a different answer than the first (fault.Conflict
// payout_answered; money that comes back later is Returned) and a batch without a
// file (payout_state). No bank answers about cash (payout_in_cash) or what a gateway
// transfers (payout_by_gateway).
func (d *Desk) Answer(ctx context.Context, k once.Key, market int32, batch id.ID, says Answers) (Batch, error) {
	return once.Do(ctx, d.db, market, k, func(tx *storage.Tx) (Batch, error) {
		b, err := lock(tx, batch)
		if err != nil {
			return Batch{}, err
		}
		if b.Layout == Cash {
			return Batch{}, fault.Conflict("payout_in_cash", fault.Args{"number": b.Number})
		}
		if b.Layout == Transfers {
			return Batch{}, fault.Conflict("payout_by_gateway", fault.Args{"number": b.Number})
		}
		if b.State != Submitted && b.State != Closed {
			return Batch{}, wrongState(b)
		}
		if says.Batch != "" && !strings.EqualFold(says.Batch, b.Number) {
			return Batch{}, fault.Conflict("answer_other_batch", fault.Args{"number": b.Number, "other": says.Batch})
		}
		payouts, err := Payouts(tx, batch)
		if err != nil {
			return Batch{}, err
		}
		news, err := b.match(payouts, says)
		if err != nil {
			return Batch{}, err
		}
		if len(news.paid)+len(news.failed) > 0 {
			trail.Write(tx, people.System.ID, "payout.answer", "payout_batch:"+b.ID.String(), "")
		}
		return b, b.settle(tx, people.System.ID, payouts, news)
	})
}

// heard is what is new in a file.
type heard struct{ paid, failed, waits []Payout }

// match finds the payouts that answers name and are new, in the order of the
// file; then those that it means without naming them.
func (b Batch) match(payouts []Payout, says Answers) (heard, error) {
	at := map[string]int{}
	for i, o := range payouts {
		at[o.ID.String()], at[o.Number()] = i, i
	}
	var news heard
	named := map[int]bool{}
	for _, r := range says.Rows {
		name := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(r.Reference)), b.Number+"-")
		if r.Payout != id.None {
			name = r.Payout.String()
		}
		i, known := at[name]
		if !known || payouts[i].State == Cancelled {
			return news, fault.Invalid("number", "answer_unknown", fault.Args{"number": name})
		}
		o := payouts[i]
		if named[i] {
			return news, fault.Invalid("number", "payout_twice", fault.Args{"number": o.Number()})
		}
		named[i] = true
		if r.Amount != 0 && r.Amount != o.Amount {
			return news, fault.Invalid("number", "answer_sum", fault.Args{"number": o.Number()})
		}
		if err := news.take(o, r); err != nil {
			return news, err
		}
	}
	for i, o := range payouts {
		if says.All == nil || named[i] || o.State == Cancelled {
			continue
		}
		if err := news.take(o, *says.All); err != nil {
			return news, err
		}
	}
	return news, nil
}

// take keeps one answer where it is new.
func (h *heard) take(o Payout, r Answer) error {
	switch {
	case r.State != Paid && r.State != Failed && r.State != InTransit:
		return fault.Invalid("state", "answer_status", fault.Args{"value": r.State})
	case r.State == InTransit && o.State != InTransit: // late news of what is decided
	case r.State == InTransit:
		if o.Status != r.Status {
			o.Status = r.Status
			h.waits = append(h.waits, o)
		}
	case o.State == r.State, o.State == Returned && r.State == Paid: // heard before
	case o.State != InTransit:
		return fault.Conflict("payout_answered", fault.Args{"number": o.Number(), "state": o.State})
	case r.State == Paid:
		h.paid = append(h.paid, o)
	default:
		o.Reason = r.Reason
		h.failed = append(h.failed, o)
	}
	return nil
}

// settle posts what is new and closes the batch when nothing is in transit.
func (b *Batch) settle(tx *storage.Tx, by id.ID, payouts []Payout, news heard) error {
	paidOnes, failedOnes := news.paid, news.failed
	note(tx, news.waits)
	if len(paidOnes)+len(failedOnes) == 0 {
		return nil
	}
	entries, err := back(tx, by, failedOnes)
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range paidOnes {
		ids = append(ids, o.ID.String())
		entries = append(entries, ledger.Entry{Cause: paid(o.ID), By: by, Note: b.Number,
			Legs: []ledger.Leg{{Debit: ledger.TransitPayout(o.ID), Credit: o.from(), Amount: o.Amount}}})
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
	return nil
}

// note keeps the bank's word about payouts that it has in hand.
func note(tx *storage.Tx, waits []Payout) {
	if len(waits) == 0 {
		return
	}
	ids, words := make([]string, len(waits)), make([]string, len(waits))
	for i, o := range waits {
		ids[i], words[i] = o.ID.String(), o.Status
	}
	tx.Queue(`UPDATE payouts o SET bank_status = r.word FROM unnest($2::uuid[], $3::text[]) AS r (id, word) WHERE o.market_id = $1 AND o.id = r.id`,
		tx.Market, pq.Array(ids), pq.Array(words))
}
