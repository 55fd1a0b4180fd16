package order

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// The waits after which a person should look. A gateway keeps money for 90 days at
// most: what is held longer than this must be decided before.
const (
	lateHeld = 75 * 24 * time.Hour
	lateCash = 14 * 24 * time.Hour
)

// Alarms are what a person should look at.
func Alarms() []audit.Alarm {
	return []audit.Alarm{
		{Name: "order: money is held for longer than it may lie", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT o.number, b.balance_minor AS held_minor, coalesce(c.taken_at, o.secured_at, o.placed_at) AS since_at
				FROM ledger_balances b JOIN orders o ON o.market_id = b.market_id AND o.id::text = substr(b.account, 12)
				LEFT JOIN collections c ON c.market_id = o.market_id AND c.order_id = o.id
				WHERE b.market_id = $1 AND b.account LIKE 'held:order:%' AND b.balance_minor > 0 AND coalesce(c.taken_at, o.secured_at, o.placed_at) < $2 ORDER BY o.id LIMIT 100`, tx.Market, tx.Now.Add(-lateHeld))
		}},
		{Name: "order: what is paid on delivery is on its way for too long", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT o.number, h.moved_at AS sent_at, `+toPay+` AS due_minor, p.name
				FROM collections c JOIN orders o ON o.market_id = c.market_id AND o.id = c.order_id JOIN payees p ON p.market_id = c.market_id AND p.id = c.hand_id
				JOIN order_history h ON h.market_id = o.market_id AND h.order_id = o.id AND h.to_state = 'shipped'
				WHERE c.market_id = $1 AND c.taken_at IS NULL AND o.state = 'shipped' AND h.moved_at < $2 ORDER BY o.id LIMIT 100`, tx.Market, tx.Now.Add(-lateCash))
		}},
	}
}
