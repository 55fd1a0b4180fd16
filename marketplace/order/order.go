// Package order is the pipeline: every sale of the program is an order that
// walks one map of states. The room prices, promises, secures, moves, refunds
// and releases; what is special about goods, gifts or contracts is handed in
// as a Kind. It calls down to agents, ledger and payment, and knows neither
// goods nor pages.
//
// A basket is what one person confirms at once in one market; a checkout is one
// payment's baskets, of one market or several. Until it is secured a checkout
// lives and dies whole; from then on each of its orders, one per seller, lives
// for itself.
package order

import (
	"time"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/agents/terms"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/seal"
)

// Ref names one order: the market and the id travel together.
type Ref struct {
	Market int32
	ID     id.ID
}

// By is who moves an order, and as which party. The door decides the party by
// its policy; the pipeline checks that the party may make the move.
type By struct {
	people.Person
	As Party
}

// System moves by itself: timers and news.
var System = By{Person: people.System, As: AsSystem}

// Order is one seller's part of a basket.
type Order struct {
	Market      int32      `db:"market_id"`
	ID          id.ID      `db:"id"`
	Basket      id.ID      `db:"basket_id"`
	Number      string     `db:"number"`
	Kind        string     `db:"kind"`
	State       State      `db:"state"`
	Buyer       id.ID      `db:"buyer_id"`
	Seller      *id.ID     `db:"seller_id"`
	SellerPayee *id.ID     `db:"seller_payee"`
	Agent       *id.ID     `db:"agent_id"`
	Currency    string     `db:"currency"`
	Total       int64      `db:"total_minor"` // of lines and charges when it was placed
	PlacedAt    time.Time  `db:"placed_at"`
	SecuredAt   *time.Time `db:"secured_at"`
	DueAt       *time.Time `db:"due_at"` // by when the next move must be made
	CompletedAt *time.Time `db:"completed_at"`
	For         *id.ID     `db:"for_id"`      // a contract, a fund, a campaign
	CoveredBy   *string    `db:"covered_by"`  // the account that pays its owners in place of a payment
	FeeTo       *string    `db:"fee_to"`      // nil: income:fees
	ReleasedAt  *time.Time `db:"released_at"` // when its money went to its owners
	Version     int        `db:"version"`
	Payment     id.ID      `db:"payment_id"` // id.None: it is covered
	Way         string     `db:"way"`

	Bears int64 `db:"bears_minor"` // what the market pays of it: its discount

	waits bool        // at a point for its buyer: nobody's silence delivers it
	takes *terms.Cash // of one that is being placed: on which terms it may be paid when it arrives
	taken bool        // its cash was taken in this transaction, which delivers it

	Lines   []Line   `db:"-"`
	Charges []Charge `db:"-"`

	Unplaced bool         `db:"-"` // of a quote: its delivery cannot be reckoned before it is known where to
	Point    *terms.Point `db:"-"` // of a quote: where its buyer could come for it
	Comes    bool         `db:"-"` // and means to
}

// Ref gives the order's name.
func (o Order) Ref() Ref { return Ref{o.Market, o.ID} }

const (
	own = `o.market_id, o.id, o.basket_id, o.number, o.kind, o.state, o.buyer_id, o.seller_id, o.seller_payee, o.agent_id,
	o.currency, o.total_minor, o.placed_at, o.secured_at, o.due_at, o.completed_at, o.for_id, o.covered_by, o.fee_to, o.released_at, o.version`
	columns = own + `, b.payment_id, b.way`
)

// bears reads what the market pays of an order, for the one step that takes it.
const bears = `, (SELECT COALESCE(-sum(c.market_minor), 0)::bigint FROM order_charges c
	WHERE c.market_id = o.market_id AND c.order_id = o.id AND c.label = 'discount') AS bears_minor`

const from = " FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id "

