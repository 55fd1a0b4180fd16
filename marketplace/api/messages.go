package api

import (
	"net/http"
	"time"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/storage/fault"
)

type messageShown struct {
	ID     string      `json:"id"`
	As     order.Party `json:"as" enum:"buyer,seller,agent,operator"`
	Text   string      `json:"text"`
	Photos []string    `json:"photos" doc:"keys: /orders/{market}/{id}/evidence/{key without evidence/}/640"`
	At     time.Time   `json:"at"`
	Seen   bool        `json:"seen" doc:"by somebody of another side"`
}

type talkShown struct {
	Market   string         `json:"market"`
	Order    string         `json:"order"`
	Open     bool           `json:"open" doc:"more may be written"`
	Called   string         `json:"called,omitempty" enum:"help,rude,outside" doc:"why an operator was called; none: none reads along"`
	Messages []messageShown `json:"messages" doc:"the oldest first"`
}

type talkRow struct {
	Market   string    `json:"market"`
	Order    string    `json:"order"`
	Messages int       `json:"messages"`
	Unread   int       `json:"unread" doc:"by the asker"`
	Called   string    `json:"called,omitempty" enum:"help,rude,outside"`
	LastAt   time.Time `json:"last_at"`
}

type newMessage struct {
	Text   string   `json:"text,omitempty" doc:"1000 characters at most"`
	Photos []string `json:"photos,omitempty" doc:"keys from POST /orders/{market}/{id}/evidence, three at most"`
}

type newCall struct {
	Why string `json:"why" enum:"help,rude,outside" doc:"outside: asked to pay elsewhere"`
}

// messages mounts what the sides of an order write to each other.
func (s *server) messages() {
	way := "/orders/{market}/{id}/messages"
	handle(s, route{method: http.MethodGet, path: way, says: "List what was written about an order", open: somebody, more: "For buyer, seller and agent; for an operator who was called, or while a complaint or a return is open. Reading it here marks nothing as read."}, s.orderMessages)
	handle(s, route{method: http.MethodPost, path: way, says: "Write to the other sides of an order", open: somebody, status: http.StatusCreated,
		more: "Until 30 days after its end. Send an Idempotency-Key: without one a second request writes it again."}, s.writeMessage)
	handle(s, route{method: http.MethodPost, path: way + "/read", says: "Mark what was written about an order as read", open: somebody, more: "Twice is once."}, s.readMessages)
	handle(s, route{method: http.MethodPost, path: way + "/call", says: "Call an operator to the messages of an order", open: somebody, more: "By buyer, seller or agent. Twice is once."}, s.callToMessages)
	handle(s, route{method: http.MethodPost, path: way + "/leave", says: "Be done with the messages of an order", open: known, more: "By an operator who was called: from then on none reads along. Twice is once."}, s.leaveMessages)
	handle(s, route{method: http.MethodGet, path: "/messages", says: "List the orders about which something was written", open: somebody, more: "As buyer and agent everywhere; with a market and as=seller or as=operator those of that desk."}, s.talks)
}

// talkOf tells an order's talk to one of its sides.
func (s *server) talkOf(v *visit, by order.By, ref order.Ref) (talkShown, error) {
	p, err := s.Talks.Of(v.ctx, by, ref)
	if err != nil {
		return talkShown{}, err
	}
	out := talkShown{Market: v.code(ref.Market), Order: ref.ID.String(), Open: p.Open, Called: p.CalledWhy, Messages: []messageShown{}}
	for _, m := range p.All {
		out.Messages = append(out.Messages, messageShown{m.ID.String(), m.As, m.Text, append([]string{}, m.Photos...), m.At, m.Seen})
	}
	return out, nil
}

func (s *server) orderMessages(v *visit, in *This) (talkShown, error) {
	ref, err := v.ref(*in)
	if err != nil {
		return talkShown{}, err
	}
	_, by, err := s.Talker(v.ctx, v.who, ref)
	if err != nil {
		return talkShown{}, err
	}
	return s.talkOf(v, by, ref)
}

