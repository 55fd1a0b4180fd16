package notice

import (
	"context"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Hours are those in which a person wants quiet, as minutes of the day on the
// clock of the market that the news is of. From and Until the same: none.
type Hours struct {
	From  int `db:"quiet_from"`
	Until int `db:"quiet_until"`
}

// Any says whether there are quiet hours at all.
func (h Hours) Any() bool { return h.From != h.Until }

// Ends says when the quiet in which now lies is over, if it lies in one.
func (h Hours) Ends(now time.Time) (time.Time, bool) {
	if !h.Any() {
		return now, false
	}
	minute := now.Hour()*60 + now.Minute()
	quiet := minute >= h.From && minute < h.Until
	if h.From > h.Until { // over midnight
		quiet = minute >= h.From || minute < h.Until
	}
	if !quiet {
		return now, false
	}
	day := now
	if minute >= h.From && h.From > h.Until {
		day = now.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), h.Until/60, h.Until%60, 0, 0, now.Location()), true
}

// Hours gives a person's quiet hours.
func (r *Room) Hours(ctx context.Context, person id.ID) (Hours, error) {
	var h Hours
	err := r.db.ViewUser(ctx, person, func(tx *storage.Tx) (err error) { h, err = hoursOf(tx, person); return })
	return h, err
}

func hoursOf(tx *storage.Tx, person id.ID) (Hours, error) {
	var h Hours
	err := tx.Get(&h, `SELECT quiet_from, quiet_until FROM notice_hours WHERE user_id = $1`, person)
	if err == storage.ErrNone {
		return Hours{}, nil
	}
	return h, err
}

// Rest sets a person's quiet hours: letters and short messages that need not come
// at once wait until they are over. Twice is once. It refuses what is no minute
// of a day (quiet_hours).
func (r *Room) Rest(ctx context.Context, person id.ID, h Hours) error {
	if h.From < 0 || h.From > 1439 || h.Until < 0 || h.Until > 1439 {
		return fault.Invalid("quiet_from", "quiet_hours")
	}
	return r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`INSERT INTO notice_hours (user_id, quiet_from, quiet_until, changed_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (user_id) DO UPDATE SET quiet_from = EXCLUDED.quiet_from, quiet_until = EXCLUDED.quiet_until, changed_at = EXCLUDED.changed_at`, person, h.From, h.Until, tx.Now)
		return nil
	})
}
