package audit

import (
	"context"
	"time"

	"commonfield/storage"
)

// Kept is how a market's last daily check ended.
type Kept struct {
	Market     int32     `db:"market_id"`
	At         time.Time `db:"at"`
	Broken     int       `db:"broken"` // rules
	Violations int64     `db:"violations"`
	Alarms     int       `db:"alarms"`
}

// Keep writes down how the check of tx's market ended, over the one before.
func Keep(tx *storage.Tx, r Report) {
	k := Kept{Alarms: len(r.Alarms)}
	for _, c := range r.Checks {
		if !c.OK {
			k.Broken++
			k.Violations += int64(len(c.Violations))
		}
	}
	tx.Keyed() // the same again changes nothing
	tx.Queue(`INSERT INTO audits (market_id, at, broken, violations, alarms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (market_id) DO UPDATE SET at = excluded.at, broken = excluded.broken, violations = excluded.violations, alarms = excluded.alarms`,
		tx.Market, tx.Now, k.Broken, k.Violations, k.Alarms)
}

// Last gives how the last daily check of each market ended; one that was never
// checked is not there.
func Last(ctx context.Context, db *storage.DB) ([]Kept, error) {
	var all []Kept
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, "SELECT market_id, at, broken, violations, alarms FROM audits ORDER BY market_id")
	})
	return all, err
}
