package api

import (
	"net/http"
	"time"

	"commonfield/agents/cash"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type cashList struct {
	Holders  []cashHolder `json:"holders" doc:"who may hold the market's cash; the most first"`
	Out      []handover   `json:"out" doc:"payouts that wait to be collected"`
	Currency string       `json:"currency"`
}

type cashHolder struct {
	Market    string `json:"market"`
	Payee     string `json:"payee"`
	Name      string `json:"name"`
	Reference string `json:"reference" doc:"to stand on what they bank"`
	Holds     int64  `json:"holds_minor"`
	Limit     int64  `json:"limit_minor"`
	State     string `json:"state" enum:"active,stopped"`
}

type handover struct {
	Market   string     `json:"market"`
	ID       string     `json:"id" doc:"of the payout"`
	Number   string     `json:"number"`
	Batch    string     `json:"batch"`
	Payee    string     `json:"payee"`
	Name     string     `json:"name"`
	Hand     string     `json:"hand" doc:"who has the money"`
	Amount   int64      `json:"amount_minor"`
	Currency string     `json:"currency"`
	State    string     `json:"state" enum:"in_transit,paid,failed"`
	Until    time.Time  `json:"collect_by"`
	Shown    bool       `json:"code_shown"`
	Locked   bool       `json:"locked" doc:"typed wrong too often: another code is needed"`
	Phone    bool       `json:"by_code" doc:"the receiver has a phone: only their code is proof"`
	How      string     `json:"how,omitempty" enum:"code,witnesses"`
	DoneAt   *time.Time `json:"done_at,omitempty"`
}

type cashOwn struct {
	Holds   []cashHolder `json:"holds" doc:"where you hold a market's cash"`
	Give    []handover   `json:"give" doc:"what you are to hand over"`
	Collect []handover   `json:"collect" doc:"what you may collect"`
}

type cashLimit struct {
	Limit int64 `json:"limit_minor"`
}

type cashMove struct {
	Amount    int64  `json:"amount_minor"`
	Reference string `json:"bank_reference" doc:"as the bank writes it; the same line of a statement is this movement"`
}

type cashHand struct {
	Hand string `json:"hand" doc:"id of a payee who may hold cash"`
}

type cashProof struct {
	Code       string `json:"code,omitempty" doc:"the receiver's"`
	WitnessOne string `json:"witness_one,omitempty" doc:"where the receiver has no phone"`
	WitnessTwo string `json:"witness_two,omitempty"`
	Photo      string `json:"photo,omitempty" doc:"key from POST /handovers/{market}/{id}/photo"`
}

type cashCode struct {
	Code  string    `json:"code" doc:"shown this once; another one ends it"`
	Until time.Time `json:"collect_by"`
}

// cash mounts the market's money in people's hands.
func (s *server) cash() {
	handle(s, route{method: http.MethodGet, path: "/cash", says: "List who holds the market's cash, and what waits to be collected", open: known, more: "For operators."}, s.listCash)
	handle(s, route{method: http.MethodGet, path: "/cash/hands", says: "List by whom one can be paid in cash", open: known}, s.listHands)
	handle(s, route{method: http.MethodPost, path: "/cash/{market}/{id}/trust", says: "Let an agent hold cash up to a limit", open: known, more: "By operators; id is the agent's payee. Again changes the limit."}, s.trustHand)
	handle(s, route{method: http.MethodPost, path: "/cash/{market}/{id}/stop", says: "Give a holder no more cash", open: known, more: "By operators. Twice is once."}, s.stopHand)
	handle(s, route{method: http.MethodPost, path: "/cash/{market}/{id}/give", says: "Book a float that the bank paid out to a holder", open: known, more: "By operators; within the limit. Each reference once."}, s.giveHand)
	handle(s, route{method: http.MethodPost, path: "/cash/{market}/{id}/bank", says: "Book what a holder paid in at the bank", open: known, more: "By operators; not more than they hold. Each reference once."}, s.bankHand)
	handle(s, route{method: http.MethodGet, path: "/me/cash", says: "Show what you hold, are to hand over, and may collect", open: known}, s.ownCash)
	quietly(s, route{method: http.MethodPut, path: "/me/payees/{market}/{id}/cash", says: "Be paid in cash by an agent", open: known, fresh: true,
		more: "In the place of a bank account; a change counts after 72 hours. Operators choose for payees without an account to sign in."}, s.chooseCash)
	handle(s, route{method: http.MethodPost, path: "/handovers/{market}/{id}/code", says: "Draw the code by which a receiver is known", open: known, fresh: true,
		more: "For the receiver, or for operators who tell them. It is shown this once, and another one ends it."}, s.drawCode)
	handle(s, route{method: http.MethodPost, path: "/handovers/{market}/{id}/done", says: "Say that a payout is in its receiver's hand", open: known,
		more: "By the one who has the money, with the receiver's code; where the receiver has no phone, with two witnesses and a picture. Twice is once."}, s.handedOver)
	handle(s, route{method: http.MethodPost, path: "/handovers/{market}/{id}/back", says: "Call back a payout that nobody has collected", open: known, more: "By operators. Twice is once."}, s.calledBack)
	s.handPhotoRoute()
}

func showHolder(m region.Market, h cash.Holder) cashHolder {
	return cashHolder{m.Code, h.Payee.String(), h.Name, h.Reference, h.Holds, h.Limit, h.State}
}

func showHanded(m region.Market, o payout.Handed) handover {
	return handover{m.Code, o.ID.String(), o.Number(), o.Batch, o.PayeeID.String(), o.Payee, o.Hand, o.Amount, m.Currency, o.State, o.Until, o.Shown, o.Locked(), o.Phone, o.How, o.DoneAt}
}

func (s *server) listCash(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (cashList, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return cashList{}, err
	}
	out := cashList{Currency: m.Currency}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		holders, err := cash.Holders(tx)
		if err != nil {
			return err
		}
		out.Holders = listed(holders, func(h cash.Holder) cashHolder { return showHolder(m, h) }).Items
		rows, err := payout.ToHandOver(tx, id.None)
		out.Out = listed(rows, func(o payout.Handed) handover { return showHanded(m, o) }).Items
		return err
	})
	return out, err
}

