package api

import (
	"net/http"
	"slices"
	"time"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/returns"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type returnShown struct {
	Market     string        `json:"market"`
	Order      string        `json:"order"`
	ID         string        `json:"id"`
	State      returns.State `json:"state" enum:"asked,objected,approved,sent,called,refunded,refused,withdrawn,lapsed,cancelled"`
	Lines      []returnLine  `json:"lines"`
	Text       string        `json:"text,omitempty" doc:"why, if the buyer wants to say it"`
	Photos     []string      `json:"photos" doc:"keys: /orders/{market}/{id}/evidence/{key without evidence/}/640"`
	Turn       order.Party   `json:"turn,omitempty" doc:"whose turn it is; none when it is over"`
	Due        *time.Time    `json:"due_at,omitempty" doc:"until when; then silence counts"`
	Objection  string        `json:"objection,omitempty" doc:"why the seller will not have it, or what is wrong with what came"`
	Pays       string        `json:"pays" enum:"buyer,seller" doc:"the way back"`
	To         string        `json:"send_to,omitempty" doc:"where to, in the seller's words"`
	Carrier    string        `json:"carrier,omitempty"`
	Number     string        `json:"number,omitempty"`
	Goods      string        `json:"goods,omitempty" enum:"back,lost" doc:"what became of the goods"`
	Why        string        `json:"why,omitempty" doc:"it was refused"`
	Back       int64         `json:"back_minor" doc:"what its end gave back"`
	Currency   string        `json:"currency"`
	AskedAt    time.Time     `json:"asked_at"`
	ApprovedAt *time.Time    `json:"approved_at,omitempty"`
	SentAt     *time.Time    `json:"sent_at,omitempty"`
	CameAt     *time.Time    `json:"came_at,omitempty"`
	EndedAt    *time.Time    `json:"ended_at,omitempty"`
	May        []string      `json:"may" doc:"what the asker may do with it now"`
}

type returnLine struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity" doc:"in base units: grams or pieces"`
}

type newReturn struct {
	Lines  []returnLine `json:"lines"`
	Text   string       `json:"text,omitempty" doc:"why, 500 characters at most; nothing need be said"`
	Photos []string     `json:"photos,omitempty" doc:"keys from POST /orders/{market}/{id}/evidence, three at most"`
}

type returnApproved struct {
	To   string `json:"send_to" doc:"where to send the goods, 200 characters at most"`
	Pays string `json:"pays,omitempty" enum:"buyer,seller" doc:"the way back; the buyer, if nothing is said"`
}

type returnRefused struct {
	Reason string `json:"reason" doc:"the buyer reads it"`
}

type returnSent struct {
	Carrier string `json:"carrier"`
	Number  string `json:"number"`
}

type returnReceived struct {
	Goods string `json:"goods" enum:"back,lost" doc:"back: as they were, in the store again; lost: spoilt, written off"`
}

// ThisReturn is a path that names one return of an order.
type ThisReturn struct {
	This
	Return string `path:"return" doc:"id"`
}

type returnWith[B any] struct {
	ThisReturn
	Body B
}

// givenBack mounts what buyers give back without a complaint.
func (s *server) givenBack() {
	handle(s, route{method: http.MethodGet, path: "/orders/{market}/{id}/returns", says: "List the returns of an order", open: somebody, more: "For buyer, seller and operators; the newest first."}, s.orderReturns)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/returns", says: "Ask to give goods back", open: somebody, status: http.StatusCreated,
		more: "By the buyer, without a reason, in the days that stand at each line (none for fresh goods). The order's money stays where it is until the return ends."}, s.askReturn)
	deed := "/orders/{market}/{id}/returns/{return}/"
	handle(s, route{method: http.MethodPost, path: deed + "approve", says: "Take a return on", open: somebody, more: "By the seller, a clerk for them, or an operator: where to send the goods. Three days of silence approve too. Twice is once."}, s.approveReturn)
	handle(s, route{method: http.MethodPost, path: deed + "refuse", says: "Refuse a return", open: somebody, more: "By the seller: the buyer may call an operator, who is called at once when the goods have been sent. An operator's no is the end. Twice is once."}, s.refuseReturn)
	handle(s, route{method: http.MethodPost, path: deed + "call", says: "Call an operator", open: somebody, more: "By the buyer whose seller said no. Twice is once."}, s.callReturn)
	handle(s, route{method: http.MethodPost, path: deed + "send", says: "Say that the goods are on their way back", open: somebody, more: "By the buyer. Twice is once."}, s.sendReturn)
	handle(s, route{method: http.MethodPost, path: deed + "receive", says: "Say that the goods are back", open: somebody, more: "By the seller or an operator: what they cost goes back to the buyer, the goods into the store or written off. From a clerk, and from a seller who was paid out, it calls an operator, who does the same. Twice is once."}, s.receiveReturn)
	handle(s, route{method: http.MethodPost, path: deed + "withdraw", says: "Keep the goods after all", open: somebody, more: "By the buyer, until they were sent. Twice is once."}, s.withdrawReturn)
	handle(s, route{method: http.MethodGet, path: "/returns", says: "List the returns that are open", open: known, more: "For operators; those to decide come first."}, s.openReturns)
}

