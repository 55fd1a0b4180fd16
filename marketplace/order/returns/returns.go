// Package returns is how a buyer gives goods back without a complaint (seven days,
// fresh goods excepted): asked, approved, sent, received, refunded. While one is
// open a freeze of the order stops its money.
//
// It promises that an order has one open return at most and none beside an open
// complaint, that silence stops nobody (a seller who does not answer in three days
// has approved; what was sent and not answered in ten is an operator's), that a
// seller's no is not the last word, and that nothing is refunded before the goods
// were seen. Who is which side, the door says.
package returns

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/catalog/photo"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/evidence"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/seal"
)

// State is where a return stands.
type State string

// The states. The first five are open.
const (
	Asked     State = "asked"     // the seller is to answer
	Objected  State = "objected"  // the seller will not have it: the buyer may call an operator
	Approved  State = "approved"  // the buyer is to send the goods
	Sent      State = "sent"      // the seller is to look at them
	Called    State = "called"    // an operator is to decide
	Refunded  State = "refunded"  // the goods were taken in
	Refused   State = "refused"   // with a reason
	Withdrawn State = "withdrawn" // by the buyer
	Lapsed    State = "lapsed"    // the goods were not sent in time
	Cancelled State = "cancelled" // the order was cancelled meanwhile
)

// Who pays the way back: the buyer by law, unless the seller takes it on.
const (
	BuyerPays  = "buyer"
	SellerPays = "seller"
)

// How long each step may last.
const (
	answerTime  = 3 * 24 * time.Hour
	callTime    = 3 * 24 * time.Hour
	sendTime    = 7 * 24 * time.Hour
	receiveTime = 10 * 24 * time.Hour // three on the way and the seven that law gives
)

// ahead are the reminders of a state, so long before its silence counts.
var ahead = map[State][]time.Duration{
	Asked:    {48 * time.Hour, 24 * time.Hour},
	Objected: {24 * time.Hour},
	Approved: {72 * time.Hour, 24 * time.Hour},
	Sent:     {72 * time.Hour, 24 * time.Hour},
}

// The limits of what is said.
const (
	MostText   = 500
	MostTo     = 200
	MostPhotos = evidence.Most
	mostBack   = 20 // returns of one order
)

// Return is one of them.
type Return struct {
	Market     int32          `db:"market_id"`
	ID         id.ID          `db:"id"`
	Order      id.ID          `db:"order_id"`
	Freeze     id.ID          `db:"freeze_id"`
	State      State          `db:"state"`
	Held       []byte         `db:"lines"`
	Text       string         `db:"text"`
	Photos     pq.StringArray `db:"photos"`
	AskedBy    id.ID          `db:"asked_by"`
	AskedAt    time.Time      `db:"asked_at"`
	DueAt      *time.Time     `db:"due_at"`
	Objection  string         `db:"objection"`
	ObjectedAt *time.Time     `db:"objected_at"`
	ApprovedAt *time.Time     `db:"approved_at"`
	ApprovedBy *id.ID         `db:"approved_by"`
	Pays       string         `db:"pays"`
	Sealed     []byte         `db:"send_to_sealed"`
	Carrier    string         `db:"carrier"`
	Number     string         `db:"number"`
	SentAt     *time.Time     `db:"sent_at"`
	CameAt     *time.Time     `db:"came_at"`
	Fate       string         `db:"fate"`
	CalledAt   *time.Time     `db:"called_at"`
	EndedAt    *time.Time     `db:"ended_at"`
	EndedBy    *id.ID         `db:"ended_by"`
	Why        string         `db:"why"`
	Back       int64          `db:"back_minor"`

	Lines map[int]int64 `db:"-"` // base units by line
	To    string        `db:"-"` // where to send it
}

const columns = `market_id, id, order_id, freeze_id, state, lines, text, photos, asked_by, asked_at, due_at, objection, objected_at, approved_at, approved_by,
	pays, send_to_sealed, carrier, number, sent_at, came_at, fate, called_at, ended_at, ended_by, why, back_minor`

// Room is the room, opened once.
type Room struct {
	db       *storage.DB
	orders   *order.Pipeline
	box      *seal.Box
	evidence *evidence.Shelf
}

// New opens the room. It hears of every move of an order: one that is cancelled
// ends its return.
func New(db *storage.DB, orders *order.Pipeline, box *seal.Box, photos *photo.Studio) *Room {
	orders.Tell(cancelled)
	return &Room{db: db, orders: orders, box: box, evidence: evidence.New(photos)}
}

// Open says whether the return goes on.
func (r Return) Open() bool { return r.EndedAt == nil }

// Turn says whose turn it is; nobody's when it is over.
func (r Return) Turn() order.Party {
	switch {
	case r.State == Asked, r.State == Sent, r.State == Approved && r.Sealed == nil: // silence did: where to is still to be said
		return order.AsSeller
	case r.State == Approved, r.State == Objected:
		return order.AsBuyer
	case r.State == Called:
		return order.AsOperator
	}
	return ""
}

// The deeds of a return.
const (
	DeedApprove  = "approve"
	DeedRefuse   = "refuse"
	DeedCall     = "call"
	DeedSend     = "send"
	DeedReceive  = "receive"
	DeedWithdraw = "withdraw"
)

// Deeds are all of them.
var Deeds = []string{DeedApprove, DeedRefuse, DeedCall, DeedSend, DeedReceive, DeedWithdraw}

// May lists what a party may do with it now. An operator does what the seller is
// to do, and decides what the two cannot agree on.
func (r Return) May(as order.Party) []string {
	arrives := r.State == Sent || r.State == Called && r.SentAt != nil
	switch as {
	case order.AsBuyer:
		switch r.State {
		case Asked:
			return []string{DeedWithdraw}
		case Objected:
			return []string{DeedCall, DeedWithdraw}
		case Approved:
			return []string{DeedSend, DeedWithdraw}
		}
	case order.AsSeller:
		switch r.State {
		case Asked:
			return []string{DeedApprove, DeedRefuse}
		case Objected:
			return []string{DeedApprove} // they think better of it
		case Approved:
			if r.Sealed == nil {
				return []string{DeedApprove}
			}
		case Sent:
			return []string{DeedReceive, DeedRefuse}
		}
	case order.AsOperator:
		switch {
		case arrives:
			return []string{DeedReceive, DeedRefuse}
		case r.State == Asked || r.State == Objected || r.State == Called:
			return []string{DeedApprove, DeedRefuse}
		case r.State == Approved && r.Sealed == nil:
			return []string{DeedApprove}
		}
	}
	return nil
}

func (r Return) may(as order.Party, deed string) bool { return slices.Contains(r.May(as), deed) }

func (r *Return) read() error { return json.Unmarshal(r.Held, &r.Lines) }

// Until is the last moment to ask for a line back that arrived at a moment: the days
// count from the day after (Measures on returns in seven days, article 10). None for
// goods that are not taken back.
func Until(l order.Line, arrived time.Time) (time.Time, bool) {
	if l.ReturnDays == 0 || arrived.IsZero() {
		return time.Time{}, false
	}
	return arrived.AddDate(0, 0, l.ReturnDays+1), true
}
