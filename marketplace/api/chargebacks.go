package api

import (
	"net/http"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type chargeback struct {
	Market    string     `json:"market"`
	ID        string     `json:"id"`
	Payment   string     `json:"payment"`
	Reference string     `json:"reference" doc:"of the payment"`
	Gateway   string     `json:"gateway"`
	Object    string     `json:"object" doc:"the gateway's own name of it"`
	Amount    int64      `json:"amount_minor"`
	Fee       int64      `json:"fee_minor" doc:"what the gateway took for it"`
	Excess    int64      `json:"excess_minor" doc:"lost beyond what the payment still had"`
	Currency  string     `json:"currency"`
	Reason    string     `json:"reason"`
	State     string     `json:"state" enum:"open,won,lost"`
	DueAt     *time.Time `json:"due_at,omitempty" doc:"until when the bank takes evidence"`
	Evidence  string     `json:"evidence"`
	SentAt    *time.Time `json:"sent_at,omitempty"`
	OpenedAt  time.Time  `json:"opened_at"`
	ClosedAt  *time.Time `json:"closed_at,omitempty"`
}

type against struct {
	Evidence string `json:"evidence" maxLength:"20000" doc:"what speaks against it; the bank reads it once"`
}

type bankTakes struct {
	Amount int64 `json:"amount_minor,omitempty" minimum:"0" doc:"may be larger than the payment; without it all that was paid"`
}

type bankSays struct {
	Won bool `json:"won" doc:"the bank gives the money back"`
}

type oddity struct {
	Market    string    `json:"market"`
	Payment   string    `json:"payment"`
	Reference string    `json:"reference"`
	Gateway   string    `json:"gateway"`
	Object    string    `json:"object" doc:"the gateway's own name of it"`
	Why       string    `json:"why" enum:"amount,currency,payment" doc:"what is not as it was asked"`
	Asked     int64     `json:"asked_minor"`
	AskedIn   string    `json:"asked_in"`
	Seen      int64     `json:"seen_minor"`
	SeenIn    string    `json:"seen_in"`
	SeenAt    time.Time `json:"seen_at"`
}

// chargebacks mounts what banks take back, and payments that are not what was asked.
func (s *server) chargebacks() {
	handle(s, route{method: http.MethodGet, path: "/chargebacks", says: "List the payments that a bank takes back, open ones first", open: known, more: "For operators."}, s.listChargebacks)
	quietly(s, route{method: http.MethodPost, path: "/chargebacks/{market}/{id}/evidence", says: "Send what speaks against a chargeback", open: known, more: "By operators, once: a bank reads it once. The same again changes nothing."}, s.contest)
	if s.Sandbox != nil {
		quietly(s, route{method: http.MethodPost, path: "/payments/{market}/{id}/take-back", says: "Play the payer's bank: take a payment back", open: known,
			more: "By operators, of a payment in the sandbox. Twice is once. The sandbox is not there in production."}, s.takeBack)
		quietly(s, route{method: http.MethodPost, path: "/chargebacks/{market}/{id}/decide", says: "Play the payer's bank: decide", open: known,
			more: "By operators, of a chargeback in the sandbox. The first word stands."}, s.decideChargeback)
	}
	handle(s, route{method: http.MethodGet, path: "/payments/odd", says: "List the payments that brought something else than was asked", open: known, more: "For operators."}, s.listOdd)
	quietly(s, route{method: http.MethodPost, path: "/payments/{market}/{id}/settle-odd", says: "Say that an odd payment is dealt with", open: known, more: "By operators; refused while its money is still unclaimed here. Twice is once."}, s.settleOdd)
}

func (s *server) listChargebacks(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[chargeback], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[chargeback]{}, err
	}
	var rows []payment.Chargeback
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = payment.Chargebacks(tx, 200); return })
	return listed(rows, func(c payment.Chargeback) chargeback {
		return chargeback{m.Code, c.ID.String(), c.Payment.String(), c.Reference, c.Gateway, c.Object, c.Amount, c.Fee, c.Excess, c.Currency, c.Reason,
			string(c.State), c.DueAt, c.Evidence, c.SentAt, c.OpenedAt, c.ClosedAt}
	}), err
}

func (s *server) contest(v *visit, in *thisWith[against]) error {
	return s.bankDeed(v, in.This, func(market int32, name id.ID) error {
		return s.Desk.Contest(v.ctx, market, name, v.who.ID, in.Body.Evidence)
	})
}

func (s *server) takeBack(v *visit, in *thisWith[bankTakes]) error {
	return s.bankDeed(v, in.This, func(market int32, name id.ID) error {
		var p payment.Payment
		if err := v.view(market, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, name); return }); err != nil {
			return err
		}
		if p.Gateway != s.Sandbox.Name() || p.Home != market || p.Object == "" {
			return fault.Conflict("not_sandbox")
		}
		return s.Sandbox.TakeBack(v.ctx, market, p.Object, in.Body.Amount)
	})
}

func (s *server) decideChargeback(v *visit, in *thisWith[bankSays]) error {
	return s.bankDeed(v, in.This, func(market int32, name id.ID) error {
		var c payment.Chargeback
		if err := v.view(market, func(tx *storage.Tx) (err error) { c, err = payment.FindChargeback(tx, name); return }); err != nil {
			return err
		}
		if c.Gateway != s.Sandbox.Name() {
			return fault.Conflict("not_sandbox")
		}
		return s.Sandbox.Decide(v.ctx, market, c.Object, in.Body.Won)
	})
}

func (s *server) listOdd(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[oddity], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[oddity]{}, err
	}
	var rows []payment.Oddity
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = payment.Oddities(tx); return })
	return listed(rows, func(o payment.Oddity) oddity {
		return oddity{m.Code, o.Payment.String(), o.Reference, o.Gateway, o.Object, o.Why, o.Asked, o.AskedIn, o.Seen, o.SeenIn, o.SeenAt}
	}), err
}

func (s *server) settleOdd(v *visit, in *This) error {
	return s.bankDeed(v, *in, func(market int32, name id.ID) error {
		return s.Desk.Settle(v.ctx, market, name, v.who.ID)
	})
}

// bankDeed does something with what is named, by an operator of its market.
func (s *server) bankDeed(v *visit, in This, do func(market int32, name id.ID) error) error {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return err
	}
	name, err := row(in.ID)
	if err != nil {
		return err
	}
	if err := do(m.ID, name); err != nil {
		return err
	}
	s.Worker.Wake()
	return nil
}
