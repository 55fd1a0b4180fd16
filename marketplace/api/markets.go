package api

import (
	"net/http"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

type bankAccount struct {
	Holder string `json:"holder"`
	Bank   string `json:"bank"`
	Number string `json:"number"`
}

type newMarket struct {
	Code       string       `json:"code" doc:"two to six capital letters; it begins every order number"`
	Name       string       `json:"name"`
	NameEN     string       `json:"name_en,omitempty"`
	Region     string       `json:"region" doc:"division code of a county or city"`
	Currency   string       `json:"currency" doc:"ISO code, like CNY"`
	TimeZone   string       `json:"time_zone" doc:"like Asia/Shanghai"`
	Operator   string       `json:"operator,omitempty" doc:"the legal body"`
	Licence    string       `json:"licence,omitempty"`
	Account    *bankAccount `json:"account,omitempty" doc:"where transfers go; payers see it"`
	FeeBP      *int32       `json:"fee_bp,omitempty" doc:"300 when it is left out"`
	TaxBP      int32        `json:"tax_bp,omitempty"`
	Commission *int32       `json:"commission_bp,omitempty" doc:"800 when it is left out"`
	HoldDays   *int         `json:"hold_days,omitempty" doc:"7 when it is left out"`
	Capital    int64        `json:"capital_minor,omitempty" doc:"working capital that lies on the account"`
}

type marketChange struct {
	Name     *string      `json:"name,omitempty"`
	NameEN   *string      `json:"name_en,omitempty"`
	Operator *string      `json:"operator,omitempty"`
	Licence  *string      `json:"licence,omitempty"`
	TimeZone *string      `json:"time_zone,omitempty" doc:"stays once there is an order"`
	Account  *bankAccount `json:"account,omitempty"`
	Paused   *bool        `json:"paused,omitempty" doc:"true: no new orders"`
}

type traced struct {
	ID      string    `json:"id"`
	By      string    `json:"by"`
	Deed    string    `json:"deed"`
	Subject string    `json:"subject"`
	Why     string    `json:"why"`
	Request string    `json:"request"`
	At      time.Time `json:"at"`
}

// markets mounts opening and changing markets.
func (s *server) markets() {
	handle(s, route{method: http.MethodPost, path: "/markets", says: "Open a market", open: known, status: http.StatusCreated,
		more: "By operators of the platform. With an Idempotency-Key, a request that was cut is finished by the same one."}, s.openMarket)
	handle(s, route{method: http.MethodPatch, path: "/markets/{code}", says: "Change, pause or resume a market", open: known,
		more: "By its operators. What is left out stays; twice is once. Refused (conflict) when somebody changed it at the same moment: send it again."}, s.changeMarket)
}

func (s *server) openMarket(v *visit, in *with[newMarket]) (market, error) {
	b := in.Body
	o := marketplace.Opening{FeeBP: marketplace.FirstFeeBP, TaxBP: b.TaxBP, CommissionBP: marketplace.FirstCommissionBP, HoldDays: marketplace.FirstHoldDays, Capital: b.Capital,
		NewMarket: region.NewMarket{Code: b.Code, Name: b.Name, NameEN: b.NameEN, RegionCode: b.Region, Currency: b.Currency, TimeZone: b.TimeZone, Operator: b.Operator, Licence: b.Licence}}
	set(&o.FeeBP, b.FeeBP)
	set(&o.CommissionBP, b.Commission)
	set(&o.HoldDays, b.HoldDays)
	if b.Account != nil {
		o.Account = region.Account(*b.Account)
	}
	if err := s.Platform(v.who); err != nil {
		return market{}, err
	}
	// The key gives the opening its id: the same request finds the same market.
	opening, err := once.Do(v.ctx, s.DB, storage.Platform, v.key, func(*storage.Tx) (id.ID, error) { return id.New(), nil })
	if err != nil {
		return market{}, err
	}
	o.Opening = opening
	m, err := s.OpenMarket(v.ctx, v.who, o)
	return s.showBook(m), err
}

func (s *server) changeMarket(v *visit, in *struct {
	Code string `path:"code" doc:"the market's code or number"`
	Body marketChange
}) (market, error) {
	m, err := v.operatedHere(in.Code)
	if err != nil {
		return market{}, err
	}
	if m.ID == storage.Platform {
		return market{}, fault.NotFound("market_unknown")
	}
	b := in.Body
	told := m.Told()
	set(&told.Name, b.Name)
	set(&told.NameEN, b.NameEN)
	set(&told.Operator, b.Operator)
	set(&told.Licence, b.Licence)
	set(&told.TimeZone, b.TimeZone)
	if b.Account != nil {
		told.Account = region.Account(*b.Account)
	}
	if m, err = s.EditMarket(v.ctx, v.who, m.ID, told); err != nil {
		return market{}, err
	}
	if b.Paused != nil {
		if m, err = s.PauseMarket(v.ctx, v.who, m.ID, *b.Paused); err != nil {
			return market{}, err
		}
	}
	return s.showBook(m), nil
}

// trails mounts who saw and did what.
func (s *server) trails() {
	handle(s, route{method: http.MethodGet, path: "/trail", says: "List who saw and did what", open: known, more: "For operators. Newest first."}, s.listTrail)
}

func (s *server) listTrail(v *visit, in *struct {
	Page
	Market  string `query:"market" required:"true" doc:"code or number; PLATFORM for the platform's own"`
	Person  string `query:"person" doc:"id of who did it"`
	Deed    string `query:"deed" doc:"its name, or its beginning: payout"`
	Subject string `query:"subject" doc:"as person:<id>"`
}) (list[traced], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[traced]{}, err
	}
	before, err := in.cursor()
	if err != nil {
		return list[traced]{}, err
	}
	f := trail.Filter{Deed: in.Deed, Subject: in.Subject, Before: before, N: in.size() + 1}
	if in.Person != "" {
		if f.By, err = reference("person", in.Person); err != nil {
			return list[traced]{}, err
		}
	}
	var rows []trail.Line
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = trail.List(tx, f); return })
	return paged(rows, in.size(), func(l trail.Line) traced {
		return traced{l.ID.String(), l.By.String(), l.Deed, l.Subject, l.Why, l.Request, l.At}
	}, func(l trail.Line) id.ID { return l.ID }), err
}
