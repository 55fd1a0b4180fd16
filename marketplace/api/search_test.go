package api_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"commonfield/catalog/search"
	"commonfield/storage"
	"commonfield/storage/fault"
)

type hits struct {
	Items []struct {
		Kind  string
		Title []struct {
			Text  string
			Found bool
		}
		Listing  object
		Producer object
	}
	Total     int64
	Exact     bool
	Corrected string
	Facets    map[string][]struct {
		Value, Name string
		Count       int64
	}
	Next string
}

func (w *world) look(query string) hits {
	w.t.Helper()
	var h hits
	w.ask("GET", "/search?"+query, "", nil).must(200, &h)
	return h
}

func TestGoodsAreFoundAsTheyStandNow(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	for _, price := range []int64{2600, 1800, 3000} {
		w.goods(operator, price)
	}
	w.drain()
	h := w.look("q=hetao&kind=listing&sort=price&facets=true&market=YL&category=nut&region=65")
	if len(h.Items) != 3 || h.Total != 3 || !h.Exact || h.Items[0].Listing.number("price_minor") != 1800 {
		t.Fatalf("%+v", h)
	}
	if f := h.Facets["category"]; len(f) != 1 || f[0].Value != "walnut" || f[0].Name != "核桃" || f[0].Count != 3 {
		t.Errorf("categories %v", f)
	}
	if f := h.Facets["market"]; len(f) != 1 || f[0].Value != "YL" {
		t.Errorf("markets %v", f)
	}
	if p := h.Items[0].Title; len(p) != 1 || !p[0].Found {
		t.Errorf("marked %v", p)
	}
	// The pages of a size hold each once.
	seen, next := map[string]bool{}, ""
	for range 3 {
		h := w.look("q=hetao&kind=listing&limit=1&after=" + next)
		seen[h.Items[0].Listing.text("id")] = true
		next = h.Next
	}
	if len(seen) != 3 || next != "" {
		t.Errorf("%v, then %q", seen, next)
	}
	// What is put away is not shown, though the index does not know of it yet.
	gone := h.Items[0].Listing.text("id")
	w.ask("POST", "/listings/YL/"+gone+"/archive", operator, nil).must(200)
	if h := w.look("q=hetao&kind=listing"); len(h.Items) != 2 {
		t.Errorf("%d are shown", len(h.Items))
	}
	var some struct{ Items []object }
	w.ask("GET", "/search/suggest?q=het", "", nil).must(200, &some)
	if len(some.Items) == 0 || some.Items[0].text("text") != "核桃" {
		t.Errorf("suggested %v", some.Items)
	}
	w.drain()
	w.clean()
}

func TestWhatCannotBeLookedForIsRefusedClearly(t *testing.T) {
	w := open(t)
	for query, code := range map[string]string{
		"category=plutonium":                     "unknown_category",
		"category=" + url.QueryEscape("a' OR 1"): "unknown_category",
		"region=99":                              "region_unknown",
		"near=65%25&sort=near":                   "region_unknown",
		"sort=near":                              "region_unknown",
		"after=nowhere":                          "cursor_bad",
		"price_from=9&price_to=3":                "search_range",
		"harvest=12":                             "out_of_range",
	} {
		w.ask("GET", "/search?"+query, "", nil).refused(422, code)
	}
	w.ask("GET", "/search?market=XX", "", nil).refused(404, "market_unknown")
	for _, query := range []string{"sort=best", "kind=village", "limit=1000", "price_from=-1"} {
		if got := w.ask("GET", "/search?"+query, "", nil).status; got != 422 {
			t.Errorf("%s: %d", query, got)
		}
	}
	for name, c := range map[string]struct {
		text   string
		status int
	}{
		"ten kilobytes": {strings.Repeat("a", 10_000), 200}, "what is invisible": {"\u202e\u200b\u2066", 200}, "signs": {"'\"\\%_&|!():*<->", 200},
		"many words": {strings.Repeat("核 ", 300), 200}, "no text": {"a\x00b", 422}, "half a character": {"\xe6\xa0", 422},
	} {
		for _, path := range []string{"/search?q=", "/search/suggest?q=", "/listings?q="} {
			if got := w.ask("GET", path+url.QueryEscape(c.text), "", nil).status; got != c.status {
				t.Errorf("%s in %s: %d", name, path, got)
			}
		}
	}
}

