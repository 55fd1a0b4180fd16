package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// shownMembers is how many producers one page of the list has.
const shownMembers = 50

func (d *desk) members(c *fiber.Ctx, s seat) error {
	return d.showMembers(c, s, fiber.StatusOK, "", part.Form{}, part.Form{})
}

// showMembers lists producers and agents; form is what was refused of one, and
// register what was refused of a new producer.
func (d *desk) showMembers(c *fiber.Ctx, s seat, status int, of string, form, register part.Form) error {
	older, err := after(c)
	if err != nil {
		return err
	}
	var producers []producer.Producer
	var sellers []agents.MarketAgent
	var places []region.Region
	err = d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if producers, err = producer.List(tx, older, shownMembers); err != nil {
			return err
		}
		if sellers, err = agents.List(tx, ""); err != nil || s.m.RegionCode == "" {
			return err
		}
		places, err = region.Children(tx, s.m.RegionCode)
		return err
	})
	if err != nil {
		return err
	}
	register.Action, register.Key, register.ID = s.way("/desk/operator/producers"), newKey(), "new-"
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Members{Frame: f, Register: register}
		formOf := func(member id.ID) part.Form {
			one := part.Form{}
			if member.String() == of {
				one = form
			}
			one.Action, one.Key, one.ID = s.way(membersWay), newKey(), "m"+member.String()+"-"
			return one
		}
		for _, p := range producers {
			m := page.Member{ID: p.ID.String(), Name: p.Name, Place: village(f.Reader, p.RegionName, p.RegionEN, p.Village), State: p.State, At: p.CreatedAt, Offline: p.PersonID == id.None, Form: formOf(p.ID)}
			m.Href = seat{m: s.m, acting: true, grower: p}.way(part.ProducerWay)
			v.Producers = append(v.Producers, m)
		}
		if len(producers) == shownMembers {
			v.Next = s.way(membersWay, "after", producers[shownMembers-1].ID.String())
		}
		for _, a := range sellers {
			v.Agents = append(v.Agents, page.Member{ID: a.AgentID.String(), Name: a.Name, Place: a.Code, State: a.State, At: a.AppliedAt, Form: formOf(a.AgentID)})
		}
		for _, r := range places {
			v.Regions = append(v.Regions, part.Option{Value: r.Code, Label: either(f.Reader, r.Name, r.English())})
		}
		return v.View()
	})
}

// decide lets a producer or an agent in, stops them, or lets them in again.
func (d *desk) decide(c *fiber.Ctx, s seat) error {
	said := typed(c)
	member, err := row(said["member"])
	if err != nil {
		return err
	}
	deed := said["deed"]
	word := map[string]string{"approve": "approved_member", "suspend": "suspended", "readmit": "readmitted"}[deed]
	if word == "" || said["kind"] != "producer" && said["kind"] != "agent" {
		return fault.Invalid("deed", "invalid")
	}
	if said["kind"] == "producer" {
		err = d.decideProducer(c.UserContext(), s, member, deed, said["why"])
	} else {
		err = d.decideAgent(c.UserContext(), s, member, deed, said["why"])
	}
	if err == nil {
		return d.done(c, s.way(membersWay), word)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showMembers(c, s, status, member.String(), form, part.Form{})
}

func (d *desk) decideProducer(ctx context.Context, s seat, member id.ID, deed, why string) error {
	switch deed {
	case "suspend":
		return d.Producers.Suspend(ctx, s.m.ID, member, s.p, why)
	case "readmit":
		return d.Producers.Readmit(ctx, s.m.ID, member, s.p, why)
	}
	return d.Producers.Approve(ctx, s.m.ID, member, s.p)
}

func (d *desk) decideAgent(ctx context.Context, s seat, member id.ID, deed, why string) error {
	if deed == "suspend" {
		return d.Agents.Suspend(ctx, s.m.ID, member, s.p, why)
	}
	return d.Agents.Approve(ctx, s.m.ID, member, s.p)
}

// registerProducer makes a producer without an account, who may sell at once.
func (d *desk) registerProducer(c *fiber.Ctx, s seat) error {
	said := typed(c)
	p, err := d.Producers.Apply(c.UserContext(), d.key(c, s), s.m.ID, s.p, producer.Application{State: producer.Active, Text: producer.Text{
		Name: said["name"], NameEN: said["name_en"], RegionCode: said["region"], Village: said["village"], Story: said["story"],
		Licence: said["licence"], Exemption: said["exemption"]}})
	if err == nil {
		return d.done(c, seat{m: s.m, acting: true, grower: p}.way(part.ProducerWay), "registered")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showMembers(c, s, status, "", part.Form{}, form)
}
