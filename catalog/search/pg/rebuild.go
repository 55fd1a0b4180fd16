package pg

import (
	"context"
	"sync"

	"commonfield/catalog/search"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// build is the index that is not live, in the making.
type build struct {
	e    *Engine
	id   id.ID
	slot string
	mu   sync.Mutex
	last search.Document // of those that were put
}

// errOvertaken says that somebody has begun to build anew meanwhile.
func errOvertaken() error { return fault.Conflict("reindex_overtaken") }

// Rebuild empties the index that is not live and lets Put and Remove reach it
// from now on. Who builds already is overtaken: its next step is refused
// (reindex_overtaken), so a lost one stands in nobody's way.
func (e *Engine) Rebuild(ctx context.Context) (search.Build, error) {
	b := &build{e: e, id: id.New()}
	if err := b.claim(ctx, false); err != nil {
		return nil, down(err)
	}
	if err := b.clear(ctx, b.slot); err != nil {
		return nil, down(err)
	}
	return b, down(b.claim(ctx, true))
}

// claim writes down that this build is the one, and whether it takes documents.
func (b *build) claim(ctx context.Context, open bool) error {
	return b.e.db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		var s state
		if err := tx.Get(&s, "SELECT live, building, build_id FROM search_index WHERE name = 'documents' FOR UPDATE"); err != nil {
			return err
		}
		if open && s.Build != b.id {
			return errOvertaken()
		}
		b.slot = s.other()
		tx.Queue("UPDATE search_index SET building = $1, build_id = $2 WHERE name = 'documents'", open, b.id)
		return nil
	})
}

// clear empties an index, unless another build has come meanwhile.
func (b *build) clear(ctx context.Context, slot string) error {
	return b.e.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed()
		var s state
		err := tx.Get(&s, "SELECT live, building, build_id FROM search_index WHERE name = 'documents' FOR UPDATE")
		if err != nil || s.Build != b.id || s.Live == slot {
			return err
		}
		_, err = tx.Exec("TRUNCATE " + table(slot))
		return err
	})
}

// mine looks whether this is still the build that counts.
func (b *build) mine(tx *storage.Tx) error {
	s, err := look(tx)
	if err == nil && (s.Build != b.id || !s.Building) {
		err = errOvertaken()
	}
	return err
}

// bulk is how much a build leaves to be sorted in later, in kB: nobody searches
// in it yet. Eight times as much is no faster, and leaves an index of nearly
// four times the size.
const bulk = "8192"

// Put writes documents; it may be called by several at once.
func (b *build) Put(ctx context.Context, docs []search.Document) error {
	if len(docs) == 0 {
		return nil
	}
	if err := b.e.teach(ctx, docs); err != nil {
		return down(err)
	}
	for _, some := range byMarket(docs) {
		if err := b.put(ctx, some, bulk); err != nil {
			return down(err)
		}
	}
	b.mu.Lock()
	b.last = docs[len(docs)-1]
	b.mu.Unlock()
	return nil
}

func (b *build) put(ctx context.Context, some []search.Document, kb string) error {
	rows := columnsOf(some)
	return b.e.db.Update(ctx, some[0].Market, func(tx *storage.Tx) error {
		tx.Keyed()
		if err := b.mine(tx); err != nil {
			return err
		}
		var set []string
		if err := tx.Select(&set, `SELECT set_config('gin_pending_list_limit', $1, true) UNION ALL
			SELECT set_config('work_mem', '131072', true) UNION ALL SELECT set_config('synchronous_commit', 'off', true)`, kb); err != nil {
			return err
		}
		rows.put(tx, b.slot)
		return nil
	})
}

// Swap makes it the live one. What was left to be sorted in is sorted in
// before, so that the first search need not read it through.
func (b *build) Swap(ctx context.Context) error {
	if b.last.ID != id.None {
		if err := b.sortIn(ctx); err != nil {
			return down(err)
		}
	}
	var before string
	err := b.e.db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		s, err := look(tx)
		if err != nil || s.Build == b.id && !s.Building && s.Live == b.slot {
			return err // it was committed after all
		}
		before = s.Live
		tx.Expect(1, errOvertaken(), "UPDATE search_index SET live = $1, building = false WHERE name = 'documents' AND build_id = $2 AND building", b.slot, b.id)
		return nil
	})
	if err != nil || before == "" {
		return down(err)
	}
	b.e.live.Store(b.slot)
	b.e.kept.forget()
	// Who has asked the old one before this moment holds it, and is waited for.
	return down(b.clear(ctx, before))
}

// sortIn writes the last document again, with a limit that makes the index
// take in all that waits.
func (b *build) sortIn(ctx context.Context) error {
	return b.e.db.Update(ctx, b.last.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		if err := b.mine(tx); err != nil {
			return err
		}
		var set []string
		if err := tx.Select(&set, `SELECT set_config('gin_pending_list_limit', '64', true) UNION ALL SELECT set_config('work_mem', '131072', true)`); err != nil {
			return err
		}
		// One mark more makes it another row for the index; it finds nothing.
		_, err := tx.Exec("UPDATE "+table(b.slot)+" SET marks = marks || 0 WHERE market_id = $1 AND kind = $2 AND id = $3", b.last.Market, b.last.Kind, b.last.ID)
		return err
	})
}

// Drop gives the build up.
func (b *build) Drop(ctx context.Context) error {
	err := b.e.db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("UPDATE search_index SET building = false WHERE name = 'documents' AND build_id = $1 AND live <> $2", b.id, b.slot)
		return nil
	})
	return down(err)
}
