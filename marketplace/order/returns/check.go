package returns

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are this room's part of the audit.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "returns: an open one freezes its order, an ended one does not", Run: freezes},
		{Name: "returns: what was taken in was refunded, and nothing else", Run: refunded},
		{Name: "returns: no more came back than was sent", Run: sent},
	}
}

func found(tx *storage.Tx, violations string) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM returns WHERE market_id = $1", violations)
}

func freezes(tx *storage.Tx) (int64, []audit.Values, error) {
	return found(tx, `SELECT CASE WHEN f.lifted_at IS NULL THEN jsonb_build_object('say', 'return_over_frozen', 'number', o.number) ELSE jsonb_build_object('say', 'return_not_frozen', 'number', o.number) END
		FROM returns r JOIN freezes f ON f.market_id = r.market_id AND f.id = r.freeze_id JOIN orders o ON o.market_id = r.market_id AND o.id = r.order_id
		WHERE r.market_id = $1 AND (f.lifted_at IS NULL) <> (r.ended_at IS NULL)
		UNION ALL SELECT jsonb_build_object('say', 'return_and_dispute', 'number', o.number)
		FROM returns r JOIN orders o ON o.market_id = r.market_id AND o.id = r.order_id JOIN freezes f ON f.market_id = r.market_id AND f.order_id = r.order_id AND f.reason = 'dispute' AND f.lifted_at IS NULL
		WHERE r.market_id = $1 AND r.ended_at IS NULL
		UNION ALL SELECT jsonb_build_object('say', 'return_payable', 'number', o.number, 'amount_minor', p.amount_minor, 'key', p.id)
		FROM returns r JOIN orders o ON o.market_id = r.market_id AND o.id = r.order_id JOIN payables p ON p.market_id = r.market_id AND p.sale_id = r.order_id
		WHERE r.market_id = $1 AND r.ended_at IS NULL AND p.amount_minor > 0 AND NOT p.frozen
		ORDER BY 1 LIMIT 100`)
}

func refunded(tx *storage.Tx) (int64, []audit.Values, error) {
	return found(tx, `SELECT jsonb_build_object('say', 'return_back', 'number', o.number, 'back_minor', r.back_minor, 'refunded_minor', COALESCE(c.back, 0), 'key', r.state)
		FROM returns r JOIN orders o ON o.market_id = r.market_id AND o.id = r.order_id LEFT JOIN LATERAL (SELECT -sum(c.amount_minor) AS back FROM order_charges c
			WHERE c.market_id = r.market_id AND c.order_id = r.order_id AND c.source = 'return:' || r.id::text) c ON true
		WHERE r.market_id = $1 AND (r.back_minor <> COALESCE(c.back, 0) OR r.back_minor > 0 AND r.state <> 'refunded') ORDER BY 1 LIMIT 100`)
}

func sent(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM goods_back WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'return_too_much', 'number', o.number, 'listing', l.title, 'listing_en', l.title_en, 'unit', l.unit, 'came_quantity', b.came, 'sent_quantity', COALESCE(l.packed, l.accepted, l.quantity))
		FROM (SELECT order_id, line_no, sum(quantity) AS came FROM goods_back WHERE market_id = $1 GROUP BY order_id, line_no) b
		JOIN order_lines l ON l.market_id = $1 AND l.order_id = b.order_id AND l.line_no = b.line_no JOIN orders o ON o.market_id = $1 AND o.id = b.order_id
		WHERE b.came > COALESCE(l.packed, l.accepted, l.quantity) ORDER BY 1 LIMIT 100`)
}
