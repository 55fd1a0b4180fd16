package door

import (
	"time"

	"github.com/gofiber/fiber/v2"

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
