// Package recon is the gateway's side of the books: each day the movements of its
// balance are read in, each line is kept once under the gateway's own name of it,
// and each is found to be something that the books have, or is posted: what the
// gateway keeps, what it pays to our bank, what somebody gave back in the gateway's
// own pages. What nobody can explain lies in recon until a person has.
//
// It promises that a line is read once and booked once, however often a reading is
// broken off; that nothing is guessed: where several lines of an order may be meant,
// a person says which; and that what belongs to several markets is borne by each, by
// largest remainder.
//
// The gateway has one account for all markets and pays to one bank: that of the
// keeper, which has the readings and every line that is of no payment. The others
// are in the home market of their payment.
package recon

import (
	"context"
	"strings"
	"time"

	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// The states of a line.
const (
	Open    = "open"    // not found yet: it is tried again
	Waits   = "waits"   // a person must say what it is
	Differs = "differs" // in recon, until a person explains it
	Done    = "done"
)

// What a line was found to be.
const (
	Known      = "known"       // the books had it
	Fee        = "fee"         // the gateway's own
	Payout     = "payout"      // to our bank
	PayoutBack = "payout_back" // our bank did not take it
	Refund     = "refund"      // given back in the gateway's pages
	Unclaimed  = "unclaimed"   // so, out of what waited as unclaimed
	Recon      = "recon"       // nobody knows yet
	Bank       = "bank"        // of recon: it came from our bank, or went there
	Capital    = "capital"     // of recon: the operator's own
	Booked     = "booked"      // a person knows that it is in the books already
)

// Line is one movement of the gateway's balance.
type Line struct {
	ID        id.ID         `db:"id" json:"id"`
	Gateway   string        `db:"gateway" json:"gateway"`
	Reference string        `db:"reference" json:"reference"`
	Kind      payment.Moved `db:"kind" json:"kind"`
	Object    string        `db:"object" json:"object"`
	Amount    int64         `db:"amount_minor" json:"amount_minor"` // above nought: the balance grew
	Fee       int64         `db:"fee_minor" json:"fee_minor"`       // what the gateway took of it
	Currency  string        `db:"currency" json:"currency"`
	Words     string        `db:"words" json:"words"`
	Payment   *id.ID        `db:"payment_id" json:"payment,omitempty"`
	Refund    *id.ID        `db:"refund_id" json:"refund,omitempty"`
	Payout    *id.ID        `db:"payout_id" json:"payout,omitempty"`
	At        time.Time     `db:"moved_at" json:"moved_at"`
	Usable    time.Time     `db:"usable_at" json:"usable_at"`
	State     string        `db:"state" json:"state"`
	Deed      string        `db:"deed" json:"deed"`
	Target    string        `db:"target" json:"target"`
	Recon     int64         `db:"recon_minor" json:"recon_minor"` // what of it lies in recon
	Why       string        `db:"why" json:"why"`
	DoneBy    *id.ID        `db:"done_by" json:"done_by,omitempty"`
	DoneAt    *time.Time    `db:"done_at" json:"done_at,omitempty"`
	CreatedAt time.Time     `db:"created_at" json:"created_at"`
}

const lineColumns = `id, gateway, reference, kind, object, amount_minor, fee_minor, currency, words, payment_id, refund_id, payout_id, moved_at, usable_at, state, deed, target, recon_minor, why, done_by, done_at, created_at`

// Net is what the line added to the balance.
func (l Line) Net() int64 { return l.Amount - l.Fee }

// cause is the business key of what this room posts for a line, in every market.
func (l Line) cause(deed string) string { return "recon:" + l.ID.String() + ":" + deed }

// Run is one reading of a gateway's balance.
type Run struct {
	Gateway string     `db:"gateway" json:"gateway"`
	Key     string     `db:"key" json:"key"`
	Since   time.Time  `db:"since_at" json:"since"`
	After   string     `db:"after_line" json:"-"`
	Pages   int64      `db:"pages" json:"pages"`
	Lines   int64      `db:"lines" json:"lines"`
	BeganAt time.Time  `db:"began_at" json:"began_at"`
	EndedAt *time.Time `db:"ended_at" json:"ended_at,omitempty"`
}

const runColumns = `gateway, key, since_at, after_line, pages, lines, began_at, ended_at`

// Desk is the room, opened once.
type Desk struct {
	db       *storage.DB
	orders   *order.Pipeline
	payments *payment.Desk
	markets  func(context.Context) ([]region.Market, error)
	bank     string
	payouts  *payout.Desk // nil: nobody is paid by a gateway
}

// New opens the room. markets gives those that share the gateway's account; bank is
// the code of the one whose bank the gateway pays, the first of them when empty.
func New(db *storage.DB, orders *order.Pipeline, payments *payment.Desk, markets func(context.Context) ([]region.Market, error), bank string) *Desk {
	return &Desk{db: db, orders: orders, payments: payments, markets: markets, bank: bank}
}

// Paying says who knows the transfers to payees.
func (d *Desk) Paying(p *payout.Desk) { d.payouts = p }

// Reads says whether there is a gateway whose balance can be read.
func (d *Desk) Reads() bool { return len(d.payments.Balanced()) > 0 }

// Markets gives those that share the gateway's account.
func (d *Desk) Markets(ctx context.Context) ([]region.Market, error) { return d.markets(ctx) }

// Keeper gives the market whose bank the gateway pays. It refuses a code that no
// market has (market_unknown).
func (d *Desk) Keeper(ctx context.Context) (region.Market, error) {
	all, err := d.markets(ctx)
	if err != nil {
		return region.Market{}, err
	}
	for _, m := range all {
		if d.bank == "" || strings.EqualFold(m.Code, d.bank) {
			return m, nil
		}
	}
	return region.Market{}, fault.NotFound("market_unknown")
}

func (d *Desk) balanced(name string) (payment.Balanced, bool) {
	for _, g := range d.payments.Balanced() {
		if g.Name() == name {
			return g, true
		}
	}
	return nil, false
}
