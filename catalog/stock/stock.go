// Package stock keeps what lies in the barn: batches of one harvest, place and
// grade, what of them is promised to a sale, and a row for every movement.
//
// Promised and on hand are never negative, and never more is promised than is
// there: a database check stands behind it. A movement is signed: receive,
// return and correct change what is on hand, reserve and let go what is
// promised, ship takes from both. So the moves of a batch sum up to its
// figures, and Checks compares them.
//
// A sale and its line are neutral numbers here: this room knows no orders.
// Every verb locks its batches in the order of their ids and queues the rest,
// so two sales that want the same goods wait for each other and never deadlock.
package stock

import (
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// The kinds of movement.
const (
	Received  = "receive"
	Reserved  = "reserve"
	LetGone   = "let_go"
	Shipped   = "ship"
	Returned  = "return"
	Corrected = "correct"
)

// Holding is a batch as it lies there. Quantities are base units.
type Holding struct {
	ID        id.ID      `db:"id"`
	ListingID id.ID      `db:"listing_id"`
	HarvestOn *time.Time `db:"harvest_on"` // a day; nil: unknown
	Grade     string     `db:"grade"`
	Place     string     `db:"place"`
	OnHand    int64      `db:"on_hand"`
	Reserved  int64      `db:"reserved"`
	CreatedAt time.Time  `db:"created_at"`
}

// Free is what nobody was promised.
func (h Holding) Free() int64 { return h.OnHand - h.Reserved }

// Move is one movement of a batch.
type Move struct {
	ID       id.ID     `db:"id"`
	BatchID  id.ID     `db:"batch_id"`
	Kind     string    `db:"kind"`
	Quantity int64     `db:"quantity"` // signed
	SaleID   *id.ID    `db:"sale_id"`
	Line     *int      `db:"line_no"`
	Why      string    `db:"why"`
	By       id.ID     `db:"moved_by"`
	At       time.Time `db:"moved_at"`
}

// Stock receives and corrects batches.
type Stock struct{ db *storage.DB }

// New opens the room.
func New(db *storage.DB) *Stock { return &Stock{db: db} }

// errChanged says that a sale's reservations were changed by somebody else
// while this transaction waited for their batches.
func errChanged() *fault.Fault { return fault.Conflict("conflict") }

// moves gathers movement rows and what they change.
type moves struct {
	by    id.ID
	why   string
	id    []id.ID
	batch []id.ID
	kind  []string
	qty   []int64
	sale  []id.ID // id.None: none
	line  []int64
	delta map[id.ID]delta
}

type delta struct{ onHand, reserved int64 }

func moving(by id.ID, why string) *moves { return &moves{by: by, why: why, delta: map[id.ID]delta{}} }

// add notes one movement; q is signed.
func (m *moves) add(kind string, batch, sale id.ID, line int, q int64) {
	m.id, m.batch, m.kind = append(m.id, id.New()), append(m.batch, batch), append(m.kind, kind)
	m.qty, m.sale, m.line = append(m.qty, q), append(m.sale, sale), append(m.line, int64(line))
	d := m.delta[batch]
	switch kind {
	case Reserved, LetGone:
		d.reserved += q
	case Shipped:
		d.reserved += q
		d.onHand += q
	default:
		d.onHand += q
	}
	m.delta[batch] = d
}

// queue gathers the movement rows and one update of all batches they touch.
func (m *moves) queue(tx *storage.Tx) {
	if len(m.id) == 0 {
		return
	}
	var ids []id.ID
	var onHand, reserved []int64
	for batch, d := range m.delta {
		if d != (delta{}) {
			ids, onHand, reserved = append(ids, batch), append(onHand, d.onHand), append(reserved, d.reserved)
		}
	}
	if len(ids) > 0 {
		tx.Expect(int64(len(ids)), errChanged(), `UPDATE batches SET on_hand = on_hand + ($3::bigint[])[array_position($2::uuid[], id)],
				reserved = reserved + ($4::bigint[])[array_position($2::uuid[], id)]
			WHERE market_id = $1 AND id = ANY($2::uuid[])`, tx.Market, pq.Array(ids), pq.Array(onHand), pq.Array(reserved))
	}
	tx.Queue(`INSERT INTO stock_moves (market_id, id, batch_id, kind, quantity, sale_id, line_no, why, moved_by, moved_at)
		SELECT $1::integer, ($2::uuid[])[n], ($3::uuid[])[n], ($4::text[])[n], ($5::bigint[])[n], NULLIF(($6::uuid[])[n], '00000000-0000-0000-0000-000000000000'),
			CASE WHEN ($6::uuid[])[n] <> '00000000-0000-0000-0000-000000000000' THEN ($7::integer[])[n] END, $8::text, $9::uuid, $10::timestamptz
		FROM generate_series(1, $11::integer) AS n`,
		tx.Market, pq.Array(m.id), pq.Array(m.batch), pq.Array(m.kind), pq.Array(m.qty), pq.Array(m.sale), pq.Array(m.line), m.why, m.by, tx.Now, len(m.id))
}
