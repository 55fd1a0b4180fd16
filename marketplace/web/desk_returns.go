package web

import (
	"cmp"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/id"
)

// operatorReturns lists what is open, for operators.
func (d *desk) operatorReturns(c *fiber.Ctx, s seat) error {
	return d.showReturns(c, s, id.None, part.Head{Desk: part.Operator, Here: "money"}, "returns.lead")
}

// producerReturns lists what a producer's buyers give back.
func (d *desk) producerReturns(c *fiber.Ctx, s seat) error {
	return d.showReturns(c, s, s.grower.ID, part.Head{Desk: part.Producer, Here: "orders"}, "returns.lead_seller")
}

func (d *desk) showReturns(c *fiber.Ctx, s seat, seller id.ID, h part.Head, lead string) error {
	ctx := c.UserContext()
	all, err := d.Returns.Running(ctx, s.m.ID, seller)
	if err != nil {
		return err
	}
	var names []id.ID
	for _, one := range all {
		names = append(names, one.Order)
	}
	about, err := d.Orders.Some(ctx, s.m.ID, names)
	if err != nil {
		return err
	}
	turn := order.AsSeller
	var sellers map[id.ID]producer.Producer
	var buyers map[id.ID]order.Address
	if seller == id.None {
		turn = order.AsOperator
		sellers, err = d.sellersOf(ctx, s.m.ID, about)
	} else {
		buyers, err = d.Orders.Addresses(ctx, s.m.ID, names)
	}
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		r := f.Reader
		h.Title = r.T("returns.title")
		v := page.Returns{Frame: f, Head: h, Lead: r.T(lead)}
		var rest []page.ReturnRow
		for _, one := range all {
			o := about[one.Order]
			row := page.ReturnRow{Href: part.ReturnWay(s.number(), o.ID.String()), Number: o.Number, State: returnState(one), At: one.AskedAt, Due: moment(one.DueAt), Yours: one.Turn() == turn}
			for _, l := range o.Lines {
				if n := one.Lines[l.No]; n > 0 && row.Goods == "" {
					row.Goods = lineTitle(r, l) + r.T("word.comma") + r.Quantity(n, l.Unit)
				}
			}
			if seller != id.None {
				row.Other = cmp.Or(buyerName(r, buyers[o.ID]), r.T("talk.buyer"))
			} else if o.Seller != nil {
				row.Other = either(r, sellers[*o.Seller].Name, sellers[*o.Seller].NameEN)
			}
			if row.Yours {
				v.Rows = append(v.Rows, row)
			} else {
				rest = append(rest, row)
			}
		}
		v.Rows = append(v.Rows, rest...)
		return v.View()
	})
}

// returnState is the state with what makes its word differ.
func returnState(b returns.Return) string {
	switch {
	case b.State == returns.Approved && b.Sealed == nil:
		return "approved_nowhere"
	case b.State == returns.Called && b.CameAt != nil:
		return "called_came"
	case b.State == returns.Called && b.SentAt != nil:
		return "called_sent"
	}
	return string(b.State)
}

// givenBackTo is how many returns wait for a seller, or for an operator.
func (d *desk) givenBackTo(c *fiber.Ctx, s seat, seller id.ID) (n int, err error) {
	all, err := d.Returns.Running(c.UserContext(), s.m.ID, seller)
	turn := order.AsOperator
	if seller != id.None {
		turn = order.AsSeller
	}
	for _, one := range all {
		if one.Turn() == turn {
			n++
		}
	}
	return n, err
}
