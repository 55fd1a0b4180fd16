package api

import (
	"net/http"
	"slices"
	"strings"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// orders mounts looking at orders.
func (s *server) orders() {
	handle(s, route{method: http.MethodGet, path: "/orders", says: "List your orders, the newest first", open: somebody,
		more: "As buyer, seller, agent or operator; over all your markets unless one is named."}, s.listOrders)
	handle(s, route{method: http.MethodGet, path: "/orders/{market}/{id}", says: "Tell the whole story of an order", open: somebody,
		more: "To its buyer, its seller, its agent (without the address) and operators."}, s.showOrder)
	s.guests()
}

type ordersAsk struct {
	Page
	As     string `query:"as" enum:"buyer,seller,agent,operator" doc:"buyer when it is left out"`
	Market string `query:"market" doc:"code or number"`
	State  string `query:"state" doc:"one or several, with commas"`
	Group  string `query:"group" doc:"states that belong together: to_pay, to_receive, done, ended"`
	Number string `query:"number" doc:"the order's number"`
	Text   string `query:"q" doc:"in a title, or the end of a number"`
}

func (s *server) listOrders(v *visit, in *ordersAsk) (list[OrderRow], error) {
	var out list[OrderRow]
	filters, err := s.whose(v, in)
	if err != nil {
		return out, err
	}
	after, err := in.cursor()
	if err != nil {
		return out, err
	}
	states, err := readStates(in.State)
	if err != nil {
		return out, err
	}
	together, err := group(in.Group)
	if err != nil {
		return out, err
	}
	if states == nil {
		states = together
	}
	var rows []order.Order
	for _, f := range filters { // several for a seller of several markets: each has its own id there
		f.States, f.Number, f.Text, f.After, f.N = states, in.Number, in.Text, after, min(in.size()+1, mostRows)
		some, err := s.Orders.List(v.ctx, f)
		if err != nil {
			return out, err
		}
		rows = append(rows, some...)
	}
	slices.SortFunc(rows, func(a, b order.Order) int { return strings.Compare(b.ID.String(), a.ID.String()) })
	return paged(rows, min(in.size(), mostRows-1), v.orderRow, func(o order.Order) id.ID { return o.ID }), nil
}

func readStates(text string) ([]order.State, error) {
	var states []order.State
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		s := order.State(w)
		if !slices.Contains(allStates, s) {
			return nil, fault.Invalid("state", "not_one_of", fault.Args{"allowed": names(allStates)})
		}
		states = append(states, s)
	}
	return states, nil
}

var allStates = []order.State{order.Placed, order.Promised, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed, order.Cancelled, order.Expired}

func names(states []order.State) []string {
	out := make([]string, len(states))
	for i, s := range states {
		out[i] = string(s)
	}
	return out
}

// whose gives the lists that the asker's orders stand in.
func (s *server) whose(v *visit, in *ordersAsk) ([]order.Filter, error) {
	var only *int32
	if in.Market != "" {
		m, err := v.named(in.Market)
		if err != nil {
			return nil, err
		}
		only = &m.ID
	}
	fits := func(m int32) bool { return only == nil || *only == m }
	switch in.As {
	case "seller":
		if v.who.Guest {
			return nil, fault.SignIn("sign_in_first")
		}
		all, err := s.Producers.Standings(v.ctx, v.who.ID)
		var out []order.Filter
		for _, p := range all {
			if fits(p.Market) {
				out = append(out, order.Filter{Markets: []int32{p.Market}, Seller: p.ID})
			}
		}
		return out, err
	case "agent":
		return s.asAgent(v, fits)
	case "operator":
		return s.asOperator(v, fits, only)
	}
	if only != nil {
		return []order.Filter{{Markets: []int32{*only}, Buyer: v.who.ID}}, nil
	}
	all, err := s.MarketsOf(v.ctx, v.who)
	return []order.Filter{{Markets: all, Buyer: v.who.ID}}, err
}

