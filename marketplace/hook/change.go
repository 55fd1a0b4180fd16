package hook

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// most is how many addresses a market may have told.
const most = 10

// overlap is how long a secret that was changed signs beside the new one.
const overlap = 24 * time.Hour

// twice is how soon after one change another is the same press.
const twice = 2 * time.Minute

func chosen(events []string) ([]string, error) {
	var all []string
	for _, e := range Events { // in our order, each once
		if slices.Contains(events, e) {
			all = append(all, e)
		}
	}
	for _, e := range events {
		if !slices.Contains(Events, e) {
			return nil, fault.Invalid("events", "not_one_of", fault.Args{"allowed": Events})
		}
	}
	if len(all) == 0 {
		return nil, fault.Invalid("events", "hook_events")
	}
	return all, nil
}

// Add has an address told of the chosen events. It gives the secret that signs,
// which is never shown again. An address is told once (hook_exists), and a market
// has no more than ten (hook_many).
func (r *Room) Add(ctx context.Context, market int32, by id.ID, url string, events []string) (Hook, string, error) {
	url, bad := r.readable(ctx, url)
	wanted, none := chosen(events)
	if err := fault.All(bad, none); err != nil {
		return Hook{}, "", err
	}
	name, secret := id.New(), newSecret()
	sealed, err := r.box.Seal([]byte(secret), about(name))
	if err != nil {
		return Hook{}, "", err
	}
	var h Hook
	err = r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // its id was made before, and an address is told once
		var n int
		if err := tx.Get(&n, `SELECT count(*) FROM hooks WHERE market_id = $1 AND state <> 'removed' AND id <> $2`, market, name); err != nil {
			return err
		}
		if n >= most {
			return fault.Conflict("hook_many", fault.Args{"max": int64(most)}).On("url")
		}
		if _, err := tx.Exec(`INSERT INTO hooks (market_id, id, url, events, state, secret, created_by, created_at, changed_at)
			VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $7) ON CONFLICT DO NOTHING`, market, name, url, pq.StringArray(wanted), sealed, by, tx.Now); err != nil {
			return err
		}
		if h, err = find(tx, name); fault.Has(err, "not_found") {
			return fault.Conflict("hook_exists").On("url")
		}
		trail.Write(tx, by, "hook.add", subject(name), "")
		return err
	})
	return h, secret, err
}

func subject(h id.ID) string { return "hook:" + h.String() }

// change does something to a hook that is there, in one transaction.
func (r *Room) change(ctx context.Context, market int32, hook id.ID, do func(tx *storage.Tx, h Hook) error) error {
	return r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // each lands in the same state
		h, err := find(tx, hook, "FOR UPDATE")
		if err != nil {
			return err
		}
		return do(tx, h)
	})
}

// Choose changes where a hook leads and which events it is told. The same again
// changes nothing.
func (r *Room) Choose(ctx context.Context, market int32, by, hook id.ID, url string, events []string) error {
	url, bad := r.readable(ctx, url)
	wanted, none := chosen(events)
	if err := fault.All(bad, none); err != nil {
		return err
	}
	return r.change(ctx, market, hook, func(tx *storage.Tx, h Hook) error {
		if h.URL == url && slices.Equal(h.Events, wanted) {
			return nil
		}
		var others int
		if err := tx.Get(&others, `SELECT count(*) FROM hooks WHERE market_id = $1 AND url = $2 AND id <> $3 AND state <> 'removed'`, market, url, hook); err != nil {
			return err
		}
		if others > 0 {
			return fault.Conflict("hook_exists").On("url")
		}
		tx.Queue(`UPDATE hooks SET url = $3, events = $4, rest_until = NULL, changed_at = $5 WHERE market_id = $1 AND id = $2`, market, hook, url, pq.StringArray(wanted), tx.Now)
		trail.Write(tx, by, "hook.change", subject(hook), "")
		return nil
	})
}

