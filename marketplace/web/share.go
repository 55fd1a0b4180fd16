package web

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/clicks"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// shares mounts what agents hand on: their link, which opens their shelf, and
// their link to one of the goods. Both are short and have no query, because chat
// apps strip it.
func (w *Web) shares(app fiber.Router) {
	app.Get("/s/:code", w.link)
	app.Get("/s/:code/:goods", w.linkTo)
}

// again is how long the same visitor opening the same link is one click.
const again = 30 * time.Minute

// met remembers who sent the visitor and counts the click. Agents do not send
// themselves, and robots nobody. Whoever may not sell anywhere is not followed.
func (w *Web) met(c *fiber.Ctx, what func(agents.Agent) (clicks.Opened, error)) (agents.Agent, error) {
	a, err := w.byCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return a, err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	opened, err := what(a)
	if err != nil {
		return a, err
	}
	p, err := w.Who(c)
	if err != nil || p.ID == a.PersonID {
		return a, err
	}
	stands, err := w.Agents.Standings(c.UserContext(), a.PersonID)
	if err != nil || !sellsSomewhere(stands) {
		return a, err
	}
	code, at := w.Followed(c)
	if (code != a.Code || w.DB.Now().Sub(at) >= again) && looks(c) {
		w.Clicks.Count(a.PersonID, opened)
	}
	w.Follow(c, a.Code)
	return a, nil
}

func sellsSomewhere(stands []agents.Standing) bool {
	for _, s := range stands {
		if s.State == agents.Active {
			return true
		}
	}
	return false
}

// looks says whether somebody looks at what a request opens.
func looks(c *fiber.Ctx) bool {
	ahead := strings.ToLower(c.Get("Sec-Purpose") + c.Get("Purpose") + c.Get("X-Moz"))
	return c.Method() == fiber.MethodGet && !strings.Contains(ahead, "prefetch") && !strings.Contains(ahead, "preview") && !clicks.Robot(c.Get(fiber.HeaderUserAgent))
}

// link opens an agent's shelf; while nothing is on it, the shop.
func (w *Web) link(c *fiber.Ctx) error {
	a, err := w.met(c, func(agents.Agent) (clicks.Opened, error) { return clicks.Opened{}, nil })
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	own, err := w.Shelf.OfAgent(ctx, a.PersonID)
	if err != nil {
		return err
	}
	cards, err := w.Shelf.Cards(ctx, own.Goods)
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return c.Redirect(part.HomeWay, fiber.StatusFound)
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	v := page.Shelf{Frame: f, Name: a.Name, Greeting: own.Greeting, Code: a.Code}
	for _, card := range cards {
		v.Goods = append(v.Goods, goods(f.Reader, card))
	}
	err = w.render(c, fiber.StatusOK, v.View())
	c.Set(fiber.HeaderCacheControl, "no-store")
	return err
}

// linkTo opens one of the goods as sent by an agent.
func (w *Web) linkTo(c *fiber.Ctx) error {
	market, listing, ok := readGoods(c.Params("goods"))
	if !ok {
		return fault.NotFound("listing_unknown")
	}
	_, err := w.met(c, func(agents.Agent) (clicks.Opened, error) {
		m, of, err := w.shown(c, market, listing.String())
		return clicks.Opened{Market: m.ID, Listing: of.ID}, err
	})
	if err != nil {
		return err
	}
	return c.Redirect(part.ListingWay(market, listing.String()), fiber.StatusFound)
}

// goodsCode names goods in a short link: the market's code and the id in 22 letters.
func goodsCode(market string, listing id.ID) string {
	return market + "-" + base64.RawURLEncoding.EncodeToString(listing[:])
}

func readGoods(text string) (market string, listing id.ID, ok bool) {
	market, short, ok := strings.Cut(text, "-")
	if !ok || len(short) != 22 || len(market) > 12 {
		return "", id.None, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(short)
	if err != nil || len(b) != len(listing) {
		return "", id.None, false
	}
	copy(listing[:], b)
	return strings.ToUpper(market), listing, true
}

// onShelf are an agent's goods with what a page shows of them.
func (w *Web) onShelf(c *fiber.Ctx, person id.ID) (shelf.Own, []shelf.Card, error) {
	own, err := w.Shelf.OfAgent(c.UserContext(), person)
	if err != nil {
		return own, nil, err
	}
	cards, err := w.Shelf.Cards(c.UserContext(), own.Goods)
	return own, cards, err
}
