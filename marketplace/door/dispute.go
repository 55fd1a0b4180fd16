package door

import (
	"context"
	"slices"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage/fault"
)

// Sides says as which sides of a complaint a person may read it: buyer, seller (a
// clerk for them), operator. To the agent who earns on the order, and to whoever
// found it by its number, it is forbidden; to others there is no such order.
func (d *Door) Sides(ctx context.Context, p people.Person, ref order.Ref) (order.Order, []order.Party, error) {
	o, as, err := d.concerned(ctx, p, ref)
	if err != nil {
		return o, nil, err
	}
	as = slices.DeleteFunc(as, func(party order.Party) bool { return party == AsAgent || party == AsFinder || party == AsHand })
	if len(as) == 0 {
		return o, nil, fault.Forbidden("dispute_not_yours")
	}
	return o, as, nil
}

// complainers are the sides that may ever do a deed of a complaint, the first
// before the next. Money is a seller's own to offer: no clerk does.
var complainers = map[string][]order.Party{
	"open": {order.AsBuyer}, "take": {order.AsBuyer}, "withdraw": {order.AsBuyer},
	"say":      {order.AsBuyer, order.AsSeller, AsClerk, order.AsOperator},
	"offer":    {order.AsSeller},
	"escalate": {order.AsBuyer, order.AsSeller, AsClerk},
	"decide":   {order.AsOperator},
}

// Complainer says as whom a person does a deed of a complaint.
func (d *Door) Complainer(ctx context.Context, p people.Person, ref order.Ref, deed string) (order.By, error) {
	if err := Writer(p); err != nil {
		return order.By{}, err
	}
	_, as, err := d.Sides(ctx, p, ref)
	if err != nil {
		return order.By{}, err
	}
	for _, party := range complainers[deed] {
		if !slices.Contains(as, party) {
			continue
		}
		if party == AsClerk {
			party = order.AsSeller // in whose name they speak
		}
		return order.By{Person: p, As: party}, nil
	}
	return order.By{}, fault.Forbidden("dispute_not_yours")
}
