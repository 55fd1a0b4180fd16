package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

type account struct {
	Market   string           `json:"market"`
	Account  string           `json:"account"`
	Balance  int64            `json:"balance_minor"`
	Currency string           `json:"currency"`
	Postings []ledger.Posting `json:"postings" doc:"the newest first"`
	Next     string           `json:"next" doc:"cursor of the next piece; empty at the end"`
}

type trial struct {
	Market   string       `json:"market"`
	Currency string       `json:"currency"`
	Items    []ledger.Row `json:"items" doc:"the balances add up to nothing"`
	Next     string       `json:"next"`
}

type entries struct {
	Market   string           `json:"market"`
	Currency string           `json:"currency"`
	Postings []ledger.Posting `json:"postings" doc:"oldest first; those of an entry together"`
}

// ledger mounts the books.
func (s *server) ledger() {
	handle(s, route{method: http.MethodGet, path: "/ledger/trial", says: "Give the trial balance", open: known, more: "For operators."}, s.trial)
	handle(s, route{method: http.MethodGet, path: "/ledger/accounts", says: "List the single accounts below a name of the trial balance that hold something", open: known, more: "For operators."}, s.accounts)
	handle(s, route{method: http.MethodGet, path: "/ledger/accounts/{market}/{account}", says: "Show an account and its postings, the newest first", open: known, more: "For operators."}, s.account)
	handle(s, route{method: http.MethodGet, path: "/ledger/entries/{market}/{id}", says: "Show an entry", open: known, more: "For operators."}, s.entry)
	handle(s, route{method: http.MethodGet, path: "/ledger/orders/{market}/{id}", says: "Give everything that the books hold about an order", open: known,
		more: "For operators: every entry of the order, its payment and its refunds."}, s.money)
}

func (s *server) trial(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (trial, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return trial{}, err
	}
	out := trial{Market: m.Code, Currency: m.Currency, Items: []ledger.Row{}}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		rows, err := ledger.Trial(tx)
		out.Items = append(out.Items, rows...)
		return err
	})
	return out, err
}

func (s *server) accounts(v *visit, in *struct {
	Page
	Market string `query:"market" required:"true" doc:"code or number"`
	Name   string `query:"name" doc:"owed, held:order, transit:refund …; owed when it is left out"`
}) (list[ledger.Held], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[ledger.Held]{}, err
	}
	name := in.Name
	if name == "" {
		name = "owed"
	}
	if !ledger.Divided(name) {
		return list[ledger.Held]{}, fault.NotFound("not_found")
	}
	if in.After != "" && !strings.HasPrefix(in.After, name+":") {
		return list[ledger.Held]{}, fault.Invalid("after", "cursor_bad")
	}
	out := list[ledger.Held]{Items: []ledger.Held{}}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		held, err := ledger.Accounts(tx, name, in.After, in.size()+1)
		out.Items, out.Next = append([]ledger.Held{}, held...), ""
		if len(held) > in.size() {
			out.Items = out.Items[:in.size()]
			out.Next = out.Items[in.size()-1].Account
		}
		return err
	})
	return out, err
}

func (s *server) account(v *visit, in *struct {
	Here
	Page
	Account string `path:"account" doc:"name: bank:operating, owed:<payee> …"`
}) (account, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return account{}, err
	}
	name, err := url.PathUnescape(in.Account)
	if err != nil {
		return account{}, fault.NotFound("not_found")
	}
	if _, known := ledger.Class(name); !known {
		return account{}, fault.NotFound("not_found")
	}
	behind, err := legPlace(in.After)
	if err != nil {
		return account{}, err
	}
	out := account{Market: m.Code, Account: name, Currency: m.Currency}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		sums, err := ledger.Balance(tx, name)
		if err != nil {
			return err
		}
		out.Balance = sums[name]
		rows, err := ledger.Walk(tx, name, behind, in.size()+1)
		out.Postings, out.Next = append([]ledger.Posting{}, rows...), ""
		if len(rows) > in.size() {
			out.Postings = out.Postings[:in.size()]
			last := out.Postings[in.size()-1]
			out.Next = last.Entry.String() + "." + strconv.Itoa(last.No)
		}
		return err
	})
	return out, err
}

// legPlace reads a place in an account's postings: an entry's id and a line.
func legPlace(text string) (ledger.Place, error) {
	if text == "" {
		return ledger.Place{}, nil
	}
	name, no, _ := strings.Cut(text, ".")
	entry, ok := id.Parse(name)
	line, err := strconv.ParseUint(no, 10, 31)
	if !ok || err != nil {
		return ledger.Place{}, fault.Invalid("after", "cursor_bad")
	}
	return ledger.Place{Entry: entry, Line: int(line)}, nil
}

func (s *server) entry(v *visit, in *This) (entries, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return entries{}, err
	}
	name, err := row(in.ID)
	if err != nil {
		return entries{}, err
	}
	out := entries{Market: m.Code, Currency: m.Currency}
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { out.Postings, err = ledger.OfEntry(tx, name); return })
	if err == nil && len(out.Postings) == 0 {
		err = fault.NotFound("not_found")
	}
	return out, err
}

func (s *server) money(v *visit, in *This) (entries, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return entries{}, err
	}
	name, err := row(in.ID)
	if err != nil {
		return entries{}, err
	}
	o, err := s.Orders.Find(v.ctx, order.Ref{Market: m.ID, ID: name})
	if err != nil {
		return entries{}, err
	}
	out := entries{Market: m.Code, Currency: m.Currency}
	err = s.DB.Snapshot(v.ctx, m.ID, func(tx *storage.Tx) error {
		legs, err := order.Money(tx, o)
		out.Postings = append([]ledger.Posting{}, legs...)
		return err
	})
	return out, err
}
