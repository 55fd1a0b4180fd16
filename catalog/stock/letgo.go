package stock

import (
	"maps"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// promise is a reservation beside what orders its batch.
type promise struct {
	Sale      id.ID      `db:"sale_id"`
	Line      int        `db:"line_no"`
	Batch     id.ID      `db:"batch_id"`
	Quantity  int64      `db:"quantity"`
	Returned  int64      `db:"returned"`
	ListingID id.ID      `db:"listing_id"`
	HarvestOn *time.Time `db:"harvest_on"`
}

// LetGo ends all live reservations of the sales: the goods are free again. A
// sale without any is passed over, so calling it twice is calling it once.
func LetGo(tx *storage.Tx, by id.ID, why string, sales ...id.ID) error {
	if len(sales) == 0 {
		return nil
	}
	live, err := lockPromises(tx, sales, "live")
	if err != nil {
		return err
	}
	var c changes
	m := moving(by, why)
	for _, p := range live {
		c.put(p, "let_go", p.Quantity, 0)
		m.add(LetGone, p.Batch, p.Sale, p.Line, -p.Quantity)
	}
	c.queue(tx, "live")
	m.queue(tx)
	m.filling(tx, live)
	return nil
}

// LetGoPart frees, by line, base units of what a sale is promised, youngest
// harvest first, so that the oldest goods still leave first. It refuses with
// fault.Conflict("not_reserved") when a line is promised less than that.
func LetGoPart(tx *storage.Tx, sale id.ID, parts map[int]int64, by id.ID, why string) error {
	live, err := lockPromises(tx, []id.ID{sale}, "live")
	if err != nil {
		return err
	}
	slices.Reverse(live)
	var c changes
	m := moving(by, why)
	need := maps.Clone(parts)
	for _, p := range live {
		q := min(need[p.Line], p.Quantity)
		if q <= 0 {
			continue
		}
		if q == p.Quantity {
			c.put(p, "let_go", p.Quantity, 0)
		} else {
			c.put(p, "live", p.Quantity-q, 0)
		}
		m.add(LetGone, p.Batch, sale, p.Line, -q)
		need[p.Line] -= q
	}
	if line, left, lacks := lacking(parts, need); lacks {
		return fault.Conflict("not_reserved", fault.Args{"line": line, "left": left})
	}
	c.queue(tx, "live")
	m.queue(tx)
	m.filling(tx, live)
	return nil
}

// lacking names the first line that has less than was asked of it, and how much.
func lacking(asked, need map[int]int64) (line int, left int64, lacks bool) {
	for _, line := range slices.Sorted(maps.Keys(need)) {
		if need[line] > 0 {
			return line, asked[line] - need[line], true
		}
	}
	return 0, 0, false
}

// lockPromises locks the batches of the sales' reservations in one order and
// gives the reservations, oldest harvest first. The reservations themselves are
// not locked: whoever changes them holds their batches, and changes.queue sees
// whether they are still as read.
func lockPromises(tx *storage.Tx, sales []id.ID, state string) ([]promise, error) {
	var promises []promise
	err := tx.Select(&promises, `SELECT r.sale_id, r.line_no, r.batch_id, r.quantity, r.returned, b.listing_id, b.harvest_on
		FROM reservations r JOIN batches b ON b.market_id = r.market_id AND b.id = r.batch_id
		WHERE r.market_id = $1 AND r.sale_id = ANY($2::uuid[]) AND r.state = $3
		ORDER BY b.id, r.sale_id, r.line_no FOR UPDATE OF b`, tx.Market, pq.Array(sales), state)
	slices.SortStableFunc(promises, func(a, b promise) int {
		return olderHarvest(Holding{ID: a.Batch, HarvestOn: a.HarvestOn}, Holding{ID: b.Batch, HarvestOn: b.HarvestOn})
	})
	return promises, err
}

// changes gathers what becomes of reservations.
type changes struct {
	sale, batch           []id.ID
	line, was, qty        []int64
	returned, returnedWas []int64
	state                 []string
}

// put says what a reservation is from now on.
func (c *changes) put(p promise, state string, quantity, returned int64) {
	c.sale, c.batch, c.line = append(c.sale, p.Sale), append(c.batch, p.Batch), append(c.line, int64(p.Line))
	c.was, c.qty = append(c.was, p.Quantity), append(c.qty, quantity)
	c.returnedWas, c.returned = append(c.returnedWas, p.Returned), append(c.returned, returned)
	c.state = append(c.state, state)
}

// grow adds to a reservation that was put before.
func (c *changes) grow(sale id.ID, line int, batch id.ID, q int64) {
	for i := range c.sale {
		if c.sale[i] == sale && c.line[i] == int64(line) && c.batch[i] == batch {
			c.qty[i] += q
		}
	}
}

// queue writes them, if they are still as they were read.
func (c *changes) queue(tx *storage.Tx, from string) {
	if len(c.sale) == 0 {
		return
	}
	tx.Expect(int64(len(c.sale)), errChanged(), `UPDATE reservations r SET state = v.state, quantity = v.quantity, returned = v.returned
		FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[])
			AS v(sale_id, line_no, batch_id, was, quantity, returned_was, returned, state)
		WHERE r.market_id = $1 AND r.sale_id = v.sale_id AND r.line_no = v.line_no::integer AND r.batch_id = v.batch_id
		AND r.state = $10 AND r.quantity = v.was AND r.returned = v.returned_was`,
		tx.Market, pq.Array(c.sale), pq.Array(c.line), pq.Array(c.batch), pq.Array(c.was), pq.Array(c.qty),
		pq.Array(c.returnedWas), pq.Array(c.returned), pq.Array(c.state), from)
}
