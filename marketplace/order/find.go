package order

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/lib/pq"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Story is everything that a page says of one order.
type Story struct {
	Order
	History   []Step
	Shipments []Shipment
	Refunds   []payment.Refund
	Paid      payment.Payment // the whole payment, as its home market has it; of a covered order only that market
	DeliverTo *Address
	Pickup    *Pickup     // where it is picked up; nothing: it is sent
	Cash      *Collection // who collects what is paid on delivery; nothing: it was paid before
	Siblings  []Ref       // the other orders of its checkout, in all its markets
}

// Step is one row of an order's history.
type Step struct {
	From State     `db:"from_state"`
	To   State     `db:"to_state"`
	By   id.ID     `db:"moved_by"`
	Why  string    `db:"why"`
	At   time.Time `db:"moved_at"`
}

// PaymentState is computed from rows, never set: none, part, paid, part
// refunded, refunded; covered: nobody pays it. Before it is secured, an order has what
// its basket has; of what is paid on delivery nothing has come before it was taken.
func (s Story) PaymentState() string {
	var back int64
	for _, r := range s.Refunds {
		if r.State != payment.RefundFailed {
			back += r.Amount
		}
	}
	came := s.Total
	if s.SecuredAt == nil {
		came = s.Paid.Captured
	}
	switch {
	case s.CoveredBy != nil:
		return "covered"
	case s.Cash.awaits():
		return "none"
	case s.Cash != nil:
		came = *s.Cash.Taken
	}
	switch {
	case s.SecuredAt == nil && came == 0:
		return "none"
	case s.SecuredAt == nil && back == 0:
		return "part"
	case back == 0:
		return "paid"
	case back < came:
		return "part_refunded"
	}
	return "refunded"
}

// Net is what the order costs after its charges, in minor units.
func (s Story) Net() int64 {
	n := s.Total
	for _, c := range s.Charges {
		if !c.FromStart() {
			n += c.Amount
		}
	}
	return n
}

// Parts is who receives what, after its charges.
func (s Story) Parts() Shares {
	return s.left()
}

func find(tx *storage.Tx, ref Ref) (Order, error) {
	var o Order
	err := tx.Get(&o, "SELECT "+columns+from+"WHERE o.market_id = $1 AND o.id = $2", ref.Market, ref.ID)
	if err == storage.ErrNone {
		return o, fault.NotFound("not_found")
	}
	return o, err
}

// Read gives one order with its lines and what is left of them, in the transaction
// of a room above.
func Read(tx *storage.Tx, ref Ref) (Order, error) {
	o, err := find(tx, ref)
	if err != nil {
		return o, err
	}
	return o, withLines(tx, &o)
}

// Find gives one order without its story.
func (p *Pipeline) Find(ctx context.Context, ref Ref) (Order, error) {
	var o Order
	err := p.db.View(ctx, ref.Market, func(tx *storage.Tx) (err error) { o, err = find(tx, ref); return })
	return o, err
}

// Story gives one order with everything that belongs to it.
func (p *Pipeline) Story(ctx context.Context, ref Ref) (Story, error) {
	var s Story
	var sealed []byte
	err := p.db.View(ctx, ref.Market, func(tx *storage.Tx) (err error) {
		if s.Order, err = find(tx, ref); err != nil {
			return err
		}
		if err = withLines(tx, &s.Order); err != nil {
			return err
		}
		if err = tx.Select(&s.History, "SELECT from_state, to_state, moved_by, why, moved_at FROM order_history WHERE market_id = $1 AND order_id = $2 ORDER BY id", ref.Market, ref.ID); err != nil {
			return err
		}
		if s.Shipments, err = parcels(tx, &s.Order); err != nil {
			return err
		}
		if s.Pickup, err = pickupOf(tx, ref.ID); err != nil {
			return err
		}
		if s.Cash, err = collectionOf(tx, s.Order); err != nil {
			return err
		}
		of := []id.ID{ref.ID}
		if s.SecuredAt == nil {
			of = append(of, s.Basket) // a part that came, or all of it too late, went back by the basket
		}
		if s.Refunds, err = payment.RefundsOf(tx, of...); err != nil {
			return err
		}
		if s.CoveredBy != nil {
			s.Paid = payment.Payment{Home: s.Market}
		} else if s.Paid, err = payment.Find(tx, s.Payment); err != nil {
			return err
		}
		return tx.Get(&sealed, "SELECT deliver_to_sealed FROM baskets WHERE market_id = $1 AND id = $2", ref.Market, s.Basket)
	})
	if err == nil {
		err = p.beside(ctx, &s)
	}
	if err != nil || sealed == nil {
		return s, err
	}
	plain, err := p.box.Open(sealed, "basket:"+s.Basket.String())
	if err != nil {
		return s, err
	}
	s.DeliverTo = &Address{}
	return s, json.Unmarshal(plain, s.DeliverTo)
}

