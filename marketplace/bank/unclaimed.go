package bank

import (
	"context"
	"errors"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// Money of nobody waits under its line. Two things end that: a person finds the
// payment that it was for (Match), or it went back to whom it came from, which a
// line of money out says (SentBack).

const nobodys = `l.market_id = $1 AND l.deed = 'unclaimed' AND l.state = 'done'
	AND EXISTS (SELECT 1 FROM ledger_balances b WHERE b.market_id = $1 AND b.account = 'unclaimed:' || l.id::text AND b.balance_minor > 0)`

// Waits lists the lines of nobody whose money is still here, the oldest first.
func Waits(tx *storage.Tx, n int) ([]Line, error) {
	var all []Line
	err := tx.Select(&all, `SELECT `+lineColumns+` FROM bank_lines l WHERE `+nobodys+` ORDER BY l.id LIMIT $2`, tx.Market, n)
	return all, err
}

// ByReference finds the payment by transfer whose reference a person reads.
func ByReference(tx *storage.Tx, reference string) (id.ID, bool, error) {
	found, err := transfers(tx, []string{reference})
	p, there := found[reference]
	return p.ID, there, err
}

// Match says which payment a line of nobody was for: it is the transfer that it
// would have been, and no longer nobody's. What is too much, too little or too late
// for the payment goes as with every transfer. Twice is once. It refuses a line that
// is not nobody's or was sent back (fault.Conflict line_taken), and what the
// payment refuses.
func (d *Desk) Match(ctx context.Context, market int32, line id.ID, by people.Person, payment id.ID) error {
	l, err := d.claim(ctx, market, line, by.ID, payment)
	if err != nil || l.Deed == Payment {
		return err
	}
	if _, err := d.orders.Confirm(ctx, order.By{Person: by, As: order.AsOperator}, market, payment, l.Amount, l.Reference); err != nil {
		if _, refused := fault.As(err); refused {
			if e := d.unclaim(ctx, market, line); e != nil {
				return e
			}
		}
		return err
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // what was undone is looked up first
		cause := "bank:" + line.String() + ":matched"
		if there, err := ledger.Posted(tx, cause); err != nil || there {
			return err
		}
		// The transfer has brought the sum to the bank once more: what stood for it goes.
		legs, err := ledger.OfCause(tx, "bank:"+line.String())
		if err != nil {
			return err
		}
		if len(legs) == 0 {
			return fault.Conflict("line_taken")
		}
		if err := ledger.Reverse(tx, legs[0].Entry, cause, by.ID, l.Reference); err != nil {
			return err
		}
		tx.Queue(`UPDATE bank_lines SET deed = 'payment', done_by = $3, done_at = $4 WHERE market_id = $1 AND id = $2 AND deed = 'unclaimed'`, market, line, by.ID, tx.Now)
		trail.Write(tx, by.ID, "bank.match", "bank_line:"+line.String(), payment.String())
		return nil
	})
}

// claim keeps a line of nobody for a payment, so that nobody sends it back
// meanwhile.
func (d *Desk) claim(ctx context.Context, market int32, line, by, payment id.ID) (l Line, err error) {
	err = d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if l, err = hold(tx, line); err != nil {
			return err
		}
		if l.Target == payment.String() && (l.Deed == Payment || l.Deed == Unclaimed) {
			return nil
		}
		if err := l.whole(tx); err != nil {
			return err
		}
		tx.Queue(`UPDATE bank_lines SET target = $3, done_by = $4 WHERE market_id = $1 AND id = $2`, market, line, payment.String(), by)
		later(tx, line)
		return nil
	})
	return l, err
}

func (d *Desk) unclaim(ctx context.Context, market int32, line id.ID) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE bank_lines SET target = '' WHERE market_id = $1 AND id = $2 AND deed = 'unclaimed'`, market, line)
		return nil
	})
}

// sentBack books a line of money out as what a line of nobody had brought.
func (d *Desk) sentBack(ctx context.Context, market int32, l Line, by, of id.ID) (string, error) {
	cause := "bank:" + l.ID.String()
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if there, err := ledger.Posted(tx, cause); err != nil || there {
			return err
		}
		came, err := hold(tx, of)
		if fault.Has(err, "not_found") {
			err = fault.Invalid("target", "required")
		}
		if err == nil {
			err = came.whole(tx)
		}
		if err != nil {
			return err
		}
		if came.Amount != -l.Amount {
			return fault.Conflict("line_sum").On("target")
		}
		return ledger.Post(tx, ledger.Entry{Cause: cause, By: by, Note: l.Reference, Legs: []ledger.Leg{{Debit: ledger.Unclaimed(of.String()), Credit: ledger.BankOperating, Amount: came.Amount}}})
	})
	return cause, err
}

func hold(tx *storage.Tx, line id.ID) (l Line, err error) {
	err = tx.Get(&l, `SELECT `+lineColumns+` FROM bank_lines WHERE market_id = $1 AND id = $2 FOR UPDATE`, tx.Market, line)
	if errors.Is(err, storage.ErrNone) {
		err = fault.NotFound("not_found")
	}
	return l, err
}

// whole refuses a line that is not nobody's any more.
func (l Line) whole(tx *storage.Tx) error {
	account := ledger.Unclaimed(l.ID.String())
	have, err := ledger.Lock(tx, account)
	if err == nil && (l.Deed != Unclaimed || l.State != "done" || l.Target != "" || have[account] != l.Amount) {
		err = fault.Conflict("line_taken")
	}
	return err
}

// nobodysKept finds lines under which lies another sum than what is nobody's of
// them: all of it, and nothing once it is matched or went back.
func nobodysKept(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Read(tx, `SELECT jsonb_build_object('say', 'bank_nobodys', 'reference', l.reference, 'balance_minor', b.balance_minor) FROM bank_lines l
		JOIN ledger_balances b ON b.market_id = $1 AND b.account = 'unclaimed:' || l.id::text
		WHERE l.market_id = $1 AND l.amount_minor > 0 AND b.balance_minor <> CASE WHEN l.deed <> 'unclaimed' OR EXISTS (SELECT 1 FROM bank_lines s
			WHERE s.market_id = $1 AND s.deed = 'sent_back' AND s.target = l.id::text AND s.state = 'done') THEN 0 ELSE l.amount_minor END
		AND NOT EXISTS (SELECT 1 FROM bank_lines s WHERE s.market_id = $1 AND s.deed = 'sent_back' AND s.target = l.id::text AND s.state = 'doing')
		ORDER BY l.id LIMIT 100`, tx.Market)
}