// hand is somebody by whom one can be paid.
type hand struct {
	Payee string `json:"payee"`
	Name  string `json:"name"`
}

func (s *server) listHands(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[hand], error) {
	m, err := v.named(in.Market)
	if err != nil {
		return list[hand]{}, err
	}
	var all []cash.Holder
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { all, err = cash.Hands(tx); return })
	return listed(all, func(h cash.Holder) hand { return hand{h.Payee.String(), h.Name} }), err
}

// holderHere finds the market of a holder for those who operate it.
func (v *visit) holderHere(in This) (region.Market, id.ID, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return m, id.None, err
	}
	payee, err := row(in.ID)
	return m, payee, err
}

// changed does something about a holder and shows how they stand then.
func (s *server) changed(v *visit, in This, do func(m region.Market, payee id.ID) error) (cashHolder, error) {
	m, payee, err := v.holderHere(in)
	if err == nil {
		err = do(m, payee)
	}
	if err != nil {
		return cashHolder{}, err
	}
	var h cash.Holder
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { h, err = cash.Find(tx, payee); return })
	return showHolder(m, h), err
}

func (s *server) trustHand(v *visit, in *thisWith[cashLimit]) (cashHolder, error) {
	return s.changed(v, in.This, func(m region.Market, payee id.ID) error {
		return cash.Trust(v.ctx, s.DB, m.ID, payee, in.Body.Limit, v.who.ID)
	})
}

func (s *server) stopHand(v *visit, in *thisWith[reason]) (cashHolder, error) {
	return s.changed(v, in.This, func(m region.Market, payee id.ID) error {
		return cash.Stop(v.ctx, s.DB, m.ID, payee, v.who.ID, in.Body.Reason)
	})
}

func (s *server) giveHand(v *visit, in *thisWith[cashMove]) (cashHolder, error) {
	return s.changed(v, in.This, func(m region.Market, payee id.ID) error {
		return cash.Give(v.ctx, s.DB, m.ID, payee, v.who.ID, in.Body.Amount, in.Body.Reference)
	})
}

func (s *server) bankHand(v *visit, in *thisWith[cashMove]) (cashHolder, error) {
	return s.changed(v, in.This, func(m region.Market, payee id.ID) error {
		return cash.Bank(v.ctx, s.DB, m.ID, payee, v.who.ID, in.Body.Amount, in.Body.Reference)
	})
}

func (s *server) ownCash(v *visit, _ *struct{}) (cashOwn, error) {
	out := cashOwn{Holds: []cashHolder{}, Give: []handover{}, Collect: []handover{}}
	mine, err := payable.PayeesOf(v.ctx, s.DB, v.who.ID)
	for _, p := range mine {
		if err != nil {
			break
		}
		var m region.Market
		if m, err = s.Books.Market(v.ctx, p.Market); err != nil {
			break
		}
		var h cash.Holder
		var give, collect []payout.Handed
		err = v.view(p.Market, func(tx *storage.Tx) (err error) {
			if collect, err = payout.ToCollect(tx, p.ID); err != nil {
				return err
			}
			if h, err = cash.Find(tx, p.ID); fault.Has(err, "cash_holder_unknown") {
				return nil
			}
			if err == nil {
				give, err = payout.ToHandOver(tx, p.ID)
			}
			return err
		})
		shown := func(o payout.Handed) handover { return showHanded(m, o) }
		if h.Payee != id.None {
			out.Holds = append(out.Holds, showHolder(m, h))
		}
		out.Give, out.Collect = append(out.Give, listed(give, shown).Items...), append(out.Collect, listed(collect, shown).Items...)
	}
	return out, err
}

func (s *server) chooseCash(v *visit, in *thisWith[cashHand]) error {
	p, err := s.payeeOf(v, in.This)
	if err != nil {
		return err
	}
	if p.PersonID != v.who.ID && p.PersonID != id.None {
		return fault.Forbidden("forbidden")
	}
	hand, err := reference("hand", in.Body.Hand)
	if err != nil {
		return err
	}
	return cash.Choose(v.ctx, s.DB, p.Market, p.ID, hand, v.who.ID)
}
