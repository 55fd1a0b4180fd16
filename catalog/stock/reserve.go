package stock

import (
	"bytes"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Want is what one line of a sale wants of one listing.
type Want struct {
	Sale     id.ID
	Line     int
	Listing  id.ID
	Quantity int64 // base units, > 0
	By       id.ID
}

// Reserve promises goods to sales, as Held.Reserve does, and locks their batches
// itself: one trip.
func Reserve(tx *storage.Tx, wants []Want) error {
	if len(wants) == 0 {
		return nil
	}
	held, err := lockFree(tx, wants)
	if err != nil {
		return err
	}
	return held.Reserve(tx, wants)
}

// Held are batches that this transaction has locked, oldest harvest first.
type Held []Holding

// Offered is catalog.Offered for a sale that is being made: in the same trip it
// locks, in one order, the batches of those listings that have something left.
// So it is the last of what a transaction reads.
func Offered(tx *storage.Tx, listings []id.ID) (map[id.ID]catalog.Offer, Held, error) {
	offers := make(map[id.ID]catalog.Offer, len(listings))
	var held Held
	var rows []struct {
		catalog.Offer

		Batch     *id.ID     `db:"batch_id"`
		HarvestOn *time.Time `db:"harvest_on"`
		OnHand    *int64     `db:"on_hand"`
		Reserved  *int64     `db:"reserved"`
	}
	err := tx.Select(&rows, `WITH b AS (SELECT id, listing_id, harvest_on, on_hand, reserved FROM batches
			WHERE market_id = $1 AND listing_id = ANY($2::uuid[]) AND reserved < on_hand ORDER BY id FOR UPDATE)
		SELECT `+catalog.OfferColumns+`, b.id AS batch_id, b.harvest_on, b.on_hand, b.reserved
		FROM `+catalog.OfferTables+` LEFT JOIN b ON b.listing_id = l.id
		WHERE l.market_id = $1 AND l.id = ANY($2::uuid[])`, tx.Market, pq.Array(listings))
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		if _, known := offers[r.ListingID]; !known {
			if offers[r.ListingID], err = r.Rated(tx); err != nil {
				return nil, nil, err
			}
		}
		if r.Batch != nil {
			held = append(held, Holding{ID: *r.Batch, ListingID: r.ListingID, HarvestOn: r.HarvestOn, OnHand: *r.OnHand, Reserved: *r.Reserved})
		}
	}
	slices.SortStableFunc(held, olderHarvest)
	return offers, held, nil
}

// Reserve promises goods to sales: oldest harvest first, from as many batches
// as it takes. Everything a transaction wants goes into one call; the writes are
// queued. A sale's line can be reserved once.
//
// When a listing has too little it refuses with fault.Conflict("sold_out") and
// the arguments id, listing and listing_en (its titles), left and unit; nothing
// is reserved then.
func (held Held) Reserve(tx *storage.Tx, wants []Want) error {
	free := map[id.ID][]*Holding{}
	for i := range held {
		free[held[i].ListingID] = append(free[held[i].ListingID], &held[i])
	}
	var r reservations
	m := moving(wants[0].By, "")
	for _, w := range wants {
		if w.Quantity <= 0 || w.Quantity > catalog.MostQuantity {
			return fault.Invalid("quantity", "out_of_range", fault.Args{"min": int64(1), "max": int64(catalog.MostQuantity)})
		}
		if left := total(free[w.Listing]); left < w.Quantity {
			return soldOut(tx, w, wants, held)
		}
		for need := w.Quantity; need > 0; {
			h := free[w.Listing][0]
			q := min(need, h.Free())
			if q > 0 {
				r.add(w.Sale, w.Line, h.ID, q)
				m.add(Reserved, h.ID, w.Sale, w.Line, q)
				h.Reserved += q
				need -= q
			}
			if h.Free() == 0 {
				free[w.Listing] = free[w.Listing][1:]
			}
		}
	}
	r.insert(tx, "live")
	m.queue(tx)
	for listing, left := range free {
		if len(left) == 0 { // this sale took the last of it
			empty(tx, m.id[0], listing)
		}
	}
	return nil
}

