package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const cashWay = "/desk/operator/cash"

// cashForms is what was refused: of one holder, payout or form of the page; code is
// what was asked to be shown.
type cashForms struct {
	deed, of string
	form     part.Form
	code     *page.CashCode
}

// in is the form of a deed about one thing, with what was refused of it.
func (w cashForms) in(s seat, of string, deeds ...string) part.Form {
	form := part.Form{}
	for _, deed := range deeds {
		if deed == w.deed && of == w.of {
			form = w.form
		}
	}
	form.Action, form.Key, form.ID = s.way(cashWay), newKey(), deeds[0]+of+"-"
	return form
}

func (d *desk) cash(c *fiber.Ctx, s seat) error {
	return d.showCash(c, s, fiber.StatusOK, cashForms{})
}

// cashRead is what the page reads.
type cashRead struct {
	holders []cash.Holder
	out     []payout.Handed
	agents  []agents.MarketAgent
	without []payout.Ready
	asks    []cash.Holder // sellers who would collect
}

func (r *cashRead) read(tx *storage.Tx) (err error) {
	r.without = nil
	if r.holders, err = cash.Holders(tx); err != nil {
		return err
	}
	if r.asks, err = cash.Asking(tx); err != nil {
		return err
	}
	if r.out, err = payout.ToHandOver(tx, id.None); err != nil {
		return err
	}
	if r.agents, err = agents.List(tx, agents.Active); err != nil {
		return err
	}
	due, err := payout.Due(tx)
	if err != nil {
		return err
	}
	for _, one := range due {
		if one.Reason == payout.NoAccount && one.Person == id.None { // the others choose themselves
			r.without = append(r.without, one)
		}
	}
	return err
}

func (d *desk) showCash(c *fiber.Ctx, s seat, status int, was cashForms) error {
	var r cashRead
	if err := d.view(c, s, r.read); err != nil {
		return err
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.CashDesk{Frame: f, Currency: s.m.Currency, Action: s.way(cashWay), Trust: was.in(s, "", "trust"), Choose: was.in(s, "", "choose"), Code: was.code}
		toOut := map[id.ID]int64{}
		for _, o := range r.out {
			toOut[o.HandID] += o.Amount
			row := cashOut(o)
			row.Form = was.in(s, row.ID, "back", "code")
			v.Out = append(v.Out, row)
		}
		limits := map[id.ID]bool{}
		for _, h := range r.holders {
			name := h.Payee.String()
			limits[h.Payee] = h.State == cash.Active
			v.Holders = append(v.Holders, page.CashHolder{ID: name, Name: h.Name, Reference: h.Reference, Stopped: h.State != cash.Active, Seller: h.Kind == payable.Producer, Holds: h.Holds, Limit: h.Limit, ToOut: toOut[h.Payee],
				Books: s.way(accountWay, "name", h.Account()), Move: was.in(s, name, "move", "give", "bank"), Stop: was.in(s, name, "stop")})
			if h.State == cash.Active && h.Kind == payable.Agent {
				v.Hands = append(v.Hands, part.Option{Value: name, Label: h.Name})
			}
		}
		for _, a := range r.agents {
			if a.PersonID == s.p.ID {
				continue // nobody trusts themselves
			}
			label := a.Name + " · " + a.Code
			if limits[a.PayeeID] {
				label += " · " + f.T("cash.has_limit")
			}
			v.Agents = append(v.Agents, part.Option{Value: a.PayeeID.String(), Label: label})
		}
		for _, h := range r.asks {
			if h.Person != s.p.ID {
				v.Agents = append(v.Agents, part.Option{Value: h.Payee.String(), Label: h.Name + " · " + f.T("cash.is_producer")})
			}
		}
		for _, h := range r.holders {
			if h.Kind == payable.Producer && h.Person != s.p.ID {
				v.Agents = append(v.Agents, part.Option{Value: h.Payee.String(), Label: h.Name + " · " + f.T("cash.is_producer") + " · " + f.T("cash.has_limit")})
			}
		}
		for _, one := range r.without {
			v.Without = append(v.Without, part.Option{Value: one.Payee.String(), Label: one.Name + " · " + f.Reader.Money(one.Amount, s.m.Currency)})
		}
		return v.View()
	})
}

