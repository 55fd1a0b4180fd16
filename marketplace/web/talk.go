package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
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
