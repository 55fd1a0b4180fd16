package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

const (
	callTime = 4 * time.Minute
	spare    = time.Minute // of a lease, after its call
)

// Drain runs everything that is due in one market until nothing is due, and
// says how many jobs ran, those that failed included.
func (w *Worker) Drain(ctx context.Context, market int32) (int, error) {
	n := 0
	for {
		did, err := w.one(ctx, market)
		if err != nil || !did {
			return n, err
		}
		n++
	}
}

// claimed is a job in hand. Its lease names this claim, and nobody's other.
type claimed struct {
	Job
	State string `db:"state"`
	lease id.ID  // None: held by the lock of its own transaction
}

// one runs the next due job of a market, if there is one.
func (w *Worker) one(ctx context.Context, market int32) (bool, error) {
	for {
		var c claimed
		var did, lost, ran bool
		err := w.db.Update(ctx, market, func(tx *storage.Tx) error {
			tx.Keyed() // a job that is done is not found again
			c, lost, ran = claimed{}, false, false
			var err error
			if did, err = w.claim(tx, &c); err != nil || !did {
				return err
			}
			tx.Named(c.Kind)
			if c.State == "leased" {
				lost = true
				return abandon(tx, c)
			}
			h := w.handlers[c.Kind]
			if h.Call != nil {
				c.lease = id.New()
				tx.Queue("UPDATE jobs SET state = 'leased', leased_by = $3, lease_until = $4 WHERE market_id = $1 AND id = $2", market, c.ID, c.lease, tx.Now.Add(h.time()+spare))
				return nil
			}
			ran = true
			if err := guarded(func() error { return h.Do(tx, c.Job) }); err != nil {
				return err
			}
			end(tx, c)
			return nil
		})
		switch {
		case err != nil && ran: // by the handler, or by what it had gathered
			return true, w.fail(ctx, c, err)
		case err != nil:
			return false, err
		case lost:
			continue
		case did && c.lease != id.None:
			return true, w.call(ctx, c)
		}
		return did, nil
	}
}

// claim finds the oldest due job of the market that nobody holds, and holds it.
func (w *Worker) claim(tx *storage.Tx, c *claimed) (bool, error) {
	err := tx.Get(c, `SELECT market_id, id, kind, key, body, attempts, state FROM jobs
		WHERE market_id = $1 AND state IN ('ready', 'leased') AND run_at <= $2 AND (state = 'ready' OR lease_until < $2) AND kind = ANY($3)
		ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`, tx.Market, tx.Now, w.kinds)
	if errors.Is(err, storage.ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// abandon counts a call whose worker was lost as a failed try, so that a job
// that kills its worker does not do so for ever, and makes it ready at once.
func abandon(tx *storage.Tx, c claimed) error {
	state, finished := "ready", any(nil)
	if c.Attempts+1 >= mostTries {
		state, finished = "failed", tx.Now
	}
	tx.Queue(`UPDATE jobs SET state = $3, attempts = attempts + 1, error = 'its worker was lost', leased_by = NULL, lease_until = NULL, finished_at = $4
		WHERE market_id = $1 AND id = $2`, tx.Market, c.ID, state, finished)
	return nil
}

// call makes the call of a leased job and ends the job together with what the
// call's result changes. Without the lease nothing is changed: somebody else
// has the job, or an attempt of unknown outcome was committed after all.
func (w *Worker) call(ctx context.Context, c claimed) error {
	var finish func(*storage.Tx) error
	err := guarded(func() (err error) {
		timed, cancel := context.WithTimeout(ctx, w.handlers[c.Kind].time())
		defer cancel()
		finish, err = w.handlers[c.Kind].Call(timed, c.Job)
		return err
	})
	if err == nil {
		err = w.db.Update(ctx, c.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			tx.Named(c.Kind)
			var held id.ID
			err := tx.Get(&held, "SELECT id FROM jobs WHERE market_id = $1 AND id = $2 AND state = 'leased' AND leased_by = $3 FOR UPDATE", c.Market, c.ID, c.lease)
			if errors.Is(err, storage.ErrNone) {
				return nil
			}
			if err == nil && finish != nil {
				err = guarded(func() error { return finish(tx) })
			}
			if err != nil {
				return err
			}
			end(tx, c)
			return nil
		})
	}
	if err != nil {
		return w.fail(ctx, c, err)
	}
	return nil
}

// end is gathered before the jobs that this one has added, which are other rows.
func end(tx *storage.Tx, c claimed) {
	tx.Ahead("UPDATE jobs SET state = 'done', attempts = attempts + 1, error = '', leased_by = NULL, lease_until = NULL, finished_at = $3 WHERE market_id = $1 AND id = $2", c.Market, c.ID, tx.Now)
}

// guarded turns a panic into a failure of the job.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}
