package api

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

type account struct {
	Market   string            `json:"market"`
	Account  string            `json:"account"`
	Payee    string            `json:"payee,omitempty" doc:"whose account it is, where it is a payee's"`
	Balance  int64             `json:"balance_minor" doc:"at the end of the days asked for; the same as closing_minor"`
	Opening  int64             `json:"opening_minor" doc:"what stood there before the days asked for"`
	Debit    int64             `json:"debit_minor" doc:"all debits of these days"`
	Credit   int64             `json:"credit_minor" doc:"all credits of these days"`
	Closing  int64             `json:"closing_minor"`
	Currency string            `json:"currency"`
	Postings []ledger.Running  `json:"postings" doc:"the newest first, each with the balance after it"`
	Payees   map[string]string `json:"payees" doc:"whose the payees' accounts among them are"`
	Next     string            `json:"next" doc:"cursor of the next piece; empty at the end"`
}

type heldAccount struct {
	Account string `json:"account"`
	Payee   string `json:"payee,omitempty" doc:"whose it is, where it is a payee's"`
	Balance int64  `json:"balance_minor"`
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
	handle(s, route{method: http.MethodGet, path: "/ledger/accounts/{market}/{account}", says: "Show an account and its postings, the newest first", open: known,
		more: "For operators. from and to are days on the market's clock, both of them in it; without them it is all of it."}, s.account)
	send(s, route{method: http.MethodGet, path: "/ledger/accounts/{market}/{account}/csv", says: "Give an account as a file, the oldest first", open: known,
		more: "For operators. That it was taken stands in the trail."}, "text/csv", s.extract)
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
}) (list[heldAccount], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[heldAccount]{}, err
	}
	name := in.Name
	if name == "" {
		name = "owed"
	}
	if !ledger.Divided(name) {
		return list[heldAccount]{}, fault.NotFound("not_found")
	}
	if in.After != "" && !strings.HasPrefix(in.After, name+":") {
		return list[heldAccount]{}, fault.Invalid("after", "cursor_bad")
	}
	out := list[heldAccount]{}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		held, err := ledger.Accounts(tx, name, in.After, in.size()+1)
		if err != nil {
			return err
		}
		out.Items, out.Next = []heldAccount{}, ""
		if len(held) > in.size() {
			held = held[:in.size()]
			out.Next = held[in.size()-1].Account
		}
		var accounts []string
		for _, h := range held {
			accounts = append(accounts, h.Account)
		}
		names, err := door.Holders(tx, accounts...)
		for _, h := range held {
			out.Items = append(out.Items, heldAccount{h.Account, names[h.Account], h.Balance})
		}
		return err
	})
	return out, err
}

// BookAccount is an account over some days.
type BookAccount struct {
	Here
	Account string `path:"account" doc:"name: bank:operating, owed:<payee> …"`
	From    string `query:"from" doc:"the first day, 2026-11-01"`
	To      string `query:"to" doc:"the last day, which is in it"`
}

func (s *server) bookAccount(v *visit, in BookAccount) (region.Market, string, ledger.Span, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return m, "", ledger.Span{}, err
	}
	name, err := url.PathUnescape(in.Account)
	if _, known := ledger.Class(name); err != nil || !known {
		return m, "", ledger.Span{}, fault.NotFound("not_found")
	}
	days, err := door.SpanOf(in.From, in.To, m.Location())
	return m, name, days, err
}

func (s *server) account(v *visit, in *struct {
	BookAccount
	Page
}) (account, error) {
	m, name, days, err := s.bookAccount(v, in.BookAccount)
	if err != nil {
		return account{}, err
	}
	behind, err := ledger.ParsePlace(in.After)
	if err != nil {
		return account{}, err
	}
	out := account{Market: m.Code, Account: name, Currency: m.Currency}
	err = s.DB.Snapshot(v.ctx, m.ID, func(tx *storage.Tx) error {
		x, err := ledger.ExtractOf(tx, name, days, behind, in.size()+1)
		if err != nil {
			return err
		}
		out.Opening, out.Debit, out.Credit, out.Closing, out.Balance = x.Opening, x.Debit, x.Credit, x.Closing, x.Closing
		out.Postings, out.Next = append([]ledger.Running{}, x.Steps...), ""
		if len(x.Steps) > in.size() {
			out.Postings = out.Postings[:in.size()]
			last := out.Postings[in.size()-1]
			out.Next = ledger.Place{Entry: last.Entry, Line: last.No}.String()
		}
		accounts := []string{name}
		for _, l := range out.Postings {
			accounts = append(accounts, l.Debit, l.Credit)
		}
		out.Payees, err = door.Holders(tx, accounts...)
		out.Payee = out.Payees[name]
		return err
	})
	return out, err
}

func (s *server) extract(v *visit, in *BookAccount) (*download, error) {
	m, name, days, err := s.bookAccount(v, *in)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := s.ExtractCSV(v.ctx, &b, v.reader, m, name, days); err != nil {
		return nil, err
	}
	err = s.DB.Update(v.ctx, m.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		trail.Write(tx, v.who.ID, "ledger.extract", "account:"+name, "")
		return nil
	})
	return &download{"text/csv; charset=utf-8", `attachment; filename="` + m.Code + `-account.csv"`, "private, no-store", b.Bytes()}, err
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
