package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/limit"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

// visit is one request with who makes it.
type visit struct {
	ctx    context.Context
	c      *fiber.Ctx
	s      *server
	route  route
	op     *huma.Operation
	reader tongue.Reader
	who    people.Person
	key    once.Key // zero: none was sent
	home   int32    // the market that keeps the answer
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// deadline is how long an operation may take: nothing cancels it when a client
// goes away.
const deadline = 30 * time.Second

// guard turns what fails under /api, a panic too, into a problem.
func (s *server) guard(c *fiber.Ctx) (err error) {
	if path := c.Path(); path != "/api" && !strings.HasPrefix(path, "/api/") {
		return c.Next() // a neighbour whose name begins alike
	}
	defer func() {
		if r := recover(); r != nil {
			c.Response().ResetBody()
			err = OnError(c, fmt.Errorf("panic: %v", r))
		}
	}()
	if err := c.Next(); err != nil {
		return OnError(c, err)
	}
	return nil
}

// unknown answers an address that is none, or a method that it does not have.
func (s *server) unknown(c *fiber.Ctx) error {
	var has []string
	for _, m := range s.routes {
		if fiber.RoutePatternMatch(c.Path(), pattern(m.path)) {
			has = append(has, m.method)
		}
	}
	if len(has) == 0 {
		return refusing(fiber.StatusNotFound, "no_route")
	}
	c.Set(fiber.HeaderAllow, strings.Join(has, ", "))
	return refusing(fiber.StatusMethodNotAllowed, "method", fault.Args{"allowed": has})
}

// pattern writes a path's parameters as Fiber does.
func pattern(path string) string { return strings.NewReplacer("{", ":", "}", "").Replace(path) }

// gate lets an operation run for those whom it is open to, once per key.
func (s *server) gate(ctx huma.Context, next func(huma.Context)) {
	c := humafiber.Unwrap(ctx)
	r, _ := ctx.Operation().Metadata["route"].(route)
	limited, cancel := context.WithTimeout(trail.WithRequest(ctx.Context(), door.RequestID(c)), deadline)
	defer cancel()
	v := &visit{c: c, s: s, route: r, op: ctx.Operation(), reader: readerOf(c)}
	v.ctx = context.WithValue(limited, visitKey{}, v)
	again, err := false, v.admit()
	if err == nil {
		again, err = v.recall()
	}
	if err != nil {
		_ = answerProblem(c, v.reader, err)
		return
	}
	if again {
		return
	}
	next(huma.WithContext(ctx, v.ctx))
	v.remember()
}

// refuse makes the problem of an error, with what its sentence needs to know.
func (v *visit) refuse(err error) *problem {
	p := explain(v.reader, err, door.RequestID(v.c))
	record(v.c, p, err)
	headers(v.c, v.reader, p)
	return p
}

// admit looks at the request before anything of its body is believed.
func (v *visit) admit() error {
	if err := v.readable(); err != nil {
		return err
	}
	who, err := v.s.Who(v.c)
	if err != nil {
		return err
	}
	v.who = who
	v.c.Vary(fiber.HeaderAuthorization, fiber.HeaderCookie, fiber.HeaderAcceptLanguage)
	if who.ID != id.None {
		v.c.Set(fiber.HeaderCacheControl, "no-store") // somebody's own, for no cache on the way
	}
	if v.c.Get(fiber.HeaderAcceptLanguage) == "" && v.c.Cookies(door.LangCookie) == "" && who.Language != "" {
		v.reader = tongue.For(who.Language)
	}
	switch {
	case v.route.open != everybody && who.ID == id.None, v.route.open == known && who.Guest:
		return fault.SignIn("sign_in_first")
	case v.route.reads || v.route.method == fiber.MethodGet:
		return nil
	case who.ReadOnly:
		return fault.Forbidden("read_only")
	case v.route.session && strings.HasPrefix(v.bearer(), "cf_"):
		return fault.Forbidden("session_only")
	}
	if err := v.genuine(); err != nil {
		return err
	}
	return v.within(v.route.pace, v.caller())
}

// readable refuses text that is none: it would fail in the database. A table is read
// in more than one encoding, by the room that takes it.
func (v *visit) readable() error {
	path, err := url.PathUnescape(v.c.Path())
	if err != nil || !clean([]byte(path)) {
		return refusing(fiber.StatusNotFound, "not_found")
	}
	for name, value := range v.c.Context().QueryArgs().All() {
		if !clean(value) || !clean(name) {
			return fault.Invalid(strings.ToValidUTF8(string(name), "?"), "invalid")
		}
	}
	body := v.c.Request().Body()
	kind, _, _ := strings.Cut(strings.ToLower(v.c.Get(fiber.HeaderContentType)), ";")
	kind = strings.TrimSpace(kind)
	if kind != "" && kind != fiber.MIMEApplicationJSON && !strings.HasSuffix(kind, "+json") {
		return nil
	}
	if !utf8.Valid(body) {
		return refusing(fiber.StatusBadRequest, "malformed")
	}
	if nul(body) {
		return fault.Invalid("", "invalid")
	}
	return nil
}

func clean(text []byte) bool { return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 }

// nul finds the escape of the character that no text has. An escaped backslash
// before it makes it harmless.
func nul(body []byte) bool {
	for at := 0; ; {
		i := bytes.Index(body[at:], []byte(`\u0000`))
		if i < 0 {
			return false
		}
		at += i
		slashes := 0
		for at-slashes > 0 && body[at-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return true
		}
		at++
	}
}

// bearer is the token of the request's header, if one came.
func (v *visit) bearer() string {
	token, _ := strings.CutPrefix(v.c.Get(fiber.HeaderAuthorization), "Bearer ")
	return token
}

// genuine refuses a write that only a cookie speaks for, unless the page that
// sends it knows the visit's token: another site could have sent it.
func (v *visit) genuine() error {
	if v.who.ID == id.None || v.bearer() != "" {
		return nil
	}
	if site := v.c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fault.Forbidden("csrf_token")
	}
	if !v.s.OurOwn(v.c, v.c.Get("X-CSRF-Token")) {
		return fault.Forbidden("csrf_token")
	}
	return nil
}

