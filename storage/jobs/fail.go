package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

const mostTries = 10

// fail writes down why a job did not succeed and when it is tried again; it
// gives up after ten tries, which takes about six hours.
func (w *Worker) fail(ctx context.Context, c claimed, why error) error {
	if ctx.Err() != nil {
		return w.giveBack(ctx, c)
	}
	if at, asked := again(why); asked {
		return w.putBack(ctx, c, func(tx *storage.Tx) waiting {
			if !at.After(tx.Now) {
				at = tx.Now.Add(time.Second) // else it would run without end
			}
			return waiting{"ready", c.Attempts, "", at}
		})
	}
	tries := c.Attempts + 1
	b := waiting{"ready", tries, text(why), time.Time{}}
	level := w.o.Log.Warn
	if tries >= mostTries || never(why) {
		b.state, level = "failed", w.o.Log.Error
	}
	level("jobs: a try failed", "kind", c.Kind, "key", c.Key, "market", c.Market, "try", tries, "gave_up", b.state == "failed", "error", why)
	wait := 2 * time.Second
	for range c.Attempts {
		wait *= 3
	}
	wait = min(wait, 4*time.Hour)
	wait += rand.N(wait / 2)
	return w.putBack(ctx, c, func(tx *storage.Tx) waiting { b.at = tx.Now.Add(wait); return b })
}

// again says whether a handler asked for another time.
func again(err error) (time.Time, bool) {
	if p, ok := errors.AsType[*Again](err); ok {
		return p.At, true
	}
	a, ok := errors.AsType[Again](err)
	return a.At, ok
}

// never says whether a handler asked for no other try.
func never(why error) bool {
	if _, asked := errors.AsType[*Never](why); asked {
		return true
	}
	_, asked := errors.AsType[Never](why)
	return asked
}

// giveBack lets a job go that was broken off because the program stops.
func (w *Worker) giveBack(ctx context.Context, c claimed) error {
	why := ctx.Err()
	if c.lease == id.None {
		return why // its transaction was rolled back, and it is ready as before
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := w.putBack(last, c, func(tx *storage.Tx) waiting { return waiting{"ready", c.Attempts, "", tx.Now} }); err != nil {
		return err
	}
	return why
}

// waiting is how a job that did not succeed waits.
type waiting struct {
	state    string
	attempts int
	error    string
	at       time.Time
}

// putBack puts a job back, unless somebody else has taken it up meanwhile.
func (w *Worker) putBack(ctx context.Context, c claimed, how func(tx *storage.Tx) waiting) error {
	return w.db.Update(ctx, c.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		b := how(tx)
		held := "ready"
		if c.lease != id.None {
			held = "leased"
		}
		var finished any
		if b.state == "failed" {
			finished = tx.Now
		}
		tx.Queue(`UPDATE jobs SET state = $6, attempts = $7, error = $8, run_at = $9, finished_at = $10, leased_by = NULL, lease_until = NULL
			WHERE market_id = $1 AND id = $2 AND attempts = $3 AND state = $4 AND ($4 = 'ready' OR leased_by = $5)`,
			c.Market, c.ID, c.Attempts, held, c.lease, b.state, b.attempts, b.error, b.at, finished)
		return nil
	})
}

// text is an error as a column can hold it.
func text(err error) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "?"), "\x00", "?")
	if len(s) > 2000 {
		s = strings.ToValidUTF8(s[:2000], "")
	}
	return s
}
