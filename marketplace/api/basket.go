package api

import (
	"net/http"

	"commonfield/catalog/shelf"
	"commonfield/marketplace/kept"
	"commonfield/storage/fault"
)

// keptLine is one thing put aside, with its goods as they are now.
type keptLine struct {
	Market   string `json:"market"`
	Listing  string `json:"listing"`
	Quantity int64  `json:"quantity" doc:"base units"`
	Reason   string `json:"reason" enum:",gone,archived,paused,suspended,sold_out,short,below_minimum" doc:"why it cannot be bought as it stands; empty: it can"`
	Total    int64  `json:"total_minor" doc:"what it costs now"`
	Was      int64  `json:"was_minor,omitempty" doc:"what a unit cost when it was put aside, where it costs something else now"`
	Goods    *Card  `json:"goods,omitempty" doc:"missing when they are gone"`
}

type putAside struct {
	Quantity int64  `json:"quantity,omitempty" doc:"base units; or amount and unit; 0 takes it out"`
	Amount   string `json:"amount,omitempty" doc:"as people write it: 9.8"`
	Unit     string `json:"unit,omitempty" doc:"of the amount; the listing's when it is left out"`
}

// basket mounts the kept basket: what somebody has put aside to buy.
func (s *server) basket() {
	handle(s, route{method: http.MethodGet, path: "/basket", says: "List what you have put aside to buy, over all markets", open: somebody,
		more: "Goods that went away stay, with their reason, until you take them out. Buy with POST /checkouts and kept: true."}, s.listKept)
	handle(s, route{method: http.MethodPut, path: "/basket/{market}/{id}", says: "Put a quantity of goods aside", open: somebody,
		more: "The id is the listing's. In place of what was put aside of it before; at most 50 kinds of goods of a market. Twice is once."}, s.putAside)
	handle(s, route{method: http.MethodDelete, path: "/basket/{market}/{id}", says: "Take goods out of what you have put aside", open: somebody, more: "Twice is once."}, s.takeOut)
}

func (s *server) listKept(v *visit, _ *struct{}) (list[keptLine], error) {
	lines, err := s.Kept.List(v.ctx, v.who.ID)
	return listed(lines, func(l kept.Line) keptLine {
		row := keptLine{Market: v.code(l.Market), Listing: l.Listing.String(), Quantity: l.Quantity, Reason: string(l.Reason)}
		if l.Reason != kept.Gone {
			card := showCard(l.View.Card)
			row.Goods = &card
			row.Total, _ = l.Costs()
			if was, changed := l.Was(); changed {
				row.Was = was
			}
		}
		return row
	}), err
}

func (s *server) putAside(v *visit, in *thisWith[putAside]) (list[keptLine], error) {
	of, err := v.goods(in.This)
	if err != nil {
		return list[keptLine]{}, err
	}
	b, unit := in.Body, ""
	if b.Amount != "" {
		w, err := s.Shelf.One(v.ctx, of.Market, of.Listing)
		if err != nil {
			return list[keptLine]{}, err
		}
		unit = w.Unit
	}
	quantity, err := measure("", b.Quantity, b.Amount, b.Unit, unit)
	if err != nil {
		return list[keptLine]{}, err
	}
	if err := s.Kept.Put(v.ctx, v.who.ID, of, quantity); err != nil {
		return list[keptLine]{}, err
	}
	return s.listKept(v, nil)
}

func (s *server) takeOut(v *visit, in *This) (list[keptLine], error) {
	of, err := v.goods(*in)
	if err != nil {
		return list[keptLine]{}, err
	}
	if err := s.Kept.Put(v.ctx, v.who.ID, of, 0); err != nil {
		return list[keptLine]{}, err
	}
	return s.listKept(v, nil)
}

// goods reads which listing a path names.
func (v *visit) goods(t This) (shelf.Ref, error) {
	m, i, err := v.place(t)
	if fault.Has(err, "not_found") {
		err = fault.NotFound("listing_unknown")
	}
	return shelf.Ref{Market: m.ID, Listing: i}, err
}
