package door

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// legible takes out of a page's query what is no text: no row could keep it and
// no search find it, so the page is shown as if it had not been asked for. The
// API refuses it itself, by the parameter's name.
func legible(c *fiber.Ctx) {
	if strings.HasPrefix(c.Path(), "/api/") {
		return
	}
	args, spoilt := c.Context().QueryArgs(), false
	var pairs [][2][]byte
	for name, value := range args.All() {
		spoilt = spoilt || !isText(name) || !isText(value)
		pairs = append(pairs, [2][]byte{text(name), text(value)})
	}
	if !spoilt {
		return
	}
	args.Reset()
	for _, p := range pairs {
		args.AddBytesKV(p[0], p[1])
	}
}

func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// text is a copy of b without what is none.
func text(b []byte) []byte { return bytes.ToValidUTF8(bytes.ReplaceAll(b, []byte{0}, nil), nil) }
