package meili

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/meilisearch/meilisearch-go"

	"commonfield/catalog/search"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// deepest is how many hits can be paged through.
const deepest = 10_000

// Search finds a page of documents. It looks for what was typed; where nothing
// is found, for what sounds like it; and at last for its rarest parts. A cursor
// keeps to what the first page found by. While the index does not change, pages
// give each hit once; what is put between two pages may shift them.
func (e *Engine) Search(ctx context.Context, q search.Query) (search.Answer, error) {
	at, err := q.At(2)
	if err != nil {
		return search.Answer{}, err
	}
	from, to, offset := 0, len(steps), 0
	if at != nil {
		step, err1 := strconv.Atoi(at[0])
		n, err2 := strconv.Atoi(at[1])
		if err1 != nil || err2 != nil || step < 0 || step >= len(steps) || n < 0 || n > deepest {
			return search.Answer{}, fault.Invalid("after", "cursor_bad")
		}
		from, to, offset = step, step+1, n
	}
	parts := search.Want(q.Text, q.Synonyms)
	if q.Text != "" && len(parts) == 0 {
		return search.Answer{Exact: true}, nil // signs alone
	}
	for step := from; step < to; step++ {
		l, some := steps[step](parts)
		if !some {
			continue
		}
		l.q = q
		a, err := e.page(ctx, l, offset)
		if err != nil {
			return search.Answer{}, err
		}
		if len(a.Hits) == 0 && step+1 < to {
			continue
		}
		if next := offset + len(a.Hits); len(a.Hits) == q.N && int64(next) < a.Total && next < deepest {
			a.Next = q.Cursor(strconv.Itoa(step), strconv.Itoa(next))
		}
		if q.Facets {
			a.Facets, err = e.facets(ctx, l)
		}
		return a, err
	}
	none := search.Answer{Exact: true}
	if q.Facets { // a filter of its own may be why nothing is found
		l, _ := asTyped(parts)
		l.q = q
		none.Facets, err = e.facets(ctx, l)
	}
	return none, err
}

// look is what the server is asked for: the same thing said in several ways.
type look struct {
	q         search.Query
	ways      []string
	strategy  meilisearch.MatchingStrategy
	parts     []search.Part // for marking
	corrected string
}

// steps are tried until one finds something.
var steps = []func([]search.Part) (look, bool){asTyped, asSpoken, inPart}

func asTyped(parts []search.Part) (look, bool) {
	return look{ways: ways(parts), strategy: meilisearch.All, parts: parts}, true
}

// asSpoken looks for what sounds like the Chinese that was typed: 红早 is hongzao, as 红枣 is.
func asSpoken(parts []search.Part) (look, bool) {
	if !slices.ContainsFunc(parts, func(p search.Part) bool { return p.Han && len([]rune(p.Text)) > 1 }) {
		return look{}, false
	}
	spoken := make([]string, len(parts))
	for i, p := range parts {
		if spoken[i] = p.Text; p.Han {
			spoken[i] = search.Pinyin(p.Text)
		}
	}
	text := strings.Join(spoken, " ")
	l, _ := asTyped(search.Want(text, nil))
	l.corrected = text
	return l, true
}

// inPart looks for the rarest parts of what was typed.
func inPart(parts []search.Part) (look, bool) {
	l := look{ways: ways(parts), strategy: meilisearch.Frequency, parts: parts}
	return l, slices.ContainsFunc(l.ways, func(w string) bool { return strings.Contains(w, " ") })
}

// mostWays is in how many ways the same thing is looked for at once.
const mostWays = 8

// ways writes the parts as the server takes them, once for each choice of
// synonyms. The last word may be unfinished.
func ways(parts []search.Part) []string {
	all := []string{""}
	for _, p := range parts {
		names := append([]string{words(p.Stem)}, spelled(p)...)
		for _, other := range p.Others {
			names = append(names, whole(words(other)))
		}
		var longer []string
		for _, w := range all {
			for _, n := range names {
				if len(longer) < mostWays {
					longer = append(longer, strings.TrimSpace(w+" "+n))
				}
			}
		}
		all = longer
	}
	return all
}

