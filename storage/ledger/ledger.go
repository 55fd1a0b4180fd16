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

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
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

// Post writes entries and moves the balances they touch. What several entries
// do to one account is netted first. Where a stored balance goes down, all
// named rows are locked in the order of their names; pure credits need no lock
// and cost no trip. A balance that would go below zero is refused
// (ledger_short). An entry without a leg above zero is left out, and so is its
// cause. A cause that was posted before, or an entry that was reversed before,
// fails the transaction on ledger_causes_pkey (storage.Violates): the caller
// looks up its own key.
func Post(tx *storage.Tx, entries ...Entry) error {
	deltas := map[string]int64{}
	var rows written
	for _, e := range entries {
		if err := rows.add(e, deltas); err != nil {
			return err
		}
	}
	if len(rows.entry) == 0 {
		return nil
	}
	if err := move(tx, deltas); err != nil {
		return err
	}
	rows.queue(tx)
	return nil
}

// written holds entries and postings column by column.
type written struct {
	entry, cause, note, by, reverses pq.StringArray
	mark, marked                     pq.StringArray // causes and their entries
	of, debit, credit                pq.StringArray
	line, amount, legs               pq.Int64Array
}

func (w *written) add(e Entry, deltas map[string]int64) error {
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
	w.reverses, w.legs = append(w.reverses, e.Reverses.String()), append(w.legs, int64(n))
	w.mark, w.marked = append(w.mark, e.Cause), append(w.marked, name)
	if e.Reverses != id.None {
		// A second cause, so that an entry is reversed once, whoever asks.
		w.mark, w.marked = append(w.mark, "reverses:"+e.Reverses.String()), append(w.marked, name)
	}
	return nil
}

// touch nets a leg into the stored balances it changes.
func touch(deltas map[string]int64, l Leg) error {
	debit, ok := Class(l.Debit)
	if !ok {
		return fmt.Errorf("no such account: %s", l.Debit)
	}
	credit, ok := Class(l.Credit)
	if !ok {
		return fmt.Errorf("no such account: %s", l.Credit)
	}
	if err := net(deltas, l.Debit, debit == Entrusted, debit.stored(), l.Amount); err != nil {
		return err
	}
	return net(deltas, l.Credit, credit == Guarded, credit.stored(), l.Amount)
}

// net adds what a leg does to one account.
func net(deltas map[string]int64, account string, up, stored bool, amount int64) (err error) {
	if !stored {
		return nil
	}
	if !up {
		amount = -amount
	}
	deltas[account], err = money.Sum(deltas[account], amount)
	return err
}

func (w *written) queue(tx *storage.Tx) {
	tx.Queue("INSERT INTO ledger_causes (market_id, cause, entry_id) SELECT $1::int, u.cause, u.entry FROM unnest($2::text[], $3::uuid[]) AS u (cause, entry)",
		tx.Market, w.mark, w.marked)
	// No entry is dated into a month that is closed.
	tx.Expect(int64(len(w.entry)), fault.Conflict("ledger_month_closed"), `INSERT INTO ledger_entries (market_id, id, cause, reverses, note, created_by, posted_at, postings)
		SELECT $1::int, u.entry, u.cause, nullif(u.reverses, '00000000-0000-0000-0000-000000000000'), u.note, u.by, $2::timestamptz, u.legs
		FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::int[]) AS u (entry, cause, reverses, note, by, legs)
		WHERE NOT EXISTS (SELECT 1 FROM ledger_periods c WHERE c.market_id = $1::int AND c.from_at <= $2::timestamptz AND c.until_at > $2::timestamptz
			AND c.state IN ('closed', 'reopening'))`,
		tx.Market, tx.Now, w.entry, w.cause, w.reverses, w.note, w.by, w.legs)
	tx.Queue(`INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor)
		SELECT $1::int, u.* FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::bigint[]) AS u`,
		tx.Market, w.of, w.line, w.debit, w.credit, w.amount)
}

// Posted says whether a cause has its entry already.
func Posted(tx *storage.Tx, cause string) (bool, error) {
	var there bool
	err := tx.Get(&there, "SELECT EXISTS (SELECT 1 FROM ledger_causes WHERE market_id = $1 AND cause = $2)", tx.Market, cause)
	return there, err
}

// Reverse undoes one entry by its opposite, once: the cause names the undoing,
// and a second undoing under another cause fails on ledger_causes_pkey too.
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

// Met says whether an entry was not posted because another one of its cause was,
// at the same moment: whoever looks again finds that.
func Met(err error) bool { return storage.Violates(err, "ledger_causes_pkey") }
