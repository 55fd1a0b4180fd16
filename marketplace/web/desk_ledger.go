package web

import (
	"bytes"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

const (
	accountWay = part.BooksWay + "/account"
	extractWay = accountWay + "/file"
	entryWay   = part.BooksWay + "/entries"
	moneyWay   = part.BooksWay + "/order"
	shownLegs  = 50
)

// ledgerAccount shows one account with its postings, or, of a name that single
// accounts were added up under, those that hold something.
func (d *desk) ledgerAccount(c *fiber.Ctx, s seat) error {
	name, behind := c.Query("name"), c.Query("after")
	if name == "" {
		return c.Redirect(s.way(part.BooksWay), fiber.StatusSeeOther)
	}
	if _, known := ledger.Class(name); !known && !ledger.Divided(name) {
		return fault.NotFound("not_found")
	}
	if ledger.Divided(name) {
		return d.divided(c, s, name, behind)
	}
	at, err := ledger.ParsePlace(behind)
	if err != nil {
		return err
	}
	asked := part.Form{Values: map[string]string{"from": c.Query("from"), "to": c.Query("to")}}
	days, err := door.SpanOf(asked.Value("from"), asked.Value("to"), s.m.Location())
	status := fiber.StatusOK
	if err != nil { // what was typed stays, and all of it is shown
		asked, status, at = asked.Refused(d.reader(c, s), err, asked.Values), door.Status(err), ledger.Place{}
	}
	var x ledger.Extract
	var said spoken
	err = d.DB.Snapshot(c.UserContext(), s.m.ID, func(tx *storage.Tx) error {
		if x, err = ledger.ExtractOf(tx, name, days, at, shownLegs+1); err != nil {
			return err
		}
		said, err = speak(tx, append(posted(x.Steps), ledger.Posting{Debit: name})...)
		return err
	})
	if err == nil {
		err = d.speakOrders(c.UserContext(), s, &said)
	}
	if err != nil {
		return err
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.LedgerAccount{Frame: f, Books: s.way(part.BooksWay), Name: d.accountSaid(c.UserContext(), f.Reader, name, said), Balance: x.Closing, Currency: s.m.Currency,
			Ask: asked, Market: s.number(), Account: name, Opening: x.Opening, Debit: x.Debit, Credit: x.Credit, Spanned: days != ledger.Span{}}
		v.CSV, v.All = s.way(extractWay, "name", name, "from", asked.Value("from"), "to", asked.Value("to")), s.way(accountWay, "name", name)
		if asked.Bad() {
			v.CSV = ""
		}
		if len(x.Steps) > shownLegs {
			x.Steps = x.Steps[:shownLegs]
			last := x.Steps[shownLegs-1]
			v.Next = s.way(accountWay, "name", name, "from", asked.Value("from"), "to", asked.Value("to"), "after", ledger.Place{Entry: last.Entry, Line: last.No}.String())
		}
		for _, l := range x.Steps {
			leg := d.leg(c.UserContext(), f.Reader, s, l.Posting, name, said)
			leg.After = l.Balance
			v.Legs = append(v.Legs, leg)
		}
		return v.View()
	})
}

// extract sends an account over some days as a file. That it was taken stands in
// the trail.
func (d *desk) extract(c *fiber.Ctx, s seat) error {
	name := c.Query("name")
	if name == "" {
		return c.Redirect(s.way(part.BooksWay), fiber.StatusSeeOther)
	}
	if _, known := ledger.Class(name); !known {
		return fault.NotFound("not_found")
	}
	days, err := door.SpanOf(c.Query("from"), c.Query("to"), s.m.Location())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := d.ExtractCSV(c.UserContext(), &b, d.reader(c, s), s.m, name, days); err != nil {
		return err
	}
	err = d.DB.Update(c.UserContext(), s.m.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		trail.Write(tx, s.p.ID, "ledger.extract", "account:"+name, "")
		return nil
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+s.m.Code+`-account.csv"`)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(b.Bytes())
}