// Filter chooses orders of one list; exactly one of Buyer, Seller, Agent or
// Market alone leads.
type Filter struct {
	Markets []int32 // the markets to look in; never empty
	Buyer   id.ID
	Seller  id.ID
	Agent   id.ID
	Basket  id.ID
	States  []State // Groups names some that belong together
	Number  string
	Text    string // in a title, or the end of a number
	After   id.ID  // the last one seen; newest first
	N       int
}

// List gives a page of orders, newest first, each with its lines.
func (p *Pipeline) List(ctx context.Context, f Filter) ([]Order, error) {
	if len(f.Markets) == 0 {
		return nil, nil
	}
	query, args := f.statement()
	var os []Order
	err := p.db.ViewShared(ctx, func(tx *storage.Tx) error {
		os = nil
		if err := tx.Select(&os, query, args...); err != nil || len(os) == 0 {
			return err
		}
		return listLines(tx, f.Markets, os)
	})
	return os, err
}

// Holds names the newest order in which a buyer holds a listing without having paid
// for it yet; id.None: there is none.
func Holds(tx *storage.Tx, buyer, listing id.ID) (id.ID, error) {
	var held id.ID
	err := tx.Get(&held, `SELECT o.id FROM orders o WHERE o.market_id = $1 AND o.buyer_id = $2 AND o.state = 'placed'
		AND EXISTS (SELECT 1 FROM order_lines l WHERE l.market_id = o.market_id AND l.order_id = o.id AND l.listing_id = $3) ORDER BY o.id DESC LIMIT 1`, tx.Market, buyer, listing)
	if err == storage.ErrNone {
		err = nil
	}
	return held, err
}

// Groups are the states that somebody looks for together: what waits for their
// money, what is on its way to them, what is done, what came to nothing.
var Groups = map[string][]State{
	"to_pay":     {Placed},
	"to_receive": {Promised, Secured, Accepted, Packed, Shipped, Delivered},
	"done":       {Completed},
	"ended":      {Cancelled, Expired},
}

// statement is the query of a page and its parameters.
func (f Filter) statement() (string, []any) {
	if f.N <= 0 || f.N > 100 {
		f.N = 50
	}
	states := make(pq.StringArray, len(f.States))
	for i, s := range f.States {
		states[i] = string(s)
	}
	after := f.After
	if after == id.None {
		for i := range after {
			after[i] = 0xff
		}
	}
	// One text per leading column, so that each finds its index: a plan that fits
	// every value would read the whole market for one number or one state.
	lead, who := "$2::uuid IS NOT NULL", id.None
	number, state := "$4::text = ''", "cardinality($3::text[]) = 0"
	if f.Number != "" {
		number = "o.number = $4"
	}
	if len(states) > 0 {
		state = "o.state = ANY($3)"
	}
	switch {
	case f.Buyer != id.None:
		lead, who = "o.buyer_id = $2", f.Buyer
	case f.Seller != id.None:
		lead, who = "o.seller_id = $2", f.Seller
	case f.Agent != id.None:
		lead, who = "o.agent_id = $2", f.Agent
	case f.Basket != id.None:
		lead, who = "o.basket_id = $2", f.Basket
	}
	if who != id.None && f.Basket == id.None {
		lead += " AND b.state <> 'undone'" // nobody has ordered it
	}
	args := []any{markets(f.Markets), who, states, f.Number, after, f.N}
	text := ""
	if said := strings.TrimSpace(f.Text); said != "" {
		// Walked along the list until the page is full: one person's orders are few.
		text = ` AND (right(o.number, length($7)) = upper($7) OR EXISTS (SELECT 1 FROM order_lines l WHERE l.market_id = o.market_id AND l.order_id = o.id
			AND (strpos(lower(l.title), lower($7)) > 0 OR strpos(lower(l.title_en), lower($7)) > 0)))`
		args = append(args, said)
	}
	return "SELECT " + columns + from + "WHERE o.market_id = ANY($1) AND " + lead + " AND " + state + " AND " + number + text +
		" AND o.id < $5 ORDER BY o.id DESC LIMIT $6", args
}

// listLines reads the lines of a page of orders in one query.
func listLines(tx *storage.Tx, in []int32, os []Order) error {
	names := make(pq.StringArray, len(os))
	at := map[id.ID]int{}
	for i, o := range os {
		names[i], at[o.ID] = o.ID.String(), i
	}
	var lines []Line
	if err := tx.Select(&lines, "SELECT "+lineColumns+" FROM order_lines WHERE market_id = ANY($1) AND order_id = ANY($2) ORDER BY order_id, line_no", markets(in), names); err != nil {
		return err
	}
	for _, l := range lines {
		o := &os[at[l.Orders]]
		o.Lines = append(o.Lines, l)
	}
	return nil
}

func markets(of []int32) any { return pq.Int32Array(of) }
