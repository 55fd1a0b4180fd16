package web

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
)

// looked is what a visitor looks for, read from the address. A condition that
// does not exist is left out and said.
type looked struct {
	text     string
	category string
	market   region.Market // market 0: all
	region   string
	near     string // whose neighbourhood stands first
	nearName string
	harvest  int
	from, to int64
	stock    bool
	sort     string
	after    string
	asked    url.Values
	picked   []page.Pick
	form     part.Form
	dropped  bool
}

// search is the page of what was found, or of all there is.
func (w *Web) search(c *fiber.Ctx) error {
	ctx := c.UserContext()
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	known, err := w.categories(ctx)
	if err != nil {
		return err
	}
	l, err := w.looks(c, f, known)
	if err != nil {
		return err
	}
	v := page.Search{Frame: f, Asked: l.asked, Picked: l.picked, Form: l.form}
	if l.dropped && v.Frame.Flash == nil {
		v.Frame.Flash = &part.Notice{Kind: "wait", Text: f.T("search.dropped")}
	}
	if len(l.picked) == 1 {
		v.Title = l.picked[0].Label
	}
	whole, err := w.byEngine(c, &v, l, known)
	if err == nil && !whole {
		err = w.byName(ctx, &v, l, known)
	}
	if err != nil {
		return err
	}
	if len(v.Goods) == 0 {
		v.Kinds = known.chips(f.Reader)
	}
	return w.found(c, v)
}

// found gives the page, or the piece of it that a script asks for.
func (w *Web) found(c *fiber.Ctx, v page.Search) error {
	if c.Get("HX-Request") == "" {
		return w.render(c, fiber.StatusOK, v.View())
	}
	switch c.Get("HX-Target") {
	case page.FoundPiece:
		c.Set("HX-Push-Url", page.SearchAt(v.Asked))
		return w.render(c, fiber.StatusOK, v.Found())
	case page.MorePiece:
		return w.render(c, fiber.StatusOK, v.More())
	}
	return w.render(c, fiber.StatusOK, v.View())
}

// looks reads the address.
func (w *Web) looks(c *fiber.Ctx, f part.Frame, known kinds) (looked, error) {
	l := looked{asked: url.Values{}, text: strings.TrimSpace(short(c.Query(page.AskText), 100)), after: short(c.Query(page.AskAfter), 400)}
	l.keep(page.AskText, l.text)
	if code := c.Query(page.AskCategory); code != "" {
		if k, ok := known.of(code); ok {
			l.category = k.Code
			l.pick(page.AskCategory, k.Code, categoryName(f.Reader, k))
		} else {
			l.dropped = true
		}
	}
	if code := c.Query(page.AskMarket); code != "" {
		m, err := w.marketOf(c.UserContext(), code)
		switch {
		case err == nil:
			l.market = m
			l.pick(page.AskMarket, m.Code, m.Title(f.Reader.Lang()))
		case fault.Has(err, "market_unknown"):
			l.dropped = true
		default:
			return l, err
		}
	}
	if err := w.looksIn(c, &l, f); err != nil {
		return l, err
	}
	if text := c.Query(page.AskHarvest); text != "" {
		if year, err := strconv.Atoi(text); err == nil && year > 2000 && year < 2100 {
			l.harvest = year
			l.pick(page.AskHarvest, text, f.T("search.harvest_year", "year", text))
		} else {
			l.dropped = true
		}
	}
	if c.Query(page.AskStock) != "" {
		l.stock = true
		l.pick(page.AskStock, "yes", f.T("search.in_stock"))
	}
	l.between(c, f)
	if err := w.looksNear(c, &l, f); err != nil {
		return l, err
	}
	if how := c.Query(page.AskSort); how != "" {
		if _, ok := sortOf(how); ok && (how != nearest || l.near != "") {
			l.sort = how
			l.keep(page.AskSort, how)
		} else {
			l.dropped = true
		}
	}
	l.keep(page.AskAfter, l.after)
	return l, nil
}

// looksNear reads the place from which goods are looked at; it is a county's or a
// township's, and no condition.
func (w *Web) looksNear(c *fiber.Ctx, l *looked, f part.Frame) error {
	code := short(c.Query(page.AskNear), 12)
	if code == "" {
		return nil
	}
	said, err := w.Shelf.Places(c.UserContext(), code)
	if is, known := said[code]; err == nil && known {
		l.near, l.nearName = code, either(f.Reader, is.Name, is.English)
		l.keep(page.AskNear, code)
	} else {
		l.dropped = true
	}
	return err
}