// caller is whose requests are counted together.
func (v *visit) caller() string {
	if v.who.ID != id.None && v.route.pace == "" {
		return v.who.ID.String()
	}
	return v.s.Address(v.c)
}

// pace is how often something may be asked.
type pace struct {
	most int
	per  time.Duration
}

// paces by their name; the one without a name is every other write, per person.
// The others are per address, and one per login; pages count under the same
// names, so that nobody has twice the tries.
var paces = map[string]pace{
	"": {600, time.Minute}, "sign-in:address": {30, 10 * time.Minute}, "sign-in:login": {10, 10 * time.Minute},
	"register": {20, time.Hour}, "guest": {60, time.Hour}, "place": {60, time.Minute},
}

// within counts one request, tells what is left, and refuses (too_many) what
// is too much. Whoever asks is hashed, so that no personal data is kept.
func (v *visit) within(name, who string) error {
	p := paces[name]
	if name == "" {
		name = "api"
	}
	sum := sha256.Sum256([]byte(who))
	left, reset, err := limit.Take(v.ctx, v.s.DB, name+":"+base64.RawURLEncoding.EncodeToString(sum[:12]), p.most, p.per)
	if err != nil && !fault.Has(err, "too_many") {
		return err
	}
	wait := strconv.Itoa(max(1, int(reset.Sub(v.s.DB.Now()).Round(time.Second)/time.Second)))
	v.c.Set("RateLimit-Policy", fmt.Sprintf("%d;w=%d", p.most, int(p.per/time.Second)))
	v.c.Set("RateLimit-Limit", strconv.Itoa(p.most))
	v.c.Set("RateLimit-Remaining", strconv.Itoa(left))
	v.c.Set("RateLimit-Reset", wait)
	if err != nil {
		v.c.Set(fiber.HeaderRetryAfter, wait)
	}
	return err
}
