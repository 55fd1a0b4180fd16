package order

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// Ask is what a buyer confirms.
type Ask struct {
	Market    int32
	Kind      string
	Buyer     people.Person
	PlacedBy  people.Person // the buyer, or an agent for a client
	Items     []Item
	Seen      int64 // the total the buyer saw, in minor units; −1 does not compare
	Way       string
	Agent     attribution.Ask
	DeliverTo *Address
}

// Address is where goods go; sealed at rest.
type Address struct {
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Region string `json:"region"`
	Street string `json:"street"`
}

// Basket is what was placed.
type Basket struct {
	Market    int32     `json:"market"`
	ID        id.ID     `json:"id"`
	Payment   id.ID     `json:"payment"`
	Way       string    `json:"way"`
	Currency  string    `json:"currency"`
	Total     int64     `json:"total_minor"`
	Orders    []id.ID   `json:"orders"`
	ExpiresAt time.Time `json:"expires_at"`
}

// most items and the largest quantity that one basket may hold.
const mostItems = 50

// Place turns what a buyer wants into orders that wait for their money: prices
// are recomputed and held against the total the buyer saw, stock is promised,
// agent, fee, tax and commission are frozen on the lines. The same key and
// content gives the same basket. Refusals: price_changed with the new total,
// sold_out, below_minimum, listing_not_live, agent_unknown.
func (p *Pipeline) Place(ctx context.Context, key once.Key, a Ask) (Basket, error) {
	kind, ok := p.kinds[a.Kind]
	if !ok {
		return Basket{}, fault.Invalid("kind", "unknown_kind")
	}
	if _, err := p.desk.Gateway(a.Way); err != nil {
		return Basket{}, err
	}
	if len(a.Items) == 0 {
		return Basket{}, fault.Invalid("items", "required")
	}
	if len(a.Items) > mostItems {
		return Basket{}, fault.Invalid("items", "too_many_items", fault.Args{"most": mostItems})
	}
	market, err := p.books.Market(ctx, a.Market)
	if err != nil {
		return Basket{}, err
	}
	zone, err := time.LoadLocation(market.TimeZone) // a number carries the day of its market
	if err != nil {
		return Basket{}, err
	}
	b := Basket{Market: a.Market, ID: id.New(), Payment: id.New(), Way: a.Way, Currency: market.Currency}
	sealed, err := p.sealAddress(a, b)
	if err != nil {
		return Basket{}, err
	}
	return once.Do(ctx, p.db, a.Market, key, func(tx *storage.Tx) (Basket, error) {
		return p.place(tx, kind, a, b, market.Code, zone, sealed)
	})
}

func (p *Pipeline) sealAddress(a Ask, b Basket) ([]byte, error) {
	if a.DeliverTo == nil {
		return nil, nil
	}
	plain, err := json.Marshal(a.DeliverTo)
	if err != nil {
		return nil, err
	}
	return p.box.Seal(plain, "basket:"+b.ID.String())
}

func (p *Pipeline) place(tx *storage.Tx, kind Kind, a Ask, b Basket, code string, zone *time.Location, sealed []byte) (Basket, error) {
	priced, err := kind.Price(tx, a.Items)
	if err != nil {
		return b, err
	}
	given, dues, err := p.attribute(tx, a, priced)
	if err != nil {
		return b, err
	}
	orders, err := p.cut(a, b, code, priced, given, dues, tx.Now.In(zone))
	if err != nil {
		return b, err
	}
	for _, o := range orders {
		b.Total += o.Total
		b.Orders = append(b.Orders, o.ID)
	}
	if a.Seen >= 0 && a.Seen != b.Total {
		return b, fault.Conflict("price_changed", fault.Args{"old": a.Seen, "new": b.Total, "currency": b.Currency})
	}
	wait := 15 * time.Minute
	if kind.Expiry != nil {
		wait = kind.Expiry(a.Way)
	}
	b.ExpiresAt = tx.Now.Add(wait)
	// Stock last of the reads: its rows stay locked until the commit.
	if kind.Keep != nil {
		if err := kind.Keep(tx, orders, a.PlacedBy.ID); err != nil {
			return b, err
		}
	}
	payment.Expect(tx, payment.Payment{ID: b.Payment, Sale: b.ID, Gateway: a.Way, Reference: "CF" + id.Short(b.Payment), Currency: b.Currency, Due: b.Total, ExpiresAt: b.ExpiresAt})
	writeBasket(tx, a, b, sealed)
	writeOrders(tx, orders)
	for _, o := range orders {
		wrote(tx, o.ID, "", Placed, By{Person: a.PlacedBy}, "")
		p.told(tx, o, "", By{Person: a.PlacedBy}, "")
		if given.AgentID != id.None {
			nos := make([]int, len(o.Lines))
			for i, l := range o.Lines {
				nos[i] = l.No
			}
			attribution.Record(tx, o.ID, nos, given)
		}
		if given.Earns() {
			if err := commission.Estimate(tx, o.ID, given, dues[*o.Seller]); err != nil {
				return b, err
			}
		}
	}
	jobs.Add(tx, JobExpire, b.ID.String(), expireJob{Basket: b.ID}, b.ExpiresAt)
	jobs.Add(tx, JobSeen, a.Buyer.ID.String(), seenJob{Person: a.Buyer.ID})
	return b, nil
}

