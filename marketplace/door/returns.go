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

// giversOf are those that somebody is: who bought does not answer for the seller as
// their clerk, and who bought or sold does not decide as an operator.
func giversOf(as []order.Party, deed string) []order.Party {
	bought, sold := slices.Contains(as, order.AsBuyer), slices.Contains(as, order.AsSeller)
	var may []order.Party
	for _, party := range givers[deed] {
		own := party == AsClerk && bought || party == order.AsOperator && (bought || sold)
		if slices.Contains(as, party) && !own {
			may = append(may, party)
		}
	}
	return may
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
	may := giversOf(as, deed)
	if len(may) == 0 {
		return by, false, fault.Forbidden("return_not_yours")
	}
	party := may[0]
	if len(may) > 1 { // a clerk who is an operator too: whose turn it is
		all, err := d.Returns.Of(ctx, ref)
		if err != nil {
			return by, false, err
		}
		if i := slices.IndexFunc(may, func(one order.Party) bool { return len(all) > 0 && does(all[0], one, deed) }); i >= 0 {
			party = may[i]
		}
	}
	side, _ := Side(party)
	return order.By{Person: p, As: side}, party != AsClerk, nil
}

// does says whether a party may do a deed of a return now.
func does(b returns.Return, party order.Party, deed string) bool {
	side, _ := Side(party)
	return slices.Contains(b.May(side), deed)
}

// Returning are the deeds of a return that somebody may do now.
func Returning(b returns.Return, as []order.Party) map[string]bool {
	may := map[string]bool{}
	for deed := range givers {
		if slices.ContainsFunc(giversOf(as, deed), func(party order.Party) bool { return does(b, party, deed) }) {
			may[deed] = true
		}
	}
	return may
}
