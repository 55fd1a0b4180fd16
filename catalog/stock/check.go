package stock

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks compare the figures of batches with their reservations and movements.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "stock: no batch promises more than it holds", Run: bounds},
		{Name: "stock: what is reserved is what was promised to sales", Run: promises},
		{Name: "stock: what is on hand is what came and left", Run: onHand},
		{Name: "stock: what is reserved is what its moves say", Run: reserved},
		{Name: "stock: what sales keep has left the batch", Run: shipped},
	}
}

// bounds: 0 ≤ reserved ≤ on hand.
func bounds(tx *storage.Tx) (int64, []audit.Values, error) {
	return run(tx, "batch_bounds",
		"SELECT id, on_hand AS is, reserved AS ought FROM batches WHERE market_id = $1 AND NOT (0 <= reserved AND reserved <= on_hand)",
		"SELECT count(*) FROM batches WHERE market_id = $1")
}

// promises: what is reserved is what sales were promised.
func promises(tx *storage.Tx) (int64, []audit.Values, error) {
	return run(tx, "batch_promises",
		`SELECT b.id, b.reserved AS is, COALESCE(r.sum, 0) AS ought FROM batches b
		LEFT JOIN (SELECT batch_id, sum(quantity)::bigint AS sum FROM reservations WHERE market_id = $1 AND state = 'live' GROUP BY batch_id) r ON r.batch_id = b.id
		WHERE b.market_id = $1 AND b.reserved <> COALESCE(r.sum, 0)`,
		"SELECT count(*) FROM reservations WHERE market_id = $1 AND state = 'live'")
}

// onHand: what is on hand is the sum of what came and left.
func onHand(tx *storage.Tx) (int64, []audit.Values, error) {
	return run(tx, "batch_on_hand", moved("on_hand", "'receive', 'ship', 'return', 'correct'"), countMoves)
}

// reserved: what is reserved is the sum of what was promised, let go and shipped.
func reserved(tx *storage.Tx) (int64, []audit.Values, error) {
	return run(tx, "batch_reserved", moved("reserved", "'reserve', 'let_go', 'ship'"), countMoves)
}

const countMoves = "SELECT count(*) FROM stock_moves WHERE market_id = $1"

// moved compares one figure of the batches with the moves that change it.
func moved(figure, kinds string) string {
	return `SELECT b.id, b.` + figure + ` AS is, COALESCE(m.sum, 0) AS ought FROM batches b
		LEFT JOIN (SELECT batch_id, sum(quantity)::bigint AS sum FROM stock_moves WHERE market_id = $1 AND kind IN (` + kinds + `) GROUP BY batch_id) m ON m.batch_id = b.id
		WHERE b.market_id = $1 AND b.` + figure + ` <> COALESCE(m.sum, 0)`
}

// shipped: what sales keep as shipped and not returned has left the batch.
func shipped(tx *storage.Tx) (int64, []audit.Values, error) {
	return run(tx, "batch_shipped",
		`SELECT COALESCE(r.batch_id, m.batch_id) AS id, COALESCE(r.sum, 0) AS is, COALESCE(m.sum, 0) AS ought
		FROM (SELECT batch_id, sum(quantity - returned)::bigint AS sum FROM reservations WHERE market_id = $1 AND state = 'shipped' GROUP BY batch_id) r
		FULL JOIN (SELECT batch_id, -sum(quantity)::bigint AS sum FROM stock_moves WHERE market_id = $1 AND kind IN ('ship', 'return') GROUP BY batch_id) m
			ON m.batch_id = r.batch_id
		WHERE COALESCE(r.sum, 0) <> COALESCE(m.sum, 0)`,
		"SELECT count(*) FROM reservations WHERE market_id = $1 AND state = 'shipped'")
}

// run counts what is looked at and says it of each batch that a query gives, by its id,
// of which two figures should be equal or fit: is, ought.
func run(tx *storage.Tx, say, query, count string) (int64, []audit.Values, error) {
	return audit.Found(tx, count, `SELECT jsonb_build_object('say', '`+say+`', 'listing', COALESCE(l.title, ''), 'listing_en', COALESCE(l.title_en, ''), 'unit', COALESCE(l.unit, ''), 'is_quantity', w.is, 'ought_quantity', w.ought, 'key', w.id)
		FROM (`+query+`) w LEFT JOIN batches b ON b.market_id = $1 AND b.id = w.id LEFT JOIN listings l ON l.market_id = $1 AND l.id = b.listing_id ORDER BY w.id`)
}