// lockFree locks the batches of all wanted listings that have something left,
// in one order, and gives them oldest harvest first.
func lockFree(tx *storage.Tx, wants []Want) (Held, error) {
	var listings []id.ID
	for _, w := range wants {
		if !slices.Contains(listings, w.Listing) {
			listings = append(listings, w.Listing)
		}
	}
	var held Held
	err := tx.Select(&held, `SELECT id, listing_id, harvest_on, grade, place, on_hand, reserved, created_at FROM batches
		WHERE market_id = $1 AND listing_id = ANY($2::uuid[]) AND reserved < on_hand
		ORDER BY id FOR UPDATE`, tx.Market, pq.Array(listings))
	slices.SortStableFunc(held, olderHarvest)
	return held, err
}

// olderHarvest orders batches by harvest; an unknown one comes last.
func olderHarvest(a, b Holding) int {
	switch {
	case a.HarvestOn != nil && b.HarvestOn != nil && !a.HarvestOn.Equal(*b.HarvestOn):
		return a.HarvestOn.Compare(*b.HarvestOn)
	case (a.HarvestOn == nil) != (b.HarvestOn == nil):
		if a.HarvestOn == nil {
			return 1
		}
		return -1
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

func total(held []*Holding) int64 {
	var sum int64
	for _, h := range held {
		sum += h.Free()
	}
	return sum
}

// soldOut is the polite refusal: what it is and how much the sale could have.
func soldOut(tx *storage.Tx, w Want, wants []Want, held []Holding) error {
	var left int64
	for _, h := range held {
		if h.ListingID == w.Listing {
			left += h.Free()
		}
	}
	for _, other := range wants { // what this very call set aside before counts as left
		if other == w {
			break
		}
		if other.Listing == w.Listing {
			left += other.Quantity
		}
	}
	var l struct {
		Title   string `db:"title"`
		TitleEN string `db:"title_en"`
		Unit    string `db:"unit"`
	}
	err := tx.Get(&l, "SELECT title, title_en, unit FROM listings WHERE market_id = $1 AND id = $2", tx.Market, w.Listing)
	if err != nil {
		return fault.NotFound("listing_unknown").Because(err)
	}
	return fault.Conflict("sold_out", fault.Args{
		"id": w.Listing.String(), "listing": l.Title, "listing_en": l.TitleEN, "left": left, "unit": l.Unit,
	})
}

// reservations gathers rows of that table.
type reservations struct {
	sale, batch []id.ID
	line, qty   []int64
}

// add notes q of a batch for a sale's line; two wants of one line add up.
func (r *reservations) add(sale id.ID, line int, batch id.ID, q int64) {
	for i := range r.sale {
		if r.sale[i] == sale && r.line[i] == int64(line) && r.batch[i] == batch {
			r.qty[i] += q
			return
		}
	}
	r.sale, r.batch = append(r.sale, sale), append(r.batch, batch)
	r.line, r.qty = append(r.line, int64(line)), append(r.qty, q)
}

func (r *reservations) insert(tx *storage.Tx, state string) {
	if len(r.sale) == 0 {
		return
	}
	tx.Queue(`INSERT INTO reservations (market_id, sale_id, line_no, batch_id, quantity, state, created_at)
		SELECT $1::integer, ($2::uuid[])[n], ($3::integer[])[n], ($4::uuid[])[n], ($5::bigint[])[n], $7::text, $6::timestamptz
		FROM generate_series(1, $8::integer) AS n`,
		tx.Market, pq.Array(r.sale), pq.Array(r.line), pq.Array(r.batch), pq.Array(r.qty), tx.Now, state, len(r.sale))
}
