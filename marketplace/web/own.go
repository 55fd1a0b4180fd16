package web

import (
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const closeWay = "/me/close"

// own is a person's own page.
func (w *Web) own(c *fiber.Ctx) error {
	return w.showOwn(c, fiber.StatusOK, func(*page.Account) {})
}

// showOwn shows it with what change puts there: a new key, a form that was refused.
func (w *Web) showOwn(c *fiber.Ctx, status int, change func(*page.Account)) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	v := page.Account{Frame: f, Name: p.Name, Phone: p.Phone, Email: p.Email}
	for _, scope := range []string{people.Read, people.Write} {
		v.Scopes = append(v.Scopes, part.Option{Value: scope, Label: f.T("scope." + scope)})
	}
	if v.Roles, err = w.rolesIn(ctx, f.Reader, p); err != nil {
		return err
	}
	if err := w.openDoors(ctx, c, p, &v); err != nil {
		return err
	}
	if err := w.bankOfPerson(ctx, p, &v); err != nil {
		return err
	}
	v.BankForm.Key, v.Token.Key = newKey(), newKey()
	closing := page.CloseAccount{Form: part.Form{Action: closeWay}}
	change(&v)
	closing.Frame = v.Frame
	if v.Frame.After == nil {
		v.Frame.After = closing.View()
	}
	return w.render(c, status, v.View())
}

