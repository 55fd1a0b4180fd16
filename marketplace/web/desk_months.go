package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Where months are closed, and where the accountant gets them.
const (
	monthsWay  = part.BooksWay + "/months"
	journalWay = part.BooksWay + "/journal"
)

func (d *desk) months(c *fiber.Ctx, s seat) error {
	return d.showMonths(c, s, fiber.StatusOK, "", part.Form{})
}

// showMonths lists the months since the market's first entry; form is what was
// refused of one.
func (d *desk) showMonths(c *fiber.Ctx, s seat, status int, of string, form part.Form) error {
	known := map[string]ledger.Period{}
	var all []ledger.Month
	var names map[id.ID]string
	err := d.view(c, s, func(tx *storage.Tx) error {
		periods, err := ledger.Periods(tx)
		if err != nil {
			return err
		}
		var who []id.ID
		for _, p := range periods {
			known[p.Month] = p
			who = append(who, p.AskedBy)
			if p.AgreedBy != nil {
				who = append(who, *p.AgreedBy)
			}
		}
		if names, err = people.Names(tx, who...); err != nil {
			return err
		}
		first, begun, err := ledger.Since(tx)
		all = nil
		for at := ledger.MonthAt(tx.Now, s.m.Location()); begun && at.Until.After(first); at = ledger.MonthAt(at.From.AddDate(0, 0, -1), s.m.Location()) {
			all = append(all, at)
		}
		return err
	})
	if err != nil {
		return err
	}
	now := d.DB.Now()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Months{Frame: f, Books: s.way(part.BooksWay), Action: s.way(monthsWay), Currency: s.m.Currency}
		for _, at := range all {
			p := known[at.Name]
			row := page.MonthRow{Month: at.Name, First: at.From, State: p.State, Why: p.Why, By: names[p.AskedBy], At: p.AskedAt, Mine: p.AskedBy == s.p.ID, Entries: p.Entries, Sum: p.Sum,
				CSV: s.way(journalWay + "/" + at.Name + ".csv"), Book: s.way(journalWay + "/" + at.Name + ".xlsx"), Key: newKey()}
			if p.AgreedBy != nil && p.AgreedAt != nil {
				row.Agreed, row.AgreedAt = names[*p.AgreedBy], *p.AgreedAt
			}
			switch {
			case now.Before(at.Until.Add(ledger.Settled)):
				row.State = "runs"
			case row.State == "":
				row.State = ledger.MonthOpen
			}
			if at.Name == of {
				row.Form = form
			}
			row.Form.Action, row.Form.Key, row.Form.ID = v.Action, newKey(), "m"+at.Name+"-"
			v.Rows = append(v.Rows, row)
		}
		return v.View()
	})
}

// closeMonth asks, agrees or says no.
func (d *desk) closeMonth(c *fiber.Ctx, s seat) error {
	said := typed(c)
	at, err := ledger.ParseMonth(said["month"], s.m.Location())
	if err != nil {
		return err
	}
	do := map[string]func(ctx context.Context) error{
		"close": func(ctx context.Context) error { return ledger.CloseMonth(ctx, d.DB, s.m.ID, at, s.p.ID) },
		"agree": func(ctx context.Context) error { return ledger.AgreeMonth(ctx, d.DB, s.m.ID, at.Name, s.p.ID) },
		"keep":  func(ctx context.Context) error { return ledger.KeepMonth(ctx, d.DB, s.m.ID, at.Name, s.p.ID) },
		"reopen": func(ctx context.Context) error {
			return ledger.ReopenMonth(ctx, d.DB, s.m.ID, at.Name, s.p.ID, said["why"])
		},
	}[said["fate"]]
	if do == nil {
		return fault.Invalid("fate", "invalid").On("")
	}
	if err = do(c.UserContext()); err == nil {
		return d.done(c, s.way(monthsWay), "month_"+said["fate"])
	}
	if !refused(err) || fault.Has(err, "not_found") {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showMonths(c, s, status, at.Name, form)
}

// journal sends a month of the book.
func (d *desk) journal(c *fiber.Ctx, s seat) error {
	at := func(name string) (ledger.Month, error) { return ledger.ParseMonth(name, s.m.Location()) }
	return monthFile[ledger.Month]{of: "journal", deed: "ledger.journal", read: at, table: d.JournalCSV, book: d.JournalBook}.send(d, c, s)
}
