package order

import (
	"fmt"
	"slices"
	"time"

	"commonfield/agents/terms"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Kind is what is special about one sort of order, handed in when the program
// opens. A nil function means nothing special.
type Kind struct {
	Name string
	// Path is the states an order of this kind passes when nothing goes wrong. With
	// Promised on it, a buyer may save a way to pay and be charged later; who pays at
	// once passes it by.
	Path []State
	// Release is the state in which held money goes to its owners.
	Release State
	// Price gives the lines with their totals, fee and tax, and whose they are.
	// It recomputes everything: nothing a buyer sent is believed.
	Price func(tx *storage.Tx, items []Item) ([]Priced, error)
	// Hold is Price for orders that are being placed, where something can be
	// promised only once: it locks that, and gives what promises it.
	Hold func(tx *storage.Tx, items []Item) ([]Priced, Keep, error)
	// LetGo ends the promises of orders that come to nothing.
	LetGo func(tx *storage.Tx, orders []id.ID, by id.ID, why string) error
	// Less lets go what the seller has not taken on, by line, in base units.
	Less func(tx *storage.Tx, o Order, missing map[int]int64, by id.ID) error
	// Back takes what was never sent, or came back from its buyer, into the store
	// again, by line, in base units.
	Back func(tx *storage.Tx, o Order, rest map[int]int64, by id.ID) error
	// Moved does what else moves with an order, in the same transaction.
	Moved func(tx *storage.Tx, o Order, to State, by id.ID) error
	// Accounts names where the money of an order that is for something (Order.For)
	// goes and comes from. It is pure: the same order has the same accounts for ever.
	Accounts func(o Order) Accounts
	// Covers refuses orders that what they are for does not cover, in the transaction
	// that places them. A kind that has it asks for no payment: its orders are secured
	// at once, and Accounts names their Cover.
	Covers func(tx *storage.Tx, orders []Order) error
	// Free is how much of what covers an order may be given to its owners now, of rest
	// that they have not been given yet. The account is locked; what it has is the most.
	Free func(tx *storage.Tx, o Order, rest int64) (int64, error)
	// Taken hears how much a refund takes out of the accounts of an Owner, and refuses
	// what has been spent.
	Taken func(tx *storage.Tx, o Order, sum int64, by id.ID) error
	// Expiry is how long a basket waits for its money, by the way it is paid.
	Expiry func(way string) time.Duration
	// Repair is how long a buyer whose promise could not be taken may pay by hand;
	// nought is a week.
	Repair time.Duration
	// Postings are how the kind's room posts what it decides itself, for the audit.
	Postings []ledger.Rule
}

// Keep promises once what can be promised only once, for all orders of a basket.
type Keep func(tx *storage.Tx, orders []Order, by id.ID) error

// hold prices what is being placed.
func (k Kind) hold(tx *storage.Tx, items []Item) ([]Priced, Keep, error) {
	if k.Hold != nil {
		return k.Hold(tx, items)
	}
	priced, err := k.Price(tx, items)
	return priced, func(*storage.Tx, []Order, id.ID) error { return nil }, err
}

// back takes goods into the store again, where there is one and some came.
func (k Kind) back(tx *storage.Tx, o Order, came map[int]int64, by id.ID) error {
	if k.Back == nil || len(came) == 0 {
		return nil
	}
	return k.Back(tx, o, came, by)
}

// Item is what somebody wants: a thing that the kind knows, and how much, in
// base units (grams, pieces; minor units for sums of money).
type Item struct {
	Market   int32
	Listing  id.ID
	Quantity int64
}

// Priced is a line with its owner. Seller, SellerPayee and SellerPerson are
// id.None when nobody delivers.
type Priced struct {
	Line
	Seller       id.ID
	SellerPayee  id.ID
	SellerPerson id.ID
	For          id.ID // what it is for, where that is no listing; each gets an order of its own

	Grams int64           // what it is reckoned to weigh, for a delivery by weight
	Terms terms.Terms     // on which the seller sells
	Gift  *terms.Discount // what the market takes off, and bears
	Adds  []Charge        // what the kind adds to the seller's order: label, amount and split

	off, gift int64 // what seller and market take off
}

func (k Kind) check() {
	if k.Name == "" || k.Price == nil || len(k.Path) < 2 || k.Path[0] != Placed || !slices.Contains(k.Path, k.Release) {
		panic(fmt.Sprintf("order: kind %q is incomplete", k.Name))
	}
	if k.Covers != nil && (k.Accounts == nil || k.Release == Secured) {
		panic(fmt.Sprintf("order: kind %q names nothing that covers it, or is released before its owners did anything", k.Name))
	}
	for i := 1; i < len(k.Path); i++ {
		if !k.Path[i-1].May(k.Path[i]) {
			panic(fmt.Sprintf("order: kind %q cannot go from %s to %s", k.Name, k.Path[i-1], k.Path[i]))
		}
	}
}

// after is what follows a state on the path, or nothing.
func (k Kind) after(s State) State {
	if at := slices.Index(k.Path, s); at >= 0 && at+1 < len(k.Path) {
		return k.Path[at+1]
	}
	return ""
}

// passes says whether orders of this kind may be in a state at all.
func (k Kind) passes(s State) bool {
	return s == Cancelled || s == Expired || slices.Contains(k.Path, s)
}

// How long each state may last before the system makes the next move. Seller's
// silence: orders.md; release: 3 days fresh, 14 days dry, from the line.
const (
	silence  = 72 * time.Hour
	unpacked = 14 * 24 * time.Hour // and unsent, of what was taken on
	unshown  = 15 * 24 * time.Hour
)

// due is by when the order's next move must be made.
func (k Kind) due(o Order, to State, now time.Time) *time.Time {
	if to == Secured && k.after(Secured) == Completed { // which it is at once
		return nil
	}
	if to == k.Path[len(k.Path)-1] || to.Ended() || to == Placed || to == Promised || to == Shipped && (o.waits || o.Way == payment.Cash) {
		return nil
	}
	var wait time.Duration
	switch to {
	case Secured:
		wait = silence
	case Packed: // packing gives no time more: it is as late as it was
		return o.DueAt
	case Accepted:
		wait = unpacked
	case Shipped:
		wait = unshown
	case Delivered:
		for _, l := range o.Lines {
			wait = max(wait, time.Duration(l.ReleaseDays)*24*time.Hour)
		}
	}
	at := now.Add(wait)
	return &at
}
