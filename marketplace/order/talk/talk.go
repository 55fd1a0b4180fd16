// Package talk is what the sides of an order write to each other: buyer and
// seller, and the agent who brought them together, from the moment it is placed
// until 30 days after its end. An operator reads along and writes only when one of
// them has called, or while a complaint or a return is open, and each look of
// theirs stands in the trail.
//
// It promises that words are sealed where they lie and in no notice, that what is
// pressed twice is said once, and that three years after the last message nothing
// of it is left. Who is which side, the door says.
package talk

import (
	"time"

	"github.com/lib/pq"

	"commonfield/catalog/photo"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/evidence"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/seal"
)

// AsAgent is the side of the agent who earns on the order.
const AsAgent order.Party = "agent"

// Until when is written, how much at once and how often; and how long it is kept.
const (
	Window     = 30 * 24 * time.Hour
	MostText   = 1000
	MostPhotos = evidence.Most
	mostSaid   = 300 // of one order

	mostAtOnce = 20 // by one person in a stretch
	stretch    = 10 * time.Minute
	mostDaily  = 200

	kept  = 3 * 365 * 24 * time.Hour
	pause = 2 * time.Minute // whoever looks meanwhile is not told
)

// Reasons are why an operator is called.
var Reasons = []string{"help", "rude", "outside"}

// Talk is what an order's sides have written, as a whole.
type Talk struct {
	Market    int32      `db:"market_id"`
	Order     id.ID      `db:"order_id"`
	Seller    *id.ID     `db:"seller_id"`
	Messages  int        `db:"messages"`
	LastAt    time.Time  `db:"last_at"`
	LastAs    string     `db:"last_as"`
	CalledAt  *time.Time `db:"called_at"`
	CalledBy  *id.ID     `db:"called_by"`
	CalledWhy string     `db:"called_why"`
	Unread    int        `db:"unread"` // by whoever asks
}

const columns = "t.market_id, t.order_id, t.seller_id, t.messages, t.last_at, t.last_as, t.called_at, t.called_by, t.called_why"

// Message is one of them.
type Message struct {
	ID     id.ID          `db:"id"`
	As     order.Party    `db:"said_as"`
	By     id.ID          `db:"said_by"`
	Text   string         `db:"-"`
	Photos pq.StringArray `db:"photos"`
	At     time.Time      `db:"said_at"`
	Seen   bool           `db:"-"` // by somebody of another side

	Sealed []byte `db:"text_sealed"`
}

// Room is the room, opened once.
type Room struct {
	db       *storage.DB
	box      *seal.Box
	evidence *evidence.Shelf
}

// New opens the room.
func New(db *storage.DB, box *seal.Box, photos *photo.Studio) *Room {
	return &Room{db: db, box: box, evidence: evidence.New(photos)}
}

// standing is what is asked of an order before somebody writes.
type standing struct {
	State   order.State `db:"state"`
	Seller  *id.ID      `db:"seller_id"`
	MovedAt time.Time   `db:"moved_at"` // for the last time
	Argued  bool        `db:"argued"`   // a complaint or a return is open
	Called  bool        `db:"called"`
	Said    int         `db:"messages"`
}

func stands(tx *storage.Tx, o id.ID) (standing, error) {
	var s standing
	err := tx.Get(&s, `SELECT o.state, o.seller_id, h.moved_at, COALESCE(t.messages, 0) AS messages, t.called_at IS NOT NULL AS called,
		EXISTS (SELECT 1 FROM freezes f WHERE f.market_id = o.market_id AND f.order_id = o.id AND f.lifted_at IS NULL AND f.reason IN ('dispute', 'return')) AS argued
		FROM orders o JOIN LATERAL (SELECT moved_at FROM order_history h WHERE h.market_id = o.market_id AND h.order_id = o.id ORDER BY h.id DESC LIMIT 1) h ON true
		LEFT JOIN order_talks t ON t.market_id = o.market_id AND t.order_id = o.id
		WHERE o.market_id = $1 AND o.id = $2`, tx.Market, o)
	if err == storage.ErrNone {
		err = fault.NotFound("not_found")
	}
	return s, err
}

// open says whether more may be written.
func (s standing) open(now time.Time) bool {
	return s.Argued || !s.State.Ended() || now.Before(s.MovedAt.Add(Window))
}

// may refuses who may not write, or read, now: an operator whom nobody has called.
func (s standing) may(as order.Party) error {
	if as == order.AsOperator && !s.Called && !s.Argued {
		return fault.Forbidden("talk_not_called")
	}
	return nil
}
