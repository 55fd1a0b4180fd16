package search

import (
	"context"
	"encoding/json"
	"fmt"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// rounds is how often a row may change while it is brought to the engine
// before the job is put off.
const rounds = 5

// Bring does the jobs of jobs.IndexKind: it reads the changed row, and those
// around it, through their sources and brings the engine to where they stand.
// It may run twice and beside itself: whoever writes looks afterwards whether
// the rows still are as he wrote them, so the last to write has the last word.
func (d *Desk) Bring(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var c jobs.Changed
	if err := json.Unmarshal(j.Body, &c); err != nil {
		return nil, err
	}
	if s := d.source(c.Kind); s != nil {
		if err := d.bring(ctx, s, d.engine.Put, j.Market, []id.ID{c.ID}); err != nil {
			return nil, err
		}
	}
	for _, s := range d.sources {
		err := s.Around(ctx, Key{c.Kind, j.Market, c.ID}, func(ids []id.ID) error {
			return d.bring(ctx, s, d.engine.Put, j.Market, ids)
		})
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// bring makes the engine hold of the rows what their source says of them now.
func (d *Desk) bring(ctx context.Context, s Source, put func(context.Context, []Document) error, market int32, ids []id.ID) error {
	for range rounds {
		docs, err := s.Documents(ctx, market, ids)
		if err != nil {
			return err
		}
		if len(docs) > 0 {
			if err := put(ctx, docs); err != nil {
				return err
			}
		}
		if err := d.takeOut(ctx, s, market, ids, docs); err != nil {
			return err
		}
		if ids, err = d.changed(ctx, s, market, ids, docs); err != nil || len(ids) == 0 {
			return err
		}
	}
	return fmt.Errorf("search: %d rows of market %d change faster than they are written", len(ids), market)
}

// takeOut removes those of the rows that are no documents.
func (d *Desk) takeOut(ctx context.Context, s Source, market int32, ids []id.ID, docs []Document) error {
	there := map[id.ID]bool{}
	for _, doc := range docs {
		there[doc.ID] = true
	}
	var gone []Key
	for _, i := range ids {
		if !there[i] {
			gone = append(gone, Key{s.Kind(), market, i})
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return d.engine.Remove(ctx, gone)
}

// changed gives those of the rows that are not any more as the documents say.
func (d *Desk) changed(ctx context.Context, s Source, market int32, ids []id.ID, docs []Document) ([]id.ID, error) {
	now, err := s.Versions(ctx, market, ids)
	if err != nil {
		return nil, err
	}
	was := make(map[id.ID]int64, len(docs))
	for _, doc := range docs {
		was[doc.ID] = doc.Version
	}
	var other []id.ID
	for _, i := range ids {
		before, found := was[i]
		after, there := now[i]
		if found != there || before != after {
			other = append(other, i)
		}
	}
	return other, nil
}
