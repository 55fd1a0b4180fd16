// Package jobs is later: work that must follow a commit is a row written in
// that commit. A job runs at least until it succeeded once, and its effect
// happens once: work on the database commits together with the job's own end.
// A key is used once per market and kind, so adding twice is adding once.
package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Job is one piece of work.
type Job struct {
	Market   int32           `db:"market_id" json:"market"`
	ID       id.ID           `db:"id" json:"id"`
	Kind     string          `db:"kind" json:"kind"`
	Key      string          `db:"key" json:"key"`
	Body     json.RawMessage `db:"body" json:"body"`
	Attempts int             `db:"attempts" json:"attempts"` // tries that failed before this one
}

// Again asks, given back as an error, to run a job again at a later time; that
// is no failure and is not counted.
type Again struct{ At time.Time }

// Error makes Again an error, so that a handler can return it.
func (a Again) Error() string { return "again at " + a.At.Format(time.RFC3339) }

// Never ends a job, given back as an error, as one that gave up, without another
// try: trying again would be refused again. An operator sees it, and Retry gives
// it another try.
type Never struct{ Why string }

// Error makes Never an error, so that a handler can return it.
func (n Never) Error() string { return n.Why }

// Add writes a job into the caller's transaction. It becomes visible with the
// commit and is gone with a rollback. The same key again changes nothing, also
// when the job is running or done: a key names the version of what it is
// about. Without a time, or at one that is over, it is due at once: nothing is late
// that nobody could have done yet. A body that is no JSON panics.
func Add(tx *storage.Tx, kind, key string, body any, at ...time.Time) {
	tx.Queue(added+" ON CONFLICT (market_id, kind, key) DO NOTHING", row(tx, kind, key, body, at)...)
}

// AddFirst is Add for a key that cannot be there yet, because what it names happens
// once: a state that an order comes to. It costs the database a third less, since
// nobody looks for the key; one that is there fails the transaction on jobs_once.
func AddFirst(tx *storage.Tx, kind, key string, body any, at ...time.Time) {
	tx.Queue(added, row(tx, kind, key, body, at)...)
}

const added = "INSERT INTO jobs (market_id, id, kind, key, body, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"

func row(tx *storage.Tx, kind, key string, body any, at []time.Time) []any {
	b, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("jobs: %s: a body that is no JSON: %v", kind, err))
	}
	run := tx.Now
	if len(at) > 0 && at[0].After(run) {
		run = at[0]
	}
	return []any{tx.Market, id.New(), kind, key, string(b), run, tx.Now}
}

// Given is a job that gave up, for the operator's desk.
type Given struct {
	Job
	Error      string    `db:"error" json:"error"`
	FinishedAt time.Time `db:"finished_at" json:"finished_at"`
}

// Failed lists the jobs of a market that gave up, newest first, 200 at most.
func Failed(ctx context.Context, db *storage.DB, market int32) ([]Given, error) {
	var js []Given
	err := db.View(ctx, market, func(tx *storage.Tx) (err error) { js, err = failed(tx); return err })
	return js, err
}

func failed(tx *storage.Tx) ([]Given, error) {
	var js []Given
	err := tx.Select(&js, `SELECT market_id, id, kind, key, body, attempts, error, finished_at FROM jobs
		WHERE market_id = $1 AND state = 'failed' ORDER BY finished_at DESC LIMIT 200`, tx.Market)
	return js, err
}

// Retry gives a job that gave up ten more tries. Retrying twice is retrying
// once, and a job that has not given up is left alone; not_found when there is
// no such job.
func Retry(ctx context.Context, db *storage.DB, market int32, job id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		n, err := tx.Exec(`UPDATE jobs SET state = 'ready', attempts = 0, run_at = $3, finished_at = NULL
			WHERE market_id = $1 AND id = $2 AND state = 'failed'`, market, job, tx.Now)
		if err != nil || n == 1 {
			return err
		}
		var state string
		err = tx.Get(&state, "SELECT state FROM jobs WHERE market_id = $1 AND id = $2", market, job)
		if err == storage.ErrNone {
			return fault.NotFound("not_found")
		}
		return err
	})
}
