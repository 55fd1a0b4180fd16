package stripetest

import (
	"fmt"
	"html"
	"net/http"
	"strings"
)

func (s *Server) makeAccount(c call, _ string) (obj, *failure) {
	a := s.put(obj{"id": s.id("acct"), "object": "account", "type": c.text("type"), "created": s.now(), "default_currency": "cny", "country": "HK", "metadata": c.under("metadata"),
		"charges_enabled": false, "payouts_enabled": false, "details_submitted": false, "livemode": false,
		"capabilities": obj{"transfers": "inactive"}, "requirements": obj{"disabled_reason": "requirements.past_due", "currently_due": []any{"individual.first_name"}}})
	if c.text("capabilities[transfers][requested]") != "true" {
		a["capabilities"] = obj{}
	}
	return a, nil
}

func (s *Server) makeLink(c call, _ string) (obj, *failure) {
	a, known := s.all[c.text("account")]
	if !known || a["object"] != "account" {
		return nil, missing(c.text("account"))
	}
	a["return_url"] = c.text("return_url")
	return obj{"object": "account_link", "created": s.now(), "expires_at": s.now() + 300, "url": s.pages + "/onboard/" + a["id"].(string)}, nil
}

// Stand says how Stripe has an account from now on: pending, active, restricted; or
// gone, when its holder takes our access away.
func (s *Server) Stand(account, how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.all[account]
	may, why := "inactive", any(nil)
	a["payouts_enabled"], a["details_submitted"] = false, true
	switch how {
	case "active":
		may = "active"
		a["payouts_enabled"] = true
	case "restricted":
		why = "requirements.past_due"
	case "pending":
		may, why = "pending", "requirements.pending_verification"
	case "gone":
		a["gone"] = true
		s.tellOf("account.application.deauthorized", obj{"id": "ca_standin", "object": "application"}, account)
		return
	}
	a["capabilities"] = obj{"transfers": may}
	a["requirements"] = obj{"disabled_reason": why, "currently_due": []any{}}
	s.tellOf("account.updated", a, account)
}

// Connected are the names of payees' accounts, oldest first.
func (s *Server) Connected() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, name := range s.order {
		if s.all[name]["object"] == "account" && name != Account {
			names = append(names, name)
		}
	}
	return names
}

// available is what the balance has that may be used.
func (s *Server) available() (sum int64) {
	s.settle()
	for _, b := range s.of("balance_transaction") {
		if b["status"] == "available" {
			sum += b["net"].(int64)
		}
	}
	return sum
}

func (s *Server) makeTransfer(c call, _ string) (obj, *failure) {
	a, known := s.all[c.text("destination")]
	sum := c.number("amount")
	switch {
	case !known || a["object"] != "account":
		return nil, invalid("resource_missing", "No such destination: "+c.text("destination"))
	case a["gone"] == true:
		return nil, &failure{status: http.StatusForbidden, kind: "invalid_request_error", code: "account_invalid", text: "The provided key does not have access to account"}
	case a["capabilities"].(obj)["transfers"] != "active":
		return nil, invalid("insufficient_capabilities_for_transfer", "Your destination account needs to have at least one of the following capabilities enabled: transfers")
	case sum > s.available():
		return nil, invalid("balance_insufficient", "You have insufficient available funds in your Stripe account.")
	}
	t := s.put(obj{"id": s.id("tr"), "object": "transfer", "livemode": false, "created": s.now(), "amount": sum, "amount_reversed": int64(0), "currency": c.text("currency"), "destination": a["id"],
		"description": c.text("description"), "metadata": c.under("metadata"), "transfer_group": c.text("transfer_group"), "reversed": false})
	t["balance_transaction"] = s.book("transfer", t["id"].(string), c.text("currency"), -sum, 0, 0)["id"]
	s.tell("transfer.created", t)
	return t, nil
}

func (s *Server) makeReversal(c call, name string) (obj, *failure) {
	t, known := s.all[name]
	if !known || t["object"] != "transfer" {
		return nil, missing(name)
	}
	sum := c.number("amount")
	if sum == 0 {
		sum = t["amount"].(int64) - t["amount_reversed"].(int64)
	}
	switch {
	case t["spent"] == true:
		return nil, invalid("balance_insufficient", "Insufficient funds in the connected account to reverse the transfer.")
	case sum > t["amount"].(int64)-t["amount_reversed"].(int64):
		return nil, invalid("", "Reversal amount is greater than unreversed amount on transfer")
	}
	return s.reversal(t, sum, c.under("metadata")), nil
}

func (s *Server) reversal(t obj, sum int64, metadata obj) obj {
	r := s.put(obj{"id": s.id("trr"), "object": "transfer_reversal", "created": s.now(), "amount": sum, "currency": t["currency"], "transfer": t["id"], "metadata": metadata})
	r["balance_transaction"] = s.book("transfer_refund", r["id"].(string), t["currency"].(string), sum, 0, 0)["id"]
	t["amount_reversed"] = t["amount_reversed"].(int64) + sum
	t["reversed"] = t["amount_reversed"] == t["amount"]
	s.tell("transfer.reversed", t)
	return r
}

// Spent lets a payee have spent what was transferred: it cannot be reversed.
func (s *Server) Spent(transfer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[transfer]["spent"] = true
}

// ReverseInDashboard is a reversal that somebody makes in Stripe's own pages.
func (s *Server) ReverseInDashboard(transfer string, sum int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reversal(s.all[transfer], sum, obj{})
}

// Transfer is a transfer as the stand-in has it.
type Transfer struct {
	ID, To, Group string
	Amount, Back  int64
}

// Transfers are all, oldest first.
func (s *Server) Transfers() []Transfer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Transfer
	for _, name := range s.order {
		if t := s.all[name]; t["object"] == "transfer" {
			all = append(all, Transfer{name, t["destination"].(string), t["transfer_group"].(string), t["amount"].(int64), t["amount_reversed"].(int64)})
		}
	}
	return all
}

// onboard is the stand-in's own page where a payee says who they are, for trying out
// by hand.
func (s *Server) onboard(w http.ResponseWriter, r *http.Request, account string) {
	s.mu.Lock()
	a, known := s.all[account]
	s.mu.Unlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost {
		s.Stand(account, r.FormValue("how"))
		http.Redirect(w, r, a["return_url"].(string), http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><meta name=viewport content="width=device-width"><title>Stand-in</title><h1>%s</h1>
<form method=post><button name=how value=active>All is well</button> <button name=how value=pending>It is looked at</button> <button name=how value=restricted>Something is missing</button></form>`,
		html.EscapeString(strings.TrimSpace(account)))
}
