package web

import (
	"context"
	"maps"
	"net/url"
	"slices"
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

// nearest orders from a place outwards; it is offered where one is picked.
const nearest = "near"

func sortOf(code string) (search.Sort, bool) {
	if code == nearest {
		return search.ByNear, true
	}
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
	if how == search.ByNear {
		q.Near = l.near
	}
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
	v.Total, v.Counted, v.Corrected, v.Partly = max(a.Total, int64(len(v.Goods))), a.Exact, a.Corrected, a.Partly
	if a.Next != "" {
		v.Next = further(v.Asked, a.Next)
	}
	for _, s := range sorts {
		v.Sorts = append(v.Sorts, page.Choice{Code: s.code, Name: v.Frame.T(s.key)})
	}
	if v.Near, err = w.near(ctx, v.Frame, l); err != nil {
		return false, err
	}
	if v.Facets, err = w.facets(ctx, v.Frame, a, l, known); err != nil {
		return false, err
	}
	if q.Facets && q.Text != "" && q.After == "" && a.Corrected == "" {
		v.Growers, err = w.whoGrows(ctx, v.Frame.Reader, q)
	}
	return true, err
}

// near is the order by nearness to the place that is picked, or was: all goods from
// there outwards, where the condition would hide the neighbours'.
func (w *Web) near(ctx context.Context, f part.Frame, l looked) (*page.Nearest, error) {
	code, name := l.near, l.nearName
	switch {
	case l.region != "":
		code = l.region
	case l.market.ID != storage.Platform && l.market.RegionCode != "":
		code = l.market.RegionCode
	}
	if code == "" {
		return nil, nil
	}
	if code != l.near {
		said, err := w.Shelf.Places(ctx, code)
		if err != nil {
			return nil, err
		}
		name = either(f.Reader, said[code].Name, said[code].English)
	}
	asked := url.Values{}
	maps.Copy(asked, l.asked)
	for _, gone := range []string{page.AskAfter, page.AskMarket, page.AskRegion} {
		asked.Del(gone)
	}
	asked.Set(page.AskSort, nearest)
	asked.Set(page.AskNear, code)
	return &page.Nearest{Name: f.T("search.sort_near", "place", name), Href: page.SearchAt(asked), On: l.sort == nearest}, nil
}

// mostFound is how many growers stand above the goods.
const mostFound = 3

// whoGrows are growers whose name, village or story is what somebody looks for; none
// where the engine goes away between the two questions.
func (w *Web) whoGrows(ctx context.Context, r tongue.Reader, q search.Query) ([]part.Grower, error) {
	a, err := w.Search.Query(ctx, search.Query{Text: q.Text, Kind: search.Producer, Market: q.Market, Region: q.Region, N: mostFound})
	if fault.Has(err, "search_down") || a.Corrected != "" || a.Partly {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := w.Shelf.Growers(ctx, a.Hits)
	var out []part.Grower
	for _, g := range found {
		out = append(out, part.Grower{Href: part.GrowerWay(g.MarketCode, g.ID.String()), Name: either(r, g.Name, g.NameEN), Place: village(r, g.Region, g.RegionEN, g.Village)})
	}
	return out, err
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
func (w *Web) facets(ctx context.Context, f part.Frame, a search.Answer, l looked, known kinds) ([]part.Facet, error) {
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
	county, err := w.counties(ctx, f, a, l)
	if err != nil {
		return nil, err
	}
	k, _ := known.of(l.category)
	var out []part.Facet
	for _, one := range []struct {
		facet part.Facet
		on    part.FacetOption
	}{
		{market, part.FacetOption{Value: l.market.Code, Label: l.market.Title(f.Reader.Lang())}},
		{county, part.FacetOption{}},
		{category, part.FacetOption{Value: k.Code, Label: categoryName(f.Reader, k)}},
		{harvest, part.FacetOption{Value: l.asked.Get(page.AskHarvest), Label: f.T("search.harvest_year", "year", l.asked.Get(page.AskHarvest))}},
	} {
		if facet := cutTo(one.facet, one.on); len(facet.Options) > 1 {
			out = append(out, facet)
		}
	}
	return out, nil
}

// counties are offered where they say more than the markets do: one market has goods
// of several.
func (w *Web) counties(ctx context.Context, f part.Frame, a search.Answer, l looked) (part.Facet, error) {
	found := a.Facets[search.FacetRegion]
	out := part.Facet{Name: page.AskRegion, Label: f.T("search.county"), Options: []part.FacetOption{anyOf(f, l.region == "")}}
	if len(found) < 2 || l.market.ID == storage.Platform && len(found) <= len(a.Facets[search.FacetMarket]) || l.region != "" && len(l.region) != countyDigits {
		return out, nil
	}
	found = found[:min(len(found), mostValues)]
	codes := make([]string, 0, len(found)+1)
	for _, v := range found {
		codes = append(codes, v.Value)
	}
	if l.region != "" && !slices.Contains(codes, l.region) {
		codes, found = append(codes, l.region), append(slices.Clone(found), search.Facet{Value: l.region})
	}
	names, err := w.Shelf.Places(ctx, codes...)
	for _, v := range found {
		if is, known := names[v.Value]; known {
			out.Options = append(out.Options, part.FacetOption{Value: v.Value, Label: either(f.Reader, is.Name, is.English), Count: v.Count, On: v.Value == l.region})
		}
	}
	return out, err
}

// countyDigits is how long a county's code is.
const countyDigits = 6

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
