package search

import (
	"context"
	"sync"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/jobs"
)

const (
	piece   = 500 // documents that are built at once
	builder = 2   // who builds beside each other
)

// Reindex builds the index anew beside the live one and swaps them: searches go
// on, and what changes meanwhile reaches both. It says how many documents are
// in. What fails or is broken off leaves the live one as it was. Changes that
// could not be brought before are tried again.
func (d *Desk) Reindex(ctx context.Context, done func(n int)) (int64, error) {
	var markets []region.Market
	err := d.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { markets, err = region.Markets(tx); return err })
	if err != nil {
		return 0, err
	}
	b, err := d.engine.Rebuild(ctx)
	if err != nil {
		return 0, err
	}
	total, err := d.fill(ctx, b, markets, done)
	if err == nil {
		err = b.Swap(ctx)
	}
	if err != nil {
		_ = b.Drop(context.WithoutCancel(ctx))
		return 0, err
	}
	d.log.Info("search: built anew", "engine", d.engine.Name(), "documents", total)
	stuck, err := jobs.Stuck(ctx, d.db, jobs.IndexKind)
	if err == nil {
		err = d.catchUp(ctx, stuck)
	}
	if err != nil { // the next look finds them
		d.log.Warn("search: changes that could not be brought are not tried again yet", "error", err.Error())
	}
	return total, nil
}

// load is a page of one source's documents.
type load struct {
	source Source
	market int32
	docs   []Document
}

func (d *Desk) fill(ctx context.Context, b Build, markets []region.Market, done func(int)) (int64, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	loads := make(chan load, builder)
	var working sync.WaitGroup
	var mu sync.Mutex
	var total int64
	for range builder {
		working.Go(func() {
			for l := range loads {
				if ctx.Err() != nil {
					continue
				}
				if err := d.place(ctx, b, l); err != nil {
					stop(err)
					continue
				}
				mu.Lock()
				total += int64(len(l.docs))
				if done != nil {
					done(len(l.docs))
				}
				mu.Unlock()
			}
		})
	}
	err := d.walk(ctx, markets, loads)
	close(loads)
	working.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return total, err
}

func (d *Desk) walk(ctx context.Context, markets []region.Market, loads chan<- load) error {
	for _, m := range markets {
		for _, s := range d.sources {
			err := s.Walk(ctx, m.ID, piece, func(docs []Document) error {
				select {
				case loads <- load{s, m.ID, docs}:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// place puts a page into the index in the making, and looks whether its rows
// changed between the reading and the writing: what was removed in that moment
// must not come back.
func (d *Desk) place(ctx context.Context, b Build, l load) error {
	if err := b.Put(ctx, l.docs); err != nil {
		return err
	}
	other, err := d.changed(ctx, l.source, l.market, idsOf(l.docs), l.docs)
	if err != nil || len(other) == 0 {
		return err
	}
	return d.bring(ctx, l.source, b.Put, l.market, other)
}
