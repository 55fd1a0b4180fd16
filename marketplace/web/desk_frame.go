package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
)

// reader is the visitor's language, for sentences that are made before a page.
func (d *desk) reader(c *fiber.Ctx, s seat) tongue.Reader {
	return bare(c).Reader.At(s.m.Location(), d.DB.Now())
}

// done says with a flash what was done, and where one goes on.
func (d *desk) done(c *fiber.Ctx, to, word string, pairs ...any) error {
	d.Flash(c, "good", bare(c).Reader.T("desk_done."+word, pairs...))
	return c.Redirect(to, fiber.StatusSeeOther)
}

// refuse gives a form with what was typed and the sentences of a refusal,
// and the status that the page is answered with.
func (d *desk) refuse(c *fiber.Ctx, s seat, err error) (part.Form, int) {
	return part.Form{}.Refused(d.reader(c, s), err, typed(c)), door.Status(err)
}

func marketText(market int32) string { return strconv.Itoa(int(market)) }
