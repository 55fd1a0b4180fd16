package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/cash"
	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const ownCashWay = part.AccountWay + "/cash"

// ownCash is what somebody may collect in cash, and where they choose to be paid so.
func (w *Web) ownCash(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	return w.showOwnCash(c, p, fiber.StatusOK, "", part.Form{}, nil)
}

// showOwnCash shows it; form is what was refused of a payout or a payee.
func (w *Web) showOwnCash(c *fiber.Ctx, p people.Person, status int, of string, form part.Form, code *page.CashCode) error {
	payees, err := payable.PayeesOf(c.UserContext(), w.DB, p.ID)
	if err != nil {
		return err
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	v := page.CashMine{Frame: f, Action: ownCashWay, Code: code}
	for _, one := range payees {
		m, err := w.Books.Market(c.UserContext(), one.Market)
		if err != nil {
			return err
		}
		out, err := w.handed(c, one.Market, one.ID)
		if err != nil {
			return err
		}
		for _, o := range out {
			row := page.CashMineOut{CashOut: cashOut(o), Currency: m.Currency}
			row.ID = strconv.Itoa(int(one.Market)) + "." + row.ID
			if row.ID == of {
				row.Form = form
				v.Money = m.Currency
			}
			row.Form.Key = newKey()
			v.Out = append(v.Out, row)
		}
		way, err := w.cashWay(c.UserContext(), f.Reader, p, one)
		if err != nil {
			return err
		}
		way.Market = m.Title(f.Reader.Lang())
		if way.Payee == of {
			way.Form = form
		}
		way.Form.Key, way.Form.ID = newKey(), "w"+way.Payee+"-"
		v.Ways = append(v.Ways, way)
	}
	return w.render(c, status, v.View())
}

// cashWay says how a payee is paid, and by whom it could be in cash.
func (w *Web) cashWay(ctx context.Context, r tongue.Reader, p people.Person, one payable.Payee) (page.CashWay, error) {
	way := page.CashWay{Payee: strconv.Itoa(int(one.Market)) + "." + one.ID.String(), Now: r.T("cash.way_none")}
	err := w.DB.View(ctx, one.Market, func(tx *storage.Tx) error {
		hands, err := cash.Hands(tx)
		if err != nil {
			return err
		}
		way.Hands = nil
		for _, h := range hands {
			if h.Person != p.ID {
				way.Hands = append(way.Hands, part.Option{Value: h.Payee.String(), Label: h.Name})
			}
		}
		a, err := payable.AccountOf(tx, one.ID)
		switch {
		case fault.Has(err, "bank_account_missing"):
			return nil
		case err != nil:
			return err
		case a.Tail != "":
			way.Now = r.T("cash.way_bank", "tail", a.Tail)
			return nil
		}
		if a.Gateway != "" {
			way.Now = r.T("transfer.to", "bank", a.Bank)
			return nil
		}
		h, err := cash.Find(tx, a.Hand)
		way.InCash = true
		way.Now = r.T("cash.way_cash", "hand", h.Name)
		return err
	})
	return way, err
}

// changeCash shows a code, or says by whom somebody is paid.
func (w *Web) changeCash(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	said := typed(c)
	of := said["payout"] + said["payee"]
	text, short, _ := strings.Cut(of, ".")
	market, bad := strconv.ParseInt(text, 10, 32)
	name, ok := id.Parse(short)
	if bad != nil || !ok {
		return fault.NotFound("payee_unknown")
	}
	in := int32(market)
	switch said["deed"] {
	case "code":
		var code *page.CashCode
		if code, err = w.receiverCode(c, in, name, people.Person{ID: p.ID}); err == nil {
			return w.showOwnCash(c, p, fiber.StatusOK, of, part.Form{}, code)
		}
	case "choose":
		hand, bad := row(said["hand"])
		if bad != nil {
			return bad
		}
		err = w.ownPayee(c.UserContext(), p, in, name)
		if err == nil {
			err = cash.Choose(c.UserContext(), w.DB, in, name, hand, p.ID)
		}
		if err == nil {
			return w.told(c, "desk_done.cash_choose", ownCashWay+"#ways")
		}
	default:
		return fault.Invalid("deed", "invalid").On("")
	}
	if !refused(err) {
		return err
	}
	form := part.Form{}.Refused(bare(c).Reader, err, said)
	return w.showOwnCash(c, p, door.Status(err), of, form, nil)
}

// ownPayee refuses a payee that is somebody else's.
func (w *Web) ownPayee(ctx context.Context, p people.Person, market int32, payee id.ID) error {
	all, err := payable.PayeesOf(ctx, w.DB, p.ID)
	for _, one := range all {
		if one.Market == market && one.ID == payee {
			return nil
		}
	}
	if err == nil {
		err = fault.NotFound("payee_unknown")
	}
	return err
}
