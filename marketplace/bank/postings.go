package bank

import (
	"slices"

	"commonfield/storage/ledger"
)

// Postings are how this room posts by itself (docs/money.md), for the audit; what
// a line is of an order, a refund or a payout is posted by their rooms.
func Postings() []ledger.Rule {
	return slices.Concat(
		ledger.Move("bank:*:differs", "bank:operating / recon", "recon / bank:operating"),
		ledger.Move("bank:*:matched", "unclaimed / bank:operating"), // a payment has it now
		ledger.Move("bank:*", "cost:bank / bank:operating", "bank:operating / unclaimed", "unclaimed / bank:operating"),
	)
}
