package hook

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// waits lie between the tries of one delivery: nine tries in about 26 hours.
var waits = []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 9 * time.Hour, 9*time.Hour + 30*time.Minute}

// rests is how long nothing goes to a hook after so many tries that failed one
// after the other. So one that is away takes a try in half an hour, however much
// waits for it.
var rests = []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute}

// A hook that has failed for so long is paused.
const mostFailing = 3 * 24 * time.Hour

// JobNews says, in the room's own commit, that deliveries to a hook were given
// up or that it was paused; marketplace/told tells the operators.
const JobNews = "hook:news"

// News is the body of such a job.
type News struct {
	Hook id.ID     `json:"hook"`
	Why  string    `json:"why"` // given_up, failing, gone
	At   time.Time `json:"at"`
}

// GivenUp says that a delivery was tried for a day and is tried no more.
const GivenUp = "given_up"

// Handlers says who does which job of this room.
func (r *Room) Handlers() map[string]jobs.Handler {
	return map[string]jobs.Handler{JobDeliver: {Call: r.Deliver, Time: 30 * time.Second}, JobResume: {Do: resume}}
}

// loaded is a delivery with all that is needed to carry it.
type loaded struct {
	Delivery
	URL       string     `db:"url"`
	HookState string     `db:"hook_state"`
	RestUntil *time.Time `db:"rest_until"`
	Secret    []byte     `db:"secret"`
	Old       []byte     `db:"old_secret"`
	OldUntil  *time.Time `db:"old_until"`
	Fails     int        `db:"fails"`
}

// Deliver is the job that carries one delivery once. It ends with what became of
// it, and with the job of the next try where there is one. Broken off after the
// call it carries the same request again, under the same id.
func (r *Room) Deliver(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var of deliverJob
	if err := json.Unmarshal(j.Body, &of); err != nil {
		return nil, err
	}
	var d loaded
	err := r.db.View(ctx, j.Market, func(tx *storage.Tx) error {
		return tx.Get(&d, `SELECT d.id, d.hook_id, d.event_id, d.type, d.body, d.state, d.tries, d.round, d.created_at,
			h.url, h.state AS hook_state, h.rest_until, h.secret, h.old_secret, h.old_until, h.fails
			FROM hook_deliveries d JOIN hooks h ON h.market_id = d.market_id AND h.id = d.hook_id WHERE d.market_id = $1 AND d.id = $2`, tx.Market, of.Delivery)
	})
	if err == storage.ErrNone {
		return nil, nil // swept, or its hook was removed
	}
	if err != nil {
		return nil, err
	}
	if d.State != "waiting" || d.Round != of.Round {
		return nil, nil
	}
	now := r.db.Now()
	switch {
	case d.HookState == Paused:
		return func(tx *storage.Tx) error { d.hold(tx); return nil }, nil
	case d.HookState != Active:
		return nil, nil
	case d.RestUntil != nil && d.RestUntil.After(now):
		return nil, &jobs.Again{At: d.RestUntil.Add(time.Duration(rand.Int64N(int64(time.Second))))}
	}
	free, held := r.hold(d.Hook)
	if !held {
		return nil, &jobs.Again{At: now.Add(time.Second)}
	}
	defer free()
	o, err := r.send(ctx, d, now)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // the program stops: no fault of the receiver
	}
	if o.wrong != "" {
		r.log.Warn("a webhook was not taken", "market", j.Market, "hook", d.Hook, "delivery", d.ID, "type", d.Type, "try", d.Tries+1, "wrong", o.wrong, "status", o.status)
	}
	return func(tx *storage.Tx) error { return d.ended(tx, o) }, nil
}

func (r *Room) send(ctx context.Context, d loaded, now time.Time) (outcome, error) {
	secret, err := r.box.Open(d.Secret, about(d.Hook))
	if err != nil {
		return outcome{}, err
	}
	secrets := []string{string(secret)}
	if d.OldUntil != nil && d.OldUntil.After(now) {
		old, err := r.box.Open(d.Old, about(d.Hook))
		if err != nil {
			return outcome{}, err
		}
		secrets = append(secrets, string(old))
	}
	return r.carrier.carry(ctx, d.URL, Said(d.Event), d.Body, now, secrets...), nil
}

