package api

import (
	"net/http"

	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/storage/fault"
)

type naming struct {
	Number string `json:"number" doc:"the order's"`
	Phone  string `json:"phone" doc:"that the goods go to"`
}

type claiming struct {
	Number string `json:"number" doc:"the order's"`
	Phone  string `json:"phone" doc:"that the goods go to"`
	Code   string `json:"code" doc:"claim_code of the guest's order, as the guest's own session was shown it"`
}

type reordered struct {
	Put     int        `json:"put" doc:"kinds of goods that were put aside again"`
	Missing []notAgain `json:"missing" doc:"what was not, and why"`
}

type notAgain struct {
	Line    int    `json:"line"`
	Title   string `json:"title"`
	TitleEN string `json:"title_en"`
	Code    string `json:"code"`
	Why     string `json:"why" doc:"a sentence in your language"`
}

// guests mounts the ways back to an order that was made without an account, and
// buying the same again.
func (s *server) guests() {
	handle(s, route{method: http.MethodPost, path: "/orders/claim", says: "Make a guest's order yours", open: known,
		more: "By its number, the phone that it goes to and its claim code, with all of its checkout: number and phone alone stand on every parcel. Every mismatch is refused alike. What you ordered in this browser before you signed in is yours already."}, s.claimOrder)
	handle(s, route{method: http.MethodPost, path: "/orders/find", says: "Look at a guest's order without an account", open: somebody,
		more: "By its number and the phone that it goes to: this session may look at it from then on, without its address and its moves."}, s.findOrder)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/reorder", says: "Put the goods of an order aside again", open: somebody,
		more: "By its buyer: what is still sold goes into the kept basket. Twice is once."}, s.reorder)
}

func (s *server) claimOrder(v *visit, in *with[claiming]) (orderShown, error) {
	ref, err := s.ClaimOrder(v.c, v.who, in.Body.Number, in.Body.Phone, in.Body.Code)
	if err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

func (s *server) findOrder(v *visit, in *with[naming]) (orderShown, error) {
	ref, err := s.FindOrder(v.c, in.Body.Number, in.Body.Phone)
	if err != nil {
		return orderShown{}, err
	}
	return s.story(v, ref)
}

func (s *server) reorder(v *visit, in *This) (reordered, error) {
	ref, err := v.ref(*in)
	if err != nil {
		return reordered{}, err
	}
	put, missing, err := s.Reorder(v.ctx, v.who, ref)
	out := reordered{Put: put, Missing: []notAgain{}}
	for _, m := range missing {
		row := notAgain{Line: m.Line.No, Title: m.Line.Title, TitleEN: m.Line.TitleEN}
		if f, ok := fault.As(m.Why); ok {
			row.Code, row.Why = f.Code, tongue.Fault(v.reader, f.Code, f.Args)
		}
		out.Missing = append(out.Missing, row)
	}
	return out, err
}

// group reads which states somebody looks for together.
func group(text string) ([]order.State, error) {
	if text == "" {
		return nil, nil
	}
	states, known := order.Groups[text]
	if !known {
		return nil, fault.Invalid("group", "not_one_of", fault.Args{"allowed": []string{"to_pay", "to_receive", "done", "ended"}})
	}
	return states, nil
}
