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

func found(tx *storage.Tx, violations string) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM disputes WHERE market_id = $1", violations)
}

func freezes(tx *storage.Tx) (int64, []audit.Values, error) {
	return found(tx, `SELECT CASE WHEN f.lifted_at IS NULL THEN jsonb_build_object('say', 'dispute_over_frozen', 'number', o.number) ELSE jsonb_build_object('say', 'dispute_not_frozen', 'number', o.number) END
		FROM disputes d JOIN freezes f ON f.market_id = d.market_id AND f.id = d.freeze_id JOIN orders o ON o.market_id = d.market_id AND o.id = d.order_id
		WHERE d.market_id = $1 AND (f.lifted_at IS NULL) <> (d.ended_at IS NULL)
		UNION ALL SELECT jsonb_build_object('say', 'dispute_payable', 'number', o.number, 'amount_minor', p.amount_minor, 'key', p.id)
		FROM disputes d JOIN payables p ON p.market_id = d.market_id AND p.sale_id = d.order_id JOIN orders o ON o.market_id = d.market_id AND o.id = d.order_id
		WHERE d.market_id = $1 AND d.ended_at IS NULL AND p.amount_minor > 0 AND NOT p.frozen
		ORDER BY 1 LIMIT 100`)
}

func refunded(tx *storage.Tx) (int64, []audit.Values, error) {
	return found(tx, `SELECT jsonb_build_object('say', 'dispute_back', 'number', o.number, 'back_minor', d.back_minor, 'refunded_minor', COALESCE(c.back, 0))
		FROM disputes d JOIN orders o ON o.market_id = d.market_id AND o.id = d.order_id
		LEFT JOIN LATERAL (SELECT -sum(c.amount_minor) AS back FROM order_charges c WHERE c.market_id = d.market_id AND c.order_id = d.order_id
			AND c.source = CASE WHEN d.refund_id IS NULL THEN 'cancel' ELSE 'refund:' || d.refund_id END) c ON true
		WHERE d.market_id = $1 AND d.back_minor <> COALESCE(CASE WHEN d.refund_id IS NULL AND d.state <> 'decided' THEN 0 ELSE c.back END, 0)
			AND NOT (d.state = 'decided' AND d.refund_id IS NULL AND d.back_minor = 0) ORDER BY 1 LIMIT 100`)
}

func apart(tx *storage.Tx) (int64, []audit.Values, error) {
	return found(tx, `SELECT jsonb_build_object('say', 'dispute_own', 'number', o.number)
		FROM disputes d JOIN orders o ON o.market_id = d.market_id AND o.id = d.order_id
		LEFT JOIN producers p ON p.market_id = o.market_id AND p.id = o.seller_id
		WHERE d.market_id = $1 AND d.state = 'decided' AND d.ended_by IN (o.buyer_id, p.person_id) ORDER BY 1 LIMIT 100`)
}
