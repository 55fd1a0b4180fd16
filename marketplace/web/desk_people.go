package web

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/people"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func (d *desk) people(c *fiber.Ctx, s seat) error {
	return d.showPeople(c, s, fiber.StatusOK, part.Form{})
}

// showPeople shows the operators, or the one person with a phone number or
// e-mail address. Nobody is found by a part of it: this is no directory.
func (d *desk) showPeople(c *fiber.Ctx, s seat, status int, form part.Form) error {
	query := strings.TrimSpace(c.Query("q"))
	var found []people.Person
	if query == "" {
		if err := d.view(c, s, func(tx *storage.Tx) (err error) { found, err = people.Operators(tx); return }); err != nil {
			return err
		}
	} else {
		p, err := d.People.FindByLogin(c.UserContext(), query)
		if err != nil && !fault.Has(err, "person_unknown") {
			return err
		}
		if err == nil {
			found = append(found, p)
		}
	}
	form.Action = s.way(part.PeopleWay, "q", query)
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.People{Frame: f, Query: query, Form: form, Market: s.number(), Roles: []part.Option{{Value: people.Operator, Label: f.T("role.operator")}}}
		for _, p := range found {
			row := page.PersonRow{ID: p.ID.String(), Name: p.Name, Who: maskedLogin(p), Since: since(p.ID), Me: p.ID == s.p.ID}
			if p.IsOperator(s.m.ID) {
				row.Roles = append(row.Roles, people.Operator)
			}
			v.Rows = append(v.Rows, row)
		}
		return v.View()
	})
}

// since is when a row was made: its id begins with that moment.
func since(i id.ID) time.Time {
	sec, nsec := i.Time().UnixTime()
	return time.Unix(sec, nsec)
}

// maskedLogin is a phone number or address that one can compare and not copy.
func maskedLogin(p people.Person) string {
	if n := len(p.Phone); n > 7 {
		return p.Phone[:n-8] + "××××" + p.Phone[n-4:]
	}
	if name, host, ok := strings.Cut(p.Email, "@"); ok {
		letters := []rune(name)
		return string(letters[:1]) + "×××@" + host
	}
	return ""
}

// role gives and takes the role of operator. Nobody takes their own: somebody
// must be left who can.
func (d *desk) role(c *fiber.Ctx, s seat) error {
	said := typed(c)
	who, err := row(said["person"])
	if err != nil {
		return err
	}
	word := map[string]string{"give": "granted", "take": "withdrawn"}[said["deed"]]
	switch {
	case word == "":
		err = fault.Invalid("", "invalid")
	case said["role"] != people.Operator:
		err = fault.Invalid("", "role_unknown")
	case said["deed"] == "take" && who == s.p.ID:
		err = fault.Conflict("role_own")
	default:
		err = d.DB.Update(c.UserContext(), s.m.ID, func(tx *storage.Tx) error {
			tx.Keyed() // granting and withdrawing land in the same state
			if said["deed"] == "give" {
				return people.Grant(tx, who, people.Operator, "", s.p.ID)
			}
			return people.Withdraw(tx, who, people.Operator, "", s.p.ID)
		})
	}
	if err == nil {
		return d.done(c, s.way(part.PeopleWay, "q", c.Query("q")), word)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showPeople(c, s, status, form)
}

func (d *desk) applications(c *fiber.Ctx, s seat) error {
	return d.showApplications(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showApplications(c *fiber.Ctx, s seat, status int, form part.Form) error {
	var waiting []agents.MarketAgent
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { waiting, err = agents.List(tx, agents.Applied); return }); err != nil {
		return err
	}
	form.Action = s.way(part.ApplicationsWay)
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Applications{Frame: f, Form: form}
		for _, a := range waiting {
			v.Rows = append(v.Rows, page.Application{ID: a.AgentID.String(), Name: a.Name, Place: a.Code, At: a.AppliedAt, Key: newKey()})
		}
		return v.View()
	})
}

func (d *desk) answerApplication(c *fiber.Ctx, s seat) error {
	said := typed(c)
	agent, err := row(said["application"])
	if err != nil {
		return err
	}
	answer := said["answer"]
	if !slices.Contains([]string{"yes", "no"}, answer) {
		return fault.Invalid("answer", "invalid")
	}
	word := "approved_member"
	if answer == "yes" {
		err = d.Agents.Approve(c.UserContext(), s.m.ID, agent, s.p)
	} else {
		word = "suspended"
		err = d.Agents.Suspend(c.UserContext(), s.m.ID, agent, s.p, said["why"])
	}
	if err == nil {
		return d.done(c, s.way(part.ApplicationsWay), word)
	}
	if !refused(err) {
		return err
	}
	if fault.Has(err, "required") {
		err = fault.Invalid("", "why_required") // several forms share the page's banner
	}
	form, status := d.refuse(c, s, err)
	return d.showApplications(c, s, status, form)
}