// whole keeps typing errors and unfinished words from a name that nobody typed.
func whole(words string) string { return `"` + strings.ReplaceAll(words, " ", `" "`) + `"` }

// words cuts a name as recordOf cuts documents.
func words(name string) string {
	var all []string
	for _, r := range search.Runs(name) {
		pairs := search.Pairs(r.Text)
		switch {
		case !r.Han:
			all = append(all, search.Stem(r.Text))
		case len(pairs) == 0:
			all = append(all, han(r.Text))
		}
		if r.Han {
			for _, p := range pairs {
				all = append(all, han(p))
			}
		}
	}
	return strings.Join(all, " ")
}

// spelled gives long pinyin in pieces that documents have.
func spelled(p search.Part) []string {
	var all []string
	for _, way := range p.Spelled {
		if len(way) <= mostSounds {
			continue
		}
		var pieces []string
		for i := 0; i+2 <= len(way); i += 2 {
			pieces = append(pieces, way[i]+way[i+1])
		}
		if len(way)%2 == 1 {
			pieces = append(pieces, way[len(way)-2]+way[len(way)-1])
		}
		all = append(all, strings.Join(pieces, " "))
	}
	return all
}

// page asks for the hits. Nearness is no order that the server knows: those of
// the same township come first, then those of the county, and so on.
func (e *Engine) page(ctx context.Context, l look, offset int) (search.Answer, error) {
	a := search.Answer{Exact: l.strategy == meilisearch.All, Corrected: l.corrected, Partly: l.strategy != meilisearch.All}
	rings := []string{""}
	if l.q.Sort == search.ByNear {
		rings = around(l.q.Near)
	}
	for _, ring := range rings {
		skip, want := max(0, int64(offset)-a.Total), int64(l.q.N-len(a.Hits))
		r, err := e.multi(ctx, l, and(filter(l.q), ring), skip, want, nil)
		if err != nil {
			return a, err
		}
		a.Total += r.EstimatedTotalHits
		for _, h := range r.Hits {
			hit, err := hitOf(h, l.parts)
			if err != nil {
				return a, down(err)
			}
			a.Hits = append(a.Hits, hit)
		}
	}
	return a, nil
}

// around gives filters for what is near, the nearest first, which together let
// everything through once.
func around(near string) []string {
	var rings []string
	inner := ""
	for _, n := range []int{12, 9, 6, 4, 2} {
		if len(near) < n {
			continue
		}
		here := "places = " + quote(near[:n])
		rings = append(rings, and(here, inner))
		inner = "NOT " + here
	}
	return append(rings, inner)
}

func (e *Engine) multi(ctx context.Context, l look, filter string, offset, limit int64, facets []string) (*meilisearch.MultiSearchResponse, error) {
	r := &meilisearch.MultiSearchRequest{Federation: &meilisearch.MultiSearchFederation{Offset: offset, Limit: limit}}
	if limit == 0 {
		r.Federation.Limit = 1 // none is left out by the library, and would be twenty
	}
	if len(facets) > 0 {
		r.Federation.FacetsByIndex = map[string][]string{e.live: facets}
		r.Federation.MergeFacets = &meilisearch.MultiSearchFederationMergeFacets{MaxValuesPerFacet: 1000}
	}
	for _, w := range l.ways {
		s := &meilisearch.SearchRequest{IndexUID: e.live, Query: w, MatchingStrategy: l.strategy, Sort: order(l.q.Sort), Locales: locales, AttributesToRetrieve: []string{"id", "title", "title_en"}}
		if filter != "" {
			s.Filter = filter
		}
		r.Queries = append(r.Queries, s)
	}
	answer, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.MultiSearchResponse, error) {
		return e.server.MultiSearchWithContext(ctx, r)
	})
	if err == nil && limit == 0 {
		answer.Hits = nil
	}
	return answer, err
}

