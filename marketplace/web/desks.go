package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// desk holds the handlers of the three desks: the producer's, the agent's and
// the operator's. Each works in one market at a time, chosen by ?market= and
// remembered in a cookie; every form says its market itself.
type desk struct {
	*Web
	audits sync.Map // market → page.Audit, the last one that ran here
}

// desks mounts the desks.
func (w *Web) desks(app fiber.Router) {
	d := &desk{Web: w}
	g := app.Group("/desk") // that a form came from us is checked around every page
	d.growing(g)
	d.selling(g)
	d.operating(g)
	d.hooking(g)
	d.marketing(g)
	d.stationing(g)
	d.setting(app)
}

// seat is where somebody works: who, in which market, for whom.
type seat struct {
	p       people.Person
	m       region.Market
	markets []region.Market // to choose from
	grower  producer.Producer
	acting  bool // an operator or a clerk at a producer's desk
	clerk   bool // who acts is a clerk: no money
}

const deskCookie = "cf_desk"

// way is an address of a desk that says its market.
func (s seat) way(base string, pairs ...string) string {
	q := url.Values{"market": {s.number()}}
	if s.acting {
		q.Set("producer", s.grower.ID.String())
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	base, fragment, cut := strings.Cut(base, "#")
	if cut {
		fragment = "#" + fragment
	}
	return base + "?" + q.Encode() + fragment
}

func (s seat) number() string { return strconv.Itoa(int(s.m.ID)) }

// asked is the market that a request names: by its path, its query, else, when
// it only looks, by the cookie. 0 is none.
func (d *desk) asked(c *fiber.Ctx) (market int32, named bool, err error) {
	text := c.Params("market")
	if text == "" {
		text = c.Query("market")
	}
	named = text != ""
	if !named {
		text, _, _ = strings.Cut(c.Cookies(deskCookie), ".")
	}
	if named {
		m, err := d.marketOf(c.UserContext(), text)
		return m.ID, true, err
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n <= 0 {
		return 0, false, nil //nolint:nilerr // a cookie that holds no number names no market
	}
	return int32(n), false, nil
}

// choose takes the market asked for among those that somebody has; without one
// the first. What is named and not theirs is refused.
func (d *desk) choose(c *fiber.Ctx, p people.Person, have []int32) (seat, error) {
	s := seat{p: p}
	all, err := d.Books.All(c.UserContext())
	if err != nil {
		return s, err
	}
	for _, m := range all {
		if slices.Contains(have, m.ID) {
			s.markets = append(s.markets, m)
		}
	}
	market, named, err := d.asked(c)
	if err != nil {
		return s, err
	}
	if market != 0 && slices.Contains(have, market) {
		s.m, err = d.Books.Market(c.UserContext(), market) // also one that All does not know yet
		if err == nil && named && c.Method() == fiber.MethodGet {
			d.Keep(c, deskCookie, s.number())
		}
		return s, err
	}
	if named || len(s.markets) == 0 {
		return s, fault.Forbidden("forbidden")
	}
	s.m = s.markets[0]
	return s, nil
}

// known is the person, or the way to the sign-in page and back.
func (d *desk) known(c *fiber.Ctx) (people.Person, error) {
	p, err := d.Known(c)
	if err == nil && c.Method() != fiber.MethodGet {
		err = door.Writer(p)
	}
	return p, err
}

// seated wraps a handler: nobody is sent to sign in, the others get their seat.
func (d *desk) seated(find func(*fiber.Ctx, people.Person) (seat, error), do func(*fiber.Ctx, seat) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		p, err := d.known(c)
		if f, ok := fault.As(err); ok && f.Kind == fault.KindSignIn {
			return c.Redirect(part.SignInWay+"?next="+url.QueryEscape(back(c)), fiber.StatusSeeOther)
		}
		if err != nil {
			return err
		}
		s, err := find(c, p)
		if errors.Is(err, errNoMarket) {
			return c.Redirect(part.NewMarketWay, fiber.StatusSeeOther)
		}
		if err != nil {
			return err
		}
		return do(c, s)
	}
}

// back is where somebody wanted to go: the page itself, or of a form its desk.
func back(c *fiber.Ctx) string {
	if c.Method() == fiber.MethodGet {
		return c.OriginalURL()
	}
	parts := strings.Split(c.Path(), "/")
	return strings.Join(parts[:min(3, len(parts))], "/")
}

// show renders a page of a desk with what stands around it.
func (d *desk) show(c *fiber.Ctx, s seat, status int, before page.Around, view func(part.Frame) templ.Component) error {
	f, err := d.frame(c, s.m)
	if err != nil {
		return err
	}
	if s.acting {
		_, f.Acting, _ = strings.Cut(s.way(""), "?")
	}
	before.Frame = f
	for _, m := range s.markets {
		if len(s.markets) > 1 {
			before.Markets = append(before.Markets, part.Chip{Word: m.Title(f.Reader.Lang()), Href: seat{m: m}.way(c.Path()), On: m.ID == s.m.ID})
		}
	}
	if c.Params("market") != "" {
		before.Markets = nil // this page is one thing of one market
	}
	if !before.Empty() {
		f.Before = before.View()
	}
	return d.render(c, status, view(f))
}

// typed is what a form sent, without its token and key.
func typed(c *fiber.Ctx) map[string]string {
	out := map[string]string{}
	for name, values := range sent(c) {
		if len(values) > 0 {
			out[name] = values[0]
		}
	}
	return out
}

func sent(c *fiber.Ctx) map[string][]string {
	out, _ := filled(c)
	delete(out, part.FieldCSRF)
	delete(out, part.FieldKey)
	return out
}

// filled is all of a posted form, with what came in parts, where it did.
func filled(c *fiber.Ctx) (map[string][]string, *multipart.Form) {
	out := map[string][]string{}
	form, err := c.MultipartForm()
	if err == nil {
		maps.Copy(out, form.Value)
		return out, form
	}
	for name, value := range c.Request().PostArgs().All() {
		out[string(name)] = append(out[string(name)], string(value))
	}
	return out, nil
}

// key is the idempotency key of a posted form: what it did once it does not do
// again, and with other content it is refused. What names a second deed of the
// same form.
func (d *desk) key(c *fiber.Ctx, s seat, what ...string) once.Key {
	k := c.FormValue(part.FieldKey)
	if k == "" {
		return once.Key{}
	}
	h := sha256.New()
	values := sent(c)
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	_, _ = io.WriteString(h, c.Path())
	for _, name := range names {
		_, _ = io.WriteString(h, "\x00"+name+"\x00"+strings.Join(values[name], "\x01"))
	}
	if form, err := c.MultipartForm(); err == nil {
		for _, name := range []string{"photo", "file"} {
			for _, f := range form.File[name] {
				data, _ := read(f)
				sum := sha256.Sum256(data)
				_, _ = io.WriteString(h, "\x00"+name+"\x00"+hex.EncodeToString(sum[:]))
			}
		}
	}
	return once.Of(s.p.ID, strings.Join(append([]string{k}, what...), ":"), h.Sum(nil))
}

// once does what knows no key of its own at most once for each form.
func (d *desk) once(ctx context.Context, s seat, k once.Key, do func() error) error {
	_, _, done, err := once.Recall(ctx, d.DB, s.m.ID, k)
	if err != nil || done {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return once.Remember(ctx, d.DB, s.m.ID, k, fiber.StatusSeeOther, []byte{})
}

func newKey() string { return id.New().String() }

// view reads a market.
func (d *desk) view(c *fiber.Ctx, s seat, read func(tx *storage.Tx) error) error {
	return d.DB.View(c.UserContext(), s.m.ID, read)
}

// upload gives the one file of a field; nothing when none was chosen.
func upload(c *fiber.Ctx, field string) ([]byte, error) {
	form, err := c.MultipartForm()
	if err != nil || len(form.File[field]) == 0 || form.File[field][0].Size == 0 {
		return nil, nil //nolint:nilerr // a request without a form has no file
	}
	return read(form.File[field][0])
}

func read(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}
