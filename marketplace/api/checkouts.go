package api

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/retail"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type newCheckout struct {
	Items     []wanted   `json:"items" doc:"of one market or several; they share one currency"`
	Seen      *int64     `json:"seen_total_minor,omitempty" doc:"the total that the buyer has seen; another one is refused (price_changed) with the new total"`
	Way       string     `json:"way" doc:"one of the ways: sandbox, bank; cash where the quote says so: paid on delivery, and secured at once"`
	AgentCode string     `json:"agent_code,omitempty" doc:"typed by the buyer"`
	AgentLink string     `json:"agent_link,omitempty" doc:"code of the agent whose link brought the buyer"`
	LinkAt    *time.Time `json:"agent_link_at,omitempty" doc:"when the link was followed; now when it is left out"`
	DeliverTo address    `json:"deliver_to"`
	Collect   []string   `json:"pickup_from,omitempty" doc:"sellers from whom you come for the goods instead of having them sent, where a quote names a pickup; with all of them deliver_to needs no street"`
	Kept      bool       `json:"kept,omitempty" doc:"take what is bought out of your kept basket"`
}

type checkout struct {
	Market    string       `json:"market" doc:"where the payment is at home; with id the checkout's name, and the payment's"`
	ID        string       `json:"id"`
	Reference string       `json:"reference" doc:"what a bank transfer carries"`
	Way       string       `json:"way"`
	PayURL    string       `json:"pay_url" doc:"where the buyer pays, against this host when it begins with /; empty: by transfer"`
	State     string       `json:"state" enum:"open,captured,closed" doc:"of the payment"`
	Total     int64        `json:"total_minor"`
	Captured  int64        `json:"captured_minor"`
	Currency  string       `json:"currency"`
	ExpiresAt time.Time    `json:"expires_at"`
	Baskets   []basketName `json:"baskets" doc:"one per market"`
}

type basketName struct {
	Market string      `json:"market"`
	ID     string      `json:"id"`
	Total  int64       `json:"total_minor"`
	Orders []orderName `json:"orders" doc:"one per seller"`
}

type orderName struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	State  string `json:"state"`
	Seller string `json:"seller"`
	Total  int64  `json:"total_minor"`
}

type quoteAsk struct {
	Items []wanted `json:"items" doc:"of one market or several; they share one currency"`
	Code  string   `json:"region_code,omitempty" doc:"where it goes to: delivery may be reckoned by it"`

	Collect []string `json:"pickup_from,omitempty" doc:"sellers from whom you would come for the goods: no delivery is charged"`
}

type quote struct {
	Baskets  []quotedBasket `json:"baskets" doc:"one per market"`
	Total    int64          `json:"total_minor"`
	Currency string         `json:"currency"`
	Cash     bool           `json:"cash" doc:"it can be paid on delivery (way: cash)"`
}

type quotedBasket struct {
	Market  string         `json:"market"`
	Total   int64          `json:"total_minor"`
	Lines   []quoted       `json:"lines"`
	Charges []quotedCharge `json:"charges" doc:"what comes on top, and what is taken off"`
	Pickups []quotedPickup `json:"pickups" doc:"where goods may be picked up instead of being sent"`
	Where   bool           `json:"where_needed" doc:"delivery comes on top; say region_code to have it reckoned"`
}

type quotedCharge struct {
	Seller string `json:"seller"`
	Label  string `json:"label" enum:"delivery,discount,fee"`
	Amount int64  `json:"amount_minor"`
	Market int64  `json:"market_minor,omitempty" doc:"what of it the market bears"`
}

