package ledger

import (
	"fmt"
	"strings"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// Rule is one way in which a room posts: entries of a cause move money from one
// sort of account to another. In a cause a star stands for a name and may end it
// (order:*:release, transfer:*); an account is its sort, without whose it is.
// Rules are what docs/money.md says, written down where the audit can read it.
type Rule struct{ Cause, Debit, Credit string }

// Move makes the rules of one sort of cause: pairs of accounts, debit / credit.
func Move(cause string, legs ...string) []Rule {
	rules := make([]Rule, len(legs))
	for i, leg := range legs {
		debit, credit, _ := strings.Cut(leg, " / ")
		rules[i] = Rule{cause, debit, credit}
	}
	return rules
}

// about says whether the rule is about a cause, given as its first and third part.
func (r Rule) about(first, third string) bool {
	parts := strings.Split(r.Cause, ":")
	return parts[0] == first && (len(parts) < 3 || parts[2] == "*" || parts[2] == third)
}

// Ruled checks that nothing was posted in another way than the rules say: a sum on
// the wrong account, though the entry balances.
func Ruled(rules []Rule) audit.Check {
	return audit.Check{Name: "ledger: every posting follows a rule", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		var n int64
		var wrong []audit.Values
		err := tx.Each(`SELECT split_part(e.cause, ':', 1), split_part(e.cause, ':', 3), `+sortOf("p.debit")+`, `+sortOf("p.credit")+`, count(*), min(e.cause)
			FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
			WHERE p.market_id = $1 GROUP BY 1, 2, 3, 4`, []any{tx.Market}, func(scan func(...any) error) error {
			var first, third, debit, credit, cause string
			var times int64
			if err := scan(&first, &third, &debit, &credit, &times, &cause); err != nil {
				return err
			}
			n += times
			for _, r := range rules {
				if r.about(first, third) && r.Debit == debit && r.Credit == credit {
					return nil
				}
			}
			wrong = append(wrong, audit.Values{"say": "no_rule", "debit_account": debit, "credit_account": credit, "count": times, "key": cause + ": " + debit + " / " + credit})
			return nil
		})
		return n, wrong, err
	}}
}

// sortOf is an account without whose it is: the name of a row, or of a market. A
// fund's two accounts have the name in their midst.
func sortOf(account string) string {
	return fmt.Sprintf("CASE WHEN %[1]s LIKE 'fund:%%:held' THEN 'fund:*:held' WHEN %[1]s LIKE 'fund:%%:free' THEN 'fund:*:free' WHEN length(%[1]s) > 37 THEN left(%[1]s, -37) WHEN %[1]s LIKE '%[2]s%%' THEN left('%[2]s', -1) ELSE %[1]s END", account, intermarket)
}
