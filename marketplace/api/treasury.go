package api

import (
	"net/http"

	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/storage"
)

type treasury struct {
	Market    string `json:"market"`
	Currency  string `json:"currency"`
	Bank      int64  `json:"bank_minor" doc:"at the bank"`
	Clearing  int64  `json:"clearing_minor" doc:"at the gateway, on its way to us"`
	Available int64  `json:"available_minor" doc:"at the gateway, usable"`
	Capital   int64  `json:"capital_minor" doc:"the market's own"`
	Tax       int64  `json:"tax_minor" doc:"collected, and not yet paid to the office"`
	Fees      int64  `json:"fees_minor" doc:"earned, and not made capital"`
	Guarantee int64  `json:"guarantee_minor" doc:"put aside for losses that nobody else bears"`
}

type treasuryDeed struct {
	Deed      string `json:"deed" enum:"available,banked,capital_in,capital_out,tax,kept,guarantee"`
	Amount    int64  `json:"amount_minor"`
	Reference string `json:"bank_reference" doc:"of the bank's line, or the name of what was decided; the same one counts once"`
}

// treasury mounts what a market has, and what is booked of it by hand.
func (s *server) treasury() {
	handle(s, route{method: http.MethodGet, path: "/treasury", says: "Say what a market's own money is, and where", open: known, more: "For operators."}, s.showTreasury)
	handle(s, route{method: http.MethodPost, path: "/treasury/{market}", says: "Book a line of the treasury", open: known,
		more: "By operators. Not more than lies where it is taken from. The same reference twice is once."}, s.bookTreasury)
}

func (s *server) showTreasury(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (treasury, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return treasury{}, err
	}
	return s.treasuryOf(v, m)
}

func (s *server) treasuryOf(v *visit, m region.Market) (treasury, error) {
	var has door.Treasury
	err := v.view(m.ID, func(tx *storage.Tx) (err error) { has, err = door.TreasuryOf(tx); return err })
	return treasury{m.Code, m.Currency, has.Bank, has.Clearing, has.Available, has.Capital, has.Tax, has.Fees, has.Guarantee}, err
}

func (s *server) bookTreasury(v *visit, in *struct {
	Here
	Body treasuryDeed
}) (treasury, error) {
	m, err := v.operatedHere(in.Market)
	if err == nil {
		err = s.Book(v.ctx, m.ID, v.who.ID, in.Body.Deed, in.Body.Amount, in.Body.Reference)
	}
	if err != nil {
		return treasury{}, err
	}
	return s.treasuryOf(v, m)
}
