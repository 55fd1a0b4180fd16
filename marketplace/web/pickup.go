package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
)

// pickups are the moves of an order that its buyer picks up.
var pickups = map[string]bool{"pickup": true, "ready": true, "collect": true}

// pickup makes one of them; what is refused shows the order's page again.
func (w *Web) pickup(c *fiber.Ctx, name string) error {
	l, err := w.at(c)
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	ctx, ref := c.UserContext(), l.story.Ref()
	switch name {
	case "pickup":
		err = w.PickUp(ctx, l.p, ref)
	case "ready":
		err = w.Ready(ctx, l.p, ref)
	default:
		err = w.Collect(c, l.p, ref, form["code"])
	}
	if err == nil {
		return w.told(c, "pickup_done."+name, part.OrderWay(l.m.Code, l.story.ID.String()))
	}
	if !refused(err) || door.Status(err) == fiber.StatusTooManyRequests || door.Status(err) == fiber.StatusForbidden {
		return err
	}
	return w.showRefused(c, l, name, form, err)
}

// pickupOf brings to an order's page where it is picked up, or could be; the code to
// the buyer alone, once the goods are there.
func (w *Web) pickupOf(ctx context.Context, l looking, v *page.Order) error {
	s := l.story
	if s.Pickup != nil {
		v.Pickup = page.Pickup{Chosen: true, Name: s.Pickup.Name, Address: s.Pickup.Address, Hours: s.Pickup.Hours}
		if l.is(order.AsBuyer) && s.State == order.Shipped {
			var err error
			v.Pickup.Code, err = w.Orders.PickupCode(ctx, s.Order)
			return err
		}
		return nil
	}
	if !l.is(order.AsBuyer) {
		return nil
	}
	at, err := w.Orders.Offered(ctx, s.Order)
	if err != nil || at == nil {
		return err
	}
	v.May.PickUp = true
	v.Pickup = page.Pickup{Name: at.Name, Address: at.Address, Hours: at.Hours}
	for _, c := range s.Charges {
		if c.Label == order.Delivery {
			v.Pickup.Back += c.Left.Sum()
		}
	}
	return nil
}

// pointsOf is where the orders of a sheet are picked up, as a label says it.
func (d *desk) pointsOf(c *fiber.Ctx, s seat, all []order.Order) (map[string]string, error) {
	at, err := d.Orders.Pickups(c.UserContext(), s.m.ID, ids(all))
	where := map[string]string{}
	for of, p := range at {
		where[of.String()] = p.Name + " " + p.Address
	}
	return where, err
}
