package web

import (
	"cmp"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/skip2/go-qrcode"

	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/agents/statement"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// goal is what an agent of such goods was reported to earn in a month: from, and to.
// It was reported in yuan; in another currency nobody has said anything.
func goal(currency string) (low, high int64) {
	if currency != "CNY" {
		return 0, 0
	}
	return 3000_00, 5000_00
}

// selling mounts the agent's desk: for whoever is an agent of the market, also
// one who still waits or is suspended.
func (d *desk) selling(g fiber.Router) {
	g.Get("/agent", d.seated(d.agentSeat, d.agentDesk))
	g.Get("/agent/share", d.seated(d.agentSeat, d.agentShare))
	g.Get("/agent/poster", d.seated(d.agentSeat, d.poster))
	g.Get("/agent/qr.png", d.seated(d.agentSeat, d.agentQR))
	g.Get("/agent/shelf", d.seated(d.agentSeat, d.agentShelf))
	g.Post("/agent/shelf", d.seated(d.agentSeat, d.arrange))
	g.Get("/agent/orders", d.seated(d.agentSeat, d.agentOrders))
	g.Get("/agent/commissions", d.seated(d.agentSeat, d.agentEntries))
	g.Get("/agent/commissions/:market/:id", d.seated(d.agentSeat, d.commission))
	g.Get("/agent/cash", d.seated(d.agentSeat, d.hand))
	g.Post("/agent/cash", d.seated(d.agentSeat, d.handOver))
	d.statements(g, "/agent/statements", part.Agent, d.agentPayee, d.agentSeat)
}

func (d *desk) agentSeat(c *fiber.Ctx, p people.Person) (seat, error) {
	own, err := d.Agents.Standings(c.UserContext(), p.ID)
	if err != nil {
		return seat{p: p}, err
	}
	var have []int32
	for _, o := range own {
		have = append(have, o.Market)
	}
	return d.choose(c, p, have)
}

// agentPayee is in whose name the seat's agent is paid.
func (d *desk) agentPayee(c *fiber.Ctx, s seat) (id.ID, error) {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	return a.PayeeID, err
}

// shortLink is the whole address of an agent's link.
func shortLink(c *fiber.Ctx, host, code string) string {
	return strings.TrimSuffix(cmp.Or(host, c.BaseURL()), "/") + part.LinkWay(code)
}

// agentQR is the square code of the agent's link as a picture to send on, or,
// with ?goods=, of the link to one of the goods.
func (d *desk) agentQR(c *fiber.Ctx, s seat) error {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	f, err := d.frame(c, s.m)
	if err != nil {
		return err
	}
	link := shortLink(c, f.Host, a.Code)
	if goods := c.Query("goods"); goods != "" {
		market, listing, ok := readGoods(goods)
		if !ok {
			return fault.NotFound("listing_unknown")
		}
		if _, _, err := d.shown(c, market, listing.String()); err != nil {
			return err
		}
		link += "/" + goodsCode(market, listing)
	}
	png, err := qrcode.Encode(link, qrcode.Medium, 512)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	c.Set(fiber.HeaderCacheControl, "private, max-age=3600")
	return c.Send(png)
}

// agentDesk is the first page of the desk: what this month earned, what waits,
// and what came of the links.
func (d *desk) agentDesk(c *fiber.Ctx, s seat) error {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	var e earned
	if err := d.view(c, s, func(tx *storage.Tx) error { return e.read(tx, a, s.m.Location()) }); err != nil {
		return err
	}
	now := d.DB.Now().In(s.m.Location())
	month, _ := statement.MonthOf(now, s.m.Location()).In(s.m.Location())
	sold, best, err := d.Orders.SellingOf(c.UserContext(), s.m.ID, a.AgentID, month)
	if err != nil {
		return err
	}
	opened, err := d.openedSince(c, s, month)
	if err != nil {
		return err
	}
	written, err := d.unread(c, s, talk.Filter{Agent: a.AgentID})
	if err != nil {
		return err
	}
	unpaid, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Agent: a.AgentID, States: []order.State{order.Placed}, N: 10})
	if err != nil {
		return err
	}
	own, cards, err := d.onShelf(c, s.p.ID)
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.AgentDesk{Talks: written, Frame: f, Name: a.Name, Place: s.m.Title(f.Reader.Lang()), State: a.State, Code: a.Code, Link: shortLink(c, f.Host, a.Code),
			Currency: s.m.Currency, Window: window(), NoBank: e.noBank, Expected: e.expected,
			Clicks: opened, Orders: sold.Orders, Paid: sold.Paid, OnShelf: len(own.Goods), Gone: len(own.Goods) - len(cards),
			StatementHref: s.way(part.StatementWay(part.AgentStatementsWay, now.Format("2006-01")))}
		v.Low, v.High = goal(s.m.Currency)
		v.Holds, v.ToHandOver, v.ToCollect, v.CashHref = e.holds, e.handing, e.collect, s.way(handWay)
		v.Months, v.Earned = lastMonths(e.months, e.expected, now)
		v.States = e.states()
		for _, b := range best {
			v.Best = append(v.Best, page.BestGoods{Title: either(f.Reader, b.Title, b.TitleEN), Picture: picture(b.Photo, ""), Orders: b.Orders, Minor: b.Minor})
		}
		v.Unpaid = orderRows(f.Reader, unpaid, func(o order.Order) string { return o.Number })
		return v.View()
	})
}