// attribute decides which agent the basket is owed to, and what each line earns.
// Line numbers count per seller, so dues are kept by seller.
func (p *Pipeline) attribute(tx *storage.Tx, a Ask, priced []Priced) (attribution.Given, map[id.ID][]commission.Due, error) {
	a.Agent.Buyer, a.Agent.Phone = a.Buyer.ID, a.Buyer.Phone
	if a.Agent.Phone == "" && a.DeliverTo != nil {
		a.Agent.Phone = a.DeliverTo.Phone // a guest has no other
	}
	if a.Agent.Code == "" && a.Agent.Link == "" && a.Agent.PlacedBy == "" {
		return attribution.Given{}, nil, nil
	}
	given, err := attribution.Decide(tx, a.Agent)
	if err != nil || !given.Earns() {
		return given, nil, err
	}
	rules, err := commission.Rules(tx, a.Kind)
	if err != nil {
		return given, nil, err
	}
	lines := map[id.ID][]commission.Line{}
	for _, l := range priced {
		of := lines[l.Seller]
		lines[l.Seller] = append(of, commission.Line{No: len(of) + 1, Category: l.Category, Base: l.Total - l.Tax})
	}
	dues := map[id.ID][]commission.Due{}
	for seller, of := range lines {
		dues[seller] = commission.Choose(rules, a.Kind, tx.Now, of)
	}
	return given, dues, nil
}

// cut makes one order per seller, in the order in which sellers first appear,
// and freezes every line's split: tax and fee from the kind, commission from
// the rules, the rest is the seller's.
func (p *Pipeline) cut(a Ask, b Basket, code string, priced []Priced, given attribution.Given, dues map[id.ID][]commission.Due, now time.Time) ([]Order, error) {
	var orders []Order
	at := map[id.ID]int{}
	for _, l := range priced {
		i, known := at[l.Seller]
		if !known {
			i = len(orders)
			at[l.Seller] = i
			o := Order{Market: b.Market, ID: id.New(), Basket: b.ID, Kind: a.Kind, State: Placed, Buyer: a.Buyer.ID,
				Currency: b.Currency, PlacedAt: now, Payment: b.Payment, Way: b.Way, Seller: &l.Seller}
			o.Number = fmt.Sprintf("%s-%s-%s", code, now.Format("20060102"), id.Short(o.ID))
			if l.SellerPayee != id.None {
				o.SellerPayee = &l.SellerPayee
			}
			if given.Earns() {
				o.Agent = &given.AgentID
			}
			orders = append(orders, o)
		}
		o := &orders[i]
		line := l.Line
		line.No, line.Orders = len(o.Lines)+1, o.ID
		for _, d := range dues[l.Seller] {
			if d.No == line.No {
				line.AgentShare, line.AgentPayee = d.Amount, &given.PayeeID
			}
		}
		line.SellerShare = line.Total - line.Tax - line.Fee - line.AgentShare
		if line.SellerShare < 0 {
			return nil, fault.Conflict("rates_exceed_price", fault.Args{"listing": line.Title, "listing_en": line.TitleEN})
		}
		var err error
		if o.Total, err = money.Sum(o.Total, line.Total); err != nil {
			return nil, fault.Invalid("items", "quantity_too_large")
		}
		o.Lines = append(o.Lines, line)
	}
	return orders, nil
}
