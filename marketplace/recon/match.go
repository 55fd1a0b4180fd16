package recon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobMatch finds what the open lines of a market are.
const JobMatch = "recon:match"

// grace is how long a line may be older than what it is of: news comes late, a
// refund is under way. After that it is a difference.
const grace = 72 * time.Hour

// Again adds a look at the lines that are still open, once for a key.
func Again(tx *storage.Tx, key string) { jobs.Add(tx, JobMatch, key, struct{}{}) }

// Match is the job of JobMatch. One line that fails does not keep the others from
// being looked at.
func (d *Desk) Match(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	const page = 200
	last, n := id.None, 0
	var failed []error
	for {
		var open []Line
		err := d.db.View(ctx, j.Market, func(tx *storage.Tx) error {
			open = nil
			return tx.Select(&open, `SELECT `+lineColumns+` FROM gateway_lines WHERE market_id = $1 AND state = 'open' AND id > $2 ORDER BY id LIMIT $3`, j.Market, last, page)
		})
		if err != nil {
			return nil, err
		}
		for _, l := range open {
			last = l.ID
			if err := d.match(ctx, j.Market, l); err != nil {
				failed = append(failed, fmt.Errorf("recon: line %s: %w", l.Reference, err))
			}
		}
		if n += len(open); len(open) < page {
			return func(*storage.Tx) error { return nil }, errors.Join(failed...)
		}
	}
}

// match finds what one line is. What is not there yet stays open, for a while.
func (d *Desk) match(ctx context.Context, market int32, l Line) error {
	found, err := d.find(ctx, market, l)
	if err != nil || found {
		return err
	}
	if d.db.Now().Sub(l.CreatedAt) < grace {
		return nil
	}
	return d.differ(ctx, market, l, l.Net())
}

func (d *Desk) find(ctx context.Context, market int32, l Line) (bool, error) {
	switch {
	case l.Kind == payment.MovedFee:
		return true, d.spread(ctx, market, l)
	case l.Kind == payment.MovedPayout:
		return true, d.payout(ctx, market, l)
	case l.Kind == payment.MovedPayoutBack:
		return true, d.cameBack(ctx, market, l)
	case l.Kind == payment.MovedTransfer && l.Payout != nil:
		return d.transfer(ctx, market, l)
	case l.Kind == payment.MovedTransferBack && l.Payout != nil:
		return d.transferBack(ctx, market, l)
	case l.Payment == nil: // of no payment of ours, and no sort that we know
		return true, d.differ(ctx, market, l, l.Net())
	case l.Kind == payment.MovedCharge:
		return d.charge(ctx, market, l)
	case l.Kind == payment.MovedRefund:
		return d.refund(ctx, market, l)
	case l.Kind == payment.MovedRefundBack:
		return d.refundBack(ctx, market, l)
	case l.Kind == payment.MovedChargeback, l.Kind == payment.MovedChargebackBack:
		return d.chargeback(ctx, market, l)
	}
	return true, d.differ(ctx, market, l, l.Net())
}

// charge holds a capture, and what the gateway kept of it, against the payment.
func (d *Desk) charge(ctx context.Context, market int32, l Line) (bool, error) {
	if _, err := d.orders.Settle(ctx, market, *l.Payment); err != nil {
		return false, err
	}
	var rest int64
	found := false
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := payment.Lock(tx, *l.Payment)
		if err != nil || p.Captured == 0 {
			return err
		}
		if found = true; p.Currency != l.Currency {
			l.wait(tx, "currency")
			return nil
		}
		if rest = l.Amount - p.Captured; rest != 0 {
			return nil
		}
		payment.Came(tx, p, l.Usable)
		if err := d.payments.Keeps(tx, p, l.Fee, l.ID); err != nil {
			return err
		}
		l.known(tx)
		return nil
	})
	if err != nil || rest == 0 {
		return found, err
	}
	return true, d.differ(ctx, market, l, rest)
}