func (d *desk) divided(c *fiber.Ctx, s seat, name, behind string) error {
	if behind != "" && !strings.HasPrefix(behind, name+":") || strings.ContainsRune(behind, 0) {
		return fault.Invalid("after", "cursor_bad")
	}
	var held []ledger.Held
	var names map[string]string
	err := d.view(c, s, func(tx *storage.Tx) (err error) {
		if held, err = ledger.Accounts(tx, name, behind, shownLegs+1); err != nil {
			return err
		}
		var accounts []string
		for _, h := range held {
			accounts = append(accounts, h.Account)
		}
		names, err = door.Holders(tx, accounts...)
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.LedgerAccount{Frame: f, Books: s.way(part.BooksWay), Name: d.accountSaid(c.UserContext(), f.Reader, name, spoken{}), Divided: true, Currency: s.m.Currency}
		if len(held) > shownLegs {
			held = held[:shownLegs]
			v.Next = s.way(accountWay, "name", name, "after", held[shownLegs-1].Account)
		}
		for _, h := range held {
			v.Held = append(v.Held, page.HeldRow{Name: h.Account, Whose: names[h.Account], Href: s.way(accountWay, "name", h.Account), Minor: h.Balance})
		}
		return v.View()
	})
}

// ledgerEntry shows one entry with its postings, and the orders that they name.
func (d *desk) ledgerEntry(c *fiber.Ctx, s seat) error {
	name, err := row(c.Params("entry"))
	if err != nil {
		return err
	}
	var legs []ledger.Posting
	var who map[id.ID]string
	var said spoken
	err = d.view(c, s, func(tx *storage.Tx) error {
		if legs, err = ledger.OfEntry(tx, name); err != nil || len(legs) == 0 {
			return err
		}
		if said, err = speak(tx, legs...); err != nil {
			return err
		}
		who, err = people.Names(tx, legs[0].By)
		return err
	})
	if err == nil && len(legs) == 0 {
		err = fault.NotFound("not_found")
	}
	if err != nil {
		return err
	}
	if err := d.speakOrders(c.UserContext(), s, &said); err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		first := legs[0]
		v := page.LedgerEntry{Frame: f, Books: s.way(part.BooksWay), ID: name.String(), At: first.At, Cause: first.Cause, Note: first.Note, By: who[first.By], Currency: s.m.Currency}
		switch {
		case first.By == people.System.ID:
			v.By = f.T("trail.system")
		case v.By == "":
			v.By = f.T("trail.nobody")
		}
		if first.Reverses != nil {
			v.Reverses = s.way(entryWay + "/" + first.Reverses.String())
		}
		for _, l := range legs {
			v.Legs = append(v.Legs, d.leg(c.UserContext(), f.Reader, s, l, "", said))
		}
		for _, i := range said.named {
			if o, there := said.orders[i]; there {
				v.Orders = append(v.Orders, page.LedgerOrder{Number: o.Number, Href: part.OrderWay(s.number(), i.String()), MoneyHref: s.way(moneyWay, "number", o.Number)})
			}
		}
		return v.View()
	})
}

// money tells the whole story of an order's money, entry by entry.
func (d *desk) money(c *fiber.Ctx, s seat) error {
	number := strings.ToUpper(strings.TrimSpace(short(c.Query("number"), 60)))
	v := page.LedgerStory{Books: s.way(part.BooksWay), Market: s.number(), Number: number, Currency: s.m.Currency}
	var legs []ledger.Posting
	var said spoken
	if number != "" {
		found, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Number: number, N: 1})
		if err != nil {
			return err
		}
		if v.Missing = len(found) == 0; !v.Missing {
			o := found[0]
			v.Href, v.State, v.Total = part.OrderWay(s.number(), o.ID.String()), string(o.State), o.Total
			err := d.DB.Snapshot(c.UserContext(), s.m.ID, func(tx *storage.Tx) (err error) {
				if legs, err = order.Money(tx, o); err != nil {
					return err
				}
				said, err = speak(tx, legs...)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame = f
		for i, l := range legs {
			if i == 0 || legs[i-1].Entry != l.Entry {
				v.Entries = append(v.Entries, page.LedgerEntry{At: l.At, Cause: l.Cause, Note: l.Note, Self: s.way(entryWay + "/" + l.Entry.String())})
			}
			e := &v.Entries[len(v.Entries)-1]
			e.Legs = append(e.Legs, d.leg(c.UserContext(), f.Reader, s, l, "", said))
		}
		return v.View()
	})
}