// Renew gives a hook another secret. The one before signs beside it for a day, so
// that a receiver can change without losing anything. A second change at once is
// taken for a button pressed twice: the secret that nobody can have put to use
// yet ends, not the one before it.
func (r *Room) Renew(ctx context.Context, market int32, by, hook id.ID) (string, error) {
	secret := newSecret()
	sealed, err := r.box.Seal([]byte(secret), about(hook))
	if err != nil {
		return "", err
	}
	return secret, r.change(ctx, market, hook, func(tx *storage.Tx, _ Hook) error {
		tx.Queue(`UPDATE hooks SET old_secret = CASE WHEN old_until > $6 THEN old_secret ELSE secret END, old_until = $4, secret = $3, changed_at = $5
			WHERE market_id = $1 AND id = $2 AND secret <> $3`, market, hook, sealed, tx.Now.Add(overlap), tx.Now, tx.Now.Add(overlap-twice))
		trail.Write(tx, by, "hook.secret", subject(hook), "")
		return nil
	})
}

// Pause sends nothing more to a hook; what happens meanwhile is held. Twice is once.
func (r *Room) Pause(ctx context.Context, market int32, by, hook id.ID) error {
	return r.change(ctx, market, hook, func(tx *storage.Tx, h Hook) error {
		if h.State == Paused {
			return nil
		}
		tx.Queue(`UPDATE hooks SET state = 'paused', why = 'operator', rest_until = NULL, changed_at = $3 WHERE market_id = $1 AND id = $2`, market, hook, tx.Now)
		trail.Write(tx, by, "hook.pause", subject(hook), "")
		return nil
	})
}

// JobResume sends on what was held while a hook was paused, a piece at a time.
const JobResume = "hook:resume"

type resumeJob struct {
	Hook id.ID `json:"hook"`
}

// Resume sends to a hook again, what was held first. Twice is once.
func (r *Room) Resume(ctx context.Context, market int32, by, hook id.ID) error {
	return r.change(ctx, market, hook, func(tx *storage.Tx, h Hook) error {
		if h.State == Active {
			return nil
		}
		tx.Queue(`UPDATE hooks SET state = 'active', why = '', fails = 0, failing_since = NULL, rest_until = NULL, changed_at = $3 WHERE market_id = $1 AND id = $2`, market, hook, tx.Now)
		jobs.Add(tx, JobResume, hook.String()+":"+tx.Now.Format(time.RFC3339Nano), resumeJob{Hook: hook})
		trail.Write(tx, by, "hook.resume", subject(hook), "")
		return nil
	})
}

// piece is how many held deliveries one job sends on.
const piece = 200

func resume(tx *storage.Tx, j jobs.Job) error {
	var of resumeJob
	if err := unpack(j, &of); err != nil {
		return err
	}
	h, err := find(tx, of.Hook)
	if fault.Has(err, "not_found") || err == nil && h.State != Active {
		return nil // removed, or paused again
	}
	if err != nil {
		return err
	}
	var held []struct {
		ID    id.ID `db:"id"`
		Round int   `db:"round"`
	}
	if err := tx.Select(&held, `SELECT id, round FROM hook_deliveries WHERE market_id = $1 AND hook_id = $2 AND state = 'held' ORDER BY id LIMIT $3`, tx.Market, of.Hook, piece); err != nil {
		return err
	}
	for _, d := range held {
		again(tx, d.ID, d.Round+1)
	}
	if len(held) == piece {
		jobs.Add(tx, JobResume, j.Key+"+", of)
	}
	return nil
}

// Remove forgets an address. What was told to it is forgotten with it. Twice is once.
func (r *Room) Remove(ctx context.Context, market int32, by, hook id.ID) error {
	return r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // it lands in the same state
		var state string
		err := tx.Get(&state, `SELECT state FROM hooks WHERE market_id = $1 AND id = $2 FOR UPDATE`, market, hook)
		if err == storage.ErrNone {
			return fault.NotFound("not_found")
		}
		if err != nil || state == "removed" {
			return err
		}
		tx.Queue(`UPDATE hooks SET state = 'removed', secret = '', old_secret = NULL, old_until = NULL, changed_at = $3 WHERE market_id = $1 AND id = $2`, market, hook, tx.Now)
		tx.Queue(`DELETE FROM hook_deliveries WHERE market_id = $1 AND hook_id = $2`, market, hook)
		trail.Write(tx, by, "hook.remove", subject(hook), "")
		return nil
	})
}
