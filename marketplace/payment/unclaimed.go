package payment

import (
	"cmp"
	"context"
	"strconv"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// Repeat sends a refund once more that failed: its money waits as unclaimed and
// still belongs to its payer. It gives the new refund. Calling it twice is
// calling it once; should the new one fail too, that one is repeated. A refund
// that did not fail is refused (conflict).
func (d *Desk) Repeat(ctx context.Context, market int32, refund, by id.ID) (Refund, error) {
	return d.again(ctx, market, refund, by, false)
}

// Transfer is Repeat by bank transfer, from the market's own bank, where the gateway
// cannot carry the refund out any more: a closed card, a wallet after half a year. The
// new refund waits for an operator like every other by transfer (ToSend). It refuses,
// beside what Repeat refuses, one that was sent once more already (conflict), and while a
// bank takes the payment back (refund_frozen).
func (d *Desk) Transfer(ctx context.Context, market int32, refund, by id.ID) (Refund, error) {
	return d.again(ctx, market, refund, by, true)
}

func (d *Desk) again(ctx context.Context, market int32, refund, by id.ID, byTransfer bool) (Refund, error) {
	cause := "again:" + refund.String()
	if byTransfer {
		if err := d.stoppedAtHome(ctx, market, refund, func(tx *storage.Tx, _ Refund) (bool, error) {
			_, err := RefundByCause(tx, cause)
			if fault.Has(err, "not_found") {
				return true, nil
			}
			return false, err // it is on its way already
		}); err != nil {
			return Refund{}, err
		}
	}
	var r Refund
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		was, err := lockRefund(tx, refund)
		if err != nil {
			return err
		}
		if was.State != RefundFailed {
			return fault.Conflict("conflict")
		}
		if r, err = RefundByCause(tx, cause); err == nil || !fault.Has(err, "not_found") {
			if err == nil && byTransfer && !r.ByTransfer {
				err = fault.Conflict("conflict")
			}
			return err
		}
		deed := "refund.repeat"
		if byTransfer {
			deed = "refund.transfer"
			if disputed, err := Disputed(tx, was.Payment); err != nil || disputed {
				return cmp.Or[error](err, fault.Conflict("refund_frozen"))
			}
		}
		r = Refund{ID: id.New(), Payment: was.Payment, Sale: was.Sale, Cause: cause, Amount: was.Amount, State: RefundAsked, Reason: was.Reason, By: by, CreatedAt: tx.Now, ChangedAt: tx.Now, ByTransfer: byTransfer}
		trail.Write(tx, by, deed, "refund:"+refund.String(), "")
		return claim(tx, r, ledger.Unclaimed(refund.String()), "refund:"+refund.String()+":again")
	})
	return r, err
}

// stoppedAtHome refuses (refund_frozen) a refund of another market's payment that would
// leave by this market's bank, while the payer's bank takes the payment back: that is
// known in the payment's home alone. asks says whether the refund is one of those still.
func (d *Desk) stoppedAtHome(ctx context.Context, market int32, refund id.ID, asks func(*storage.Tx, Refund) (bool, error)) error {
	home, of := market, id.None
	err := d.db.View(ctx, market, func(tx *storage.Tx) error {
		r, err := FindRefund(tx, refund)
		if err != nil {
			return err
		}
		p, err := Find(tx, r.Payment)
		if err != nil || p.Home == market {
			return err
		}
		if ask, err := asks(tx, r); err != nil || !ask {
			return err
		}
		home, of = p.Home, p.ID
		return nil
	})
	if err != nil || home == market {
		return err
	}
	return d.db.View(ctx, home, func(tx *storage.Tx) error {
		disputed, err := Disputed(tx, of)
		if err == nil && disputed {
			err = fault.Conflict("refund_frozen")
		}
		return err
	})
}

