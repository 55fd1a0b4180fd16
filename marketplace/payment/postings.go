package payment

import (
	"slices"

	"commonfield/storage/ledger"
)

// Postings are how this room posts (docs/money.md), for the audit.
func Postings() []ledger.Rule {
	return slices.Concat(
		ledger.Move("capital:*", "bank:operating / own:capital", "own:capital / bank:operating"),
		ledger.Move("tax:*", "tax:vat / bank:operating"),
		ledger.Move("kept:*", "income:fees / own:capital"),
		ledger.Move("tips_kept:*", "income:tips / own:capital"),
		ledger.Move("guarantee:*", "own:capital / reserve:guarantee"),
		ledger.Move("available:*", "gateway:available / gateway:clearing"),
		ledger.Move("banked:*", "bank:operating / gateway:available"),
		ledger.Move("refund:*:succeeded", "transit:refund / gateway:available", "transit:refund / bank:operating"),
		ledger.Move("payment:*:usable", "gateway:available / gateway:clearing"),
		// At home, and in another market that bears its part.
		ledger.Move("payment:*:kept", "cost:gateway / gateway:available", "gateway:available / cost:gateway", "intermarket / gateway:available", "gateway:available / intermarket",
			"cost:gateway / intermarket", "intermarket / cost:gateway"),
		// Before it had succeeded, or long after.
		ledger.Move("refund:*:failed", "transit:refund / unclaimed", "gateway:available / unclaimed"),
		ledger.Move("refund:*:across", "intermarket / gateway:available", "intermarket / bank:operating", "transit:refund / intermarket",
			"gateway:available / intermarket", "intermarket / unclaimed"), // the second line: late
		// Who pays, and who is paid.
		ledger.Move("square:*", "intermarket / bank:operating", "bank:operating / intermarket"),
		ledger.Move("chargeback:*:opened", "gateway:disputed / gateway:available", "cost:chargeback / gateway:available"),
		ledger.Move("chargeback:*:won", "gateway:available / gateway:disputed"),
		// At home, and in another market that bears its share.
		ledger.Move("chargeback:*:lost", "reserve:chargeback / gateway:disputed", "intermarket / gateway:disputed", "unclaimed / gateway:disputed", "cost:chargeback / gateway:disputed",
			"reserve:chargeback / intermarket", "cost:chargeback / intermarket"),
		ledger.Move("refund:*:again", "unclaimed / transit:refund"),
		ledger.Move("payment:excess:*", "unclaimed / transit:refund"),
	)
}
