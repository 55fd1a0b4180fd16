package web

import (
	"context"
	"slices"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/id"
)

// disputes lists what is open, for operators.
func (d *desk) disputes(c *fiber.Ctx, s seat) error {
	all, err := d.Disputes.Running(c.UserContext(), s.m.ID, id.None)
	if err != nil {
		return err
	}
	var names []id.ID
	for _, one := range all {
		names = append(names, one.Order)
	}
	about, err := d.Orders.Some(c.UserContext(), s.m.ID, names)
	if err != nil {
		return err
	}
	sellers, err := d.sellersOf(c.UserContext(), s.m.ID, about)
	if err != nil {
		return err
	}
	now := d.DB.Now()
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Disputes{Frame: f}
		for _, one := range all {
			o := about[one.Order]
			_, due := one.Turn(now)
			line := page.DisputeRow{Href: part.DisputeWay(s.number(), o.ID.String()), Number: o.Number, Reason: one.Reason, State: caseState(one, now), At: one.OpenedAt, Due: due,
				Yours: one.State == dispute.Escalated}
			if o.Seller != nil {
				line.Seller = either(f.Reader, sellers[*o.Seller].Name, sellers[*o.Seller].NameEN)
			}
			v.Rows = append(v.Rows, line)
		}
		return v.View()
	})
}

// complaints are those about a producer's orders that wait for an answer, the first
// to be answered first.
func (d *desk) complaints(c *fiber.Ctx, s seat) (asked []dispute.Dispute, err error) {
	all, err := d.Disputes.Running(c.UserContext(), s.m.ID, s.grower.ID)
	for _, one := range all {
		if one.State == dispute.Opened {
			asked = append(asked, one)
		}
	}
	slices.SortFunc(asked, func(a, b dispute.Dispute) int { return a.AnswerBy.Compare(b.AnswerBy) })
	return asked, err
}

// sellersOf gives the sellers of some orders.
func (w *Web) sellersOf(ctx context.Context, market int32, orders map[id.ID]order.Order) (map[id.ID]producer.Producer, error) {
	of := map[id.ID]producer.Producer{}
	err := w.DB.View(ctx, market, func(tx *storage.Tx) error {
		for _, o := range orders {
			if o.Seller == nil || of[*o.Seller].ID != id.None {
				continue
			}
			p, err := producer.Find(tx, *o.Seller)
			if err != nil {
				return err
			}
			of[p.ID] = p
		}
		return nil
	})
	return of, err
}