func (d loaded) hold(tx *storage.Tx) {
	tx.Queue(`UPDATE hook_deliveries SET state = 'held', next_at = NULL WHERE market_id = $1 AND id = $2 AND round = $3 AND state = 'waiting'`, tx.Market, d.ID, d.Round)
}

// ended writes down what became of a try.
func (d loaded) ended(tx *storage.Tx, o outcome) error {
	tries := d.Tries + 1
	if o.wrong == "" {
		tx.Queue(`UPDATE hook_deliveries SET state = 'done', tries = $3, status = $4, error = '', answer = $5, tried_at = $6, next_at = NULL
			WHERE market_id = $1 AND id = $2 AND round = $7`, tx.Market, d.ID, tries, o.status, o.answer, tx.Now, d.Round)
		if slow := 4 * o.took; d.Fails > 0 || slow > 4*time.Second {
			rest := any(nil)
			if slow > 4*time.Second {
				rest = tx.Now.Add(slow) // a receiver that needs long has no worker for more than a part of the time
			}
			tx.Queue(`UPDATE hooks SET fails = 0, failing_since = NULL, rest_until = $3 WHERE market_id = $1 AND id = $2 AND state = 'active'`, tx.Market, d.Hook, rest)
		}
		return nil
	}
	state, next := "failed", any(nil)
	if at, more := d.next(tx.Now, tries, o.wait); more {
		state, next = "waiting", at
		carryLater(tx, d.ID, d.Round, tries+1, at)
	} else {
		jobs.Add(tx, JobNews, d.Hook.String()+":"+tx.Now.Format(time.DateOnly), News{d.Hook, GivenUp, tx.Now})
	}
	tx.Queue(`UPDATE hook_deliveries SET state = $3, tries = $4, status = $5, error = $6, answer = $7, tried_at = $8, next_at = $9
		WHERE market_id = $1 AND id = $2 AND round = $10`, tx.Market, d.ID, state, tries, o.status, o.wrong, o.answer, tx.Now, next, d.Round)
	return d.failed(tx, o)
}

// next says when a delivery is tried again, if it is.
func (d loaded) next(now time.Time, tries int, asked time.Duration) (time.Time, bool) {
	if tries > len(waits) {
		return time.Time{}, false
	}
	wait := waits[tries-1]
	wait += rand.N(wait/10 + 1)
	return now.Add(max(wait, asked)), true
}

// failed lets a hook rest, and pauses one that is gone or has failed for days.
func (d loaded) failed(tx *storage.Tx, o outcome) error {
	var h Hook
	if err := tx.Get(&h, `SELECT `+columns+` FROM hooks WHERE market_id = $1 AND id = $2 FOR UPDATE`, tx.Market, d.Hook); err != nil || h.State != Active {
		return err
	}
	since := tx.Now
	if h.FailingSince != nil {
		since = *h.FailingSince
	}
	why := ""
	switch {
	case o.wrong == Gone:
		why = Gone
	case tx.Now.Sub(since) >= mostFailing:
		why = Failing
	}
	if why != "" {
		tx.Queue(`UPDATE hooks SET state = 'paused', why = $3, fails = fails + 1, failing_since = $4, rest_until = NULL, changed_at = $5 WHERE market_id = $1 AND id = $2`, tx.Market, h.ID, why, since, tx.Now)
		jobs.Add(tx, JobNews, h.ID.String()+":"+why+":"+tx.Now.Format(time.RFC3339Nano), News{h.ID, why, tx.Now})
		return nil
	}
	rest := max(rests[min(h.Fails, len(rests)-1)], o.wait)
	tx.Queue(`UPDATE hooks SET fails = fails + 1, failing_since = $3, rest_until = $4 WHERE market_id = $1 AND id = $2`, tx.Market, h.ID, since, tx.Now.Add(rest))
	return nil
}
