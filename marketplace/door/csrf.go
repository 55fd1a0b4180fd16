package door

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// CSRF is the token that every form carries: bound to the visit's cookie and
// to the session, so that it dies with either. It is written differently on
// every page, so that nothing can be learned of it from how well a page is
// compressed (BREACH, CVE-2013-3587).
func (d *Door) CSRF(c *fiber.Ctx) string {
	if t, ok := c.Locals("csrf").(string); ok {
		return t
	}
	visit := c.Cookies(visitCookie)
	if visit == "" {
		visit = id.Secret(20)
		d.cookie(c, visitCookie, visit, 30*24*time.Hour)
	}
	t := masked(csrf(visit, d.Token(c)))
	c.Locals("csrf", t)
	return t
}

// OurOwn says whether text is a token that CSRF gave to this visit and session.
func (d *Door) OurOwn(c *fiber.Ctx, text string) bool {
	visit := c.Cookies(visitCookie)
	given, ok := unmasked(text)
	want := csrf(visit, c.Cookies(sessionCookie))
	return visit != "" && ok && subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

type secret = [sha256.Size]byte

func csrf(visit, session string) secret {
	return sha256.Sum256([]byte("commonfield csrf\x00" + visit + "\x00" + session))
}

// masked writes a secret behind a pad of its own: the pad, then both crossed.
func masked(s secret) string {
	var out [2 * len(s)]byte
	_, _ = rand.Read(out[:len(s)]) // never fails: it ends the program instead
	subtle.XORBytes(out[len(s):], out[:len(s)], s[:])
	return base64.RawURLEncoding.EncodeToString(out[:])
}

func unmasked(text string) (s secret, ok bool) {
	var out [2 * len(s)]byte
	if len(text) != base64.RawURLEncoding.EncodedLen(len(out)) {
		return s, false
	}
	if _, err := base64.RawURLEncoding.Decode(out[:], []byte(text)); err != nil {
		return s, false
	}
	subtle.XORBytes(s[:], out[:len(s)], out[len(s):])
	return s, true
}

// Genuine is the middleware of pages that change something: the form came from
// us. It looks at the token and at where the browser says the request is from.
func (d *Door) Genuine(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fault.Forbidden("csrf")
	}
	if !d.OurOwn(c, c.FormValue("csrf")) {
		return fault.Forbidden("csrf")
	}
	return c.Next()
}
