package web

import (
	"cmp"
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/id"
)

// messages are all talks of a person as buyer, and as agent.
func (w *Web) messages(c *fiber.Ctx) error {
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	v := page.Talks{Frame: f, Head: part.Head{Title: f.T("talks.title"), Here: "orders"}, Lead: f.T("talks.lead_own")}
	if p.ID == id.None {
		return w.render(c, fiber.StatusOK, v.View())
	}
	ctx := c.UserContext()
	in, err := w.MarketsOf(ctx, p)
	if err != nil {
		return err
	}
	all, err := w.Talks.List(ctx, talk.Filter{Markets: in, Buyer: p.ID, Person: p.ID})
	if err != nil {
		return err
	}
	own, err := w.AgentTalks(ctx, p.ID, talk.Filter{Person: p.ID})
	if err != nil {
		return err
	}
	if v.Rows, err = w.talkRows(ctx, f, append(all, own...), true); err != nil {
		return err
	}
	return w.render(c, fiber.StatusOK, v.View())
}

// talkRows writes talks as rows; the other side is the seller, or the buyer.
func (w *Web) talkRows(ctx context.Context, f part.Frame, all []talk.Talk, sellers bool) ([]page.TalkRow, error) {
	names := map[int32][]id.ID{}
	for _, t := range all {
		names[t.Market] = append(names[t.Market], t.Order)
	}
	type around struct {
		m       region.Market
		orders  map[id.ID]order.Order
		sellers map[id.ID]producer.Producer
		buyers  map[id.ID]order.Address
	}
	in := map[int32]around{}
	for market, ids := range names {
		var a around
		var err error
		if a.m, err = w.Books.Market(ctx, market); err != nil {
			return nil, err
		}
		if a.orders, err = w.Orders.Some(ctx, market, ids); err != nil {
			return nil, err
		}
		if sellers {
			a.sellers, err = w.sellersOf(ctx, market, a.orders)
		} else {
			a.buyers, err = w.Orders.Addresses(ctx, market, ids)
		}
		if err != nil {
			return nil, err
		}
		in[market] = a
	}
	var rows []page.TalkRow
	for _, t := range all {
		a := in[t.Market]
		o := a.orders[t.Order]
		row := page.TalkRow{Href: part.TalkWay(a.m.Code, t.Order.String()), Number: o.Number, Messages: t.Messages, Fresh: t.Unread, Why: t.CalledWhy, At: t.LastAt}
		if len(o.Lines) > 0 {
			row.Goods = lineTitle(f.Reader, o.Lines[0])
		}
		if sellers && o.Seller != nil {
			row.Other = either(f.Reader, a.sellers[*o.Seller].Name, a.sellers[*o.Seller].NameEN)
		} else {
			row.Other = cmp.Or(buyerName(f.Reader, a.buyers[t.Order]), f.T("talk.buyer"))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// producerTalks lists what buyers wrote to a producer.
func (d *desk) producerTalks(c *fiber.Ctx, s seat) error {
	return d.showTalks(c, s, talk.Filter{Seller: s.grower.ID}, part.Head{Desk: part.Producer, Here: "orders"}, "talks.lead_seller", false)
}

// operatorTalks lists those to which somebody has called an operator.
func (d *desk) operatorTalks(c *fiber.Ctx, s seat) error {
	return d.showTalks(c, s, talk.Filter{}, part.Head{Desk: part.Operator, Here: "money"}, "talks.lead_operator", true)
}

func (d *desk) showTalks(c *fiber.Ctx, s seat, of talk.Filter, h part.Head, lead string, sellers bool) error {
	of.Markets, of.Person = []int32{s.m.ID}, s.p.ID
	all, err := d.Talks.List(c.UserContext(), of)
	if err != nil {
		return err
	}
	f, err := d.frame(c, s.m)
	if err != nil {
		return err
	}
	rows, err := d.talkRows(c.UserContext(), f, all, sellers)
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		h.Title = f.T("talks.title")
		return page.Talks{Frame: f, Head: h, Lead: f.T(lead), Rows: rows}.View()
	})
}

// unread is how many talks wait for somebody at a desk.
func (d *desk) unread(c *fiber.Ctx, s seat, of talk.Filter) (int, error) {
	of.Markets, of.Person, of.Waiting = []int32{s.m.ID}, s.p.ID, of.Seller != id.None || of.Agent != id.None
	all, err := d.Talks.List(c.UserContext(), of)
	return len(all), err
}
