package stripetest

import "net/http"

// Card is what a saved card does when it is charged later, without its payer.
type Card string

// The cards. A slow one is processing until the test says how it ends (AnswerCharge).
const (
	Good     Card = ""
	Declined Card = "card_declined"
	Asks     Card = "authentication_required"
	Slow     Card = "slow"
)

// Save is the payer's press on the page of a session that saves a card. It says
// whether the session was still open.
func (s *Server) Save(session string, card Card) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	o, known := s.all[session]
	if !known || o["status"] != "open" || o["mode"] != "setup" {
		return false
	}
	s.save(o, card)
	return true
}

func (s *Server) save(o obj, card Card) {
	c := s.put(obj{"id": s.id("cus"), "object": "customer", "livemode": false, "created": s.now(), "metadata": obj{}})
	m := s.put(obj{"id": s.id("pm"), "object": "payment_method", "livemode": false, "created": s.now(), "type": "card", "customer": c["id"], "does": string(card)})
	i := s.put(obj{"id": s.id("seti"), "object": "setup_intent", "livemode": false, "created": s.now(), "status": "succeeded", "usage": "off_session",
		"customer": c["id"], "payment_method": m["id"], "metadata": o["setup_metadata"], "payment_method_types": []string{"card"}})
	o["status"], o["url"], o["setup_intent"], o["customer"] = "complete", nil, i["id"], c["id"]
	s.tell("checkout.session.completed", o)
	s.tell("setup_intent.succeeded", i)
}

// Turn lets a saved card do something else from now on.
func (s *Server) Turn(session string, card Card) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.all[s.all[session]["setup_intent"].(string)]
	s.all[i["payment_method"].(string)]["does"] = string(card)
}

// makeIntent charges a saved card off-session.
func (s *Server) makeIntent(c call, _ string) (obj, *failure) {
	customer, known := s.all[c.text("customer")]
	if !known || customer["deleted"] == true {
		return nil, &failure{status: http.StatusBadRequest, kind: "invalid_request_error", code: "resource_missing", param: "customer", text: "No such customer: '" + c.text("customer") + "'"}
	}
	method, known := s.all[c.text("payment_method")]
	if !known || method["customer"] != customer["id"] {
		return nil, &failure{status: http.StatusBadRequest, kind: "invalid_request_error", code: "resource_missing", param: "payment_method", text: "No such PaymentMethod: '" + c.text("payment_method") + "'"}
	}
	switch {
	case c.text("confirm") != "true" || c.text("off_session") != "true":
		return nil, invalid("", "The stand-in knows charges without their payer only.")
	case c.number("amount") < 100:
		return nil, invalid("amount_too_small", "Amount must be at least ¥1.00")
	}
	i := s.put(obj{"id": s.id("pi"), "object": "payment_intent", "livemode": false, "created": s.now(), "amount": c.number("amount"), "amount_received": int64(0), "currency": c.text("currency"),
		"status": "processing", "metadata": c.under("metadata"), "latest_charge": nil, "payment_method_types": indexed(c.form, "payment_method_types"),
		"transfer_group": text(c.text("transfer_group")), "customer": customer["id"], "payment_method": method["id"], "last_payment_error": nil})
	switch does := method["does"].(string); Card(does) {
	case Good:
		s.took(obj{}, i)
	case Slow:
		s.tell("payment_intent.processing", i)
	default:
		s.refuse(i, does)
		return nil, &failure{status: http.StatusPaymentRequired, kind: "card_error", code: does, text: "Your card was declined.", intent: plain(i)}
	}
	return i, nil
}

func (s *Server) refuse(i obj, why string) {
	i["status"], i["last_payment_error"] = "requires_payment_method", obj{"type": "card_error", "code": why, "message": "Your card was declined."}
	s.tell("payment_intent.payment_failed", i)
}

// AnswerCharge is the bank's word on a charge of a slow card.
func (s *Server) AnswerCharge(intent string, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.all[intent]
	if good {
		s.took(obj{}, i)
		return
	}
	s.refuse(i, string(Declined))
}

func (s *Server) cancelIntent(_ call, name string) (obj, *failure) {
	i, known := s.all[name]
	if !known || i["object"] != "payment_intent" {
		return nil, missing(name)
	}
	if i["status"] == "succeeded" || i["status"] == "canceled" || i["status"] == "processing" {
		return nil, invalid("payment_intent_unexpected_state", "You cannot cancel this PaymentIntent because it has a status of "+i["status"].(string)+".")
	}
	i["status"] = "canceled"
	s.tell("payment_intent.canceled", i)
	return i, nil
}

func (s *Server) deleteCustomer(_ call, name string) (obj, *failure) {
	c, known := s.all[name]
	if !known || c["object"] != "customer" || c["deleted"] == true {
		return nil, missing(name)
	}
	c["deleted"] = true
	for _, m := range s.of("payment_method") {
		if m["customer"] == name {
			m["customer"] = nil
		}
	}
	return obj{"id": name, "object": "customer", "deleted": true}, nil
}

// Charges are the intents of a session's customer, oldest first, with their states.
func (s *Server) Charges(session string) (names, states []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	customer := s.all[session]["customer"]
	for _, name := range s.order {
		if i := s.all[name]; i["object"] == "payment_intent" && customer != nil && i["customer"] == customer {
			names, states = append(names, name), append(states, i["status"].(string))
		}
	}
	return names, states
}

// Taken is what every intent of a payment has brought, however it was paid.
func (s *Server) Taken(payment string) (sum int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.of("payment_intent") {
		if m, is := i["metadata"].(obj); is && m["payment"] == payment {
			sum += i["amount_received"].(int64)
		}
	}
	return sum
}

// Remembers says whether a session's customer is still there.
func (s *Server) Remembers(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, is := s.all[session]["customer"].(string)
	return is && s.all[name]["deleted"] != true
}

// Customer is the name of a session's customer.
func (s *Server) Customer(session string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, _ := s.all[session]["customer"].(string)
	return name
}
