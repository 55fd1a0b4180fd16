package order

import (
	"slices"

	"commonfield/storage/ledger"
)

// Postings are how this room posts (docs/money.md), for the audit: a sum on another
// account than these is found though its entry balances.
func Postings() []ledger.Rule {
	return slices.Concat(
		ledger.Move("payment:*:captured", "gateway:clearing / held:order", "gateway:clearing / unclaimed", "cost:gateway / gateway:clearing",
			"unclaimed / held:order", "unclaimed / transit:refund", "cost:discount / held:order"),
		ledger.Move("transfer:*", "bank:operating / held:order", "bank:operating / unclaimed",
			"unclaimed / held:order", "unclaimed / transit:refund", "cost:discount / held:order"),
		// The home market's side, then the other's.
		ledger.Move("payment:*:share", "unclaimed / intermarket", "intermarket / gateway:clearing", "intermarket / cost:gateway",
			"intermarket / held:order", "cost:gateway / intermarket", "cost:discount / held:order"),
		ledger.Move("payment:*:returned", "unclaimed / transit:refund"),
		ledger.Move("order:*:release", "held:order / owed", "held:order / commission", "held:order / income:fees", "held:order / tax:vat"),
		back("transit:refund", []string{"part", "pack", "lost", "returned", "unsent", "cancel"}, "held:order"),
		back("transit:refund", []string{"refund", "return"}, "held:order", "owed", "receivable", "commission", "income:fees", "tax:vat"),
		back("reserve:chargeback", []string{"chargeback"}, "held:order", "owed", "receivable", "commission", "income:fees", "tax:vat"),
		ledger.Move("chargeback:*:reserved", "held:order / reserve:chargeback"),
		ledger.Move("chargeback:*:resumed", "reserve:chargeback / held:order"),
		ledger.Move("order:*:self_dealing", "commission / owed", "owed / owed", "receivable / owed",
			"commission / income:fees", "owed / income:fees", "receivable / income:fees"),
	)
}

// back is how money leaves an order again: to its payer, or to what a bank has taken
// already. What happens only before its release takes from what is held, the rest also
// from those who have it after.
func back(to string, causes []string, sources ...string) []ledger.Rule {
	var rules []ledger.Rule
	for _, cause := range causes {
		for _, from := range sources {
			rules = append(rules, ledger.Move("order:*:"+cause, from+" / "+to, from+" / cost:discount")...)
		}
	}
	return rules
}
