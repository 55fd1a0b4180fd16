package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// setting mounts the page of the first run: whoever holds the server's setup
// code becomes the first operator of the platform. Once there is an operator
// there is no such page.
func (d *desk) setting(app fiber.Router) {
	app.Get(part.SetupWay, d.setup)
	app.Post(part.SetupWay, d.first)
}

func (d *desk) setup(c *fiber.Ctx) error {
	if err := d.unoperated(c); err != nil {
		return err
	}
	return d.showSetup(c, fiber.StatusOK, part.Form{})
}

func (d *desk) unoperated(c *fiber.Ctx) error {
	open, err := d.People.Unoperated(c.UserContext())
	if err == nil && !open {
		err = fault.NotFound("not_found")
	}
	return err
}

func (d *desk) showSetup(c *fiber.Ctx, status int, form part.Form) error {
	f, err := d.frame(c)
	if err != nil {
		return err
	}
	form.Action = part.SetupWay
	return d.render(c, status, page.Setup{Frame: f, Form: form}.View())
}

// first makes the first operator. Tries are counted by address and all
// together: a code has 80 bits, and nobody needs many.
func (d *desk) first(c *fiber.Ctx) error {
	form := typedForm(typed(c))
	password := form["password"]
	delete(form, "password")
	form.trim()
	_, err := d.begun(c, form, password)
	switch {
	case err == nil:
		return d.told(c, "setup.done", part.NewMarketWay)
	case !refused(err):
		return err
	}
	if gone := d.unoperated(c); gone != nil {
		return gone // of a page that is no more only the same form is answered again
	}
	shown := part.Form{}.Refused(bare(c).Reader, speakable(err, ""), form)
	return d.showSetup(c, door.Status(err), shown)
}

func (d *desk) begun(c *fiber.Ctx, form typedForm, password string) (people.Person, error) {
	for who, most := range map[string]int{d.Address(c): 20, "all": 200} {
		if err := d.Limit(c, "setup", who, most, 10*time.Minute); err != nil {
			return people.Person{}, err
		}
	}
	n := people.Newcomer{Name: form["name"], Password: password, Language: bare(c).Reader.Lang()}
	if strings.Contains(form["who"], "@") {
		n.Email = form["who"]
	} else {
		n.Phone = form["who"]
	}
	p, err := d.People.First(c.UserContext(), form["code"], n)
	if err != nil {
		return p, recoded(on(err, map[string]string{"phone": "who", "email": "who"}), map[string]string{"phone_unreadable": "bad_phone", "email_unreadable": "bad_email"})
	}
	return p, d.enter(c, form["who"], password)
}
