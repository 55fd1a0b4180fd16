package search

import (
	"context"

	"commonfield/storage/id"
)

// Source is what a room wants found: documents, each a pure function of its row
// and of the rows around it. What everybody may not see is no document.
type Source interface {
	Kind() string
	// Walk shows all documents of a market, page by page, in the order of ids.
	Walk(ctx context.Context, market int32, page int, see func([]Document) error) error
	// Documents gives those of the rows that should be found; the others should
	// not, or are not there.
	Documents(ctx context.Context, market int32, ids []id.ID) ([]Document, error)
	// Versions is Documents without their texts.
	Versions(ctx context.Context, market int32, ids []id.ID) (map[id.ID]int64, error)
	// Around names further rows of this kind whose documents change when one of
	// another kind does: the listings of a producer.
	Around(ctx context.Context, of Key, see func([]id.ID) error) error
}
