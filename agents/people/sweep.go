package people

import (
	"context"
	"time"

	"commonfield/storage"
)

// kept is how long a session stays written down after it has run out, for
// whoever asks later which devices had one.
const kept = 90 * 24 * time.Hour

// Sweep removes the sessions that ran out more than 90 days ago, those that
// were ended before among them, and says how many. Twice is once; what a call
// that was broken off has left, the next removes.
func (d *Directory) Sweep(ctx context.Context) (gone int64, err error) {
	before := d.db.Now().Add(-kept)
	for {
		users, err := d.lapsed(ctx, before)
		if err != nil || len(users) == 0 {
			return gone, err
		}
		for _, user := range users {
			var n int64
			err := d.db.UpdateUser(ctx, user, func(tx *storage.Tx) (err error) {
				tx.Keyed()
				n, err = tx.Exec(`DELETE FROM sessions WHERE user_id = $1 AND expires_at < $2`, user, before)
				return err
			})
			if err != nil {
				return gone, err
			}
			gone += n
		}
	}
}
