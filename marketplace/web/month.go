package web

import (
	"context"
	"time"

	"commonfield/marketplace/web/part"
)

// What the front says of the last month is kept for a while: it is read from
// every order of that time.
const (
	lately = 30 * 24 * time.Hour
	fresh  = time.Hour
)

// lately gives who received what of all that was completed in the last thirty days.
func (w *Web) lately(ctx context.Context) (part.Parts, error) {
	all, err := w.Books.All(ctx)
	if err != nil || len(all) == 0 {
		return part.Parts{}, err
	}
	now := w.DB.Now()
	return w.month.get(now, fresh, func() (part.Parts, error) {
		var in []int32
		for _, m := range all {
			in = append(in, m.ID)
		}
		shared, err := w.Orders.Shared(ctx, in, all[0].Currency, now.Add(-lately), now)
		return parts(shared), err
	})
}