// Line is what is sold, how much, at which frozen price, with its frozen split.
type Line struct {
	No          int    `db:"line_no"`
	Listing     *id.ID `db:"listing_id"`
	Title       string `db:"title"`
	TitleEN     string `db:"title_en"`
	Photo       string `db:"photo"`
	Category    string `db:"category"`
	Unit        string `db:"unit"`
	UnitBase    int64  `db:"unit_base"` // base units (grams, pieces) in one unit
	Quantity    int64  `db:"quantity"`  // base units ordered
	Accepted    *int64 `db:"accepted"`  // base units that the seller has taken on, nil for all
	Packed      *int64 `db:"packed"`    // base units weighed, nil until packed
	BandBP      int32  `db:"weight_band_bp"`
	Price       int64  `db:"price_minor"` // per unit
	Total       int64  `db:"total_minor"`
	SellerShare int64  `db:"seller_minor"`
	AgentShare  int64  `db:"agent_minor"`
	Fee         int64  `db:"fee_minor"`
	Tax         int64  `db:"tax_minor"`
	FeeBP       int32  `db:"fee_bp"`
	TaxBP       int32  `db:"tax_bp"`
	AgentPayee  *id.ID `db:"agent_payee"`
	ReturnDays  int    `db:"return_days"`
	ReleaseDays int    `db:"release_days"`
	Left        Shares `db:"-"` // what charges have left of the split
	Gift        int64  `db:"-"` // what of Left the market pays
	Cost        int64  `db:"-"` // what the buyer owed for it when it was placed, after discounts
	Orders      id.ID  `db:"order_id"`
}

const lineColumns = `order_id, line_no, listing_id, title, title_en, photo, category, unit, unit_base, quantity, accepted, packed, weight_band_bp, price_minor,
	total_minor, seller_minor, agent_minor, fee_minor, tax_minor, fee_bp, tax_bp, agent_payee, return_days, release_days`

// Shares are the four owners of a line, in the order of the ledger.
type Shares struct{ Seller, Agent, Fee, Tax int64 }

// Sum is what the shares add up to.
func (s Shares) Sum() int64 { return s.Seller + s.Agent + s.Fee + s.Tax }

func (s Shares) list() []int64 { return []int64{s.Seller, s.Agent, s.Fee, s.Tax} }

func shares(of []int64) Shares { return Shares{of[0], of[1], of[2], of[3]} }

func (s Shares) plus(t Shares) Shares {
	return Shares{s.Seller + t.Seller, s.Agent + t.Agent, s.Fee + t.Fee, s.Tax + t.Tax}
}

func (s Shares) minus(t Shares) Shares {
	return Shares{s.Seller - t.Seller, s.Agent - t.Agent, s.Fee - t.Fee, s.Tax - t.Tax}
}

// Pipeline moves orders. It is made once, by the root.
type Pipeline struct {
	db    *storage.DB
	desk  *payment.Desk
	box   *seal.Box
	books *region.Books
	kinds map[string]Kind
	tell  []func(tx *storage.Tx, m Move)
}

// New gives a pipeline for the kinds handed in. It panics on a kind whose path
// the map of states does not allow: that is a mistake of the program.
func New(db *storage.DB, desk *payment.Desk, box *seal.Box, books *region.Books, kinds ...Kind) *Pipeline {
	p := &Pipeline{db: db, desk: desk, box: box, books: books, kinds: map[string]Kind{}}
	for _, k := range kinds {
		k.check()
		p.kinds[k.Name] = k
	}
	desk.Gate(gate)
	return p
}

// lock gives one order with its lines and what is left of them, and keeps the
// order for this transaction.
func (p *Pipeline) lock(tx *storage.Tx, ref Ref) (Order, error) {
	var o Order
	err := tx.Get(&o, "SELECT "+columns+from+"WHERE o.market_id = $1 AND o.id = $2 FOR UPDATE OF o", ref.Market, ref.ID)
	if err == storage.ErrNone {
		return o, fault.NotFound("not_found")
	}
	return o, err
}

// lockPaid gives a payment and the orders it is for in the order of their ids, all
// locked: the payment before its orders, and so that the foreign key of a new
// refund does not wait for it (payment.Lock). One that was given up before it stood
// has no orders.
func lockPaid(tx *storage.Tx, pay id.ID) (payment.Payment, []Order, error) {
	var rows []struct {
		Order

		Due payment.Payment `db:"p"`
	}
	err := tx.Select(&rows, paid, tx.Market, pay)
	if err == nil && len(rows) == 0 {
		due, err := payment.Lock(tx, pay)
		return due, nil, err
	}
	if err != nil {
		return payment.Payment{}, nil, err
	}
	orders := make([]Order, len(rows))
	for i, r := range rows {
		orders[i] = r.Order
		orders[i].Payment, orders[i].Way = r.Due.ID, r.Due.Gateway
	}
	return rows[0].Due, orders, nil
}

// A payment's sale is a basket, and a basket's way the payment's gateway.
var paid = "SELECT " + own + bears + ", " + payment.Columns("p") + ` FROM payments p
	JOIN orders o ON o.market_id = p.market_id AND o.basket_id = p.sale_id
	WHERE p.market_id = $1 AND p.id = $2 ORDER BY o.id FOR NO KEY UPDATE OF p FOR UPDATE OF o`
