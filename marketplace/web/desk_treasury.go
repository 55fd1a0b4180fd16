package web

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
)

func (d *desk) treasury(c *fiber.Ctx, s seat) error {
	return d.showTreasury(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showTreasury(c *fiber.Ctx, s seat, status int, form part.Form) error {
	var has door.Treasury
	err := d.view(c, s, func(tx *storage.Tx) (err error) { has, err = door.TreasuryOf(tx); return err })
	if err != nil {
		return err
	}
	form.Action, form.Key = s.way(treasuryWay), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		return page.Treasury{Frame: f, Bank: has.Bank, Clearing: has.Clearing, Available: has.Available, Capital: has.Capital,
			Tax: has.Tax, Fees: has.Fees, Guarantee: has.Guarantee, Currency: s.m.Currency, Form: form}.View()
	})
}

// book writes a line of the treasury; the reference counts once in its kind.
func (d *desk) book(c *fiber.Ctx, s seat) error {
	said := typed(c)
	sum, wrong := minor("sum", said["sum"])
	reference := strings.TrimSpace(said["reference"])
	if reference == "" {
		wrong = fault.All(wrong, fault.Invalid("reference", "required"))
	}
	if said["deed"] == "" {
		wrong = fault.All(wrong, fault.Invalid("deed", "required"))
	}
	err := d.once(c.UserContext(), s, d.key(c, s), func() error {
		if wrong != nil {
			return wrong
		}
		used := false
		err := d.view(c, s, func(tx *storage.Tx) (err error) { used, err = door.Booked(tx, said["deed"], reference); return })
		if err == nil && used {
			err = fault.Conflict("reference_used").On("reference")
		}
		if err != nil {
			return err
		}
		return d.Book(c.UserContext(), s.m.ID, s.p.ID, said["deed"], sum, reference)
	})
	if err == nil {
		return d.done(c, s.way(treasuryWay), "booked")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"amount": "sum", "bank_reference": "reference", "target": "sum"}))
	return d.showTreasury(c, s, status, form)
}
