package web

import (
	"slices"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func (d *desk) person(c *fiber.Ctx, s seat) error {
	who, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	if err := d.looked(c, s, "person.see", who); err != nil {
		return err
	}
	return d.showPerson(c, s, fiber.StatusOK, who, part.Form{}, part.Form{})
}

// standings is what a person is, beside their roles.
type standings struct {
	p       people.Person
	roles   []people.Role
	grows   []producer.Standing
	sells   []agents.Standing
	devices int
	names   map[string]region.Said // of regions
	places  []region.Region
}

func (d *desk) readPerson(c *fiber.Ctx, s seat, who id.ID) (v standings, err error) {
	ctx := c.UserContext()
	if err := d.DB.ViewShared(ctx, func(tx *storage.Tx) (err error) { v.p, err = people.Find(tx, who); return }); err != nil {
		return v, err
	}
	if v.roles, err = d.People.RolesOf(ctx, who); err != nil {
		return v, err
	}
	if v.grows, err = d.Producers.Standings(ctx, who); err != nil {
		return v, err
	}
	if v.sells, err = d.Agents.Standings(ctx, who); err != nil {
		return v, err
	}
	if v.devices, err = d.People.Devices(ctx, who); err != nil {
		return v, err
	}
	err = d.view(c, s, func(tx *storage.Tx) (err error) {
		if v.names, err = placesOf(tx, v.roles); err != nil || s.m.RegionCode == "" {
			return err
		}
		v.places, err = region.Children(tx, s.m.RegionCode)
		return err
	})
	return v, err
}

// showPerson shows one account: only what concerns markets that the viewer
// operates.
func (d *desk) showPerson(c *fiber.Ctx, s seat, status int, who id.ID, give, take part.Form) error {
	k, err := d.readPerson(c, s, who)
	if err != nil {
		return err
	}
	all, err := d.Books.All(c.UserContext())
	if err != nil {
		return err
	}
	here := s.way(part.PeopleWay + "/" + who.String())
	give.Action, give.Key, give.ID, take.Action = here, newKey(), "give-", here
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		title := func(market int32) string {
			if market == storage.Platform {
				return f.T("role.owner")
			}
			i := slices.IndexFunc(all, func(m region.Market) bool { return m.ID == market })
			if i < 0 {
				return marketText(market)
			}
			return all[i].Title(f.Reader.Lang())
		}
		v := page.PersonPage{Frame: f, Name: k.p.Name, Who: maskedLogin(k.p), Since: since(who), Me: who == s.p.ID, Devices: int64(k.devices),
			Give: give, Takes: take, Trail: s.way(trailWay, "person", who.String())}
		for _, r := range k.roles {
			if !s.p.IsOperator(r.Market) && r.Market != storage.Platform {
				continue // another market's is not this operator's to know
			}
			v.Roles = append(v.Roles, page.HeldRole{Role: r.Role, Market: title(r.Market), Place: placed(f.Reader, k.names[r.Region]), Region: r.Region, Since: r.At, Key: newKey(),
				Mine: r.Market == s.m.ID && (!v.Me || r.Role != people.Operator)})
		}
		for _, g := range k.grows {
			if s.p.IsOperator(g.Market) {
				v.Members = append(v.Members, page.Membership{Kind: "producer", Market: title(g.Market), State: g.State,
					Href: seat{m: region.Market{ID: g.Market}, acting: true, grower: producer.Producer{ID: g.ID}}.way(part.ProducerWay)})
			}
		}
		for _, a := range k.sells {
			if s.p.IsOperator(a.Market) {
				v.Members = append(v.Members, page.Membership{Kind: "agent", Market: title(a.Market), State: a.State})
			}
		}
		for _, r := range k.places {
			v.Places = append(v.Places, part.Option{Value: r.Code, Label: either(f.Reader, r.Name, r.English())})
		}
		return v.View()
	})
}

// role gives and takes a role in the market that one sits in. Nobody takes
// their own: somebody must be left who can.
func (d *desk) role(c *fiber.Ctx, s seat) error {
	who, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	said := typed(c)
	role, place := said["role"], said["region"]
	if role != people.Clerk {
		place = "" // the list of places stands beside both
	}
	word := map[string]string{"give": "granted", "take": "withdrawn"}[said["deed"]]
	switch {
	case word == "":
		err = fault.Invalid("", "invalid")
	case said["deed"] == "take" && who == s.p.ID && role == people.Operator:
		err = fault.Conflict("role_own")
	default:
		err = d.DB.Update(c.UserContext(), s.m.ID, func(tx *storage.Tx) error {
			tx.Keyed() // granting and withdrawing land in the same state
			if said["deed"] == "give" {
				return people.Grant(tx, who, role, place, s.p.ID)
			}
			return people.Withdraw(tx, who, role, place, s.p.ID)
		})
	}
	if err == nil {
		d.Worker.Wake()
		return d.done(c, personWay(s, who), word)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	if said["deed"] == "take" {
		return d.showPerson(c, s, status, who, part.Form{}, form)
	}
	return d.showPerson(c, s, status, who, form, part.Form{})
}
