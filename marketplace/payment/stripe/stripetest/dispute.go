package stripetest

// intentOf is the intent of a session, or the one that is named itself.
func (s *Server) intentOf(name string) obj {
	if o := s.all[name]; o["object"] == "payment_intent" {
		return o
	}
	return s.all[s.all[name]["payment_intent"].(string)]
}

// Dispute lets the payer's bank take a charge back: the sum and a fee leave the
// balance. The sum may be larger than the charge.
func (s *Server) Dispute(session string, sum int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.intentOf(session)
	c := s.all[i["latest_charge"].(string)]
	if sum == 0 {
		sum = c["amount"].(int64)
	}
	d := s.put(obj{"id": s.id("dp"), "object": "dispute", "livemode": false, "created": s.now(), "amount": sum, "currency": c["currency"], "charge": c["id"], "payment_intent": i["id"],
		"status": "needs_response", "reason": "product_not_received", "evidence": obj{}, "metadata": obj{}, "evidence_details": obj{"due_by": s.now() + 7*24*3600, "has_evidence": false, "submission_count": int64(0)},
		"is_charge_refundable": false})
	b := s.book("adjustment", d["id"].(string), c["currency"].(string), -sum, DisputeFee, 0)
	b["reporting_category"] = "dispute"
	d["balance_transactions"] = []any{plain(b)}
	c["disputed"] = true
	s.tell("charge.dispute.created", d)
	s.tell("charge.dispute.funds_withdrawn", d)
	return d["id"].(string)
}

// Decide is the bank's word on a dispute. What is won comes back, without the fee.
func (s *Server) Decide(dispute string, won bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.all[dispute]
	d["status"] = "lost"
	if won {
		d["status"] = "won"
		b := s.book("adjustment", dispute, d["currency"].(string), d["amount"].(int64), 0, 0)
		b["reporting_category"] = "dispute_reversal"
		d["balance_transactions"] = append(d["balance_transactions"].([]any), plain(b))
		s.all[d["charge"].(string)]["disputed"] = false
		s.tell("charge.dispute.funds_reinstated", d)
	}
	s.tell("charge.dispute.closed", d)
}

// Evidence is what was sent in for a dispute.
func (s *Server) Evidence(dispute string) (text string, sent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.all[dispute]
	text, _ = d["evidence"].(obj)["uncategorized_text"].(string)
	return text, d["status"] == "under_review"
}

func (s *Server) updateDispute(c call, name string) (obj, *failure) {
	d, known := s.all[name]
	if !known {
		return nil, missing(name)
	}
	if d["status"] == "won" || d["status"] == "lost" {
		return nil, invalid("dispute_closed", "This dispute is closed.")
	}
	d["evidence"] = c.under("evidence")
	details := d["evidence_details"].(obj)
	details["has_evidence"] = true
	if c.text("submit") == "true" {
		d["status"], details["submission_count"] = "under_review", int64(1)
	}
	s.tell("charge.dispute.updated", d)
	return d, nil
}

func (s *Server) closeDispute(_ call, name string) (obj, *failure) {
	d, known := s.all[name]
	if !known {
		return nil, missing(name)
	}
	d["status"] = "lost"
	s.tell("charge.dispute.closed", d)
	return d, nil
}
