package web

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/id"
)

// How much the front shows.
const (
	mostSeason  = 8
	mostGrowers = 6
	mostMarkets = 12
	mostWords   = 6
)

// home is the front: what is in season and who grows it, over all markets.
func (w *Web) home(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if closed, err := w.closed(c); closed || err != nil {
		return err
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	cards, total, err := w.inSeason(ctx)
	if err != nil {
		return err
	}
	v := page.Home{Frame: f, Growers: growers(f.Reader, cards), Total: total}
	if v.Parts, err = w.lately(ctx); err != nil {
		return err
	}
	for _, card := range cards[:min(len(cards), mostSeason)] {
		v.Goods = append(v.Goods, goods(f.Reader, card))
	}
	known, err := w.categories(ctx)
	if err != nil {
		return err
	}
	v.Words, v.Kinds = known.words(f.Reader, cards), known.chips(f.Reader)
	if v.Markets, err = w.markets(ctx, f.Reader); err != nil {
		return err
	}
	if a, err := w.followed(c); err != nil {
		return err
	} else if a.ID != id.None {
		v.Agent = a.Name
	}
	return w.render(c, fiber.StatusOK, v.View())
}

// growers are those whose goods stand on the front, each once.
func growers(r tongue.Reader, cards []shelf.Card) []part.Grower {
	var out []part.Grower
	seen := map[id.ID]bool{}
	for _, card := range cards {
		if seen[card.ProducerID] || len(out) == mostGrowers {
			continue
		}
		seen[card.ProducerID] = true
		out = append(out, part.Grower{
			Href: part.GrowerWay(card.MarketCode, card.ProducerID.String()), Name: either(r, card.ProducerName, card.ProducerNameEN), Place: either(r, card.Region, card.RegionEN),
		})
	}
	return out
}

// kinds are all categories, in their order.
type kinds []catalog.Category

func (w *Web) categories(ctx context.Context) (kinds, error) {
	return w.Catalog.Kinds(ctx)
}

func (k kinds) of(code string) (catalog.Category, bool) {
	i := slices.IndexFunc(k, func(c catalog.Category) bool { return c.Code == code })
	if i < 0 {
		return catalog.Category{}, false
	}
	return k[i], true
}

// chips are the categories that stand under no other.
func (k kinds) chips(r tongue.Reader) []part.Chip {
	var out []part.Chip
	for _, c := range k {
		if c.Parent == "" {
			out = append(out, part.Chip{Word: categoryName(r, c), Href: link(part.SearchWay, page.AskCategory, c.Code)})
		}
	}
	return out
}

// words are what the front offers to look for: the kinds of what is there.
func (k kinds) words(r tongue.Reader, cards []shelf.Card) []part.Chip {
	var out []part.Chip
	seen := map[string]bool{}
	for _, card := range cards {
		c, known := k.of(card.Category)
		if !known || seen[c.Code] || len(out) == mostWords {
			continue
		}
		seen[c.Code] = true
		out = append(out, part.Chip{Word: categoryName(r, c), Href: link(part.SearchWay, page.AskText, categoryName(r, c))})
	}
	return out
}

// markets are offered by name while they are few.
func (w *Web) markets(ctx context.Context, r tongue.Reader) ([]part.Chip, error) {
	all, err := w.Books.All(ctx)
	if err != nil || len(all) > mostMarkets {
		return nil, err
	}
	var out []part.Chip
	for _, m := range all {
		out = append(out, part.Chip{Word: m.Title(r.Lang()), Href: link(part.SearchWay, page.AskMarket, m.Code)})
	}
	return out, nil
}
