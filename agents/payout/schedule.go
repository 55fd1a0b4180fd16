package payout

import (
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
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
// therefore another. The batches of all ways come with the end of the job or not at
// all: one that was cut and runs again must not find its own first batch and take it
// for the last time's.
func (d *Desk) Drafter() jobs.Handler {
	return jobs.Handler{Do: func(tx *storage.Tx, _ jobs.Job) error {
		due, err := scheduled(tx)
		if err != nil || !due {
			return err
		}
		for _, way := range []string{"", Cash, Transfers} {
			if _, err := draft(tx, people.System.ID, nil, way); err != nil && !fault.Has(err, "payout_nothing") {
				return err
			}
			if err := tx.Flush(); err != nil {
				return err
			}
		}
		return nil
	}}
}

// scheduled says whether the program drafts here, and its days are over since it
// last did. A batch that a person made does not count: it may have been one payee's.
// The rules stay locked, so that of two days' jobs at once the second sees what the
// first has drafted.
func scheduled(tx *storage.Tx) (bool, error) {
	if _, err := tx.Exec(`SELECT 1 FROM payout_rules WHERE market_id = $1 FOR UPDATE`, tx.Market); err != nil {
		return false, err
	}
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
