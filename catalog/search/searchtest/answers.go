package searchtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"commonfield/catalog/search"
)

// answers are the promises about what is read.
var answers = []Case{
	{"every filter keeps out what it says, alone and together", false, filters},
	{"a category and a region hold what is below them", false, below},
	{"a facet counts under all filters but its own", false, facets},
	{"each sort sorts, what has nothing to sort by comes last", false, sorts},
	{"the nearest come first", false, nearest},
	{"pages give each hit once, and the same twice", false, pages},
	{"what was found is marked", false, marks},
	{"suggestions complete what is typed, and lead somewhere", false, suggests},
	{"other words for the same find the same", false, synonyms},
	{"everything can be walked", false, walks},
	{"health counts the documents", false, health},
}

// fits is the plain meaning of a query's filters.
func fits(d search.Document, q search.Query) bool {
	return (q.Kind == "" || d.Kind == q.Kind) &&
		(q.Market == 0 || d.Market == q.Market) &&
		(q.Category == "" || d.Category == q.Category || d.Parent == q.Category) &&
		(q.Region == "" || strings.HasPrefix(d.Region, q.Region)) &&
		(q.Producer == [16]byte{} || d.Producer == q.Producer) &&
		(q.PriceFrom == 0 || d.Price >= q.PriceFrom) &&
		(q.PriceTo == 0 || d.Price > 0 && d.Price <= q.PriceTo) &&
		(!q.InStock || d.InStock) &&
		(q.Harvest == 0 || !d.HarvestOn.IsZero() && d.HarvestOn.Year() == q.Harvest)
}

// filterings are queries with filters of every sort.
func (b *book) filterings() []search.Query {
	return []search.Query{
		{}, {Kind: search.Listing}, {Kind: search.Producer}, {Market: b.markets[2]}, {Category: "walnut"}, {Category: "grain"}, {Category: "no-such"},
		{Region: "65"}, {Region: "652823"}, {Region: "652823120"}, {Region: "99"}, {Producer: ID("grower/tursun")},
		{PriceFrom: 5000, Kind: search.Listing}, {PriceTo: 800}, {PriceFrom: 1200, PriceTo: 1280}, {InStock: true}, {Harvest: 2025}, {Harvest: 2099},
		{Kind: search.Listing, Market: b.markets[0], InStock: true, Harvest: 2026, PriceTo: 3000},
		{Text: "核桃", Market: b.markets[1]}, {Text: "核桃", Category: "oil"}, {Text: "hetao", Region: "65", PriceTo: 2600}, {Text: "tea", InStock: true, Category: "handicraft"},
		{Text: "honey", Kind: search.Producer}, {Text: "walnut", Producer: ID("grower/tursun")}, {Text: "米", Harvest: 2025},
	}
}

func filters(b *book) {
	for _, q := range b.filterings() {
		q.N = 100
		want, got := map[search.Key]bool{}, map[search.Key]bool{}
		plain := search.Query{Text: q.Text, N: 100}
		for _, h := range b.all(plain) { // without text: every document
			if fits(b.docs[h.Key], q) {
				want[h.Key] = true
			}
		}
		for _, h := range b.all(q) {
			got[h.Key] = true
			if !fits(b.docs[h.Key], q) {
				b.say("%s lets %s through", said(q), b.name(h))
			}
		}
		for k := range want {
			if !got[k] {
				b.say("%s does not find %s", said(q), b.names[k])
			}
		}
		if a := b.must(q); a.Exact && a.Total != int64(len(want)) || a.Total > int64(len(want)) {
			b.say("%s: %d hits are told, exact %v, there are %d", said(q), a.Total, a.Exact, len(want))
		}
	}
	if n := len(b.all(search.Query{N: 100})); n != len(b.docs) {
		b.say("without text and filters %d of %d documents are found", n, len(b.docs))
	}
}

func below(b *book) {
	for q, want := range map[search.Query]string{
		{Category: "grain", Text: "小米"}:      "millet/qinzhou",
		{Category: "nut", Text: "核桃"}:        "walnut/yangbi",
		{Region: "53", Text: "核桃"}:           "walnut/yangbi",
		{Region: "5329", Text: "yangbi"}:     "walnut/yangbi",
		{Region: "532922100", Text: "漾濞泡核桃"}: "walnut/yangbi",
	} {
		if hits := b.list(b.all(q)); !slices.Contains(hits, want) {
			b.say("%s does not find %s: %v", said(q), want, hits)
		}
	}
}

// own gives a query without the filter of a facet.
func own(q search.Query, facet string) search.Query {
	switch facet {
	case search.FacetCategory:
		q.Category = ""
	case search.FacetMarket:
		q.Market = 0
	case search.FacetRegion:
		q.Region = ""
	case search.FacetHarvest:
		q.Harvest = 0
	}
	return q
}

