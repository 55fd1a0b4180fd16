package web

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
)

func (d *desk) treasury(c *fiber.Ctx, s seat) error {
	return d.showTreasury(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showTreasury(c *fiber.Ctx, s seat, status int, form part.Form) error {
	var have map[string]int64
	err := d.view(c, s, func(tx *storage.Tx) (err error) {
		have, err = ledger.Balance(tx, ledger.BankOperating, ledger.GatewayClearing, ledger.GatewayAvailable, ledger.OwnCapital, ledger.TaxDue, ledger.IncomeFees, ledger.Guarantee)
		return err
	})
	if err != nil {
		return err
	}
	form.Action, form.Key = s.way(treasuryWay), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		return page.Treasury{Frame: f, Bank: have[ledger.BankOperating], Clearing: have[ledger.GatewayClearing],
			Available: have[ledger.GatewayAvailable], Capital: have[ledger.OwnCapital], Tax: have[ledger.TaxDue], Fees: have[ledger.IncomeFees], Guarantee: have[ledger.Guarantee], Currency: s.m.Currency, Form: form}.View()
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
	deed, kind := d.deed(said["deed"])
	if deed == nil {
		wrong = fault.All(wrong, fault.Invalid("deed", "required"))
	}
	err := d.once(c.UserContext(), s, d.key(c, s), func() error {
		if wrong != nil {
			return wrong
		}
		used := false
		err := d.view(c, s, func(tx *storage.Tx) (err error) { used, err = ledger.Posted(tx, kind+":"+reference); return })
		if err == nil && used {
			err = fault.Conflict("reference_used").On("reference")
		}
		if err == nil {
			err = d.affordable(c, s, said["deed"], sum)
		}
		if err != nil {
			return err
		}
		return deed(c.UserContext(), s, sum, reference)
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

// affordable refuses to move more than lies where it is taken from: that is a
// slip of the pen, which the books would carry on.
func (d *desk) affordable(c *fiber.Ctx, s seat, deed string, sum int64) error {
	from := map[string]string{"available": ledger.GatewayClearing, "banked": ledger.GatewayAvailable, "capital_out": ledger.BankOperating, "tax": ledger.BankOperating}[deed]
	if from == "" {
		return nil
	}
	return d.view(c, s, func(tx *storage.Tx) error {
		have, err := ledger.Balance(tx, from)
		if err == nil && have[from] < sum {
			err = fault.Conflict("ledger_short").On("sum")
		}
		return err
	})
}

// deed gives what is booked, and the beginning of its cause in the ledger.
func (d *desk) deed(name string) (func(ctx context.Context, s seat, sum int64, reference string) error, string) {
	switch name {
	case "capital_in", "capital_out":
		return func(ctx context.Context, s seat, sum int64, reference string) error {
			if name == "capital_out" {
				sum = -sum
			}
			return d.Desk.Capital(ctx, s.m.ID, s.p.ID, sum, reference)
		}, "capital"
	case "available":
		return func(ctx context.Context, s seat, sum int64, reference string) error {
			return d.Desk.Available(ctx, s.m.ID, s.p.ID, sum, reference)
		}, "available"
	case "tax":
		return func(ctx context.Context, s seat, sum int64, reference string) error {
			return d.Desk.Tax(ctx, s.m.ID, s.p.ID, sum, reference)
		}, "tax"
	case "kept":
		return func(ctx context.Context, s seat, sum int64, reference string) error {
			return d.Desk.Keep(ctx, s.m.ID, s.p.ID, sum, reference)
		}, "kept"
	case "guarantee":
		return func(ctx context.Context, s seat, sum int64, reference string) error {
			return d.Desk.Guarantee(ctx, s.m.ID, s.p.ID, sum, reference)
		}, "guarantee"
	case "banked":
		return func(ctx context.Context, s seat, sum int64, reference string) error {
			return d.Recon.Banked(ctx, s.m.ID, s.p.ID, sum, reference)
		}, "banked"
	}
	return nil, ""
}
