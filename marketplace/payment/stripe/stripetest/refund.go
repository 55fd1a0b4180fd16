package stripetest

func (s *Server) makeRefund(c call, _ string) (obj, *failure) {
	name := c.text("charge")
	if intent, known := s.all[c.text("payment_intent")]; known && name == "" {
		name, _ = intent["latest_charge"].(string)
	}
	charge, known := s.all[name]
	if !known {
		return nil, missing(name)
	}
	sum := c.number("amount")
	left := charge["amount"].(int64) - charge["amount_refunded"].(int64)
	if sum == 0 {
		sum = left
	}
	switch {
	case charge["disputed"] == true:
		return nil, invalid("charge_disputed", "This charge has been charged back.")
	case left == 0:
		return nil, invalid("charge_already_refunded", "Charge has already been refunded.")
	case sum > left:
		return nil, invalid("", "Refund amount is greater than unrefunded amount on charge")
	}
	return s.refund(charge, sum, c.under("metadata"), "succeeded"), nil
}

func (s *Server) refund(charge obj, sum int64, metadata obj, status string) obj {
	r := s.put(obj{"id": s.id("re"), "object": "refund", "created": s.now(), "amount": sum, "currency": charge["currency"], "charge": charge["id"],
		"payment_intent": charge["payment_intent"], "metadata": metadata, "status": status, "balance_transaction": nil})
	if s.slow {
		r["status"] = "pending"
	}
	r["balance_transaction"] = s.book("refund", r["id"].(string), charge["currency"].(string), -sum, 0, 0)["id"]
	charge["amount_refunded"] = charge["amount_refunded"].(int64) + sum
	charge["refunded"] = charge["amount_refunded"] == charge["amount"]
	s.tell("charge.refunded", charge)
	s.tell("refund.created", r)
	return r
}

// Slow lets refunds be pending until the test says how they end.
func (s *Server) Slow(slow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = slow
}

// Refunds are the names of the refunds, oldest first.
func (s *Server) Refunds() []string {
	return s.named("refund")
}

// Sessions are all, oldest first.
func (s *Server) Sessions() []string { return s.named("checkout.session") }

// named are the names of all objects of a kind, oldest first.
func (s *Server) named(kind string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, name := range s.order {
		if s.all[name]["object"] == kind {
			names = append(names, name)
		}
	}
	return names
}

// Refunded is how much of a session's charge has gone back.
func (s *Server) Refunded(session string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum int64
	for _, r := range s.of("refund") {
		if (r["payment_intent"] == s.all[session]["payment_intent"] || r["payment_intent"] == session) && r["status"] != "failed" {
			sum += r["amount"].(int64)
		}
	}
	return sum
}

// Finish says how a refund ends: pending ones, and those that come back days after
// they had succeeded.
func (s *Server) Finish(refund string, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.all[refund]
	if good {
		r["status"] = "succeeded"
		s.tell("refund.updated", r)
		return
	}
	charge := s.all[r["charge"].(string)]
	r["status"], r["failure_reason"] = "failed", "lost_or_stolen_card"
	r["failure_balance_transaction"] = s.book("refund_failure", refund, r["currency"].(string), r["amount"].(int64), 0, 0)["id"]
	charge["amount_refunded"] = charge["amount_refunded"].(int64) - r["amount"].(int64)
	charge["refunded"] = false
	s.tell("charge.refund.updated", r)
	s.tell("refund.updated", r)
}

// InDashboard is a refund that somebody makes in Stripe's own pages.
func (s *Server) InDashboard(session string, sum int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.intentOf(session)
	return s.refund(s.all[i["latest_charge"].(string)], sum, obj{}, "succeeded")["id"].(string)
}
