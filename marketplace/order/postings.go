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
		ledger.Move("order:*:cash", "cash:agent / held:order", "cash:producer / held:order", "cost:discount / held:order"),
		ledger.Move("order:*:release", "held:order / owed", "held:order / commission", "held:order / income:fees", "held:order / tax:vat"),
		back("transit:refund", []string{"part", "pack", "lost", "returned", "unsent", "cancel"}, "held:order"),
		back("transit:refund", []string{"refund", "return"}, "held:order", "owed", "receivable", "commission", "income:fees", "tax:vat"),
		back("reserve:chargeback", []string{"chargeback"}, "held:order", "owed", "receivable", "commission", "income:fees", "tax:vat"),
		// Where its seller's share belongs to an account instead of a payee.
		ledger.Move("order:*:release", "held:order / contract", "held:order / fund:*:held", "held:order / pledge:campaign", "held:order / income:tips"),
		into("transit:refund", []string{"refund"}, "contract", "fund:*:held", "fund:*:free", "pledge:campaign", "fund:campaign", "income:tips"),
		into("transit:refund", []string{"cancel"}, "pledge:campaign"),
		into("reserve:chargeback", []string{"chargeback"}, "contract", "fund:*:held", "fund:*:free", "pledge:campaign", "fund:campaign", "income:tips", "reserve:guarantee", "cost:chargeback"),
		// Covered by a contract: it pays, and gets back what its orders' owners give.
		ledger.Move("order:*:release", "contract / owed", "contract / commission", "contract / income:fees", "contract / tax:vat"),
		into("contract", []string{"refund", "return"}, "owed", "receivable", "commission", "income:fees", "tax:vat"),
		ledger.Move("chargeback:*:reserved", "held:order / reserve:chargeback"),
		ledger.Move("chargeback:*:resumed", "reserve:chargeback / held:order"),
		into("owed", []string{"self_dealing"}, "commission", "owed", "receivable"),
		into("contract", []string{"self_dealing"}, "commission", "owed", "receivable"),
		into("fund:*:held", []string{"self_dealing"}, "commission", "owed", "receivable"),
		into("pledge:campaign", []string{"self_dealing"}, "commission", "owed", "receivable"),
	)
}

// into is how it leaves accounts that no discount of the market's was paid into.
func into(to string, causes []string, sources ...string) []ledger.Rule {
	var rules []ledger.Rule
	for _, cause := range causes {
		for _, from := range sources {
			rules = append(rules, ledger.Move("order:*:"+cause, from+" / "+to)...)
		}
	}
	return rules
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
