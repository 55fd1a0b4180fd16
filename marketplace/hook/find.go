package hook

import (
	"encoding/json"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/tally"
)

// Delivery is one event on its way to one address.
type Delivery struct {
	ID        id.ID      `db:"id"`
	Hook      id.ID      `db:"hook_id"`
	Event     id.ID      `db:"event_id"`
	Type      string     `db:"type"`
	Body      string     `db:"body"`
	State     string     `db:"state"` // waiting, held, done, failed
	Tries     int        `db:"tries"`
	Round     int        `db:"round"`
	Status    int        `db:"status"` // of the last answer; 0: there was none
	Error     string     `db:"error"`  // timeout, refused, name, tls, private, redirect, gone, status, broken; empty
	Answer    string     `db:"answer"` // how the last answer began
	TriedAt   *time.Time `db:"tried_at"`
	NextAt    *time.Time `db:"next_at"`
	CreatedAt time.Time  `db:"created_at"`
}

// List gives the hooks of tx's market, in the order in which they were added.
func List(tx *storage.Tx) ([]Hook, error) {
	var all []Hook
	err := tx.Select(&all, `SELECT `+columns+` FROM hooks WHERE market_id = $1 AND state <> 'removed' ORDER BY id`, tx.Market)
	return all, err
}

// Find gives one hook of tx's market; not_found when there is none.
func Find(tx *storage.Tx, hook id.ID) (Hook, error) { return find(tx, hook) }

func find(tx *storage.Tx, hook id.ID, lock ...string) (Hook, error) {
	var h Hook
	q := `SELECT ` + columns + ` FROM hooks WHERE market_id = $1 AND id = $2 AND state <> 'removed'`
	if len(lock) > 0 {
		q += " FOR UPDATE"
	}
	err := tx.Get(&h, q, tx.Market, hook)
	if err == storage.ErrNone {
		err = fault.NotFound("not_found")
	}
	return h, err
}

// Deliveries gives a page of what was told to a hook, newest first, after the one
// seen last; with state only those in it.
func Deliveries(tx *storage.Tx, hook id.ID, state string, after id.ID, n int) ([]Delivery, error) {
	if after == id.None {
		for i := range after {
			after[i] = 0xff
		}
	}
	var all []Delivery
	err := tx.Select(&all, `SELECT id, hook_id, event_id, type, body, state, tries, round, status, error, answer, tried_at, next_at, created_at
		FROM hook_deliveries WHERE market_id = $1 AND hook_id = $2 AND id < $3 AND ($4 = '' OR state = $4) ORDER BY id DESC LIMIT $5`, tx.Market, hook, after, state, n)
	return all, err
}

// kept is how long what was told lies there.
const kept = 30 * 24 * time.Hour

// Sweep forgets, in tx's market, what was told more than thirty days ago. Twice is once.
func Sweep(tx *storage.Tx) {
	tx.Queue(`DELETE FROM hook_deliveries WHERE market_id = $1 AND created_at < $2`, tx.Market, tx.Now.Add(-kept))
}

// Alarms name the deliveries that were given up in the last week.
func Alarms() []audit.Alarm {
	return []audit.Alarm{{Name: "webhooks were given up", Run: func(tx *storage.Tx) ([]audit.Values, error) {
		return audit.Hear(tx, `SELECT d.hook_id AS hook, h.url, count(*) AS count FROM hook_deliveries d JOIN hooks h ON h.market_id = d.market_id AND h.id = d.hook_id
			WHERE d.market_id = $1 AND d.state = 'failed' AND d.tried_at > $2 GROUP BY d.hook_id, h.url ORDER BY d.hook_id`, tx.Market, tx.Now.Add(-7*24*time.Hour))
	}}}
}

// Tallies are what waits for a person: addresses that are told nothing any more
// because they failed, or said that they are gone.
func Tallies() []tally.Of {
	return []tally.Of{{Name: "hooks", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM hooks WHERE market_id = $1 AND state = 'paused' AND why <> 'operator'`}}
}

func unpack(j jobs.Job, into any) error { return json.Unmarshal(j.Body, into) }

// Listening says whether tx's market has a hook at all.
func Listening(tx *storage.Tx) (bool, error) {
	var some bool
	err := tx.Get(&some, `SELECT EXISTS (SELECT 1 FROM hooks WHERE market_id = $1 AND state <> 'removed')`, tx.Market)
	return some, err
}
