package order

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// Ask is what a buyer confirms: things of one market or of several, with one
// payment.
type Ask struct {
	Kind      string
	Buyer     people.Person
	PlacedBy  people.Person // the buyer, or an agent for a client
	Items     []Item
	Seen      int64 // the total the buyer saw, in minor units; −1 does not compare
	Way       string
	Agent     attribution.Ask
	DeliverTo *Address
	Later     bool    // a way to pay is saved now, and charged when Charge says so
	Collect   []id.ID // the sellers from whom the buyer comes for the goods
	Kept      bool    // it comes from the buyer's kept basket and is taken out of it
}

// wanted names the listings of an ask.
func (a Ask) wanted() []shelf.Ref {
	refs := make([]shelf.Ref, len(a.Items))
	for i, it := range a.Items {
		refs[i] = shelf.Ref{Market: it.Market, Listing: it.Listing}
	}
	return refs
}

// Address is where goods go; sealed at rest. Code is the division by which a
// delivery is reckoned: a province, or anything in it.
type Address struct {
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Region string `json:"region"`
	Street string `json:"street"`
	Note   string `json:"note,omitempty"` // a word to the seller
	Code   string `json:"code,omitempty"`
}

// Place is where that is, in one line.
func (a Address) Place() string { return strings.TrimSpace(a.Region + " " + a.Street) }

// Basket is what was placed in one market.
type Basket struct {
	Market int32   `json:"market"`
	ID     id.ID   `json:"id"`
	Total  int64   `json:"total_minor"`
	Orders []id.ID `json:"orders"`
}

// Checkout is one payment's baskets. Its name is the payment's, in the market
// where the payment is at home: the first by number.
type Checkout struct {
	Market    int32     `json:"market"`
	Payment   id.ID     `json:"payment"`
	Way       string    `json:"way"`
	Currency  string    `json:"currency"`
	Total     int64     `json:"total_minor"`
	ExpiresAt time.Time `json:"expires_at"`
	Baskets   []Basket  `json:"baskets"` // the home market's first
}

// Orders names all orders of a checkout.
func (c Checkout) Orders() []Ref {
	var all []Ref
	for _, b := range c.Baskets {
		for _, o := range b.Orders {
			all = append(all, Ref{b.Market, o})
		}
	}
	return all
}

// add sums the baskets up and gives the shares of those that are not at home.
func (c *Checkout) add() ([]payment.Share, error) {
	var shares []payment.Share
	c.Total = 0
	for _, b := range c.Baskets {
		var err error
		if c.Total, err = money.Sum(c.Total, b.Total); err != nil {
			return nil, fault.Invalid("items", "quantity_too_large")
		}
		if b.Market != c.Market {
			shares = append(shares, payment.Share{Market: b.Market, Sale: b.ID, Amount: b.Total})
		}
	}
	if c.Baskets[0].Market != c.Market {
		return nil, nil // one share by itself knows nothing of the others
	}
	return shares, nil
}

// Most items that one basket, and one checkout, may hold.
const (
	mostItems   = 50
	mostMarkets = 20
)

// Place turns what a buyer wants into orders that wait for their money: prices
// are recomputed and held against the total the buyer saw, stock is promised,
// agent, fee, tax and commission are frozen on the lines. The same key and
// content gives the same checkout. Over several markets either all of them place
// or none does. Refusals, each by its item and, over several, its market:
// price_changed with the new total, sold_out, below_minimum, listing_not_live,
// agent_unknown, several_currencies, and of what is paid on delivery those of mayCash.
// That is secured at once.
func (p *Pipeline) Place(ctx context.Context, key once.Key, a Ask) (Checkout, error) {
	kind, markets, err := p.ready(ctx, a)
	if err != nil {
		return Checkout{}, err
	}
	if kind.Covers != nil {
		a.Way = "" // what covers it says so
	} else if _, err := p.desk.Gateway(a.Way); err != nil {
		return Checkout{}, err
	}
	if err := p.mayPromise(kind, a, len(markets)); err != nil {
		return Checkout{}, err
	}
	if a.Way == payment.Cash && len(markets) > 1 {
		return Checkout{}, fault.Conflict("cash_one_market").On("way")
	}
	if a.Way == payment.Cash && a.Buyer.Phone == "" && (a.DeliverTo == nil || a.DeliverTo.Phone == "") {
		return Checkout{}, fault.Invalid("way", "cash_phone") // whoever brings it must be able to ask
	}
	for i := range markets {
		if err := p.seal(&markets[i], a.DeliverTo); err != nil {
			return Checkout{}, err
		}
	}
	if len(markets) > 1 {
		return p.gather(ctx, key, kind, a, markets)
	}
	c := begin(a, markets[0])
	return once.Try(ctx, p.db, c.Market, key, func(tx *storage.Tx) (Checkout, error) {
		return p.place(tx, kind, a, c, markets[0], nil)
	})
}

