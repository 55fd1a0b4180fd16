package hook

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// The types of events that an operator chooses from. docs/webhooks.md says what
// each of them carries.
const (
	OrderMoved      = "order.moved"
	PaymentCaptured = "payment.captured"
	RefundSent      = "refund.sent"
	RefundFailed    = "refund.failed"
	PayoutDrafted   = "payout.drafted"
	PayoutPaid      = "payout.paid"
	PayoutFailed    = "payout.failed"
	DisputeMoved    = "dispute.moved"
	ReturnMoved     = "return.moved"
	ChargebackMoved = "chargeback.moved"
	ListingChanged  = "listing.changed"
	ProducerChanged = "producer.changed"

	// Test is sent when an operator presses the button; nobody chooses it.
	Test = "hook.test"
)

// Events lists the types as pages show them.
var Events = []string{OrderMoved, PaymentCaptured, RefundSent, RefundFailed, PayoutDrafted, PayoutPaid, PayoutFailed, DisputeMoved, ReturnMoved, ChargebackMoved, ListingChanged, ProducerChanged}

// Event is one thing that happened in a market. Data holds ids, numbers, states
// and sums, never a name, a phone, an address or a text that somebody typed.
type Event struct {
	Type   string
	Key    string // the deed, as one word: told once
	Market string // its code
	At     time.Time
	Data   any
}

// sent is the body of a request.
type sent struct {
	ID     string    `json:"id"`
	Type   string    `json:"type"`
	Market string    `json:"market"`
	At     time.Time `json:"timestamp"` // when it happened; when it was sent stands in a header
	Data   any       `json:"data"`
}

// name gives the event's id: the same deed has the same, whoever tells it again.
func (e Event) name(market int32) id.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", market, e.Type, e.Key))
	var i id.ID
	copy(i[:], sum[:])
	i[6], i[8] = i[6]&0x0f|0x80, i[8]&0x3f|0x80 // a UUID of version 8
	return i
}

// Said is how an event's id stands in a request.
func Said(event id.ID) string { return "evt_" + event.String() }

// Put writes an event, in the transaction of its market, for every hook that
// wants it, with the jobs that carry it. The same event again changes nothing. A
// paused hook's events are held until it goes on.
func Put(tx *storage.Tx, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	all, err := List(tx)
	if err != nil {
		return err
	}
	for _, h := range all {
		var wanted []Event
		for _, e := range events {
			if slices.Contains(h.Events, e.Type) {
				wanted = append(wanted, e)
			}
		}
		if err := put(tx, h, wanted...); err != nil {
			return err
		}
	}
	return nil
}

// put writes events for one hook, all in one statement: a bank's answer may be
// thousands of them.
func put(tx *storage.Tx, h Hook, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	names, told := make([]id.ID, len(events)), make([]id.ID, len(events))
	types, bodies := make([]string, len(events)), make([]string, len(events))
	for i, e := range events {
		names[i], told[i], types[i] = id.New(), e.name(tx.Market), e.Type
		body, err := json.Marshal(sent{Said(told[i]), e.Type, e.Market, e.At.UTC(), e.Data})
		if err != nil {
			return err
		}
		bodies[i] = string(body)
	}
	state, next := "waiting", any(tx.Now)
	if h.State == Paused {
		state, next = "held", nil
	}
	var fresh []id.ID
	if err := tx.Select(&fresh, `INSERT INTO hook_deliveries (market_id, id, hook_id, event_id, type, body, state, next_at, created_at)
		SELECT $1, e.id, $2, e.event, e.type, e.body, $7, $8, $9 FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[]) AS e (id, event, type, body)
		ON CONFLICT (market_id, hook_id, event_id) DO NOTHING RETURNING id`,
		tx.Market, h.ID, pq.Array(names), pq.Array(told), pq.StringArray(types), pq.StringArray(bodies), state, next, tx.Now); err != nil {
		return err
	}
	if state == "waiting" {
		for _, name := range fresh {
			carryLater(tx, name, 1, 1, tx.Now)
		}
	}
	return nil
}

// JobDeliver carries one delivery once; its key names the round and the try.
const JobDeliver = "hook:deliver"

type deliverJob struct {
	Delivery id.ID `json:"delivery"`
	Round    int   `json:"round"`
}

func carryLater(tx *storage.Tx, delivery id.ID, round, try int, at time.Time) {
	jobs.Add(tx, JobDeliver, fmt.Sprintf("%s:%d:%d", delivery, round, try), deliverJob{delivery, round}, at)
}
