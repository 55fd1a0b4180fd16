package api

import (
	"net/http"

	"commonfield/marketplace/order"
)

type pickedUp struct {
	PickupPoint
	Code string `json:"code,omitempty" doc:"for the buyer alone, when the goods are there"`
}

type saidCode struct {
	Code string `json:"code" doc:"six digits, as the buyer says them"`
}

// pickups mounts what is done with an order that its buyer picks up.
func (s *server) pickups() {
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/pickup", says: "Come for an order instead of having it sent", open: somebody,
		more: "By the buyer, before it is packed, where the seller's or the market's terms have a point. The delivery goes back at once. Twice is once."}, s.pickUp)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/ready", says: "Say that a packed order waits for its buyer", open: known,
		more: "By the seller, a clerk for them, or an operator. The buyer sees the code from then on. Twice is once."}, s.ready)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/collect", says: "Hand an order over for the buyer's code", open: known,
		more: "By the seller, a clerk for them, or an operator: it is delivered. Five tries an hour for each order. Twice is once."}, s.collect)
}

func (s *server) pickUp(v *visit, in *This) (orderShown, error) {
	ref, err := v.ref(*in)
	if err != nil {
		return orderShown{}, err
	}
	if err := s.PickUp(v.ctx, v.who, ref); err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

func (s *server) ready(v *visit, in *This) (orderShown, error) {
	ref, err := v.ref(*in)
	if err != nil {
		return orderShown{}, err
	}
	if err := s.Ready(v.ctx, v.who, ref); err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

func (s *server) collect(v *visit, in *thisWith[saidCode]) (orderShown, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return orderShown{}, err
	}
	if err := s.Collect(v.c, v.who, ref, in.Body.Code); err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

// pickupOf is where an order is picked up, for those who see its story.
func (s *server) pickupOf(v *visit, o order.Story, as order.Party) (*pickedUp, error) {
	if o.Pickup == nil {
		return nil, nil
	}
	out := &pickedUp{PickupPoint: PickupPoint(o.Pickup.Point)}
	if as != order.AsBuyer || o.State != order.Shipped {
		return out, nil
	}
	var err error
	out.Code, err = s.Orders.PickupCode(v.ctx, o.Order)
	return out, err
}
