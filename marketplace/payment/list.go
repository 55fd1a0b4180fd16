package payment

import (
	"commonfield/storage"
	"commonfield/storage/tally"
)

// Sending is a refund that a person must carry to the bank.
type Sending struct {
	Refund
	Reference string `db:"reference"` // of the payment it gives back
	Currency  string `db:"currency"`
}

const byHand = `FROM refunds r JOIN payments p ON p.market_id = r.market_id AND p.id = r.payment_id
	WHERE r.market_id = $1 AND r.state = 'asked' AND (r.by_transfer OR p.home_market = $1 AND p.gateway IN ('bank', 'cash'))`

// ToSend lists the refunds of transfers that wait for an operator, oldest first.
func ToSend(tx *storage.Tx) ([]Sending, error) {
	var rows []Sending
	err := tx.Select(&rows, `SELECT r.id, r.payment_id, r.sale_id, r.cause, r.amount_minor, r.state, r.reason, r.asked_by, r.created_at, r.changed_at, r.for_market, r.for_refund, r.by_transfer, p.reference, p.currency
		`+byHand+` ORDER BY r.id LIMIT 200`, tx.Market)
	return rows, err
}

// RecentRefunds lists a market's refunds, newest first.
func RecentRefunds(tx *storage.Tx, n int) ([]Refund, error) {
	var rs []Refund
	err := tx.Select(&rs, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 ORDER BY id DESC LIMIT $2", tx.Market, n)
	return rs, err
}

// Tallies are what waits for a person: buyers' transfers, refunds that a person must
// send or send again, what came beyond a sum, what was not asked, and chargebacks that
// nobody has answered. Of the jobs that gave up, payment_jobs are those of payments.
func Tallies() []tally.Of {
	return []tally.Of{
		{Name: "transfers", Query: `SELECT count(*), COALESCE(sum(due_minor - captured_minor), 0)::bigint, NULL::timestamptz FROM payments ` + openTransfers},
		{Name: "refunds_to_send", Query: `SELECT count(*), COALESCE(sum(r.amount_minor), 0)::bigint, NULL::timestamptz ` + byHand},
		{Name: "refunds_failed", Query: `SELECT count(*), COALESCE(sum(amount_minor), 0)::bigint, NULL::timestamptz FROM refunds ` + failedWaits},
		{Name: "excess", Query: `SELECT count(*), COALESCE(sum(w.sum), 0)::bigint, NULL::timestamptz FROM payments p JOIN ` + waits + ` w ON w.of = p.id WHERE p.market_id = $1 AND p.state <> 'open'`},
		{Name: "odd", Query: `SELECT count(*), COALESCE(sum(seen_minor), 0)::bigint, NULL::timestamptz FROM payment_oddities WHERE market_id = $1 AND settled_at IS NULL`},
		{Name: "payment_jobs", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM jobs WHERE market_id = $1 AND state = 'failed' AND kind LIKE 'payment:%'`},
		{Name: "chargebacks", Query: `SELECT count(*), COALESCE(sum(amount_minor), 0)::bigint, min(due_at) FROM chargebacks WHERE market_id = $1 AND state = 'open' AND evidence_at IS NULL`},
	}
}