// refund holds money that went back against our refunds. One that nobody has asked
// for here was made in the gateway's own pages.
func (d *Desk) refund(ctx context.Context, market int32, l Line) (bool, error) {
	all, err := d.refundsOf(ctx, market, l)
	if err != nil {
		return false, err
	}
	if l.Refund == nil && (len(all) == 0 || l.Deed == Refund) { // or of which not every order has given its part
		return true, d.found(ctx, market, l)
	}
	sum := l.Amount
	for _, r := range all {
		if r.State == payment.RefundAsked {
			if err := d.payments.Follow(ctx, market, r.ID); err != nil {
				return false, err
			}
			return false, nil
		}
		sum += r.Amount
	}
	if len(all) == 0 {
		return false, nil // its name is not written down yet
	}
	return true, d.agree(ctx, market, l, sum-l.Fee)
}

// refundsOf are ours that the gateway has under this name.
func (d *Desk) refundsOf(ctx context.Context, market int32, l Line) ([]payment.Refund, error) {
	var all []payment.Refund
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { all, err = payment.OfObject(tx, *l.Payment, l.Object); return })
	return all, err
}

// refundBack: what did not reach the payer waits for them as unclaimed.
func (d *Desk) refundBack(ctx context.Context, market int32, l Line) (bool, error) {
	all, err := d.refundsOf(ctx, market, l)
	if err != nil || len(all) == 0 {
		return false, err
	}
	sum := l.Amount
	for _, r := range all {
		if r.State != payment.RefundFailed {
			return false, d.payments.Follow(ctx, market, r.ID)
		}
		sum -= r.Amount
	}
	return true, d.agree(ctx, market, l, sum-l.Fee)
}

// chargeback asks how it stands, which books it where nobody has heard of it, and
// holds what the bank took against it.
func (d *Desk) chargeback(ctx context.Context, market int32, l Line) (bool, error) {
	if err := d.orders.Chargeback(ctx, market, l.Gateway, l.Object); err != nil {
		return false, err
	}
	var c payment.Chargeback
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		c, err = payment.ChargebackOf(tx, l.Gateway, l.Object)
		return err
	})
	if fault.Has(err, "not_found") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if l.Kind == payment.MovedChargeback {
		return true, d.agree(ctx, market, l, l.Net()+c.Amount+c.Fee)
	}
	if c.State != payment.ChargebackWon {
		return false, nil
	}
	return true, d.agree(ctx, market, l, l.Net()-c.Amount)
}

// agree ends a line that the books have, but for a rest.
func (d *Desk) agree(ctx context.Context, market int32, l Line, rest int64) error {
	if rest != 0 {
		return d.differ(ctx, market, l, rest)
	}
	return d.ends(ctx, market, l, Known, l.Target)
}

// known ends a line that the books have.
func (l Line) known(tx *storage.Tx) { l.end(tx, Known, l.Target) }

// end ends a line that nobody has ended or put to recon. Twice is once.
func (l Line) end(tx *storage.Tx, deed, target string) {
	tx.Queue(`UPDATE gateway_lines SET state = 'done', deed = $3, target = $4, done_at = $5 WHERE market_id = $1 AND id = $2 AND state IN ('open', 'waits')`, tx.Market, l.ID, deed, target, tx.Now)
}

func (d *Desk) ends(ctx context.Context, market int32, l Line, deed, target string) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		l.end(tx, deed, target)
		return nil
	})
}

// wait leaves a line to a person, unless somebody has begun with it since it was read:
// of two who look at a line at once the second finds what the first has given gone.
func (l Line) wait(tx *storage.Tx, why string) {
	tx.Queue(`UPDATE gateway_lines SET state = 'waits', deed = '', target = '', why = $3 WHERE market_id = $1 AND id = $2 AND state = 'open' AND target = $4`, tx.Market, l.ID, why, l.Target)
}

func (d *Desk) waits(ctx context.Context, market int32, l Line, why string) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		l.wait(tx, why)
		return nil
	})
}
