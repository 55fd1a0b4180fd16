package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// How a market pays out, and the accounts that money goes to.
const (
	payoutRulesWay   = part.PayoutsWay + "/rules"
	payeeAccountsWay = part.PayoutsWay + "/accounts"
)

func (d *desk) payoutRules(c *fiber.Ctx, s seat) error {
	return d.showPayoutRules(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showPayoutRules(c *fiber.Ctx, s seat, status int, form part.Form) error {
	var rules payout.Rules
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { rules, err = payout.RulesOf(tx); return }); err != nil {
		return err
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		if form.Values == nil {
			form.Values = map[string]string{"layout": rules.Layout, "minimum": f.Reader.Typed(rules.Minimum, s.m.Currency), "large": f.Reader.Typed(rules.Large, s.m.Currency),
				"every_days": f.Reader.Count(int64(rules.EveryDays))}
			if rules.ByItself {
				form.Values["by_itself"] = "yes"
			}
		}
		form.Action, form.Key = s.way(payoutRulesWay), newKey()
		return page.PayoutRules{Frame: f, Back: s.way(part.PayoutsWay), Form: form, Layouts: payout.Layouts, NoBank: !s.m.Named(), Market: s.way(editMarketWay) + "#account", Currency: s.m.Currency}.View()
	})
}

func (d *desk) setPayoutRules(c *fiber.Ctx, s seat) error {
	said := typed(c)
	minimum, wrong := int64(0), error(nil)
	if !nothing(said["minimum"]) {
		minimum, wrong = minor("minimum", said["minimum"])
	}
	large, err := minor("large", said["large"])
	days, bad := whole("every_days", said["every_days"])
	err = fault.All(wrong, err, bad)
	if err == nil {
		err = d.Payouts.SetRules(c.UserContext(), s.m.ID, s.p.ID, payout.Rules{Layout: said["layout"], Minimum: minimum, Large: large, EveryDays: days, ByItself: said["by_itself"] == "yes"})
	}
	if err == nil {
		return d.done(c, s.way(part.PayoutsWay), "payout_rules")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showPayoutRules(c, s, status, form)
}

func (d *desk) payeeAccounts(c *fiber.Ctx, s seat) error {
	return d.showPayeeAccounts(c, s, fiber.StatusOK, "", part.Form{})
}

// showPayeeAccounts lists them; form is what was refused of one.
func (d *desk) showPayeeAccounts(c *fiber.Ctx, s seat, status int, of string, form part.Form) error {
	older, err := after(c)
	if err != nil {
		return err
	}
	var wait, all []payable.Kept
	mine := map[id.ID]bool{}
	err = d.view(c, s, func(tx *storage.Tx) error {
		if wait, err = payable.ToCheck(tx); err != nil {
			return err
		}
		all, err = payable.Accounts(tx, older, pageOf)
		return err
	})
	if err != nil {
		return err
	}
	own, err := payable.PayeesOf(c.UserContext(), d.DB, s.p.ID)
	if err != nil {
		return err
	}
	for _, p := range own {
		mine[p.ID] = p.Market == s.m.ID
	}
	now := d.DB.Now()
	row := func(k payable.Kept) page.PayeeAccount {
		a := page.PayeeAccount{ID: k.ID.String(), Name: k.Name, Kind: k.Kind, Holder: k.Holder, Bank: k.Bank, Tail: k.Tail, Hand: k.Hand, State: k.State, Why: k.Why, SetAt: k.SetAt, Usable: k.UsableAt, Mine: mine[k.Payee]}
		if k.State == payable.Active && now.Before(k.UsableAt) {
			a.State = "cooling"
		}
		a.Restrict.ID = "r" + a.ID + "-"
		if a.ID == of {
			a.Restrict = form
			a.Restrict.ID = "r" + a.ID + "-"
		}
		for _, f := range []*part.Form{&a.Check, &a.Free, &a.Restrict} {
			f.Action, f.Key = s.way(payeeAccountsWay), newKey()
		}
		return a
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.PayeeAccounts{Frame: f, Back: s.way(part.PayoutsWay), Action: s.way(payeeAccountsWay)}
		for _, k := range wait {
			v.ToCheck = append(v.ToCheck, row(k))
		}
		for _, k := range all {
			if k.State == payable.Active {
				v.All = append(v.All, row(k))
			}
		}
		if len(all) == pageOf {
			v.Next = s.way(payeeAccountsWay, "after", all[pageOf-1].ID.String())
		}
		return v.View()
	})
}

// standAccount checks, restricts or frees an account.
func (d *desk) standAccount(c *fiber.Ctx, s seat) error {
	said := typed(c)
	account, err := row(said["bank"])
	if err != nil {
		return err
	}
	do := map[string]func(ctx context.Context) error{
		"check": func(ctx context.Context) error { return payable.CheckAccount(ctx, d.DB, s.m.ID, account, s.p.ID) },
		"free":  func(ctx context.Context) error { return payable.FreeAccount(ctx, d.DB, s.m.ID, account, s.p.ID) },
		"restrict": func(ctx context.Context) error {
			return payable.RestrictAccount(ctx, d.DB, s.m.ID, account, s.p.ID, said["why"])
		},
	}[said["fate"]]
	if do == nil {
		return fault.Invalid("fate", "invalid").On("")
	}
	if err = do(c.UserContext()); err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(payeeAccountsWay), "account_"+said["fate"])
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showPayeeAccounts(c, s, status, account.String(), form)
}
