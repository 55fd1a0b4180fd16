package web

import (
	"crypto/sha256"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// account mounts signing in and a person's own page.
func (w *Web) account(app fiber.Router) {
	app.Get(part.SignInWay, w.signInPage)
	app.Post(part.SignInWay, w.signIn)
	app.Get(part.RegisterWay, w.registerPage)
	app.Post(part.RegisterWay, w.register)
	app.Post(part.SignOutWay, w.signOut)
	app.Get(part.AccountWay, w.own)
	app.Post(part.SessionsWay, w.endSession)
	app.Post(part.TokensWay, w.tokens)
	app.Post(part.BankWay, w.bank)
	app.Get(ownCashWay, w.ownCash)
	app.Post(ownCashWay, w.changeCash)
	app.Get(ownGatewayWay, w.ownGateway)
	app.Post(ownGatewayWay, w.changeGateway)
	app.Post(closeWay, w.close)
	app.Get(part.ApplyWay, w.applying)
	app.Post(part.ApplyWay, w.apply)
}

func (w *Web) signInPage(c *fiber.Ctx) error {
	next := local(c.Query("next"), "")
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	if p.ID != id.None && !p.Guest {
		return w.onwards(c, next)
	}
	return w.showSignIn(c, fiber.StatusOK, next, part.Form{})
}

func (w *Web) showSignIn(c *fiber.Ctx, status int, next string, form part.Form) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	form.Action = part.SignInWay
	return w.render(c, status, page.SignIn{Frame: f, Form: form, Next: next}.View())
}

// signIn lets somebody in. Tries are counted by address and by login, so that
// neither many names nor many passwords can be tried.
func (w *Web) signIn(c *fiber.Ctx) error {
	form := typedForm(typed(c))
	who, password := strings.TrimSpace(form["who"]), form["password"]
	delete(form, "password")
	form.trim()
	next := local(form["next"], "")
	err := fault.All(needed("who", who), needed("password", password))
	if err == nil {
		err = w.entered(c, who, password)
	}
	if err == nil {
		return w.onwards(c, next)
	}
	if !refused(err) {
		return err
	}
	return w.showSignIn(c, door.Status(err), next, part.Form{}.Refused(bare(c).Reader, err, form))
}

// onwards goes where the visitor was going, or to the desk they work at.
func (w *Web) onwards(c *fiber.Ctx, next string) error {
	if next == "" {
		f, err := w.frame(c)
		if err != nil {
			return err
		}
		switch {
		case f.Roles.Operator:
			next = part.OperatorWay
		case f.Roles.Clerk:
			next = part.StationWay
		case f.Roles.Producer:
			next = part.ProducerWay
		case f.Roles.Agent:
			next = part.AgentWay
		default:
			next = part.OrdersWay
		}
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

func needed(field, text string) error {
	if text == "" {
		return fault.Invalid(field, "required")
	}
	return nil
}

func (w *Web) entered(c *fiber.Ctx, who, password string) error {
	if err := w.Limit(c, "sign-in:address", w.Address(c), 30, 10*time.Minute); err != nil {
		return err
	}
	if err := w.Limit(c, "sign-in:login", login(who), 10, 10*time.Minute); err != nil {
		return err
	}
	return w.enter(c, who, password)
}

// login is one writing of a phone or address, so that its tries count together.
func login(who string) string {
	if number, err := people.ReadPhone(who); err == nil {
		return number
	}
	return strings.ToLower(who)
}

// enter opens a session; the one that was there before ends with it. What a
// guest had put aside in it goes along.
func (w *Web) enter(c *fiber.Ctx, who, password string) error {
	p, token, err := w.People.SignIn(c.UserContext(), who, password, c.Get(fiber.HeaderUserAgent))
	if err != nil {
		return err
	}
	before := w.Token(c)
	was, err := w.Who(c)
	if err != nil {
		return err
	}
	// Before the new cookie: should it fail, the browser is the guest's still and
	// the next try brings all along.
	if was.Guest {
		if err := w.Became(c.UserContext(), was, p); err != nil {
			return err
		}
	}
	w.Enter(c, p, token)
	if before == "" {
		return nil
	}
	return w.People.SignOut(c.UserContext(), before)
}

func (w *Web) registerPage(c *fiber.Ctx) error {
	return w.showRegister(c, fiber.StatusOK, local(c.Query("next"), part.AccountWay), part.Form{Key: newKey()})
}

func (w *Web) showRegister(c *fiber.Ctx, status int, next string, form part.Form) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	form.Action = part.RegisterWay
	return w.render(c, status, page.Register{Frame: f, Form: form, Next: next}.View())
}

// register makes an account and signs its person in.
func (w *Web) register(c *fiber.Ctx) error {
	form := typedForm(typed(c))
	password := form["password"]
	delete(form, "password")
	form.trim()
	next := local(form["next"], part.AccountWay)
	err := w.registered(c, form, password)
	if err == nil {
		return c.Redirect(next, fiber.StatusSeeOther)
	}
	if !refused(err) {
		return err
	}
	again := part.Form{}.Refused(bare(c).Reader, speakable(err, ""), form)
	again.Key = newKey() // the old one may belong to what was just refused
	return w.showRegister(c, door.Status(err), next, again)
}

func (w *Web) registered(c *fiber.Ctx, form typedForm, password string) error {
	if err := w.Limit(c, "register", w.Address(c), 20, time.Hour); err != nil {
		return err
	}
	n := people.Newcomer{Name: form["name"], Password: password, Language: bare(c).Reader.Lang()}
	if strings.Contains(form["who"], "@") {
		n.Email = form["who"]
	} else {
		n.Phone = form["who"]
	}
	sum := sha256.Sum256([]byte(n.Name + "\x00" + form["who"] + "\x00" + password))
	p, err := w.People.Register(c.UserContext(), once.Of(id.None, c.FormValue(part.FieldKey), sum[:]), n)
	if err != nil {
		return recoded(on(err, map[string]string{"phone": "who", "email": "who"}), map[string]string{"phone_unreadable": "bad_phone", "email_unreadable": "bad_email"})
	}
	if _, err := w.Notices.Ask(c.UserContext(), p); err != nil {
		return err
	}
	return w.enter(c, form["who"], password)
}

// recoded gives faults the codes that the pages have sentences for.
func recoded(err error, codes map[string]string) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	g := *f
	if code, known := codes[f.Code]; known {
		g.Code = code
	}
	g.More = nil
	for _, more := range f.More {
		g.More = append(g.More, recoded(more, codes))
	}
	return &g
}

func (w *Web) signOut(c *fiber.Ctx) error {
	if err := w.Leave(c); err != nil {
		return err
	}
	return c.Redirect(part.HomeWay, fiber.StatusSeeOther)
}
