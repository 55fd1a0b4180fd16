package hook

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

// Replay sends a delivery again, whatever became of it, under the same id. One
// that waits is sent now. It refuses while the hook is paused (hook_paused).
func (r *Room) Replay(ctx context.Context, market int32, by, hook, delivery id.ID) error {
	return r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // sent once more errs on the safe side: the id is the same
		var d Delivery
		err := tx.Get(&d, `SELECT id, hook_id, round FROM hook_deliveries WHERE market_id = $1 AND id = $2 AND hook_id = $3 FOR UPDATE`, market, delivery, hook)
		if err == storage.ErrNone {
			return fault.NotFound("not_found")
		}
		if err != nil {
			return err
		}
		h, err := find(tx, d.Hook)
		if err != nil {
			return err
		}
		if h.State == Paused {
			return fault.Conflict("hook_paused")
		}
		tx.Queue(`UPDATE hooks SET rest_until = NULL WHERE market_id = $1 AND id = $2`, market, h.ID) // somebody looks, so it is tried now
		again(tx, d.ID, d.Round+1)
		trail.Write(tx, by, "hook.replay", subject(h.ID), "")
		return nil
	})
}

// again begins a new round of tries.
func again(tx *storage.Tx, delivery id.ID, round int) {
	tx.Queue(`UPDATE hook_deliveries SET state = 'waiting', tries = 0, round = $3, next_at = $4 WHERE market_id = $1 AND id = $2`, tx.Market, delivery, round, tx.Now)
	carryLater(tx, delivery, round, 1, tx.Now)
}

// TestOne sends an event that means nothing, so that an operator sees whether the
// address answers. It refuses while the hook is paused (hook_paused).
func (r *Room) TestOne(ctx context.Context, market int32, code string, hook id.ID) error {
	press := id.New().String()
	return r.change(ctx, market, hook, func(tx *storage.Tx, h Hook) error {
		if h.State == Paused {
			return fault.Conflict("hook_paused")
		}
		tx.Queue(`UPDATE hooks SET rest_until = NULL WHERE market_id = $1 AND id = $2`, market, h.ID)
		return put(tx, h, Event{Type: Test, Key: press, Market: code, At: tx.Now, Data: struct{}{}})
	})
}
