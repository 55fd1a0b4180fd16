package order

import (
	"slices"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Money gives everything that the books of its market hold about an order:
// every entry that names it, its payment or its refunds, each once, oldest
// first.
func Money(tx *storage.Tx, o Order) ([]ledger.Posting, error) {
	refunds, err := payment.RefundsOf(tx, o.ID, o.Basket)
	if err != nil {
		return nil, err
	}
	names := []string{o.ID.String()}
	if o.Payment != id.None {
		names = append(names, o.Payment.String())
	}
	for _, r := range refunds {
		names = append(names, r.ID.String())
	}
	return ledger.Story(tx, slices.Compact(names)...)
}
