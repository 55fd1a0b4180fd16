package kept

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobBought takes out what was bought, should its door have died before it did.
const JobBought = "kept:bought"

type boughtJob struct {
	Person id.ID       `json:"person"`
	Of     []shelf.Ref `json:"of"`
	At     time.Time   `json:"at"`
}

// Later adds, in the transaction that places what was put aside, the job that
// takes it out.
func Later(tx *storage.Tx, key string, person id.ID, of []shelf.Ref) {
	jobs.Add(tx, JobBought, key, boughtJob{person, of, tx.Now})
}

// Handle is the job of JobBought.
func (r *Room) Handle(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var b boughtJob
	if err := json.Unmarshal(j.Body, &b); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, r.Bought(ctx, b.Person, b.Of, b.At)
}

// Bought takes out what somebody has bought at a moment. What was put aside
// after it stays: they want it again. Calling it twice is calling it once.
func (r *Room) Bought(ctx context.Context, person id.ID, of []shelf.Ref, at time.Time) error {
	return r.take(ctx, person, of, at)
}

// take removes lines, those put aside after a moment excepted; the zero moment
// excepts none.
func (r *Room) take(ctx context.Context, person id.ID, of []shelf.Ref, until time.Time) error {
	markets, listings := make(pq.Int32Array, len(of)), make([]id.ID, len(of))
	for i, l := range of {
		markets[i], listings[i] = l.Market, l.Listing
	}
	return r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		last := until
		if last.IsZero() {
			last = tx.Now.AddDate(1, 0, 0)
		}
		tx.Queue(`DELETE FROM kept_lines k USING unnest($2::int[], $3::uuid[]) AS u (market_id, listing_id)
			WHERE k.user_id = $1 AND k.market_id = u.market_id AND k.listing_id = u.listing_id AND k.changed_at <= $4`,
			person, markets, pq.Array(listings), last)
		return nil
	})
}

// Merge brings a guest's kept basket into a person's, when the guest turns out
// to be that person: of what both have put aside, the larger quantity stays.
// Calling it twice is calling it once. What no longer fits into the person's
// basket is left with the guest.
func (r *Room) Merge(ctx context.Context, guest, person id.ID) error {
	if guest == person {
		return nil
	}
	var from []Line
	err := r.db.ViewUser(ctx, guest, func(tx *storage.Tx) (err error) { from, err = lines(tx, guest); return })
	if err != nil || len(from) == 0 {
		return err
	}
	var moved []Line
	err = r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		has, err := lines(tx, person)
		if err != nil {
			return err
		}
		moved = nil
		for _, l := range from {
			if room(has, l.Ref()) == nil {
				moved, has = append(moved, l), append(has, l)
			}
		}
		put(tx, person, moved, true)
		return nil
	})
	if err != nil {
		return err
	}
	// The person has it: what a crash leaves with the guest is merged again, and
	// the larger of two equal quantities is the same.
	refs := make([]shelf.Ref, len(moved))
	for i, l := range moved {
		refs[i] = l.Ref()
	}
	return r.take(ctx, guest, refs, time.Time{})
}

// lines reads what somebody has put aside, the oldest first.
func lines(tx *storage.Tx, person id.ID) ([]Line, error) {
	var rows []struct {
		Market   int32     `db:"market_id"`
		Listing  id.ID     `db:"listing_id"`
		Quantity int64     `db:"quantity"`
		PutAt    time.Time `db:"put_at"`
		Price    int64     `db:"price_minor"`
		Base     int64     `db:"unit_base"`
	}
	err := tx.Select(&rows, `SELECT market_id, listing_id, quantity, put_at, coalesce(price_minor, 0) AS price_minor, coalesce(unit_base, 0) AS unit_base
		FROM kept_lines WHERE user_id = $1 ORDER BY put_at, market_id, listing_id`, person)
	out := make([]Line, len(rows))
	for i, row := range rows {
		out[i] = Line{Market: row.Market, Listing: row.Listing, Quantity: row.Quantity, PutAt: row.PutAt, Seen: Price{row.Price, row.Base}}
	}
	return out, err
}

// put writes lines. A line that is there keeps its place in the list; its
// quantity and its price are replaced, or the larger quantity stays with its own.
func put(tx *storage.Tx, person id.ID, of []Line, larger bool) {
	if len(of) == 0 {
		return
	}
	var markets pq.Int32Array
	var quantities, prices, bases pq.Int64Array
	var listings []id.ID
	var at []time.Time
	for _, l := range of {
		markets, quantities = append(markets, l.Market), append(quantities, l.Quantity)
		listings, at = append(listings, l.Listing), append(at, l.PutAt)
		prices, bases = append(prices, l.Seen.Minor), append(bases, l.Seen.Base)
	}
	tx.Queue(`INSERT INTO kept_lines (user_id, market_id, listing_id, quantity, put_at, changed_at, price_minor, unit_base)
		SELECT $1::uuid, u.market_id, u.listing_id, u.quantity, u.put_at, $7::timestamptz, nullif(u.price, 0), nullif(u.base, 0)
		FROM unnest($2::int[], $3::uuid[], $4::bigint[], $5::timestamptz[], $8::bigint[], $9::bigint[]) AS u (market_id, listing_id, quantity, put_at, price, base)
		ON CONFLICT (user_id, market_id, listing_id) DO UPDATE SET changed_at = excluded.changed_at, quantity = excluded.quantity,
			price_minor = excluded.price_minor, unit_base = excluded.unit_base
		WHERE NOT $6::boolean OR excluded.quantity > kept_lines.quantity`,
		person, markets, pq.Array(listings), quantities, pq.Array(at), larger, tx.Now, prices, bases)
}
