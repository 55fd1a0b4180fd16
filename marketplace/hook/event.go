package hook

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

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
	ListingChanged  = "listing.changed"
	ProducerChanged = "producer.changed"

	// Test is sent when an operator presses the button; nobody chooses it.
	Test = "hook.test"
)

// Events lists the types as pages show them.
var Events = []string{OrderMoved, PaymentCaptured, RefundSent, RefundFailed, PayoutDrafted, PayoutPaid, PayoutFailed, ListingChanged, ProducerChanged}

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
	At     time.Time `json:"at"`
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
	var all []Hook
	if err := tx.Select(&all, `SELECT `+columns+` FROM hooks WHERE market_id = $1 AND state <> 'removed' ORDER BY id`, tx.Market); err != nil {
		return err
	}
	for _, h := range all {
		for _, e := range events {
			for _, wanted := range h.Events {
				if wanted == e.Type {
					if err := put(tx, h, e); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func put(tx *storage.Tx, h Hook, e Event) error {
	event, name := e.name(tx.Market), id.New()
	body, err := json.Marshal(sent{Said(event), e.Type, e.Market, e.At.UTC(), e.Data})
	if err != nil {
		return err
	}
	state, next := "waiting", any(tx.Now)
	if h.State == Paused {
		state, next = "held", nil
	}
	n, err := tx.Exec(`INSERT INTO hook_deliveries (market_id, id, hook_id, event_id, type, body, state, next_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (market_id, hook_id, event_id) DO NOTHING`,
		tx.Market, name, h.ID, event, e.Type, string(body), state, next, tx.Now)
	if err == nil && n == 1 && state == "waiting" {
		carryLater(tx, name, 1, 1, tx.Now)
	}
	return err
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