type quotedPickup struct {
	Seller string `json:"seller"`
	PickupPoint
	Chosen bool `json:"chosen"`
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
	handle(s, route{method: http.MethodPost, path: "/checkouts/quote", says: "Say what a checkout would cost", open: everybody, reads: true}, s.quoteCheckout)
	handle(s, route{method: http.MethodPost, path: "/checkouts", says: "Buy: place orders in one market or several, with one payment", open: somebody, status: http.StatusCreated, pace: "place",
		more: "Prices are recomputed and goods promised; the checkout waits for its money until expires_at. Over several markets all of them place or none: a refusal names its market (args.market) and its item (items.N). Guests open a session with POST /sessions/guest first."}, s.place)
	handle(s, route{method: http.MethodGet, path: "/checkouts/{market}/{id}", says: "Show a checkout and its payment", open: somebody}, s.showCheckout)
	handle(s, route{method: http.MethodPost, path: "/checkouts/{market}/{id}/settle", says: "Ask the gateway whether the money has come", open: somebody,
		more: "What the browser's return does. Twice is once."}, s.settle)
	handle(s, route{method: http.MethodPost, path: "/checkouts/{market}/{id}/cancel", says: "Cancel a checkout that is not paid, in all its markets", open: somebody,
		more: "By its buyer or an operator. Twice is once; one whose money has come is refused."}, s.cancelCheckout)
}

func (s *server) quoteCheckout(v *visit, in *with[quoteAsk]) (quote, error) {
	items, err := v.items(in.Body.Items)
	if err != nil {
		return quote{}, err
	}
	comes, err := v.comes(items, in.Body.Collect)
	if err != nil {
		return quote{}, err
	}
	q, err := s.Orders.Quote(v.ctx, order.Ask{Kind: retail.Name, Buyer: v.who, Items: items, DeliverTo: &order.Address{Code: in.Body.Code}, Collect: comes})
	out := quote{Baskets: []quotedBasket{}, Total: q.Total, Currency: q.Currency}
	for _, b := range q.Baskets {
		row := quotedBasket{Market: v.code(b.Market), Total: b.Total, Lines: []quoted{}, Charges: []quotedCharge{}, Pickups: []quotedPickup{}}
		for _, o := range b.Orders {
			row.Where = row.Where || o.Unplaced
			if o.Point != nil {
				row.Pickups = append(row.Pickups, quotedPickup{maybe(o.Seller), PickupPoint(*o.Point), o.Comes})
			}
			for _, c := range o.Charges {
				row.Charges = append(row.Charges, quotedCharge{maybe(o.Seller), c.Label, c.Amount, c.Market})
			}
			for _, l := range o.Lines {
				row.Lines = append(row.Lines, quoted{maybe(l.Listing), maybe(o.Seller), l.Title, l.TitleEN, l.Quantity, baseUnit(l.Unit), l.Total, l.Tax, l.Fee})
			}
		}
		out.Baskets = append(out.Baskets, row)
	}
	if err != nil {
		return out, err
	}
	_, no := s.Orders.CashOffered(v.ctx, v.who.ID, q)
	if _, refused := fault.As(no); no != nil && !refused {
		return out, no
	}
	out.Cash = no == nil
	return out, nil
}

