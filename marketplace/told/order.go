package told

import (
	"context"
	"strings"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/producer"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// moveJob is one move as it was made; the rest is read when it is told.
type moveJob struct {
	Order id.ID       `json:"order"`
	From  order.State `json:"from"`
	To    order.State `json:"to"`
	By    id.ID       `json:"by"`
	As    order.Party `json:"as"`
	Why   string      `json:"why,omitempty"`
	At    time.Time   `json:"at"`
	Due   *time.Time  `json:"due,omitempty"` // by when the next move must be made
}

// Moved is what the pipeline does with every move: one job, in its own commit.
// Nobody is told of what they wait for on the page itself (a card being charged)
// nor of packing, which shipping follows.
func Moved(tx *storage.Tx, m order.Move) {
	o := m.Order
	if o.State == order.Placed && o.Way != "bank" || o.State == order.Packed {
		return
	}
	switch o.State {
	case order.Accepted:
		hurries(tx, o)
	case order.Shipped:
		asks(tx, o)
		chases(tx, o)
	case order.Delivered:
		warns(tx, o)
	}
	jobs.AddFirst(tx, JobMove, o.ID.String()+":"+string(o.State),
		moveJob{Order: o.ID, From: m.From, To: o.State, By: m.By.ID, As: m.By.As, Why: m.Why, At: tx.Now, Due: o.DueAt})
}

// deed is a move with the order as it is now.
type deed struct {
	moveJob
	o      order.Order
	way    string
	buyer  id.ID
	seller id.ID
	agent  id.ID
}

func (t *Teller) move(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[moveJob](j)
	if err != nil {
		return nil, err
	}
	d := deed{moveJob: body}
	if d.o, err = t.orders.Find(ctx, order.Ref{Market: j.Market, ID: d.Order}); err != nil {
		return nil, err
	}
	d.buyer = d.o.Buyer
	if d.way, err = t.wayOf(ctx, j.Market, d.Order); err != nil {
		return nil, err
	}
	if d.seller, err = t.sellerOf(ctx, d.o); err != nil {
		return nil, err
	}
	if d.agent, err = t.agentOf(ctx, d.o); err != nil {
		return nil, err
	}
	if d.To == order.Placed || d.From == order.Placed && d.To != order.Secured && d.To != order.Promised {
		pay, err := t.paymentOf(ctx, d.o.Market, d.o.Payment)
		if err != nil {
			return nil, err
		}
		if pay.Home != d.o.Market {
			return nothing() // of a checkout over several markets the payment's home tells
		}
	}
	switch d.To {
	case order.Placed:
		return t.placed(ctx, d)
	case order.Secured:
		return t.secured(ctx, d)
	}
	all, err := t.onward(ctx, d)
	if err != nil {
		return nil, err
	}
	return t.notices.Tell(ctx, without(d.By, all)...)
}

// note is a notice about the deed's order.
func (d deed) note(to id.ID, kind notice.Kind, f notice.Facts) notice.Notice {
	f.Number, f.Currency = d.o.Number, d.o.Currency
	return notice.Notice{Person: to, Key: "order:" + d.Order.String() + ":" + string(d.To), Kind: kind, Market: d.o.Market, Way: d.way, Facts: f, At: d.At}
}

// whole makes it a notice about the basket: told once, however many orders it has.
func (d deed) whole(n notice.Notice) notice.Notice {
	n.Key = "basket:" + d.o.Basket.String() + ":" + string(d.To)
	return n
}

// onward is what the further moves are told as.
func (t *Teller) onward(ctx context.Context, d deed) ([]notice.Notice, error) {
	switch d.To {
	case order.Promised:
		return []notice.Notice{d.whole(d.note(d.buyer, notice.OrderPromised, notice.Facts{Sum: d.o.Total}))}, nil
	case order.Accepted:
		if d.Why == "part" {
			return t.some(ctx, d)
		}
		return []notice.Notice{d.note(d.buyer, notice.OrderAccepted, notice.Facts{Until: d.o.SendBy()})}, nil
	case order.Shipped:
		s, err := t.orders.Story(ctx, d.o.Ref())
		if err == nil && s.Cash != nil {
			return t.toPay(d, s), nil
		}
		f := notice.Facts{}
		if s.Pickup != nil {
			f.Carrier, f.Parcel = s.Pickup.Name, s.Pickup.Address
			return []notice.Notice{d.note(d.buyer, notice.OrderReady, f)}, err
		}
		if len(s.Shipments) > 0 {
			f.Carrier, f.Parcel = s.Shipments[0].Carrier, s.Shipments[0].Number
		}
		return []notice.Notice{d.note(d.buyer, notice.OrderShipped, f)}, err
	case order.Delivered:
		return []notice.Notice{d.note(d.buyer, notice.OrderDelivered, notice.Facts{Until: d.Due})}, nil
	case order.Completed:
		s, err := t.orders.Story(ctx, d.o.Ref())
		return []notice.Notice{
			d.note(d.buyer, notice.OrderCompleted, notice.Facts{}),
			d.note(d.seller, notice.SaleCompleted, notice.Facts{Sum: s.Parts().Seller}),
		}, err
	case order.Cancelled:
		if d.o.Way == payment.Cash { // nothing was paid, and each of a basket's orders has its own end
			return []notice.Notice{
				d.note(d.buyer, notice.OrderCancelled, notice.Facts{Why: d.Why}),
				d.note(d.seller, notice.SaleCancelled, notice.Facts{Why: d.Why}),
			}, nil
		}
		if d.From.Waits() {
			return []notice.Notice{d.whole(d.note(d.buyer, notice.OrderCancelled, notice.Facts{Why: d.Why}))}, nil
		}
		stopped := notice.OrderStopped
		if d.o.CoveredBy != nil {
			stopped = notice.OrderCancelled // nobody had paid for it: nothing comes back
		}
		all := []notice.Notice{
			d.note(d.buyer, stopped, notice.Facts{Why: d.Why, Sum: d.o.Total}),
			d.note(d.seller, notice.SaleCancelled, notice.Facts{Why: d.Why}),
		}
		if d.agent != id.None {
			all = append(all, d.note(d.agent, notice.CommissionReversed, notice.Facts{}))
			all[2].Way = agentWay
		}
		return all, nil
	case order.Expired:
		return []notice.Notice{d.whole(d.note(d.buyer, notice.OrderExpired, notice.Facts{}))}, nil
	}
	return nil, nil
}

// some tells the buyer that the seller takes a part on, and what comes back.
func (t *Teller) some(ctx context.Context, d deed) ([]notice.Notice, error) {
	s, err := t.orders.Story(ctx, d.o.Ref())
	var back int64
	for _, c := range s.Charges {
		if c.Label == "part" {
			back -= c.Amount
		}
	}
	kind := notice.OrderPart
	if s.Cash != nil {
		kind = notice.OrderLess
	}
	return []notice.Notice{d.note(d.buyer, kind, notice.Facts{Sum: back, Until: d.o.SendBy()})}, err
}

// toPay tells the buyer of goods that are on their way, or at their point, what to have
// ready and for whom, and an agent who collects that there is something to bring.
func (t *Teller) toPay(d deed, s order.Story) []notice.Notice {
	all := []notice.Notice{d.note(d.buyer, notice.OrderCash, notice.Facts{Sum: s.Due(), Carrier: s.Cash.Name})}
	if s.Cash.Kind == payable.Agent {
		n := d.note(s.Cash.Person, notice.SaleCash, notice.Facts{Sum: s.Due()})
		n.Way = handWay
		all = append(all, n)
	}
	return all
}

// The desks, as marketplace/web serves them.
const (
	agentWay   = "/desk/agent"
	deskWay    = "/desk/operator"
	refundsWay = "/desk/operator/refunds"
	payoutsWay = "/desk/operator/payouts"
	handWay    = "/desk/agent/cash"
	ownCashWay = "/me/cash"
	// ownGatewayWay is where a payee sees their account at a gateway.
	ownGatewayWay = "/me/gateway"
	applyWay      = "/desk/operator/applications"
	jobsWay       = "/desk/operator/jobs"
	booksWay      = "/desk/operator/books"
	accountWay    = "/me"
	incomeWay     = "/desk/producer"
	hooksWay      = "/desk/operator/hooks"
)

// placed tells how to pay by transfer, and asks again a day before it is too late.
func (t *Teller) placed(ctx context.Context, d deed) (finish, error) {
	pay, err := t.paymentOf(ctx, d.o.Market, d.o.Payment)
	if err != nil {
		return nil, err
	}
	if pay.Home != d.o.Market {
		return nothing() // the home market asks for the whole sum, once
	}
	n := d.whole(d.note(d.buyer, notice.OrderPlaced, notice.Facts{Sum: pay.Due, Until: new(pay.ExpiresAt)}))
	n.Facts.Number = pay.Reference
	tell, err := t.notices.Tell(ctx, n)
	if err != nil {
		return nil, err
	}
	return func(tx *storage.Tx) error {
		jobs.Add(tx, JobTransfer, pay.ID.String(), transferJob{Order: d.Order}, pay.ExpiresAt.Add(-24*time.Hour))
		return tell(tx)
	}, nil
}

func (t *Teller) paymentOf(ctx context.Context, market int32, name id.ID) (payment.Payment, error) {
	var pay payment.Payment
	err := t.view(ctx, market, func(tx *storage.Tx) (err error) { pay, err = payment.Find(tx, name); return })
	return pay, err
}

// secured confirms the contract to the buyer (E-commerce Law 49, 50: once for the
// whole basket, with its lines), gives the seller a new order, and tells the
// agent what it may earn.
func (t *Teller) secured(ctx context.Context, d deed) (finish, error) {
	basket, err := t.orders.List(ctx, order.Filter{Markets: []int32{d.o.Market}, Basket: d.o.Basket, N: 100})
	if err != nil {
		return nil, err
	}
	f, err := t.contract(ctx, basket)
	if err != nil {
		return nil, err
	}
	confirmed, sold := d.whole(d.note(d.buyer, notice.OrderSecured, notice.Facts{})), notice.SaleNew
	if d.o.Way == payment.Cash {
		confirmed.Kind, sold = notice.OrderAgreed, notice.SaleAgreed
	}
	if d.o.CoveredBy != nil {
		confirmed.Kind, sold = notice.OrderCovered, notice.SaleCovered
	}
	f.Until = d.Due
	confirmed.Facts = f
	if len(basket) > 1 {
		confirmed.Way = "/orders"
	}
	all := []notice.Notice{confirmed}
	if d.Due != nil {
		all = append(all, d.note(d.seller, sold, notice.Facts{Sum: d.o.Total, Until: d.Due}))
	}
	if share := shareOf(basket, d.Order); d.agent != id.None && share > 0 {
		earned := d.note(d.agent, notice.CommissionEarned, notice.Facts{Sum: share})
		earned.Way = agentWay
		all = append(all, earned)
	}
	tell, err := t.notices.Tell(ctx, all...)
	if err != nil {
		return nil, err
	}
	return func(tx *storage.Tx) error {
		if d.Due != nil && d.seller != id.None {
			jobs.Add(tx, JobRemind, d.Order.String()+":1", remindJob{Order: d.Order, Time: 1, Since: d.At}, d.At.Add(silence))
		}
		return tell(tx)
	}, nil
}

// contract is what was agreed, over all orders of a basket.
func (t *Teller) contract(ctx context.Context, basket []order.Order) (notice.Facts, error) {
	f := notice.Facts{Count: int64(len(basket))}
	var numbers []string
	for _, o := range basket {
		seller, sellerEN := "", ""
		if o.Seller != nil {
			var p producer.Producer
			err := t.view(ctx, o.Market, func(tx *storage.Tx) (err error) { p, err = producer.Find(tx, *o.Seller); return })
			if err != nil {
				return f, err
			}
			seller, sellerEN = p.Name, p.NameEN
		}
		f.Sum, f.Currency = f.Sum+o.Total, o.Currency
		numbers = append(numbers, o.Number)
		for _, l := range o.Lines {
			f.Lines = append(f.Lines, notice.Line{Title: l.Title, TitleEN: l.TitleEN, Seller: seller, SellerEN: sellerEN, Unit: l.Unit, Quantity: l.Quantity, Price: l.Price, Total: l.Total, Returns: l.ReturnDays})
		}
	}
	f.Number = strings.Join(numbers, ", ")
	return f, t.besides(ctx, basket, &f)
}

// besides adds what comes on top and what is taken off, each once over all orders.
func (t *Teller) besides(ctx context.Context, basket []order.Order, f *notice.Facts) error {
	if len(basket) == 0 {
		return nil
	}
	ids := make([]id.ID, len(basket))
	for i, o := range basket {
		ids[i] = o.ID
	}
	charges, err := t.orders.ChargesOf(ctx, basket[0].Market, ids)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for _, c := range charges {
		label := c.Label
		if c.Label == order.Discount && c.Market != 0 {
			label = "discount_market"
		}
		n, known := at[label]
		if !known {
			n = len(f.Lines)
			at[label] = n
			f.Lines = append(f.Lines, notice.Line{Charge: label})
		}
		f.Lines[n].Total += c.Amount
	}
	return nil
}

// shareOf is what the agent of one order of a basket earns.
func shareOf(basket []order.Order, of id.ID) int64 {
	var sum int64
	for _, o := range basket {
		if o.ID == of {
			for _, l := range o.Lines {
				sum += l.AgentShare
			}
		}
	}
	return sum
}
