package jobs

import (
	"context"
	"fmt"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// Depth counts the jobs of all markets by state, for metrics: those that are
// due or leased, and those that gave up.
func Depth(ctx context.Context, db *storage.DB) (map[string]int64, error) {
	var rows []struct {
		State string `db:"state"`
		N     int64  `db:"n"`
	}
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		return tx.Select(&rows, "SELECT state, count(*) AS n FROM jobs WHERE state IN ('ready', 'leased', 'failed') GROUP BY state")
	})
	depth := map[string]int64{"ready": 0, "leased": 0, "failed": 0}
	for _, r := range rows {
		depth[r.State] = r.N
	}
	return depth, err
}

// Sweep deletes finished jobs of a market older than 90 days; until then their
// keys let nothing run twice.
func Sweep(ctx context.Context, db *storage.DB, market int32) (int64, error) {
	var n int64
	err := db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		n, err = tx.Exec("DELETE FROM jobs WHERE market_id = $1 AND state = 'done' AND finished_at < $2", market, tx.Now.Add(-kept))
		return err
	})
	return n, err
}

// Alarms name the jobs that gave up.
func Alarms() []audit.Alarm {
	return []audit.Alarm{{Name: "job gave up", Run: func(tx *storage.Tx) ([]string, error) {
		failed, err := Failed(tx)
		var heard []string
		for _, j := range failed {
			heard = append(heard, fmt.Sprintf("%s %s: %s", j.Kind, j.Key, j.Error))
		}
		return heard, err
	}}}
}
