package shelf_test

import (
	"context"
	"testing"
	"time"

	"commonfield/catalog/catalogtest"
	"commonfield/catalog/search"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
)

// stubborn is an engine that cannot be built anew until it is mended.
type stubborn struct {
	search.Engine
	mended bool
}

func (s *stubborn) Rebuild(ctx context.Context) (search.Build, error) {
	if !s.mended {
		return nil, jobs.Never{Why: "the disk is full"}
	}
	return s.Engine.Rebuild(ctx)
}

func TestABuildingThatGaveUpIsToldAndTriedAgain(t *testing.T) {
	f := opened(t)
	l := catalogtest.Listing(t, f.db, f.market)
	engine := &stubborn{Engine: f.engine}
	desk := search.New(f.db, engine, nil, f.shelf.Listings(), f.shelf.Producers())
	if h := desk.Rebuilder(); h.Time < 10*time.Minute {
		t.Errorf("a large index has %s", h.Time)
	}
	work := jobs.NewWorker(f.db, map[string]jobs.Handler{search.RebuildJob: desk.Rebuilder()}, jobs.Options{})
	drain := func() {
		t.Helper()
		_, err := work.Drain(t.Context(), storage.Platform)
		must(t, err)
	}
	local := catalogtest.By
	local.Operator = []int32{f.market}
	if err := desk.AskRebuild(t.Context(), local); !fault.Has(err, "operator_only") {
		t.Errorf("an operator of one market asks: %v", err)
	}
	must(t, desk.AskRebuild(t.Context(), catalogtest.By))
	if m, err := desk.Making(t.Context()); err != nil || !m.Waits || m.Error != "" {
		t.Errorf("asked for: %+v %v", m, err)
	}
	drain()
	if m, err := desk.Making(t.Context()); err != nil || m.Waits || m.Error == "" {
		t.Errorf("given up: %+v %v", m, err)
	}
	engine.mended = true
	must(t, desk.AskRebuild(t.Context(), catalogtest.By))
	if m, err := desk.Making(t.Context()); err != nil || !m.Waits || m.Error != "" {
		t.Errorf("asked for again: %+v %v", m, err)
	}
	drain()
	if m, err := desk.Making(t.Context()); err != nil || m.Waits || m.Error != "" {
		t.Errorf("done: %+v %v", m, err)
	}
	if !f.finds(t, "核桃", l.ID) {
		t.Error("what was built is not found")
	}
}
