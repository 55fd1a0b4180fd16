package payout

import (
	"context"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// Approve lets a batch go: another person than its drafter says so
// (fault.Forbidden payout_self_approve). It posts each payout, then, after the
// commit, writes the bank file. A payout whose grounds changed since the draft
// is left out and named in Skipped, its payables open again; when none is left
// the batch is cancelled. Calling it twice, or many times at once, is calling
// it once; when only the file failed (fault.Unavailable), calling it again, or
// the job that follows it, writes the file. A cancelled batch is refused
// (fault.Conflict payout_state).
//
// Per payout it posts owed → transit:payout for the sum and owed → receivable
// for what the payee still owed.
func (d *Desk) Approve(ctx context.Context, market int32, batch, by id.ID) (Batch, error) {
	var left []Skipped
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		var err error
		left, err = approve(tx, batch, by)
		return err
	})
	if err != nil {
		return Batch{}, err
	}
	b, err := d.submit(ctx, market, batch)
	b.Skipped = left
	return b, err
}

func approve(tx *storage.Tx, batch, by id.ID) ([]Skipped, error) {
	b, err := lock(tx, batch)
	if err != nil {
		return nil, err
	}
	switch {
	case b.State == Cancelled:
		return nil, wrongState(b)
	case b.State != Draft:
		return nil, nil // done before
	case b.CreatedBy == by:
		return nil, fault.Forbidden("payout_self_approve")
	}
	if err := otherHand(tx, b, by); err != nil {
		return nil, err
	}
	payees, err := holdPayees(tx, batch)
	if err != nil {
		return nil, err
	}
	owed, debts, err := holdAccounts(tx, payees)
	if err != nil {
		return nil, err
	}
	drafts, err := draftsOf(tx, batch)
	if err != nil {
		return nil, err
	}
	var good []drafted
	var left []Skipped
	for _, o := range drafts {
		if why := o.refuse(owed[o.Payee], debts[o.Payee], tx.Now); why != "" {
			left = append(left, Skipped{Payee: o.Payee, Name: o.Name, Amount: o.Amount, Reason: why})
			leaveOut(tx, o.ID, why)
			continue
		}
		good = append(good, o)
	}
	return left, b.approve(tx, good, debts, by)
}

// approve posts what is good and queues the new states.
func (b Batch) approve(tx *storage.Tx, good []drafted, debts map[id.ID]int64, by id.ID) error {
	var ids []string
	var entries []ledger.Entry
	var total int64
	for _, o := range good {
		ids = append(ids, o.ID.String())
		total += o.Amount
		entries = append(entries, ledger.Entry{Cause: requested(o.ID), By: by, Note: b.Number, Legs: []ledger.Leg{
			{Debit: ledger.Owed(o.Payee), Credit: ledger.TransitPayout(o.ID), Amount: o.Amount},
			{Debit: ledger.Owed(o.Payee), Credit: ledger.Receivable(o.Payee), Amount: debts[o.Payee]},
		}})
	}
	state, deed := Approved, "payout.approve"
	if len(good) == 0 {
		state, deed = Cancelled, "payout.cancel"
	} else {
		if err := ledger.Post(tx, entries...); err != nil {
			return err
		}
		// Should this program end before the file is written, a worker writes it.
		jobs.Add(tx, SubmitJob, b.ID.String(), struct{}{}, tx.Now.Add(time.Minute))
	}
	tx.Queue(`UPDATE payouts SET state = 'approved', changed_at = $3 WHERE market_id = $1 AND id = ANY($2::uuid[])`, tx.Market, pq.Array(ids), tx.Now)
	tx.Queue(`UPDATE payout_batches SET state = $3, total_minor = $4, payouts = $5, approved_by = $6, approved_at = $7 WHERE market_id = $1 AND id = $2`,
		tx.Market, b.ID, state, total, len(good), by, tx.Now)
	trail.Write(tx, by, deed, "payout_batch:"+b.ID.String(), "")
	return nil
}

// leaveOut takes one payout out of the batch; its payables are open again.
func leaveOut(tx *storage.Tx, payout id.ID, why string) {
	tx.Queue(`UPDATE payables SET payout_id = NULL WHERE market_id = $1 AND payout_id = $2`, tx.Market, payout)
	tx.Queue(`UPDATE payouts SET state = 'cancelled', reason = $3, changed_at = $4 WHERE market_id = $1 AND id = $2`, tx.Market, payout, why, tx.Now)
}

