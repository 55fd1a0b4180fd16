package web

import (
	"context"
	"sync"
	"time"

	"commonfield/catalog/search"
	"commonfield/catalog/shelf"
	"commonfield/storage/fault"
)

// season is what was harvested last and is in stock, over all markets, and how
// much there is in all: names only, asked of the search now and then. The cards
// are read from the rows for every visitor.
type season struct {
	reading sync.Mutex
	mu      sync.Mutex
	hits    []search.Hit
	total   int64
	at      time.Time
}

// briefly is how long the front keeps what the search has said.
const briefly = time.Minute

func (s *season) kept() ([]search.Hit, int64, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits, s.total, s.at
}

// inSeason gives the cards of the front and how many goods there are; 0: nobody
// has counted. Without the search they are the newest ones.
func (w *Web) inSeason(ctx context.Context) ([]shelf.Card, int64, error) {
	hits, total, at := w.season.kept()
	if now := w.DB.Now(); now.Sub(at) >= briefly && w.season.reading.TryLock() {
		a, err := w.Search.Query(ctx, search.Query{Kind: search.Listing, InStock: true, Sort: search.ByHarvest, N: shelf.Usual})
		if _, refused := fault.As(err); err != nil && !refused {
			w.season.reading.Unlock()
			return nil, 0, err
		}
		if hits, total = a.Hits, a.Total; !a.Exact {
			total = 0
		}
		w.season.mu.Lock()
		w.season.hits, w.season.total, w.season.at = hits, total, now
		w.season.mu.Unlock()
		w.season.reading.Unlock()
	}
	if len(hits) >= mostSeason/2 {
		cards, err := w.Shelf.Found(ctx, hits)
		if err != nil || len(cards) >= mostSeason/2 {
			return cards, total, err
		}
	}
	cards, next, err := w.Shelf.Page(ctx, shelf.Filter{N: shelf.Usual})
	if next == "" {
		return cards, int64(len(cards)), err
	}
	return cards, 0, err
}
