package api

import (
	"time"

	"commonfield/agents/commission"
	"commonfield/storage"
	"commonfield/storage/fault"
)

type placing struct {
	Place int `json:"place" doc:"from 1, among the rules that are not over"`
}

type tried struct {
	Amount   int64     `json:"amount_minor"`
	Currency string    `json:"currency"`
	Parts    parts     `json:"parts" doc:"who would get what"`
	Verdicts []verdict `json:"rules" doc:"in the order in which they are asked"`
}

type verdict struct {
	Rule    rule   `json:"rule"`
	Verdict string `json:"verdict" enum:"wins,later,category,kind,early,over,given" doc:"later: it fits, and one before it wins; the others name the condition that does not fit"`
}

func (s *server) rulesOf(v *visit, market int32) (list[rule], error) {
	var rows []commission.Rule
	err := v.view(market, func(tx *storage.Tx) (err error) { rows, err = commission.List(tx); return })
	return listed(rows, showRule), err
}

func (s *server) placeRule(v *visit, in *thisWith[placing]) (list[rule], error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return list[rule]{}, err
	}
	i, err := row(in.ID)
	if err != nil {
		return list[rule]{}, err
	}
	if err := commission.PlaceRule(v.ctx, s.DB, m.ID, i, in.Body.Place, v.who.ID); err != nil {
		return list[rule]{}, err
	}
	return s.rulesOf(v, m.ID)
}

func (s *server) closeRule(v *visit, in *This) (list[rule], error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return list[rule]{}, err
	}
	i, err := row(in.ID)
	if err != nil {
		return list[rule]{}, err
	}
	if err := commission.CloseRule(v.ctx, s.DB, m.ID, i, v.who.ID); err != nil {
		return list[rule]{}, err
	}
	return s.rulesOf(v, m.ID)
}

func (s *server) tryRules(v *visit, in *struct {
	Market   string    `query:"market" required:"true" doc:"code or number"`
	Category string    `query:"category" doc:"of the goods; empty: one that no rate and no rule names"`
	Amount   int64     `query:"amount_minor" doc:"what the buyer pays for the goods"`
	At       time.Time `query:"at" doc:"now when it is left out"`
}) (tried, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return tried{}, err
	}
	if in.Amount <= 0 || in.Amount > mostTransfer {
		return tried{}, fault.Invalid("amount_minor", "out_of_range", fault.Args{"min": 1, "max": int64(mostTransfer), "currency": m.Currency})
	}
	t, err := s.Try(v.ctx, m.ID, in.Category, in.Amount, in.At)
	if err != nil {
		return tried{}, err
	}
	return tried{in.Amount, m.Currency, parts{t.Seller, t.Agent, t.Fee, t.Tax}, listed(t.Verdicts, func(one commission.Verdict) verdict {
		return verdict{showRule(one.Rule), one.Why}
	}).Items}, nil
}
