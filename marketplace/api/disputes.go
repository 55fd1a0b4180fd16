package api

import (
	"net/http"
	"strconv"
	"time"

	"commonfield/catalog/photo"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type disputeShown struct {
	Market     string         `json:"market"`
	Order      string         `json:"order"`
	ID         string         `json:"id"`
	State      dispute.State  `json:"state" enum:"open,answered,escalated,withdrawn,settled,decided,cancelled"`
	Reason     string         `json:"reason" enum:"not_arrived,wrong,damaged,less,quality"`
	Lines      []int64        `json:"lines"`
	Turn       order.Party    `json:"turn,omitempty" doc:"whose turn it is; none when it is over"`
	Until      *time.Time     `json:"until,omitempty" doc:"until when"`
	Offer      int64          `json:"offer_minor" doc:"what the seller would give back; 0: no offer"`
	Back       int64          `json:"back_minor" doc:"what its end gave back"`
	Currency   string         `json:"currency"`
	Goods      string         `json:"goods,omitempty" enum:"kept,back,lost" doc:"what became of the goods"`
	Why        string         `json:"why,omitempty"`
	OpenedAt   time.Time      `json:"opened_at"`
	AnswerBy   time.Time      `json:"answer_by"`
	EscalateAt time.Time      `json:"escalate_at" doc:"when it goes to an operator by itself"`
	EndedAt    *time.Time     `json:"ended_at,omitempty"`
	Words      []disputeWords `json:"words"`
	May        []string       `json:"may" doc:"what the asker may do with it now"`
}

type disputeWords struct {
	As     order.Party `json:"as" enum:"buyer,seller,operator"`
	Text   string      `json:"text"`
	Photos []string    `json:"photos" doc:"keys: /orders/{market}/{id}/evidence/{key without evidence/}/640"`
	Offer  int64       `json:"offer_minor,omitempty"`
	At     time.Time   `json:"at"`
}

type newDispute struct {
	Lines  []int    `json:"lines,omitempty" doc:"none: all of the order"`
	Reason string   `json:"reason" enum:"not_arrived,wrong,damaged,less,quality"`
	Text   string   `json:"text"`
	Photos []string `json:"photos,omitempty" doc:"keys from POST /orders/{market}/{id}/evidence, three at most"`
}

type newWords struct {
	Text   string   `json:"text,omitempty"`
	Photos []string `json:"photos,omitempty"`
	Offer  int64    `json:"offer_minor,omitempty" doc:"by the seller: what they would give back"`
}

type offerTaken struct {
	Offer int64 `json:"offer_minor" doc:"as it was seen"`
}

type newDecision struct {
	Lines  []refundLine `json:"lines,omitempty" doc:"what goes back, of the lines complained of and of charges; amount 0 or left out is all that is left of it; none: nothing"`
	Goods  string       `json:"goods" enum:"kept,back,lost"`
	Reason string       `json:"reason" doc:"both sides read it"`
}

// ThisDispute is a path that names one dispute of an order.
type ThisDispute struct {
	This
	Dispute string `path:"dispute" doc:"id"`
}

type disputeWith[B any] struct {
	ThisDispute
	Body B
}

// disputes mounts what a buyer complains of.
func (s *server) disputes() {
	handle(s, route{method: http.MethodGet, path: "/orders/{market}/{id}/disputes", says: "List what was complained of an order", open: somebody, more: "For buyer, seller and operators; the newest first."}, s.orderDisputes)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/disputes", says: "Complain of an order", open: somebody, status: http.StatusCreated,
		more: "By the buyer, of what is on its way (not arrived), delivered, or completed up to 30 days ago. Its money stays where it is until the complaint ends."}, s.complain)
	deed := "/orders/{market}/{id}/disputes/{dispute}/"
	handle(s, route{method: http.MethodPost, path: deed + "say", says: "Answer, or add words and pictures", open: somebody, more: "By both sides and operators. Send an Idempotency-Key: without one a second request says it again."}, s.say)
	handle(s, route{method: http.MethodPost, path: deed + "take", says: "Take the seller's offer", open: somebody, more: "By the buyer: the sum goes back and the complaint ends. Twice is once."}, s.takeOffer)
	handle(s, route{method: http.MethodPost, path: deed + "escalate", says: "Call an operator", open: somebody, more: "By either side after the answer; by the buyer also after three days without one. Twice is once."}, s.escalate)
	handle(s, route{method: http.MethodPost, path: deed + "withdraw", says: "Take a complaint back", open: somebody, more: "By the buyer. Twice is once."}, s.takeBackDispute)
	handle(s, route{method: http.MethodPost, path: deed + "decide", says: "Decide a complaint", open: known, more: "By an operator who has no part in the order."}, s.decide)
	handle(s, route{method: http.MethodPost, path: "/orders/{market}/{id}/evidence", says: "Send a picture as evidence", open: somebody, status: http.StatusCreated, fresh: true, most: photo.MostBytes + 1<<16,
		more: "JPEG or PNG, 15 MB at most, as the body itself or as the field photo of a form. Only the two sides and operators see it."}, s.takeEvidence)
	send(s, route{method: http.MethodGet, path: "/orders/{market}/{id}/evidence/{hash}/{width}", says: "Give a picture of a complaint in a width of 320, 640 or 1200", open: somebody}, "image/jpeg", s.giveEvidence)
	handle(s, route{method: http.MethodGet, path: "/disputes", says: "List the complaints that are open", open: known, more: "For operators; those to decide come first."}, s.openDisputes)
}

