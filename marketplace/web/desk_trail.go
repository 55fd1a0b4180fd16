package web

import (
	"cmp"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

const (
	trailWay   = "/desk/operator/trail"
	shownLines = 50
)

// deedGroups are the beginnings of deeds that one may choose.
var deedGroups = []string{"person", "role", "market", "payout", "payee", "payment", "refund", "bank", "recon", "cash", "ledger", "rate", "terms",
	"producer", "agent", "order", "dispute", "return", "talk", "listing", "search", "hook"}

// trail shows who saw and did what in the market, newest first. A person is
// named by their whole phone number or address, or by a link with their id.
func (d *desk) trail(c *fiber.Ctx, s seat) error {
	before, err := after(c)
	if err != nil {
		return err
	}
	asked := page.TrailAsk{Who: short(c.Query("who"), 100), Deed: short(c.Query("deed"), 60), Person: c.Query("person"), Subject: short(c.Query("about"), 100)}
	f := trail.Filter{Deed: asked.Deed, Subject: asked.Subject, Before: before, N: shownLines + 1}
	missing := false
	switch {
	case asked.Person != "":
		if f.By, err = row(asked.Person); err != nil {
			return err
		}
	case strings.TrimSpace(asked.Who) != "":
		p, err := d.People.FindByLogin(c.UserContext(), asked.Who)
		if err != nil && !fault.Has(err, "person_unknown") {
			return err
		}
		f.By, missing = p.ID, err != nil
	}
	var lines []trail.Line
	var said trailNames
	if !missing {
		err = d.view(c, s, func(tx *storage.Tx) error {
			if lines, err = trail.List(tx, f); err != nil {
				return err
			}
			said, err = nameTrail(tx, lines)
			return err
		})
		if err == nil {
			said.orders, err = d.Orders.Some(c.UserContext(), s.m.ID, said.ids)
		}
		if err != nil {
			return err
		}
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Trail{Frame: f, Ask: asked, Market: s.number(), Deeds: []part.Option{{Value: "", Label: f.T("trail.any")}}}
		for _, g := range deedGroups {
			v.Deeds = append(v.Deeds, part.Option{Value: g, Label: f.T("trail.group." + g)})
		}
		if len(lines) > shownLines {
			lines = lines[:shownLines]
			v.Next = s.way(trailWay, "who", asked.Who, "deed", asked.Deed, "person", asked.Person, "about", asked.Subject, "after", lines[shownLines-1].ID.String())
		}
		for _, l := range lines {
			v.Rows = append(v.Rows, trailLine(f.Reader, s, l, said))
		}
		return v.View()
	})
}

// trailNames are what the ids and codes in lines of the trail stand for.
type trailNames struct {
	ids    []id.ID // of what things were done to
	people map[id.ID]string
	payees map[id.ID]payable.Payee
	orders map[id.ID]order.Order
	places map[string]region.Said
}

func nameTrail(tx *storage.Tx, lines []trail.Line) (n trailNames, err error) {
	var who []id.ID
	var codes []string
	for _, l := range lines {
		who = append(who, l.By)
		_, name, _ := strings.Cut(l.Subject, ":")
		if i, ok := id.Parse(name); ok {
			n.ids = append(n.ids, i)
		}
		if _, code := rolePlace(l); code != "" {
			codes = append(codes, code)
		}
	}
	if n.places, err = region.Say(tx, codes...); err != nil {
		return n, err
	}
	if n.payees, err = payable.FindPayees(tx, n.ids); err != nil {
		return n, err
	}
	n.people, err = people.Names(tx, append(who, n.ids...)...)
	return n, err
}

// subject says in words what something was done to: what it is, and its name where one
// is known.
func (n trailNames) subject(r tongue.Reader, subject string) string {
	kind, name, _ := strings.Cut(subject, ":")
	key := "trail.subject." + kind
	if !tongue.Has(key) {
		return subject
	}
	if kind == "account" {
		return r.Account(name)
	}
	known := name
	if i, ok := id.Parse(name); ok {
		known = cmp.Or(n.orders[i].Number, n.payees[i].Name, n.people[i])
	}
	if known == "" {
		return r.T(key)
	}
	return r.T(key) + " · " + known
}

// trailLine says a deed in words where there are some, and what it was done to.
func trailLine(r tongue.Reader, s seat, l trail.Line, said trailNames) page.TrailRow {
	row := page.TrailRow{At: l.At, Deed: l.Deed, Word: l.Deed, Who: said.people[l.By], Why: l.Why, Request: l.Request, Subject: said.subject(r, l.Subject)}
	if row.Subject != l.Subject {
		row.Key = l.Subject
	}
	if key := "trail.deed." + strings.ReplaceAll(l.Deed, ".", "_"); tongue.Has(key) {
		row.Word = r.T(key)
	}
	switch {
	case l.By == people.System.ID:
		row.Who = r.T("trail.system")
	case row.Who == "":
		row.Who = r.T("trail.nobody") // a guest, or an account that was closed
	}
	if role, code := rolePlace(l); role != "" && tongue.Has("role."+role) {
		_, rest, _ := strings.Cut(l.Why, " ")
		if place := said.places[code]; place.Name != "" {
			rest = either(r, place.Name, place.English)
		}
		row.Why = strings.TrimSpace(r.T("role."+role) + " " + rest)
	}
	kind, name, _ := strings.Cut(l.Subject, ":")
	switch kind {
	case "order":
		row.Href = part.OrderWay(s.number(), name)
	case "person":
		row.Href = s.way(part.PeopleWay + "/" + name)
	case "payout_batch":
		row.Href = part.PayoutWay(s.number(), name)
	}
	return row
}

// rolePlace reads which role a line gives or takes, and the code of the division it
// is held in, where it is one.
func rolePlace(l trail.Line) (role, code string) {
	if !strings.HasPrefix(l.Deed, "role.") {
		return "", ""
	}
	role, place, _ := strings.Cut(l.Why, " ")
	if strings.Trim(place, "0123456789") == "" {
		code = place
	}
	return role, code
}