func (s *server) asAgent(v *visit, fits func(int32) bool) ([]order.Filter, error) {
	if v.who.Guest {
		return nil, fault.SignIn("sign_in_first")
	}
	a, err := s.Agents.OfPerson(v.ctx, v.who.ID)
	if fault.Has(err, "agent_unknown") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := s.Agents.Standings(v.ctx, v.who.ID)
	f := order.Filter{Agent: a.ID}
	for _, m := range all {
		if fits(m.Market) {
			f.Markets = append(f.Markets, m.Market)
		}
	}
	return []order.Filter{f}, err
}

func (s *server) asOperator(v *visit, fits func(int32) bool, only *int32) ([]order.Filter, error) {
	if only != nil {
		return []order.Filter{{Markets: []int32{*only}}}, s.Operator(v.who, *only)
	}
	all, err := s.Books.All(v.ctx)
	if err != nil {
		return nil, err
	}
	var f order.Filter
	for _, m := range all {
		if v.who.IsOperator(m.ID) && fits(m.ID) {
			f.Markets = append(f.Markets, m.ID)
		}
	}
	if len(f.Markets) == 0 {
		return nil, fault.Forbidden("operator_only")
	}
	return []order.Filter{f}, nil
}

// refShown names an order by its market and id.
func (v *visit) refShown(r order.Ref) orderRef { return orderRef{v.code(r.Market), r.ID.String()} }

// ref reads which order a path names.
func (v *visit) ref(t This) (order.Ref, error) {
	m, i, err := v.place(t)
	return order.Ref{Market: m.ID, ID: i}, err
}

func (s *server) showOrder(v *visit, in *This) (orderShown, error) {
	ref, err := v.ref(*in)
	if err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

// story tells an order to somebody who may see it.
func (s *server) story(v *visit, ref order.Ref) (orderShown, error) {
	o, as, err := s.Watch(v.ctx, v.who, ref)
	if err != nil {
		return orderShown{}, err
	}
	moves, err := s.mayDo(v, o)
	if err != nil {
		return orderShown{}, err
	}
	left := o.Parts()
	out := orderShown{OrderRow: tellsParts(v.orderRow(o.Order), o.Lines), As: string(as), Moves: moves, Net: o.Net(), Parts: parts(left),
		SecuredAt: o.SecuredAt, CompletedAt: o.CompletedAt, Version: o.Version, Basket: o.Basket.String(), Agent: maybe(o.Agent), PaymentIs: o.PaymentState(),
		Siblings: listed(o.Siblings, v.refShown).Items, Charges: listed(o.Charges, showCharge).Items,
		History:   listed(o.History, func(t order.Step) step { return showStep(o.Order, t) }).Items,
		Shipments: listed(o.Shipments, showShipment).Items,
		Refunds:   listed(o.Refunds, func(r payment.Refund) refund { return v.refund(ref.Market, o.Currency, r) }).Items}
	if !slices.Contains([]order.Party{door.AsAgent, door.AsHand, door.AsFinder}, as) && o.CoveredBy == nil {
		out.Payment = &paid{v.code(o.Paid.Home), o.Paid.ID.String(), o.Paid.State, o.Paid.Reference, o.Paid.Due, o.Paid.Captured, o.Paid.ExpiresAt}
	}
	if o.InHand() {
		out.SendBy = o.SendBy()
	}
	out.Cash = collected(o)
	if out.Pickup, err = s.pickupOf(v, o, as); err != nil {
		return orderShown{}, err
	}
	if as == order.AsBuyer && v.who.Guest {
		if out.ClaimCode, err = s.Orders.ClaimCode(v.ctx, o.Order); err != nil {
			return orderShown{}, err
		}
	}
	if o.DeliverTo != nil {
		to := address(*o.DeliverTo)
		out.DeliverTo = &to
	}
	return out, nil
}
