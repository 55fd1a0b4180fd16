package door

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/marketplace/order"
)

// TakeCash says that what an order costs was taken, which delivers it: by its seller or
// a clerk for them, the agent who collects it, or an operator. How often a code may be
// typed where it is picked up is limited as for Collect.
func (d *Door) TakeCash(c *fiber.Ctx, p people.Person, ref order.Ref, t order.Taking) error {
	by, err := d.side(c.UserContext(), p, ref, order.AsSeller, AsClerk, AsHand, order.AsOperator)
	if err != nil {
		return err
	}
	if t.Code != "" {
		if err := d.Limit(c, "pickup", ref.ID.String(), mostCodes, time.Hour); err != nil {
			return err
		}
	}
	return d.Orders.TakeCash(c.UserContext(), by, ref, t)
}

// Takes says whether whoever takes these sides of an order may say that its cash was
// taken: whoever collects, a clerk for a producer who does, an operator who is not its
// buyer.
func Takes(c order.Collection, as []order.Party) bool {
	switch {
	case slices.Contains(as, AsHand), slices.Contains(as, order.AsOperator) && !slices.Contains(as, order.AsBuyer):
		return true
	case c.Kind == payable.Producer:
		return slices.Contains(as, order.AsSeller) || slices.Contains(as, AsClerk)
	}
	return false
}
