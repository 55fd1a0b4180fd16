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

func found(tx *storage.Tx, violations string) (int64, []string, error) {
	return audit.Found(tx, "SELECT count(*) FROM returns WHERE market_id = $1", violations)
}

func freezes(tx *storage.Tx) (int64, []string, error) {
	return found(tx, `SELECT 'return ' || r.id || ' is ' || r.state || ', its freeze ' || CASE WHEN f.lifted_at IS NULL THEN 'open' ELSE 'lifted' END
		FROM returns r JOIN freezes f ON f.market_id = r.market_id AND f.id = r.freeze_id
		WHERE r.market_id = $1 AND (f.lifted_at IS NULL) <> (r.ended_at IS NULL)
		UNION ALL SELECT 'order ' || r.order_id || ' has a complaint and a return open at once'
		FROM returns r JOIN freezes f ON f.market_id = r.market_id AND f.order_id = r.order_id AND f.reason = 'dispute' AND f.lifted_at IS NULL
		WHERE r.market_id = $1 AND r.ended_at IS NULL
		UNION ALL SELECT 'payable ' || p.id || ' of order ' || p.sale_id || ' may be paid out although its goods go back'
		FROM returns r JOIN payables p ON p.market_id = r.market_id AND p.sale_id = r.order_id
		WHERE r.market_id = $1 AND r.ended_at IS NULL AND p.amount_minor > 0 AND NOT p.frozen
		ORDER BY 1 LIMIT 100`)
}

func refunded(tx *storage.Tx) (int64, []string, error) {
	return found(tx, `SELECT 'return ' || r.id || ' (' || r.state || '): ' || r.back_minor || ' to go back, ' || COALESCE(c.back, 0) || ' refunded'
		FROM returns r LEFT JOIN LATERAL (SELECT -sum(c.amount_minor) AS back FROM order_charges c
			WHERE c.market_id = r.market_id AND c.order_id = r.order_id AND c.source = 'return:' || r.id::text) c ON true
		WHERE r.market_id = $1 AND (r.back_minor <> COALESCE(c.back, 0) OR r.back_minor > 0 AND r.state <> 'refunded') ORDER BY 1 LIMIT 100`)
}

func sent(tx *storage.Tx) (int64, []string, error) {
	return audit.Found(tx, "SELECT count(*) FROM goods_back WHERE market_id = $1",
		`SELECT 'order ' || b.order_id || ' line ' || b.line_no || ': ' || b.came || ' came back of ' || COALESCE(l.packed, l.accepted, l.quantity)
		FROM (SELECT order_id, line_no, sum(quantity) AS came FROM goods_back WHERE market_id = $1 GROUP BY order_id, line_no) b
		JOIN order_lines l ON l.market_id = $1 AND l.order_id = b.order_id AND l.line_no = b.line_no
		WHERE b.came > COALESCE(l.packed, l.accepted, l.quantity) ORDER BY 1 LIMIT 100`)
}
