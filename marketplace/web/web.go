// Package web is the door of pages. Its handlers parse a form, make one call
// and render a page of web/page; every form works without a script. Files of
// its own serve: shop.go what everybody sees, checkout.go and pay.go the way to
// an order, orders.go and moves.go the life of one, account.go a person's own,
// and desk*.go the three desks.
package web

import (
	"context"
	"fmt"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

// Web is the door of pages.
type Web struct {
	*door.Door
	month  seldom[part.Parts]
	season seldom[season]
	lists  seldom[[]string] // for search engines
}

// patience is how long a request may take: nothing else ends one whose browser
// went away.
const patience = 50 * time.Second

// Mount puts the pages on an app whose error handler is OnError. /api is left
// to its own door.
func Mount(app *fiber.App, d *door.Door) {
	w := &Web{Door: d}
	app.Use(w.visit)
	w.files(app)
	w.sitemaps(app)
	w.shop(app)
	w.baskets(app)
	w.checkouts(app)
	w.pays(app)
	w.complaints(app)
	w.givingBack(app)
	w.papers(app)
	w.talking(app)
	w.orders(app)
	w.account(app)
	w.notices(app)
	w.desks(app)
}

// ours says whether an address belongs to this door.
func ours(path string) bool { return path != "/api" && !strings.HasPrefix(path, "/api/") }

// visit goes around every page: its context, the check that a form came from
// us, and a panic that becomes an error like any other.
func (w *Web) visit(c *fiber.Ctx) (err error) {
	if !ours(c.Path()) {
		return c.Next()
	}
	c.Locals("web", w)
	// Not Fiber's own context: it ends all requests the moment a stop begins.
	ctx, stop := context.WithTimeout(trail.WithRequest(context.Background(), door.RequestID(c)), patience)
	defer stop()
	c.SetUserContext(ctx)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		p, err := w.Who(c)
		if err == nil {
			err = door.Writer(p)
		}
		if err != nil {
			return err
		}
	}
	if free(c.Path()) {
		return c.Next()
	}
	return w.Genuine(c)
}

// OnError is the error handler of the app: the page that says what went wrong.
// What comes before any door (a body too large) is answered too.
func OnError(c *fiber.Ctx, err error) error {
	status := door.Status(err)
	c.Response().ResetBody()
	// The visit is over and its context with it; saying so has one of its own.
	ctx, stop := context.WithTimeout(context.WithoutCancel(c.UserContext()), patience)
	defer stop()
	c.SetUserContext(ctx)
	w, mounted := c.Locals("web").(*Web)
	f := bare(c)
	if mounted {
		known, failed := w.frame(c)
		if failed == nil {
			f = known
		}
	}
	if status == fiber.StatusUnauthorized && c.Method() == fiber.MethodGet && c.Get("HX-Request") == "" {
		return c.Redirect(part.SignInWay+"?next="+url.QueryEscape(here(c)), fiber.StatusSeeOther)
	}
	v := page.Failure{Frame: f, Status: status, Unsent: unsent(c, f, err)}
	if said, ok := fault.As(err); ok && status < fiber.StatusInternalServerError && said.Kind != fault.KindNotFound && (status != fiber.StatusUnauthorized || c.Method() != fiber.MethodGet) {
		v.Sentence = tongue.Fault(f.Reader, said.Code, said.Args)
	}
	if status == fiber.StatusMethodNotAllowed {
		v.Status = fiber.StatusNotFound // its words fit: there is no such page
	}
	return send(c, status, v.View())
}

// bare is the frame of a page when nothing else is known.
func bare(c *fiber.Ctx) part.Frame {
	r := tongue.Choose(c.Query("lang"), c.Cookies(door.LangCookie), c.Get(fiber.HeaderAcceptLanguage))
	return part.Frame{Reader: r.At(time.UTC, time.Now()), Path: here(c), Theme: theme(c.Cookies(door.ThemeCookie)), Request: door.RequestID(c)}
}

// frame is what every page needs to know about the visit, and about the market
// it shows. Without one it is a page over several: its moments are read in the
// first market's place.
func (w *Web) frame(c *fiber.Ctx, of ...region.Market) (part.Frame, error) {
	f := bare(c)
	var m region.Market
	if len(of) > 0 {
		m = of[0]
	}
	if asked := c.Query("lang"); asked != "" && f.Reader.Lang() == asked && c.Cookies(door.LangCookie) != asked {
		w.Keep(c, door.LangCookie, asked)
	}
	place := m
	if m.ID == storage.Platform {
		all, err := w.Books.All(c.UserContext())
		if err != nil {
			return f, err
		}
		if len(all) > 0 {
			place = all[0]
		}
	} else {
		f.Market, f.Operator = m.Title(f.Reader.Lang()), m.Operator
	}
	f.Reader = f.Reader.At(place.Location(), w.DB.Now())
	p, err := w.Who(c)
	if err != nil {
		return f, err
	}
	f.Nobody = p.ID == id.None
	if p.ID != id.None {
		if f.Unread, err = w.Notices.Unread(c.UserContext(), p.ID); err != nil {
			return f, err
		}
	}
	if p.ID != id.None && !p.Guest {
		f.Person = p.Name
		if f.Roles, err = w.roles(c, p); err != nil {
			return f, err
		}
	}
	if p.ID != id.None {
		if f.Basket, err = w.basketOf(c, p); err != nil {
			return f, err
		}
	}
	f.Host, f.CSRF = w.Home(c), w.CSRF(c)
	if kind, sentence := w.Flashed(c); sentence != "" {
		f.Flash = &part.Notice{Kind: kind, Text: sentence}
	}
	return f, nil
}

