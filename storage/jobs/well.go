package jobs

import (
	"context"
	"time"

	"commonfield/storage"
)

// far is how long a job that failed waits at least when it is not left alone: the
// pauses after the first tries are over sooner.
const far = time.Minute

// pause is longer than any pause between two tries.
const pause = 6 * time.Hour

// Stuck names the markets that have jobs of one kind which gave up, or which
// failed and wait long for their next try.
func Stuck(ctx context.Context, db *storage.DB, kind string) ([]int32, error) {
	var markets []int32
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		markets = nil
		return tx.Select(&markets, `SELECT market_id FROM jobs WHERE kind = $1 AND state = 'failed'
			UNION SELECT market_id FROM jobs WHERE kind = $1 AND state = 'ready' AND attempts > 0 AND run_at BETWEEN $2 AND $3 ORDER BY market_id`,
			kind, tx.Now.Add(far), tx.Now.Add(pause))
	})
	return markets, err
}

// Unstick has those of tx's market tried now, because what they failed on is well
// again, and says how many. Who gave up gets one more try, not ten: what fails
// for a reason of its own gives up again at once, and stays an alarm.
func Unstick(tx *storage.Tx, kind string) (int64, error) {
	tx.Keyed() // those that are ready are not found again
	gaveUp, err := tx.Exec(`UPDATE jobs SET state = 'ready', attempts = $3, run_at = $4, finished_at = NULL
		WHERE market_id = $1 AND kind = $2 AND state = 'failed'`, tx.Market, kind, mostTries-1, tx.Now)
	if err != nil {
		return 0, err
	}
	waited, err := tx.Exec(`UPDATE jobs SET run_at = $3
		WHERE market_id = $1 AND kind = $2 AND state = 'ready' AND attempts > 0 AND run_at BETWEEN $4 AND $5`, tx.Market, kind, tx.Now, tx.Now.Add(far), tx.Now.Add(pause))
	return gaveUp + waited, err
}
