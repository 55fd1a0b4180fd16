package payout

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// Returned says that the bank gave a payout back after it was paid: the money is
// posted bank:operating → transit:payout, then the request is posted back whole
// and its payables are open again. Calling it twice is calling it once. It
// refuses a payout that was not paid (fault.Conflict payout_answered), one in cash
// (payout_in_cash) and one by transfer (payout_by_gateway): no bank had them.
func (d *Desk) Returned(ctx context.Context, market int32, payout id.ID, reason string, by id.ID) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		o, err := hold(tx, payout)
		if err != nil || o.State == Returned {
			return err
		}
		if o.HandID != id.None {
			return fault.Conflict("payout_in_cash", fault.Args{"number": o.Number()})
		}
		if o.Gateway != "" {
			return fault.Conflict("payout_by_gateway", fault.Args{"number": o.Number()})
		}
		if o.State != Paid {
			return fault.Conflict("payout_answered", fault.Args{"number": o.Number(), "state": o.State})
		}
		trail.Write(tx, by, "payout.return", "payout:"+payout.String(), reason)
		return cameHome(tx, o, by, reason)
	})
}

// cameHome posts that the money of a paid payout is ours again, where it had left,
// and undoes its request.
func cameHome(tx *storage.Tx, o Payout, by id.ID, reason string) error {
	o.Reason = reason
	entries, err := back(tx, by, []Payout{o})
	if err != nil {
		return err
	}
	home := ledger.Entry{Cause: returned(o.ID), By: by, Note: reason,
		Legs: []ledger.Leg{{Debit: o.from(), Credit: ledger.TransitPayout(o.ID), Amount: o.Amount}}}
	if err := ledger.Post(tx, append([]ledger.Entry{home}, entries...)...); err != nil {
		return err
	}
	reopen(tx, Returned, []Payout{o})
	announce(tx, Returned, []Payout{o})
	return nil
}

// hold locks a payout's batch, as every verb does, and reads the payout then.
func hold(tx *storage.Tx, payout id.ID) (Payout, error) {
	var batch id.ID
	err := tx.Get(&batch, `SELECT batch_id FROM payouts WHERE market_id = $1 AND id = $2`, tx.Market, payout)
	if errors.Is(err, storage.ErrNone) {
		return Payout{}, fault.NotFound("payout_unknown")
	}
	if err != nil {
		return Payout{}, err
	}
	if _, err := lock(tx, batch); err != nil {
		return Payout{}, err
	}
	return FindPayout(tx, payout)
}

// back makes the entries that undo the requests of payouts, posting by posting:
// the sum and the debts that were settled with it.
func back(tx *storage.Tx, by id.ID, payouts []Payout) ([]ledger.Entry, error) {
	if len(payouts) == 0 {
		return nil, nil
	}
	causes := make([]string, len(payouts))
	for i, o := range payouts {
		causes[i] = requested(o.ID)
	}
	var rows []struct {
		Cause  string `db:"cause"`
		Entry  id.ID  `db:"entry_id"`
		Debit  string `db:"debit"`
		Credit string `db:"credit"`
		Amount int64  `db:"amount_minor"`
	}
	err := tx.Select(&rows, `SELECT c.cause, c.entry_id, p.debit, p.credit, p.amount_minor
FROM ledger_causes c JOIN ledger_postings p ON p.market_id = c.market_id AND p.entry_id = c.entry_id
WHERE c.market_id = $1 AND c.cause = ANY($2::text[]) ORDER BY c.cause, p.line_no`, tx.Market, pq.Array(causes))
	if err != nil {
		return nil, err
	}
	entries := make([]ledger.Entry, len(payouts))
	for i, o := range payouts {
		entries[i] = ledger.Entry{Cause: reversed(o.ID), By: by, Note: o.Reason}
		for _, r := range rows {
			if r.Cause == requested(o.ID) {
				entries[i].Reverses = r.Entry
				entries[i].Legs = append(entries[i].Legs, ledger.Leg{Debit: r.Credit, Credit: r.Debit, Amount: r.Amount})
			}
		}
		if len(entries[i].Legs) == 0 {
			return nil, fmt.Errorf("payout: %s was never posted", o.ID)
		}
	}
	return entries, nil
}

// reopen queues that payouts came to nothing, and that their payables wait for
// the next batch.
func reopen(tx *storage.Tx, state string, payouts []Payout) {
	if len(payouts) == 0 {
		return
	}
	ids, reasons := make([]string, len(payouts)), make([]string, len(payouts))
	for i, o := range payouts {
		ids[i], reasons[i] = o.ID.String(), o.Reason
	}
	tx.Queue(`UPDATE payables SET payout_id = NULL WHERE market_id = $1 AND payout_id = ANY($2::uuid[])`, tx.Market, pq.Array(ids))
	tx.Queue(`UPDATE payouts o SET state = $4::text, reason = r.reason, changed_at = $5::timestamptz, returned_at = CASE WHEN $4::text = 'returned' THEN $5::timestamptz END FROM unnest($2::uuid[], $3::text[]) AS r (id, reason) WHERE o.market_id = $1 AND o.id = r.id`,
		tx.Market, pq.Array(ids), pq.Array(reasons), state, tx.Now)
}
