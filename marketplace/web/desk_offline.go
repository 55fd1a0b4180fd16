package web

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func (d *desk) offline(c *fiber.Ctx, s seat) error {
	return d.showOffline(c, s, fiber.StatusOK, "", part.Form{})
}

// showOffline lists the transfers that wait; form is what was refused of one.
func (d *desk) showOffline(c *fiber.Ctx, s seat, status int, of string, form part.Form) error {
	var open []payment.Payment
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { open, err = payment.OpenTransfers(tx); return }); err != nil {
		return err
	}
	buyers := map[id.ID]order.Address{} // by basket
	var firsts []id.ID
	baskets := map[id.ID]id.ID{}
	for _, p := range open {
		b, _, err := d.Orders.FindCheckout(c.UserContext(), s.m.ID, p.ID)
		if err != nil {
			return err
		}
		first := b.Orders()[0] // of this market, where the payment is at home
		firsts = append(firsts, first.ID)
		baskets[first.ID] = p.Sale
	}
	to, err := d.Orders.Addresses(c.UserContext(), s.m.ID, firsts)
	if err != nil {
		return err
	}
	for o, a := range to {
		buyers[baskets[o]] = a
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Offline{Frame: f, Currency: s.m.Currency}
		for _, p := range open {
			row := page.OfflineRow{Market: s.number(), ID: p.ID.String(), Number: p.Reference, Buyer: buyerName(f.Reader, buyers[p.Sale]),
				Sum: p.Due, Got: p.Captured, At: p.CreatedAt, Until: p.ExpiresAt}
			if row.ID == of {
				row.Form = form
			}
			row.Form.Action, row.Form.Key, row.Form.ID = s.way(part.OfflineWay), newKey(), "p"+row.ID+"-"
			v.Rows = append(v.Rows, row)
		}
		return v.View()
	})
}

// confirm says that a transfer has come. The bank's reference counts once; one
// that was booked before, for this payment or another, is refused in words
// instead of passing for a new one.
func (d *desk) confirm(c *fiber.Ctx, s seat) error {
	said := typed(c)
	name, err := row(said["payment"])
	if err != nil {
		return err
	}
	sum, wrong := minor("sum", said["sum"])
	reference := strings.TrimSpace(said["reference"])
	switch {
	case reference == "":
		wrong = fault.All(fault.Invalid("reference", "required"), wrong)
	case len([]rune(reference)) > 60:
		wrong = fault.All(fault.Invalid("reference", "too_long", fault.Args{"most": 60}), wrong)
	}
	var now payment.Payment
	err = d.once(c.UserContext(), s, d.key(c, s), func() error {
		if wrong != nil {
			return wrong
		}
		var before payment.Payment
		err := d.view(c, s, func(tx *storage.Tx) (err error) { before, err = payment.Find(tx, name); return })
		if err != nil {
			return err
		}
		now, err = d.Orders.Confirm(c.UserContext(), order.By{Person: s.p, As: order.AsOperator}, s.m.ID, name, sum, reference)
		if err == nil && now.Captured == before.Captured {
			err = fault.Conflict("reference_used").On("reference")
		}
		return err
	})
	if err == nil {
		if missing := now.Due - now.Captured; missing > 0 && now.State == payment.Open {
			return d.done(c, s.way(part.OfflineWay), "part_confirmed", "missing", d.reader(c, s).Money(missing, now.Currency))
		}
		return d.done(c, s.way(part.OfflineWay), "confirmed")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"amount": "sum", "bank_reference": "reference"}))
	var open bool
	e := d.view(c, s, func(tx *storage.Tx) error {
		p, err := payment.Find(tx, name)
		open = err == nil && p.State == payment.Open
		return err
	})
	if e != nil || !open { // no row of the page that the sentence could stand at
		return err
	}
	return d.showOffline(c, s, status, name.String(), form)
}
