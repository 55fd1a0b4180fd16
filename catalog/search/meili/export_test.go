package meili

import (
	"context"

	"commonfield/catalog/search"
)

// Clear drops the indexes of an engine.
func Clear(ctx context.Context, e search.Engine) {
	m := e.(*Engine)
	names, _ := m.making(ctx)
	for _, n := range append(names, m.live) {
		_ = m.drop(ctx, n)
	}
}
