// Package tally counts what waits for a person. It knows no deed itself: each room
// hands in which of its rows wait, and all of them are counted in one statement,
// however many rooms there are.
package tally

import (
	"fmt"
	"strings"
	"time"

	"commonfield/storage"
)

// Of is one sort of deed that waits. Query selects one row of three columns: how
// many there are, what they come to (bigint) and when the first must be done
// (timestamptz, may be null). Its $1 is the market and $2 the moment.
type Of struct{ Name, Query string }

// Sum is what waits of one sort.
type Sum struct {
	Count int64
	Minor int64
	Due   time.Time // when the first must be done; zero: nobody has said
}

// Count gives what waits of each sort, by its name.
func Count(tx *storage.Tx, all ...Of) (map[string]Sum, error) {
	sums := map[string]Sum{}
	if len(all) == 0 {
		return sums, nil
	}
	parts := make([]string, len(all))
	for i, of := range all {
		parts[i] = fmt.Sprintf("SELECT %d AS no, w.n, w.minor, w.due FROM (%s) w (n, minor, due)", i, of.Query)
	}
	var rows []struct {
		No    int        `db:"no"`
		N     int64      `db:"n"`
		Minor int64      `db:"minor"`
		Due   *time.Time `db:"due"`
	}
	// Without it a count that asks for no time would leave $2 without a type.
	err := tx.Select(&rows, "WITH now AS (SELECT $1::int, $2::timestamptz) "+strings.Join(parts, " UNION ALL "), tx.Market, tx.Now)
	for _, r := range rows {
		s := Sum{Count: r.N, Minor: r.Minor}
		if r.Due != nil {
			s.Due = *r.Due
		}
		sums[all[r.No].Name] = s
	}
	return sums, err
}
