package web_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"commonfield/catalog/shelf"
	"commonfield/marketplace/web/static"
	"commonfield/storage/id"
)

// listOf is a list of a sitemap, as https://www.sitemaps.org/protocol.html describes it.
type listOf struct {
	Lists []struct {
		Loc string `xml:"loc"`
	} `xml:"sitemap"`
	Pages []struct {
		Loc     string `xml:"loc"`
		Lastmod string `xml:"lastmod"`
		Links   []struct {
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"url"`
}

func (h *house) list(t *testing.T, v *visitor, way string) (l listOf) {
	t.Helper()
	a := v.get(t, way)
	if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
		t.Fatalf("%s answers %d, %s", way, a.status, a.header.Get("Content-Type"))
	}
	must(t, xml.Unmarshal([]byte(a.body), &l))
	return l
}

// lists are the lists of the places and of the house's market: other tests fill the others.
func (h *house) lists(t *testing.T, v *visitor) (ways []string) {
	t.Helper()
	for _, l := range h.list(t, v, "/sitemap.xml").Lists {
		if way := strings.TrimPrefix(l.Loc, home); way == "/sitemap/places.xml" || strings.Contains(way, "-"+strconv.Itoa(int(h.Market))+"-") {
			ways = append(ways, way)
		}
	}
	return ways
}

const home = "http://example.com"

var canonical = regexp.MustCompile(`<link rel="canonical" href="([^"]+)">`)

// A robot walks: from robots.txt to the lists, and from each list to its pages, which
// say of themselves that they lie where the list has said.
func TestSearchEnginesFindEveryPublicPageInBothLanguages(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	if a := v.get(t, "/robots.txt"); !strings.Contains(a.body, "\nSitemap: "+home+"/sitemap.xml\n") {
		t.Fatalf("robots.txt: %s", a.body)
	}
	seen := map[string]string{} // page → when it changed
	for _, way := range h.lists(t, v) {
		pages := h.list(t, v, way).Pages
		if len(pages) == 0 {
			t.Errorf("%s is empty", way)
		}
		for _, p := range pages {
			seen[p.Loc] = p.Lastmod
			if len(p.Links) != 2 || p.Links[0].Lang != "zh" || p.Links[1].Lang != "en" || p.Links[1].Href == p.Links[0].Href || p.Loc != p.Links[0].Href && p.Loc != p.Links[1].Href {
				t.Errorf("%+v", p)
			}
		}
	}
	grower := "/producers/" + h.code(t) + "/" + h.Listing.ProducerID.String()
	for _, way := range []string{"/", h.listing(t), grower, "/search?market=" + h.code(t), "/search?category=walnut", "/agents/apply"} {
		mark := "?lang=en"
		if strings.Contains(way, "?") {
			mark = "&lang=en"
		}
		for _, at := range []string{way, way + mark} {
			changed, there := seen[home+at]
			if !there {
				t.Errorf("%s is in no list", at)
			}
			if dated := at == h.listing(t) || strings.HasPrefix(at, grower); dated && changed == "" {
				t.Errorf("nobody says when %s changed", at)
			}
			page := h.nobody().page(t, at) // a robot keeps no cookie
			if m := canonical.FindStringSubmatch(page); m == nil || strings.ReplaceAll(m[1], "&amp;", "&") != home+at {
				t.Errorf("%s says that it lies at %v", at, m)
			}
			has(t, page, `<meta property="og:image" content="`+home+`/`, `hreflang="zh" href="`+home, `hreflang="en" href="`+home)
			if strings.Contains(page, "noindex") {
				t.Errorf("%s keeps search engines away", at)
			}
		}
	}
}

func TestWhatOneVisitorAskedIsNoPageOfItsOwn(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	for way, want := range map[string]string{
		h.listing(t) + "?quantity=10&unit=jin":             h.listing(t),
		"/?from=app":                                       "/",
		"/search":                                          "/search",
		"/search?category=walnut&stock=1":                  "",
		"/search?q=hetao":                                  "",
		"/search?category=walnut&sort=price":               "",
		"/search?market=" + h.code(t) + "&category=walnut": "",
	} {
		got, page := "", v.page(t, way)
		if m := canonical.FindStringSubmatch(page); m != nil {
			got = strings.TrimPrefix(m[1], home)
		}
		if got != want || strings.Contains(page, `content="noindex"`) != (want == "") {
			t.Errorf("%s says that it lies at %q", way, got)
		}
	}
}

func TestWhatIsNotPublicIsKeptFromSearchEngines(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	rules := strings.Split(v.get(t, "/robots.txt").body, "\n")
	kept := func(way string) bool {
		return slices.ContainsFunc(rules, func(rule string) bool {
			from, is := strings.CutPrefix(rule, "Disallow: ")
			return is && strings.HasPrefix(way, from)
		})
	}
	for _, way := range []string{"/basket", "/checkout", "/pay/YL/1", "/orders", "/orders/YL/1", "/me", "/messages", "/notices", "/desk/operator", "/desk/agent/share", "/sign-in", "/register", "/setup", "/search/suggest", "/api/v1/listings"} {
		if !kept(way) {
			t.Errorf("robots.txt lets them at %s", way)
		}
	}
	for _, way := range []string{"/", "/search", h.listing(t), "/producers/YL/1", "/agents/apply", "/api/docs", "/static/x.css", "/photos/x/640.jpg", "/s/CODE"} { // a chat app reads the card of a link
		if kept(way) {
			t.Errorf("robots.txt keeps them from %s", way)
		}
	}
	for _, way := range []string{"/basket", "/sign-in", "/register", "/orders", "/nowhere"} {
		if a := v.get(t, way); !strings.Contains(a.body, `<meta name="robots" content="noindex">`) || canonical.MatchString(a.body) {
			t.Errorf("%s does not keep them away", way)
		}
	}
	must(t, h.m.Catalog.Pause(t.Context(), h.Market, h.Listing.ID, h.Operator.ID))
	has(t, v.page(t, h.listing(t)), `content="noindex"`, "https://schema.org/OutOfStock")
	for _, way := range h.lists(t, v) {
		for _, p := range h.list(t, v, way).Pages {
			if strings.Contains(p.Loc, h.Listing.ID.String()) {
				t.Errorf("%s names goods that are paused", way)
			}
		}
	}
	for _, way := range []string{"/sitemap/places", "/sitemap/secrets.xml", "/sitemap/goods.xml", "/sitemap/goods-1.xml", "/sitemap/goods-1-x.xml", "/sitemap/goods-0-" + id.New().String() + ".xml", "/sitemap/orders-1-" + id.New().String() + ".xml"} {
		if a := v.get(t, way); a.status != http.StatusNotFound {
			t.Errorf("%s answers %d", way, a.status)
		}
	}
}

func TestAListingSaysInTheWordsOfSchemaOrgWhatItCostsAndWhoSellsIt(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	var of shelf.View
	of, err := h.m.Shelf.One(t.Context(), h.Market, h.Listing.ID)
	must(t, err)
	page := v.page(t, h.listing(t))
	has(t, page, `itemscope itemtype="https://schema.org/Product"`, `<h1 itemprop="name">`+of.Title, `itemprop="sku" content="`+of.ID.String(), `itemtype="https://schema.org/Offer"`,
		`itemprop="availability" href="https://schema.org/InStock"`, `itemprop="price" content="26.00"`, `itemprop="priceCurrency" content="CNY"`, `itemprop="unitText" content="kg"`,
		`itemtype="https://schema.org/Organization"><meta itemprop="name" content="`+of.ProducerName, `<meta property="product:price:amount" content="26.00">`)
}

func TestAPhoneCanPutTheShopAmongItsPrograms(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	link := regexp.MustCompile(`<link rel="manifest" href="([^"]+)">`)
	names := map[string]bool{}
	for _, lang := range []string{"zh", "en"} {
		m := link.FindStringSubmatch(v.page(t, "/?lang="+lang))
		if m == nil {
			t.Fatal("the front names no manifest")
		}
		a := h.nobody().get(t, m[1])
		var what struct {
			Name, Lang, Display string
			Start               string `json:"start_url"`
			Theme               string `json:"theme_color"`
			Background          string `json:"background_color"`
			Icons               []struct{ Src, Sizes, Type, Purpose string }
			Dark                struct {
				Theme string `json:"theme_color"`
			} `json:"color_scheme_dark"`
		}
		must(t, json.Unmarshal([]byte(a.body), &what))
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/manifest+json") || what.Name == "" || !strings.HasPrefix(what.Lang, lang) ||
			what.Start != "/" || what.Display != "standalone" || what.Theme == "" || what.Background == "" || what.Dark.Theme == what.Theme {
			t.Errorf("%d: %+v", a.status, what)
		}
		names[what.Name] = true
		maskable := 0
		for _, i := range what.Icons {
			file, there := static.Find(i.Src)
			if !there || file.Type != i.Type {
				t.Errorf("no icon lies at %s", i.Src)
			}
			if i.Purpose == "maskable" {
				maskable++
			}
		}
		if maskable != 1 || len(what.Icons) < 3 {
			t.Errorf("%+v", what.Icons)
		}
	}
	if len(names) != 2 {
		t.Errorf("it is called %v", names)
	}
	has(t, h.visitor(t, h.operator(t, h.Market)).page(t, "/desk/operator"), `<link rel="manifest"`)
}
