package cash

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/tally"
)

// account is where the ledger keeps what a holder has in hand: agents and producers
// are payees of their kind.
const account = `'cash:' || p.kind || ':' || h.payee_id`

// Who was suspended holds no more, whatever the row says.
const holders = `SELECT h.payee_id, p.kind, p.person_id, p.name, h.reference, h.limit_minor,
  CASE WHEN COALESCE(a.state, g.state) = 'active' THEN h.state ELSE 'stopped' END AS state, COALESCE(b.balance_minor, 0) AS holds
FROM cash_holders h JOIN payees p ON p.market_id = h.market_id AND p.id = h.payee_id
LEFT JOIN market_agents a ON a.market_id = h.market_id AND a.payee_id = h.payee_id
LEFT JOIN producers g ON g.market_id = h.market_id AND g.payee_id = h.payee_id
LEFT JOIN ledger_balances b ON b.market_id = h.market_id AND b.account = ` + account + ` WHERE h.market_id = $1 `

// Find gives one holder, or fault.NotFound cash_holder_unknown.
func Find(tx *storage.Tx, payee id.ID) (Holder, error) {
	var h Holder
	err := tx.Get(&h, holders+`AND h.payee_id = $2`, tx.Market, payee)
	if errors.Is(err, storage.ErrNone) {
		err = fault.NotFound("cash_holder_unknown")
	}
	return h, err
}

// Some gives the holders among these payees, by the payee.
func Some(tx *storage.Tx, payees []id.ID) (map[id.ID]Holder, error) {
	found := map[id.ID]Holder{}
	if len(payees) == 0 {
		return found, nil
	}
	var rows []Holder
	err := tx.Select(&rows, holders+`AND h.payee_id = ANY($2::uuid[])`, tx.Market, pq.Array(payees))
	for _, h := range rows {
		found[h.Payee] = h
	}
	return found, err
}

// ByReference gives the holders whose references these are, by the reference.
func ByReference(tx *storage.Tx, references []string) (map[string]Holder, error) {
	found := map[string]Holder{}
	if len(references) == 0 {
		return found, nil
	}
	var rows []Holder
	err := tx.Select(&rows, holders+`AND h.reference = ANY($2::text[])`, tx.Market, pq.Array(references))
	for _, h := range rows {
		found[h.Reference] = h
	}
	return found, err
}

// Holders gives all holders of the market, those with the most in hand first.
func Holders(tx *storage.Tx) ([]Holder, error) {
	var all []Holder
	err := tx.Select(&all, holders+`ORDER BY holds DESC, p.name, h.payee_id`, tx.Market)
	return all, err
}

// Hands gives the agents by whom one may be paid, and who may collect for others,
// by name.
func Hands(tx *storage.Tx) ([]Holder, error) {
	var all []Holder
	err := tx.Select(&all, holders+`AND h.state = 'active' AND a.state = 'active' ORDER BY p.name, h.payee_id`, tx.Market)
	return all, err
}

const asking = `FROM sale_terms t JOIN producers g ON g.market_id = t.market_id AND g.id = t.owner_id AND g.state = 'active' JOIN payees p ON p.market_id = g.market_id AND p.id = g.payee_id
WHERE t.market_id = $1 AND t.terms -> 'cash' IS NOT NULL AND t.terms -> 'cash' ->> 'hand' IS NULL
  AND NOT EXISTS (SELECT 1 FROM cash_holders h WHERE h.market_id = p.market_id AND h.payee_id = p.id)`

// Asking gives the sellers whose terms say that they collect themselves, and whom
// nobody has trusted with cash yet, by name.
func Asking(tx *storage.Tx) ([]Holder, error) {
	var all []Holder
	err := tx.Select(&all, `SELECT p.id AS payee_id, p.kind, p.person_id, p.name, '' AS reference, 0 AS limit_minor, 'stopped' AS state, 0 AS holds
`+asking+` ORDER BY p.name, p.id LIMIT 200`, tx.Market)
	return all, err
}