// basketOf is how many things lie in somebody's basket.
func (w *Web) basketOf(c *fiber.Ctx, p people.Person) (int, error) {
	return w.Kept.Count(c.UserContext(), p.ID)
}

// roles are the desks that a person may sit at, asked once a request.
func (w *Web) roles(c *fiber.Ctx, p people.Person) (part.Roles, error) {
	if known, ok := c.Locals("roles").(part.Roles); ok {
		return known, nil
	}
	grows, err := w.Producers.Standings(c.UserContext(), p.ID)
	if err != nil {
		return part.Roles{}, err
	}
	sells, err := w.Agents.Standings(c.UserContext(), p.ID)
	roles := part.Roles{Producer: len(grows) > 0, Agent: len(sells) > 0, Operator: len(p.Operator) > 0, Clerk: len(p.Clerk) > 0}
	if err == nil {
		c.Locals("roles", roles)
	}
	return roles, err
}

// here is the page's address without the wish for a language, which is kept.
func here(c *fiber.Ctx) string {
	u, err := url.Parse(c.OriginalURL())
	if err != nil {
		return c.Path()
	}
	if q := u.Query(); q.Has("lang") {
		q.Del("lang")
		u.RawQuery = q.Encode()
	}
	return u.RequestURI()
}

func theme(kept string) string {
	if kept == "light" || kept == "dark" {
		return kept
	}
	return ""
}

// render sends a page.
func (w *Web) render(c *fiber.Ctx, status int, v templ.Component) error { return send(c, status, v) }

func send(c *fiber.Ctx, status int, v templ.Component) error {
	// Into the answer's own memory, which the server uses again.
	c.Response().ResetBody()
	if err := v.Render(c.UserContext(), c.Response().BodyWriter()); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Set(fiber.HeaderVary, "Cookie, Accept-Language, HX-Request, HX-Target")
	c.Status(status)
	return nil
}

// flash keeps a sentence for the next page.
func (w *Web) flash(c *fiber.Ctx, n part.Notice) { w.Flash(c, n.Kind, n.Text) }

// told redirects after a deed and says on the next page that it is done.
func (w *Web) told(c *fiber.Ctx, key, way string) error {
	w.flash(c, part.Notice{Kind: "good", Text: bare(c).T(key)})
	return c.Redirect(way, fiber.StatusSeeOther)
}

// market is the one of the address: by its code, or by its number as programs
// write it.
func (w *Web) market(c *fiber.Ctx) (region.Market, error) {
	return w.marketOf(c.UserContext(), c.Params("market"))
}

// named gives the market and the row that an address /…/:market/:id names, and who asks.
func (w *Web) named(c *fiber.Ctx) (region.Market, id.ID, people.Person, error) {
	var p people.Person
	m, err := w.market(c)
	if err != nil {
		return m, id.None, p, err
	}
	name, err := row(c.Params("id"))
	if err == nil {
		p, err = w.Who(c)
	}
	return m, name, p, err
}

func (w *Web) marketOf(ctx context.Context, text string) (region.Market, error) {
	none := fault.NotFound("market_unknown")
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		if n <= int64(storage.Platform) {
			return region.Market{}, none
		}
		return w.Books.Market(ctx, int32(n))
	}
	m, known, err := w.Books.Coded(ctx, text)
	if err != nil || known {
		return m, err
	}
	if len(text) == 0 || len(text) > 12 || strings.ContainsFunc(text, func(r rune) bool { return r > 'z' || r < 'A' }) {
		return region.Market{}, none
	}
	// One that was opened a moment ago.
	err = w.DB.ViewShared(ctx, func(tx *storage.Tx) (err error) { m, err = region.FindMarketByCode(tx, text); return })
	if err == nil && m.ID == storage.Platform {
		err = none
	}
	return m, err
}

// local gives an address of ours, or otherwise: nobody is sent elsewhere by a
// link that begins with us.
func local(way, otherwise string) string {
	if len(way) > 2000 || !strings.HasPrefix(way, "/") || strings.HasPrefix(way, "//") || strings.ContainsAny(way, "\\\r\n\t\x00") {
		return otherwise
	}
	u, err := url.Parse(way)
	if err != nil || u.Host != "" || u.Scheme != "" || !ours(u.Path) {
		return otherwise
	}
	return way
}
