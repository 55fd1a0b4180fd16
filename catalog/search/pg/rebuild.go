package pg

import (
	"context"
	"errors"

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
	if err := b.clear(ctx, b.slot, "SELECT search_drop_indexes($1)", b.slot); err != nil {
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

// clear empties an index, unless another build has come meanwhile, and does
// what is to be done with it then.
func (b *build) clear(ctx context.Context, slot string, then string, args ...any) error {
	return b.e.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed()
		var s state
		err := tx.Get(&s, "SELECT live, building, build_id FROM search_index WHERE name = 'documents' FOR UPDATE")
		if err != nil || s.Build != b.id || s.Live == slot {
			return err
		}
		if _, err = tx.Exec("TRUNCATE " + table(slot)); err != nil || then == "" {
			return err
		}
		_, err = tx.Exec(then, args...)
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

// Put writes documents; it may be called by several at once.
func (b *build) Put(ctx context.Context, docs []search.Document) error {
	if len(docs) == 0 {
		return nil
	}
	if err := b.e.teach(ctx, docs); err != nil {
		return down(err)
	}
	for _, some := range byMarket(docs) {
		if err := b.put(ctx, some); err != nil {
			return down(err)
		}
	}
	return nil
}

// put writes rows that nothing but the key looks at yet. Those of a build that
// a fallen server loses are built again, so no commit waits for the disk.
func (b *build) put(ctx context.Context, some []search.Document) error {
	rows := columnsOf(some)
	return b.e.db.Update(ctx, some[0].Market, func(tx *storage.Tx) error {
		tx.Keyed()
		if err := b.mine(tx); err != nil {
			return err
		}
		var set string
		if err := tx.Get(&set, "SELECT set_config('synchronous_commit', 'off', true)"); err != nil {
			return err
		}
		rows.put(tx, b.slot)
		return nil
	})
}

// Swap makes the indexes and then the whole the live one.
func (b *build) Swap(ctx context.Context) error {
	if err := b.index(ctx); err != nil {
		return down(err)
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
	return down(b.clear(ctx, before, ""))
}

// index makes the indexes, the largest beside the others. Meanwhile what changes
// waits to be written into this table; searches read the other.
func (b *build) index(ctx context.Context) error {
	parts := []string{"marks", "orders"}
	done := make(chan error, len(parts))
	for _, part := range parts {
		go func() {
			done <- b.e.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
				tx.Keyed()
				if err := b.mine(tx); err != nil {
					return err
				}
				_, err := tx.Exec("SELECT search_make_indexes($1, $2)", b.slot, part)
				return err
			})
		}()
	}
	var all []error
	for range parts {
		all = append(all, <-done)
	}
	return errors.Join(all...)
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
