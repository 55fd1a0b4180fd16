package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
)

func (w *Web) choosing(c *fiber.Ctx) error { return w.showChoices(c, fiber.StatusOK, part.Form{}) }

// showChoices shows what a person wants to be told; code is the form of the
// telephone, where it was refused.
func (w *Web) showChoices(c *fiber.Ctx, status int, code part.Form) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	wants, err := w.Notices.Choices(c.UserContext(), p.ID)
	if err != nil {
		return err
	}
	v := page.NoticeChoices{Frame: f, Email: p.Email, Phone: p.Phone, Code: code}
	if v.Mailbox, err = w.Notices.Mailbox(c.UserContext(), p); err != nil {
		return err
	}
	if v.Phonebox, err = w.phonebox(c, p); err != nil {
		return err
	}
	quiet, err := w.Notices.Hours(c.UserContext(), p.ID)
	if err != nil {
		return err
	}
	v.Quiet.Values = map[string]string{}
	if quiet.Any() {
		v.Quiet.Values = map[string]string{"quiet_from": strconv.Itoa(quiet.From / 60), "quiet_until": strconv.Itoa(quiet.Until / 60)}
	}
	v.Hours = []part.Option{{Value: "", Label: f.T("quiet.none")}}
	for hour := range 24 {
		v.Hours = append(v.Hours, part.Option{Value: strconv.Itoa(hour), Label: strconv.Itoa(hour) + ":00"})
	}
	for _, topic := range notice.Topics {
		v.Rows = append(v.Rows, page.NoticeChoice{Topic: string(topic), App: wants.Wants(topic, notice.App), Email: wants.Wants(topic, notice.Email), SMS: wants.Texts(topic, p.Email != "")})
	}
	return w.render(c, status, v.View())
}

// phonebox says in one word how short messages to a person stand.
func (w *Web) phonebox(c *fiber.Ctx, p people.Person) (string, error) {
	switch {
	case !w.Notices.Texts():
		return "off", nil
	case p.Phone == "":
		return "none", nil
	}
	at, err := w.Notices.PhoneOf(c.UserContext(), p)
	switch {
	case err != nil:
		return "", err
	case at.Confirmed:
		return "confirmed", nil
	case at.Asked:
		return "asked", nil
	}
	return "ask", nil
}

// choose keeps what the boxes say. Boxes that were not shown keep what they were.
func (w *Web) choose(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	box, err := w.Notices.Mailbox(c.UserContext(), p)
	if err != nil {
		return err
	}
	phone, err := w.phonebox(c, p)
	if err != nil {
		return err
	}
	hidden := map[notice.Channel]bool{notice.Email: box == "none" || box == "off", notice.SMS: phone != "confirmed"}
	for _, topic := range notice.Topics {
		for _, by := range notice.Channels {
			if hidden[by] {
				continue
			}
			if err := w.Notices.Choose(c.UserContext(), p.ID, topic, by, c.FormValue(string(topic)+"."+string(by)) == "yes"); err != nil {
				return err
			}
		}
	}
	if !hidden[notice.Email] || !hidden[notice.SMS] {
		if err := w.Notices.Rest(c.UserContext(), p.ID, hours(c.FormValue("quiet_from"), c.FormValue("quiet_until"))); err != nil {
			return err
		}
	}
	return w.told(c, "choices.saved", part.NoticeChoiceWay)
}

// hours reads quiet hours; without both there are none.
func hours(from, until string) notice.Hours {
	a, no := strconv.Atoi(from)
	b, nor := strconv.Atoi(until)
	if no != nil || nor != nil {
		return notice.Hours{}
	}
	return notice.Hours{From: a * 60, Until: b * 60}
}

// confirmPhone takes the code that went to a telephone, or has one sent.
func (w *Web) confirmPhone(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	said, word := typed(c), "phonebox.sent"
	if code, typedOne := said["code"]; typedOne {
		word, err = "phonebox.done", w.Notices.ConfirmPhone(c.UserContext(), p, code)
	} else {
		err = w.Notices.AskPhone(c.UserContext(), p)
	}
	if err == nil {
		return w.told(c, word, part.NoticeChoiceWay+"#phone")
	}
	if !refused(err) {
		return err
	}
	return w.showChoices(c, door.Status(err), part.Form{}.Refused(bare(c).Reader, err, said))
}