func (v *visit) dispute(d dispute.Dispute, currency string, as []order.Party) disputeShown {
	now := v.s.DB.Now()
	turn, until := d.Turn(now)
	out := disputeShown{Market: v.code(d.Market), Order: d.Order.String(), ID: d.ID.String(), State: d.State, Reason: d.Reason, Lines: d.Lines, Turn: turn, Offer: d.Offer, Back: d.Back,
		Currency: currency, Goods: d.Goods, Why: d.Why, OpenedAt: d.OpenedAt, AnswerBy: d.AnswerBy, EscalateAt: d.EscalateAt, EndedAt: d.EndedAt, Words: []disputeWords{}, May: []string{}}
	if !until.IsZero() {
		out.Until = &until
	}
	for _, w := range d.Words {
		out.Words = append(out.Words, disputeWords{w.As, w.Text, append([]string{}, w.Photos...), w.Offer, w.At})
	}
	if len(as) > 0 && !v.who.ReadOnly {
		party := as[0]
		if party != order.AsBuyer && party != order.AsOperator {
			party = order.AsSeller
		}
		out.May = append(out.May, d.May(party, now)...)
	}
	return out
}

func (s *server) orderDisputes(v *visit, in *This) (list[disputeShown], error) {
	ref, err := v.ref(*in)
	if err != nil {
		return list[disputeShown]{}, err
	}
	o, as, err := s.Sides(v.ctx, v.who, ref)
	if err != nil {
		return list[disputeShown]{}, err
	}
	all, err := s.Disputes.Of(v.ctx, ref)
	return listed(all, func(d dispute.Dispute) disputeShown { return v.dispute(d, o.Currency, as) }), err
}

// shownDispute tells one dispute to somebody of its sides.
func (s *server) shownDispute(v *visit, ref order.Ref, name id.ID) (disputeShown, error) {
	o, as, err := s.Sides(v.ctx, v.who, ref)
	if err != nil {
		return disputeShown{}, err
	}
	all, err := s.Disputes.Of(v.ctx, ref)
	for _, d := range all {
		if d.ID == name {
			return v.dispute(d, o.Currency, as), err
		}
	}
	if err == nil {
		err = fault.NotFound("not_found")
	}
	return disputeShown{}, err
}

func (s *server) complain(v *visit, in *thisWith[newDispute]) (disputeShown, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return disputeShown{}, err
	}
	by, err := s.Complainer(v.ctx, v.who, ref, "open")
	if err != nil {
		return disputeShown{}, err
	}
	name, err := s.Disputes.Complain(v.ctx, v.key, by, ref, dispute.Complaint{Said: dispute.Said{Text: in.Body.Text, Photos: in.Body.Photos}, Lines: in.Body.Lines, Reason: in.Body.Reason})
	if err != nil {
		return disputeShown{}, err
	}
	return s.shownDispute(v, ref, name)
}

