package web

import (
	"context"
	"time"

	"commonfield/catalog/search"
	"commonfield/catalog/shelf"
	"commonfield/storage/fault"
)

// season is what was harvested last and is in stock, over all markets, and how
// much there is in all: names only, asked of the search now and then. The cards
// are read from the rows for every visitor.
type season struct {
	hits  []search.Hit
	total int64
}

// briefly is how long the front keeps what the search has said.
const briefly = time.Minute

// inSeason gives the cards of the front and how many goods there are; 0: nobody
// has counted. Without the search they are the newest ones.
func (w *Web) inSeason(ctx context.Context) ([]shelf.Card, int64, error) {
	now, err := w.season.get(w.DB.Now(), briefly, func() (season, error) {
		a, err := w.Search.Query(ctx, search.Query{Kind: search.Listing, InStock: true, Sort: search.ByHarvest, N: shelf.Usual})
		if _, refused := fault.As(err); err != nil && !refused {
			return season{}, err
		}
		if !a.Exact {
			a.Total = 0
		}
		return season{a.Hits, a.Total}, nil
	})
	if err != nil {
		return nil, 0, err
	}
	if len(now.hits) >= mostSeason/2 {
		cards, err := w.Shelf.Found(ctx, now.hits)
		if err != nil || len(cards) >= mostSeason/2 {
			return cards, now.total, err
		}
	}
	cards, next, err := w.Shelf.Page(ctx, shelf.Filter{N: shelf.Usual})
	if next == "" {
		return cards, int64(len(cards)), err
	}
	return cards, 0, err
}
