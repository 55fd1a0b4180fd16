package web

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

const (
	accountWay = part.BooksWay + "/account"
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
	at, err := legPlace(behind)
	if err != nil {
		return err
	}
	var have map[string]int64
	var legs []ledger.Posting
	err = d.view(c, s, func(tx *storage.Tx) error {
		if have, err = ledger.Balance(tx, name); err != nil {
			return err
		}
		legs, err = ledger.Walk(tx, name, at, shownLegs+1)
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.LedgerAccount{Frame: f, Books: s.way(part.BooksWay), Name: d.accountSaid(c.UserContext(), f.Reader, name), Balance: have[name], Currency: s.m.Currency}
		if len(legs) > shownLegs {
			legs = legs[:shownLegs]
			last := legs[shownLegs-1]
			v.Next = s.way(accountWay, "name", name, "after", last.Entry.String()+"."+strconv.Itoa(last.No))
		}
		for _, l := range legs {
			v.Legs = append(v.Legs, d.leg(c.UserContext(), f.Reader, s, l, name))
		}
		return v.View()
	})
}

func (d *desk) divided(c *fiber.Ctx, s seat, name, behind string) error {
	if behind != "" && !strings.HasPrefix(behind, name+":") || strings.ContainsRune(behind, 0) {
		return fault.Invalid("after", "cursor_bad")
	}
	var held []ledger.Held
	err := d.view(c, s, func(tx *storage.Tx) (err error) { held, err = ledger.Accounts(tx, name, behind, shownLegs+1); return })
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.LedgerAccount{Frame: f, Books: s.way(part.BooksWay), Name: d.accountSaid(c.UserContext(), f.Reader, name), Divided: true, Currency: s.m.Currency}
		if len(held) > shownLegs {
			held = held[:shownLegs]
			v.Next = s.way(accountWay, "name", name, "after", held[shownLegs-1].Account)
		}
		for _, h := range held {
			v.Held = append(v.Held, page.HeldRow{Name: h.Account, Href: s.way(accountWay, "name", h.Account), Minor: h.Balance})
		}
		return v.View()
	})
}

// legPlace reads a place of the page before: an entry's id and a line.
func legPlace(text string) (ledger.Place, error) {
	if text == "" {
		return ledger.Place{}, nil
	}
	name, no, _ := strings.Cut(text, ".")
	entry, ok := id.Parse(name)
	line, err := strconv.ParseUint(no, 10, 31)
	if !ok || err != nil {
		return ledger.Place{}, fault.Invalid("after", "cursor_bad")
	}
	return ledger.Place{Entry: entry, Line: int(line)}, nil
}

// leg is a posting as the account named sees it; without one, as it stands.
func (d *desk) leg(ctx context.Context, r tongue.Reader, s seat, l ledger.Posting, account string) page.Leg {
	out := page.Leg{At: l.At, Cause: l.Cause, Href: s.way(entryWay + "/" + l.Entry.String()), Minor: l.Amount,
		Debit: d.accountSaid(ctx, r, l.Debit), DebitHref: s.way(accountWay, "name", l.Debit), Credit: d.accountSaid(ctx, r, l.Credit), CreditHref: s.way(accountWay, "name", l.Credit)}
	switch account {
	case "":
	case l.Debit:
		out.Side, out.Other, out.OtherHref = "debit", out.Credit, out.CreditHref
	default:
		out.Side, out.Other, out.OtherHref = "credit", out.Debit, out.DebitHref
	}
	return out
}

var inName = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// accountSaid says an account in words: of one of an order's or a payee's, what
// it is and the whole name behind.
func (d *desk) accountSaid(ctx context.Context, r tongue.Reader, account string) string {
	at := inName.FindStringIndex(account)
	if at == nil {
		return d.accountName(ctx, r, account)
	}
	class := strings.TrimSuffix(account[:at[0]], ":")
	if key := "account_name." + strings.ReplaceAll(class, ":", "_"); tongue.Has(key) {
		return r.T(key) + " · " + account
	}
	return account
}

// ledgerEntry shows one entry with its postings, and the orders that they name.
func (d *desk) ledgerEntry(c *fiber.Ctx, s seat) error {
	name, err := row(c.Params("entry"))
	if err != nil {
		return err
	}
	var legs []ledger.Posting
	var who map[id.ID]string
	err = d.view(c, s, func(tx *storage.Tx) error {
		if legs, err = ledger.OfEntry(tx, name); err != nil || len(legs) == 0 {
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
	var named []id.ID
	for _, l := range legs {
		for _, text := range inName.FindAllString(l.Cause+" "+l.Debit+" "+l.Credit, -1) {
			if i, ok := id.Parse(text); ok {
				named = append(named, i)
			}
		}
	}
	about, err := d.Orders.Some(c.UserContext(), s.m.ID, named)
	if err != nil {
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
			v.Legs = append(v.Legs, d.leg(c.UserContext(), f.Reader, s, l, ""))
		}
		seen := map[id.ID]bool{}
		for _, i := range named {
			if o, there := about[i]; there && !seen[i] {
				seen[i] = true
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
	if number != "" {
		found, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Number: number, N: 1})
		if err != nil {
			return err
		}
		if v.Missing = len(found) == 0; !v.Missing {
			o := found[0]
			v.Href, v.State, v.Total = part.OrderWay(s.number(), o.ID.String()), string(o.State), o.Total
			err := d.DB.Snapshot(c.UserContext(), s.m.ID, func(tx *storage.Tx) (err error) { legs, err = order.Money(tx, o); return })
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
			e.Legs = append(e.Legs, d.leg(c.UserContext(), f.Reader, s, l, ""))
		}
		return v.View()
	})
}
