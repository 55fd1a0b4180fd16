package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const ownGatewayWay = part.AccountWay + "/gateway"

// ownGateway is how somebody is paid by a gateway, in each market.
func (w *Web) ownGateway(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	return w.showOwnGateway(c, p, fiber.StatusOK, "", part.Form{}, "")
}

// showOwnGateway shows it; form is what was refused of a payee, link where they tell
// the gateway who they are. The link is a page's and no redirect: a form of ours may
// lead to us alone.
func (w *Web) showOwnGateway(c *fiber.Ctx, p people.Person, status int, of string, form part.Form, link string) error {
	payees, err := payable.PayeesOf(c.UserContext(), w.DB, p.ID)
	if err != nil {
		return err
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	v := page.GatewayMine{Frame: f, Action: ownGatewayWay, Bank: w.Payouts.PayerTitle(), Link: link}
	for _, one := range payees {
		m, err := w.Books.Market(c.UserContext(), one.Market)
		if err != nil {
			return err
		}
		row := page.GatewayWay{Market: m.Title(f.Reader.Lang()), Payee: strconv.Itoa(int(one.Market)) + "." + one.ID.String()}
		err = w.DB.View(c.UserContext(), one.Market, func(tx *storage.Tx) error {
			a, err := payable.AccountOf(tx, one.ID)
			switch {
			case fault.Has(err, "bank_account_missing"):
				return nil
			case err != nil:
				return err
			case a.Gateway == "":
				row.Other = true
				return nil
			}
			row.State, row.Why = a.State, a.Why
			if a.State == payable.Active && !a.Usable(tx.Now) {
				row.From = a.UsableAt
			}
			return nil
		})
		if err != nil {
			return err
		}
		if row.Payee == of {
			row.Form = form
		}
		row.Form.Action, row.Form.Key, row.Form.ID = ownGatewayWay, newKey(), "g"+row.Payee+"-"
		v.Ways = append(v.Ways, row)
	}
	return w.render(c, status, v.View())
}

// changeGateway opens an account at the gateway, or asks how one stands.
func (w *Web) changeGateway(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	said := typed(c)
	text, short, _ := strings.Cut(said["payee"], ".")
	market, bad := strconv.ParseInt(text, 10, 32)
	payee, ok := id.Parse(short)
	if bad != nil || !ok {
		return fault.NotFound("payee_unknown")
	}
	in := int32(market)
	if err := w.ownPayee(c.UserContext(), p, in, payee); err != nil {
		return err
	}
	switch said["deed"] {
	case "connect":
		var link string
		if _, link, err = w.Payouts.Connect(c.UserContext(), in, payee, p.ID, ownGatewayWay); err == nil {
			return w.showOwnGateway(c, p, fiber.StatusOK, said["payee"], part.Form{}, link)
		}
	case "ask":
		var a payable.BankAccount
		err = w.DB.View(c.UserContext(), in, func(tx *storage.Tx) (err error) { a, err = payable.AccountOf(tx, payee); return })
		if err == nil {
			err = w.Payouts.Ask(c.UserContext(), in, a.ID)
		}
		if err == nil {
			return c.Redirect(ownGatewayWay, fiber.StatusSeeOther)
		}
	default:
		return fault.Invalid("deed", "invalid").On("")
	}
	if f, is := fault.As(err); !refused(err) && (!is || f.Kind != fault.KindUnavailable) {
		return err
	}
	form := part.Form{}.Refused(bare(c).Reader, err, said)
	return w.showOwnGateway(c, p, door.Status(err), said["payee"], form, "")
}
