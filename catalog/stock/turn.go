package stock

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobTurn is the kind of the job that looks whether something is left of a
// listing. It is added only where that may have turned: by a sale that takes
// the last, and by what comes back or arrives where nothing was left. So an
// ordinary order adds none.
const JobTurn = "stock:turn"

type turning struct {
	Listing id.ID `json:"listing"`
}

// empty adds the job for listings of which a sale has taken the last that this
// transaction holds; move is one of its movements and names the occasion.
func empty(tx *storage.Tx, move id.ID, listings ...id.ID) {
	for _, l := range listings {
		jobs.Add(tx, JobTurn, l.String()+":"+move.String(), turning{l})
	}
}

// filling adds the job for those of the listings of which nothing was left
// before this transaction. It is gathered with its writes and sees what was
// before them. A sale that takes the last elsewhere at this moment is no
// matter: its own job waits for the batches held here.
func filling(tx *storage.Tx, move id.ID, listings ...id.ID) {
	slices.SortFunc(listings, func(a, b id.ID) int { return slices.Compare(a[:], b[:]) })
	listings = slices.Compact(listings)
	rows := make([]id.ID, len(listings))
	for i := range rows {
		rows[i] = id.New()
	}
	tx.Queue(`INSERT INTO jobs (market_id, id, kind, key, body, run_at, created_at)
		SELECT $1::integer, v.id, $4::text, v.listing_id::text || ':' || $5::text, jsonb_build_object('listing', v.listing_id), $6::timestamptz, $6::timestamptz
		FROM unnest($2::uuid[], $3::uuid[]) AS v(id, listing_id)
		WHERE NOT EXISTS (SELECT 1 FROM batches b WHERE b.market_id = $1 AND b.listing_id = v.listing_id AND b.reserved < b.on_hand)
		ON CONFLICT (market_id, kind, key) DO NOTHING`,
		tx.Market, pq.Array(rows), pq.Array(listings), JobTurn, move.String(), tx.Now)
}

// filling is filling for the listings of promises of which this sets goods free.
func (m *moves) filling(tx *storage.Tx, promises []promise) {
	freed := map[id.ID]bool{}
	for i, kind := range m.kind {
		freed[m.batch[i]] = freed[m.batch[i]] || kind == LetGone || kind == Returned
	}
	var listings []id.ID
	for _, p := range promises {
		if freed[p.Batch] {
			listings = append(listings, p.ListingID)
		}
	}
	if len(listings) > 0 {
		filling(tx, m.id[0], listings...)
	}
}

// Turn is the handler of JobTurn: it holds the listing's batches, so that who
// changes them now is waited for, and writes down whether something is left.
func Turn(tx *storage.Tx, j jobs.Job) error {
	var t turning
	if err := json.Unmarshal(j.Body, &t); err != nil {
		return err
	}
	var free []bool
	if err := tx.Select(&free, `SELECT reserved < on_hand FROM batches WHERE market_id = $1 AND listing_id = $2
		ORDER BY id FOR SHARE`, tx.Market, t.Listing); err != nil {
		return err
	}
	var turns []int
	if err := tx.Select(&turns, `SELECT turns FROM listings WHERE market_id = $1 AND id = $2 AND in_stock <> $3 FOR UPDATE`,
		tx.Market, t.Listing, slices.Contains(free, true)); err != nil || len(turns) == 0 {
		return err
	}
	tx.Queue(`UPDATE listings SET in_stock = NOT in_stock, turns = turns + 1 WHERE market_id = $1 AND id = $2`, tx.Market, t.Listing)
	jobs.Index(tx, "listing", t.Listing, "t"+strconv.Itoa(turns[0]+1))
	return nil
}
