package web

import (
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// notices mounts what a person was told, what they want to be told, and what the
// links in letters lead to.
func (w *Web) notices(app fiber.Router) {
	app.Get(part.NoticesWay, w.news)
	app.Post(part.ReadNoticesWay, w.readAll)
	app.Get(part.ConfirmMailWay, w.confirmingMail)
	app.Post(part.ConfirmMailWay, w.confirmMail)
	app.Get(part.StopMailWay, w.stoppingMail)
	app.Post(part.StopMailWay, w.stopMail)
	app.Get(part.NoticesWay+"/:id", w.openNotice)
	app.Get(part.NoticeChoiceWay, w.choosing)
	app.Post(part.NoticeChoiceWay, w.choose)
	app.Post(part.AskMailWay, w.askMail)
	app.Post(part.PhoneWay, w.confirmPhone)
}

// free are the forms that a token in them speaks for: whoever reads the letter
// presses, signed in or not, and mail programs press without our page (RFC 8058).
func free(path string) bool { return path == part.ConfirmMailWay || path == part.StopMailWay }

func (w *Web) news(c *fiber.Ctx) error {
	p, err := w.Who(c)
	if err == nil && p.ID == id.None {
		err = fault.SignIn("sign_in_first")
	}
	if err != nil {
		return err
	}
	older, err := after(c)
	if err != nil {
		return err
	}
	rows, err := w.Notices.List(c.UserContext(), p.ID, older, pageOf)
	if err != nil {
		return err
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	v := page.Notices{Frame: f}
	for _, n := range rows {
		m, err := w.Books.Market(c.UserContext(), n.Market)
		if err != nil {
			return err
		}
		r := f.Reader.At(m.Location(), f.Reader.Now())
		v.Rows = append(v.Rows, page.NoticeRow{ID: n.ID.String(), Title: n.Title(r), Text: n.Text(r), Topic: string(n.Kind.Topic()), At: n.At, Unread: n.ReadAt == nil})
	}
	if len(rows) > 0 {
		v.Newest = rows[0].ID.String()
	}
	if len(rows) == pageOf {
		v.Next = link(part.NoticesWay, "after", rows[pageOf-1].ID.String())
	}
	return w.render(c, fiber.StatusOK, v.View())
}

// openNotice marks a notice as read and goes to its page.
func (w *Web) openNotice(c *fiber.Ctx) error {
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	name, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	n, err := w.Notices.Read(c.UserContext(), p.ID, name)
	if err != nil {
		return err
	}
	return c.Redirect(local(n.Way, part.NoticesWay), fiber.StatusSeeOther)
}

func (w *Web) readAll(c *fiber.Ctx) error {
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	newest, err := row(c.FormValue("newest"))
	if err != nil {
		return err
	}
	if err := w.Notices.ReadAll(c.UserContext(), p.ID, newest); err != nil {
		return err
	}
	return w.told(c, "notices.read_done", part.NoticesWay)
}

// askMail has the letter written that asks for a confirmation.
func (w *Web) askMail(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	asked, err := w.Notices.Ask(c.UserContext(), p)
	if err != nil {
		return err
	}
	if !asked {
		w.flash(c, part.Notice{Kind: "wait", Text: bare(c).T("mailbox.not_sent")})
		return c.Redirect(part.NoticeChoiceWay, fiber.StatusSeeOther)
	}
	return w.told(c, "mailbox.sent", part.NoticeChoiceWay)
}

func (w *Web) mailLink(c *fiber.Ctx, v page.MailLink) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	v.Frame = f
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer") // the address of this page is a proof
	return w.render(c, fiber.StatusOK, v.View())
}

func (w *Web) confirmingMail(c *fiber.Ctx) error {
	if err := w.Notices.Confirmable(c.Query("t")); err != nil {
		return err
	}
	return w.mailLink(c, page.MailLink{Name: "confirming", Action: part.ConfirmMailWay, Token: c.Query("t")})
}

func (w *Web) confirmMail(c *fiber.Ctx) error {
	if err := w.Notices.Confirm(c.UserContext(), c.FormValue("t")); err != nil {
		return err
	}
	return w.mailLink(c, page.MailLink{Name: "confirming", Done: true})
}

func (w *Web) stoppingMail(c *fiber.Ctx) error {
	topic, err := w.Notices.Stops(c.Query("t"))
	if err != nil {
		return err
	}
	return w.mailLink(c, page.MailLink{Name: "stopping", Topic: string(topic), Action: part.StopMailWay, Token: c.Query("t")})
}

// stopMail is pressed on the page, or by a mail program, which sends the token
// in the address.
func (w *Web) stopMail(c *fiber.Ctx) error {
	proof := c.FormValue("t")
	if proof == "" {
		proof = c.Query("t")
	}
	topic, err := w.Notices.Stop(c.UserContext(), proof)
	if err != nil {
		return err
	}
	return w.mailLink(c, page.MailLink{Name: "stopping", Topic: string(topic), Done: true})
}
