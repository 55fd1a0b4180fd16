package order

import (
	"context"
	"slices"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// move is the only way an order changes state: map, party, freeze, state and
// history, then what its kind adds and the timer of the new state.
func (p *Pipeline) move(tx *storage.Tx, o *Order, to State, by By, why string) error {
	return p.moveAll(tx, []*Order{o}, to, by, why)
}

// moveAll moves several orders, as those of one basket: rows that change alike
// are one statement.
func (p *Pipeline) moveAll(tx *storage.Tx, orders []*Order, to State, by By, why string) error {
	for _, o := range orders {
		if err := p.mayMove(tx, o, to, by); err != nil {
			return err
		}
	}
	was := make([]State, len(orders))
	for i, o := range orders {
		was[i], o.State, o.DueAt = o.State, to, p.kinds[o.Kind].due(*o, to, tx.Now)
	}
	for from := 0; from < len(orders); {
		ids := []id.ID{orders[from].ID}
		frees := p.kinds[orders[from].Kind].Release == to
		for i := from + 1; i < len(orders) && was[i] == was[from] && same(orders[i].DueAt, orders[from].DueAt) && orders[i].Kind == orders[from].Kind; i++ {
			ids = append(ids, orders[i].ID)
		}
		tx.Expect(int64(len(ids)), fault.Conflict("conflict"), `UPDATE orders SET state = $3::text, due_at = $4, version = version + 1,
		secured_at = CASE WHEN $3::text = 'secured' THEN $5::timestamptz ELSE secured_at END,
		completed_at = CASE WHEN $3::text = 'completed' THEN $5::timestamptz ELSE completed_at END,
		released_at = CASE WHEN $7::bool THEN $5::timestamptz ELSE released_at END
		WHERE market_id = $1 AND id = ANY($2::uuid[]) AND state = $6`, tx.Market, names(ids), string(to), orders[from].DueAt, tx.Now, string(was[from]), frees)
		from += len(ids)
	}
	for i, o := range orders {
		if err := p.moved(tx, o, was[i], by, why); err != nil {
			return err
		}
	}
	return nil
}

func same(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

func (p *Pipeline) mayMove(tx *storage.Tx, o *Order, to State, by By) error {
	kind := p.kinds[o.Kind]
	if !slices.Contains(o.State.Moves(by.As), to) || !kind.passes(to) {
		return p.refuse(*o, to, by.As, tx.Now)
	}
	if to == Cancelled && by.As == AsBuyer && o.early(tx.Now) {
		return fault.Conflict("cancel_early", fault.Args{"until": *o.SendBy()})
	}
	if to == Delivered && o.Way == payment.Cash && !o.taken {
		return fault.Conflict("cash_first")
	}
	if to == Completed {
		if err := unfrozen(tx, o.ID); err != nil {
			return err
		}
	}
	if to == Delivered && o.Lines == nil {
		if err := withLines(tx, o); err != nil {
			return err
		}
	}
	return nil
}

// moved writes what follows from a move.
func (p *Pipeline) moved(tx *storage.Tx, o *Order, was State, by By, why string) error {
	kind := p.kinds[o.Kind]
	wrote(tx, o.ID, was, o.State, by, why)
	p.told(tx, *o, was, by, why)
	if o.DueAt != nil {
		jobs.AddFirst(tx, JobTimer, o.ID.String()+":"+string(o.State), timerJob{Order: o.ID, State: o.State}, *o.DueAt)
	}
	if o.State == kind.Release {
		o.ReleasedAt = &tx.Now
		if err := p.release(tx, o, by); err != nil {
			return err
		}
	}
	if kind.Moved != nil {
		return kind.Moved(tx, *o, o.State, by.ID)
	}
	return nil
}

func wrote(tx *storage.Tx, order id.ID, was, to State, by By, why string) {
	tx.Queue("INSERT INTO order_history (market_id, order_id, id, from_state, to_state, moved_by, why, moved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		tx.Market, order, id.New(), string(was), string(to), by.ID, why, tx.Now)
}

// refuse names the moves that are allowed instead.
func (p *Pipeline) refuse(o Order, to State, as Party, now time.Time) error {
	allowed := []string{}
	for _, s := range o.Moves(as, now) {
		if p.kinds[o.Kind].passes(s) {
			allowed = append(allowed, string(s))
		}
	}
	return fault.Conflict("order_move", fault.Args{"from": string(o.State), "to": string(to), "allowed": allowed})
}

// simply makes one move in a transaction of its own. Making a move that the
// order has made already changes nothing: calling twice is calling once.
func (p *Pipeline) simply(ctx context.Context, by By, ref Ref, to State, also func(*storage.Tx, *Order) error) error {
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.lock(tx, ref)
		if err != nil || o.State == to {
			return err
		}
		if err := p.move(tx, &o, to, by, ""); err != nil {
			return err
		}
		if also != nil {
			return also(tx, &o)
		}
		return nil
	})
}

// Complete confirms receipt and releases the money to its owners. It refuses
// while a freeze is open. Calling it twice is calling it once.
func (p *Pipeline) Complete(ctx context.Context, by By, ref Ref) error {
	return p.simply(ctx, by, ref, Completed, nil)
}
