package web

import (
	"cmp"
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// talking mounts what the sides of an order write to each other.
func (w *Web) talking(app fiber.Router) {
	app.Get(part.MessagesWay, w.messages)
	app.Get("/orders/:market/:id/talk", w.talk)
	app.Post("/orders/:market/:id/talk", w.write)
	app.Post("/orders/:market/:id/talk/:deed", w.talkDeed)
}

// chat is an order's talk and who looks at it.
type chat struct {
	m  region.Market
	o  order.Order
	by order.By
}

func (k chat) way() string { return part.TalkWay(k.m.Code, k.o.ID.String()) }

func (w *Web) chat(c *fiber.Ctx) (chat, error) {
	var k chat
	m, name, p, err := w.named(c)
	if err != nil {
		return k, err
	}
	k.m = m
	k.o, k.by, err = w.Talker(c.UserContext(), p, order.Ref{Market: k.m.ID, ID: name})
	return k, err
}

// talk shows what was written, which is read then.
func (w *Web) talk(c *fiber.Ctx) error {
	k, err := w.chat(c)
	if err != nil {
		return err
	}
	if err := w.showTalk(c, k, fiber.StatusOK, "", part.Form{}); err != nil {
		return err
	}
	if k.by.ReadOnly {
		return nil
	}
	return w.Talks.Seen(c.UserContext(), k.by, k.o.Ref())
}

// showTalk shows the page; form is what was refused of one deed.
func (w *Web) showTalk(c *fiber.Ctx, k chat, status int, deed string, form part.Form) error {
	all, err := w.Talks.Of(c.UserContext(), k.by, k.o.Ref())
	if err != nil {
		return err
	}
	f, err := w.frame(c, k.m)
	if err != nil {
		return err
	}
	names, err := w.sides(c.UserContext(), f, k)
	if err != nil {
		return err
	}
	v := page.Talk{Frame: f, Market: k.m.Code, ID: k.o.ID.String(), Number: k.o.Number, As: string(k.by.As), Open: all.Open, Called: all.CalledWhy, Reads: k.by.ReadOnly}
	for _, m := range all.All {
		one := page.Message{As: string(m.As), Who: names[m.As], Mine: m.As == k.by.As, Text: m.Text, At: m.At, Seen: m.Seen}
		for _, key := range m.Photos {
			one.Photos = append(one.Photos, part.Picture{URL: part.EvidenceWay(k.m.Code, k.o.ID.String(), strings.TrimPrefix(key, "evidence/"), "1200.jpg")})
		}
		v.Messages = append(v.Messages, one)
	}
	for name, to := range map[string]*part.Form{"say": &v.Say, "call": &v.Call, "leave": &v.Leave} {
		if name == deed {
			*to = form
		}
		to.Key, to.ID, to.Action = newKey(), name+"-", k.way()+"/"+name
	}
	v.Say.Action = k.way()
	return w.render(c, status, v.View())
}

// sides are the names of an order's sides, as the reader may know them: the agent
// knows the buyer by the first character.
func (w *Web) sides(ctx context.Context, f part.Frame, k chat) (map[order.Party]string, error) {
	s, err := w.Orders.Story(ctx, k.o.Ref())
	if err != nil {
		return nil, err
	}
	who, err := w.folk(ctx, s)
	if err != nil {
		return nil, err
	}
	names := map[order.Party]string{order.AsSeller: either(f.Reader, who.seller.Name, who.seller.NameEN), talk.AsAgent: who.agent.Name}
	if s.DeliverTo != nil {
		names[order.AsBuyer] = s.DeliverTo.Name
	}
	if k.by.As == talk.AsAgent && names[order.AsBuyer] != "" {
		names[order.AsBuyer] = masked(names[order.AsBuyer])
	}
	return names, nil
}

// write sends a message.
func (w *Web) write(c *fiber.Ctx) error {
	k, err := w.chat(c)
	if err == nil {
		_, k.by, err = w.Writes(c.UserContext(), k.by.Person, k.o.Ref())
	}
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	said, key, err := w.evident(c, k.by.ID, form, "talk")
	if err == nil {
		_, err = w.Talks.Say(c.UserContext(), key, k.by, k.o.Ref(), talk.Said(said))
	}
	return w.wrote(c, k, "say", form, err)
}

// talkDeed calls an operator, or lets them leave.
func (w *Web) talkDeed(c *fiber.Ctx) error {
	k, err := w.chat(c)
	deed := c.Params("deed")
	if err == nil && deed == "leave" {
		err = door.Writer(k.by.Person) // also when it was left already
	} else if err == nil {
		_, k.by, err = w.Writes(c.UserContext(), k.by.Person, k.o.Ref())
	}
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	switch deed {
	case "call":
		err = w.Talks.Call(c.UserContext(), k.by, k.o.Ref(), form["why"])
	case "leave":
		if err = w.Talks.Leave(c.UserContext(), k.by, k.o.Ref()); err == nil {
			w.flash(c, part.Notice{Kind: "good", Text: bare(c).T("talk_done.leave")})
			return c.Redirect(seat{m: k.m}.way(part.TalksWay), fiber.StatusSeeOther)
		}
	default:
		return fault.NotFound("not_found")
	}
	return w.wrote(c, k, deed, form, err)
}

// wrote leads back to the page, or shows it with what was refused.
func (w *Web) wrote(c *fiber.Ctx, k chat, deed string, form typedForm, err error) error {
	if err == nil {
		w.Worker.Wake()
		return w.told(c, "talk_done."+deed, k.way())
	}
	if !refused(err) {
		return err
	}
	f, e := w.frame(c, k.m)
	if e != nil {
		return e
	}
	if e := w.showTalk(c, k, door.Status(err), deed, part.Form{}.Refused(f.Reader, on(err, map[string]string{"photos": "photo"}), form)); e != nil {
		return err // they may not even read: the refusal has a page of its own
	}
	return nil
}

// talked says of an order's page what was written of it, and what of that its
// visitor has not read.
func (w *Web) talked(c *fiber.Ctx, l looking) (page.TalkSign, error) {
	side, may := door.Side(l.party)
	if !may {
		return page.TalkSign{}, nil
	}
	by := order.By{Person: l.p, As: side}
	t, err := w.Talks.About(c.UserContext(), by, l.story.Ref())
	shown := by.As != order.AsOperator || t.CalledAt != nil
	return page.TalkSign{Shown: shown, Messages: t.Messages, Fresh: t.Unread}, err
}

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