func (w *Web) rolesIn(ctx context.Context, r tongue.Reader, p people.Person) ([]page.RoleIn, error) {
	var roles []page.RoleIn
	add := func(role string, market int32) error {
		m, err := w.Books.Market(ctx, market)
		roles = append(roles, page.RoleIn{Role: role, Market: m.Title(r.Lang())})
		return err
	}
	grows, err := w.Producers.Standings(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range grows {
		if s.State == producer.Active {
			if err := add("producer", s.Market); err != nil {
				return nil, err
			}
		}
	}
	sells, err := w.Agents.Standings(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range sells {
		if s.State == "active" {
			if err := add("agent", s.Market); err != nil {
				return nil, err
			}
		}
	}
	for _, s := range p.Clerk {
		if err := add("clerk", s.Market); err != nil {
			return nil, err
		}
	}
	for _, market := range p.Operator {
		role := "operator"
		if market == storage.Platform {
			role = "owner"
		}
		if err := add(role, market); err != nil {
			return nil, err
		}
	}
	return roles, nil
}

// openDoors are the devices that are signed in and the keys of programs.
func (w *Web) openDoors(ctx context.Context, c *fiber.Ctx, p people.Person, v *page.Account) error {
	sessions, err := w.People.Sessions(ctx, p)
	if err != nil {
		return err
	}
	this := people.SessionOf(w.Token(c))
	for _, s := range sessions {
		v.Sessions = append(v.Sessions, page.Session{ID: s.ID.String(), Device: device(s.Device), Seen: s.SeenAt, Here: s.ID == this})
	}
	tokens, err := w.People.Tokens(ctx, p)
	for _, t := range tokens {
		v.Tokens = append(v.Tokens, page.Token{ID: t.ID.String(), Name: t.Name, Scope: t.Scopes, Made: t.CreatedAt})
	}
	return err
}

// bankOfPerson is where a person's payouts go; while any of their payees has
// no account, one is asked for.
func (w *Web) bankOfPerson(ctx context.Context, p people.Person, v *page.Account) error {
	payees, err := payable.PayeesOf(ctx, w.DB, p.ID)
	if err != nil {
		return err
	}
	v.Payee, v.Gateway = len(payees) > 0, w.Payouts.PayerTitle()
	for _, one := range payees {
		var a payable.BankAccount
		err := w.DB.View(ctx, one.Market, func(tx *storage.Tx) (err error) { a, err = payable.AccountOf(tx, one.ID); return })
		if f, ok := fault.As(err); ok && f.Kind == fault.KindNotFound {
			v.Bank = nil
			return nil
		}
		if err != nil {
			return err
		}
		v.Bank = &page.Bank{Holder: a.Holder, Bank: a.Bank, Tail: a.Tail, InCash: a.Hand != id.None, AtGateway: a.Gateway != "", Why: a.Why, Until: a.UsableAt}
		switch {
		case a.State != payable.Active:
			v.Bank.State = a.State
			return nil // what stops one market is shown, whatever the others say
		case !a.Usable(w.DB.Now()):
			v.Bank.State = "cooling"
		}
	}
	return nil
}

// device names what a browser says of itself in two words; unknown ones stay.
func device(agent string) string {
	var known []string
	for _, sort := range [][][2]string{
		{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"HarmonyOS", "HarmonyOS"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}},
		{{"MicroMessenger", "WeChat"}, {"Edg", "Edge"}, {"Firefox", "Firefox"}, {"OPR", "Opera"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}},
	} {
		if i := slices.IndexFunc(sort, func(s [2]string) bool { return strings.Contains(agent, s[0]) }); i >= 0 {
			known = append(known, sort[i][1])
		}
	}
	if len(known) == 0 {
		return short(agent, 40)
	}
	return strings.Join(known, " · ")
}

// endSession signs another device out.
func (w *Web) endSession(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	name, err := row(c.FormValue("session"))
	if err != nil {
		return err
	}
	if err := w.People.Revoke(c.UserContext(), p, name); err != nil {
		return err
	}
	return w.told(c, "own.session_ended", part.AccountWay)
}

// tokens makes a key for a program, shown on this page and never again, or
// takes one back.
func (w *Web) tokens(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	if form["revoke"] != "" {
		name, err := row(form["revoke"])
		if err != nil {
			return err
		}
		if err := w.People.RevokeToken(c.UserContext(), p, name); err != nil {
			return err
		}
		return w.told(c, "own.token_ended", part.AccountWay+"#tokens")
	}
	_, secret, err := w.People.MakeToken(c.UserContext(), p, form["label"], form["scope"])
	if err == nil {
		return w.showOwn(c, fiber.StatusOK, func(v *page.Account) { v.Fresh = secret })
	}
	if !refused(err) {
		return err
	}
	err = recoded(speakable(on(err, map[string]string{"name": "label", "scopes": "scope"}), ""), map[string]string{"scope_unknown": "invalid"})
	return w.showOwn(c, door.Status(err), func(v *page.Account) { v.Token = v.Token.Refused(v.Frame.Reader, err, form) })
}

// bank says where all that a person is paid goes, in every market.
func (w *Web) bank(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	payees, err := payable.PayeesOf(c.UserContext(), w.DB, p.ID)
	if err == nil && len(payees) == 0 {
		err = fault.Forbidden("forbidden") // nobody owes them anything
	}
	for _, one := range payees {
		if err == nil {
			err = payable.SetAccount(c.UserContext(), w.DB, one.Market, one.ID, payable.Account{Holder: form["holder"], Bank: form["bank"], Number: form["account"]}, w.Box, p.ID)
		}
	}
	if err == nil {
		return w.told(c, "desk_done.bank_saved", part.AccountWay)
	}
	if !refused(err) || len(payees) == 0 {
		return err
	}
	err = speakable(on(err, map[string]string{"number": "account"}), "")
	return w.showOwn(c, door.Status(err), func(v *page.Account) { v.BankForm = v.BankForm.Refused(v.Frame.Reader, err, form) })
}

// close closes the account of whoever ticks that they mean it.
func (w *Web) close(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	if c.FormValue("sure") != "yes" {
		err := fault.Invalid("sure", "required")
		return w.showOwn(c, door.Status(err), func(v *page.Account) {
			v.Frame.After = page.CloseAccount{Frame: v.Frame, Form: part.Form{Action: closeWay}.Refused(v.Frame.Reader, err, nil)}.View()
		})
	}
	if err := w.People.Close(c.UserContext(), p); err != nil {
		return err
	}
	if err := w.Leave(c); err != nil {
		return err
	}
	return w.told(c, "own.closed", part.HomeWay)
}
