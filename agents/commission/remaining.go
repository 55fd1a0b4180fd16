package commission

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// Left is what a line's earning still has.
type Left struct {
	Root     id.ID
	Agent    id.ID
	Payee    id.ID
	RateBP   int32
	Base     int64
	Earned   int64
	Reversed int64 // ≥ 0; what is kept is Earned − Reversed
	State    string
}

// Kept is what is not taken back.
func (l Left) Kept() int64 { return l.Earned - l.Reversed }

// Back says how much of the earning to take back when refunded of its base, all
// refunds of the line so far together, went back to the buyer: as much as
// leaves the rate on what the buyer kept. So many small refunds take together
// what one great one does, and a whole refund leaves nothing. Never negative,
// never more than is kept.
func (l Left) Back(refunded int64) int64 {
	if refunded >= l.Base {
		return l.Kept()
	}
	keep := money.Part(l.Base-max(refunded, 0), l.RateBP)
	return min(max(l.Kept()-keep, 0), l.Kept())
}

// Remaining gives, with one query, what each line of a sale still has, and
// locks the sale's entries: a maturing that runs at the same time waits, or was
// waited for, so the states it gives hold until the end of this transaction.
// The caller already holds the sale's own lock, which keeps other refunds out.
// Lines without an earning are missing. It belongs in an Update; a page that
// shows the same asks Standing.
func Remaining(tx *storage.Tx, sale id.ID) (map[int]Left, error) {
	rows, err := entries(tx, sale, true)
	return leftOf(rows), err
}

// Standing is Remaining without the lock, for pages: a moment later it may have
// changed.
func Standing(tx *storage.Tx, sale id.ID) (map[int]Left, error) {
	rows, err := entries(tx, sale, false)
	return leftOf(rows), err
}

func leftOf(rows []Entry) map[int]Left {
	left := map[int]Left{}
	for _, e := range rows {
		if e.Kind == earn {
			l := left[e.Line]
			l.Root, l.Agent, l.Payee, l.RateBP, l.Base, l.Earned, l.State = e.ID, e.Agent, e.Payee, e.RateBP, e.Base, e.Amount, e.State
			left[e.Line] = l
		}
	}
	for _, e := range rows {
		if e.Kind == reversal {
			l := left[e.Line]
			l.Reversed -= e.Amount
			left[e.Line] = l
		}
	}
	return left
}

// The kinds of entry.
const (
	earn     = "earn"
	reversal = "reversal"
)

// Entry is one signed entry.
type Entry struct {
	ID        id.ID      `db:"id"`
	Sale      id.ID      `db:"sale_id"`
	Line      int        `db:"line_no"`
	Agent     id.ID      `db:"agent_id"`
	Payee     id.ID      `db:"payee_id"`
	Kind      string     `db:"kind"`
	Root      id.ID      `db:"root_id"`
	Cause     string     `db:"cause"`
	Rule      id.ID      `db:"rule_id"`
	RateBP    int32      `db:"rate_bp"`
	Base      int64      `db:"base_minor"`
	Amount    int64      `db:"amount_minor"`
	HoldDays  int        `db:"hold_days"`
	State     string     `db:"state"`
	PayableAt *time.Time `db:"payable_at"`
	Reason    string     `db:"reason"`
	CreatedAt time.Time  `db:"created_at"`
	ChangedAt time.Time  `db:"changed_at"`
}

const columns = `id, sale_id, line_no, agent_id, payee_id, kind, root_id, cause, rule_id, rate_bp, base_minor, amount_minor, hold_days, state, payable_at, reason, created_at, changed_at`

func entries(tx *storage.Tx, sale id.ID, lock bool) ([]Entry, error) {
	query := `SELECT ` + columns + ` FROM commissions WHERE market_id = $1 AND sale_id = $2 ORDER BY id`
	if lock {
		query += ` FOR UPDATE`
	}
	var rows []Entry
	err := tx.Select(&rows, query, tx.Market, sale)
	return rows, err
}
