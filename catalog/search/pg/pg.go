// Package pg is the default engine of search: it lives in the database, needs
// nothing else and is shared by all instances.
//
// A document is found by its marks, numbers made here of pairs of Chinese
// characters, words, pinyin and codes, which a GIN index holds. What is typed
// becomes clauses: each lists marks of which one must be there, and all clauses
// must hold. Up to some thousand hits are counted, ranked and sorted whole; of
// more, the index of the order asked for is walked until a page is full, counts
// stop there, and facets come from counts that are kept.
//
// The index stands twice (a and b). Each statement says which it has asked and
// reads in the same moment which is live, so that a swap is never noticed.
package pg

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"commonfield/catalog/search"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Engine is the index in the database.
type Engine struct {
	db    *storage.DB
	live  atomic.Value // string: a or b, as last seen
	terms known
	kept  kept
	alive sync.Map // suggestion → until when it is taken to find something

	sorted int // hits that are sorted by price whole
}

// Open gives the engine on a migrated database.
func Open(db *storage.DB) *Engine {
	e := &Engine{db: db, sorted: sorted}
	e.live.Store("a")
	e.kept.of, e.kept.many = map[string]*counts{}, map[string]time.Time{}
	e.terms.seen, e.terms.whole = map[string]bool{}, map[string]bool{}
	return e
}

// Name is pg.
func (e *Engine) Name() string { return "pg" }

// state is which index is live, and whether the other is in the making.
type state struct {
	Live     string `db:"live"`
	Building bool   `db:"building"`
	Build    id.ID  `db:"build_id"`
}

// other is the index that is not live.
func (s state) other() string {
	if s.Live == "a" {
		return "b"
	}
	return "a"
}

func look(tx *storage.Tx) (state, error) {
	var s state
	err := tx.Get(&s, "SELECT live, building, build_id FROM search_index WHERE name = 'documents'")
	return s, err
}

func table(slot string) string { return "search_documents_" + slot }

// asked runs a statement on the live index, again if it was not live any more.
// ask gives what the statement itself has read as live.
func (e *Engine) asked(ctx context.Context, ask func(tx *storage.Tx, table string) (live string, err error)) error {
	for {
		slot := e.live.Load().(string)
		live := ""
		err := e.db.ViewShared(ctx, func(tx *storage.Tx) (err error) {
			live, err = ask(tx, table(slot))
			return err
		})
		if err != nil {
			return down(err)
		}
		if live == slot {
			return nil
		}
		e.live.Store(live)
		e.kept.forget()
	}
}

// down says that the database is away as any engine would.
func down(err error) error {
	if _, refused := fault.As(err); !refused && storage.Away(err) {
		return fault.Unavailable("search_down").Because(err)
	}
	return err
}

// Each walks what can be found of a market.
func (e *Engine) Each(ctx context.Context, market int32, see func(search.Key, int64) error) error {
	return down(e.db.View(ctx, market, func(tx *storage.Tx) error {
		s, err := look(tx)
		if err != nil {
			return err
		}
		return tx.Each("SELECT kind, id, version FROM "+table(s.Live)+" WHERE market_id = $1", []any{market}, func(scan func(...any) error) error {
			k := search.Key{Market: market}
			var version int64
			if err := scan(&k.Kind, &k.ID, &version); err != nil {
				return err
			}
			return see(k, version)
		})
	}))
}

// Health says that the database answers, and about how many documents there are.
func (e *Engine) Health(ctx context.Context) (search.Health, error) {
	h := search.Health{Engine: e.Name()}
	err := e.asked(ctx, func(tx *storage.Tx, table string) (live string, err error) {
		var row struct {
			Live    string `db:"live"`
			Version string `db:"version"`
		}
		err = tx.Get(&row, "SELECT live, current_setting('server_version') AS version FROM search_index WHERE name = 'documents'")
		h.Version = row.Version
		return row.Live, err
	})
	if err != nil {
		return h, err
	}
	c, err := e.keep(ctx, &shape{})
	if err == nil {
		h.Documents = c.total
	}
	return h, err
}
