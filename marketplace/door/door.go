// Package door is what pages and API share: who is asking, what they may do,
// how often, and how a refusal is said. Fiber stops here and in web and api:
// the rooms below see plain values.
package door

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/limit"
)

// Options of the doors.
type Options struct {
	Secure  bool           // cookies over HTTPS only
	Trusted []netip.Prefix // proxies whose X-Forwarded-For is believed
	Host    string         // "https://market.example"; empty: as asked
	Log     *slog.Logger
}

// Door is shared by the doors.
type Door struct {
	*marketplace.Marketplace
	o Options
}

// New opens the door of a marketplace.
func New(m *marketplace.Marketplace, o Options) *Door {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Door{Marketplace: m, o: o}
}

// The cookies.
const (
	sessionCookie = "cf_session"
	visitCookie   = "cf_visit"
	agentCookie   = "cf_agent"
	LangCookie    = "cf_lang"
	ThemeCookie   = "cf_theme"
)

// MaxBody is the largest body a door reads: a photo from a phone, and a little.
const MaxBody = 16 << 20

// Config is how Fiber is opened: its memory is not reused under our feet, and
// slow or huge requests end. What a request says of the host it was sent on to
// (X-Forwarded-Host, X-Forwarded-Proto) is believed of a trusted proxy alone: it
// stands in the links that people share and in what search engines keep.
func Config(onError fiber.ErrorHandler, trusted ...netip.Prefix) fiber.Config {
	proxies := make([]string, len(trusted))
	for i, p := range trusted {
		proxies[i] = p.String()
	}
	return fiber.Config{
		EnableTrustedProxyCheck: true, TrustedProxies: proxies,
		AppName: "commonfield", Immutable: true, DisableStartupMessage: true,
		ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 90 * time.Second,
		ReadBufferSize: 16384, BodyLimit: MaxBody, ErrorHandler: onError, StreamRequestBody: false,
	}
}

