package order

import (
	"slices"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Money gives everything that the books of its market hold about an order:
// every entry that names it, its payment, its refunds or what the payer's bank took
// back, each once, oldest first.
func Money(tx *storage.Tx, o Order) ([]ledger.Posting, error) {
	refunds, err := payment.RefundsOf(tx, o.ID, o.Basket)
	if err != nil {
		return nil, err
	}
	var taken []id.ID
	if err := tx.Select(&taken, "SELECT chargeback_id FROM chargeback_orders WHERE market_id = $1 AND order_id = $2", tx.Market, o.ID); err != nil {
		return nil, err
	}
	names := []string{o.ID.String()}
	for _, c := range taken {
		names = append(names, c.String())
	}
	if o.Payment != id.None {
		names = append(names, o.Payment.String())
	}
	for _, r := range refunds {
		names = append(names, r.ID.String())
	}
	return ledger.Story(tx, slices.Compact(names)...)
}
