package payout

import (
	"context"
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

// DraftJob is the kind of the daily job that drafts a batch when the market's
// schedule says so; its key is the day.
const DraftJob = "payout:draft"

// morning is when a day's batch is drafted, on the market's clock: whoever
// approves it has the day before them.
const morning = 6 * time.Hour

// Schedule adds the day's job. Calling it every minute is calling it once.
func Schedule(tx *storage.Tx, loc *time.Location) {
	now := tx.Now.In(loc)
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, loc)
	jobs.Add(tx, DraftJob, day.Format(time.DateOnly), struct{}{}, day.Add(morning))
}

// Drafter is the handler of DraftJob. A day on which nothing is due, or nobody
// can be paid, makes no batch; who drafts is the system, and whoever approves is
// therefore another.
func (d *Desk) Drafter() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		due := false
		err := d.db.View(ctx, j.Market, func(tx *storage.Tx) (err error) { due, err = scheduled(tx); return })
		if err != nil || !due {
			return func(*storage.Tx) error { return nil }, err
		}
		// The day is the key: a job that was cut and runs again finds its batch.
		_, err = d.Draft(ctx, once.Of(people.System.ID, DraftJob+":"+j.Key, nil), j.Market, people.System.ID, nil)
		if err == nil || fault.Has(err, "payout_nothing") {
			_, err = d.DraftCash(ctx, once.Of(people.System.ID, DraftJob+":cash:"+j.Key, nil), j.Market, people.System.ID, nil)
		}
		if err == nil || fault.Has(err, "payout_nothing") {
			_, err = d.DraftTransfers(ctx, once.Of(people.System.ID, DraftJob+":transfers:"+j.Key, nil), j.Market, people.System.ID, nil)
		}
		if fault.Has(err, "payout_nothing") {
			err = nil
		}
		return func(*storage.Tx) error { return nil }, err
	}}
}

// scheduled says whether the program drafts here, and its days are over since it
// last did. A batch that a person made does not count: it may have been one payee's.
func scheduled(tx *storage.Tx) (bool, error) {
	rules, err := RulesOf(tx)
	if err != nil || !rules.ByItself {
		return false, err
	}
	var lately bool
	// Half a day of grace: a job that ran late must not push the next one on.
	err = tx.Get(&lately, `SELECT EXISTS (SELECT 1 FROM payout_batches WHERE market_id = $1 AND created_by = $2 AND created_at > $3)`,
		tx.Market, people.System.ID, tx.Now.Add(12*time.Hour-time.Duration(rules.EveryDays)*24*time.Hour))
	return !lately, err
}
