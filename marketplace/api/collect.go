package api

import (
	"net/http"
	"slices"
	"time"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
)

type toCollect struct {
	By    string     `json:"by" doc:"who collects"`
	Due   int64      `json:"due_minor" doc:"what is to be paid on delivery now"`
	Taken *int64     `json:"taken_minor,omitempty"`
	At    *time.Time `json:"taken_at,omitempty"`
}

type takenCash struct {
	Sum  int64  `json:"sum_minor" doc:"all that the order comes to; a part of it is refused (cash_exact)"`
	Code string `json:"code,omitempty" doc:"the buyer's, of what is picked up"`
}

// collects mounts what is paid when it arrives.
func (s *server) collects() {
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/cash", says: "Say that an order's cash was taken, which delivers it", open: known,
		more: "By whoever collects (the seller, a clerk for them, or the agent named), or an operator. The sum is exact. Nothing else delivers an order that is paid on delivery. Twice is once."}, s.takeCash)
}

func (s *server) takeCash(v *visit, in *thisWith[takenCash]) (orderShown, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return orderShown{}, err
	}
	if err := s.TakeCash(v.c, v.who, ref, order.Taking{Sum: in.Body.Sum, Code: in.Body.Code}); err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

// collected is how the cash of an order stands.
func collected(o order.Story) *toCollect {
	if o.Cash == nil {
		return nil
	}
	return &toCollect{By: o.Cash.Name, Due: o.Due(), Taken: o.Cash.Taken, At: o.Cash.At}
}

// mayTake adds the deed that delivers what is paid on delivery, in the place of the
// others that would.
func mayTake(o order.Story, as []order.Party, may []string) []string {
	if o.Cash == nil || o.State != order.Shipped {
		return may
	}
	may = slices.DeleteFunc(may, func(word string) bool { return word == "deliver" })
	if door.Takes(*o.Cash, as) {
		may = append(may, "cash")
	}
	return may
}
