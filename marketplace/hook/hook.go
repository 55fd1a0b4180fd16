// Package hook tells operators' own systems what happens in their market: an
// address that an operator adds gets a signed request for every event of the
// chosen types.
//
// It promises that an event is written in the transaction in which it is told,
// so none is lost; that a request carries no personal data; that it arrives at
// least once, under an id by which a receiver drops repeats; that nothing is sent
// to the machine itself or its neighbours, whatever a name resolves to; and that
// a receiver which is slow or ill delays nobody but itself. The order of events
// is not promised. The form is that of Standard Webhooks 1.0.0.
package hook

import (
	"log/slog"
	"sync"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/seal"
)

// States of a hook.
const (
	Active = "active"
	Paused = "paused"
)

// Why a hook is paused.
const (
	ByOperator = "operator"
	Failing    = "failing" // for days
	Gone       = "gone"    // the receiver said so (410)
)

// Hook is one address that is told.
type Hook struct {
	Market       int32          `db:"market_id"`
	ID           id.ID          `db:"id"`
	URL          string         `db:"url"`
	Events       pq.StringArray `db:"events"`
	State        string         `db:"state"`
	Why          string         `db:"why"`
	OldUntil     *time.Time     `db:"old_until"` // until when the secret before this one signs too
	Fails        int            `db:"fails"`
	FailingSince *time.Time     `db:"failing_since"`
	RestUntil    *time.Time     `db:"rest_until"`
	CreatedAt    time.Time      `db:"created_at"`
}

const columns = "market_id, id, url, events, state, why, old_until, fails, failing_since, rest_until, created_at"

// Room is the room, opened once. It is safe for use by many goroutines.
type Room struct {
	db      *storage.DB
	box     *seal.Box
	private bool
	carrier *carrier
	log     *slog.Logger

	mu   sync.Mutex
	busy map[id.ID]bool // hooks that this program is sending to
}

// Options of the room.
type Options struct {
	Private bool // development: http, this machine and its neighbours are let in
	Log     *slog.Logger
}

// New opens the room.
func New(db *storage.DB, box *seal.Box, o Options) *Room {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Room{db: db, box: box, private: o.Private, carrier: newCarrier(o.Private), log: o.Log, busy: map[id.ID]bool{}}
}

// hold lets one call at a time go to a hook, so that a slow receiver never has
// more than one worker.
func (r *Room) hold(h id.ID) (free func(), held bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[h] {
		return nil, false
	}
	r.busy[h] = true
	return func() { r.mu.Lock(); defer r.mu.Unlock(); delete(r.busy, h) }, true
}
