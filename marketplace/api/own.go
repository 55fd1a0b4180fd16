package api

import (
	"net/http"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type me struct {
	Person
	Producers []standing `json:"producers" doc:"where you grow"`
	Agent     *agentSelf `json:"agent,omitempty"`
}

type standing struct {
	Market string `json:"market"`
	ID     string `json:"id,omitempty"`
	State  string `json:"state"`
}

type agentSelf struct {
	ID      string     `json:"id"`
	Code    string     `json:"code" doc:"typed at checkout; the short link is /s/ and the code"`
	Markets []standing `json:"markets"`
}

type newPassword struct {
	Old      string `json:"old"`
	Password string `json:"password"`
}

type newToken struct {
	Name   string `json:"name"`
	Scopes string `json:"scopes" enum:"read,write" doc:"write reads too"`
}

type token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scopes    string     `json:"scopes"`
	Token     string     `json:"token,omitempty" doc:"shown once, when it is made"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// own mounts what is the asker's own.
func (s *server) own() {
	handle(s, route{method: http.MethodGet, path: "/me", says: "Say who you are, and what", open: somebody}, s.self)
	quietly(s, route{method: http.MethodPut, path: "/me/password", says: "Change your password", open: known, fresh: true, session: true,
		more: "Ends all other sessions."}, s.setPassword)
	quietly(s, route{method: http.MethodPost, path: "/me/close", says: "Close your account", open: known, session: true,
		more: "At once and without conditions: name, phone and address are deleted, all that is signed in ends. Orders and books keep what the law makes them keep. Twice is once."}, s.closeAccount)
	handle(s, route{method: http.MethodGet, path: "/me/tokens", says: "List your programs' tokens", open: known}, s.listTokens)
	handle(s, route{method: http.MethodPost, path: "/me/tokens", says: "Make a token for a program", open: known, status: http.StatusCreated, session: true,
		more: "A session makes tokens, a token does not. The secret is shown once."}, s.makeToken)
	quietly(s, route{method: http.MethodDelete, path: "/me/tokens/{id}", says: "Revoke a token", open: known}, s.revokeToken)
	handle(s, route{method: http.MethodGet, path: "/me/payees", says: "List in whose names you can be paid", open: known}, s.payees)
	handle(s, route{method: http.MethodGet, path: "/me/payees/{market}/{id}", says: "Show what a payee is owed and was paid", open: known,
		more: "Yours, or, for operators, any of their market."}, s.payee)
	handle(s, route{method: http.MethodPost, path: "/me/payees/{market}/{id}/gateway", says: "Open an account for payouts at the gateway", open: known, fresh: true, status: http.StatusCreated,
		more: "By the payee, in the place of a bank account; a change counts after 72 hours. The address is where they tell the gateway who they are: it works once, for minutes. Of an account that is there another address."}, s.connect)
	quietly(s, route{method: http.MethodPut, path: "/me/payees/{market}/{id}/account", says: "Name the bank account for payouts", open: known, fresh: true,
		more: "The first is usable at once, a changed one after 72 hours. Operators name it for payees without an account to sign in."}, s.setAccount)
}

func (s *server) self(v *visit, _ *struct{}) (me, error) {
	out := me{Person: v.person(v.who), Producers: []standing{}}
	if v.who.Guest {
		return out, nil
	}
	grown, err := s.Producers.Standings(v.ctx, v.who.ID)
	if err != nil {
		return out, err
	}
	for _, g := range grown {
		out.Producers = append(out.Producers, standing{v.code(g.Market), g.ID.String(), g.State})
	}
	out.Agent, err = s.agentSelf(v)
	return out, err
}

// agentSelf is the agent that the asker is, or nothing.
func (s *server) agentSelf(v *visit) (*agentSelf, error) {
	a, err := s.Agents.OfPerson(v.ctx, v.who.ID)
	if fault.Has(err, "agent_unknown") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &agentSelf{ID: a.ID.String(), Code: a.Code, Markets: []standing{}}
	all, err := s.Agents.Standings(v.ctx, v.who.ID)
	for _, m := range all {
		out.Markets = append(out.Markets, standing{Market: v.code(m.Market), State: m.State})
	}
	return out, err
}

func (s *server) setPassword(v *visit, in *with[newPassword]) error {
	if err := v.within("sign-in:login", v.who.ID.String()); err != nil {
		return err
	}
	return s.People.SetPassword(v.ctx, v.who, in.Body.Old, in.Body.Password, v.token())
}

type closing struct {
	Sure string `json:"sure" enum:"yes" doc:"that you mean it"`
}

func (s *server) closeAccount(v *visit, _ *with[closing]) error { return s.People.Close(v.ctx, v.who) }

func showToken(t people.Token) token {
	out := token{ID: t.ID.String(), Name: t.Name, Scopes: t.Scopes, CreatedAt: t.CreatedAt}
	if t.ExpiresAt.Valid {
		out.ExpiresAt = &t.ExpiresAt.Time
	}
	return out
}

func (s *server) listTokens(v *visit, _ *struct{}) (list[token], error) {
	all, err := s.People.Tokens(v.ctx, v.who)
	return listed(all, showToken), err
}

func (s *server) makeToken(v *visit, in *with[newToken]) (token, error) {
	t, secret, err := s.People.MakeToken(v.ctx, v.who, in.Body.Name, in.Body.Scopes)
	out := showToken(t)
	out.Token = secret
	return out, err
}

func (s *server) revokeToken(v *visit, in *One) error {
	t, err := row(in.ID)
	if err != nil {
		return err
	}
	return s.People.RevokeToken(v.ctx, v.who, t)
}

type payee struct {
	Market string      `json:"market"`
	ID     string      `json:"id"`
	Kind   string      `json:"kind" enum:"producer,agent"`
	Name   string      `json:"name"`
	Open   int64       `json:"open_minor" doc:"waits for a payout; below nought: owed back"`
	Money  string      `json:"currency"`
	Bank   *bankOf     `json:"account,omitempty"`
	Owed   []owed      `json:"payables,omitempty" doc:"the newest first"`
	Paid   []payoutRow `json:"payouts,omitempty"`
}

type bankOf struct {
	Holder   string    `json:"holder"`
	Bank     string    `json:"bank"`
	Tail     string    `json:"number_tail" doc:"the last digits"`
	Hand     string    `json:"hand,omitempty" doc:"id of the payee who pays it in cash; then there is no number"`
	Gateway  string    `json:"gateway,omitempty" doc:"where the account is; then there is no number"`
	State    string    `json:"state" enum:"pending,active,restricted" doc:"pending: somebody must see first that it is the payee's; at a gateway, the gateway"`
	Why      string    `json:"why" doc:"it is restricted"`
	UsableAt time.Time `json:"usable_at"`
}

type owed struct {
	ID        string    `json:"id"`
	Cause     string    `json:"cause"`
	Amount    int64     `json:"amount_minor"`
	Order     string    `json:"order,omitempty"`
	Payout    string    `json:"payout,omitempty" doc:"empty: open"`
	Frozen    bool      `json:"frozen"`
	CreatedAt time.Time `json:"created_at"`
}

func (s *server) payees(v *visit, _ *struct{}) (list[payee], error) {
	all, err := payable.PayeesOf(v.ctx, s.DB, v.who.ID)
	out := list[payee]{Items: []payee{}}
	for _, p := range all {
		if err != nil {
			break
		}
		var one payee
		one, err = s.showPayee(v, p)
		out.Items = append(out.Items, one)
	}
	return out, err
}

func (s *server) showPayee(v *visit, p payable.Payee) (payee, error) {
	m, err := s.Books.Market(v.ctx, p.Market)
	if err != nil {
		return payee{}, err
	}
	out := payee{Market: m.Code, ID: p.ID.String(), Kind: p.Kind, Name: p.Name, Money: m.Currency}
	err = v.view(p.Market, func(tx *storage.Tx) error {
		sums, err := payable.Open(tx, p.ID)
		if err != nil {
			return err
		}
		out.Open = sums[p.ID]
		a, err := payable.AccountOf(tx, p.ID)
		if fault.Has(err, "bank_account_missing") {
			return nil
		}
		out.Bank = &bankOf{a.Holder, a.Bank, a.Tail, text(a.Hand), a.Gateway, a.State, a.Why, a.UsableAt}
		return err
	})
	return out, err
}

// payeeOf finds a payee for its person or an operator; to others there is none.
func (s *server) payeeOf(v *visit, in This) (payable.Payee, error) {
	m, i, err := v.place(in)
	if err != nil {
		return payable.Payee{}, err
	}
	var p payable.Payee
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { p, err = payable.FindPayee(tx, i); return })
	if err == nil && p.PersonID != v.who.ID && !v.who.IsOperator(m.ID) {
		err = fault.NotFound("payee_unknown")
	}
	return p, err
}

func (s *server) payee(v *visit, in *struct {
	This
	Page
}) (payee, error) {
	p, err := s.payeeOf(v, in.This)
	if err != nil {
		return payee{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return payee{}, err
	}
	out, err := s.showPayee(v, p)
	if err != nil {
		return out, err
	}
	return out, v.view(p.Market, func(tx *storage.Tx) error {
		rows, err := payable.List(tx, p.ID, after, in.size())
		if err != nil {
			return err
		}
		out.Owed = listed(rows, func(e payable.Entry) owed {
			return owed{e.ID.String(), e.Cause, e.Amount, text(e.Sale), text(e.Payout), e.Frozen, e.CreatedAt}
		}).Items
		paid, err := payout.OfPayee(tx, p.ID)
		out.Paid = listed(paid, func(o payout.Payout) payoutRow { return showPayout(o, out.Money) }).Items
		return err
	})
}

type newAccount struct {
	Holder string `json:"holder" doc:"the account holder's real name"`
	Bank   string `json:"bank"`
	Number string `json:"number" doc:"8 to 30 digits; kept encrypted"`
}

func (s *server) setAccount(v *visit, in *thisWith[newAccount]) error {
	p, err := s.payeeOf(v, in.This)
	if err != nil {
		return err
	}
	if p.PersonID != v.who.ID && p.PersonID != id.None {
		return fault.Forbidden("forbidden") // an operator, for somebody who can do it themselves
	}
	return payable.SetAccount(v.ctx, s.DB, p.Market, p.ID, payable.Account{Holder: in.Body.Holder, Bank: in.Body.Bank, Number: in.Body.Number}, s.Box, v.who.ID)
}

type connected struct {
	Gateway string `json:"gateway"`
	State   string `json:"state" enum:"pending,active,restricted"`
	URL     string `json:"url" doc:"works once, for minutes"`
}

func (s *server) connect(v *visit, in *This) (connected, error) {
	p, err := s.payeeOf(v, *in)
	if err != nil {
		return connected{}, err
	}
	if p.PersonID != v.who.ID {
		return connected{}, fault.Forbidden("forbidden") // nobody else says who they are
	}
	a, url, err := s.Payouts.Connect(v.ctx, p.Market, p.ID, v.who.ID, "/me/gateway")
	return connected{a.Gateway, a.State, url}, err
}
