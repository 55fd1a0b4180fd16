package api

import (
	"fmt"
	"net/http"
	"slices"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage/fault"
)

type weights struct {
	Weights []weight `json:"weights,omitempty" doc:"lines that are not named were packed as ordered"`
}

type takes struct {
	Take []take `json:"take,omitempty" doc:"lines that are not named are taken whole; nothing named: all"`
}

type take struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity" doc:"base units that the seller has; 0 for none of it"`
}

type weight struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity" doc:"base units on the scales"`
}

type parcel struct {
	Carrier string `json:"carrier"`
	Number  string `json:"number,omitempty"`
	Lines   []take `json:"lines,omitempty" doc:"what this parcel holds; left out: all that was not sent yet"`
}

type arrival struct {
	Parcel string `json:"parcel" doc:"id of a shipment"`
}

type loss struct {
	Parcel string `json:"parcel" doc:"id of a shipment"`
	Reason string `json:"reason"`
}

type cameBack struct {
	Parcel string `json:"parcel" doc:"id of a shipment"`
	Reason string `json:"reason"`
	Goods  string `json:"goods" enum:"back,lost" doc:"back: into the store again; lost: written off"`
}

type why struct {
	Reason string `json:"reason,omitempty" doc:"the other side can read it"`
}

// verbs are the words of the moves, in the order of an order's life.
var verbs = []struct {
	word string
	to   order.State
}{
	{"accept", order.Accepted}, {"pack", order.Packed}, {"ship", order.Shipped}, {"deliver", order.Delivered},
	{"complete", order.Completed}, {"decline", order.Cancelled}, {"cancel", order.Cancelled},
}

// moves mounts what somebody does with an order. Each is once, however often
// it is asked for; a move that is not allowed names those that are.
func (s *server) moves() {
	plain := func(word, says, more string, to order.State, do func(v *visit, by order.By, ref order.Ref) error) {
		handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/" + word, says: says, more: more, open: somebody},
			func(v *visit, in *This) (orderShown, error) {
				return s.move(v, *in, to, func(by order.By, ref order.Ref) error { return do(v, by, ref) })
			})
	}
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/accept", says: "Promise to deliver, all of it or a part", open: somebody,
		more: "By the seller. What is not taken on is refunded at once, its goods go back on the shelf, and delivery is reckoned again."}, s.accept)
	plain("deliver", "Say that the goods have arrived", "By the buyer.", order.Delivered, func(v *visit, by order.By, ref order.Ref) error { return s.Orders.Deliver(v.ctx, by, ref) })
	plain("complete", "Confirm receipt and share the money out", "By the buyer.", order.Completed, func(v *visit, by order.By, ref order.Ref) error { return s.Orders.Complete(v.ctx, by, ref) })
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/pack", says: "Record the final weights", open: somebody,
		more: "By the seller. Each within the band; what is less is refunded at once."}, s.pack)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/ship", says: "Hand the goods to a carrier", open: somebody, more: "By the seller. In one parcel or in several; the first makes the order shipped."}, s.ship)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/arrive", says: "Say that one parcel has arrived", open: somebody,
		more: "By the buyer. The last one delivers the order."}, s.arrive)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/lost", says: "Say that one parcel is lost", open: somebody,
		more: "By an operator. What it held is refunded at once; when every parcel is lost the order is cancelled."}, s.lose)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/returned", says: "Say that the carrier has brought one parcel back", open: known,
		more: "By the seller, who has looked at it, or an operator. What it held is refunded at once; when no parcel is left the order is cancelled. Twice is once."}, s.broughtBack)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/ask-cancel", says: "Ask the seller to end an order that is paid and not sent", open: somebody,
		more: "By the buyer, who ends it by themselves when it was not sent by the day of send_by. The seller is told, and cancels it or goes on. Twice is once."}, s.askCancel)
	for _, word := range []struct{ word, says, more string }{
		{"decline", "Decline to deliver", "By the seller. All of it is refunded."},
		{"cancel", "Cancel an order", "Before it is paid by the buyer, and its whole basket; later by seller or operator, or by the buyer when it was not sent by the day of send_by, and it is refunded. Of a shipped order by an operator, when no parcel is left."},
	} {
		handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/" + word.word, says: word.says, more: word.more, open: somebody}, s.cancel)
	}
}