func (v *visit) givenBack(b returns.Return, currency string, as []order.Party) returnShown {
	out := returnShown{Market: v.code(b.Market), Order: b.Order.String(), ID: b.ID.String(), State: b.State, Lines: []returnLine{}, Text: b.Text, Photos: append([]string{}, b.Photos...),
		Turn: b.Turn(), Due: b.DueAt, Objection: b.Objection, Pays: b.Pays, To: b.To, Carrier: b.Carrier, Number: b.Number, Goods: b.Fate, Why: b.Why, Back: b.Back, Currency: currency,
		AskedAt: b.AskedAt, ApprovedAt: b.ApprovedAt, SentAt: b.SentAt, CameAt: b.CameAt, EndedAt: b.EndedAt, May: []string{}}
	for no, n := range b.Lines {
		out.Lines = append(out.Lines, returnLine{no, n})
	}
	slices.SortFunc(out.Lines, func(a, b returnLine) int { return a.Line - b.Line })
	if !v.who.ReadOnly {
		may := door.Returning(b, as)
		for _, deed := range returns.Deeds {
			if may[deed] {
				out.May = append(out.May, deed)
			}
		}
	}
	return out
}

func (s *server) orderReturns(v *visit, in *This) (list[returnShown], error) {
	ref, err := v.ref(*in)
	if err != nil {
		return list[returnShown]{}, err
	}
	o, as, err := s.Sides(v.ctx, v.who, ref)
	if err != nil {
		return list[returnShown]{}, err
	}
	all, err := s.Returns.Of(v.ctx, ref)
	return listed(all, func(b returns.Return) returnShown { return v.givenBack(b, o.Currency, as) }), err
}

// shownReturn tells one return to somebody of its sides.
func (s *server) shownReturn(v *visit, ref order.Ref, name id.ID) (returnShown, error) {
	o, as, err := s.Sides(v.ctx, v.who, ref)
	if err != nil {
		return returnShown{}, err
	}
	all, err := s.Returns.Of(v.ctx, ref)
	if err != nil {
		return returnShown{}, err
	}
	for _, b := range all {
		if b.ID == name {
			return v.givenBack(b, o.Currency, as), nil
		}
	}
	return returnShown{}, fault.NotFound("not_found")
}

func (s *server) askReturn(v *visit, in *thisWith[newReturn]) (returnShown, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return returnShown{}, err
	}
	by, _, err := s.Giver(v.ctx, v.who, ref, "ask")
	if err != nil {
		return returnShown{}, err
	}
	wish := returns.Wish{Lines: map[int]int64{}, Text: in.Body.Text, Photos: in.Body.Photos}
	for _, l := range in.Body.Lines {
		wish.Lines[l.Line] += l.Quantity
	}
	name, err := s.Returns.Ask(v.ctx, v.key, by, ref, wish)
	if err != nil {
		return returnShown{}, err
	}
	return s.shownReturn(v, ref, name)
}

// giving does one deed of a return as the side that may, and tells it as it is then.
func (s *server) giving(v *visit, in ThisReturn, deed string, do func(by order.By, ref returns.Ref, gives bool) error) (returnShown, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return returnShown{}, err
	}
	name, err := row(in.Return)
	if err != nil {
		return returnShown{}, err
	}
	by, gives, err := s.Giver(v.ctx, v.who, ref, deed)
	if err != nil {
		return returnShown{}, err
	}
	if err := do(by, returns.Ref{Order: ref, ID: name}, gives); err != nil {
		return returnShown{}, err
	}
	return s.shownReturn(v, ref, name)
}

func (s *server) approveReturn(v *visit, in *returnWith[returnApproved]) (returnShown, error) {
	return s.giving(v, in.ThisReturn, returns.DeedApprove, func(by order.By, ref returns.Ref, _ bool) error {
		return s.Returns.Approve(v.ctx, by, ref, returns.Answer{To: in.Body.To, Pays: in.Body.Pays})
	})
}

func (s *server) refuseReturn(v *visit, in *returnWith[returnRefused]) (returnShown, error) {
	return s.giving(v, in.ThisReturn, returns.DeedRefuse, func(by order.By, ref returns.Ref, _ bool) error {
		return s.Returns.Refuse(v.ctx, by, ref, in.Body.Reason)
	})
}

func (s *server) callReturn(v *visit, in *ThisReturn) (returnShown, error) {
	return s.giving(v, *in, returns.DeedCall, func(by order.By, ref returns.Ref, _ bool) error { return s.Returns.Call(v.ctx, by, ref) })
}

func (s *server) sendReturn(v *visit, in *returnWith[returnSent]) (returnShown, error) {
	return s.giving(v, in.ThisReturn, returns.DeedSend, func(by order.By, ref returns.Ref, _ bool) error {
		return s.Returns.Send(v.ctx, by, ref, in.Body.Carrier, in.Body.Number)
	})
}

func (s *server) receiveReturn(v *visit, in *returnWith[returnReceived]) (returnShown, error) {
	return s.giving(v, in.ThisReturn, returns.DeedReceive, func(by order.By, ref returns.Ref, gives bool) error {
		if !gives {
			return s.Returns.Seen(v.ctx, by, ref, in.Body.Goods)
		}
		return s.Returns.Receive(v.ctx, by, ref, in.Body.Goods)
	})
}

func (s *server) withdrawReturn(v *visit, in *ThisReturn) (returnShown, error) {
	return s.giving(v, *in, returns.DeedWithdraw, func(by order.By, ref returns.Ref, _ bool) error { return s.Returns.Withdraw(v.ctx, by, ref) })
}

func (s *server) openReturns(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[returnShown], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[returnShown]{}, err
	}
	all, err := s.Returns.Running(v.ctx, m.ID, id.None)
	return listed(all, func(b returns.Return) returnShown { return v.givenBack(b, m.Currency, []order.Party{order.AsOperator}) }), err
}
