package web

import (
	"slices"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// stationing mounts the desk of a station's clerk: the producers of their
// region, for whom they list, stock, accept, pack and ship.
func (d *desk) stationing(g fiber.Router) {
	g.Get("/station", d.seated(d.clerkSeat, d.station))
}

// clerkSeat is in one of the markets where somebody is a clerk.
func (d *desk) clerkSeat(c *fiber.Ctx, p people.Person) (seat, error) {
	var have []int32
	for _, s := range p.Clerk {
		if !slices.Contains(have, s.Market) {
			have = append(have, s.Market)
		}
	}
	if len(have) == 0 {
		return seat{p: p}, fault.Forbidden("forbidden")
	}
	return d.choose(c, p, have)
}

// station lists the clerk's producers, those with something to do first.
func (d *desk) station(c *fiber.Ctx, s seat) error {
	older, err := after(c)
	if err != nil {
		return err
	}
	var mine []producer.Producer
	places := map[string]region.Said{}
	err = d.view(c, s, func(tx *storage.Tx) (err error) {
		if mine, err = producer.In(tx, s.p.Stations(s.m.ID), older, shownMembers); err != nil {
			return err
		}
		places, err = region.Say(tx, s.p.Stations(s.m.ID)...)
		return err
	})
	if err != nil {
		return err
	}
	waits := map[id.ID]int64{}
	for _, p := range mine {
		open, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: p.ID,
			States: []order.State{order.Secured, order.Accepted, order.Packed}, N: 100})
		if err != nil {
			return err
		}
		waits[p.ID] = int64(len(open))
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Station{Frame: f}
		for _, code := range s.p.Stations(s.m.ID) {
			v.Places = append(v.Places, placed(f.Reader, places[code]))
		}
		for _, p := range mine {
			v.Rows = append(v.Rows, page.StationRow{Href: seat{m: s.m, acting: true, grower: p}.way(part.ProducerWay), Name: p.Name,
				Place: village(f.Reader, p.RegionName, p.RegionEN, p.Village), State: p.State, Offline: p.PersonID == id.None, Waiting: waits[p.ID]})
		}
		slices.SortStableFunc(v.Rows, func(a, b page.StationRow) int { return int(b.Waiting - a.Waiting) })
		if len(mine) == shownMembers {
			v.Next = s.way(part.StationWay, "after", mine[shownMembers-1].ID.String())
		}
		return v.View()
	})
}
