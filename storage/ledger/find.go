package ledger

import (
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Balance gives the balances of accounts: stored ones with what waits in the
// credit queue, others summed from their postings. What we have elsewhere or
// with somebody, costs and recon are debit − credit, the rest credit − debit.
// An account that nothing touched is 0.
func Balance(tx *storage.Tx, accounts ...string) (map[string]int64, error) {
	have := map[string]int64{}
	var stored, summed pq.StringArray
	for _, a := range accounts {
		have[a] = 0
		if k, _ := Class(a); k.stored() {
			stored = append(stored, a)
		} else {
			summed = append(summed, a)
		}
	}
	var rows []struct {
		Account string `db:"account"`
		Sum     int64  `db:"sum"`
	}
	err := tx.Select(&rows, `SELECT account, sum(balance)::bigint AS sum FROM (
			SELECT account, balance_minor AS balance FROM ledger_balances WHERE market_id = $1 AND account = ANY($2)
			UNION ALL SELECT account, amount_minor FROM credit_queue WHERE market_id = $1 AND account = ANY($2)
			UNION ALL SELECT debit, amount_minor FROM ledger_postings WHERE market_id = $1 AND debit = ANY($3)
			UNION ALL SELECT credit, -amount_minor FROM ledger_postings WHERE market_id = $1 AND credit = ANY($3)) s
		GROUP BY account`, tx.Market, stored, summed)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		have[r.Account] = r.Sum
		if k, _ := Class(r.Account); !k.stored() && !onDebit(r.Account) {
			have[r.Account] = -r.Sum
		}
	}
	return have, nil
}

// Row is one account of the trial balance.
type Row struct {
	Account string `db:"account" json:"account"`
	Debit   int64  `db:"debit" json:"debit_minor"`
	Credit  int64  `db:"credit" json:"credit_minor"`
	Balance int64  `db:"balance" json:"balance_minor"` // debit − credit
}

// Trial gives the trial balance: every account with the sums of both sides.
// Accounts of one order, payee, refund or payout are added up under their
// class. The balances add up to nothing.
func Trial(tx *storage.Tx) ([]Row, error) {
	var rows []Row
	err := tx.Select(&rows, `SELECT account, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit, sum(debit - credit)::bigint AS balance FROM (
			SELECT regexp_replace(debit, ':[0-9a-f-]{36}.*$', '') AS account, amount_minor AS debit, 0 AS credit FROM ledger_postings WHERE market_id = $1
			UNION ALL SELECT regexp_replace(credit, ':[0-9a-f-]{36}.*$', ''), 0, amount_minor FROM ledger_postings WHERE market_id = $1) p
		GROUP BY account ORDER BY account`, tx.Market)
	return rows, err
}

// Posting is one line of the book with its entry.
type Posting struct {
	Entry    id.ID     `db:"entry_id" json:"entry"`
	Cause    string    `db:"cause" json:"cause"`
	Note     string    `db:"note" json:"note"`
	By       id.ID     `db:"created_by" json:"by"`
	Reverses *id.ID    `db:"reverses" json:"reverses,omitempty"`
	At       time.Time `db:"posted_at" json:"posted_at"`
	No       int       `db:"line_no" json:"line"`
	Debit    string    `db:"debit" json:"debit"`
	Credit   string    `db:"credit" json:"credit"`
	Amount   int64     `db:"amount_minor" json:"amount_minor"`
}

const postings = `SELECT p.entry_id, e.cause, e.note, e.created_by, e.reverses, e.posted_at, p.line_no, p.debit, p.credit, p.amount_minor
	FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id `

// OfEntry gives the postings of one entry.
func OfEntry(tx *storage.Tx, entry id.ID) ([]Posting, error) {
	var ps []Posting
	err := tx.Select(&ps, postings+"WHERE p.market_id = $1 AND p.entry_id = $2 ORDER BY p.line_no", tx.Market, entry)
	return ps, err
}

// OfCause gives the postings of the entries that causes made; none where nothing was
// posted.
func OfCause(tx *storage.Tx, causes ...string) ([]Posting, error) {
	var ps []Posting
	err := tx.Select(&ps, postings+`JOIN ledger_causes c ON c.market_id = p.market_id AND c.entry_id = p.entry_id
		WHERE c.market_id = $1 AND c.cause = ANY($2::text[]) ORDER BY p.entry_id, p.line_no`, tx.Market, pq.Array(causes))
	return ps, err
}

// Said says whether a cause that is one leg, named by a reference of the bank, was
// posted. Posted with another leg it is refused (fault.Conflict reference_used).
func Said(tx *storage.Tx, cause string, leg Leg) (bool, error) {
	was, err := OfCause(tx, cause)
	if err != nil || len(was) == 0 {
		return false, err
	}
	if (Leg{Debit: was[0].Debit, Credit: was[0].Credit, Amount: was[0].Amount}) != leg {
		err = fault.Conflict("reference_used").On("bank_reference")
	}
	return true, err
}

// SaidSum is Said where a sum is parted among several causes, each of one leg or not
// posted at all: the same sum is the same again.
func SaidSum(tx *storage.Tx, sum int64, causes ...string) (bool, error) {
	was, err := OfCause(tx, causes...)
	if err != nil || len(was) == 0 {
		return false, err
	}
	for _, p := range was {
		sum -= p.Amount
	}
	if sum != 0 {
		err = fault.Conflict("reference_used").On("bank_reference")
	}
	return true, err
}

func orNone(i id.ID) any {
	if i == id.None {
		return nil
	}
	return i
}

// Held is an account of one order, payee, payment, refund or payout, and what lies there.
type Held struct {
	Account string `db:"account" json:"account"`
	Balance int64  `db:"balance_minor" json:"balance_minor"`
}

// Divided says whether a name of the trial balance is one that accounts of
// single orders, payees, payments, refunds or payouts were added up under.
func Divided(name string) bool {
	k, known := Class(name + ":x")
	return known && k.stored() && (!standsAlone(name) || name == "cash:agent" || name == "cash:producer")
}

// Accounts lists the accounts below such a name that hold something, by their
// names, beginning behind one of them.
func Accounts(tx *storage.Tx, name, behind string, n int) ([]Held, error) {
	var held []Held
	err := tx.Select(&held, `SELECT account, balance_minor FROM ledger_balances
		WHERE market_id = $1 AND account > $2 AND starts_with(account, $3) AND balance_minor > 0 ORDER BY account LIMIT $4`,
		tx.Market, max(behind, name+":"), name+":", n)
	return held, err
}

func standsAlone(name string) bool { _, known := Class(name); return known }

// Story gives every entry whose cause or accounts contain one of the names (an
// order's id, a payee's), oldest first, with all its postings. It reads the
// whole book once.
func Story(tx *storage.Tx, names ...string) ([]Posting, error) {
	var ps []Posting
	err := tx.Select(&ps, postings+`WHERE p.market_id = $1 AND EXISTS (SELECT 1 FROM ledger_postings o, unnest($2::text[]) AS n(name)
		WHERE o.market_id = p.market_id AND o.entry_id = p.entry_id AND strpos(e.cause || ' ' || o.debit || ' ' || o.credit, n.name) > 0)
		ORDER BY p.entry_id, p.line_no`, tx.Market, pq.Array(names))
	return ps, err
}
