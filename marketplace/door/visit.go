package door

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

const (
	flashCookie = "cf_flash"
	longFlash   = 600 // characters
)

// Home is the market's own address, "https://market.example": the one that was
// configured, else the one that was asked.
func (d *Door) Home(c *fiber.Ctx) string {
	if d.o.Host != "" {
		return d.o.Host
	}
	return c.BaseURL()
}

// Flash keeps one sentence for the next page: what has just been done. Kind is
// "good", "wait" or "bad".
func (d *Door) Flash(c *fiber.Ctx, kind, sentence string) {
	if r := []rune(sentence); len(r) > longFlash {
		sentence = string(r[:longFlash])
	}
	d.cookie(c, flashCookie, kind+"."+base64.RawURLEncoding.EncodeToString([]byte(sentence)), time.Minute)
}

// Flashed gives the sentence that the page before left, once.
func (d *Door) Flashed(c *fiber.Ctx) (kind, sentence string) {
	kind, text, ok := strings.Cut(c.Cookies(flashCookie), ".")
	if !ok {
		return "", ""
	}
	d.drop(c, flashCookie)
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(plain) > 4*longFlash || !utf8.Valid(plain) || (kind != "good" && kind != "wait" && kind != "bad") {
		return "", ""
	}
	return kind, string(plain)
}