// GiveBack returns what came beyond the sum that was due. Calling it twice is
// calling it once, until more comes. It refuses while the payment is open
// (conflict: what waits is a part of the sum) and when nothing is left
// (refund_too_large).
func (d *Desk) GiveBack(ctx context.Context, market int32, payment, by id.ID, reason string) (Refund, error) {
	var r Refund
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := Lock(tx, payment)
		if err != nil {
			return err
		}
		if p.State == Open {
			return fault.Conflict("conflict")
		}
		if disputed, err := Disputed(tx, payment); err != nil || disputed {
			if err == nil {
				err = fault.Conflict("refund_frozen")
			}
			return err
		}
		account := ledger.Unclaimed(payment.String())
		have, err := ledger.Lock(tx, account)
		if err != nil {
			return err
		}
		// All that came until now names the deed: the same press finds it again.
		cause := "excess:" + payment.String() + ":" + strconv.FormatInt(p.Captured, 10)
		if r, err = RefundByCause(tx, cause); err == nil || !fault.Has(err, "not_found") {
			return err
		}
		if have[account] == 0 {
			return fault.Invalid("amount", "refund_too_large", fault.Args{"left": int64(0), "currency": p.Currency})
		}
		r = Refund{ID: id.New(), Payment: payment, Sale: p.Sale, Cause: cause, Amount: have[account], State: RefundAsked, Reason: reason, By: by, CreatedAt: tx.Now, ChangedAt: tx.Now}
		trail.Write(tx, by, "payment.give_back", "payment:"+payment.String(), "")
		return claim(tx, r, account, "payment:"+cause)
	})
	return r, err
}

// Found takes a refund that somebody made in the gateway's own pages from what waits
// as unclaimed of its payment, or of a refund of it that failed. Once for the
// gateway's name of it. It refuses more than waits there (refund_too_large).
func (d *Desk) Found(ctx context.Context, market int32, payment, from, by id.ID, sum int64, object, reason string) error {
	cause := "found:" + object
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := Lock(tx, payment)
		if err != nil {
			return err
		}
		if _, err := RefundByCause(tx, cause); err == nil || !fault.Has(err, "not_found") {
			return err
		}
		account := ledger.Unclaimed(from.String())
		have, err := ledger.Lock(tx, account)
		if err != nil {
			return err
		}
		if have[account] < sum {
			return fault.Invalid("amount", "refund_too_large", fault.Args{"left": have[account], "currency": p.Currency})
		}
		r := Refund{ID: id.New(), Payment: payment, Sale: p.Sale, Cause: cause, Amount: sum, State: RefundAsked, Reason: reason, By: by, CreatedAt: tx.Now, ChangedAt: tx.Now, Object: object}
		return claim(tx, r, account, "payment:excess:"+payment.String()+":"+object)
	})
}

// claim moves unclaimed money on its way back.
func claim(tx *storage.Tx, r Refund, from, cause string) error {
	if err := ledger.Post(tx, ledger.Entry{Cause: cause, By: r.By, Note: r.Reason,
		Legs: []ledger.Leg{{Debit: from, Credit: ledger.TransitRefund(r.ID), Amount: r.Amount}}}); err != nil {
		return err
	}
	Ask(tx, r)
	return nil
}

// waits is the accounts where unclaimed money lies, by what they are named
// after, with what lies there: a few rows, where a market has many payments and refunds.
const waits = `(SELECT b.balance_minor AS sum, CASE WHEN b.account ~ '^unclaimed:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN substr(b.account, 11)::uuid END AS of
	FROM ledger_balances b WHERE b.market_id = $1 AND b.account LIKE 'unclaimed:%' AND b.balance_minor > 0)`

const failedWaits = "WHERE market_id = $1 AND state = 'failed' AND id IN (SELECT w.of FROM " + waits + " w)"

// Unclaimed lists the refunds that failed and were not repeated, oldest first.
func Unclaimed(tx *storage.Tx) ([]Refund, error) {
	var rs []Refund
	err := tx.Select(&rs, "SELECT "+refundColumns+" FROM refunds "+failedWaits+" ORDER BY id LIMIT 200", tx.Market)
	return rs, err
}

// Excess lists the payments that brought more than was due and still have it.
func Excess(tx *storage.Tx) ([]Payment, error) {
	var ps []Payment
	err := tx.Select(&ps, "SELECT "+columns+" FROM payments WHERE market_id = $1 AND state <> 'open' AND id IN (SELECT w.of FROM "+waits+" w) ORDER BY id LIMIT 200", tx.Market)
	return ps, err
}
