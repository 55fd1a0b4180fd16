package ledger

import (
	"slices"
	"strings"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type change struct {
	account string
	delta   int64
}

// move brings the stored balances to where the deltas say.
func move(tx *storage.Tx, deltas map[string]int64) error {
	var locked, appends []change
	short := false
	for account, d := range deltas {
		switch {
		case d > 0 && appended(account):
			appends = append(appends, change{account, d})
		case d != 0:
			locked = append(locked, change{account, d})
			short = short || d < 0
		}
	}
	slices.SortFunc(appends, byName)
	slices.SortFunc(locked, byName)
	rows := locked
	var there []change
	if short {
		var err error
		if there, rows, err = debit(tx, locked); err != nil {
			return err
		}
	}
	// One statement must not touch a balance twice: what an earlier Post has
	// gathered goes first. Here and not sooner, because a lock sends too, and
	// what was sent is forgotten.
	if err := tx.Apart("ledger"); err != nil {
		return err
	}
	moveRows(tx, there)
	credit(tx, rows)
	add(tx, appends)
	return nil
}

func byName(a, b change) int { return strings.Compare(a.account, b.account) }

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

// moveRows moves rows that are locked.
func moveRows(tx *storage.Tx, of []change) {
	if len(of) == 0 {
		return
	}
	accounts, sums := columns(of)
	tx.Expect(int64(len(of)), fault.Conflict("conflict"), `UPDATE ledger_balances AS b SET balance_minor = b.balance_minor + u.delta
		FROM unnest($2::text[], $3::bigint[]) AS u (account, delta) WHERE b.market_id = $1 AND b.account = u.account`, tx.Market, accounts, sums)
}

// add appends credits to the queue.
func add(tx *storage.Tx, of []change) {
	if len(of) == 0 {
		return
	}
	accounts, sums := columns(of)
	names := make(pq.StringArray, len(of))
	for i := range of {
		names[i] = id.New().String()
	}
	tx.Queue(`INSERT INTO credit_queue (market_id, account, id, amount_minor)
		SELECT $1::int, u.* FROM unnest($2::text[], $3::uuid[], $4::bigint[]) AS u`, tx.Market, accounts, names, sums)
}

// debit locks every row named, folds what waits in the credit queue, refuses
// what is not there, and parts the rows that exist from those to be inserted (a
// proposed row is checked before ON CONFLICT looks, so a negative one could
// never be inserted).
func debit(tx *storage.Tx, of []change) (there, missing []change, err error) {
	accounts, _ := columns(of)
	have, err := Lock(tx, accounts...)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range of {
		balance, known := have[c.account]
		if balance+c.delta < 0 {
			return nil, nil, fault.Conflict("ledger_short", fault.Args{"account": c.account, "missing": -(balance + c.delta)})
		}
		if known {
			there = append(there, c)
		} else {
			missing = append(missing, c)
		}
	}
	return there, missing, nil
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
