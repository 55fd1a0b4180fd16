package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
)

// tryBankWay plays the payer's bank, outside production only: it takes a payment of
// the sandbox back, and decides.
const tryBankWay = part.RefundsWay + "/try"

// playing is the form by which the sandbox's bank takes an order's payment back;
// none when it cannot.
func (d *desk) playing(c *fiber.Ctx, s seat, found *order.Story, refused part.Form) (*page.PlayBank, error) {
	if d.Sandbox == nil || found == nil || found.SecuredAt == nil || found.CoveredBy != nil {
		return nil, nil //nolint:nilnil // there is nothing to play
	}
	var p payment.Payment
	err := d.view(c, s, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, found.Payment); return })
	if err != nil || p.Gateway != d.Sandbox.Name() || p.Home != s.m.ID || p.Object == "" {
		return nil, err
	}
	refused.ID = "play-"
	return &page.PlayBank{Order: found.ID.String(), Number: found.Number, Paid: p.Captured, Form: refused}, nil
}

// tryBank lets the sandbox's bank take a payment back, or decide.
func (d *desk) tryBank(c *fiber.Ctx, s seat) error {
	if d.Sandbox == nil {
		return fault.NotFound("not_found")
	}
	said := typed(c)
	var number string
	var err error
	if said["chargeback"] != "" {
		err = d.bankDecides(c, s, said["chargeback"], said["won"])
	} else {
		number, err = d.bankTakes(c, s, said["order"], said["sum"])
	}
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(part.RefundsWay, "number", number)+"#chargebacks", "written_down")
	}
	if !refused(err) || fault.Has(err, "not_found") {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"amount": "sum"}))
	return d.showRefunds(c, s, status, number, part.Form{}, form)
}

func (d *desk) bankTakes(c *fiber.Ctx, s seat, name, typed string) (number string, err error) {
	of, err := row(name)
	if err != nil {
		return "", err
	}
	o, err := d.Orders.Find(c.UserContext(), order.Ref{Market: s.m.ID, ID: of})
	if err != nil {
		return "", err
	}
	var p payment.Payment
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, o.Payment); return }); err != nil {
		return o.Number, err
	}
	if p.Gateway != d.Sandbox.Name() || p.Home != s.m.ID || p.Object == "" {
		return o.Number, fault.NotFound("not_found")
	}
	var sum int64
	if strings.TrimSpace(typed) != "" {
		if sum, err = minor("sum", typed); err != nil {
			return o.Number, err
		}
		if sum == 0 {
			sum = -1 // nought is no sum; nothing typed is all of it
		}
	}
	return o.Number, d.Sandbox.TakeBack(c.UserContext(), s.m.ID, p.Object, sum)
}

func (d *desk) bankDecides(c *fiber.Ctx, s seat, name, won string) error {
	of, err := row(name)
	if err != nil {
		return err
	}
	if won != "yes" && won != "no" {
		return fault.Invalid("won", "invalid")
	}
	var b payment.Chargeback
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { b, err = payment.FindChargeback(tx, of); return }); err != nil {
		return err
	}
	if b.Gateway != d.Sandbox.Name() {
		return fault.NotFound("not_found")
	}
	return d.Sandbox.Decide(c.UserContext(), s.m.ID, b.Object, won == "yes")
}