// looksIn reads the division: goods of a county or a township.
func (w *Web) looksIn(c *fiber.Ctx, l *looked, f part.Frame) error {
	code := c.Query(page.AskRegion)
	if code == "" {
		return nil
	}
	var said map[string]region.Said
	err := w.DB.ViewShared(c.UserContext(), func(tx *storage.Tx) (err error) { said, err = region.Say(tx, short(code, 12)); return })
	if err != nil {
		return err
	}
	is, known := said[code]
	if !known {
		l.dropped = true
		return nil
	}
	l.region = code
	l.pick(page.AskRegion, code, either(f.Reader, is.Name, is.English))
	return nil
}

// between reads the two prices.
func (l *looked) between(c *fiber.Ctx, f part.Frame) {
	low, high := short(c.Query(page.AskFrom), 12), short(c.Query(page.AskTo), 12)
	if low == "" && high == "" {
		return
	}
	var wrong error
	for _, one := range []struct {
		name, text string
		to         *int64
	}{{page.AskFrom, low, &l.from}, {page.AskTo, high, &l.to}} {
		if one.text == "" {
			continue
		}
		n, err := cents("price", one.text)
		if err != nil {
			wrong = err
			continue
		}
		*one.to = n
		l.keep(one.name, one.text)
	}
	if wrong == nil && l.from > 0 && l.to > 0 && l.from > l.to {
		l.from, l.to = l.to, l.from // told the other way round
		l.keep(page.AskFrom, high)
		l.keep(page.AskTo, low)
	}
	if wrong != nil {
		l.form = l.form.Refused(f.Reader, wrong, nil)
	}
	r, currency := f.Reader, "CNY"
	switch {
	case l.from > 0 && l.to > 0:
		l.picked = append(l.picked, page.Pick{Name: page.AskFrom, Label: f.T("search.price_between", "low", r.Money(l.from, currency), "high", r.Money(l.to, currency))})
	case l.from > 0:
		l.picked = append(l.picked, page.Pick{Name: page.AskFrom, Label: f.T("search.price_from", "low", r.Money(l.from, currency))})
	case l.to > 0:
		l.picked = append(l.picked, page.Pick{Name: page.AskFrom, Label: f.T("search.price_to", "high", r.Money(l.to, currency))})
	}
}

func (l *looked) keep(name, value string) {
	if value != "" {
		l.asked.Set(name, value)
	}
}

func (l *looked) pick(name, value, label string) {
	l.keep(name, value)
	l.picked = append(l.picked, page.Pick{Name: name, Label: label})
}

// byName lists from the database, by what stands in a title and under the conditions
// that were picked, the newest first: what can be done while the engine is away.
func (w *Web) byName(ctx context.Context, v *page.Search, l looked, known kinds) error {
	r := v.Frame.Reader
	v.Limited, v.Sorts = true, nil
	filter := shelf.Filter{Category: l.category, Text: l.text, After: l.after, Region: l.region, PriceFrom: l.from, PriceTo: l.to, InStock: l.stock, Harvest: l.harvest}
	if l.market.ID != storage.Platform {
		filter.Market = &l.market.ID
	}
	cards, next, err := w.Shelf.Page(ctx, filter)
	if fault.Has(err, "cursor_bad") { // the engine gave it, before it went away
		filter.After = ""
		v.Asked.Del(page.AskAfter)
		cards, next, err = w.Shelf.Page(ctx, filter)
	}
	if err != nil {
		return err
	}
	for _, card := range cards {
		v.Goods = append(v.Goods, goods(r, card))
	}
	v.Total, v.Counted = int64(len(cards)), next == "" && filter.After == ""
	if next != "" {
		v.Next = further(v.Asked, next)
	}
	v.Facets = nil
	for _, facet := range []part.Facet{known.facet(v.Frame, l.category), w.marketFacet(ctx, v.Frame, l.market)} {
		if len(facet.Options) > 2 {
			v.Facets = append(v.Facets, facet)
		}
	}
	if year := l.asked.Get(page.AskHarvest); l.harvest != 0 {
		v.Facets = append(v.Facets, part.Facet{Name: page.AskHarvest, Label: v.Frame.T("search.harvest"), Options: []part.FacetOption{anyOf(v.Frame, false),
			{Value: year, Label: v.Frame.T("search.harvest_year", "year", year), Count: uncounted, On: true}}})
	}
	return nil
}

// further is the address of the next piece.
func further(asked url.Values, next string) string {
	q := url.Values{}
	maps.Copy(q, asked)
	q.Set(page.AskAfter, next)
	return page.SearchAt(q)
}
