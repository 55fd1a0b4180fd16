package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// again puts what is still sold of an order into its buyer's basket, and says
// of the rest why not.
func (w *Web) again(c *fiber.Ctx) error {
	l, err := w.at(c)
	if err != nil {
		return err
	}
	put, missing, err := w.Reorder(c.UserContext(), l.p, l.story.Ref())
	if err != nil {
		return err
	}
	r := bare(c).Reader
	var said []string
	if put > 0 {
		said = append(said, r.T("again.put", "count", put))
	}
	for _, m := range missing {
		if f, ok := fault.As(m.Why); ok {
			said = append(said, r.T("again.missing", "title", either(r, m.Line.Title, m.Line.TitleEN), "why", tongue.Fault(r, f.Code, f.Args)))
		}
	}
	kind := "good"
	if len(missing) > 0 {
		kind = "wait"
	}
	w.flash(c, part.Notice{Kind: kind, Text: strings.Join(said, "\n")})
	return c.Redirect(part.BasketWay, fiber.StatusSeeOther)
}

// findOrder asks for the number and the phone of an order that was made
// without an account, or in another browser.
func (w *Web) findOrder(c *fiber.Ctx) error {
	return w.showFindOrder(c, fiber.StatusOK, part.Form{Values: map[string]string{"number": short(c.Query("number"), 40)}})
}

func (w *Web) showFindOrder(c *fiber.Ctx, status int, form part.Form) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	return w.render(c, status, page.FindOrder{Frame: f, Form: form}.View())
}

// foundOrder shows the order; to somebody who is signed in and knows its claim
// code it gives it.
func (w *Web) foundOrder(c *fiber.Ctx) error {
	form := typedForm(typed(c))
	form.trim()
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	var ref order.Ref
	if p.ID != id.None && !p.Guest && form["code"] != "" {
		ref, err = w.ClaimOrder(c, p, form["number"], form["phone"], form["code"])
	} else {
		ref, err = w.FindOrder(c, form["number"], form["phone"])
	}
	if err == nil {
		var m region.Market
		if m, err = w.Books.Market(c.UserContext(), ref.Market); err == nil {
			return c.Redirect(part.OrderWay(m.Code, ref.ID.String()), fiber.StatusSeeOther)
		}
	}
	if !refused(err) && !fault.Has(err, "no_such_order") {
		return err
	}
	return w.showFindOrder(c, door.Status(err), part.Form{}.Refused(bare(c).Reader, err, form))
}
