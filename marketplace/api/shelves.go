package api

import (
	"net/http"
	"time"

	"commonfield/agents"
	"commonfield/agents/clicks"
	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type shelfShown struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Greeting string `json:"greeting"`
	Goods    []Card `json:"goods" doc:"in the agent's order; what is not for sale any more is left out"`
}

type onShelf struct {
	Market  string `json:"market" doc:"code or number"`
	Listing string `json:"listing"`
}

type ownShelf struct {
	Greeting string    `json:"greeting" doc:"a line above the shelf, 140 characters at most"`
	Goods    []onShelf `json:"goods" doc:"60 at most, in this order"`
}

type newShelf struct {
	Greeting *string    `json:"greeting,omitempty" doc:"left out: stays"`
	Goods    *[]onShelf `json:"goods,omitempty" doc:"all of them in their order; left out: stay"`
}

type clicked struct {
	Market  string `json:"market,omitempty" doc:"empty: the shelf"`
	Listing string `json:"listing,omitempty"`
	Clicks  int64  `json:"clicks"`
}

// shelves mounts agents' shelves and how often their links were opened.
func (s *server) shelves() {
	handle(s, route{method: http.MethodGet, path: "/shelves/{code}", says: "Show an agent's shelf", open: everybody, more: "By the code of the agent's link."}, s.showShelf)
	handle(s, route{method: http.MethodGet, path: "/me/shelf", says: "Show your own shelf as it was arranged", open: known}, s.showOwnShelf)
	handle(s, route{method: http.MethodPut, path: "/me/shelf", says: "Arrange your shelf", open: known, fresh: true,
		more: "Goods must be for sale, in a market in which you are an active agent."}, s.arrangeShelf)
	handle(s, route{method: http.MethodGet, path: "/me/clicks", says: "Say how often your links were opened", open: known,
		more: "Robots, yourself and the same visitor within half an hour are not counted."}, s.clicks)
}

func (s *server) showShelf(v *visit, in *struct {
	Code string `path:"code"`
}) (shelfShown, error) {
	if len(in.Code) > 16 {
		return shelfShown{}, fault.NotFound("agent_unknown")
	}
	var a agents.Agent
	if err := s.DB.ViewShared(v.ctx, func(tx *storage.Tx) (err error) { a, err = agents.ByCode(tx, in.Code); return }); err != nil {
		return shelfShown{}, err
	}
	own, err := s.Shelf.OfAgent(v.ctx, a.PersonID)
	if err != nil {
		return shelfShown{}, err
	}
	cards, err := s.Shelf.Cards(v.ctx, own.Goods)
	return shelfShown{a.Code, a.Name, own.Greeting, listed(cards, showCard).Items}, err
}

// selling refuses somebody who is no agent anywhere.
func (s *server) selling(v *visit) error {
	_, err := s.Agents.OfPerson(v.ctx, v.who.ID)
	if fault.Has(err, "agent_unknown") {
		return fault.Forbidden("forbidden")
	}
	return err
}

func (s *server) showOwnShelf(v *visit, _ *struct{}) (ownShelf, error) {
	if err := s.selling(v); err != nil {
		return ownShelf{}, err
	}
	own, err := s.Shelf.OfAgent(v.ctx, v.who.ID)
	return ownShelf{own.Greeting, listed(own.Goods, func(c shelf.Chosen) onShelf { return onShelf{v.code(c.Market), c.Listing.String()} }).Items}, err
}

func (s *server) arrangeShelf(v *visit, in *with[newShelf]) (ownShelf, error) {
	if err := s.selling(v); err != nil {
		return ownShelf{}, err
	}
	if in.Body.Goods != nil {
		want, err := v.chosen(*in.Body.Goods)
		if err != nil {
			return ownShelf{}, err
		}
		if err := s.Shelf.Arrange(v.ctx, v.who, want); err != nil {
			return ownShelf{}, err
		}
	}
	if in.Body.Greeting != nil {
		if err := s.Shelf.Greet(v.ctx, v.who, *in.Body.Greeting); err != nil {
			return ownShelf{}, err
		}
	}
	return s.showOwnShelf(v, nil)
}

func (v *visit) chosen(goods []onShelf) ([]shelf.Chosen, error) {
	if len(goods) > shelf.MostChosen {
		return nil, fault.Conflict("shelf_full", fault.Args{"most": shelf.MostChosen})
	}
	var want []shelf.Chosen
	for _, g := range goods {
		m, err := v.named(g.Market)
		if err != nil {
			return nil, err
		}
		listing, err := reference("listing", g.Listing)
		if err != nil {
			return nil, err
		}
		want = append(want, shelf.Chosen{Market: m.ID, Listing: listing})
	}
	return want, nil
}

func (s *server) clicks(v *visit, in *struct {
	Since string `query:"since" doc:"a day, as 2026-11-01; 30 days when it is left out"`
}) (list[clicked], error) {
	if err := s.selling(v); err != nil {
		return list[clicked]{}, err
	}
	since := s.DB.Now().AddDate(0, 0, -30)
	if in.Since != "" {
		day, err := time.Parse(time.DateOnly, in.Since)
		if err != nil {
			return list[clicked]{}, fault.Invalid("since", "not_a_day")
		}
		since = day
	}
	all, err := s.Clicks.Since(v.ctx, v.who.ID, since)
	return listed(all, func(c clicks.Sum) clicked {
		o := clicked{Clicks: c.Clicks}
		if c.Listing != id.None {
			o.Market, o.Listing = v.code(c.Market), c.Listing.String()
		}
		return o
	}), err
}
