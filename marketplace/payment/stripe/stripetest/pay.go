package stripetest

import (
	"strings"
	"time"
)

// feeBP is what the stand-in keeps of a charge, and disputeFee what a dispute costs.
const (
	feeBP      = 340
	DisputeFee = 1500
)

// Fee is what is kept of a sum, rounded half up.
func Fee(sum int64) int64 { return (sum*feeBP + 5000) / 10000 }

// Wait is after how long captured money is available.
const Wait = 48 * time.Hour

func (s *Server) openSession(c call, _ string) (obj, *failure) {
	sum := c.number("line_items[0][price_data][unit_amount]") * max(c.number("line_items[0][quantity]"), 1)
	ends := c.number("expires_at")
	now := s.now()
	switch {
	case c.text("mode") == "setup":
	case sum < 100:
		return nil, invalid("amount_too_small", "Amount must be at least ¥1.00")
	}
	if ends == 0 {
		ends = now + 24*3600
	}
	if ends < now+30*60 || ends > now+24*3600 {
		return nil, invalid("", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	name := s.id("cs_test")
	return s.put(obj{
		"id": name, "object": "checkout.session", "livemode": false, "created": now, "expires_at": ends, "status": "open", "payment_status": "unpaid",
		"mode": c.text("mode"), "amount_total": sum, "amount_subtotal": sum, "currency": c.text("line_items[0][price_data][currency]"),
		"metadata": c.under("metadata"), "setup_metadata": c.under("setup_intent_data[metadata]"), "intent_metadata": c.under("payment_intent_data[metadata]"), "transfer_group": c.text("payment_intent_data[transfer_group]"),
		"payment_intent": nil, "setup_intent": nil, "url": s.pages + "/pay/" + name, "success_url": c.text("success_url"), "cancel_url": c.text("cancel_url"),
		"client_reference_id": c.text("client_reference_id"), "payment_method_types": indexed(c.form, "payment_method_types"), "customer": text(c.text("customer")),
	}), nil
}

// text is a name, or null.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Server) expireSession(_ call, name string) (obj, *failure) {
	o, known := s.all[name]
	if !known {
		return nil, missing(name)
	}
	s.settle()
	if o["status"] != "open" {
		return nil, invalid("", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of "+o["status"].(string))
	}
	s.expired(o)
	return o, nil
}

func (s *Server) expired(o obj) {
	o["status"], o["url"] = "expired", nil
	s.tell("checkout.session.expired", o)
}

// settle lets what the clock decides happen: sessions end, money becomes available.
func (s *Server) settle() {
	for _, o := range s.of("checkout.session") {
		if o["status"] == "open" && o["expires_at"].(int64) <= s.now() {
			s.expired(o)
		}
	}
	for _, o := range s.of("balance_transaction") {
		if o["status"] == "pending" && o["available_on"].(int64) <= s.now() {
			o["status"] = "available"
		}
	}
}

// Paying is how a payer pays; the zero value pays what is asked by card, at once.
type Paying struct {
	Method   string // card, alipay, wechat_pay
	Async    bool   // the bank answers later: see Answer
	Amount   int64  // another sum than was asked
	Currency string // another currency than was asked
	Settled  string // the currency that the balance gets, when another
}

// Pay is the payer's press on the session's page. It says whether the session was
// still open.
func (s *Server) Pay(session string, p Paying) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	o, known := s.all[session]
	if !known || o["status"] != "open" {
		return false
	}
	if o["mode"] == "setup" {
		s.save(o, Good)
		return true
	}
	if p.Method == "" {
		p.Method = "card"
	}
	sum, currency := o["amount_total"].(int64), o["currency"].(string)
	if p.Amount != 0 {
		sum = p.Amount
	}
	if p.Currency != "" {
		currency = strings.ToLower(p.Currency)
	}
	i := s.put(obj{"id": s.id("pi"), "object": "payment_intent", "livemode": false, "created": s.now(), "amount": sum, "amount_received": int64(0), "currency": currency,
		"status": "processing", "metadata": o["intent_metadata"], "latest_charge": nil, "payment_method_types": []string{p.Method}, "transfer_group": text(o["transfer_group"].(string)), "settled_in": p.Settled})
	o["status"], o["url"], o["payment_intent"] = "complete", nil, i["id"]
	s.tell("checkout.session.completed", o)
	if p.Async {
		s.tell("payment_intent.processing", i)
		return true
	}
	s.took(o, i)
	return true
}

// Answer is the bank's word on a session that was paid asynchronously.
func (s *Server) Answer(session string, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.all[session]
	i := s.all[o["payment_intent"].(string)]
	if good {
		s.took(o, i)
		s.tell("checkout.session.async_payment_succeeded", o)
		return
	}
	i["status"] = "requires_payment_method"
	s.tell("payment_intent.payment_failed", i)
	s.tell("checkout.session.async_payment_failed", o)
}

// took makes the charge of an intent and books it.
func (s *Server) took(o, i obj) {
	sum := i["amount"].(int64)
	c := s.put(obj{"id": s.id("ch"), "object": "charge", "livemode": false, "created": s.now(), "amount": sum, "amount_refunded": int64(0), "currency": i["currency"],
		"payment_intent": i["id"], "metadata": i["metadata"], "status": "succeeded", "paid": true, "captured": true, "refunded": false, "disputed": false, "transfer_group": i["transfer_group"]})
	b := s.book("charge", c["id"].(string), i["currency"].(string), sum, Fee(sum), Wait)
	if in, _ := i["settled_in"].(string); in != "" {
		b["currency"] = strings.ToLower(in)
	}
	c["balance_transaction"] = b["id"]
	i["status"], i["amount_received"], i["latest_charge"] = "succeeded", sum, c["id"]
	o["payment_status"] = "paid"
	s.tell("payment_intent.succeeded", i)
	s.tell("charge.succeeded", c)
}

// book writes a line of the balance.
func (s *Server) book(kind, source, currency string, sum, fee int64, wait time.Duration) obj {
	status := "pending"
	if wait == 0 {
		status = "available"
	}
	category := kind
	return s.put(obj{"id": s.id("txn"), "object": "balance_transaction", "created": s.now(), "available_on": s.now() + int64(wait/time.Second), "type": kind,
		"reporting_category": category, "source": source, "currency": currency, "amount": sum, "fee": fee, "net": sum - fee, "status": status})
}
