package order

import (
	"fmt"
	"slices"
	"strings"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Accounts are where the money of an order goes and what pays it, where that is not
// its seller's payee, income:fees and its own payment. Every name carries what the
// order is for, so that the audit can tell whose account it is.
type Accounts struct {
	// Owner gets the seller's share at the release: a contract, a fund, a campaign.
	Owner string
	// Back is where a refund takes that share from afterwards, each as far as it has,
	// in this order: money moves on. Without it from Owner.
	Back []string
	// Feeds says that Owner covers orders: what comes in pays those that wait for it.
	Feeds bool
	// Fee gets the fee, where it is something else: a tip.
	Fee string
	// Cover pays the order's owners at its release in place of a payment, and gets
	// what a refund takes from them.
	Cover string
}

// accounts gives an order's accounts with what goes without saying.
func (k Kind) accounts(o Order) Accounts {
	var a Accounts
	if k.Accounts != nil && o.For != nil {
		a = k.Accounts(o)
	}
	if a.Fee == "" {
		a.Fee = ledger.IncomeFees
	}
	if a.Owner != "" && a.Back == nil {
		a.Back = []string{a.Owner}
	}
	return a
}

// freeze writes on orders that are being placed which accounts are theirs.
func (k Kind) freeze(orders []Order) error {
	for i := range orders {
		o := &orders[i]
		a := k.accounts(*o)
		if a.Fee != ledger.IncomeFees {
			o.FeeTo = &a.Fee
		}
		switch {
		case (k.Covers != nil) != (a.Cover != ""):
			return fmt.Errorf("order: kind %s covers its orders and names no account that does, or the other way round", k.Name)
		case a.Owner != "" && o.SellerPayee != nil:
			return fmt.Errorf("order: an order of kind %s belongs to %s and to a payee", k.Name, a.Owner)
		case a.Cover == "":
			continue
		case o.Bears > 0:
			return fmt.Errorf("order: the market gives a discount on an order that %s covers", a.Cover)
		}
		o.CoveredBy = &a.Cover
		o.Way, _, _ = strings.Cut(a.Cover, ":")
	}
	return nil
}

// fromOwner says from which accounts a refund takes what a release gave an Owner.
// What has been spent is refused (refund_spent, with what is there), but to a bank
// that has taken it already: then the market makes it good, from its guarantee first.
func (k Kind) fromOwner(tx *storage.Tx, o *Order, a Accounts, sum int64, to string, d deed) ([]ledger.Leg, error) {
	if k.Taken != nil && d.to == "" {
		if err := k.Taken(tx, *o, sum, d.by.ID); err != nil {
			return nil, err
		}
	}
	from := a.Back
	if d.to != "" {
		from = append(slices.Clip(from), ledger.Guarantee)
	}
	have, err := ledger.Lock(tx, from...)
	if err != nil {
		return nil, err
	}
	var legs []ledger.Leg
	there, rest := int64(0), sum
	for _, account := range from {
		part := min(rest, have[account])
		there, rest = there+have[account], rest-part
		legs = append(legs, ledger.Leg{Debit: account, Credit: to, Amount: part})
	}
	if rest > 0 && d.to == "" {
		return nil, fault.Conflict("refund_spent", fault.Args{"left": there, "currency": o.Currency})
	}
	return append(legs, ledger.Leg{Debit: ledger.CostChargeback, Credit: to, Amount: rest}), nil
}

// Passed hears of an account that covers orders that it has more than before, or may
// give more of it: those that wait are paid by a job. The cause names the news; the
// same one is heard once.
func Passed(tx *storage.Tx, of id.ID, account, cause string) {
	rest(tx, restJob{For: of, Account: account}, cause)
}
