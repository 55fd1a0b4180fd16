package marketplace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commonfield/agents/payout"
	"commonfield/agents/statement"
	"commonfield/catalog/search"
	"commonfield/marketplace/hook"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/recon"
	"commonfield/marketplace/told"
	"commonfield/storage"
	"commonfield/storage/jobs"
	"commonfield/storage/limit"
	"commonfield/storage/once"
)

// jobForget is the kind of the daily job that clears what a market, or the
// platform, need not know any longer; finished jobs go with jobs.SweepKind. What
// the law has kept for three years (E-commerce Law 31) and more, orders,
// payments, the ledger and the trail, no sweep touches.
const jobForget = "marketplace:forget"

// contested is how far back banks are asked about: they decide within months.
const contested = 120 * 24 * time.Hour

// oldLimits is longer than any window in which something is counted.
const oldLimits = 48 * time.Hour

// Tick adds what is due by the calendar. Every instance calls it every minute;
// the jobs' keys let one through.
func (m *Marketplace) Tick(ctx context.Context) error {
	if err := m.Clicks.Write(ctx); err != nil {
		return fmt.Errorf("opened links: %w", err)
	}
	all, err := m.Books.All(ctx)
	if err != nil {
		return err
	}
	err = m.due(ctx, storage.Platform, func(tx *storage.Tx) {
		daily(tx)
		jobs.Add(tx, order.JobSweep, tx.Now.Truncate(time.Hour).Format(time.RFC3339), struct{}{})
		jobs.Add(tx, search.JobLook, tx.Now.Truncate(5*time.Minute).Format(time.RFC3339), struct{}{})
	})
	if err != nil {
		return fmt.Errorf("tick of the platform: %w", err)
	}
	keeper, unknown := m.Recon.Keeper(ctx)
	for _, market := range all {
		err := m.due(ctx, market.ID, func(tx *storage.Tx) {
			five := tx.Now.Truncate(5 * time.Minute).Format(time.RFC3339)
			jobs.Add(tx, order.JobSweep, five, struct{}{})
			daily(tx)
			statement.Due(tx, market.Location())
			payout.Schedule(tx, market.Location())
			if m.Recon.Reads() {
				recon.Again(tx, tx.Now.Truncate(time.Hour).Format(time.RFC3339))
			}
			if market.ID == keeper.ID {
				m.Recon.Due(tx, tx.Now.Format(time.DateOnly))
			}
		})
		if err != nil {
			return fmt.Errorf("tick of market %s: %w", market.Code, err)
		}
	}
	if unknown != nil && len(all) > 0 {
		return fmt.Errorf("the market whose bank the gateway pays: %w", unknown)
	}
	return nil
}

func (m *Marketplace) due(ctx context.Context, market int32, add func(*storage.Tx)) error {
	return m.DB.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		add(tx)
		return nil
	})
}

// daily adds the day's sweeps and the day's check of the books, and each hour a
// look at the jobs that gave up.
func daily(tx *storage.Tx) {
	day := tx.Now.Format(time.DateOnly)
	jobs.Add(tx, jobForget, day, struct{}{})
	jobs.Add(tx, told.JobAudit, day, struct{}{})
	jobs.Add(tx, told.JobWatch, tx.Now.Truncate(time.Hour).Format(time.RFC3339), struct{}{})
	jobs.Add(tx, jobs.SweepKind, day, struct{}{}) // a running worker adds it too, under the same key
}

// forget clears keys of more than 90 days, and on the platform also counters
// of limits and sessions, which belong to no market.
func (m *Marketplace) forget(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	if j.Market == storage.Platform {
		if _, err := limit.Sweep(ctx, m.DB, oldLimits); err != nil {
			return nil, err
		}
		if _, err := m.People.Sweep(ctx); err != nil {
			return nil, err
		}
		if err := m.Notices.Sweep(ctx); err != nil {
			return nil, err
		}
	}
	return func(tx *storage.Tx) error { once.Sweep(tx); hook.Sweep(tx); return talk.Sweep(tx) }, nil
}

func (m *Marketplace) sweep(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	if j.Market == storage.Platform {
		return nil, m.Desk.SweepChargebacks(ctx, contested)
	}
	_, err := m.Orders.Sweep(ctx, j.Market)
	return nil, errors.Join(err, m.Desk.SweepRefunds(ctx, j.Market), m.Payouts.Sweep(ctx, j.Market))
}