func hitOf(h meilisearch.Hit, parts []search.Part) (search.Hit, error) {
	var r struct {
		ID      string `json:"id"`
		Title   string `json:"title"`
		TitleEN string `json:"title_en"`
	}
	if err := h.DecodeInto(&r); err != nil {
		return search.Hit{}, err
	}
	k, err := keyOf(r.ID)
	return search.Hit{Key: k, Title: search.Mark(r.Title, parts), TitleEN: search.Mark(r.TitleEN, parts)}, err
}

func order(s search.Sort) []string {
	switch s {
	case search.ByPrice:
		return []string{"price:asc", "id:asc"}
	case search.ByPriceDown:
		return []string{"price:desc", "id:asc"}
	case search.ByNewest:
		return []string{"listed:desc", "id:asc"}
	case search.ByHarvest:
		return []string{"harvest:desc", "id:asc"}
	}
	return nil
}

// filter writes the query's filters. Codes come from Clean, so nothing that is
// written here can speak; quote makes sure of it.
func filter(q search.Query) string {
	var all []string
	add := func(ok bool, format string, args ...any) {
		if ok {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(q.Kind != "", "kind = %s", quote(q.Kind))
	add(q.Market != 0, "market = %d", q.Market)
	add(q.Category != "", "(category = %[1]s OR parent = %[1]s)", quote(q.Category))
	add(q.Region != "", "places = %s", quote(q.Region))
	add(q.Producer != id.None, "producer = %s", quote(q.Producer.String()))
	add(q.PriceFrom > 0, "price >= %d", q.PriceFrom)
	add(q.PriceTo > 0, "price <= %d", q.PriceTo)
	add(q.InStock, "stock = 1")
	add(q.Harvest != 0, "year = %d", q.Harvest)
	return and(all...)
}

func and(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " AND ")
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// facetFields are the fields behind the names of facets.
var facetFields = map[string]string{search.FacetCategory: "category", search.FacetMarket: "market", search.FacetRegion: "county", search.FacetHarvest: "year"}

// facets counts. Those whose own filter is set are asked for by themselves,
// beside each other.
func (e *Engine) facets(ctx context.Context, l look) (map[string][]search.Facet, error) {
	free := map[string]func(*search.Query){}
	add := func(set bool, name string, forget func(*search.Query)) {
		if set {
			free[name] = forget
		}
	}
	add(l.q.Category != "", search.FacetCategory, func(q *search.Query) { q.Category = "" })
	add(l.q.Market != 0, search.FacetMarket, func(q *search.Query) { q.Market = 0 })
	add(l.q.Region != "", search.FacetRegion, func(q *search.Query) { q.Region = "" })
	add(l.q.Harvest != 0, search.FacetHarvest, func(q *search.Query) { q.Harvest = 0 })
	var (
		mu     sync.Mutex
		wait   sync.WaitGroup
		failed error
		all    = map[string][]search.Facet{}
	)
	count := func(q search.Query, names []string) {
		var fields []string
		for _, n := range names {
			fields = append(fields, facetFields[n])
		}
		r, err := e.multi(ctx, l, filter(q), 0, 0, fields)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = err
			return
		}
		for _, n := range names {
			if all[n], err = counted(r.FacetDistribution[facetFields[n]]); err != nil {
				failed = down(err)
			}
		}
	}
	var rest []string
	for n := range facetFields {
		forget, own := free[n]
		if !own {
			rest = append(rest, n)
			continue
		}
		q := l.q
		forget(&q)
		wait.Go(func() { count(q, []string{n}) })
	}
	if len(rest) > 0 {
		count(l.q, rest)
	}
	wait.Wait()
	return all, failed
}

func counted(raw json.RawMessage) ([]search.Facet, error) {
	var n map[string]int64
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &n); err != nil {
			return nil, err
		}
	}
	var all []search.Facet
	for v, c := range n {
		all = append(all, search.Facet{Value: v, Count: c})
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].Count > all[j].Count || all[i].Count == all[j].Count && all[i].Value < all[j].Value
	})
	return all, nil
}
