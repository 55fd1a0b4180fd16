package web

import (
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/catalog/shelf"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// agentShare is the link, its square code and the links to the goods of the shelf.
func (d *desk) agentShare(c *fiber.Ctx, s seat) error {
	v, err := d.sharing(c, s)
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		return v(f).View()
	})
}

// poster is what an agent prints and hangs up: their code and goods of their shelf.
func (d *desk) poster(c *fiber.Ctx, s seat) error {
	v, err := d.sharing(c, s)
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		return page.Poster{AgentShare: v(f)}.View()
	})
}

// sharing reads what share page and poster show.
func (d *desk) sharing(c *fiber.Ctx, s seat) (func(part.Frame) page.AgentShare, error) {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return nil, err
	}
	own, cards, err := d.onShelf(c, s.p.ID)
	if err != nil {
		return nil, err
	}
	return func(f part.Frame) page.AgentShare {
		link := shortLink(c, f.Host, a.Code)
		v := page.AgentShare{Frame: f, Name: a.Name, Code: a.Code, Link: link, Greeting: own.Greeting, State: a.State, Window: window(), ShelfHref: s.way(part.AgentShelfWay), PosterHref: s.way(part.AgentPosterWay), CodeHref: s.way(part.AgentWay + "/qr.png")}
		for _, card := range cards {
			code := goodsCode(card.MarketCode, card.ID)
			v.Goods = append(v.Goods, page.ShareGoods{Goods: goods(f.Reader, card), Link: link + "/" + code, CodeHref: s.way(part.AgentWay+"/qr.png", "goods", code)})
		}
		return v
	}, nil
}

func (d *desk) agentShelf(c *fiber.Ctx, s seat) error {
	return d.showShelf(c, s, fiber.StatusOK, part.Form{}, "")
}

// showShelf is the agent's shelf as they arrange it, and goods of the market to
// put on it. trouble is the sentence of a deed that was refused.
func (d *desk) showShelf(c *fiber.Ctx, s seat, status int, greet part.Form, trouble string) error {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	own, cards, err := d.onShelf(c, s.p.ID)
	if err != nil {
		return err
	}
	text := short(c.Query("q"), 80)
	found, next, err := d.Shelf.Page(c.UserContext(), shelf.Filter{Market: &s.m.ID, Text: text, After: c.Query("after")})
	if err != nil {
		return err
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.AgentShelf{Frame: f, Link: shortLink(c, f.Host, a.Code), Href: part.LinkWay(a.Code), State: a.State, Most: shelf.MostChosen, Long: shelf.LongGreeting, Trouble: trouble, Query: text, Action: s.way(part.AgentShelfWay), Key: newKey(), SearchHref: part.AgentShelfWay, Market: s.number()}
		v.Greet = greet
		v.Greet.Action, v.Greet.Key = v.Action, newKey()
		if v.Greet.Values == nil {
			v.Greet.Values = map[string]string{"greeting": own.Greeting}
		}
		for i, one := range own.Goods {
			of := page.OnShelf{Market: marketText(one.Market), ID: one.Listing.String(), First: i == 0, Last: i == len(own.Goods)-1, Goods: part.Goods{Title: f.T("shelf.gone")}, Gone: true}
			if at := slices.IndexFunc(cards, func(card shelf.Card) bool { return card.ID == one.Listing && card.Market == one.Market }); at >= 0 {
				of.Goods, of.Gone = goods(f.Reader, cards[at]), false
			}
			v.On = append(v.On, of)
		}
		for _, card := range found {
			if !slices.Contains(own.Goods, shelf.Chosen{Market: card.Market, Listing: card.ID}) {
				v.Offered = append(v.Offered, page.OnShelf{Market: marketText(card.Market), ID: card.ID.String(), Goods: goods(f.Reader, card)})
			}
		}
		if next != "" {
			v.Next = s.way(part.AgentShelfWay, "q", text, "after", next) + "#offered"
		}
		return v.View()
	})
}

// arrange does one deed on the agent's shelf: a new line above it, goods put on
// it, taken off it, or moved by one place. Twice is once, but for a move, whose
// place is told.
func (d *desk) arrange(c *fiber.Ctx, s seat) error {
	form := typedForm(typed(c))
	deed := form["deed"]
	word, err := "shelf_"+deed, d.once(c.UserContext(), s, d.key(c, s), func() error { return d.arranged(c, s, deed, form) })
	if err == nil {
		return d.done(c, s.way(part.AgentShelfWay), word)
	}
	if !refused(err) {
		return err
	}
	greet, status := d.refuse(c, s, err)
	if deed != "greet" {
		said, _ := fault.As(err)
		return d.showShelf(c, s, status, part.Form{}, tongue.Fault(d.reader(c, s), said.Code, said.Args))
	}
	return d.showShelf(c, s, status, greet, "")
}

func (d *desk) arranged(c *fiber.Ctx, s seat, deed string, form typedForm) error {
	ctx := c.UserContext()
	if deed == "greet" {
		return d.Shelf.Greet(ctx, s.p, form["greeting"])
	}
	m, err := d.marketOf(ctx, form["at"])
	if err != nil {
		return err
	}
	listing, err := row(form["listing"])
	if err != nil {
		return err
	}
	of := shelf.Chosen{Market: m.ID, Listing: listing}
	switch deed {
	case "put":
		return d.Shelf.Put(ctx, s.p, of)
	case "take":
		return d.Shelf.Take(ctx, s.p, of)
	case "up", "down":
		own, err := d.Shelf.OfAgent(ctx, s.p.ID)
		if err != nil {
			return err
		}
		return d.Shelf.Arrange(ctx, s.p, swapped(own.Goods, of, deed))
	}
	return fault.Invalid("deed", "invalid")
}

// swapped changes the places of goods and their neighbour.
func swapped(goods []shelf.Chosen, of shelf.Chosen, deed string) []shelf.Chosen {
	at := slices.Index(goods, of)
	to := at - 1
	if strings.HasPrefix(deed, "down") {
		to = at + 1
	}
	if at >= 0 && to >= 0 && to < len(goods) {
		goods[at], goods[to] = goods[to], goods[at]
	}
	return goods
}
