package jobs

import (
	"context"
	"database/sql"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/tally"
)

// Depth counts the jobs of all markets by state, for metrics: ready, leased
// and failed.
func Depth(ctx context.Context, db *storage.DB) (map[string]int64, error) {
	var rows []struct {
		Market int32  `db:"market_id"`
		State  string `db:"state"`
		N      int64  `db:"n"`
	}
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, `SELECT market_id, state, count(*) AS n FROM jobs WHERE state IN ('ready', 'leased') GROUP BY market_id, state
			UNION ALL SELECT market_id, state, count(*) FROM jobs WHERE state = 'failed' GROUP BY market_id, state`)
	})
	depth := map[string]int64{"ready": 0, "leased": 0, "failed": 0}
	for _, r := range rows {
		depth[r.State] += r.N
	}
	return depth, err
}

// Lag says how many jobs of a market may run now, and since when the oldest of
// them could have; zero when none is due.
func Lag(ctx context.Context, db *storage.DB, market int32) (n int64, oldest time.Time, err error) {
	var row struct {
		N      int64        `db:"n"`
		Oldest sql.NullTime `db:"oldest"`
	}
	err = db.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Get(&row, `SELECT count(*) AS n, min(run_at) AS oldest FROM jobs
			WHERE market_id = $1 AND state IN ('ready', 'leased') AND run_at <= $2`, tx.Market, tx.Now)
	})
	return row.N, row.Oldest.Time, err
}

// due names the markets that have due work of kinds we know, in their order.
func (w *Worker) due(ctx context.Context) ([]int32, error) {
	var markets []int32
	err := w.db.ViewShared(ctx, func(tx *storage.Tx) error {
		markets = nil
		return tx.Select(&markets, `SELECT DISTINCT market_id FROM jobs WHERE state IN ('ready', 'leased') AND run_at <= $1
			AND (state = 'ready' OR lease_until < $1) AND kind = ANY($2) AND ($3::int[] IS NULL OR market_id = ANY($3)) ORDER BY market_id`,
			tx.Now, w.kinds, pq.Array(w.o.Markets))
	})
	return markets, err
}

// Waiting counts the jobs of one kind over all markets that are not done, those
// that gave up among them, and says when the oldest was added (zero: none).
func Waiting(ctx context.Context, db *storage.DB, kind string) (int64, time.Time, error) {
	var rows []struct {
		Market int32     `db:"market_id"`
		N      int64     `db:"n"`
		Since  time.Time `db:"since"`
	}
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, `SELECT market_id, count(*) AS n, min(created_at) AS since FROM jobs WHERE kind = $1 AND state IN ('ready', 'leased') GROUP BY market_id
			UNION ALL SELECT market_id, count(*), min(created_at) FROM jobs WHERE kind = $1 AND state = 'failed' GROUP BY market_id`, kind)
	})
	var n int64
	var since time.Time
	for _, r := range rows {
		n += r.N
		if since.IsZero() || r.Since.Before(since) {
			since = r.Since
		}
	}
	return n, since, err
}

// Tallies are what waits for a person, the jobs that gave up, and which jobs could run
// now, since when the oldest could.
func Tallies() []tally.Of {
	return []tally.Of{
		{Name: "jobs", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM jobs WHERE market_id = $1 AND state = 'failed'`},
		{Name: "jobs_due", Query: `SELECT count(*), 0::bigint, min(run_at) FROM jobs WHERE market_id = $1 AND state IN ('ready', 'leased') AND run_at <= $2`},
	}
}
