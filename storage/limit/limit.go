// Package limit counts what must not be done too often, for all instances
// together: a row per key and window, counted up in the database. A window
// begins at a multiple of its length, so no more than twice the number passes
// in any stretch as long as one window, and never more than the number in one.
package limit

import (
	"context"
	"errors"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
)

// Take takes one of the most that may be had under key in each stretch of per.
// It gives how many are left and when the next window begins. When none is
// left it refuses with fault.TooMany("too_many"), argument seconds. Keys carry
// what they limit ("sign-in:…") and no personal data in the clear.
func Take(ctx context.Context, db *storage.DB, key string, most int, per time.Duration) (left int, reset time.Time, err error) {
	if most < 0 || per < time.Second {
		return 0, time.Time{}, errors.New("limit: at least nought in at least a second")
	}
	var now time.Time
	err = db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		// Counted twice after a commit of unknown outcome errs on the safe side.
		tx.Keyed()
		now = tx.Now
		window := now.Truncate(per)
		reset = window.Add(per)
		if most == 0 {
			return refuse(reset.Sub(now))
		}
		var hits int
		// The condition stands in the statement: of many at once, none passes
		// on a number that another has already used.
		err := tx.Get(&hits, `INSERT INTO limits (market_id, key, window_at, hits)
			VALUES ($1, $2, $3, 1)
			ON CONFLICT (market_id, key, window_at) DO UPDATE SET hits = limits.hits + 1 WHERE limits.hits < $4
			RETURNING hits`, tx.Market, key, window, most)
		if errors.Is(err, storage.ErrNone) {
			return refuse(reset.Sub(now))
		}
		left = most - hits
		return err
	})
	if err != nil {
		left = 0
	}
	return left, reset, err
}

// Sweep removes the windows that began longer than older ago, and says how
// many. Older must be longer than the longest window in use.
func Sweep(ctx context.Context, db *storage.DB, older time.Duration) (gone int64, err error) {
	err = db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed()
		gone, err = tx.Exec("DELETE FROM limits WHERE market_id = $1 AND window_at < $2", tx.Market, tx.Now.Add(-older))
		return err
	})
	return gone, err
}

// refuse rounds the wait up: who waits that long is let in.
func refuse(wait time.Duration) error {
	return fault.TooMany("too_many", fault.Args{"seconds": int64((wait + time.Second - 1) / time.Second)})
}