// holdPayees locks the payees of a batch, so that no account changes and no
// other draft picks meanwhile.
func holdPayees(tx *storage.Tx, batch id.ID) ([]id.ID, error) {
	var payees []id.ID
	err := tx.Select(&payees, `SELECT id FROM payees WHERE market_id = $1
AND id IN (SELECT o.payee_id FROM payouts o WHERE o.market_id = $1 AND o.batch_id = $2 AND o.state = 'draft') ORDER BY id FOR NO KEY UPDATE`, tx.Market, batch)
	return payees, err
}

// holdAccounts locks what is owed and what is receivable, in account order, and
// reads both under the lock: a refund that splits between them waits.
func holdAccounts(tx *storage.Tx, payees []id.ID) (owed, debts map[id.ID]int64, err error) {
	owed, debts = map[id.ID]int64{}, map[id.ID]int64{}
	var names []string
	for _, p := range payees {
		names = append(names, ledger.Owed(p), ledger.Receivable(p))
	}
	balances, err := ledger.Lock(tx, names...)
	for _, p := range payees {
		owed[p], debts[p] = balances[ledger.Owed(p)], balances[ledger.Receivable(p)]
	}
	return owed, debts, err
}

// drafted is a payout before approval, with what may have changed under it.
type drafted struct {
	ID       id.ID     `db:"id"`
	Payee    id.ID     `db:"payee_id"`
	Name     string    `db:"name"`
	Amount   int64     `db:"amount_minor"`
	Picked   int64     `db:"picked"` // the sum of its payables
	Frozen   bool      `db:"frozen"` // one of its earnings is frozen
	Rest     int64     `db:"rest"`   // what else is open, debts included
	Account  string    `db:"state"`  // of the bank account
	Hand     id.ID     `db:"holder_id"`
	Stopped  bool      `db:"stopped"` // whoever should hand it over may hold no cash any more
	UsableAt time.Time `db:"usable_at"`
}

func draftsOf(tx *storage.Tx, batch id.ID) ([]drafted, error) {
	var rows []drafted
	err := tx.Select(&rows, `SELECT o.id, o.payee_id, p.name, o.amount_minor, a.state, a.usable_at, a.holder_id,
  a.holder_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cash_holders h JOIN market_agents g ON g.market_id = h.market_id AND g.payee_id = h.payee_id AND g.state = 'active'
    WHERE h.market_id = $1 AND h.payee_id = a.holder_id AND h.state = 'active') AS stopped,
  COALESCE((SELECT sum(x.amount_minor) FROM payables x WHERE x.market_id = $1 AND x.payout_id = o.id), 0)::bigint AS picked,
  EXISTS (SELECT 1 FROM payables x WHERE x.market_id = $1 AND x.payout_id = o.id AND x.frozen AND x.amount_minor > 0) AS frozen,
  COALESCE((SELECT sum(x.amount_minor) FROM payables x WHERE x.market_id = $1 AND x.payee_id = o.payee_id AND x.payout_id IS NULL AND (NOT x.frozen OR x.amount_minor < 0)), 0)::bigint AS rest
FROM payouts o
JOIN payees p ON p.market_id = o.market_id AND p.id = o.payee_id
JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
WHERE o.market_id = $1 AND o.batch_id = $2 AND o.state = 'draft' ORDER BY o.id`, tx.Market, batch)
	return rows, err
}

// refuse says why a payout must not go any more. Debts that came since the
// draft are open payables; what is owed must cover the payout and the debts.
func (o drafted) refuse(owed, debt int64, now time.Time) string {
	switch {
	case o.Frozen:
		return FrozenSince
	case o.Account != "active" || now.Before(o.UsableAt):
		return AccountGone
	case o.Stopped:
		return HandStopped
	case o.Picked != o.Amount:
		return SumsDiffer
	case o.Rest < 0 || owed-debt < o.Amount:
		return DebtSince
	}
	return ""
}

// The causes of a payout's entries.
func requested(payout id.ID) string { return "payout:" + payout.String() + ":request" }
func paid(payout id.ID) string      { return "payout:" + payout.String() + ":paid" }
func returned(payout id.ID) string  { return "payout:" + payout.String() + ":returned" }
func reversed(payout id.ID) string  { return "payout:" + payout.String() + ":reversed" }
