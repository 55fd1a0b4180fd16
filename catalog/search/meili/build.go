package meili

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/meilisearch/meilisearch-go"

	"commonfield/catalog/search"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// build is an index in the making.
type build struct {
	e      *Engine
	index  string
	flying chan struct{} // one place for each task that is under way
	tasks  sync.WaitGroup
	mu     sync.Mutex
	failed error // the first task that did
}

// ahead is how many tasks a build gives before it waits: the server takes
// what waits together, and that is many times quicker than one by one.
const ahead = 16

// errOvertaken says that somebody has begun to build anew meanwhile.
func errOvertaken() error { return fault.Conflict("reindex_overtaken") }

// Rebuild makes an empty index beside the live one. One that somebody left in
// the making is dropped first; who still builds it is refused at its next step.
func (e *Engine) Rebuild(ctx context.Context) (search.Build, error) {
	left, err := e.making(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range left {
		if err := e.drop(ctx, name); err != nil {
			return nil, err
		}
	}
	b := &build{e: e, flying: make(chan struct{}, ahead), index: e.live + "_next_" + strings.ToLower(id.Secret(8))}
	if err := e.create(ctx, b.index); err != nil {
		return nil, err
	}
	return b, nil
}

// making lists the indexes in the making.
func (e *Engine) making(ctx context.Context) ([]string, error) {
	all, err := e.indexes(ctx)
	return slices.DeleteFunc(all, func(name string) bool { return !strings.HasPrefix(name, e.live+"_next_") }), err
}

// indexes lists what is on the server.
func (e *Engine) indexes(ctx context.Context) ([]string, error) {
	r, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.IndexesResults, error) {
		return e.server.ListIndexesWithContext(ctx, &meilisearch.IndexesQuery{Limit: 1000})
	})
	if err != nil {
		return nil, err
	}
	names := make([]string, len(r.Results))
	for i, x := range r.Results {
		names[i] = x.UID
	}
	return names, nil
}

// mine looks whether the index is still there: a document that is put into none
// would make one.
func (b *build) mine(ctx context.Context) error {
	names, err := b.e.making(ctx)
	if err == nil && !slices.Contains(names, b.index) {
		err = errOvertaken()
	}
	return err
}

// Put writes documents that are newer than what came in meanwhile. It does not
// wait until they are in: a task that fails is told by the next step, Swap at
// the latest. Until then their keys are held.
func (b *build) Put(ctx context.Context, docs []search.Document) error {
	if err := b.mine(ctx); err != nil {
		return err
	}
	for some := range slices.Chunk(newest(docs), batch) {
		records := make([]record, len(some))
		for i, d := range some {
			records[i] = recordOf(d)
		}
		free := b.e.keys.hold(ids(records))
		newer, err := b.e.newer(ctx, b.index, records, false)
		if err != nil || len(newer) == 0 {
			free()
			if err != nil {
				return err
			}
			continue
		}
		b.flying <- struct{}{}
		given, err := ask(ctx, b.e, b.e.adding(b.index, newer))
		if err != nil {
			free()
			<-b.flying
			return err
		}
		b.tasks.Go(func() {
			err := b.e.finished(context.WithoutCancel(ctx), given.TaskUID, ahead*b.e.o.Finish)
			free()
			b.mu.Lock()
			b.failed = cmp.Or(b.failed, err)
			b.mu.Unlock()
			<-b.flying
		})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

// landed waits for the tasks that are under way.
func (b *build) landed() error {
	b.tasks.Wait()
	return b.failed
}

// Swap takes the marks of what was removed out, and makes the index the live
// one in a moment. Writes of this process wait; those of others notice, and
// are made again.
func (b *build) Swap(ctx context.Context) error {
	if err := b.landed(); err != nil {
		return err
	}
	b.e.swap.Lock()
	defer b.e.swap.Unlock()
	if err := b.mine(ctx); err != nil {
		return err
	}
	err := b.e.done(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return b.e.server.Index(b.index).DeleteDocumentsByFilterWithContext(ctx, "gone = true", nil)
	})
	if err != nil {
		return err
	}
	err = b.e.done(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return b.e.server.SwapIndexesWithContext(ctx, []*meilisearch.SwapIndexesParams{{Indexes: []string{b.e.live, b.index}}})
	})
	if err != nil {
		return err
	}
	return b.e.drop(ctx, b.index) // the old one has its name now
}

// Drop gives the build up.
func (b *build) Drop(ctx context.Context) error {
	_ = b.landed()
	return b.e.drop(ctx, b.index)
}

// Clear takes all indexes of this installation off the server: tests and the
// bench leave nothing.
func (e *Engine) Clear(ctx context.Context) error {
	names, err := e.making(ctx)
	for _, n := range append(names, e.live) {
		err = errors.Join(err, e.drop(ctx, n))
	}
	return err
}

func (e *Engine) drop(ctx context.Context, index string) error {
	err := e.done(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return e.server.DeleteIndexWithContext(ctx, index)
	})
	var failed *taskError
	if errors.As(err, &failed) && failed.code == "index_not_found" {
		return nil
	}
	return err
}
