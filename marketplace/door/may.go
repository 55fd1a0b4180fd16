package door

import (
	"context"
	"slices"
	"time"

	"commonfield/agents"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// The policy, in one place: what a person is to an order, a listing, a market.
// What somebody may not even see is not found, never forbidden.

// AsClerk is the party of a station's clerk, who works for sellers of their
// region: they accept, pack and ship, and neither decline nor give money back.
const AsClerk order.Party = "clerk"

// AsAgent is the party of the agent who earns on an order: it looks on.
const AsAgent order.Party = "agent"

// AsHand is the party of an agent who collects what an order costs when it arrives:
// it looks on, knows where to, and says that the money was taken.
const AsHand order.Party = "hand"

// AsFinder is the party of somebody who has named a guest's order by its number
// and its phone: it looks on, and sees no address.
const AsFinder order.Party = "finder"

// Parties says what a person is to an order, the most concerned first.
func (d *Door) Parties(ctx context.Context, p people.Person, o order.Order) ([]order.Party, error) {
	var as []order.Party
	if p.ID == id.None {
		return nil, nil
	}
	if o.Buyer == p.ID {
		as = append(as, order.AsBuyer)
	}
	if !p.Guest {
		if o.Seller != nil {
			seller, err := d.ProducerOf(ctx, p, o.Market)
			if err != nil && !notFound(err) {
				return nil, err
			}
			if err == nil && seller.ID == *o.Seller {
				as = append(as, order.AsSeller)
			}
		}
		clerk, err := d.clerkOf(ctx, p, o)
		if err != nil {
			return nil, err
		}
		if clerk {
			as = append(as, AsClerk)
		}
		if o.Agent != nil {
			agent, err := d.Agents.OfPerson(ctx, p.ID)
			if err != nil && !notFound(err) {
				return nil, err
			}
			if err == nil && agent.ID == *o.Agent {
				as = append(as, AsAgent)
			}
		}
		hand, err := d.Orders.Collects(ctx, p.ID, o)
		if err != nil {
			return nil, err
		}
		if hand {
			as = append(as, AsHand)
		}
	}
	if p.IsOperator(o.Market) {
		as = append(as, order.AsOperator)
	}
	if len(as) == 0 {
		looks, err := d.Orders.Looks(ctx, p.ID, o)
		if err != nil || !looks {
			return nil, err
		}
		as = append(as, AsFinder)
	}
	return as, nil
}

// clerkOf says whether an order's seller lives where the person is a clerk.
func (d *Door) clerkOf(ctx context.Context, p people.Person, o order.Order) (bool, error) {
	if o.Seller == nil || len(p.Stations(o.Market)) == 0 {
		return false, nil
	}
	return d.covers(ctx, p, o.Market, *o.Seller)
}

// covers says whether a producer lives where the person is a clerk.
func (d *Door) covers(ctx context.Context, p people.Person, market int32, of id.ID) (bool, error) {
	var is producer.Producer
	err := d.DB.View(ctx, market, func(tx *storage.Tx) (err error) { is, err = producer.Find(tx, of); return })
	if notFound(err) {
		return false, nil
	}
	return err == nil && p.IsClerk(market, is.RegionCode), err
}

// goes is an order, or its story, which knows its parcels too.
type goes interface {
	Moves(as order.Party, now time.Time) []order.State
}

// Moves gives where an order may go as a party: a clerk's part of the seller's.
func Moves(o goes, as order.Party, now time.Time) []order.State {
	if as != AsClerk {
		return o.Moves(as, now)
	}
	var may []order.State
	for _, to := range o.Moves(order.AsSeller, now) {
		if clerks(to) {
			may = append(may, to)
		}
	}
	return may
}

// clerks says which of a seller's moves a clerk makes for them.
func clerks(to order.State) bool {
	return to == order.Accepted || to == order.Packed || to == order.Shipped
}

func notFound(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind == fault.KindNotFound
}

// concerned finds an order and says as what it concerns a person; for whom it does not
// there is no such order.
func (d *Door) concerned(ctx context.Context, p people.Person, ref order.Ref) (order.Order, []order.Party, error) {
	o, err := d.Orders.Find(ctx, ref)
	if err != nil {
		return o, nil, err
	}
	as, err := d.Parties(ctx, p, o)
	if err == nil && len(as) == 0 {
		err = fault.NotFound("not_found")
	}
	return o, as, err
}

// Watch gives the story of an order to somebody who may see it, and as what.
func (d *Door) Watch(ctx context.Context, p people.Person, ref order.Ref) (order.Story, order.Party, error) {
	_, as, err := d.concerned(ctx, p, ref)
	if err != nil {
		return order.Story{}, "", err
	}
	s, err := d.Orders.Story(ctx, ref)
	if (as[0] == AsAgent || as[0] == AsFinder) && !slices.Contains(as, AsHand) {
		s.DeliverTo = nil // the agent earns on it, and does not deliver it; whoever found it knows the phone
	}
	return s, as[0], err
}

// Act says as whom a person makes a move on an order: the party that may make
// it now, if the person is one, else one that makes it at another time. Whoever
// is no such party is refused (move_not_yours).
func (d *Door) Act(ctx context.Context, p people.Person, ref order.Ref, to order.State) (order.By, error) {
	if p.ReadOnly {
		return order.By{}, fault.Forbidden("read_only")
	}
	o, as, err := d.concerned(ctx, p, ref)
	if err != nil {
		return order.By{}, err
	}
	for _, party := range as {
		if !slices.Contains(Moves(o, party, d.DB.Now()), to) {
			continue
		}
		if party == AsClerk {
			party = order.AsSeller // in whose name they act
		}
		return order.By{Person: p, As: party}, nil
	}
	for _, party := range as {
		if party == AsClerk && clerks(to) {
			return order.By{Person: p, As: order.AsSeller}, nil
		}
		if party.Makes(to) { // not now: the pipeline says which moves are allowed instead
			return order.By{Person: p, As: party}, nil
		}
	}
	return order.By{}, fault.Forbidden("move_not_yours")
}

// Refunder says as whom a person refunds an order: its seller or an operator.
func (d *Door) Refunder(ctx context.Context, p people.Person, ref order.Ref) (order.By, error) {
	if p.ReadOnly {
		return order.By{}, fault.Forbidden("read_only")
	}
	_, as, err := d.concerned(ctx, p, ref)
	if err != nil {
		return order.By{}, err
	}
	for _, party := range []order.Party{order.AsOperator, order.AsSeller} {
		if slices.Contains(as, party) {
			return order.By{Person: p, As: party}, nil
		}
	}
	return order.By{}, fault.Forbidden("forbidden")
}

// Operator refuses whoever does not operate the market.
func (d *Door) Operator(p people.Person, market int32) error {
	switch {
	case p.ID == id.None || p.Guest:
		return fault.SignIn("sign_in_first")
	case !p.IsOperator(market):
		return fault.Forbidden("operator_only")
	}
	return nil
}

// Writer refuses a token that may only read.
func Writer(p people.Person) error {
	if p.ReadOnly {
		return fault.Forbidden("read_only")
	}
	return nil
}

// ProducerOf gives the producer that a person is in a market, or not-found.
func (d *Door) ProducerOf(ctx context.Context, p people.Person, market int32) (producer.Producer, error) {
	var is producer.Producer
	err := d.DB.View(ctx, market, func(tx *storage.Tx) (err error) { is, err = producer.OfPerson(tx, p.ID); return })
	return is, err
}

// Platform refuses whoever does not operate the platform: they open markets.
func (d *Door) Platform(p people.Person) error { return d.Operator(p, storage.Platform) }

// Grower refuses whoever may not act for a producer: themselves, a clerk of
// where they live, or an operator.
func (d *Door) Grower(ctx context.Context, p people.Person, market int32, of id.ID) error {
	if p.ID == id.None || p.Guest {
		return fault.SignIn("sign_in_first")
	}
	if err := Writer(p); err != nil {
		return err
	}
	if p.IsOperator(market) {
		return nil
	}
	is, err := d.ProducerOf(ctx, p, market)
	if err != nil && !notFound(err) {
		return err
	}
	if err == nil && is.ID == of {
		return nil
	}
	if len(p.Stations(market)) > 0 {
		if covers, err := d.covers(ctx, p, market, of); err != nil || covers {
			return err
		}
	}
	return fault.Forbidden("forbidden")
}

// Trades refuses whoever may not set on which terms a producer sells: themselves
// or an operator. It is about money, so no clerk may.
func (d *Door) Trades(ctx context.Context, p people.Person, market int32, of id.ID) error {
	if p.ID == id.None || p.Guest {
		return fault.SignIn("sign_in_first")
	}
	if p.IsOperator(market) {
		return nil
	}
	is, err := d.ProducerOf(ctx, p, market)
	if err != nil && !notFound(err) {
		return err
	}
	if err == nil && is.ID == of {
		return nil
	}
	return fault.Forbidden("forbidden")
}

// AgentOf gives the agent that a person is, with their standing in a market.
func (d *Door) AgentOf(ctx context.Context, p people.Person, market int32) (agents.MarketAgent, error) {
	var in agents.MarketAgent
	a, err := d.Agents.OfPerson(ctx, p.ID)
	if err != nil {
		return in, err
	}
	err = d.DB.View(ctx, market, func(tx *storage.Tx) (err error) { in, err = agents.InMarket(tx, a.ID); return })
	return in, err
}

// fewMarkets is how many markets a person's orders are looked for in without
// asking where they have been.
const fewMarkets = 50

// MarketsOf are the markets to look into for a person's own orders. Where a
// person has been is written down by a job, a moment after the order; while
// there are few markets all are looked into, so that an order just placed is
// there at once.
func (d *Door) MarketsOf(ctx context.Context, p people.Person) ([]int32, error) {
	all, err := d.Books.All(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) > fewMarkets {
		return d.People.MarketsOf(ctx, p)
	}
	var in []int32
	for _, m := range all {
		in = append(in, m.ID)
	}
	return in, nil
}
