package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/id"
)

// orders mounts what a person has ordered, and the life of one order.
func (w *Web) orders(app fiber.Router) {
	app.Get(part.OrdersWay, w.myOrders)
	app.Get(part.FindOrderWay, w.findOrder)
	app.Post(part.FindOrderWay, w.foundOrder)
	app.Get("/orders/:market/:id", w.order)
	app.Post("/orders/:market/:id/again", w.again)
	app.Get("/orders/:market/:id/pack", w.packing)
	app.Get("/orders/:market/:id/ship", w.shipping)
	app.Post("/orders/:market/:id/:move", w.move)
}

// pageOf is how many orders a page lists.
const pageOf = 20

func (w *Web) myOrders(c *fiber.Ctx) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	older, err := after(c)
	if err != nil {
		return err
	}
	v := page.Orders{Frame: f, Query: short(strings.TrimSpace(c.Query("q")), 80)}
	states, known := order.Groups[c.Query("group")]
	if known {
		v.Group = c.Query("group")
	}
	if p.ID == id.None {
		return w.render(c, fiber.StatusOK, v.View())
	}
	ctx := c.UserContext()
	in, err := w.MarketsOf(ctx, p)
	if err != nil {
		return err
	}
	list, err := w.Orders.List(ctx, order.Filter{Markets: in, Buyer: p.ID, States: states, Text: v.Query, After: older, N: pageOf})
	if err != nil {
		return err
	}
	if v.Rows, err = w.orderRows(ctx, f, list); err != nil {
		return err
	}
	if len(list) == pageOf {
		v.Next = link(part.OrdersWay, "group", v.Group, "q", v.Query, "after", list[pageOf-1].ID.String())
	}
	return w.render(c, fiber.StatusOK, v.View())
}

func (w *Web) orderRows(ctx context.Context, f part.Frame, list []order.Order) ([]page.OrderRow, error) {
	r := f.Reader
	sellers := map[id.ID]string{}
	rows := orderRows(r, list, func(order.Order) string { return "" })
	for i, o := range list {
		m, err := w.Books.Market(ctx, o.Market)
		if err != nil {
			return nil, err
		}
		rows[i].Href = part.OrderWay(m.Code, o.ID.String())
		rows[i].Yours = o.State == order.Placed || o.State == order.Promised && o.DueAt != nil || o.State == order.Delivered
		if o.Seller == nil {
			continue
		}
		name, known := sellers[*o.Seller]
		if !known {
			seller, err := w.seller(ctx, o)
			if err != nil {
				return nil, err
			}
			name = either(r, seller.Name, seller.NameEN)
			sellers[*o.Seller] = name
		}
		rows[i].Other = name
	}
	return rows, nil
}

// looking is one order with who looks at it, and as what.
type looking struct {
	m     region.Market
	home  region.Market // where its payment is at home
	p     people.Person
	story order.Story
	party order.Party   // the most concerned one
	as    []order.Party // all of them
}

// at gives the order of the address to whoever may see it.
func (w *Web) at(c *fiber.Ctx) (looking, error) {
	var v looking
	var name id.ID
	var err error
	if v.m, name, v.p, err = w.named(c); err != nil {
		return v, err
	}
	if v.story, v.party, err = w.Watch(c.UserContext(), v.p, order.Ref{Market: v.m.ID, ID: name}); err != nil {
		return v, err
	}
	if v.home, err = w.Books.Market(c.UserContext(), v.story.Paid.Home); err != nil {
		return v, err
	}
	v.as, err = w.Parties(c.UserContext(), v.p, v.story.Order)
	return v, err
}

func (w *Web) order(c *fiber.Ctx) error {
	v, err := w.at(c)
	if err != nil {
		return err
	}
	return w.showOrder(c, v, fiber.StatusOK, part.Form{})
}
