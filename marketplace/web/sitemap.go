package web

import (
	"bufio"
	"context"
	"encoding/xml"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/catalog/shelf"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// sitemaps mounts what tells search engines which pages there are, and which are
// not theirs.
func (w *Web) sitemaps(app fiber.Router) {
	app.Get("/robots.txt", w.robots)
	app.Get("/sitemap.xml", w.sitemap)
	app.Get("/sitemap/:file", w.addresses)
}

// private are the pages that are somebody's own, or lead to them, and pieces of pages.
var private = []string{
	part.BasketWay, part.CheckoutWay, "/pay/", part.OrdersWay, part.AccountWay, part.MessagesWay, part.NoticesWay, "/desk", part.SignInWay, part.RegisterWay, part.SetupWay, part.SuggestWay, "/api/v1/",
}

// robots keeps search engines off what is somebody's own, and says where the list of
// the other pages lies.
func (w *Web) robots(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return c.SendString("User-agent: *\nDisallow: " + strings.Join(private, "\nDisallow: ") + "\n\nSitemap: " + w.Home(c) + "/sitemap.xml\n")
}

// The lists: the front and the markets, goods, growers.
const (
	placesList = "places"
	goodsList  = "goods"
	growerList = "growers"
)

var lists = map[string]shelf.Public{goodsList: shelf.PublicGoods, growerList: shelf.PublicGrowers}

// cut gives the names of the lists' files. To find where they begin an index is read
// from end to end.
func (w *Web) cut(ctx context.Context) ([]string, error) {
	return w.lists.get(w.DB.Now(), fresh, func() ([]string, error) {
		names := []string{placesList}
		for _, name := range []string{goodsList, growerList} {
			starts, err := w.Shelf.Lists(ctx, lists[name])
			if err != nil {
				return nil, err
			}
			for _, l := range starts {
				names = append(names, name+"-"+strconv.Itoa(int(l.Market))+"-"+l.First.String())
			}
		}
		return names, nil
	})
}

// sitemap lists the lists.
func (w *Web) sitemap(c *fiber.Ctx) error {
	names, err := w.cut(c.UserContext())
	if err != nil {
		return err
	}
	return listed(c, "sitemapindex", func(b *bufio.Writer) {
		for _, name := range names {
			put(b, "<sitemap><loc>", escaped(w.Home(c)), "/sitemap/", name, ".xml</loc></sitemap>\n")
		}
	})
}

// addresses is one of the lists: of each page both languages, and when it changed.
func (w *Web) addresses(c *fiber.Ctx) error {
	name, is := strings.CutSuffix(c.Params("file"), ".xml")
	if !is {
		return fault.NotFound("not_found")
	}
	ways, err := w.public(c, name)
	if err != nil {
		return err
	}
	return listed(c, "urlset", func(b *bufio.Writer) {
		host := escaped(w.Home(c))
		for _, e := range ways {
			e.write(b, host)
		}
	})
}

// public are the pages of a list, by the name that cut gave it.
func (w *Web) public(c *fiber.Ctx, name string) ([]entry, error) {
	if name == placesList {
		return w.places(c.UserContext())
	}
	kind, rest, _ := strings.Cut(name, "-")
	market, first, _ := strings.Cut(rest, "-")
	of, known := lists[kind]
	start, ok := id.Parse(first)
	if !known || !ok {
		return nil, fault.NotFound("not_found")
	}
	m, err := w.marketOf(c.UserContext(), market)
	if err != nil {
		return nil, err
	}
	rows, err := w.Shelf.List(c.UserContext(), of, shelf.List{Market: m.ID, First: start})
	ways := make([]entry, len(rows))
	for i, a := range rows {
		ways[i] = entry{part.ListingWay(m.Code, a.ID.String()), a.ChangedAt}
		if kind == growerList {
			ways[i].way = part.GrowerWay(m.Code, a.ID.String())
		}
	}
	return ways, err
}

// entry is a page of a list.
type entry struct {
	way     string
	changed time.Time
}

// write writes a page twice, once for each language, and with each where the other is.
func (e entry) write(b *bufio.Writer, host string) {
	in := map[string]string{}
	for _, lang := range tongue.Languages {
		in[lang] = host + escaped(part.Findable(e.way, lang))
	}
	for _, lang := range tongue.Languages {
		put(b, "<url><loc>", in[lang], "</loc>")
		if !e.changed.IsZero() {
			put(b, "<lastmod>", e.changed.UTC().Format(time.RFC3339), "</lastmod>")
		}
		for _, other := range tongue.Languages {
			put(b, `<xhtml:link rel="alternate" hreflang="`, other, `" href="`, in[other], `"/>`)
		}
		put(b, "</url>\n")
	}
}

// places are the front, and the goods of each market and of each category.
func (w *Web) places(ctx context.Context) ([]entry, error) {
	all, err := w.Books.All(ctx)
	if err != nil {
		return nil, err
	}
	known, err := w.categories(ctx)
	if err != nil {
		return nil, err
	}
	ways := []entry{{way: part.HomeWay}, {way: part.SearchWay}, {way: part.ApplyWay}}
	for _, m := range all {
		ways = append(ways, entry{way: link(part.SearchWay, page.AskMarket, m.Code)})
	}
	for _, k := range known {
		ways = append(ways, entry{way: link(part.SearchWay, page.AskCategory, k.Code)})
	}
	return ways, nil
}

// listed answers with a list as https://www.sitemaps.org/protocol.html describes it.
func listed(c *fiber.Ctx, kind string, each func(*bufio.Writer)) error {
	c.Response().ResetBody()
	b := bufio.NewWriter(c.Response().BodyWriter())
	put(b, xml.Header, "<", kind, ` xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">`, "\n")
	each(b)
	put(b, "</", kind, ">\n")
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationXMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	return b.Flush()
}

// put writes into memory, which does not fail before Flush.
func put(b *bufio.Writer, texts ...string) {
	for _, text := range texts {
		_, _ = b.WriteString(text)
	}
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}
