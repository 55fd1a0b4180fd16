package door

import (
	"context"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Talker says as which side a person reads and writes what the sides of an order
// write to each other: buyer, seller (a clerk for them), the agent who earns on it,
// an operator, whom the room refuses unless somebody has called. Whoever found the
// order by its number is forbidden; to others there is no such order.
func (d *Door) Talker(ctx context.Context, p people.Person, ref order.Ref) (order.Order, order.By, error) {
	o, as, err := d.concerned(ctx, p, ref)
	if err != nil {
		return o, order.By{}, err
	}
	side, may := Side(as[0])
	if !may {
		err = fault.Forbidden("talk_not_yours")
	}
	return o, order.By{Person: p, As: side}, err
}

// Side is as whom somebody writes, by the most concerned party they are; whoever
// found the order by its number, or only collects for it, does not.
func Side(party order.Party) (order.Party, bool) {
	switch party {
	case AsFinder, AsHand:
		return "", false
	case AsClerk:
		return order.AsSeller, true // in whose name they speak
	case AsAgent:
		return talk.AsAgent, true
	}
	return party, true
}

// Writes is Talker for somebody who writes: an operator only when called.
func (d *Door) Writes(ctx context.Context, p people.Person, ref order.Ref) (order.Order, order.By, error) {
	if err := Writer(p); err != nil {
		return order.Order{}, order.By{}, err
	}
	o, by, err := d.Talker(ctx, p, ref)
	if err == nil && by.As == order.AsOperator {
		err = d.Talks.May(ctx, by, ref)
	}
	return o, by, err
}

// Evidence gives a picture that the sides of an order showed each other, to whoever
// may see the place where it was shown.
func (d *Door) Evidence(ctx context.Context, p people.Person, ref order.Ref, key string, width int) ([]byte, string, error) {
	_, _, aside := d.Sides(ctx, p, ref)
	if aside == nil {
		for _, shown := range []func(context.Context, order.Ref, string, int) ([]byte, string, error){d.Disputes.Picture, d.Returns.Picture} {
			data, kind, err := shown(ctx, ref, key, width)
			if !fault.Has(err, "photo_unknown") {
				return data, kind, err
			}
		}
	}
	_, by, err := d.Talker(ctx, p, ref)
	if err != nil {
		return nil, "", err
	}
	data, kind, err := d.Talks.Picture(ctx, by, ref, key, width)
	if aside != nil && fault.Has(err, "photo_unknown") {
		err = aside
	}
	return data, kind, err
}

// AgentTalks are those about what somebody sold as an agent, in all their markets.
func (d *Door) AgentTalks(ctx context.Context, person id.ID, f talk.Filter) ([]talk.Talk, error) {
	agent, err := d.Agents.OfPerson(ctx, person)
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	in, err := d.Agents.Standings(ctx, person)
	if err != nil {
		return nil, err
	}
	for _, one := range in {
		f.Markets = append(f.Markets, one.Market)
	}
	f.Agent = agent.ID
	return d.Talks.List(ctx, f)
}
