package api

import (
	"net/http"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
)

type betweenRow struct {
	Market string `json:"market"`
	Owes   int64  `json:"owes_minor" doc:"what this market owes it; below zero, it owes this one"`
	Paid   int64  `json:"paid_minor" doc:"what this market has paid it by transfer, in all"`
}

type squaring struct {
	Market    string `json:"market" doc:"code or number of the one that has paid"`
	To        string `json:"to" doc:"of the one that was paid"`
	Amount    int64  `json:"amount_minor"`
	Reference string `json:"bank_reference" doc:"of the line of the payer's bank; the same line counts once"`
}

// between mounts what markets owe each other.
func (s *server) between() {
	handle(s, route{method: http.MethodGet, path: "/between", says: "List what a market owes others, and has with them", open: known, more: "For operators."}, s.standing)
	handle(s, route{method: http.MethodPost, path: "/between", says: "Book a bank transfer from one market to another", open: known,
		more: "By operators of the market that has paid, and not more than it owes. The other market's book follows by itself."}, s.squareUp)
}

func (s *server) standing(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[betweenRow], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[betweenRow]{}, err
	}
	return s.standingOf(v, m.ID)
}

func (s *server) standingOf(v *visit, market int32) (list[betweenRow], error) {
	var rows []payment.Between
	err := v.view(market, func(tx *storage.Tx) (err error) { rows, err = payment.Standing(tx); return })
	return listed(rows, func(b payment.Between) betweenRow { return betweenRow{v.code(b.Market), b.Owes, b.Paid} }), err
}

func (s *server) squareUp(v *visit, in *with[squaring]) (list[betweenRow], error) {
	m, err := v.operated(in.Body.Market)
	if err != nil {
		return list[betweenRow]{}, err
	}
	to, err := v.named(in.Body.To)
	if _, refused := fault.As(err); refused {
		err = fault.Invalid("to", "market_unknown")
	}
	if err == nil {
		err = s.Desk.Square(v.ctx, m.ID, to.ID, v.who.ID, in.Body.Amount, in.Body.Reference)
	}
	if err != nil {
		return list[betweenRow]{}, err
	}
	return s.standingOf(v, m.ID)
}
