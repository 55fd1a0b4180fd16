package door

import (
	"context"
	"slices"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/returns"
	"commonfield/storage/fault"
)

// givers are the sides that may ever do a deed of a return, the first before the
// next. A clerk takes a return on and looks at what came, in the seller's name; as
// with orders they neither refuse nor give money back.
var givers = map[string][]order.Party{
	"ask": {order.AsBuyer}, returns.DeedSend: {order.AsBuyer}, returns.DeedCall: {order.AsBuyer}, returns.DeedWithdraw: {order.AsBuyer},
	returns.DeedApprove: {order.AsSeller, AsClerk, order.AsOperator},
	returns.DeedReceive: {order.AsSeller, AsClerk, order.AsOperator},
	returns.DeedRefuse:  {order.AsSeller, order.AsOperator},
}

// Giver says as whom a person does a deed of a return, and whether they may give
// money back by it.
func (d *Door) Giver(ctx context.Context, p people.Person, ref order.Ref, deed string) (by order.By, gives bool, err error) {
	if err := Writer(p); err != nil {
		return by, false, err
	}
	_, as, err := d.Sides(ctx, p, ref)
	if err != nil {
		return by, false, err
	}
	party, err := d.giver(ctx, as, ref, deed)
	if err != nil {
		return by, false, err
	}
	if party == AsClerk {
		return order.By{Person: p, As: order.AsSeller}, false, nil
	}
	return order.By{Person: p, As: party}, true, nil
}

// giver is the party whose turn the deed is: an operator who sells here too decides
// as an operator only what is not theirs, which the room asks.
func (d *Door) giver(ctx context.Context, as []order.Party, ref order.Ref, deed string) (order.Party, error) {
	all, err := d.Returns.Of(ctx, ref)
	if err != nil {
		return "", err
	}
	var first order.Party
	for _, party := range givers[deed] {
		if !slices.Contains(as, party) {
			continue
		}
		side := party
		if side == AsClerk {
			side = order.AsSeller
		}
		if len(all) > 0 && slices.Contains(all[0].May(side), deed) {
			return party, nil
		}
		if first == "" {
			first = party
		}
	}
	if first == "" {
		return "", fault.Forbidden("return_not_yours")
	}
	return first, nil
}

// Returning are the deeds of a return that somebody may do now.
func Returning(b returns.Return, as []order.Party) map[string]bool {
	may := map[string]bool{}
	for deed, parties := range givers {
		for _, party := range parties {
			side := party
			if side == AsClerk {
				side = order.AsSeller
			}
			if slices.Contains(as, party) && slices.Contains(b.May(side), deed) {
				may[deed] = true
			}
		}
	}
	if slices.Contains(as, order.AsBuyer) { // what is between the two they do not decide
		for _, deed := range []string{returns.DeedApprove, returns.DeedReceive, returns.DeedRefuse} {
			delete(may, deed)
		}
	}
	return may
}
