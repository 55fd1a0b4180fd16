package stock

import (
	"maps"
	"slices"

	"github.com/lib/pq"

	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Ship takes what was packed out of the barn: on hand and reserved go down by
// it, and what a line was promised beyond it is let go. packed is base units by
// line; a line that is not in it ships nothing.
//
// A pack heavier than the promise takes the rest from what is free of the same
// listing; where that is too little it refuses with
// fault.Conflict("batches_oversold"). A line that holds no live reservation is
// refused with fault.Conflict("not_reserved"), so a sale cannot ship twice.
func Ship(tx *storage.Tx, sale id.ID, packed map[int]int64, by id.ID) error {
	lines, err := promised(tx, sale)
	if err != nil {
		return err
	}
	for line, q := range packed {
		if q < 0 || (q > 0 && len(lines[line]) == 0) {
			return fault.Conflict("not_reserved", fault.Args{"line": line, "left": int64(0)})
		}
	}
	free, err := lockShipping(tx, lines, packed)
	if err != nil {
		return err
	}
	var c changes
	var r reservations
	m := moving(by, "")
	more := map[int]int64{}
	for line, promises := range lines {
		more[line] = shipLine(&c, m, promises, free, packed[line])
	}
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		if missing := takeMore(&c, &r, m, lines[line], free, more[line]); missing > 0 {
			of, err := catalog.Find(tx, lines[line][0].ListingID)
			if err != nil {
				return err
			}
			return fault.Conflict("batches_oversold", fault.Args{"line": line, "listing": of.Title, "listing_en": of.TitleEN, "missing": missing, "unit": of.Unit})
		}
	}
	c.queue(tx, "live")
	r.insert(tx, "shipped")
	m.queue(tx)
	for line, promises := range lines {
		if more[line] > 0 && total(ofListing(free, promises[0].ListingID)) == 0 {
			empty(tx, m.id[0], promises[0].ListingID)
		}
		m.filling(tx, promises)
	}
	return nil
}

// shipLine ships a line's reservations, oldest harvest first, lets the rest of
// them go and gives what was packed beyond them.
func shipLine(c *changes, m *moves, promises []promise, free []Holding, packed int64) int64 {
	for _, p := range promises {
		q := min(p.Quantity, packed)
		packed -= q
		if rest := p.Quantity - q; rest > 0 {
			m.add(LetGone, p.Batch, p.Sale, p.Line, -rest)
			free[slices.IndexFunc(free, func(h Holding) bool { return h.ID == p.Batch })].Reserved -= rest
		}
		if q == 0 {
			c.put(p, "let_go", p.Quantity, 0)
			continue
		}
		c.put(p, "shipped", q, 0)
		m.add(Shipped, p.Batch, p.Sale, p.Line, -q)
	}
	return packed
}

func ofListing(held []Holding, listing id.ID) []*Holding {
	var all []*Holding
	for i := range held {
		if held[i].ListingID == listing {
			all = append(all, &held[i])
		}
	}
	return all
}

// takeMore takes what a pack is heavier than its promise from free goods, first
// from the batches that the line comes from, and gives what is missing.
func takeMore(c *changes, r *reservations, m *moves, promises []promise, free []Holding, more int64) int64 {
	if more == 0 {
		return 0
	}
	first := promises[0]
	take := func(h *Holding, own bool) {
		q := min(more, h.Free())
		if q <= 0 {
			return
		}
		h.Reserved += q
		more -= q
		m.add(Reserved, h.ID, first.Sale, first.Line, q)
		m.add(Shipped, h.ID, first.Sale, first.Line, -q)
		if own {
			c.grow(first.Sale, first.Line, h.ID, q)
		} else {
			r.add(first.Sale, first.Line, h.ID, q)
		}
	}
	for _, own := range []bool{true, false} {
		for i := range free {
			h := &free[i]
			is := slices.ContainsFunc(promises, func(p promise) bool { return p.Batch == h.ID })
			if is == own && h.ListingID == first.ListingID {
				take(h, own)
			}
		}
	}
	return more
}

// promised reads a sale's live reservations by line, oldest harvest first.
func promised(tx *storage.Tx, sale id.ID) (map[int][]promise, error) {
	var rows []promise
	err := tx.Select(&rows, `SELECT r.sale_id, r.line_no, r.batch_id, r.quantity, r.returned, b.listing_id, b.harvest_on
		FROM reservations r JOIN batches b ON b.market_id = r.market_id AND b.id = r.batch_id
		WHERE r.market_id = $1 AND r.sale_id = $2 AND r.state = 'live'
		ORDER BY b.harvest_on NULLS LAST, b.id`, tx.Market, sale)
	lines := map[int][]promise{}
	for _, p := range rows {
		lines[p.Line] = append(lines[p.Line], p)
	}
	return lines, err
}

// lockShipping locks the batches of the reservations and, where a line is
// heavier than promised, the other batches of its listing that have something
// left: all in one statement, in one order.
func lockShipping(tx *storage.Tx, lines map[int][]promise, packed map[int]int64) ([]Holding, error) {
	var batches, heavy []id.ID
	for line, promises := range lines {
		var sum int64
		for _, p := range promises {
			sum += p.Quantity
			batches = append(batches, p.Batch)
		}
		if packed[line] > sum {
			heavy = append(heavy, promises[0].ListingID)
		}
	}
	if len(batches) == 0 {
		return nil, nil
	}
	var held []Holding
	err := tx.Select(&held, `SELECT id, listing_id, harvest_on, grade, place, on_hand, reserved, created_at FROM batches
		WHERE market_id = $1 AND (id = ANY($2::uuid[]) OR (listing_id = ANY($3::uuid[]) AND reserved < on_hand))
		ORDER BY id FOR UPDATE`, tx.Market, pq.Array(batches), pq.Array(heavy))
	slices.SortStableFunc(held, olderHarvest)
	return held, err
}

// Return puts back into their batches what came back of a sale that was shipped,
// base units by line. It refuses with fault.Conflict("not_shipped") when more comes
// back of a line than was shipped and has not come back yet.
func Return(tx *storage.Tx, sale id.ID, came map[int]int64, by id.ID) error {
	shipped, err := lockPromises(tx, []id.ID{sale}, "shipped")
	if err != nil {
		return err
	}
	var c changes
	m := moving(by, "")
	need := maps.Clone(came)
	for _, p := range shipped {
		q := min(need[p.Line], p.Quantity-p.Returned)
		if q <= 0 {
			continue
		}
		c.put(p, "shipped", p.Quantity, p.Returned+q)
		m.add(Returned, p.Batch, sale, p.Line, q)
		need[p.Line] -= q
	}
	if line, left, lacks := lacking(came, need); lacks {
		return fault.Conflict("not_shipped", fault.Args{"line": line, "left": left})
	}
	c.queue(tx, "shipped")
	m.queue(tx)
	m.filling(tx, shipped)
	return nil
}