// away is an engine that cannot be reached.
type away struct{ search.Engine }

func (away) Search(context.Context, search.Query) (search.Answer, error) {
	return search.Answer{}, fault.Unavailable("search_down")
}

func (away) Name() string { return "away" }

func (away) Health(context.Context) (search.Health, error) {
	return search.Health{}, fault.Unavailable("search_down")
}

func TestGoodsAreLookedThroughWhenSearchIsDown(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	w.goods(operator, 2600)
	w.goods(operator, 2600)
	w.m.Search = search.New(w.m.DB, away{}, nil)
	w.ask("GET", "/search?q=hetao", "", nil).refused(503, "search_down")
	var page struct {
		Items []object
		Next  string
	}
	text := url.QueryEscape("核桃")
	w.ask("GET", "/listings?limit=1&q="+text, "", nil).must(200, &page)
	if len(page.Items) != 1 || page.Next == "" {
		t.Fatalf("%+v", page)
	}
	w.ask("GET", "/listings?limit=1&q="+text+"&after="+page.Next, "", nil).must(200, &page)
	if len(page.Items) != 1 {
		t.Fatalf("the second page: %+v", page)
	}
}

func TestOperatorsSeeHowSearchIsAndThePlatformsMayChangeIt(t *testing.T) {
	w := open(t)
	boss, _ := w.operator("Boss", storage.Platform)
	local, _ := w.operator("Local", w.market.ID)
	stranger, _, _ := w.person("Stranger")
	w.goods(local, 2600)
	var e struct {
		Name               string
		Well, Building     bool
		Documents, Waiting int64
	}
	w.ask("GET", "/search/engine", local, nil).must(200, &e)
	if e.Name != "pg" || !e.Well || e.Building || e.Waiting == 0 {
		t.Errorf("%+v", e)
	}
	for _, path := range []string{"/search/engine", "/search/synonyms"} {
		w.ask("GET", path, stranger, nil).refused(403, "operator_only")
	}
	w.ask("POST", "/search/rebuild", boss, nil).must(204)
	w.ask("GET", "/search/engine", local, nil).must(200, &e)
	if !e.Building {
		t.Error("it is not being built")
	}
	var c struct {
		Compared  int64
		Different []string
		Skipped   string
	}
	w.ask("GET", "/search/comparison?market=YL", local, nil).must(200, &c)
	if c.Skipped == "" && len(c.Different) == 0 {
		t.Errorf("with changes waiting: %+v", c)
	}
	w.drain()
	_, err := w.m.Worker.Drain(t.Context(), storage.Platform)
	w.ok(err)
	w.ask("GET", "/search/comparison?market=YL", local, nil).must(200, &c)
	if c.Skipped != "" || len(c.Different) != 0 || c.Compared == 0 {
		t.Errorf("%+v", c)
	}
	var read struct {
		Groups  [][]string
		Edition string
	}
	w.ask("GET", "/search/synonyms", local, nil).must(200, &read)
	old := read.Edition
	w.ask("PUT", "/search/synonyms", boss, object{"groups": [][]string{{"核桃", "合桃"}}, "edition": old}).must(200, &read)
	if len(read.Groups) != 1 || read.Edition == old {
		t.Errorf("%+v", read)
	}
	w.ask("PUT", "/search/synonyms", boss, object{"groups": [][]string{{"苹果", "apple"}}, "edition": old}).refused(409, "conflict")
	w.ask("PUT", "/search/synonyms", boss, object{"groups": [][]string{{"a", "b"}, {"red, date", "枣"}}}).refused(422, "synonym_name")
	w.ask("PUT", "/search/synonyms", boss, object{"groups": [][]string{{"苹果", "apple"}}}).must(200)
	w.m.Search = search.New(w.m.DB, away{}, nil)
	w.ask("GET", "/search/engine", local, nil).must(200, &e)
	if e.Well {
		t.Error("an engine that is away is well")
	}
}
