package api

import (
	"net/http"
	"time"

	"commonfield/catalog"
	"commonfield/storage"
)

type rate struct {
	ID       string    `json:"id"`
	What     string    `json:"what" enum:"fee,tax"`
	Category string    `json:"category" doc:"empty: any"`
	Kind     string    `json:"kind" doc:"of order; empty: any"`
	RateBP   int32     `json:"rate_bp"`
	From     time.Time `json:"valid_from"`
}

type newRate struct {
	Market   string     `json:"market" doc:"code or number"`
	What     string     `json:"what" enum:"fee,tax"`
	Category string     `json:"category,omitempty"`
	Kind     string     `json:"kind,omitempty"`
	RateBP   int32      `json:"rate_bp" doc:"0 to 5000"`
	From     *time.Time `json:"valid_from,omitempty" doc:"now when it is left out"`
}

// rates mounts the shares that lie inside a price.
func (s *server) rates() {
	handle(s, route{method: http.MethodGet, path: "/rates", says: "List every version of fee and tax", open: known, more: "For operators."}, s.listRates)
	handle(s, route{method: http.MethodPost, path: "/rates", says: "Set a rate from some day on", open: known, status: http.StatusCreated,
		more: "By operators. Older versions stay, and lines that were placed keep theirs."}, s.setRate)
	s.terms()
}

func showRate(r catalog.Rate) rate {
	return rate{r.ID.String(), r.What, r.Category, r.Kind, r.RateBP, r.ValidFrom}
}

func (s *server) listRates(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[rate], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[rate]{}, err
	}
	var rows []catalog.Rate
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = catalog.Rates(tx); return })
	return listed(rows, showRate), err
}

func (s *server) setRate(v *visit, in *with[newRate]) (rate, error) {
	b := in.Body
	m, err := v.operated(b.Market)
	if err != nil {
		return rate{}, err
	}
	var from time.Time
	set(&from, b.From)
	r, err := s.Catalog.SetRate(v.ctx, m.ID, b.What, b.Category, b.Kind, b.RateBP, from, v.who.ID)
	return showRate(r), err
}
