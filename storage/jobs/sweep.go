package jobs

import (
	"context"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// SweepKind is the kind of the daily job that clears a market's finished jobs.
// Every running worker adds it; its key, the day, lets one through.
const SweepKind = "jobs:sweep"

const (
	kept     = 90 * 24 * time.Hour // finished jobs: so long their keys let nothing run twice
	stranded = 7 * 24 * time.Hour  // due jobs of a kind that no instance takes
	late     = time.Hour
)

// sweep deletes what was finished long ago, and gives up jobs that nobody has
// taken for a week because no instance knows their kind: then an operator sees
// them, and can have them tried again.
func (w *Worker) sweep(tx *storage.Tx, _ Job) error {
	tx.Queue("DELETE FROM jobs WHERE market_id = $1 AND state = 'done' AND finished_at < $2", tx.Market, tx.Now.Add(-kept))
	tx.Queue(`UPDATE jobs SET state = 'failed', error = 'no instance knows this kind of job', finished_at = $3
		WHERE market_id = $1 AND state = 'ready' AND run_at < $2 AND kind <> ALL($4)`, tx.Market, tx.Now.Add(-stranded), tx.Now, w.kinds)
	return nil
}

// clear adds the day's sweep to markets that have work, once a day.
func (w *Worker) clear(ctx context.Context, markets []int32) error {
	day := w.db.Now().Format(time.DateOnly)
	for _, m := range markets {
		if w.swept[m] == day {
			continue
		}
		err := w.db.Update(ctx, m, func(tx *storage.Tx) error {
			tx.Keyed()
			Add(tx, SweepKind, day, struct{}{})
			return nil
		})
		if err != nil {
			return err
		}
		w.swept[m] = day
	}
	return nil
}

// Alarms name the jobs that gave up, and those that nobody does.
func Alarms() []audit.Alarm {
	return []audit.Alarm{
		{Name: "job gave up", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT kind AS job, key, error, finished_at FROM jobs WHERE market_id = $1 AND state = 'failed' ORDER BY finished_at DESC LIMIT 200`, tx.Market)
		}},
		{Name: "jobs are late", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT kind AS job, count(*) AS count, min(run_at) AS since_at FROM jobs
				WHERE market_id = $1 AND state IN ('ready', 'leased') AND run_at < $2 AND (state = 'ready' OR lease_until < $3) GROUP BY kind ORDER BY kind`,
				tx.Market, tx.Now.Add(-late), tx.Now)
		}},
	}
}