func cashOut(o payout.Handed) page.CashOut {
	return page.CashOut{ID: o.ID.String(), Name: o.Payee, Hand: o.Hand, Number: o.Number(), Minor: o.Amount, Until: o.Until, Shown: o.Shown, Locked: o.Locked(), Phone: o.Phone}
}

// moveCash does what a form of the page says.
func (d *desk) moveCash(c *fiber.Ctx, s seat) error {
	said := typed(c)
	word, of := said["deed"], said["payee"]+said["payout"]
	if word == "trust" || word == "choose" {
		of = ""
	}
	var err error
	switch word {
	case "trust", "stop", "give", "bank", "choose":
		err = d.hold(c, s, said)
	case "back":
		err = d.callBack(c, s, said)
	case "code":
		var code *page.CashCode
		var name id.ID
		if name, err = row(said["payout"]); err != nil {
			return err
		}
		if code, err = d.receiverCode(c, s.m.ID, name, s.p); err == nil {
			return d.showCash(c, s, fiber.StatusOK, cashForms{code: code})
		}
	default:
		return fault.Invalid("deed", "invalid").On("")
	}
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(cashWay), "cash_"+word)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showCash(c, s, status, cashForms{deed: word, of: of, form: form})
}

// hold does what is about a holder or a payee.
func (d *desk) hold(c *fiber.Ctx, s seat, said map[string]string) error {
	ctx := c.UserContext()
	payee, err := row(said["payee"])
	if err != nil {
		return err
	}
	switch said["deed"] {
	case "trust":
		limit, err := minor("limit", said["limit"])
		if err != nil {
			return err
		}
		return cash.Trust(ctx, d.DB, s.m.ID, payee, limit, s.p.ID)
	case "stop":
		if said["why"] == "" {
			return fault.Invalid("why", "required")
		}
		return cash.Stop(ctx, d.DB, s.m.ID, payee, s.p.ID, short(said["why"], 200))
	case "choose":
		hand, err := row(said["hand"])
		if err == nil {
			err = d.ownAccount(c, s, payee)
		}
		if err != nil {
			return err
		}
		return cash.Choose(ctx, d.DB, s.m.ID, payee, hand, s.p.ID)
	}
	sum, err := minor("amount", said["amount"])
	if said["bank_reference"] == "" {
		err = fault.All(err, fault.Invalid("bank_reference", "required"))
	}
	if err != nil {
		return err
	}
	if said["deed"] == "give" {
		return cash.Give(ctx, d.DB, s.m.ID, payee, s.p.ID, sum, said["bank_reference"])
	}
	return cash.Bank(ctx, d.DB, s.m.ID, payee, s.p.ID, sum, said["bank_reference"])
}

// ownAccount refuses to choose for somebody who signs in and chooses themselves.
func (d *desk) ownAccount(c *fiber.Ctx, s seat, payee id.ID) error {
	return d.view(c, s, func(tx *storage.Tx) error {
		p, err := payable.FindPayee(tx, payee)
		if err == nil && p.PersonID != id.None {
			err = fault.Forbidden("forbidden")
		}
		return err
	})
}

func (d *desk) callBack(c *fiber.Ctx, s seat, said map[string]string) error {
	name, err := row(said["payout"])
	if err != nil {
		return err
	}
	if said["why"] == "" {
		return fault.Invalid("why", "required")
	}
	return d.Payouts.CallBack(c.UserContext(), s.m.ID, name, s.p.ID, short(said["why"], 200))
}

// receiverCode draws a receiver's code, for them or for whoever tells it to them.
func (w *Web) receiverCode(c *fiber.Ctx, market int32, name id.ID, by people.Person) (*page.CashCode, error) {
	code, err := w.Payouts.Code(c.UserContext(), market, name, by)
	if err != nil {
		return nil, on(err, map[string]string{"code": ""})
	}
	var h payout.Handed
	err = w.DB.View(c.UserContext(), market, func(tx *storage.Tx) (err error) { h, err = payout.FindHanded(tx, name); return })
	return &page.CashCode{Name: h.Payee, Hand: h.Hand, Code: code[:3] + " " + code[3:], Minor: h.Amount, Until: h.Until}, err
}
