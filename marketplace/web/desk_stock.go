package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// barn is what was refused on the stock page, and where.
type barn struct {
	receive, moves, correct part.Form
	batch                   string // the batch of correct
}

func (d *desk) stockPage(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	return d.showStock(c, s, fiber.StatusOK, l, barn{})
}

func (d *desk) showStock(c *fiber.Ctx, s seat, status int, l lying, b barn) error {
	var held []stock.Holding
	moves := map[id.ID][]stock.Move{}
	err := d.view(c, s, func(tx *storage.Tx) error {
		var err error
		held, err = stock.Batches(tx, l.ID)
		for _, h := range held {
			if err == nil {
				moves[h.ID], err = stock.Moves(tx, h.ID, id.None, mostMoves)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	where := part.EditListingWay(marketText(l.Market), l.ID.String())
	return d.show(c, s, status, s.around(), func(f part.Frame) templ.Component {
		v := page.Stock{Frame: f, Title: listingTitle(f.Reader, l.Listing), EditHref: s.way(where), State: string(l.State), Unit: l.Unit,
			OnHand: l.OnHand, Reserved: l.Reserved, Receive: b.receive, Moves: b.moves}
		v.Receive.Action, v.Receive.Key = s.way(where+"/receive"), newKey()
		v.Moves.Action = s.way(where + "/move")
		if l.State == catalog.Drafted || l.State == catalog.Paused {
			v.Publish = newKey()
		}
		if l.State == catalog.Live {
			v.Pause = newKey()
		}
		if l.State != catalog.Archived {
			v.Archive = newKey()
		}
		for _, h := range held {
			form := part.Form{}
			if b.batch == h.ID.String() {
				form = b.correct
			}
			form.Action, form.Key, form.ID = s.way(where+"/correct"), newKey(), "b"+h.ID.String()+"-"
			v.Batches = append(v.Batches, page.Batch{ID: h.ID.String(), Grade: grade(f.Reader, h.Grade), Place: lies(f.Reader, h.Place), HarvestOn: moment(h.HarvestOn),
				At: h.CreatedAt, OnHand: h.OnHand, Reserved: h.Reserved, Form: form, Moves: s.moves(moves[h.ID])})
		}
		return v.View()
	})
}

// mostMoves is how many of a batch's moves are shown.
const mostMoves = 30

func (s seat) moves(of []stock.Move) []page.StockMove {
	var out []page.StockMove
	for _, m := range of {
		one := page.StockMove{Kind: m.Kind, Quantity: m.Quantity, Why: m.Why, At: m.At}
		if m.SaleID != nil {
			one.Href = part.OrderWay(marketText(s.m.ID), m.SaleID.String())
		}
		out = append(out, one)
	}
	return out
}

func (d *desk) receive(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	said := typed(c)
	unit, _ := catalog.UnitOf(l.Unit)
	n, wrong := base("quantity", said["quantity"], unit, false)
	on, late := day("harvest_on", said["harvest_on"], s.m.Location())
	if err = fault.All(wrong, late); err == nil {
		_, err = d.Stock.Receive(c.UserContext(), d.key(c, s), s.m.ID, s.p.ID, l.ID, stock.Batch{Quantity: n, HarvestOn: harvest(on), Grade: said["grade"], Place: said["place"]})
	}
	return d.barnDone(c, s, l, err, "received", func(form part.Form) barn { return barn{receive: form} })
}

// correct books what was counted: the difference to what the page showed, so
// that goods which were shipped meanwhile are not lost.
func (d *desk) correct(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	said := typed(c)
	unit, _ := catalog.UnitOf(l.Unit)
	batch, err := row(said["batch"])
	if err != nil {
		return err
	}
	counted, wrong := base("counted", said["counted"], unit, true)
	was, lost := base("was", said["was"], unit, true)
	if lost != nil {
		lost = fault.Conflict("conflict")
	}
	if err = fault.All(wrong, lost); err == nil && counted == was {
		err = fault.Invalid("counted", "barn_same")
	}
	if err == nil {
		err = d.lies(c, s, l, batch)
	}
	if err == nil {
		_, err = d.Stock.Correct(c.UserContext(), d.key(c, s), s.m.ID, s.p.ID, batch, counted-was, said["why"])
	}
	return d.barnDone(c, s, l, on(err, map[string]string{"quantity": "counted"}), "corrected", func(form part.Form) barn {
		return barn{correct: form, batch: said["batch"]}
	})
}

// lies refuses a batch that is not the listing's: another producer's is not ours to count.
func (d *desk) lies(c *fiber.Ctx, s seat, l lying, batch id.ID) error {
	return d.view(c, s, func(tx *storage.Tx) error {
		held, err := stock.Batches(tx, l.ID)
		for _, h := range held {
			if h.ID == batch {
				return nil
			}
		}
		if err == nil {
			err = fault.NotFound("batch_unknown")
		}
		return err
	})
}

var listingDone = map[catalog.State]string{catalog.Live: "published", catalog.Paused: "paused", catalog.Archived: "archived"}

func (d *desk) moveListing(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	to := catalog.State(c.FormValue("to"))
	if listingDone[to] == "" {
		return fault.Invalid("to", "listing_state")
	}
	err = d.once(c.UserContext(), s, d.key(c, s), func() error { return d.brought(c, s, l, to) })
	return d.barnDone(c, s, l, err, listingDone[to], func(form part.Form) barn { return barn{moves: form} })
}

func (d *desk) barnDone(c *fiber.Ctx, s seat, l lying, err error, word string, in func(part.Form) barn) error {
	if err == nil {
		return d.done(c, s.way(part.EditListingWay(marketText(l.Market), l.ID.String())+"/stock"), word)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showStock(c, s, status, l, in(form))
}
