package told

import (
	"context"

	"commonfield/marketplace/order"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// claimed brings what a guest was told of their orders to the person whose these
// are now.
func (t *Teller) claimed(ctx context.Context, j jobs.Job) (finish, error) {
	c, err := read[order.Claimed](j)
	if err != nil {
		return nil, err
	}
	var ways []string
	if c.Payment != id.None {
		placed, _, err := t.orders.FindCheckout(ctx, j.Market, c.Payment)
		if err != nil {
			return nil, err
		}
		for _, ref := range placed.Orders() {
			if ref.Market != j.Market {
				continue
			}
			way, err := t.wayOf(ctx, j.Market, ref.ID)
			if err != nil {
				return nil, err
			}
			ways = append(ways, way)
		}
	}
	return nil, t.notices.Hand(ctx, c.Guest, c.Person, j.Market, ways...)
}
