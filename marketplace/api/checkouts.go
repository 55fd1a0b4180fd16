package api

import (
	"maps"
	"net/http"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/retail"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

type newCheckout struct {
	Market    string     `json:"market" doc:"code or number"`
	Items     []wanted   `json:"items"`
	Seen      *int64     `json:"seen_total_minor,omitempty" doc:"the total that the buyer has seen; another one is refused (price_changed) with the new total"`
	Way       string     `json:"way" doc:"one of the market's ways: sandbox, bank"`
	AgentCode string     `json:"agent_code,omitempty" doc:"typed by the buyer"`
	AgentLink string     `json:"agent_link,omitempty" doc:"code of the agent whose link brought the buyer"`
	LinkAt    *time.Time `json:"agent_link_at,omitempty" doc:"when the link was followed; now when it is left out"`
	DeliverTo address    `json:"deliver_to"`
}

type checkout struct {
	Market    string      `json:"market"`
	Basket    string      `json:"basket"`
	Payment   string      `json:"payment"`
	Reference string      `json:"reference" doc:"what a bank transfer carries"`
	Way       string      `json:"way"`
	PayURL    string      `json:"pay_url" doc:"where the buyer pays, against this host when it begins with /; empty: by transfer"`
	State     string      `json:"state" enum:"open,captured,closed" doc:"of the payment"`
	Total     int64       `json:"total_minor"`
	Captured  int64       `json:"captured_minor"`
	Currency  string      `json:"currency"`
	ExpiresAt time.Time   `json:"expires_at"`
	Orders    []orderName `json:"orders" doc:"one per seller"`
}

type orderName struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	State  string `json:"state"`
	Seller string `json:"seller"`
	Total  int64  `json:"total_minor"`
}

type quoteAsk struct {
	Market string   `json:"market" doc:"code or number"`
	Items  []wanted `json:"items"`
}

type quote struct {
	Lines    []quoted `json:"lines"`
	Total    int64    `json:"total_minor"`
	Currency string   `json:"currency"`
}

type quoted struct {
	Listing  string `json:"listing"`
	Seller   string `json:"seller"`
	Title    string `json:"title"`
	TitleEN  string `json:"title_en"`
	Quantity int64  `json:"quantity"`
	BaseUnit string `json:"base_unit" enum:"g,piece"`
	Total    int64  `json:"total_minor"`
	Tax      int64  `json:"tax_minor" doc:"inside the total"`
	Fee      int64  `json:"fee_minor" doc:"inside the total"`
}

// checkouts mounts buying.
func (s *server) checkouts() {
	handle(s, route{method: http.MethodPost, path: "/checkouts/quote", says: "Say what a basket would cost", open: everybody, reads: true}, s.quoteBasket)
	handle(s, route{method: http.MethodPost, path: "/checkouts", says: "Buy: place the orders of a basket", open: somebody, status: http.StatusCreated, pace: "place",
		more: "Prices are recomputed and goods promised; the basket waits for its money until expires_at. Guests open a session with POST /sessions/guest first."}, s.place)
	handle(s, route{method: http.MethodGet, path: "/checkouts/{market}/{id}", says: "Show a basket and its payment", open: somebody}, s.showCheckout)
	handle(s, route{method: http.MethodPost, path: "/checkouts/{market}/{id}/settle", says: "Ask the gateway whether the money has come", open: somebody,
		more: "What the browser's return does. Twice is once."}, s.settle)
}

func (s *server) quoteBasket(v *visit, in *with[quoteAsk]) (quote, error) {
	m, err := v.named(in.Body.Market)
	if err != nil {
		return quote{}, err
	}
	items, err := v.items(m.ID, in.Body.Items)
	switch {
	case err != nil:
		return quote{}, err
	case len(items) == 0:
		return quote{}, fault.Invalid("items", "required")
	case len(items) > mostRows:
		return quote{}, fault.Invalid("items", "too_many_items", fault.Args{"most": mostRows})
	}
	out := quote{Lines: []quoted{}, Currency: m.Currency}
	return out, v.view(m.ID, func(tx *storage.Tx) error {
		lines, err := retail.Goods().Price(tx, items)
		if err != nil {
			return err
		}
		for _, l := range lines {
			out.Lines = append(out.Lines, quoted{maybe(l.Listing), text(l.Seller), l.Title, l.TitleEN, l.Quantity, baseUnit(l.Unit), l.Total, l.Tax, l.Fee})
			if out.Total, err = money.Sum(out.Total, l.Total); err != nil {
				return fault.Invalid("items", "out_of_range", fault.Args{"min": 1, "max": catalog.MostQuantity})
			}
		}
		return nil
	})
}