func (s *server) place(v *visit, in *with[newCheckout]) (checkout, error) {
	b := in.Body
	items, err := v.items(b.Items)
	to, wrong := b.DeliverTo.check(len(b.Collect) == 0)
	if err := fault.All(err, wrong); err != nil {
		return checkout{}, err
	}
	comes, err := v.comes(items, b.Collect)
	if err != nil {
		return checkout{}, err
	}
	ask := order.Ask{Kind: retail.Name, Buyer: v.who, PlacedBy: v.who, Items: items, Seen: -1, Way: b.Way, DeliverTo: &to, Collect: comes, Kept: b.Kept,
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
	placed, err := s.Orders.Place(v.ctx, v.key, ask)
	if f, ok := fault.As(err); ok && f.Field == "street" {
		err = f.On("deliver_to.street")
	}
	if err != nil {
		return checkout{}, err
	}
	if b.Kept {
		if err := s.Kept.Bought(v.ctx, v.who.ID, refs(items), s.DB.Now()); err != nil {
			return checkout{}, err
		}
	}
	m, err := s.Books.Market(v.ctx, placed.Market)
	if err != nil {
		return checkout{}, err
	}
	// The orders stand; when the gateway is down the buyer settles later.
	due, err := s.Orders.Pay(v.ctx, m.ID, placed.Payment, back(m, placed.Payment))
	if err != nil && !fault.Has(err, "gateway_down") {
		return checkout{}, err
	}
	return s.tell(v, placed, due)
}

func refs(items []order.Item) []shelf.Ref {
	out := make([]shelf.Ref, len(items))
	for i, it := range items {
		out[i] = shelf.Ref{Market: it.Market, Listing: it.Listing}
	}
	return out
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

// checkoutOf finds a checkout for its buyer or an operator of one of its markets;
// to others there is none.
func (s *server) checkoutOf(v *visit, in This) (order.Checkout, payment.Payment, error) {
	var due payment.Payment
	m, i, err := v.place(in)
	if err != nil {
		return order.Checkout{}, due, err
	}
	c, err := s.owned(v, m.ID, i)
	if err != nil {
		return c, due, err
	}
	err = v.view(c.Market, func(tx *storage.Tx) (err error) { due, err = payment.Find(tx, c.Payment); return })
	return c, due, err
}

func (s *server) owned(v *visit, market int32, pay id.ID) (order.Checkout, error) {
	c, buyer, err := s.Orders.FindCheckout(v.ctx, market, pay)
	operates := slices.ContainsFunc(c.Baskets, func(b order.Basket) bool { return v.who.IsOperator(b.Market) })
	if err == nil && buyer != v.who.ID && !operates {
		err = fault.NotFound("not_found")
	}
	return c, err
}

func (s *server) tell(v *visit, c order.Checkout, due payment.Payment) (checkout, error) {
	out := checkout{Market: v.code(c.Market), ID: c.Payment.String(), Reference: due.Reference, Way: c.Way, PayURL: due.PayURL,
		State: string(due.State), Total: c.Total, Captured: due.Captured, Currency: c.Currency, ExpiresAt: c.ExpiresAt, Baskets: []basketName{}}
	orders, err := s.Orders.OrdersOf(v.ctx, c)
	for _, b := range c.Baskets {
		row := basketName{v.code(b.Market), b.ID.String(), b.Total, []orderName{}}
		for _, o := range orders {
			if o.Basket == b.ID {
				row.Orders = append(row.Orders, orderName{o.ID.String(), o.Number, string(o.State), maybe(o.Seller), o.Total})
			}
		}
		out.Baskets = append(out.Baskets, row)
	}
	return out, err
}

func (s *server) showCheckout(v *visit, in *This) (checkout, error) {
	c, due, err := s.checkoutOf(v, *in)
	if err != nil {
		return checkout{}, err
	}
	return s.tell(v, c, due)
}

func (s *server) settle(v *visit, in *This) (checkout, error) {
	c, due, err := s.checkoutOf(v, *in)
	if err != nil {
		return checkout{}, err
	}
	if due.Object == "" && due.State == payment.Open {
		m, err := s.Books.Market(v.ctx, c.Market)
		if err != nil {
			return checkout{}, err
		}
		if _, err := s.Orders.Pay(v.ctx, m.ID, c.Payment, back(m, c.Payment)); err != nil {
			return checkout{}, err
		}
	}
	if due, err = s.Orders.Settle(v.ctx, c.Market, c.Payment); err != nil {
		return checkout{}, err
	}
	return s.tell(v, c, due)
}

func (s *server) cancelCheckout(v *visit, in *This) (checkout, error) {
	c, _, err := s.checkoutOf(v, *in)
	if err != nil {
		return checkout{}, err
	}
	first := c.Orders()[0]
	by, err := s.Act(v.ctx, v.who, first, order.Cancelled)
	if fault.Has(err, "not_found") { // an operator of another of its markets
		for _, o := range c.Orders() {
			if by, err = s.Act(v.ctx, v.who, o, order.Cancelled); err == nil {
				first = o
				break
			}
		}
	}
	if err != nil {
		return checkout{}, err
	}
	o, err := s.Orders.Find(v.ctx, first)
	if err == nil && !o.State.Waits() && o.State != order.Cancelled {
		err = fault.Conflict("order_move", fault.Args{"from": string(o.State), "to": string(order.Cancelled), "allowed": []string{}}) // a paid one is cancelled order by order
	}
	if err != nil {
		return checkout{}, err
	}
	if err := s.Orders.Cancel(v.ctx, by, first, ""); err != nil {
		return checkout{}, err
	}
	return s.showCheckout(v, in)
}