// Every is the middleware of every request: its id, its headers, its log line.
func (d *Door) Every(c *fiber.Ctx) error {
	request := id.Secret(8)
	c.Locals("request", request)
	began := time.Now()
	c.Set("X-Request-Id", request)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	c.Set("Permissions-Policy", "geolocation=(), microphone=(), camera=(self)")
	if d.o.Secure {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	legible(c)
	err := c.Next()
	if err != nil {
		if e := c.App().ErrorHandler(c, err); e != nil {
			d.o.Log.Error("the page of an error could not be made", "request", request, "error", e.Error())
			return e
		}
	}
	pack(c)
	status := c.Response().StatusCode()
	level := slog.LevelDebug
	if status >= 500 {
		level = slog.LevelError
	}
	attrs := []any{"request", request, "method", c.Method(), "route", c.Route().Path, "status", status, "ms", time.Since(began).Milliseconds()}
	if err != nil && status >= 500 {
		attrs = append(attrs, "error", err.Error())
	}
	d.o.Log.Log(c.UserContext(), level, "request", attrs...)
	return nil
}

// RequestID is the id that a person reads out when something failed.
func RequestID(c *fiber.Ctx) string { s, _ := c.Locals("request").(string); return s }

// Status is the HTTP status of an error. A database that is away is 503: the
// visitor may ask again. Anything else that is no fault is 500.
func Status(err error) int {
	if fe, ok := errors.AsType[*fiber.Error](err); ok {
		return fe.Code
	}
	f, ok := fault.As(err)
	if !ok {
		if storage.Away(err) {
			return fiber.StatusServiceUnavailable
		}
		return fiber.StatusInternalServerError
	}
	switch f.Kind {
	case fault.KindInvalid:
		return fiber.StatusUnprocessableEntity
	case fault.KindNotFound:
		return fiber.StatusNotFound
	case fault.KindConflict:
		return fiber.StatusConflict
	case fault.KindForbidden:
		return fiber.StatusForbidden
	case fault.KindSignIn:
		return fiber.StatusUnauthorized
	case fault.KindTooMany:
		return fiber.StatusTooManyRequests
	case fault.KindTooLarge:
		return fiber.StatusRequestEntityTooLarge
	case fault.KindUnavailable:
		return fiber.StatusServiceUnavailable
	}
	return fiber.StatusInternalServerError
}

// Address is the caller's address: the connection's, or, when that is a
// trusted proxy, the first from the right of X-Forwarded-For that is none.
func (d *Door) Address(c *fiber.Ctx) string {
	addr, err := netip.ParseAddr(c.Context().RemoteIP().String())
	if err != nil {
		return "unknown"
	}
	if !d.trusted(addr) {
		return addr.Unmap().String()
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for _, told := range slices.Backward(hops) {
		hop, err := netip.ParseAddr(strings.TrimSpace(told))
		if err != nil {
			break
		}
		addr = hop
		if !d.trusted(hop) {
			break
		}
	}
	return addr.Unmap().String()
}

// Within says whether a request comes from one of these networks: by a connection
// of its own, or through a trusted proxy. What a proxy handed on that nobody has
// named comes from who knows where.
func (d *Door) Within(c *fiber.Ctx, networks []netip.Prefix) bool {
	peer, err := netip.ParseAddr(c.Context().RemoteIP().String())
	if err != nil {
		return false
	}
	if !d.trusted(peer) {
		for _, handed := range []string{fiber.HeaderXForwardedFor, fiber.HeaderForwarded, fiber.HeaderVia, "X-Real-Ip"} {
			if c.Get(handed) != "" {
				return false
			}
		}
	}
	addr, err := netip.ParseAddr(d.Address(c))
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}

func (d *Door) trusted(a netip.Addr) bool {
	for _, p := range d.o.Trusted {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// Limit refuses (too_many) what is asked too often under a key; the address is
// hashed, so that no personal data is kept.
func (d *Door) Limit(c *fiber.Ctx, what, who string, most int, per time.Duration) error {
	sum := sha256.Sum256([]byte(who))
	_, reset, err := limit.Take(c.UserContext(), d.DB, what+":"+base64.RawURLEncoding.EncodeToString(sum[:12]), most, per)
	if err != nil && fault.Has(err, "too_many") {
		c.Set("Retry-After", reset.UTC().Format(time.RFC1123))
	}
	return err
}

// Who gives the person behind a request: by cookie, or by bearer token (a
// program's or a session's). Nobody is a zero person.
func (d *Door) Who(c *fiber.Ctx) (people.Person, error) {
	if p, ok := c.Locals("who").(people.Person); ok {
		return p, nil
	}
	var p people.Person
	var err error
	if bearer, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "); ok {
		c.Locals("bearer", true)
		if strings.HasPrefix(bearer, "cf_") {
			p, err = d.People.ByToken(c.UserContext(), bearer)
		} else {
			p, err = d.People.Resume(c.UserContext(), bearer)
		}
		if err != nil {
			return p, err
		}
	} else if cookie := c.Cookies(sessionCookie); cookie != "" {
		p, err = d.People.Resume(c.UserContext(), cookie)
		if err != nil {
			if _, refused := fault.As(err); !refused {
				return p, err
			}
			d.drop(c, sessionCookie) // an old cookie: nobody
			p = people.Person{}
		}
	}
	c.Locals("who", p)
	return p, nil
}

// Known is Who, and refuses (sign_in_first) nobody and guests.
func (d *Door) Known(c *fiber.Ctx) (people.Person, error) {
	p, err := d.Who(c)
	if err == nil && (p.ID == id.None || p.Guest) {
		err = fault.SignIn("sign_in_first")
	}
	return p, err
}

// Somebody is Who, and opens a guest's session for nobody: guests may buy.
func (d *Door) Somebody(c *fiber.Ctx) (people.Person, error) {
	p, err := d.Who(c)
	if err != nil || p.ID != id.None {
		return p, err
	}
	if err := d.Limit(c, "guest", d.Address(c), 60, time.Hour); err != nil {
		return p, err
	}
	p, token, err := d.People.Guest(c.UserContext(), c.Get(fiber.HeaderUserAgent))
	if err != nil {
		return p, err
	}
	d.Enter(c, p, token)
	return p, nil
}

// Enter puts a session's token into the cookie: sign-in always makes a new one.
func (d *Door) Enter(c *fiber.Ctx, p people.Person, token string) {
	d.cookie(c, sessionCookie, token, 30*24*time.Hour)
	c.Locals("who", p)
	c.Locals("token", token)
}

// Leave ends the session of the cookie.
func (d *Door) Leave(c *fiber.Ctx) error {
	err := d.People.SignOut(c.UserContext(), c.Cookies(sessionCookie))
	d.drop(c, sessionCookie)
	c.Locals("who", people.Person{})
	return err
}

// Token is the session token of this request's cookie.
func (d *Door) Token(c *fiber.Ctx) string {
	if t, ok := c.Locals("token").(string); ok {
		return t
	}
	return c.Cookies(sessionCookie)
}

func (d *Door) cookie(c *fiber.Ctx, name, value string, life time.Duration) {
	c.Cookie(&fiber.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second), HTTPOnly: true, Secure: d.o.Secure, SameSite: "Lax"})
}

func (d *Door) drop(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{Name: name, Path: "/", MaxAge: -1, Expires: time.Unix(1, 0), HTTPOnly: true, Secure: d.o.Secure, SameSite: "Lax"})
}

// Keep remembers a small choice of the visitor (language, theme) for a year.
func (d *Door) Keep(c *fiber.Ctx, name, value string) { d.cookie(c, name, value, 365*24*time.Hour) }
