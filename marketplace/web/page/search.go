package page

import (
	"maps"
	"net/url"
	"slices"

	"commonfield/marketplace/web/part"
)

// The names of what one may ask of a search.
const (
	AskText     = "q"
	AskCategory = "category"
	AskMarket   = "market"
	AskRegion   = "region"
	AskHarvest  = "harvest"
	AskFrom     = "from"
	AskTo       = "to"
	AskStock    = "stock"
	AskSort     = "sort"
	AskNear     = "near"
	AskAfter    = "after"
)

// The pieces that a script puts in their places.
const (
	FoundPiece = "found"
	MorePiece  = "more"
)

// Search is what was found, or everything that there is, with the ways to pick
// some of it.
type Search struct {
	Frame     part.Frame
	Asked     url.Values // what the visitor asks, without what is unknown
	Title     string     // of what is shown where nothing was typed: a category, a market; may be empty
	Corrected string     // what was looked for instead, nothing having been found as typed
	Partly    bool       // nothing has all of it: the goods have some of it
	Picked    []Pick
	Facets    []part.Facet
	Sorts     []Choice // how it may be ordered, the present way by its code in Asked
	Near      *Nearest // whose neighbourhood may stand first
	Growers   []part.Grower
	Form      part.Form
	Goods     []part.Goods
	Total     int64
	Counted   bool // Total is all of them, not at least so many
	Next      string
	Kinds     []part.Chip // offered where nothing was found
	Limited   bool        // only titles can be searched just now
}

// Pick is a condition that holds now.
type Pick struct{ Name, Label string }

// Nearest is the order by how near goods are to a place: those of all markets, from
// that place outwards.
type Nearest struct {
	Name string
	Href string
	On   bool
}

// way is where search engines find the page: all that there is, or what is in one
// market or of one category. Everything else that may be asked is for people.
func (v Search) way() string {
	if len(v.Asked) > 1 || len(v.Asked) == 1 && !v.Asked.Has(AskMarket) && !v.Asked.Has(AskCategory) {
		return ""
	}
	return SearchAt(v.Asked)
}

func (v Search) query() string { return v.Asked.Get(AskText) }

// without is the address with a condition less.
func (v Search) without(names ...string) string {
	q := url.Values{}
	maps.Copy(q, v.Asked)
	for _, name := range append(names, AskAfter) {
		q.Del(name)
	}
	return SearchAt(q)
}

func (v Search) with(name, value string) string {
	q := url.Values{}
	maps.Copy(q, v.Asked)
	q.Del(AskAfter)
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	return SearchAt(q)
}

// SearchAt is the address of a search.
func SearchAt(asked url.Values) string {
	if len(asked) == 0 {
		return part.SearchWay
	}
	return part.SearchWay + "?" + asked.Encode()
}

func (v Search) chips() []part.Chip {
	var out []part.Chip
	for _, p := range v.Picked {
		names := []string{p.Name}
		if p.Name == AskFrom {
			names = append(names, AskTo)
		}
		out = append(out, part.Chip{Word: p.Label, Href: v.without(names...)})
	}
	return out
}

// everything is the search without any condition but the words.
func (v Search) everything() string { return link(part.SearchWay, AskText, v.query()) }

func (v Search) title() string {
	t := v.Frame.T
	switch {
	case v.query() != "" && v.Total == 0 && len(v.Growers) > 0:
		return t("search.growers_only", "query", v.query(), "count", len(v.Growers))
	case v.query() != "" && v.Total == 0:
		return t("search.none", "query", v.query())
	case v.query() != "" && !v.Counted:
		return t("search.found_least", "query", v.words(), "total", v.Frame.Reader.Count(v.Total))
	case v.query() != "":
		return t("search.found", "query", v.words(), "count", v.Total)
	case v.Title != "":
		return v.Title
	}
	return t("search.all")
}

// words are those that were looked for.
func (v Search) words() string {
	if v.Corrected != "" {
		return v.Corrected
	}
	return v.query()
}

func (v Search) count() string {
	if !v.Counted {
		return v.Frame.T("search.least", "total", v.Frame.Reader.Count(v.Total))
	}
	return v.Frame.T("search.count", "count", v.Total)
}

func (v Search) show() string {
	switch {
	case v.Limited || !v.Counted:
		return v.Frame.T("search.show")
	case v.Total == 0:
		return v.Frame.T("search.show_none")
	}
	return v.Frame.T("search.show_count", "count", v.Total)
}

func (v Search) sorted() string {
	if v.Near != nil && v.Near.On {
		return v.Near.Name
	}
	for _, s := range v.Sorts {
		if s.Code == v.Asked.Get(AskSort) {
			return s.Name
		}
	}
	return ""
}

func (v Search) paged() bool { return v.Asked.Has(AskAfter) }

func (v Search) pickWord() string {
	if n := len(v.Picked); n > 0 {
		return v.Frame.T("search.pick") + " · " + v.Frame.Reader.Count(int64(n))
	}
	return v.Frame.T("search.pick")
}

func (v Search) nothingTitle() string {
	switch {
	case len(v.Growers) > 0:
		return v.Frame.T("search.no_goods")
	case v.query() != "":
		return v.Frame.T("search.none", "query", v.query())
	case len(v.Picked) > 0:
		return v.Frame.T("search.none_picked")
	}
	return v.Frame.T("home.none")
}

func (v Search) nothingText() string {
	switch {
	case len(v.Picked) > 0:
		return v.Frame.T("search.none_picked_text")
	case v.query() != "":
		return v.Frame.T("search.none_text")
	}
	return v.Frame.T("home.none_text")
}

// regions says whether the counties are offered to be picked.
func (v Search) regions() bool {
	return slices.ContainsFunc(v.Facets, func(f part.Facet) bool { return f.Name == AskRegion })
}

// orders says whether it matters how what was found is ordered.
func (v Search) orders() bool {
	return len(v.Sorts) > 1 && (len(v.Goods) > 1 || len(v.Goods) == 1 && v.Near != nil)
}
