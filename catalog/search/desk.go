package search

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// Desk is where one asks: it knows the engine, what rooms want found, and the
// operator's synonyms. What it answers is as fresh as the outbox is empty; what
// a page shows of a hit is read from the rows.
type Desk struct {
	Patience time.Duration // how long somebody waits for hits

	db      *storage.DB
	engine  Engine
	sources []Source
	log     *slog.Logger
	known   sync.Map // "category:walnut", "region:6528" → true
	names   kept
}

// New opens the desk.
func New(db *storage.DB, engine Engine, log *slog.Logger, sources ...Source) *Desk {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Desk{Patience: 5 * time.Second, db: db, engine: engine, sources: sources, log: log}
}

// Query gives a page of hits. It refuses what Clean refuses, a category or a
// region that does not exist (unknown_category, region_unknown), a cursor of
// another query (cursor_bad), and says fault.Unavailable("search_down") when
// the engine cannot be reached: goods are then looked through without it.
func (d *Desk) Query(ctx context.Context, q Query) (Answer, error) {
	q, err := q.Clean()
	if err != nil {
		return Answer{}, err
	}
	if err := d.exists(ctx, q); err != nil {
		return Answer{}, err
	}
	if q.Synonyms, err = d.names.now(ctx, d.db); err != nil {
		return Answer{}, err
	}
	timed, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	a, err := d.engine.Search(timed, q)
	return a, silence(ctx, err)
}

// Suggest completes what somebody is typing, in their language first.
func (d *Desk) Suggest(ctx context.Context, text, lang string, n int) ([]Suggestion, error) {
	timed, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	all, err := d.engine.Suggest(timed, text, lang, min(max(n, 1), 20))
	return all, silence(ctx, err)
}

// silence says of an engine that did not answer in time that it is down.
func silence(ctx context.Context, err error) error {
	if _, refused := fault.As(err); err != nil && !refused && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return fault.Unavailable("search_down").Because(err)
	}
	return err
}

// exists refuses a category and places that are none.
func (d *Desk) exists(ctx context.Context, q Query) error {
	var unknown []error
	for _, c := range []struct {
		sort, code string
		find       func(tx *storage.Tx) error
	}{
		{"category", q.Category, func(tx *storage.Tx) error {
			all, err := catalog.Categories(tx)
			for _, one := range all {
				if one.Code == q.Category {
					return nil
				}
			}
			if err == nil {
				err = fault.Invalid("category", "unknown_category")
			}
			return err
		}},
		{"region", q.Region, func(tx *storage.Tx) error { _, err := region.Find(tx, q.Region); return err }},
		{"region", q.Near, func(tx *storage.Tx) error { _, err := region.Find(tx, q.Near); return err }},
	} {
		if _, known := d.known.Load(c.sort + ":" + c.code); known || c.code == "" {
			continue
		}
		err := d.db.ViewShared(ctx, c.find)
		if err == nil {
			d.known.Store(c.sort+":"+c.code, true)
			continue
		}
		if f, refused := fault.As(err); refused && c.code == q.Near {
			err = f.On("near")
		}
		unknown = append(unknown, err)
	}
	return fault.All(unknown...)
}

// Health says how the engine is and how far behind: since when the oldest
// change waits to be found.
func (d *Desk) Health(ctx context.Context) (Health, error) {
	timed, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	h, err := d.engine.Health(timed)
	if err != nil {
		return Health{Engine: d.engine.Name()}, silence(ctx, err)
	}
	_, since, err := jobs.Waiting(ctx, d.db, jobs.IndexKind)
	if err == nil && !since.IsZero() {
		h.Lag = max(d.db.Now().Sub(since), 0)
	}
	return h, err
}

// Lag says how many changes wait to be found and since when the oldest does,
// without asking the engine.
func (d *Desk) Lag(ctx context.Context) (int64, time.Duration, error) {
	n, since, err := jobs.Waiting(ctx, d.db, jobs.IndexKind)
	if err != nil || since.IsZero() {
		return n, 0, err
	}
	return n, max(d.db.Now().Sub(since), 0), nil
}

// source gives the source of a kind; nil when nobody has handed one in.
func (d *Desk) source(kind string) Source {
	for _, s := range d.sources {
		if s.Kind() == kind {
			return s
		}
	}
	return nil
}

// idsOf gives the ids of documents.
func idsOf(docs []Document) []id.ID {
	all := make([]id.ID, len(docs))
	for i, d := range docs {
		all[i] = d.ID
	}
	return all
}