// value is a document's in a facet, "" for none.
func value(d search.Document, facet string) string {
	switch facet {
	case search.FacetCategory:
		return d.Category
	case search.FacetMarket:
		return fmt.Sprint(d.Market)
	case search.FacetRegion:
		return d.Region[:min(6, len(d.Region))]
	}
	if d.HarvestOn.IsZero() {
		return ""
	}
	return fmt.Sprint(d.HarvestOn.Year())
}

func facets(b *book) {
	for _, q := range b.filterings() {
		q.Facets = true
		a := b.must(q)
		for _, facet := range []string{search.FacetCategory, search.FacetMarket, search.FacetRegion, search.FacetHarvest} {
			free := own(q, facet)
			free.Facets, free.N = false, 100
			want := map[string]int64{}
			for _, h := range b.all(free) {
				if v := value(b.docs[h.Key], facet); v != "" {
					want[v]++
				}
			}
			got := map[string]int64{}
			for i, f := range a.Facets[facet] {
				got[f.Value] = f.Count
				if i > 0 && f.Count > a.Facets[facet][i-1].Count {
					b.say("%s: the facet %s has more after less: %v", said(q), facet, a.Facets[facet])
				}
			}
			for v, n := range want {
				if got[v] != n {
					b.say("%s: %s %s is counted %d times, there are %d", said(q), facet, v, got[v], n)
				}
			}
			for v, n := range got {
				if want[v] == 0 && n != 0 {
					b.say("%s: %s %s is counted %d times, there is none", said(q), facet, v, n)
				}
			}
		}
	}
	if a := b.must(search.Query{Text: "核桃"}); len(a.Facets) > 0 {
		b.say("facets are counted though nobody asked: %v", a.Facets)
	}
}

func sorts(b *book) {
	never := time.Time{}
	orders := map[search.Sort]func(x, y search.Document) int{
		search.ByPrice:     func(x, y search.Document) int { return none(x.Price, y.Price, 0, cmp.Compare(x.Price, y.Price)) },
		search.ByPriceDown: func(x, y search.Document) int { return none(x.Price, y.Price, 0, cmp.Compare(y.Price, x.Price)) },
		search.ByNewest:    func(x, y search.Document) int { return y.ListedAt.Compare(x.ListedAt) },
		search.ByHarvest: func(x, y search.Document) int {
			return none(x.HarvestOn, y.HarvestOn, never, y.HarvestOn.Compare(x.HarvestOn))
		},
	}
	for sort, order := range orders {
		for _, q := range []search.Query{{N: 100}, {Text: "核桃", N: 7}, {Text: "tea", N: 3}, {Category: "grain", N: 5}} {
			q.Sort = sort
			hits := b.all(q)
			free := q
			free.Sort = search.ByRelevance
			if n := len(b.all(free)); n != len(hits) {
				b.say("%s gives %d hits, by relevance there are %d", said(q), len(hits), n)
			}
			for i := 1; i < len(hits); i++ {
				if x, y := b.docs[hits[i-1].Key], b.docs[hits[i].Key]; order(x, y) > 0 {
					b.say("%s: %s stands before %s", said(q), b.name(hits[i-1]), b.name(hits[i]))
				}
			}
		}
	}
}

// none puts what has nothing to sort by behind what has.
func none[T comparable](x, y, nothing T, order int) int {
	switch {
	case (x == nothing) == (y == nothing):
		return order
	case x == nothing:
		return 1
	}
	return -1
}

func nearest(b *book) {
	for _, q := range []search.Query{{Near: "652823", N: 100}, {Near: "652823120", Text: "核桃", N: 4}, {Near: "53", Text: "核桃", N: 5}, {Near: "14", N: 9, Category: "grain"}} {
		q.Sort = search.ByNear
		hits := b.all(q)
		free := q
		free.Sort, free.Near = search.ByRelevance, ""
		if n := len(b.all(free)); n != len(hits) {
			b.say("%s gives %d hits, by relevance there are %d", said(q), len(hits), n)
		}
		for i := 1; i < len(hits); i++ {
			x, y := b.docs[hits[i-1].Key], b.docs[hits[i].Key]
			if shared(x.Region, q.Near) < shared(y.Region, q.Near) {
				b.say("%s: %s (%s) stands before %s (%s)", said(q), b.name(hits[i-1]), x.Region, b.name(hits[i]), y.Region)
			}
		}
	}
}

// shared is how many levels two division codes share: province, city, county, township.
func shared(a, b string) int {
	level := 0
	for i, n := range []int{2, 4, 6, 9} {
		if len(a) >= n && len(b) >= n && a[:n] == b[:n] {
			level = i + 1
		}
	}
	return level
}
