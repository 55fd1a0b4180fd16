package web

import (
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// mostUnsent is how much of what was typed is carried over, in bytes.
const mostUnsent = 64 << 10

// unsent is a form whose session ended, or became another, while somebody filled it in:
// it is handed back whole but for its files, with the token of now, and sent by one more
// press. Only what this site's own page sent is handed back, so that no other site puts
// words into anybody's hand; and never a password.
func unsent(c *fiber.Ctx, f part.Frame, err error) *page.Unsent {
	late := fault.Has(err, "csrf") || fault.Has(err, "sign_in_first")
	if !late || c.Method() != fiber.MethodPost || c.Get("HX-Request") != "" || !ownPage(c, f.Host) {
		return nil
	}
	all, form := filled(c)
	delete(all, part.FieldCSRF)
	u := page.Unsent{Action: local(c.OriginalURL(), ""), Files: form != nil}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.Contains(name, "password") {
			return nil
		}
		for _, value := range all[name] {
			size += len(name) + len(value)
			u.Fields = append(u.Fields, part.Fact{Name: name, Value: value})
		}
	}
	if u.Action == "" || len(u.Fields) == 0 || size > mostUnsent {
		return nil
	}
	return &u
}

// ownPage says whether the browser says that a page of ours has sent this.
func ownPage(c *fiber.Ctx, home string) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	return c.Get(fiber.HeaderOrigin) == home
}
