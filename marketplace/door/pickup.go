package door

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage/fault"
)

// side says as which of some parties a person acts on an order, the first before the
// next; a clerk acts in the seller's name.
func (d *Door) side(ctx context.Context, p people.Person, ref order.Ref, sides ...order.Party) (order.By, error) {
	if p.ReadOnly {
		return order.By{}, fault.Forbidden("read_only")
	}
	_, as, err := d.concerned(ctx, p, ref)
	if err != nil {
		return order.By{}, err
	}
	for _, party := range sides {
		if slices.Contains(as, party) {
			if party == AsClerk {
				party = order.AsSeller
			}
			return order.By{Person: p, As: party}, nil
		}
	}
	return order.By{}, fault.Forbidden("move_not_yours")
}

// PickUp says that the buyer comes for an order themselves.
func (d *Door) PickUp(ctx context.Context, p people.Person, ref order.Ref) error {
	by, err := d.side(ctx, p, ref, order.AsBuyer)
	if err != nil {
		return err
	}
	return d.Orders.PickUp(ctx, by, ref)
}

// AskCancel says that a buyer would rather not have an order that is paid.
func (d *Door) AskCancel(ctx context.Context, p people.Person, ref order.Ref) error {
	by, err := d.side(ctx, p, ref, order.AsBuyer)
	if err != nil {
		return err
	}
	return d.Orders.AskCancel(ctx, by, ref)
}

// Ready says that an order waits for its buyer.
func (d *Door) Ready(ctx context.Context, p people.Person, ref order.Ref) error {
	by, err := d.side(ctx, p, ref, order.AsSeller, AsClerk, order.AsOperator)
	if err != nil {
		return err
	}
	return d.Orders.Ready(ctx, by, ref)
}

// mostCodes is how often in an hour a code may be typed for one order, by all
// together: with six digits nobody finds it by trying.
const mostCodes = 5

// Collect hands an order over for the buyer's code. Refused by too_many when it was
// typed too often.
func (d *Door) Collect(c *fiber.Ctx, p people.Person, ref order.Ref, code string) error {
	by, err := d.side(c.UserContext(), p, ref, order.AsSeller, AsClerk, order.AsOperator)
	if err != nil {
		return err
	}
	if code == "" {
		return fault.Invalid("code", "required")
	}
	if err := d.Limit(c, "pickup", ref.ID.String(), mostCodes, time.Hour); err != nil {
		return err
	}
	return d.Orders.Collect(c.UserContext(), by, ref, code)
}