func (s *server) place(v *visit, in *with[newCheckout]) (checkout, error) {
	b := in.Body
	m, err := v.named(b.Market)
	if err != nil {
		return checkout{}, err
	}
	items, err := v.items(m.ID, b.Items)
	to, wrong := b.DeliverTo.check()
	if err := fault.All(err, wrong); err != nil {
		return checkout{}, err
	}
	ask := order.Ask{Market: m.ID, Kind: retail.Name, Buyer: v.who, PlacedBy: v.who, Items: items, Seen: -1, Way: b.Way, DeliverTo: &to,
		Agent: attribution.Ask{Code: b.AgentCode, Link: b.AgentLink, LinkAt: s.DB.Now(), Buyer: v.who.ID, Phone: v.who.Phone}}
	if ask.Agent.Phone == "" {
		ask.Agent.Phone = to.Phone
	}
	if b.LinkAt != nil && b.LinkAt.Before(ask.Agent.LinkAt) {
		ask.Agent.LinkAt = *b.LinkAt
	}
	if b.AgentLink == "" {
		if code, at := s.Followed(v.c); code != "" {
			ask.Agent.Link, ask.Agent.LinkAt = code, at
		}
	}
	if b.Seen != nil {
		if *b.Seen < 0 {
			return checkout{}, fault.Invalid("seen_total_minor", "out_of_range", fault.Args{"min": 0, "max": int64(catalog.MostQuantity)})
		}
		ask.Seen = *b.Seen
	}
	basket, err := s.Orders.Place(v.ctx, v.key, ask)
	if err != nil {
		return checkout{}, inCurrency(err, m.Currency)
	}
	// The orders stand; when the gateway is down the buyer settles later.
	due, err := s.Orders.Pay(v.ctx, m.ID, basket.Payment, back(m, basket.Payment))
	if err != nil && !fault.Has(err, "gateway_down") {
		return checkout{}, err
	}
	return s.showBasket(v, m, basket, due)
}

// back is where a browser returns to when it has paid.
func back(m region.Market, pay id.ID) string { return part.PaidWay(m.Code, pay.String()) }

// inCurrency lets the sentence of a refusal write its sums as money.
func inCurrency(err error, currency string) error {
	f, ok := fault.As(err)
	if !ok || f.Args == nil || f.Code != "price_changed" && f.Code != "refund_too_large" {
		return err
	}
	g := *f
	g.Args = maps.Clone(f.Args)
	g.Args["currency"] = currency
	return &g
}

// basketOf finds a basket for its buyer or an operator; to others there is none.
func (s *server) basketOf(v *visit, in This) (region.Market, order.Basket, payment.Payment, error) {
	var due payment.Payment
	m, i, err := v.place(in)
	if err != nil {
		return m, order.Basket{}, due, err
	}
	b, err := s.owned(v, m.ID, i)
	if err != nil {
		return m, b, due, err
	}
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { due, err = payment.Find(tx, b.Payment); return })
	return m, b, due, err
}

func (s *server) owned(v *visit, market int32, basket id.ID) (order.Basket, error) {
	b, buyer, err := s.Orders.FindBasket(v.ctx, market, basket)
	if err == nil && buyer != v.who.ID && !v.who.IsOperator(market) {
		err = fault.NotFound("not_found")
	}
	return b, err
}

func (s *server) showBasket(v *visit, m region.Market, b order.Basket, due payment.Payment) (checkout, error) {
	out := checkout{Market: m.Code, Basket: b.ID.String(), Payment: b.Payment.String(), Reference: due.Reference, Way: b.Way, PayURL: due.PayURL,
		State: string(due.State), Total: b.Total, Captured: due.Captured, Currency: b.Currency, ExpiresAt: b.ExpiresAt, Orders: []orderName{}}
	orders, err := s.Orders.List(v.ctx, order.Filter{Markets: []int32{m.ID}, Basket: b.ID, N: mostRows})
	for _, o := range orders {
		out.Orders = append(out.Orders, orderName{o.ID.String(), o.Number, string(o.State), maybe(o.Seller), o.Total})
	}
	return out, err
}

func (s *server) showCheckout(v *visit, in *This) (checkout, error) {
	m, b, due, err := s.basketOf(v, *in)
	if err != nil {
		return checkout{}, err
	}
	return s.showBasket(v, m, b, due)
}

func (s *server) settle(v *visit, in *This) (checkout, error) {
	m, b, due, err := s.basketOf(v, *in)
	if err != nil {
		return checkout{}, err
	}
	if due.Object == "" && due.State == payment.Open {
		if _, err := s.Orders.Pay(v.ctx, m.ID, b.Payment, back(m, b.Payment)); err != nil {
			return checkout{}, err
		}
	}
	if due, err = s.Orders.Settle(v.ctx, m.ID, b.Payment); err != nil {
		return checkout{}, err
	}
	return s.showBasket(v, m, b, due)
}
