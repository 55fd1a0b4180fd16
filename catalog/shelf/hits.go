package shelf

import (
	"context"

	"commonfield/catalog/search"
)

// Found gives the cards of the listings that search has found, in its order and
// as their rows stand now: a price never comes from the index, and what is not
// on sale any more is left out. Keys of other kinds are passed over.
func (s *Shelf) Found(ctx context.Context, hits []search.Hit) ([]Card, error) {
	goods := make([]Chosen, 0, len(hits))
	for _, h := range hits {
		if h.Kind == search.Listing {
			goods = append(goods, Chosen{h.Market, h.ID})
		}
	}
	return s.Cards(ctx, goods)
}
