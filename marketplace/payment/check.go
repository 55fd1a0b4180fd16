package payment

import (
	"fmt"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are this room's part of the audit: what was given back is never more
// than what came (money.md, check 3) and left by the way it came, and what the
// gateways keep is in the books.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "payment: what was paid to other markets is in the books", Run: squaredAsPosted},
		{Name: "payment: refunds within what was captured", Run: within},
		{Name: "payment: refunds leave by the way their money came", Run: byTheirWay},
		{Name: "payment: what the gateways keep is in the books", Run: kept},
	}
}

func within(tx *storage.Tx) (int64, []string, error) {
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
}

func byTheirWay(tx *storage.Tx) (int64, []string, error) {
	return audit.Found(tx, "SELECT count(*) FROM refunds WHERE market_id = $1 AND state = 'succeeded'",
		`SELECT 'refund ' || r.id || ' of a payment by ' || p.gateway || ' left ' || l.credit
		FROM refunds r JOIN payments p ON p.market_id = r.market_id AND p.id = r.payment_id
		JOIN ledger_postings l ON l.market_id = r.market_id AND l.debit = 'transit:refund:' || r.id::text
		WHERE r.market_id = $1 AND r.state = 'succeeded' AND l.credit IN ('bank:operating', 'gateway:available')
			AND (l.credit = 'bank:operating') <> (p.gateway = 'bank') ORDER BY 1 LIMIT 100`)
}

// kept holds what the gateway of each payment at home keeps, less what other
// markets bear of it, against the home market's cost.
func kept(tx *storage.Tx) (int64, []string, error) {
	return audit.Found(tx, "SELECT count(*) FROM payments WHERE market_id = $1 AND home_market = $1",
		`WITH cost AS (
			SELECT split_part(e.cause, ':', 2) AS payment, sum(CASE p.debit WHEN 'cost:gateway' THEN p.amount_minor ELSE -p.amount_minor END) AS total
			FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
			WHERE p.market_id = $1 AND (p.debit = 'cost:gateway' OR p.credit = 'cost:gateway') AND e.cause LIKE 'payment:%' GROUP BY 1
		)
		SELECT 'payment ' || p.reference || ': the gateway keeps ' || p.fee_minor || ', ' || coalesce(s.total, 0) || ' for other markets, ' || coalesce(c.total, 0) || ' in the books'
		FROM payments p LEFT JOIN cost c ON c.payment = p.id::text
		LEFT JOIN (SELECT payment_id, sum(fee_minor) AS total FROM payment_shares WHERE market_id = $1 GROUP BY payment_id) s ON s.payment_id = p.id
		WHERE p.market_id = $1 AND p.home_market = $1 AND coalesce(c.total, 0) <> p.fee_minor - coalesce(s.total, 0) ORDER BY 1 LIMIT 100`)
}
