package payment

import (
	"fmt"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are this room's part of the audit: what was given back is never more
// than what came (money.md, check 3).
func Checks() []audit.Check {
	return []audit.Check{{Name: "payment: refunds within what was captured", Run: func(tx *storage.Tx) (int64, []string, error) {
		var n int64
		if err := tx.Get(&n, "SELECT count(*) FROM payments WHERE market_id = $1", tx.Market); err != nil {
			return 0, nil, err
		}
		var wrong []string
		err := tx.Each(`SELECT p.reference, p.captured_minor, sum(r.amount_minor) FROM payments p
			JOIN refunds r ON r.market_id = p.market_id AND r.payment_id = p.id
			WHERE p.market_id = $1 AND r.state <> 'failed'
			GROUP BY p.reference, p.captured_minor HAVING sum(r.amount_minor) > p.captured_minor`, []any{tx.Market},
			func(scan func(...any) error) error {
				var ref string
				var captured, refunded int64
				if err := scan(&ref, &captured, &refunded); err != nil {
					return err
				}
				wrong = append(wrong, fmt.Sprintf("payment %s: refunded %d of %d captured", ref, refunded, captured))
				return nil
			})
		return n, wrong, err
	}}}
}
