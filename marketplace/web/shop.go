package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// shop mounts what everybody may see.
func (w *Web) shop(app fiber.Router) {
	app.Get(part.HomeWay, w.home)
	app.Get(part.SearchWay, w.search)
	app.Get(part.SuggestWay, w.suggest)
	app.Get("/producers/:market/:id", w.grower)
	app.Get("/listings/:market/:id", w.listing)
	w.shares(app)
}

// short cuts what somebody typed to a length that a page can show.
func short(text string, most int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

func goods(r tongue.Reader, card shelf.Card) part.Goods {
	g := part.Goods{
		Href: part.ListingWay(card.MarketCode, card.ID.String()), Title: either(r, card.Title, card.TitleEN), Place: either(r, card.Region, card.RegionEN),
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

// placed says a place in the reader's language.
func placed(r tongue.Reader, of region.Said) string { return either(r, of.Name, of.English) }

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

// village is a place with its village, which in English is pinyin.
func village(r tongue.Reader, place, english, name string) string {
	if r.Lang() == tongue.English && english != "" {
		if name == "" {
			return english
		}
		return region.Village(name) + ", " + english
	}
	return place + name
}

// lies is where something is, as its owner wrote it; in English the name of a
// village can be read.
func lies(r tongue.Reader, name string) string {
	if r.Lang() == tongue.English && strings.HasSuffix(name, "村") {
		return region.Village(name)
	}
	return name
}
