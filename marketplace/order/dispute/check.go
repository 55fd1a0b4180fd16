package dispute

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are this room's part of the audit.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "dispute: an open one freezes its order, an ended one does not", Run: freezes},
		{Name: "dispute: what its end gave back was refunded", Run: refunded},
		{Name: "dispute: nobody decided their own", Run: apart},
	}
}

func found(tx *storage.Tx, violations string) (int64, []string, error) {
	return audit.Found(tx, "SELECT count(*) FROM disputes WHERE market_id = $1", violations)
}

func freezes(tx *storage.Tx) (int64, []string, error) {
	return found(tx, `SELECT 'dispute ' || d.id || ' is ' || d.state || ', its freeze ' || CASE WHEN f.lifted_at IS NULL THEN 'open' ELSE 'lifted' END
		FROM disputes d JOIN freezes f ON f.market_id = d.market_id AND f.id = d.freeze_id
		WHERE d.market_id = $1 AND (f.lifted_at IS NULL) <> (d.ended_at IS NULL)
		UNION ALL SELECT 'payable ' || p.id || ' of order ' || p.sale_id || ' may be paid out although its order is complained of'
		FROM disputes d JOIN payables p ON p.market_id = d.market_id AND p.sale_id = d.order_id
		WHERE d.market_id = $1 AND d.ended_at IS NULL AND p.amount_minor > 0 AND NOT p.frozen
		ORDER BY 1 LIMIT 100`)
}

func refunded(tx *storage.Tx) (int64, []string, error) {
	return found(tx, `SELECT 'dispute ' || d.id || ': ' || d.back_minor || ' decided, ' || COALESCE(c.back, 0) || ' refunded'
		FROM disputes d JOIN orders o ON o.market_id = d.market_id AND o.id = d.order_id
		LEFT JOIN LATERAL (SELECT -sum(c.amount_minor) AS back FROM order_charges c WHERE c.market_id = d.market_id AND c.order_id = d.order_id
			AND c.source = CASE WHEN d.refund_id IS NULL THEN 'cancel' ELSE 'refund:' || d.refund_id END) c ON true
		WHERE d.market_id = $1 AND d.back_minor <> COALESCE(CASE WHEN d.refund_id IS NULL AND d.state <> 'decided' THEN 0 ELSE c.back END, 0)
			AND NOT (d.state = 'decided' AND d.refund_id IS NULL AND d.back_minor = 0) ORDER BY 1 LIMIT 100`)
}

func apart(tx *storage.Tx) (int64, []string, error) {
	return found(tx, `SELECT 'dispute ' || d.id || ' was decided by a party of its order'
		FROM disputes d JOIN orders o ON o.market_id = d.market_id AND o.id = d.order_id
		LEFT JOIN producers p ON p.market_id = o.market_id AND p.id = o.seller_id
		WHERE d.market_id = $1 AND d.state = 'decided' AND d.ended_by IN (o.buyer_id, p.person_id) ORDER BY 1 LIMIT 100`)
}
