package search

import (
	"context"
	"sync"
	"time"

	"commonfield/storage/fault"
)

// Late is an engine beside the program that may come later than it: until open
// succeeds every verb says search_down, and the shop goes on without it.
func Late(name string, open func(ctx context.Context) (Engine, error)) Engine {
	return &late{name: name, open: open}
}

// between is how long nobody tries again after an engine could not be opened.
const between = 2 * time.Second

type late struct {
	name  string
	open  func(ctx context.Context) (Engine, error)
	mu    sync.Mutex
	e     Engine
	err   error
	tried time.Time
}

func (l *late) engine(ctx context.Context) (Engine, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.e != nil {
		return l.e, nil
	}
	if l.err != nil && time.Since(l.tried) < between {
		return nil, l.err
	}
	e, err := l.open(ctx)
	if _, told := fault.As(err); err != nil && !told {
		err = fault.Unavailable("search_down").Because(err)
	}
	l.e, l.err, l.tried = e, err, time.Now()
	return e, err
}

func (l *late) Name() string { return l.name }

func (l *late) Search(ctx context.Context, q Query) (Answer, error) {
	e, err := l.engine(ctx)
	if err != nil {
		return Answer{}, err
	}
	return e.Search(ctx, q)
}

func (l *late) Suggest(ctx context.Context, text, lang string, n int) ([]Suggestion, error) {
	e, err := l.engine(ctx)
	if err != nil {
		return nil, err
	}
	return e.Suggest(ctx, text, lang, n)
}

func (l *late) Put(ctx context.Context, docs []Document) error {
	e, err := l.engine(ctx)
	if err != nil {
		return err
	}
	return e.Put(ctx, docs)
}

func (l *late) Remove(ctx context.Context, keys []Key) error {
	e, err := l.engine(ctx)
	if err != nil {
		return err
	}
	return e.Remove(ctx, keys)
}

func (l *late) Rebuild(ctx context.Context) (Build, error) {
	e, err := l.engine(ctx)
	if err != nil {
		return nil, err
	}
	return e.Rebuild(ctx)
}

func (l *late) Each(ctx context.Context, market int32, see func(Key, int64) error) error {
	e, err := l.engine(ctx)
	if err != nil {
		return err
	}
	return e.Each(ctx, market, see)
}

func (l *late) Health(ctx context.Context) (Health, error) {
	e, err := l.engine(ctx)
	if err != nil {
		return Health{Engine: l.name}, err
	}
	return e.Health(ctx)
}
