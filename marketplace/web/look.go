package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/catalog/search"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// mostValues is how many values of one facet are offered.
const mostValues = 8

// sorts are the ways to order what was found, by the words of the address, in
// the order in which they are offered.
var sorts = []struct {
	code, key string
	how       search.Sort
}{
	{"", "search.sort_best", search.ByRelevance},
	{"harvest", "search.sort_harvest", search.ByHarvest},
	{"newest", "search.sort_newest", search.ByNewest},
	{"price", "search.sort_price", search.ByPrice},
	{"price_down", "search.sort_price_down", search.ByPriceDown},
}

func sortOf(code string) (search.Sort, bool) {
	for _, s := range sorts {
		if s.code == code {
			return s.how, true
		}
	}
	return search.ByRelevance, false
}

func (l looked) query() search.Query {
	how, _ := sortOf(l.sort)
	q := search.Query{Text: l.text, Kind: search.Listing, Category: l.category, Region: l.region, PriceFrom: l.from, PriceTo: l.to,
		InStock: l.stock, Harvest: l.harvest, Sort: how, After: l.after}
	if l.market.ID != storage.Platform {
		q.Market = l.market.ID
	}
	return q
}

// byEngine looks with the engine of search; false says that it is away. What
// the page shows of a hit is read from the rows again.
func (w *Web) byEngine(c *fiber.Ctx, v *page.Search, l looked, known kinds) (bool, error) {
	ctx, q := c.UserContext(), l.query()
	q.Facets = c.Get("HX-Target") != page.MorePiece
	a, err := w.Search.Query(ctx, q)
	if fault.Has(err, "cursor_bad") { // of another search, or of another engine
		v.Asked.Del(page.AskAfter)
		q.After = ""
		a, err = w.Search.Query(ctx, q)
	}
	if fault.Has(err, "search_down") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if v.Goods, err = w.hits(ctx, v.Frame.Reader, a.Hits); err != nil {
		return false, err
	}
	v.Total, v.Counted, v.Corrected = max(a.Total, int64(len(v.Goods))), a.Exact, a.Corrected
	if a.Next != "" {
		v.Next = further(v.Asked, a.Next)
	}
	for _, s := range sorts {
		v.Sorts = append(v.Sorts, page.Choice{Code: s.code, Name: v.Frame.T(s.key)})
	}
	v.Facets = w.facets(ctx, v.Frame, a, l, known)
	return true, nil
}

// hits are the cards of what was found, with what was looked for marked.
func (w *Web) hits(ctx context.Context, r tongue.Reader, found []search.Hit) ([]part.Goods, error) {
	cards, err := w.Shelf.Found(ctx, found)
	if err != nil {
		return nil, err
	}
	marks := make(map[id.ID]search.Hit, len(found))
	for _, h := range found {
		marks[h.ID] = h
	}
	var out []part.Goods
	for _, card := range cards {
		g := goods(r, card)
		title, written := marks[card.ID].Title, card.Title
		if r.Lang() == tongue.English && card.TitleEN != "" {
			title, written = marks[card.ID].TitleEN, card.TitleEN
		}
		g.Pieces = pieces(title, written)
		out = append(out, g)
	}
	return out, nil
}

// pieces are a title's, unless it has been written anew since it was found.
func pieces(of []search.Piece, written string) []part.Piece {
	var out []part.Piece
	var text strings.Builder
	for _, p := range of {
		text.WriteString(p.Text)
		out = append(out, part.Piece{Text: p.Text, Found: p.Found})
	}
	if text.String() != written {
		return nil
	}
	return out
}

// facets are the ways to pick some of what was found, with their counts. A
// condition that holds is offered even where nothing has it.
func (w *Web) facets(ctx context.Context, f part.Frame, a search.Answer, l looked, known kinds) []part.Facet {
	market := part.Facet{Name: page.AskMarket, Label: f.T("search.where"), Options: []part.FacetOption{anyOf(f, l.market.ID == storage.Platform)}}
	for _, v := range a.Facets[search.FacetMarket] {
		n, err := strconv.ParseInt(v.Value, 10, 32)
		if err != nil {
			continue
		}
		if m, err := w.Books.Market(ctx, int32(n)); err == nil {
			market.Options = append(market.Options, part.FacetOption{Value: m.Code, Label: m.Title(f.Reader.Lang()), Count: v.Count, On: m.ID == l.market.ID})
		}
	}
	category := part.Facet{Name: page.AskCategory, Label: f.T("search.kind"), Options: []part.FacetOption{anyOf(f, l.category == "")}}
	for _, v := range a.Facets[search.FacetCategory] {
		if k, ok := known.of(v.Value); ok {
			category.Options = append(category.Options, part.FacetOption{Value: k.Code, Label: categoryName(f.Reader, k), Count: v.Count, On: k.Code == l.category})
		}
	}
	harvest := part.Facet{Name: page.AskHarvest, Label: f.T("search.harvest"), Options: []part.FacetOption{anyOf(f, l.harvest == 0)}}
	for _, v := range a.Facets[search.FacetHarvest] {
		harvest.Options = append(harvest.Options, part.FacetOption{Value: v.Value, Label: f.T("search.harvest_year", "year", v.Value), Count: v.Count, On: v.Value == strconv.Itoa(l.harvest)})
	}
	k, _ := known.of(l.category)
	var out []part.Facet
	for _, one := range []struct {
		facet part.Facet
		on    part.FacetOption
	}{
		{market, part.FacetOption{Value: l.market.Code, Label: l.market.Title(f.Reader.Lang())}},
		{category, part.FacetOption{Value: k.Code, Label: categoryName(f.Reader, k)}},
		{harvest, part.FacetOption{Value: l.asked.Get(page.AskHarvest), Label: f.T("search.harvest_year", "year", l.asked.Get(page.AskHarvest))}},
	} {
		if facet := cutTo(one.facet, one.on); len(facet.Options) > 1 {
			out = append(out, facet)
		}
	}
	return out
}

// cutTo keeps the most frequent values, and the one that is on.
func cutTo(f part.Facet, on part.FacetOption) part.Facet {
	here := on.Value == ""
	for i, o := range f.Options {
		if o.On && i > 0 {
			here, on = true, o
		}
	}
	if len(f.Options) > mostValues+1 {
		f.Options = f.Options[:mostValues+1]
		here = here && (on.Value == "" || containsOption(f.Options, on.Value))
	}
	if !here {
		on.On = true
		f.Options = append(f.Options, on)
	}
	return f
}

func containsOption(of []part.FacetOption, value string) bool {
	for _, o := range of {
		if o.Value == value {
			return true
		}
	}
	return false
}

// suggest completes what somebody is typing; with nothing to say, or nobody to
// ask, it is silent.
func (w *Web) suggest(c *fiber.Ctx) error {
	f := bare(c)
	text := short(c.Query(page.AskText), 100)
	var list []part.Chip
	if text != "" {
		found, err := w.Search.Suggest(c.UserContext(), text, f.Reader.Lang(), mostValues)
		if _, refused := fault.As(err); err != nil && !refused {
			return err
		}
		for _, s := range found {
			list = append(list, part.Chip{Word: s.Text, Href: link(part.SearchWay, page.AskText, s.Text)})
		}
	}
	return w.render(c, fiber.StatusOK, part.Suggestions(f, list))
}
