package stripetest

import (
	"fmt"
	"html"
	"net/http"
	"strings"
)

// page is the stand-in's own pay page, for trying out by hand.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	name, is := strings.CutPrefix(r.URL.Path, "/pay/")
	if account, is := strings.CutPrefix(r.URL.Path, "/onboard/"); is {
		s.onboard(w, r, account)
		return
	}
	s.mu.Lock()
	o, known := s.all[name]
	s.mu.Unlock()
	if !is || !known {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost {
		switch r.FormValue("outcome") {
		case "pay":
			s.Pay(name, Paying{Method: r.FormValue("method")})
		case "async":
			s.Pay(name, Paying{Async: true})
		}
		http.Redirect(w, r, o["success_url"].(string), http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><meta name=viewport content="width=device-width"><title>Stand-in</title><h1>%s: %d %s</h1>
<form method=post><button name=outcome value=pay>Pay</button> <button name=outcome value=async>Pay, the bank answers later</button></form><p><a href="%s">Back</a>`,
		html.EscapeString(fmt.Sprint(o["client_reference_id"])), o["amount_total"], html.EscapeString(fmt.Sprint(o["currency"])), html.EscapeString(fmt.Sprint(o["cancel_url"])))
}
