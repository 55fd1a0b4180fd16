package ledger

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"commonfield/storage"
)

// posted is what the postings weigh.
type posted struct {
	N        int64  `db:"n"`
	Entries  string `db:"entries"`
	Accounts string `db:"accounts"`
}

// kept is what everything else weighs that must agree with them.
type kept struct {
	Caused   bool   `db:"caused"` // causes and entries are the same
	Entries  string `db:"entries"`
	Accounts string `db:"accounts"`
	Odd      int64  `db:"odd"` // balances of no class that has one, or below zero
}

// weigh reads the postings and beside them what they must agree with. Nothing is
// sorted: every entry and every account with a stored balance gets a weight, drawn anew
// for every run; an entry weighs as often as it has postings, an account as much as is
// on it, and both sides are added up. Where a posting is missing, one account differs by
// a cent, or an account is of no class, the sums are the same once in two thousand
// million runs.
func weigh(tx *storage.Tx) (p posted, k kept, err error) {
	seed, unknown := rand.Int64(), 1<<30+rand.Int64N(1<<30)
	err = tx.Both(func(tx *storage.Tx) error { return tx.Get(&p, postedSQL, tx.Market, seed, unknown) },
		func(tx *storage.Tx) error { return tx.Get(&k, keptSQL, tx.Market, seed) })
	return p, k, err
}

// Amounts are taken apart, so that a product with a weight is never too large.
const lowBits = 1<<31 - 1

var (
	postedSQL = fmt.Sprintf(`SELECT count(*) AS n, coalesce(sum(%[4]s), 0)::text AS entries,
			(coalesce(sum((amount_minor & %[1]d) * (%[2]s - %[3]s)), 0)
			+ 2147483648::numeric * coalesce(sum((amount_minor >> 31) * (%[2]s - %[3]s)) FILTER (WHERE amount_minor > %[1]d), 0))::text AS accounts
		FROM ledger_postings WHERE market_id = $1`, lowBits, weight("credit", ""), weight("debit", "-"), drawn("entry_id"))

	keptSQL = fmt.Sprintf(`SELECT c.n = e.n AND c.mark = e.mark AS caused, e.entries, s.accounts, s.odd FROM
		(SELECT count(*) AS n, coalesce(bit_xor(hashtextextended(cause COLLATE "C", uuid_hash_extended(entry_id, $2::bigint))), 0) AS mark
			FROM ledger_causes WHERE market_id = $1) c,
		(SELECT count(*) + count(reverses) AS n, coalesce(sum(postings * (%[1]s)), 0)::text AS entries,
			coalesce(bit_xor(hashtextextended(cause COLLATE "C", uuid_hash_extended(id, $2::bigint))), 0)
				# coalesce(bit_xor(hashtextextended('reverses:' || reverses, uuid_hash_extended(id, $2::bigint))) FILTER (WHERE reverses IS NOT NULL), 0) AS mark
			FROM ledger_entries WHERE market_id = $1) e,
		(SELECT (coalesce(sum((amount & %[2]d) * weight), 0) + 2147483648::numeric * coalesce(sum((amount >> 31) * weight) FILTER (WHERE amount > %[2]d), 0))::text AS accounts,
			count(*) FILTER (WHERE weight IS NULL OR amount < 0) AS odd
			FROM (SELECT amount, CASE WHEN %[3]s THEN %[5]s WHEN %[4]s THEN -(%[5]s) END AS weight FROM (
				SELECT account, balance_minor AS amount FROM ledger_balances WHERE market_id = $1
				UNION ALL SELECT account, amount_minor FROM credit_queue WHERE market_id = $1) each OFFSET 0) heavy) s`,
		drawn("id"), lowBits, of("account", Guarded), of("account", Entrusted), hashed("account"))
)

// drawn is what an entry weighs.
func drawn(entry string) string { return "uuid_hash_extended(" + entry + ", $2::bigint) >> 33" }

// weight of one side of a posting: nothing for an account that has no balance. One
// of no class weighs the same on both sides, so that it never comes to nothing. What
// most postings name is asked for first.
func weight(side, against string) string {
	return fmt.Sprintf(`CASE WHEN %[1]s = '%[2]s' THEN 0 WHEN %[1]s = '%[3]s' THEN 0 WHEN %[4]s THEN %[5]s WHEN %[6]s THEN 0 ELSE %[7]s$3::bigint END`,
		side, GatewayClearing, CostGateway, of(side, Guarded, Entrusted), hashed(side), of(side, Outside, Own), against)
}

func hashed(account string) string {
	return fmt.Sprintf(`hashtextextended(%s COLLATE "C", $2::bigint) & %d`, account, lowBits)
}

// of says in SQL whether an account is of one of these kinds, byte by byte.
func of(account string, kinds ...Kind) string {
	var names []string
	for _, k := range kinds {
		for _, c := range classes {
			switch {
			case c.kind != k:
			case strings.HasSuffix(c.prefix, ":"):
				names = append(names, account+` COLLATE "C" LIKE '`+c.prefix+"_%'")
			default:
				names = append(names, account+" = '"+c.prefix+"'", account+` COLLATE "C" LIKE '`+c.prefix+":%'")
			}
		}
	}
	return "(" + strings.Join(names, " OR ") + ")"
}