// window is for how many days a link counts.
func window() int64 { return int64(attribution.Window / (24 * time.Hour)) }

// openedSince is how often the agent's shelf, and goods of this market by their
// links, were opened.
func (d *desk) openedSince(c *fiber.Ctx, s seat, since time.Time) (int64, error) {
	sums, err := d.Clicks.Since(c.UserContext(), s.p.ID, since)
	var n int64
	for _, one := range sums {
		if one.Market == s.m.ID || one.Market == storage.Platform {
			n += one.Clicks
		}
	}
	return n, err
}

// earning are the filters of an agent's orders.
var earning = []choice{
	{"", nil}, {"unpaid", []order.State{order.Placed, order.Promised}}, {"open", []order.State{order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered}},
	{"done", []order.State{order.Completed}}, {"ended", []order.State{order.Cancelled, order.Expired}},
}

func (d *desk) agentOrders(c *fiber.Ctx, s seat) error {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	which, err := d.chosen(c, earning)
	if err != nil {
		return err
	}
	older, err := after(c)
	if err != nil {
		return err
	}
	list, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Agent: a.AgentID, After: older, States: which.states, N: pageOf})
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.AgentOrders{Frame: f, Currency: s.m.Currency}
		for i, row := range orderRows(f.Reader, list, func(o order.Order) string { return o.Number }) {
			one := page.AgentOrder{OrderRow: row}
			for _, l := range list[i].Lines {
				one.Mine += l.AgentShare
			}
			v.Rows = append(v.Rows, one)
		}
		for _, one := range earning {
			v.Chips = append(v.Chips, part.Chip{Word: f.T("agent_orders." + cmp.Or(one.word, "all")), Href: s.way(part.AgentOrdersWay, "state", one.word), On: one.word == which.word})
		}
		if len(list) == pageOf {
			v.Next = s.way(part.AgentOrdersWay, "state", which.word, "after", list[pageOf-1].ID.String())
		}
		return v.View()
	})
}

// lastMonths gives six months up to now, those without sales too, and what the
// last one earned.
func lastMonths(have []commission.Month, expected int64, now time.Time) ([]part.Month, int64) {
	if len(have) == 0 && expected == 0 {
		return nil, 0
	}
	sums := map[string]int64{}
	for _, m := range have {
		sums[m.Month] = m.Amount
	}
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	var months []part.Month
	for back := 5; back >= 0; back-- {
		at := first.AddDate(0, -back, 0)
		months = append(months, part.Month{At: at, Minor: sums[at.Format("2006-01")]})
	}
	months[5].Expected = expected
	return months, months[5].Minor
}
