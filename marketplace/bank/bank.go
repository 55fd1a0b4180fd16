// Package bank is the bank's side of the books: statements of the market's
// account are read in, each line is kept once, and every line is found to be
// something that the books know (a transfer of a buyer, a payout, a refund) or
// waits for a person who says what it is.
//
// It promises that a line that comes twice is one line, that nothing is guessed:
// a line is matched by itself only where a reference of ours and the whole sum
// agree, and that the sum of the statement is held against the ledger at its day.
// It posts through the verbs of payments and payouts, which are harmless to
// repeat; what it posts itself has the line for its cause.
package bank

import (
	"time"

	"commonfield/agents/payout"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/recon"
	"commonfield/storage"
	"commonfield/storage/id"
)

// What a line was found to be.
const (
	Payment   = "payment"   // a buyer's transfer
	Refund    = "refund"    // money back to a buyer
	Payout    = "payout"    // one that the bank carried out
	Returned  = "returned"  // one that the bank gave back
	Batch     = "batch"     // a whole batch in one sum
	Capital   = "capital"   // the operator's own money, in or out
	Fee       = "fee"       // the bank's own
	Tax       = "tax"       // paid to the office
	Banked    = "banked"    // the gateway's balance, paid to us
	Unclaimed = "unclaimed" // nobody's yet
	SentBack  = "sent_back" // what was nobody's, to whom it came from
	CashIn    = "cash_in"   // a hand has banked what it held
	CashOut   = "cash_out"  // a float for a hand
	Booked    = "booked"    // a person knows that it is in the books already
)

// Line is one line of the bank's statement.
type Line struct {
	ID        id.ID      `db:"id" json:"id"`
	Account   string     `db:"account" json:"account"`
	Reference string     `db:"reference" json:"reference"`
	On        time.Time  `db:"booked_on" json:"booked_on"`
	Amount    int64      `db:"amount_minor" json:"amount_minor"` // above nought: it came in
	Party     string     `db:"party" json:"party"`
	Words     string     `db:"words" json:"words"`
	Return    bool       `db:"is_return" json:"is_return"` // the bank says that it gave it back
	State     string     `db:"state" json:"state"`         // open or done
	Deed      string     `db:"deed" json:"deed"`
	Target    string     `db:"target" json:"target"`
	Why       string     `db:"why" json:"why"`
	DoneBy    *id.ID     `db:"done_by" json:"done_by,omitempty"`
	DoneAt    *time.Time `db:"done_at" json:"done_at,omitempty"`
}

const lineColumns = `id, account, reference, booked_on, amount_minor, party, words, is_return, state, deed, target, why, done_by, done_at`

// Statement is one that was read in; a file may hold several.
type Statement struct {
	ID         id.ID      `db:"id" json:"id"`
	Account    string     `db:"account" json:"account"`
	Name       string     `db:"name" json:"name"`
	Until      time.Time  `db:"until_on" json:"until_on"`
	Closing    *int64     `db:"closing_minor" json:"closing_minor,omitempty"`
	Lines      int        `db:"lines" json:"lines"`
	Fresh      int        `db:"fresh" json:"fresh"` // not known before
	Recon      int64      `db:"recon_minor" json:"recon_minor"`
	ReconWhy   string     `db:"recon_why" json:"recon_why"`
	ReconAt    *time.Time `db:"recon_at" json:"recon_at,omitempty"`
	ImportedBy id.ID      `db:"imported_by" json:"imported_by"`
	ImportedAt time.Time  `db:"imported_at" json:"imported_at"`
}

const statementColumns = `id, account, name, until_on, closing_minor, lines, fresh, recon_minor, recon_why, recon_at, imported_by, imported_at`

// Desk is the room, opened once.
type Desk struct {
	db       *storage.DB
	orders   *order.Pipeline
	gateway  *recon.Desk
	payments *payment.Desk
	payouts  *payout.Desk
}

// New opens the room.
func New(db *storage.DB, orders *order.Pipeline, gateway *recon.Desk, payments *payment.Desk, payouts *payout.Desk) *Desk {
	return &Desk{db, orders, gateway, payments, payouts}
}