// talkDeed does one deed as the side that the asker is, and tells the talk as it is
// then.
func (s *server) talkDeed(v *visit, in This, do func(by order.By, ref order.Ref) error) (talkShown, error) {
	ref, err := v.ref(in)
	if err != nil {
		return talkShown{}, err
	}
	_, by, err := s.Writes(v.ctx, v.who, ref)
	if err == nil {
		err = do(by, ref)
	}
	if err != nil {
		return talkShown{}, err
	}
	return s.talkOf(v, by, ref)
}

func (s *server) writeMessage(v *visit, in *thisWith[newMessage]) (talkShown, error) {
	return s.talkDeed(v, in.This, func(by order.By, ref order.Ref) error {
		_, err := s.Talks.Say(v.ctx, v.key, by, ref, talk.Said{Text: in.Body.Text, Photos: in.Body.Photos})
		return err
	})
}

func (s *server) readMessages(v *visit, in *This) (talkShown, error) {
	return s.talkDeed(v, *in, func(by order.By, ref order.Ref) error {
		if _, err := s.Talks.Of(v.ctx, by, ref); err != nil {
			return err
		}
		return s.Talks.Seen(v.ctx, by, ref)
	})
}

func (s *server) callToMessages(v *visit, in *thisWith[newCall]) (talkShown, error) {
	return s.talkDeed(v, in.This, func(by order.By, ref order.Ref) error { return s.Talks.Call(v.ctx, by, ref, in.Body.Why) })
}

func (s *server) leaveMessages(v *visit, in *This) (talkShown, error) {
	ref, err := v.ref(*in)
	if err != nil {
		return talkShown{}, err
	}
	_, by, err := s.Talker(v.ctx, v.who, ref)
	if err == nil {
		err = door.Writer(v.who)
	}
	if err == nil {
		err = s.Talks.Leave(v.ctx, by, ref)
	}
	return talkShown{Market: v.code(ref.Market), Order: ref.ID.String(), Messages: []messageShown{}}, err
}

func (s *server) talks(v *visit, in *struct {
	Market string `query:"market" doc:"code or number, with as"`
	As     string `query:"as" enum:"seller,operator"`
}) (list[talkRow], error) {
	var all []talk.Talk
	switch in.As {
	case "":
		markets, err := s.MarketsOf(v.ctx, v.who)
		if err != nil {
			return list[talkRow]{}, err
		}
		if all, err = s.Talks.List(v.ctx, talk.Filter{Markets: markets, Buyer: v.who.ID, Person: v.who.ID}); err != nil {
			return list[talkRow]{}, err
		}
		own, err := s.AgentTalks(v.ctx, v.who.ID, talk.Filter{Person: v.who.ID})
		if err != nil {
			return list[talkRow]{}, err
		}
		all = append(all, own...)
	case "operator":
		m, err := v.operated(in.Market)
		if err != nil {
			return list[talkRow]{}, err
		}
		if all, err = s.Talks.List(v.ctx, talk.Filter{Markets: []int32{m.ID}, Person: v.who.ID}); err != nil {
			return list[talkRow]{}, err
		}
	default:
		m, err := v.market(in.Market)
		if err != nil {
			return list[talkRow]{}, err
		}
		seller, err := s.ProducerOf(v.ctx, v.who, m.ID)
		if err != nil {
			return list[talkRow]{}, fault.Forbidden("forbidden").Because(err)
		}
		if all, err = s.Talks.List(v.ctx, talk.Filter{Markets: []int32{m.ID}, Seller: seller.ID, Person: v.who.ID}); err != nil {
			return list[talkRow]{}, err
		}
	}
	return listed(all, func(t talk.Talk) talkRow {
		return talkRow{v.code(t.Market), t.Order.String(), t.Messages, t.Unread, t.CalledWhy, t.LastAt}
	}), nil
}