// deed does one deed of a dispute as the side that may, and tells it as it is then.
func (s *server) deed(v *visit, in ThisDispute, deed string, do func(by order.By, ref dispute.Ref) error) (disputeShown, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return disputeShown{}, err
	}
	name, err := row(in.Dispute)
	if err != nil {
		return disputeShown{}, err
	}
	by, err := s.Complainer(v.ctx, v.who, ref, deed)
	if err != nil {
		return disputeShown{}, err
	}
	if err := do(by, dispute.Ref{Order: ref, ID: name}); err != nil {
		return disputeShown{}, err
	}
	return s.shownDispute(v, ref, name)
}

func (s *server) say(v *visit, in *disputeWith[newWords]) (disputeShown, error) {
	deed := dispute.DeedSay
	if in.Body.Offer != 0 {
		deed = "offer"
	}
	return s.deed(v, in.ThisDispute, deed, func(by order.By, ref dispute.Ref) error {
		return s.Disputes.Say(v.ctx, v.key, by, ref, dispute.Said{Text: in.Body.Text, Photos: in.Body.Photos}, in.Body.Offer)
	})
}

func (s *server) takeOffer(v *visit, in *disputeWith[offerTaken]) (disputeShown, error) {
	return s.deed(v, in.ThisDispute, dispute.DeedTake, func(by order.By, ref dispute.Ref) error { return s.Disputes.Take(v.ctx, by, ref, in.Body.Offer) })
}

func (s *server) escalate(v *visit, in *ThisDispute) (disputeShown, error) {
	return s.deed(v, *in, dispute.DeedEscalate, func(by order.By, ref dispute.Ref) error { return s.Disputes.Escalate(v.ctx, by, ref) })
}

func (s *server) takeBackDispute(v *visit, in *ThisDispute) (disputeShown, error) {
	return s.deed(v, *in, dispute.DeedWithdraw, func(by order.By, ref dispute.Ref) error { return s.Disputes.Withdraw(v.ctx, by, ref) })
}

func (s *server) decide(v *visit, in *disputeWith[newDecision]) (disputeShown, error) {
	return s.deed(v, in.ThisDispute, dispute.DeedDecide, func(by order.By, ref dispute.Ref) error {
		n := dispute.Decision{Goods: in.Body.Goods, Why: in.Body.Reason}
		for _, l := range in.Body.Lines {
			n.Parts = append(n.Parts, order.Part(l))
		}
		return s.Disputes.Decide(v.ctx, v.key, by, ref, n)
	})
}

func (s *server) takeEvidence(v *visit, in *struct {
	This
	RawBody []byte `contentType:"image/jpeg"`
}) (photoTaken, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return photoTaken{}, err
	}
	if _, err := s.Complainer(v.ctx, v.who, ref, dispute.DeedSay); err != nil {
		if _, _, err := s.Writes(v.ctx, v.who, ref); err != nil { // who may write may show, with goods that go back too
			return photoTaken{}, err
		}
	}
	data, err := v.picture()
	if err != nil {
		return photoTaken{}, err
	}
	key, err := s.Disputes.Show(v.ctx, data)
	if err != nil {
		return photoTaken{}, err
	}
	return photoTaken{key, base + "/orders/" + in.Market + "/" + in.ID + "/" + key + "/640"}, nil
}

func (s *server) giveEvidence(v *visit, in *struct {
	This
	Hash  string `path:"hash" doc:"the key without evidence/"`
	Width string `path:"width" doc:"320, 640 or 1200"`
}) (*download, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return nil, err
	}
	width, err := strconv.Atoi(in.Width)
	if err != nil {
		return nil, fault.NotFound("photo_unknown")
	}
	data, kind, err := s.Evidence(v.ctx, v.who, ref, "evidence/"+in.Hash, width)
	return &download{Type: kind, Cache: "private, max-age=3600", Body: data}, err
}

func (s *server) openDisputes(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[disputeShown], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[disputeShown]{}, err
	}
	all, err := s.Disputes.Running(v.ctx, m.ID, id.None)
	return listed(all, func(d dispute.Dispute) disputeShown { return v.dispute(d, m.Currency, []order.Party{order.AsOperator}) }), err
}
