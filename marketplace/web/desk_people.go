package web

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

func (d *desk) people(c *fiber.Ctx, s seat) error {
	return d.showPeople(c, s, fiber.StatusOK, part.Form{})
}

// showPeople shows who holds a role in the market, or the one person with a
// phone number or e-mail address. Nobody is found by a part of it: this is no
// directory. Operators of the platform may read on through all accounts.
func (d *desk) showPeople(c *fiber.Ctx, s seat, status int, form part.Form) error {
	query := strings.TrimSpace(c.Query("q"))
	older, err := after(c)
	if err != nil {
		return err
	}
	v := page.People{Query: query, Form: form, Market: s.number(), Platform: s.p.IsOperator(storage.Platform), All: c.Query("all") != "" && s.p.IsOperator(storage.Platform)}
	var rows []page.PersonRow
	switch {
	case query != "":
		rows, err = d.foundPerson(c, s, query)
	case v.All:
		rows, v.Next, err = d.allPeople(c, s, older)
	default:
		rows, err = d.holders(c, s)
	}
	if err != nil {
		return err
	}
	v.Rows = rows
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame, v.AllWay = f, s.way(part.PeopleWay, "all", "yes")
		return v.View()
	})
}

// holders are those with a role in the market, each once.
func (d *desk) holders(c *fiber.Ctx, s seat) ([]page.PersonRow, error) {
	var held []people.Role
	var places map[string]region.Said
	err := d.view(c, s, func(tx *storage.Tx) (err error) {
		if held, err = people.Holders(tx); err != nil {
			return err
		}
		places, err = placesOf(tx, held)
		return err
	})
	var rows []page.PersonRow
	at := map[id.ID]int{}
	for _, h := range held {
		i, known := at[h.Person]
		if !known {
			i = len(rows)
			at[h.Person] = i
			rows = append(rows, page.PersonRow{ID: h.Person.String(), Name: h.Name, Href: personWay(s, h.Person), Me: h.Person == s.p.ID})
		}
		rows[i].Roles = append(rows[i].Roles, page.PersonRole{Role: h.Role, Place: placed(d.reader(c, s), places[h.Region])})
	}
	return rows, err
}

func placesOf(tx *storage.Tx, held []people.Role) (map[string]region.Said, error) {
	var codes []string
	for _, h := range held {
		codes = append(codes, h.Region)
	}
	return region.Say(tx, codes...)
}

func personWay(s seat, who id.ID) string { return s.way(part.PeopleWay + "/" + who.String()) }

// foundPerson is the one with this login; the look leaves a line.
func (d *desk) foundPerson(c *fiber.Ctx, s seat, query string) ([]page.PersonRow, error) {
	p, err := d.People.FindByLogin(c.UserContext(), query)
	if fault.Has(err, "person_unknown") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := d.looked(c, s, "person.find", p.ID); err != nil {
		return nil, err
	}
	row := page.PersonRow{ID: p.ID.String(), Name: p.Name, Who: maskedLogin(p), Href: personWay(s, p.ID), Me: p.ID == s.p.ID}
	if slices.Contains(p.Operator, s.m.ID) {
		row.Roles = append(row.Roles, page.PersonRole{Role: people.Operator})
	}
	for range p.Stations(s.m.ID) {
		row.Roles = append(row.Roles, page.PersonRole{Role: people.Clerk})
	}
	return []page.PersonRow{row}, nil
}

// allPeople is a page of all accounts, for operators of the platform.
func (d *desk) allPeople(c *fiber.Ctx, s seat, older id.ID) ([]page.PersonRow, string, error) {
	var all []people.Listed
	err := d.DB.ViewShared(c.UserContext(), func(tx *storage.Tx) (err error) { all, err = people.List(tx, older, shownMembers+1); return })
	if err == nil {
		err = d.looked(c, s, "person.list", id.None)
	}
	next := ""
	if len(all) > shownMembers {
		all = all[:shownMembers]
		next = s.way(part.PeopleWay, "all", "yes", "after", all[shownMembers-1].ID.String())
	}
	var rows []page.PersonRow
	for _, p := range all {
		rows = append(rows, page.PersonRow{ID: p.ID.String(), Name: p.Name, Who: maskedLogin(p.Person), Href: personWay(s, p.ID), Me: p.ID == s.p.ID})
	}
	return rows, next, err
}

// looked leaves a line in the market's trail: somebody saw what is personal.
func (d *desk) looked(c *fiber.Ctx, s seat, deed string, who id.ID) error {
	subject := "people"
	if who != id.None {
		subject = "person:" + who.String()
	}
	return d.DB.Update(c.UserContext(), s.m.ID, func(tx *storage.Tx) error {
		trail.Write(tx, s.p.ID, deed, subject, "")
		return nil
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
		return p.Phone[:n-8] + "\u00a0××××\u00a0" + p.Phone[n-4:]
	}
	if name, host, ok := strings.Cut(p.Email, "@"); ok {
		letters := []rune(name)
		return string(letters[:1]) + "×××@" + host
	}
	return ""
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
