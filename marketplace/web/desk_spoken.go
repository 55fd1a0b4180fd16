package web

import (
	"context"
	"regexp"
	"strings"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// spoken is what the ids in postings stand for: the payees whose accounts they
// are, and the orders that causes and accounts name.
type spoken struct {
	holders map[string]string
	named   []id.ID // each once
	orders  map[id.ID]order.Order
}

// speak finds whose the accounts are, and which ids may be orders.
func speak(tx *storage.Tx, legs ...ledger.Posting) (said spoken, err error) {
	seen := map[id.ID]bool{}
	for _, l := range legs {
		for _, text := range inName.FindAllString(l.Cause+" "+l.Debit+" "+l.Credit, -1) {
			if i, ok := id.Parse(text); ok && !seen[i] {
				seen[i] = true
				said.named = append(said.named, i)
			}
		}
	}
	said.holders, err = door.Holders(tx, door.Sides(legs...)...)
	return said, err
}

// speakOrders finds the orders among what was named.
func (d *desk) speakOrders(ctx context.Context, s seat, said *spoken) (err error) {
	said.orders, err = d.Orders.Some(ctx, s.m.ID, said.named)
	return err
}

func posted(lines []ledger.Running) []ledger.Posting {
	legs := make([]ledger.Posting, len(lines))
	for i, l := range lines {
		legs[i] = l.Posting
	}
	return legs
}

// leg is a posting as the account named sees it; without one, as it stands.
func (d *desk) leg(ctx context.Context, r tongue.Reader, s seat, l ledger.Posting, account string, said spoken) page.Leg {
	out := page.Leg{At: l.At, Cause: l.Cause, Href: s.way(entryWay + "/" + l.Entry.String()), Minor: l.Amount,
		Debit: d.accountSaid(ctx, r, l.Debit, said), DebitHref: s.way(accountWay, "name", l.Debit), Credit: d.accountSaid(ctx, r, l.Credit, said), CreditHref: s.way(accountWay, "name", l.Credit)}
	for _, text := range inName.FindAllString(l.Cause+" "+l.Debit+" "+l.Credit, -1) {
		i, _ := id.Parse(text)
		if o, there := said.orders[i]; there {
			out.Order, out.OrderHref = o.Number, s.way(moneyWay, "number", o.Number)
			break
		}
	}
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

// accountSaid says an account in words: what it is, with whom or whose, and its name in
// the books behind.
func (d *desk) accountSaid(ctx context.Context, r tongue.Reader, account string, said spoken) string {
	var words []string
	if name := r.Account(account); name != account {
		words = append(words, name)
	}
	if other, is := otherMarket(account); is {
		words = append(words, d.marketName(ctx, r, other))
	}
	if whose := said.holders[account]; whose != "" {
		words = append(words, whose)
	}
	return strings.Join(append(words, account), " · ")
}