// begin is a checkout that is at home in a market.
func begin(a Ask, home placing) Checkout {
	return Checkout{Market: home.market.ID, Payment: id.New(), Way: a.Way, Currency: home.market.Currency}
}

// ready looks at an ask before any market is asked, and cuts it by market, the
// first by number first: whoever wants the same things asks the markets in the
// same order, so that of two who want the last of both one gets both.
func (p *Pipeline) ready(ctx context.Context, a Ask) (Kind, []placing, error) {
	kind, ok := p.kinds[a.Kind]
	if !ok {
		return kind, nil, fault.Invalid("kind", "unknown_kind")
	}
	if len(a.Items) == 0 {
		return kind, nil, fault.Invalid("items", "required")
	}
	var markets []placing
	at := map[int32]int{}
	for i, it := range a.Items {
		n, known := at[it.Market]
		if !known {
			m, err := p.books.Market(ctx, it.Market)
			if err != nil {
				return kind, nil, err
			}
			zone, err := region.Zone(m.TimeZone)
			if err != nil {
				return kind, nil, err
			}
			n = len(markets)
			at[it.Market] = n
			markets = append(markets, placing{market: m, zone: zone, basket: id.New()})
		}
		markets[n].items, markets[n].at = append(markets[n].items, it), append(markets[n].at, i)
	}
	most := mostMarkets
	if kind.Covers != nil {
		most = 1 // what covers it is in one market's book
	}
	if len(markets) > most {
		return kind, nil, fault.Invalid("items", "too_many_markets", fault.Args{"most": most})
	}
	for _, m := range markets {
		if len(m.items) > mostItems {
			return kind, nil, fault.Invalid("items", "too_many_items", fault.Args{"most": mostItems})
		}
		if first := markets[0].market; m.market.Currency != first.Currency {
			return kind, nil, fault.Invalid("items", "several_currencies", fault.Args{"one": first.Currency, "other": m.market.Currency})
		}
	}
	slices.SortFunc(markets, func(a, b placing) int { return cmp.Compare(a.market.ID, b.market.ID) })
	return kind, markets, nil
}

func (p *Pipeline) seal(m *placing, to *Address) error {
	if to == nil {
		return nil
	}
	plain, err := json.Marshal(to)
	if err != nil {
		return err
	}
	m.sealed, err = p.box.Seal(plain, "basket:"+m.basket.String())
	return err
}

// named lets the refusals of one market name it, and their items as the ask does.
func (m placing) named(err error) error {
	all := each(err)
	for i, e := range all {
		f, ok := fault.As(e)
		if !ok {
			return err
		}
		g := *f
		g.Args = fault.Args{"market": m.market.Code}
		maps.Copy(g.Args, f.Args)
		for n, it := range m.items {
			if g.Field == fmt.Sprintf("items.%d", n) || g.Field == "" && g.Args["id"] == it.Listing.String() {
				g.Field = fmt.Sprintf("items.%d", m.at[n])
				break
			}
		}
		all[i] = &g
	}
	return fault.All(all...)
}

// each takes the refusals of one input apart.
func each(err error) []error {
	f, ok := fault.As(err)
	if !ok || len(f.More) == 0 {
		return []error{err}
	}
	first := *f
	first.More = nil
	return append([]error{&first}, f.More...)
}