// Postings are how this room posts (docs/money.md), for the audit.
func Postings() []ledger.Rule {
	return slices.Concat(
		ledger.Move("cash_given:*", "cash:agent / bank:operating"),
		ledger.Move("cash_banked:*", "bank:operating / cash:agent", "bank:operating / cash:producer"),
	)
}

// Checks are what must hold of cash in hand.
func Checks() []audit.Check {
	return []audit.Check{{Name: "cash: whoever holds cash may hold it", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		var rows []struct {
			Account string `db:"account"`
			Known   bool   `db:"known"`
		}
		err := tx.Select(&rows, `SELECT b.account, h.payee_id IS NOT NULL AS known FROM ledger_balances b
LEFT JOIN (SELECT h.payee_id, `+account+` AS account FROM cash_holders h JOIN payees p ON p.market_id = h.market_id AND p.id = h.payee_id WHERE h.market_id = $1) h ON h.account = b.account
WHERE b.market_id = $1 AND b.account LIKE 'cash:%' ORDER BY b.account`, tx.Market)
		var wrong []audit.Values
		for _, r := range rows {
			if !r.Known {
				wrong = append(wrong, audit.Values{"say": "cash_of_nobody", "account": r.Account, "key": r.Account})
			}
		}
		return int64(len(rows)), wrong, err
	}}}
}

// tooLong is how long cash may lie with somebody.
const tooLong = 14 * 24 * time.Hour

// lain is what has lain in a hand b since before a moment: what came first goes first,
// so what came before that day and is not yet gone by now.
func lain(since string) string {
	return `CROSS JOIN LATERAL (SELECT b.balance_minor - COALESCE(sum(x.amount_minor), 0)::bigint AS old FROM ledger_postings x
  JOIN ledger_entries e ON e.market_id = x.market_id AND e.id = x.entry_id
  WHERE x.market_id = b.market_id AND x.debit = b.account AND e.posted_at >= ` + since + `) o`
}

// Tallies are what waits for a person: money that should not lie where it does (with
// who was stopped, above a limit, for too long), and sellers who would collect.
func Tallies() []tally.Of {
	since := fmt.Sprintf("$2::timestamptz - make_interval(secs => %d)", int64(tooLong.Seconds()))
	return []tally.Of{
		{Name: "cash_held", Query: `SELECT count(*), COALESCE(sum(h.holds), 0)::bigint, NULL::timestamptz FROM (` + holders + `AND b.balance_minor > 0) h
WHERE h.state <> 'active' OR h.holds > h.limit_minor OR EXISTS (SELECT 1 FROM ledger_balances b ` + lain(since) + `
  WHERE b.market_id = $1 AND b.account = 'cash:' || h.kind || ':' || h.payee_id AND o.old > 0)`},
		{Name: "cash_asking", Query: `SELECT count(*), 0::bigint, NULL::timestamptz ` + asking},
	}
}

// Alarms are what a person should look at.
func Alarms() []audit.Alarm {
	return []audit.Alarm{
		{Name: "cash: more than a limit lies in one hand", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT p.name, b.balance_minor AS holds_minor, h.limit_minor FROM cash_holders h
JOIN payees p ON p.market_id = h.market_id AND p.id = h.payee_id
JOIN ledger_balances b ON b.market_id = h.market_id AND b.account = `+account+`
WHERE h.market_id = $1 AND b.balance_minor > h.limit_minor ORDER BY p.name, h.payee_id`, tx.Market)
		}},
		{Name: "cash: money lies in one hand for too long", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT p.name, o.old AS holds_minor, $2::timestamptz AS since_at FROM cash_holders h
JOIN payees p ON p.market_id = h.market_id AND p.id = h.payee_id
JOIN ledger_balances b ON b.market_id = h.market_id AND b.account = `+account+` AND b.balance_minor > 0
`+lain("$2")+`
WHERE h.market_id = $1 AND o.old > 0 ORDER BY p.name, h.payee_id`, tx.Market, tx.Now.Add(-tooLong))
		}},
	}
}
