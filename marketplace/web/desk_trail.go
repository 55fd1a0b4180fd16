package web

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
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
var deedGroups = []string{"person", "role", "market", "payout", "refund", "rate", "producer", "agent", "order", "listing", "stock", "hook", "cash"}

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
	var names map[id.ID]string
	if !missing {
		err = d.view(c, s, func(tx *storage.Tx) error {
			if lines, err = trail.List(tx, f); err != nil {
				return err
			}
			var who []id.ID
			for _, l := range lines {
				who = append(who, l.By)
			}
			names, err = people.Names(tx, who...)
			return err
		})
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
			v.Rows = append(v.Rows, trailLine(f.Reader, s, l, names))
		}
		return v.View()
	})
}

// trailLine says a deed in words where there are some; its name stands beside it.
func trailLine(r tongue.Reader, s seat, l trail.Line, names map[id.ID]string) page.TrailRow {
	row := page.TrailRow{At: l.At, Deed: l.Deed, Word: l.Deed, Who: names[l.By], Why: l.Why, Request: l.Request, Subject: l.Subject}
	if key := "trail.deed." + strings.ReplaceAll(l.Deed, ".", "_"); tongue.Has(key) {
		row.Word = r.T(key)
	}
	switch {
	case l.By == people.System.ID:
		row.Who = r.T("trail.system")
	case row.Who == "":
		row.Who = r.T("trail.nobody") // a guest, or an account that was closed
	}
	if role, place, _ := strings.Cut(l.Why, " "); strings.HasPrefix(l.Deed, "role.") && tongue.Has("role."+role) {
		row.Why = strings.TrimSpace(r.T("role."+role) + " " + place)
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
