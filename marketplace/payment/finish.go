package payment

import (
	"context"
	"errors"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// finish posts what became of a refund, forward only: under way, then sent or
// failed, and what was sent may still come back. A refund that failed belongs to
// its payer, so its money waits as unclaimed. The same answer again changes nothing.
func finish(tx *storage.Tx, refund id.ID, g Gateway, given Given) error {
	r, err := lockRefund(tx, refund)
	if err != nil {
		return err
	}
	if given.ID != "" && r.Object == "" {
		r.Object = given.ID
		tx.Queue("UPDATE refunds SET object = $3 WHERE market_id = $1 AND id = $2", tx.Market, refund, given.ID)
	}
	late := r.State == RefundSucceeded && given.State == RefundFailed
	switch {
	case r.State == given.State && r.State != RefundAsked, r.State == RefundSucceeded && given.State == RefundAsked:
		return nil
	case r.State != RefundAsked && !late:
		return fault.Conflict("conflict")
	}
	jobs.Add(tx, JobRefundNews, refund.String()+":"+string(given.State), RefundNews{refund, given.State, tx.Now})
	if given.State == RefundAsked {
		return nil
	}
	if err := tx.Flush(); err != nil { // the same row twice
		return err
	}
	tx.Queue("UPDATE refunds SET state = $3, changed_at = $4 WHERE market_id = $1 AND id = $2", tx.Market, refund, string(given.State), tx.Now)
	if r.ForMarket != nil {
		return tell(tx, r, g, given.State)
	}
	leg := ledger.Leg{Debit: ledger.TransitRefund(refund), Credit: g.Leaves(), Amount: r.Amount}
	switch {
	case late:
		leg = ledger.Leg{Debit: g.Leaves(), Credit: ledger.Unclaimed(refund.String()), Amount: r.Amount}
	case given.State == RefundFailed:
		leg.Credit = ledger.Unclaimed(refund.String())
	}
	return ledger.Post(tx, ledger.Entry{Cause: "refund:" + refund.String() + ":" + string(given.State), By: r.By, Legs: []ledger.Leg{leg}})
}

// Follow asks the gateway how a refund stands that it has, and books the answer.
// News of it and the sweeper end here. What was not given yet is left to its job,
// and another market's refund to its home.
func (d *Desk) Follow(ctx context.Context, market int32, refund id.ID) error {
	var r Refund
	var p Payment
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		if r, err = FindRefund(tx, refund); err == nil {
			p, err = Find(tx, r.Payment)
		}
		return err
	})
	if err != nil || p.Home != market || r.Object == "" || r.State == RefundFailed {
		return err
	}
	g, err := d.Gateway(p.Gateway)
	if err != nil {
		return err
	}
	given, err := g.LookRefund(ctx, back(market, p, r))
	if err != nil {
		return fault.Unavailable("gateway_down").Because(err)
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		return finish(tx, refund, g, given)
	})
}

// SweepRefunds asks about the refunds of a market that are under way at a gateway,
// so that they end also when no news comes. One that fails does not keep the
// others from being looked at, nor do many that stay under way for weeks.
func (d *Desk) SweepRefunds(ctx context.Context, market int32) error {
	const page = 200
	var failed []error
	for last := id.None; ; {
		var open []id.ID
		err := d.db.View(ctx, market, func(tx *storage.Tx) error {
			open = nil
			return tx.Select(&open, "SELECT id FROM refunds WHERE market_id = $1 AND state = 'asked' AND object <> '' AND id > $2 ORDER BY id LIMIT $3", tx.Market, last, page)
		})
		for _, refund := range open {
			last = refund
			if err := d.Follow(ctx, market, refund); err != nil {
				failed = append(failed, err)
			}
		}
		if err != nil || len(open) < page || ctx.Err() != nil {
			return errors.Join(append(failed, err)...)
		}
	}
}
