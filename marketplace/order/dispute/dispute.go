// Package dispute is what happens when a buyer complains: the complaint with its
// evidence, the seller's answer and offer, an operator's decision. While one is
// open a freeze of the order stops its money; nothing is posted until it ends,
// and what it gives back goes through the pipeline's own refund.
//
// It promises that an order has one open dispute at most, that it never outlasts
// silence (a seller has three days, on the eighth it is an operator's), and that
// nobody decides what is their own. What is shown is for the two sides and the
// operators alone; who they are, the door says.
package dispute

import (
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/catalog/photo"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/evidence"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// State is where a dispute stands.
type State string

// The states. The first three are open.
const (
	Opened    State = "open"      // the seller is to answer
	Answered  State = "answered"  // the buyer is to take the offer, or to call an operator
	Escalated State = "escalated" // an operator is to decide
	Withdrawn State = "withdrawn" // by the buyer
	Settled   State = "settled"   // the buyer took the offer
	Decided   State = "decided"   // by an operator
	Cancelled State = "cancelled" // the order was cancelled meanwhile, all of it went back
)

// Reasons are what may be wrong.
var Reasons = []string{NotArrived, "wrong", "damaged", "less", "quality"}

// NotArrived is the one complaint about what is still on its way.
const NotArrived = "not_arrived"

// What becomes of the goods by a decision.
const (
	Kept = "kept" // the buyer has them
	Back = "back" // they are in the store again
	Lost = "lost" // written off
)

// How long each side has, and until when a completed order can be complained of.
const (
	answerTime   = 3 * 24 * time.Hour
	escalateTime = 8 * 24 * time.Hour
	Window       = 30 * 24 * time.Hour
)

// The limits of what is said.
const (
	MostText   = 2000
	MostPhotos = evidence.Most
	mostWords  = 60 // in one dispute
)

// Dispute is one complaint.
type Dispute struct {
	Market      int32         `db:"market_id"`
	ID          id.ID         `db:"id"`
	Order       id.ID         `db:"order_id"`
	Freeze      id.ID         `db:"freeze_id"`
	State       State         `db:"state"`
	Reason      string        `db:"reason"`
	Lines       pq.Int64Array `db:"lines"`
	OpenedBy    id.ID         `db:"opened_by"`
	OpenedAt    time.Time     `db:"opened_at"`
	AnswerBy    time.Time     `db:"answer_by"`
	EscalateAt  time.Time     `db:"escalate_at"`
	AnsweredAt  *time.Time    `db:"answered_at"`
	Offer       int64         `db:"offer_minor"`
	OfferedBy   *id.ID        `db:"offered_by"`
	EscalatedAt *time.Time    `db:"escalated_at"`
	EscalatedBy *id.ID        `db:"escalated_by"`
	EndedAt     *time.Time    `db:"ended_at"`
	EndedBy     *id.ID        `db:"ended_by"`
	Back        int64         `db:"back_minor"`
	Refund      *id.ID        `db:"refund_id"`
	Goods       string        `db:"goods"`
	Why         string        `db:"why"`

	Words []Word `db:"-"`
}

const columns = `market_id, id, order_id, freeze_id, state, reason, lines, opened_by, opened_at, answer_by, escalate_at, answered_at,
	offer_minor, offered_by, escalated_at, escalated_by, ended_at, ended_by, back_minor, refund_id, goods, why`

// Word is what one side said and showed.
type Word struct {
	ID     id.ID          `db:"id"`
	As     order.Party    `db:"said_as"`
	By     id.ID          `db:"said_by"`
	Text   string         `db:"text"`
	Photos pq.StringArray `db:"photos"`
	Offer  int64          `db:"offer_minor"`
	At     time.Time      `db:"said_at"`
}

// Room is the room, opened once.
type Room struct {
	db       *storage.DB
	orders   *order.Pipeline
	evidence *evidence.Shelf
}

// New opens the room. It hears of every move of an order: one that is cancelled
// ends its dispute.
func New(db *storage.DB, orders *order.Pipeline, photos *photo.Studio) *Room {
	orders.Tell(cancelled)
	return &Room{db: db, orders: orders, evidence: evidence.New(photos)}
}

// Open says whether the dispute goes on.
func (d Dispute) Open() bool { return d.EndedAt == nil }

// names says whether a line is complained of.
func (d Dispute) names(line int) bool {
	return slices.Contains(d.Lines, int64(line))
}

// Turn says whose turn it is, and until when; nobody's when it has ended, and no
// time when an operator is to decide.
func (d Dispute) Turn(now time.Time) (order.Party, time.Time) {
	switch d.State {
	case Opened:
		if now.Before(d.AnswerBy) {
			return order.AsSeller, d.AnswerBy
		}
		return order.AsBuyer, d.EscalateAt
	case Answered:
		return order.AsBuyer, d.EscalateAt
	case Escalated:
		return order.AsOperator, time.Time{}
	}
	return "", time.Time{}
}

// The deeds of a dispute.
const (
	DeedSay      = "say"
	DeedTake     = "take"
	DeedEscalate = "escalate"
	DeedWithdraw = "withdraw"
	DeedDecide   = "decide"
)

// Deeds are all of them.
var Deeds = []string{DeedSay, DeedTake, DeedEscalate, DeedWithdraw, DeedDecide}

// May lists what a party may do with it now.
func (d Dispute) May(as order.Party, now time.Time) []string {
	if !d.Open() {
		return nil
	}
	var may []string
	switch as {
	case order.AsBuyer:
		may = append(may, DeedSay)
		if d.Offer > 0 {
			may = append(may, DeedTake)
		}
		if d.State == Answered || d.State == Opened && !now.Before(d.AnswerBy) {
			may = append(may, DeedEscalate)
		}
		may = append(may, DeedWithdraw)
	case order.AsSeller:
		may = append(may, DeedSay)
		if d.State == Answered {
			may = append(may, DeedEscalate)
		}
	case order.AsOperator:
		may = append(may, DeedSay, DeedDecide)
	}
	return may
}

// Openable refuses a complaint about an order as it stands: dispute_not_now before
// it is shipped or after its window.
func Openable(o order.Order, now time.Time) error {
	switch o.State {
	case order.Shipped:
		if o.Way != payment.Cash { // who has not paid yet does not take it
			return nil
		}
	case order.Delivered:
		return nil
	case order.Completed:
		if o.CompletedAt != nil && now.Before(o.CompletedAt.Add(Window)) {
			return nil
		}
	}
	return fault.Conflict("dispute_not_now")
}
