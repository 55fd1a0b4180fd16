package web

import (
	"context"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// shop mounts what everybody may see.
func (w *Web) shop(app fiber.Router) {
	app.Get(part.HomeWay, w.home)
	app.Get("/listings/:market/:id", w.listing)
	app.Get("/s/:code", w.link)
	app.Get("/a/:code", w.link)
}

// mostChips is up to how many markets are offered by name.
const mostChips = 12

func (w *Web) home(c *fiber.Ctx) error {
	ctx := c.UserContext()
	filter := shelf.Filter{Category: c.Query("category"), Text: c.Query("q"), After: c.Query("after")}
	var in region.Market
	if text := c.Query("market"); text != "" {
		var err error
		if in, err = w.marketOf(ctx, text); err != nil {
			return err
		}
		filter.Market = &in.ID
	}
	cards, next, err := w.Shelf.Page(ctx, filter)
	if err != nil {
		return err
	}
	f, err := w.frame(c, in)
	if err != nil {
		return err
	}
	v := page.Home{Frame: f, Query: short(filter.Text, 100), Category: filter.Category, Market: in.Code, Paged: filter.After != ""}
	if v.Categories, err = w.categories(ctx, f.Reader); err != nil {
		return err
	}
	if v.Markets, err = w.choices(ctx, f.Reader, in); err != nil {
		return err
	}
	for _, card := range cards {
		v.Goods = append(v.Goods, goods(f.Reader, card))
	}
	if next == "" && !v.Paged {
		v.Total = int64(len(cards)) // of what does not fit one page, nobody has counted the rest
	}
	if next != "" {
		v.Next = further(part.HomeWay, c, next) + "#find"
	}
	if a, err := w.followed(c); err != nil {
		return err
	} else if a.ID != id.None {
		v.Agent = a.Name
	}
	return w.render(c, fiber.StatusOK, v.View())
}

// further is an address with the cursor of its next piece.
func further(way string, c *fiber.Ctx, next string) string {
	q := url.Values{}
	for _, name := range []string{"q", "category", "market"} {
		if text := c.Query(name); text != "" {
			q.Set(name, short(text, 100))
		}
	}
	q.Set("after", next)
	return way + "?" + q.Encode()
}

// short cuts what somebody typed to a length that a page can show.
func short(text string, most int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

func (w *Web) categories(ctx context.Context, r tongue.Reader) ([]page.Choice, error) {
	var all []catalog.Category
	err := w.DB.ViewShared(ctx, func(tx *storage.Tx) (err error) { all, err = catalog.Categories(tx); return })
	var out []page.Choice
	for _, c := range all {
		if c.Parent == "" {
			out = append(out, page.Choice{Code: c.Code, Name: categoryName(r, c)})
		}
	}
	return out, err
}

// choices are the markets to choose from; where they are many only the chosen
// one is named.
func (w *Web) choices(ctx context.Context, r tongue.Reader, in region.Market) ([]page.Choice, error) {
	all, err := w.Books.All(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) > mostChips {
		all = nil
		if in.ID != storage.Platform {
			all = []region.Market{in, {}}[:1]
		}
	}
	var out []page.Choice
	for _, m := range all {
		out = append(out, page.Choice{Code: m.Code, Name: m.Title(r.Lang())})
	}
	return out, nil
}

func goods(r tongue.Reader, card shelf.Card) part.Goods {
	g := part.Goods{
		Href: part.ListingWay(card.MarketCode, card.ID.String()), Title: either(r, card.Title, card.TitleEN), Place: card.Region,
		Price: card.PriceMinor, Currency: card.Currency, Unit: card.Unit, Sold: card.Available < max(card.Minimum, 1),
	}
	g.Picture = picture(card.Photo, g.Title)
	return g
}

// either is what is written for the reader, in Chinese where there is no English.
func either(r tongue.Reader, zh, en string) string {
	if r.Lang() == tongue.English && en != "" {
		return en
	}
	return zh
}

// link is an agent's short link: it remembers who sent the visitor and goes on
// to the shop, or to the goods that were shared.
func (w *Web) link(c *fiber.Ctx) error {
	a, err := w.byCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	to := local(c.Query("to"), part.HomeWay)
	if to != part.HomeWay && !strings.HasPrefix(to, "/listings/") {
		to = part.HomeWay
	}
	w.Follow(c, a.Code)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(to, fiber.StatusFound)
}

func (w *Web) byCode(ctx context.Context, code string) (agents.Agent, error) {
	var a agents.Agent
	if len(code) > 16 {
		return a, fault.NotFound("agent_unknown")
	}
	err := w.DB.ViewShared(ctx, func(tx *storage.Tx) (err error) { a, err = agents.ByCode(tx, code); return })
	return a, err
}

// followed is the agent whose link brought the visitor; none is a zero agent.
func (w *Web) followed(c *fiber.Ctx) (agents.Agent, error) {
	code, at := w.Followed(c)
	if code == "" || w.DB.Now().Sub(at) > attribution.Window {
		return agents.Agent{}, nil
	}
	a, err := w.byCode(c.UserContext(), code)
	if fault.Has(err, "agent_unknown") {
		return agents.Agent{}, nil
	}
	return a, err
}

// sentBy is what is known of the agent who sent the visitor.
func (w *Web) sentBy(c *fiber.Ctx, typed string) attribution.Ask {
	code, at := w.Followed(c)
	return attribution.Ask{Code: strings.TrimSpace(typed), Link: code, LinkAt: at}
}

// nameOf is the name of the agent who earns from a sale; nothing when none does.
func (w *Web) nameOf(ctx context.Context, g attribution.Given) (string, error) {
	if !g.Earns() {
		return "", nil
	}
	var a agents.Agent
	err := w.DB.ViewShared(ctx, func(tx *storage.Tx) (err error) { a, err = agents.Find(tx, g.AgentID); return })
	return a.Name, err
}

// grows says whether a person is the producer of what they look at.
func grows(p people.Person, of shelf.View) bool {
	return p.ID != id.None && !p.Guest && p.ID == of.SellerPerson
}
