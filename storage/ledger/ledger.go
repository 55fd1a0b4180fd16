// Package ledger is one book under everything, per market. An entry is a set
// of postings; each debits one account and credits another by the same amount,
// so an entry balances by construction. Entries are never edited or deleted: a
// correction is a new entry that reverses one. Every entry has a cause, and a
// cause has one entry, so posting twice is harmless.
//
// Accounts that belong to others, or lie with somebody, have a stored balance
// that never goes below zero; accounts of the outside world and our own are
// summed when somebody asks.
package ledger

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Leg moves an amount from the credited to the debited side: the debited
// account gains an asset or loses a debt.
type Leg struct {
	Debit, Credit string
	Amount        int64 // minor units; a leg of zero is left out
}

// Entry is one thing that happened to money.
type Entry struct {
	Cause    string // the business key, unique in the market
	By       id.ID
	Note     string
	Reverses id.ID // the entry that this one undoes, or id.None
	Legs     []Leg
}

// Post writes entries and moves the balances they touch. Debits of guarded
// accounts (and credits of entrusted ones) are locked first, in the order of
// their names, over all entries; pure credits need no lock and cost no trip. A
// balance that would go below zero is refused (ledger_short). A cause that was
// posted before fails the transaction on ledger_causes_pkey
// (storage.Violates): the caller looks up its own key.
func Post(tx *storage.Tx, entries ...Entry) error {
	if err := tx.Apart("ledger"); err != nil {
		return err
	}
	deltas := map[string]int64{}
	var rows written
	for _, e := range entries {
		if err := rows.add(tx, e, deltas); err != nil {
			return err
		}
	}
	if len(rows.entry) == 0 {
		return nil
	}
	appends, err := move(tx, deltas)
	if err != nil {
		return err
	}
	rows.queue(tx)
	for _, a := range appends {
		tx.Queue("INSERT INTO credit_queue (market_id, account, id, amount_minor) VALUES ($1, $2, $3, $4)", tx.Market, a.account, id.New(), a.delta)
	}
	return nil
}

// written holds entries and postings column by column.
type written struct {
	entry, cause, note, by, reverses pq.StringArray
	of, debit, credit                pq.StringArray
	line, amount                     pq.Int64Array
}

func (w *written) add(tx *storage.Tx, e Entry, deltas map[string]int64) error {
	if e.Cause == "" {
		return fmt.Errorf("ledger: an entry without a cause")
	}
	name := id.New().String()
	n := 0
	for _, l := range e.Legs {
		if l.Amount == 0 {
			continue
		}
		if l.Amount < 0 || l.Debit == l.Credit {
			return fmt.Errorf("ledger: %s: a leg of %d from %s to %s", e.Cause, l.Amount, l.Credit, l.Debit)
		}
		if err := touch(deltas, l); err != nil {
			return fmt.Errorf("ledger: %s: %w", e.Cause, err)
		}
		n++
		w.of, w.debit, w.credit = append(w.of, name), append(w.debit, l.Debit), append(w.credit, l.Credit)
		w.line, w.amount = append(w.line, int64(n)), append(w.amount, l.Amount)
	}
	if n == 0 {
		return nil
	}
	w.entry, w.cause, w.note, w.by = append(w.entry, name), append(w.cause, e.Cause), append(w.note, e.Note), append(w.by, e.By.String())
	w.reverses = append(w.reverses, e.Reverses.String())
	return nil
}

// touch nets a leg into the stored balances it changes.
func touch(deltas map[string]int64, l Leg) error {
	debit, ok := ClassOf(l.Debit)
	if !ok {
		return fmt.Errorf("no such account: %s", l.Debit)
	}
	credit, ok := ClassOf(l.Credit)
	if !ok {
		return fmt.Errorf("no such account: %s", l.Credit)
	}
	switch debit {
	case Guarded:
		deltas[l.Debit] -= l.Amount
	case Entrusted:
		deltas[l.Debit] += l.Amount
	}
	switch credit {
	case Guarded:
		deltas[l.Credit] += l.Amount
	case Entrusted:
		deltas[l.Credit] -= l.Amount
	}
	return nil
}

func (w *written) queue(tx *storage.Tx) {
	tx.Queue("INSERT INTO ledger_causes (market_id, cause, entry_id) SELECT $1::int, u.cause, u.entry FROM unnest($2::text[], $3::uuid[]) AS u (cause, entry)",
		tx.Market, w.cause, w.entry)
	tx.Queue(`INSERT INTO ledger_entries (market_id, id, cause, reverses, note, created_by, posted_at)
		SELECT $1::int, u.entry, u.cause, nullif(u.reverses, '00000000-0000-0000-0000-000000000000'), u.note, u.by, $2::timestamptz
		FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[]) AS u (entry, cause, reverses, note, by)`,
		tx.Market, tx.Now, w.entry, w.cause, w.reverses, w.note, w.by)
	tx.Queue(`INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor)
		SELECT $1::int, u.* FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::bigint[]) AS u`,
		tx.Market, w.of, w.line, w.debit, w.credit, w.amount)
}

type change struct {
	account string
	delta   int64
}

// move brings the stored balances to where the deltas say, and gives the
// credits that are appended instead.
func move(tx *storage.Tx, deltas map[string]int64) ([]change, error) {
	var plus, minus, appends []change
	for account, d := range deltas {
		switch {
		case d > 0 && appended(account):
			appends = append(appends, change{account, d})
		case d > 0:
			plus = append(plus, change{account, d})
		case d < 0:
			minus = append(minus, change{account, d})
		}
	}
	byName := func(a, b change) int { return strings.Compare(a.account, b.account) }
	slices.SortFunc(appends, byName)
	if len(minus) == 0 {
		slices.SortFunc(plus, byName)
		credit(tx, plus)
		return appends, nil
	}
	return appends, debit(tx, append(plus, minus...))
}

