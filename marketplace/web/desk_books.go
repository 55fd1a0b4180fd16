package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/ledger"
)

// believed is how long the desk shows an audit before it runs another: it reads
// the whole market. The books' own page always runs one.
const believed = 10 * time.Minute

// alarmWays are the pages on which something can be done about what an alarm says,
// by how its name begins.
var alarmWays = map[string]string{
	"cash": cashWay, "payout": part.PayoutsWay, "payment": part.RefundsWay, "recon": gatewaySideWay, "bank": bankSideWay,
	"job gave up": part.JobsWay, "jobs are late": part.JobsWay, "papers not issued for an hour": part.JobsWay, "webhooks were given up": hooksWay,
	"own money below zero": treasuryWay, "reconciliation difference": gatewaySideWay, "a deal between two markets has one side only": betweenWay, "a sum between two markets is not settled for a month": betweenWay,
}

func alarmWay(s seat, name string) string {
	room, _, _ := strings.Cut(name, ":")
	if way := alarmWays[room]; way != "" {
		return s.way(way)
	}
	return ""
}

// audited gives the last audit of the market that ran here, or runs one.
func (d *desk) audited(c *fiber.Ctx, s seat, again bool) (page.Audit, error) {
	now := d.DB.Now()
	if last, ok := d.audits.Load(s.m.ID); ok && !again {
		if a, ok := last.(page.Audit); ok && now.Sub(a.At) < believed {
			return a, nil
		}
	}
	report, err := d.Audit(c.UserContext(), s.m.ID)
	if err != nil {
		return page.Audit{}, err
	}
	a := page.Audit{At: now, OK: report.OK}
	for _, r := range report.Checks {
		check := page.AuditCheck{Name: r.Name, OK: r.OK, Checked: r.Checked}
		for _, v := range r.Violations {
			check.Violations = append(check.Violations, v.Found)
		}
		a.Checks = append(a.Checks, check)
	}
	for _, h := range report.Alarms {
		if n := len(a.Alarms); n == 0 || a.Alarms[n-1].Name != h.Name { // those of one name stand together
			a.Alarms = append(a.Alarms, page.AuditAlarm{Name: h.Name, Href: alarmWay(s, h.Name)})
		}
		last := &a.Alarms[len(a.Alarms)-1]
		last.Found = append(last.Found, h.Found)
	}
	d.audits.Store(s.m.ID, a)
	return a, nil
}

// books checks the books now and shows the trial balance.
func (d *desk) books(c *fiber.Ctx, s seat) error {
	audited, err := d.audited(c, s, true)
	if err != nil {
		return err
	}
	var rows []ledger.Row
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { rows, err = ledger.Trial(tx); return }); err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Books{Frame: f, Audit: audited, Currency: s.m.Currency, Market: s.number(), MoneyWay: moneyWay, MonthsWay: s.way(monthsWay), SalesWay: s.way(salesWay)}
		for _, r := range rows {
			v.Accounts = append(v.Accounts, page.Balance{Name: d.accountSaid(c.UserContext(), f.Reader, r.Account, spoken{}), Href: s.way(accountWay, "name", r.Account), Debit: max(r.Balance, 0), Credit: max(-r.Balance, 0)})
		}
		return v.View()
	})
}
