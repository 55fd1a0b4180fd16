package payment

import "commonfield/storage"

// Sending is a refund that a person must carry to the bank.
type Sending struct {
	Refund
	Reference string `db:"reference"` // of the payment it gives back
	Currency  string `db:"currency"`
}

// ToSend lists the refunds of transfers that wait for an operator, oldest first.
func ToSend(tx *storage.Tx) ([]Sending, error) {
	var rows []Sending
	err := tx.Select(&rows, `SELECT r.id, r.payment_id, r.sale_id, r.cause, r.amount_minor, r.state, r.reason, r.asked_by, r.created_at, r.changed_at, r.for_market, r.for_refund, p.reference, p.currency
		FROM refunds r JOIN payments p ON p.market_id = r.market_id AND p.id = r.payment_id
		WHERE r.market_id = $1 AND p.home_market = $1 AND r.state = 'asked' AND p.gateway IN ('bank', 'cash') ORDER BY r.id LIMIT 200`, tx.Market)
	return rows, err
}

// RecentRefunds lists a market's refunds, newest first.
func RecentRefunds(tx *storage.Tx, n int) ([]Refund, error) {
	var rs []Refund
	err := tx.Select(&rs, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 ORDER BY id DESC LIMIT $2", tx.Market, n)
	return rs, err
}
