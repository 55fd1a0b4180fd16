package searchtest_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/catalog/search/searchtest"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestTheTablesAreWhole(t *testing.T) {
	docs, names := searchtest.Catalogue(make([]int32, searchtest.Markets))
	seen := map[id.ID]bool{}
	for _, d := range docs {
		if seen[d.ID] || names[d.Key] == "" || d.Title == "" || d.Region == "" {
			t.Errorf("%q is there twice, or without a name: %+v", names[d.Key], d)
		}
		seen[d.ID] = true
	}
	if len(docs) < 240 {
		t.Errorf("%d documents", len(docs))
	}
	for _, w := range searchtest.Unknown(names) {
		t.Errorf("no document is called %s", w)
	}
}

// broken is an engine that does something wrong.
type broken struct {
	search.Engine
	search func(context.Context, search.Engine, search.Query) (search.Answer, error)
	put    func(context.Context, search.Engine, []search.Document) error
	remove func(context.Context, search.Engine, []search.Key) error
}

func (b broken) Search(ctx context.Context, q search.Query) (search.Answer, error) {
	if b.search == nil {
		return b.Engine.Search(ctx, q)
	}
	return b.search(ctx, b.Engine, q)
}

func (b broken) Put(ctx context.Context, docs []search.Document) error {
	if b.put == nil {
		return b.Engine.Put(ctx, docs)
	}
	return b.put(ctx, b.Engine, docs)
}

func (b broken) Remove(ctx context.Context, keys []search.Key) error {
	if b.remove == nil {
		return b.Engine.Remove(ctx, keys)
	}
	return b.remove(ctx, b.Engine, keys)
}

// Each of these mistakes must be heard, by the case that is there for it.
func TestABrokenEngineIsHeard(t *testing.T) {
	var once sync.Map
	var newest atomic.Int64
	for name, c := range map[string]struct {
		engine broken
		heard  string
	}{
		"drops the filters": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			q.Category, q.Region, q.PriceTo, q.InStock = "", "", 0, false
			return e.Search(ctx, q)
		}}, "every filter keeps out what it says, alone and together"},
		"counts facets under all filters": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			a, err := e.Search(ctx, q)
			if q.Category != "" && len(a.Facets) > 0 {
				a.Facets[search.FacetCategory] = slices.DeleteFunc(slices.Clone(a.Facets[search.FacetCategory]), func(f search.Facet) bool { return f.Value != q.Category })
			}
			return a, err
		}}, "a facet counts under all filters but its own"},
		"forgets to remove": {broken{remove: func(context.Context, search.Engine, []search.Key) error { return nil }}, "what was removed is not found, and can come back"},
		"lets the last one win": {broken{put: func(ctx context.Context, e search.Engine, docs []search.Document) error {
			docs = slices.Clone(docs)
			for i := range docs {
				docs[i].Version = newest.Add(1)
			}
			return e.Put(ctx, docs)
		}}, "a smaller version never replaces a larger one"},
		"repeats a hit on the next page": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			a, err := e.Search(ctx, q)
			if q.After != "" && len(a.Hits) > 1 {
				a.Hits[0] = a.Hits[1]
			}
			return a, err
		}}, "pages give each hit once, and the same twice"},
		"turns the order round": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			a, err := e.Search(ctx, q)
			slices.Reverse(a.Hits)
			return a, err
		}}, "finds 核桃仁"},
		"knows no pinyin": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			if q.Text == "hetao" {
				return search.Answer{Exact: true}, nil
			}
			return e.Search(ctx, q)
		}}, "finds hetao"},
		"knows no synonyms": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			q.Synonyms = nil
			return e.Search(ctx, q)
		}}, "other words for the same find the same"},
		"marks nothing": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			a, err := e.Search(ctx, q)
			for i := range a.Hits {
				a.Hits[i].Title = slices.Clone(a.Hits[i].Title)
				for j := range a.Hits[i].Title {
					a.Hits[i].Title[j].Found = false
				}
			}
			return a, err
		}}, "what was found is marked"},
		"takes any cursor": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			a, err := e.Search(ctx, q)
			if err != nil {
				q.After = ""
				return e.Search(ctx, q)
			}
			return a, err
		}}, "a wrong cursor is refused"},
		"chokes on long texts": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			if len(q.Text) > 150 {
				return search.Answer{}, context.DeadlineExceeded
			}
			return e.Search(ctx, q)
		}}, "no text upsets it"},
		"finds nothing for a moment": {broken{search: func(ctx context.Context, e search.Engine, q search.Query) (search.Answer, error) {
			if q.Text == "漾濞泡核桃" && q.Synonyms == nil {
				if n, _ := once.LoadOrStore("gap", new(sync.Once)); n != nil {
					gap := false
					n.(*sync.Once).Do(func() { gap = true })
					if gap {
						return search.Answer{Exact: true}, nil
					}
				}
			}
			return e.Search(ctx, q)
		}}, "a rebuild swaps without a gap under readers and writers"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := searchtest.Broken(t, func(t testing.TB) (search.Engine, []int32) {
				e, markets := open(t)
				b := c.engine
				b.Engine = e
				return b, markets
			}, c.heard)
			if len(wrong) == 0 {
				t.Errorf("nobody says that it %s", name)
			}
			t.Log(strings.Join(wrong[:min(1, len(wrong))], "\n"))
		})
	}
}

func open(t testing.TB) (search.Engine, []int32) {
	t.Helper()
	db, _ := dbtest.Own(t)
	markets := make([]int32, searchtest.Markets)
	for i := range markets {
		markets[i] = dbtest.Market(t, db)
	}
	return pg.Open(db), markets
}