// move makes one move as the party that may, and tells the order as it is then.
func (s *server) move(v *visit, in This, to order.State, do func(by order.By, ref order.Ref) error) (orderShown, error) {
	ref, err := v.ref(in)
	if err != nil {
		return orderShown{}, err
	}
	by, err := s.Act(v.ctx, v.who, ref, to)
	if err != nil {
		return orderShown{}, err
	}
	if err := do(by, ref); err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

func (s *server) accept(v *visit, in *thisMaybe[takes]) (orderShown, error) {
	return s.move(v, in.This, order.Accepted, func(by order.By, ref order.Ref) error {
		if in.Body == nil || len(in.Body.Take) == 0 {
			return s.Orders.Accept(v.ctx, by, ref)
		}
		part := make(map[int]int64, len(in.Body.Take))
		for i, t := range in.Body.Take {
			if _, twice := part[t.Line]; twice {
				return fault.Invalid(fmt.Sprintf("take.%d.line", i), "line_twice")
			}
			part[t.Line] = t.Quantity
		}
		return s.Orders.AcceptPart(v.ctx, by, ref, part)
	})
}

func (s *server) pack(v *visit, in *thisMaybe[weights]) (orderShown, error) {
	var final map[int]int64
	if in.Body != nil {
		final = make(map[int]int64, len(in.Body.Weights))
		for i, w := range in.Body.Weights {
			if _, twice := final[w.Line]; twice {
				return orderShown{}, fault.Invalid(fmt.Sprintf("weights.%d.line", i), "line_twice")
			}
			final[w.Line] = w.Quantity
		}
	}
	return s.move(v, in.This, order.Packed, func(by order.By, ref order.Ref) error { return s.Orders.Pack(v.ctx, by, ref, final) })
}

func (s *server) ship(v *visit, in *thisWith[parcel]) (orderShown, error) {
	return s.move(v, in.This, order.Shipped, func(by order.By, ref order.Ref) error {
		parcel := order.Parcel{Carrier: in.Body.Carrier, Number: in.Body.Number}
		for i, l := range in.Body.Lines {
			if parcel.Lines == nil {
				parcel.Lines = map[int]int64{}
			}
			if _, twice := parcel.Lines[l.Line]; twice {
				return fault.Invalid(fmt.Sprintf("lines.%d.line", i), "line_twice")
			}
			parcel.Lines[l.Line] = l.Quantity
		}
		return s.Orders.Ship(v.ctx, by, ref, parcel)
	})
}

func (s *server) arrive(v *visit, in *thisWith[arrival]) (orderShown, error) {
	parcel, err := row(in.Body.Parcel)
	return s.move(v, in.This, order.Delivered, func(by order.By, ref order.Ref) error {
		if err != nil {
			return fault.Invalid("parcel", "invalid")
		}
		return s.Orders.Arrive(v.ctx, by, ref, parcel)
	})
}

func (s *server) lose(v *visit, in *thisWith[loss]) (orderShown, error) {
	parcel, err := row(in.Body.Parcel)
	return s.move(v, in.This, order.Cancelled, func(by order.By, ref order.Ref) error {
		if err != nil {
			return fault.Invalid("parcel", "invalid")
		}
		return s.Orders.Lost(v.ctx, by, ref, parcel, in.Body.Reason)
	})
}

func (s *server) broughtBack(v *visit, in *thisWith[cameBack]) (orderShown, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return orderShown{}, err
	}
	by, err := s.Refunder(v.ctx, v.who, ref)
	if err != nil {
		return orderShown{}, err
	}
	parcel, err := row(in.Body.Parcel)
	if err != nil {
		return orderShown{}, fault.Invalid("parcel", "invalid")
	}
	if err := s.Orders.Returned(v.ctx, by, ref, parcel, in.Body.Reason, in.Body.Goods); err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

func (s *server) cancel(v *visit, in *thisMaybe[why]) (orderShown, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	return s.move(v, in.This, order.Cancelled, func(by order.By, ref order.Ref) error { return s.Orders.Cancel(v.ctx, by, ref, reason) })
}

func (s *server) askCancel(v *visit, in *This) (orderShown, error) {
	ref, err := v.ref(*in)
	if err != nil {
		return orderShown{}, err
	}
	if err := s.AskCancel(v.ctx, v.who, ref); err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

// mayDo names what the asker may do with an order now.
func (s *server) mayDo(v *visit, o order.Story) ([]string, error) {
	may := []string{}
	if v.who.ReadOnly {
		return may, nil
	}
	as, err := s.Parties(v.ctx, v.who, o.Order)
	if err != nil {
		return may, err
	}
	if o.State.Waits() && slices.Contains(as, order.AsBuyer) {
		may = append(may, "settle")
	}
	for _, verb := range verbs {
		for _, party := range as {
			// Who sells declines, everybody else cancels.
			if verb.to == order.Cancelled && (verb.word == "decline") != (party == order.AsSeller) {
				continue
			}
			if slices.Contains(door.Moves(o, party, s.DB.Now()), verb.to) && !slices.Contains(may, verb.word) {
				may = append(may, verb.word)
			}
		}
	}
	if slices.Contains(as, order.AsBuyer) && o.MayAsk(s.DB.Now()) {
		may = append(may, "ask-cancel")
	}
	may = mayTake(o, as, may)
	if refundable(o.State) && (o.Way != payment.Cash || o.State == order.Delivered || o.State == order.Completed) && (slices.Contains(as, order.AsSeller) || slices.Contains(as, order.AsOperator)) {
		may = append(may, "refund")
	}
	return may, nil
}

func refundable(s order.State) bool {
	return !s.Waits() && s != order.Cancelled && s != order.Expired
}
