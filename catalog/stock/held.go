package stock

import (
	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Lying is what lies in the barn of one listing, base units.
type Lying struct{ OnHand, Reserved int64 }

// LyingOf sums the batches of many listings in one query; listings without a
// batch are missing.
func LyingOf(tx *storage.Tx, listings []id.ID) (map[id.ID]Lying, error) {
	var rows []struct {
		Listing  id.ID `db:"listing_id"`
		OnHand   int64 `db:"on_hand"`
		Reserved int64 `db:"reserved"`
	}
	err := tx.Select(&rows, `SELECT listing_id, sum(on_hand)::bigint AS on_hand, sum(reserved)::bigint AS reserved FROM batches
		WHERE market_id = $1 AND listing_id = ANY($2::uuid[]) GROUP BY listing_id`, tx.Market, pq.Array(listings))
	all := make(map[id.ID]Lying, len(rows))
	for _, r := range rows {
		all[r.Listing] = Lying{r.OnHand, r.Reserved}
	}
	return all, err
}
