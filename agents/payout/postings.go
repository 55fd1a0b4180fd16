package payout

import (
	"slices"

	"commonfield/storage/ledger"
)

// Postings are how this room posts (docs/money.md), for the audit.
func Postings() []ledger.Rule {
	return slices.Concat(
		ledger.Move("payout:*:request", "owed / transit:payout", "owed / receivable"),
		ledger.Move("payout:*:paid", "transit:payout / bank:operating", "transit:payout / cash:agent", "transit:payout / gateway:available"),
		ledger.Move("payout:*:returned", "bank:operating / transit:payout", "gateway:available / transit:payout"),
		ledger.Move("payout:*:reversed", "transit:payout / owed", "receivable / owed"),
	)
}
