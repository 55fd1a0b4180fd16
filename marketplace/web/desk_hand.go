package web

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/cash"
	"commonfield/agents/payout"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const handWay = "/desk/agent/cash"

// handPhotos is the folder of the pictures that show who got the money; the
// public's door does not serve it.
const handPhotos = "handover"

// hand is the page of an agent who holds the market's cash.
func (d *desk) hand(c *fiber.Ctx, s seat) error {
	return d.showHand(c, s, fiber.StatusOK, "", part.Form{})
}

// showHand shows it; form is what was refused of one payout.
func (d *desk) showHand(c *fiber.Ctx, s seat, status int, of string, form part.Form) error {
	older, err := after(c)
	if err != nil {
		return err
	}
	payee, err := d.agentPayee(c, s)
	if err != nil {
		return err
	}
	v := page.CashHand{Currency: s.m.Currency, Action: s.way(handWay)}
	var h cash.Holder
	var out, past []payout.Handed
	var due []order.Due
	err = d.view(c, s, func(tx *storage.Tx) (err error) {
		h, err = cash.Find(tx, payee)
		if v.None = fault.Has(err, "cash_holder_unknown"); v.None {
			return nil
		}
		if err != nil {
			return err
		}
		if out, err = payout.ToHandOver(tx, payee); err != nil {
			return err
		}
		if due, err = order.ToCollect(tx, payee); err != nil {
			return err
		}
		past, err = payout.HandedOver(tx, payee, older, pageOf)
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame, v.Reference, v.Stopped, v.Holds, v.Limit = f, h.Reference, h.State == cash.Stopped, h.Holds, h.Limit
		for _, o := range due {
			v.Collect = append(v.Collect, page.CashCollect{Href: part.OrderWay(s.m.Code, o.ID.String()), Number: o.Number, State: string(o.State), Minor: o.Minor})
		}
		for _, o := range out {
			row := cashOut(o)
			if row.ID == of {
				row.Form = form
			}
			row.Form.Key, row.Form.ID = newKey(), "o"+row.ID+"-"
			v.Out = append(v.Out, row)
		}
		for _, o := range past {
			p := page.CashPast{Name: o.Payee, How: o.How, State: o.State, Why: o.Reason, Minor: o.Amount, At: o.ChangedAt}
			v.Past = append(v.Past, p)
		}
		if len(past) == pageOf {
			v.Next = s.way(handWay, "after", past[pageOf-1].ID.String())
		}
		return v.View()
	})
}

// handOver says that the money is in its receiver's hand.
func (d *desk) handOver(c *fiber.Ctx, s seat) error {
	said := typed(c)
	name, err := row(said["payout"])
	if err != nil {
		return err
	}
	proof := payout.Proof{Code: strings.TrimSpace(said["code"]), WitnessOne: said["witness_one"], WitnessTwo: said["witness_two"]}
	picture, err := upload(c, "photo")
	if err != nil {
		return err
	}
	if picture != nil && proof.Code == "" {
		proof.Photo, err = d.Photos.Apart(handPhotos).Take(c.UserContext(), picture)
	}
	var o payout.Payout
	if err == nil {
		o, err = d.Payouts.HandOver(c.UserContext(), s.m.ID, name, s.p, proof)
	}
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(handWay), "handed_over", "name", o.Payee, "sum", d.reader(c, s).Money(o.Amount, s.m.Currency))
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showHand(c, s, status, name.String(), form)
}

// handPhoto gives the picture that shows who got the money, to operators.
func (d *desk) handPhoto(c *fiber.Ctx, s seat) error {
	name, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	var h payout.Handed
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { h, err = payout.FindHanded(tx, name); return }); err != nil {
		return err
	}
	if h.Photo == "" {
		return fault.NotFound("photo_unknown")
	}
	data, kind, err := d.Photos.Apart(handPhotos).Get(c.UserContext(), h.Photo, 1200)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set(fiber.HeaderContentType, kind)
	return c.Send(data)
}

// handed are the sums that somebody may collect in a market, for their own page.
func (w *Web) handed(c *fiber.Ctx, market int32, payees ...id.ID) (out []payout.Handed, err error) {
	err = w.DB.View(c.UserContext(), market, func(tx *storage.Tx) (err error) { out, err = payout.ToCollect(tx, payees...); return })
	return out, err
}