// credit adds to balances that may not have a row yet. The rows are locked in
// the order of the array.
func credit(tx *storage.Tx, of []change) {
	if len(of) == 0 {
		return
	}
	accounts, sums := columns(of)
	tx.Queue(`INSERT INTO ledger_balances AS b (market_id, account, balance_minor)
		SELECT $1::int, u.* FROM unnest($2::text[], $3::bigint[]) AS u
		ON CONFLICT (market_id, account) DO UPDATE SET balance_minor = b.balance_minor + excluded.balance_minor`, tx.Market, accounts, sums)
}

// debit locks every row named, folds what waits in the credit queue, refuses
// what is not there, and then moves the rows that exist by their delta and
// inserts the others (a proposed row is checked before ON CONFLICT looks, so a
// negative one could never be inserted).
func debit(tx *storage.Tx, of []change) error {
	slices.SortFunc(of, func(a, b change) int { return strings.Compare(a.account, b.account) })
	accounts, _ := columns(of)
	have, err := Lock(tx, accounts...)
	if err != nil {
		return err
	}
	var there, missing []change
	for _, c := range of {
		balance, known := have[c.account]
		if balance+c.delta < 0 {
			return fault.Conflict("ledger_short", fault.Args{"account": c.account, "missing": -(balance + c.delta)})
		}
		if known {
			there = append(there, c)
		} else {
			missing = append(missing, c)
		}
	}
	credit(tx, missing)
	if len(there) > 0 {
		accounts, sums := columns(there)
		tx.Expect(int64(len(there)), fault.Conflict("conflict"), `UPDATE ledger_balances AS b SET balance_minor = b.balance_minor + u.delta
			FROM unnest($2::text[], $3::bigint[]) AS u (account, delta) WHERE b.market_id = $1 AND b.account = u.account`, tx.Market, accounts, sums)
	}
	return nil
}

func columns(of []change) (pq.StringArray, pq.Int64Array) {
	accounts, sums := make(pq.StringArray, len(of)), make(pq.Int64Array, len(of))
	for i, c := range of {
		accounts[i], sums[i] = c.account, c.delta
	}
	return accounts, sums
}

// Lock gives the stored balances of accounts and keeps them for this
// transaction, in the order of their names; an account without a row is not in
// the answer and not locked. What waits in the credit queue of a fund or
// pledge is folded in first.
func Lock(tx *storage.Tx, accounts ...string) (map[string]int64, error) {
	if slices.ContainsFunc(accounts, appended) {
		if err := Fold(tx, accounts...); err != nil {
			return nil, err
		}
	}
	var rows []struct {
		Account string `db:"account"`
		Balance int64  `db:"balance_minor"`
	}
	if err := tx.Select(&rows, "SELECT account, balance_minor FROM ledger_balances WHERE market_id = $1 AND account = ANY($2) ORDER BY account FOR UPDATE",
		tx.Market, pq.StringArray(accounts)); err != nil {
		return nil, err
	}
	have := map[string]int64{}
	for _, r := range rows {
		have[r.Account] = r.Balance
	}
	return have, nil
}

// Fold moves what waits in the credit queue into the balances. Folding twice
// is folding once.
func Fold(tx *storage.Tx, accounts ...string) error {
	var queued []struct {
		Account string `db:"account"`
		Sum     int64  `db:"sum"`
	}
	err := tx.Select(&queued, `WITH gone AS (DELETE FROM credit_queue WHERE market_id = $1 AND account = ANY($2) RETURNING account, amount_minor)
		SELECT account, sum(amount_minor)::bigint AS sum FROM gone GROUP BY account ORDER BY account`, tx.Market, pq.StringArray(accounts))
	if err != nil || len(queued) == 0 {
		return err
	}
	sums := make([]change, len(queued))
	for i, q := range queued {
		sums[i] = change{q.Account, q.Sum}
	}
	credit(tx, sums)
	return tx.Flush()
}

// Posted says whether a cause has its entry already.
func Posted(tx *storage.Tx, cause string) (bool, error) {
	var there bool
	err := tx.Get(&there, "SELECT EXISTS (SELECT 1 FROM ledger_causes WHERE market_id = $1 AND cause = $2)", tx.Market, cause)
	return there, err
}

// Reverse undoes one entry by its opposite, once: the cause names the undoing.
func Reverse(tx *storage.Tx, entry id.ID, cause string, by id.ID, note string) error {
	var legs []struct {
		Debit  string `db:"debit"`
		Credit string `db:"credit"`
		Amount int64  `db:"amount_minor"`
	}
	if err := tx.Select(&legs, "SELECT debit, credit, amount_minor FROM ledger_postings WHERE market_id = $1 AND entry_id = $2 ORDER BY line_no", tx.Market, entry); err != nil {
		return err
	}
	if len(legs) == 0 {
		return fault.NotFound("not_found")
	}
	e := Entry{Cause: cause, By: by, Note: note, Reverses: entry}
	for _, l := range legs {
		e.Legs = append(e.Legs, Leg{Debit: l.Credit, Credit: l.Debit, Amount: l.Amount})
	}
	return Post(tx, e)
}
