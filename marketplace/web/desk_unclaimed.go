package web

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/bank"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Where unclaimed money goes back.
const (
	byBankWay = "/desk/operator/refunds/transfer"
	againWay  = "/desk/operator/refunds/again"
	excessWay = "/desk/operator/refunds/excess"
	oddWay    = "/desk/operator/refunds/settled"
	bankWay   = "/desk/operator/refunds/evidence"
)

// unclaimed is money that belongs to a payer and waits here: refunds that
// failed, and what came beyond a payment's sum.
type unclaimed struct {
	failed []payment.Refund
	excess []payment.Payment
	over   map[id.ID]int64
	lines  []bank.Line // of the bank's statement, of nobody
	odd    []payment.Oddity
	banks  []payment.Chargeback
}

func readUnclaimed(tx *storage.Tx) (u unclaimed, err error) {
	if u.failed, err = payment.Unclaimed(tx); err != nil {
		return u, err
	}
	if u.excess, err = payment.Excess(tx); err != nil {
		return u, err
	}
	if u.lines, err = bank.Waits(tx, 200); err != nil {
		return u, err
	}
	if u.odd, err = payment.Oddities(tx); err != nil {
		return u, err
	}
	if u.banks, err = payment.Chargebacks(tx, 50); err != nil {
		return u, err
	}
	var accounts []string
	for _, p := range u.excess {
		accounts = append(accounts, ledger.Unclaimed(p.ID.String()))
	}
	have, err := ledger.Balance(tx, accounts...)
	u.over = map[id.ID]int64{}
	for _, p := range u.excess {
		u.over[p.ID] = have[ledger.Unclaimed(p.ID.String())]
	}
	return u, err
}

// below stands under the refunds: each with one button that asks once more;
// evidence is what was refused of a chargeback. Where it is played, the sandbox's
// bank decides by a button, and takes back the payment of play.
func (u unclaimed) below(f part.Frame, s seat, evidence part.Form, play *page.PlayBank, played bool) templ.Component {
	v := page.Unclaimed{Frame: f, Currency: s.m.Currency, Play: play}
	if play != nil {
		play.Form.Action, play.Form.Key = s.way(tryBankWay), newKey()
	}
	for _, r := range u.failed {
		v.Failed = append(v.Failed, page.UnclaimedRow{ID: r.ID.String(), Name: short(id.Short(r.ID), 8), Minor: r.Amount, At: r.ChangedAt, Why: why(f.Reader, r.Reason),
			Form:  part.Form{Action: s.way(againWay), Key: newKey(), ID: "again-" + r.ID.String()},
			Other: part.Form{Action: s.way(byBankWay), Key: newKey(), ID: "bank-" + r.ID.String()}})
	}
	for _, p := range u.excess {
		v.Excess = append(v.Excess, page.UnclaimedRow{ID: p.ID.String(), Name: p.Reference, Minor: u.over[p.ID], At: p.CreatedAt,
			Form: part.Form{Action: s.way(excessWay), Key: newKey(), ID: "excess-" + p.ID.String()}})
	}
	for _, l := range u.lines {
		v.Lines = append(v.Lines, page.UnclaimedRow{ID: l.ID.String(), Name: l.Reference, Minor: l.Amount, At: l.On, Why: strings.TrimSpace(l.Party + " " + l.Words), Href: s.way(bankSideWay + "#n" + l.ID.String())})
	}
	for _, o := range u.odd {
		v.Odd = append(v.Odd, page.UnclaimedRow{ID: o.Payment.String(), Name: o.Reference, Minor: o.Seen, At: o.SeenAt, Why: f.Reader.T("contest.odd_why", "asked", f.Reader.Money(o.Asked, o.AskedIn), "seen", f.Reader.Money(o.Seen, o.SeenIn)),
			Form: part.Form{Action: s.way(oddWay), Key: newKey(), ID: "odd-" + o.Payment.String()}})
	}
	for _, b := range u.banks {
		x := page.Contest{State: string(b.State), Evidence: b.Evidence, Sent: b.SentAt != nil, UnclaimedRow: page.UnclaimedRow{ID: b.ID.String(), Name: b.Reference, Minor: b.Amount, At: b.OpenedAt}}
		if evidence.Value("chargeback") == x.ID {
			x.Form = evidence
		}
		x.Form.Action, x.Form.Key, x.Form.ID = s.way(bankWay), newKey(), "bank-"+x.ID
		if played && b.Gateway == "sandbox" && b.State == payment.ChargebackOpen {
			x.Play = part.Form{Action: s.way(tryBankWay), Key: newKey()}
		}
		if b.DueAt != nil {
			x.Due = *b.DueAt
		}
		v.Banks = append(v.Banks, x)
	}
	return v.View()
}

// settleOdd says that somebody has dealt with what was not asked.
func (d *desk) settleOdd(c *fiber.Ctx, s seat) error {
	name, err := row(c.FormValue("payment"))
	if err != nil {
		return err
	}
	return d.oncePressed(c, s, "chargebacks", "written_down", func() error {
		return d.Desk.Settle(c.UserContext(), s.m.ID, name, s.p.ID)
	})
}

// contest sends the bank what speaks against a chargeback.
func (d *desk) contest(c *fiber.Ctx, s seat) error {
	name, err := row(c.FormValue("chargeback"))
	if err != nil {
		return err
	}
	return d.oncePressed(c, s, "chargebacks", "written_down", func() error {
		return d.Desk.Contest(c.UserContext(), s.m.ID, name, s.p.ID, c.FormValue("evidence"))
	})
}

// refundAgain sends a refund once more that failed.
func (d *desk) refundAgain(c *fiber.Ctx, s seat) error {
	name, err := row(c.FormValue("refund"))
	if err != nil {
		return err
	}
	return d.oncePressed(c, s, "unclaimed", "sent_back", func() error {
		_, err := d.Desk.Repeat(c.UserContext(), s.m.ID, name, s.p.ID)
		return err
	})
}

// refundByBank has a refund that failed sent by bank transfer.
func (d *desk) refundByBank(c *fiber.Ctx, s seat) error {
	name, err := row(c.FormValue("refund"))
	if err != nil {
		return err
	}
	return d.oncePressed(c, s, "to-send", "by_bank", func() error {
		_, err := d.Desk.Transfer(c.UserContext(), s.m.ID, name, s.p.ID)
		return err
	})
}

// giveExcess returns what came beyond a payment's sum.
func (d *desk) giveExcess(c *fiber.Ctx, s seat) error {
	name, err := row(c.FormValue("payment"))
	if err != nil {
		return err
	}
	return d.oncePressed(c, s, "unclaimed", "sent_back", func() error {
		_, err := d.Desk.GiveBack(c.UserContext(), s.m.ID, name, s.p.ID, "excess")
		return err
	})
}

// oncePressed does what a button of the refunds' page says, and shows the part of the
// page that it is of.
func (d *desk) oncePressed(c *fiber.Ctx, s seat, at, said string, do func() error) error {
	err := d.once(c.UserContext(), s, d.key(c, s), do)
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(part.RefundsWay)+"#"+at, said)
	}
	if !refused(err) {
		return err
	}
	if fault.Has(err, "conflict") {
		err = fault.Conflict("refund_not_waiting")
	}
	form, status := d.refuse(c, s, err)
	return d.showRefunds(c, s, status, "", part.Form{}, form)
}
