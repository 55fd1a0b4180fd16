package meili

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"commonfield/catalog/search"
)

// batch is how many documents one task takes.
const batch = 2000

// Put writes documents into the live index and those in the making, each only
// over an older version of itself, and returns when they can be found.
func (e *Engine) Put(ctx context.Context, docs []search.Document) error {
	for some := range slices.Chunk(newest(docs), batch) {
		records := make([]record, len(some))
		for i, d := range some {
			records[i] = recordOf(d)
		}
		if err := e.write(ctx, records, func(name string) error { return e.put(ctx, name, records, true) }); err != nil {
			return err
		}
	}
	return nil
}

// Remove takes documents out. In an index in the making a mark stays in their
// place until it goes live, so that a row which was read before comes too late.
func (e *Engine) Remove(ctx context.Context, keys []search.Key) error {
	for some := range slices.Chunk(keys, batch) {
		records := make([]record, len(some))
		for i, k := range some {
			records[i] = record{ID: name(k), Kind: k.Kind, Market: k.Market, Gone: true, Places: []string{}}
		}
		err := e.write(ctx, records, func(name string) error {
			if name == e.live {
				return e.done(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
					return e.server.Index(name).DeleteDocumentsWithContext(ctx, ids(records), nil)
				})
			}
			return e.mark(ctx, name, records)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// write does something to the indexes in the making and then to the live one,
// while nobody else of this process writes the same keys. If the indexes were
// swapped meanwhile, by another process, it does it again.
func (e *Engine) write(ctx context.Context, records []record, do func(index string) error) error {
	e.swap.RLock()
	defer e.swap.RUnlock()
	defer e.keys.hold(ids(records))()
	for try := 1; ; try++ {
		before, err := e.generation(ctx)
		if err != nil {
			return err
		}
		making, err := e.making(ctx)
		if err != nil {
			return err
		}
		for _, name := range append(making, e.live) {
			// One in the making may be given up meanwhile; then nobody wants this.
			if err = do(name); err != nil && (name == e.live || !errors.Is(err, errGone)) {
				return err
			}
		}
		after, err := e.generation(ctx)
		if err != nil || after.Equal(before) || try == tries {
			return err
		}
	}
}

// put writes what is newer than what stands in an index.
func (e *Engine) put(ctx context.Context, index string, records []record, back bool) error {
	newer, err := e.newer(ctx, index, records, back)
	if err != nil {
		return err
	}
	return e.add(ctx, index, newer)
}

// newer leaves out what stands in an index already. What was removed may come
// back as it was, but not from rows that were read before.
func (e *Engine) newer(ctx context.Context, index string, records []record, back bool) ([]record, error) {
	stand, err := e.stands(ctx, index, ids(records))
	if err != nil {
		return nil, err
	}
	var newer []record
	for _, r := range records {
		if s, there := stand[r.ID]; !there || s.Version < r.Version || back && s.Gone && s.Version == r.Version {
			newer = append(newer, r)
		}
	}
	return newer, nil
}

// mark writes that documents were removed, at the version that stood.
func (e *Engine) mark(ctx context.Context, index string, records []record) error {
	marks := slices.Clone(records)
	for _, name := range []string{e.live, index} {
		stand, err := e.stands(ctx, name, ids(records))
		if err != nil {
			return err
		}
		for i, r := range marks {
			marks[i].Version = max(r.Version, stand[r.ID].Version)
		}
	}
	return e.add(ctx, index, marks)
}

func (e *Engine) add(ctx context.Context, index string, records []record) error {
	if len(records) == 0 {
		return nil
	}
	return e.done(ctx, e.adding(index, records))
}

func (e *Engine) adding(index string, records []record) func(context.Context) (*meilisearch.TaskInfo, error) {
	key := "id"
	return func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return e.server.Index(index).AddDocumentsWithContext(ctx, records, &meilisearch.DocumentOptions{PrimaryKey: &key})
	}
}

// stands gives what stands in an index, by names.
func (e *Engine) stands(ctx context.Context, index string, names []string) (map[string]standing, error) {
	stand := map[string]standing{}
	r, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.DocumentsResult, error) {
		r := new(meilisearch.DocumentsResult)
		return r, e.server.Index(index).GetDocumentsWithContext(ctx, &meilisearch.DocumentsQuery{Ids: names, Limit: int64(len(names)), Fields: []string{"id", "version", "gone"}}, r)
	})
	if err != nil {
		return nil, err
	}
	for _, h := range r.Results {
		var s standing
		if err := h.DecodeInto(&s); err != nil {
			return nil, down(err)
		}
		stand[s.ID] = s
	}
	return stand, nil
}

type standing struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Gone    bool   `json:"gone"`
}

// Each walks what can be found of a market.
func (e *Engine) Each(ctx context.Context, market int32, see func(search.Key, int64) error) error {
	for offset := int64(0); ; {
		r, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.DocumentsResult, error) {
			r := new(meilisearch.DocumentsResult)
			return r, e.server.Index(e.live).GetDocumentsWithContext(ctx, &meilisearch.DocumentsQuery{Filter: fmt.Sprintf("market = %d", market), Offset: offset, Limit: 1000, Fields: []string{"id", "version"}}, r)
		})
		if err != nil {
			return err
		}
		for _, h := range r.Results {
			var s standing
			if err := h.DecodeInto(&s); err != nil {
				return down(err)
			}
			k, err := keyOf(s.ID)
			if err != nil {
				return down(err)
			}
			if err := see(k, s.Version); err != nil {
				return err
			}
		}
		if offset += int64(len(r.Results)); len(r.Results) == 0 || offset >= r.Total {
			return nil
		}
	}
}

// generation tells one live index from the next: when it was made. errGone is
// inside the error when there is none.
func (e *Engine) generation(ctx context.Context) (time.Time, error) {
	i, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.IndexResult, error) {
		return e.server.GetIndexWithContext(ctx, e.live)
	})
	if err != nil {
		return time.Time{}, err
	}
	return i.CreatedAt, nil
}

func ids(records []record) []string {
	all := make([]string, len(records))
	for i, r := range records {
		all[i] = r.ID
	}
	return all
}

// newest leaves the largest version of each document.
func newest(docs []search.Document) []search.Document {
	at := map[search.Key]int{}
	var all []search.Document
	for _, d := range docs {
		i, there := at[d.Key]
		switch {
		case !there:
			at[d.Key] = len(all)
			all = append(all, d)
		case all[i].Version < d.Version:
			all[i] = d
		}
	}
	return all
}
