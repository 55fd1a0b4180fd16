package stripetest

// Line is a line of the balance as the stand-in keeps it.
type Line struct {
	ID, Type, Source string
	Net              int64
}

// PayOut lets Stripe pay a sum of the balance to the account's bank.
func (s *Server) PayOut(sum int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.put(obj{"id": s.id("po"), "object": "payout", "livemode": false, "created": s.now(), "arrival_date": s.now() + 2*24*3600, "amount": sum, "currency": "cny", "automatic": true,
		"status": "in_transit", "type": "bank_account", "method": "standard", "metadata": obj{}, "description": "STRIPE PAYOUT"})
	p["balance_transaction"] = s.book("payout", p["id"].(string), "cny", -sum, 0, 0)["id"]
	s.tell("payout.created", p)
	return p["id"].(string)
}

// NoBank lets the bank refuse a payout: its sum is in the balance again.
func (s *Server) NoBank(payout string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.all[payout]
	p["status"], p["failure_code"] = "failed", "account_closed"
	p["failure_balance_transaction"] = s.book("payout_failure", payout, "cny", p["amount"].(int64), 0, 0)["id"]
	s.tell("payout.failed", p)
}

// Take books a line of the balance that is of no payment: what Stripe takes for
// itself, or whatever the kind says.
func (s *Server) Take(kind string, sum int64, words string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.book(kind, "", "cny", -sum, 0, 0)
	b["source"], b["description"] = nil, words
	return b["id"].(string)
}

// Balance is every line, oldest first.
func (s *Server) Balance() []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Line
	for _, name := range s.order {
		if o := s.all[name]; o["object"] == "balance_transaction" {
			source, _ := o["source"].(string)
			all = append(all, Line{name, o["type"].(string), source, o["net"].(int64)})
		}
	}
	return all
}

// Refee lets Stripe keep another sum of a session's charge than it has said.
func (s *Server) Refee(session string, fee int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.all[s.all[session]["payment_intent"].(string)]
	b := s.all[s.all[i["latest_charge"].(string)]["balance_transaction"].(string)]
	b["fee"], b["net"] = fee, b["amount"].(int64)-fee
}
