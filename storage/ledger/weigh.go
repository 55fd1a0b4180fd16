package ledger

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"commonfield/storage"
)

// weighed says whether the postings and what is stored of them come to the same,
// without sorting either by account: every account with a stored balance gets a
// weight, drawn anew for every run, and both sides are added up with it. Where one
// account differs by a cent, or an account is of no class, the sums are the same
// once in two thousand million runs; where they differ, balances looks account by
// account. n is how many postings were added.
func weighed(tx *storage.Tx) (n int64, same bool, err error) {
	var all struct {
		N    int64 `db:"n"`
		Same bool  `db:"same"`
	}
	err = tx.Get(&all, weighing, tx.Market, rand.Int64(), 1<<30+rand.Int64N(1<<30))
	return all.N, all.Same, err
}

// Amounts are taken apart, so that a product with a weight is never too large.
const lowBits = 1<<31 - 1

var weighing = fmt.Sprintf(`SELECT p.n, p.low + 2147483648::numeric * p.high = s.low + 2147483648::numeric * s.high AND s.odd = 0 AS same FROM
	(SELECT count(*) AS n, coalesce(sum((amount_minor & %[1]d) * (%[2]s - %[3]s)), 0) AS low,
		coalesce(sum((amount_minor >> 31) * (%[2]s - %[3]s)) FILTER (WHERE amount_minor > %[1]d), 0) AS high
		FROM ledger_postings WHERE market_id = $1) p,
	(SELECT coalesce(sum((amount & %[1]d) * weight), 0) AS low, coalesce(sum((amount >> 31) * weight), 0) AS high,
		count(*) FILTER (WHERE weight IS NULL OR amount < 0) AS odd
		FROM (SELECT amount, CASE WHEN %[4]s THEN %[6]s WHEN %[5]s THEN -(%[6]s) END AS weight FROM (
			SELECT account, balance_minor AS amount FROM ledger_balances WHERE market_id = $1
			UNION ALL SELECT account, amount_minor FROM credit_queue WHERE market_id = $1) each OFFSET 0) heavy) s`,
	lowBits, weight("credit", ""), weight("debit", "-"), of("account", Guarded), of("account", Entrusted), hashed("account"))

// weight of one side of a posting: nothing for an account that has no balance. One
// of no class weighs the same on both sides, so that it never comes to nothing.
func weight(side, against string) string {
	return fmt.Sprintf(`CASE WHEN octet_length(%[1]s) < 37 AND %[1]s IN ('%[2]s') THEN 0 WHEN %[3]s THEN %[4]s WHEN %[5]s THEN 0 ELSE %[6]s$3::bigint END`,
		side, strings.Join(unstored, "', '"), of(side, Guarded, Entrusted), hashed(side), of(side, Outside, Own), against)
}

func hashed(account string) string {
	return fmt.Sprintf(`hashtextextended(%s, $2::bigint) & %d`, account, lowBits)
}

// of says in SQL whether an account is of one of these kinds.
func of(account string, kinds ...Kind) string {
	var names []string
	for _, k := range kinds {
		for _, c := range classes {
			switch {
			case c.kind != k:
			case strings.HasSuffix(c.prefix, ":"):
				names = append(names, account+" LIKE '"+c.prefix+"_%'")
			default:
				names = append(names, account+" = '"+c.prefix+"'", account+" LIKE '"+c.prefix+":%'")
			}
		}
	}
	return "(" + strings.Join(names, " OR ") + ")"
}
