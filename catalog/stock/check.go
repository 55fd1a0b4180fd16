package stock

import (
	"fmt"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/id"
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

// row is one batch that was looked at; the two figures should be equal.
type row struct {
	Batch id.ID `db:"id"`
	Is    int64 `db:"is"`
	Ought int64 `db:"ought"`
}

// bounds: 0 ≤ reserved ≤ on hand.
func bounds(tx *storage.Tx) (int64, []string, error) {
	return run(tx, "batch %s holds %d and has promised %d",
		"SELECT id, on_hand AS is, reserved AS ought FROM batches WHERE market_id = $1 AND NOT (0 <= reserved AND reserved <= on_hand) ORDER BY id",
		"SELECT count(*) FROM batches WHERE market_id = $1")
}

// promises: what is reserved is what sales were promised.
func promises(tx *storage.Tx) (int64, []string, error) {
	return run(tx, "batch %s has %d reserved, live reservations are %d",
		`SELECT b.id, b.reserved AS is, COALESCE(r.sum, 0) AS ought FROM batches b
		LEFT JOIN (SELECT batch_id, sum(quantity)::bigint AS sum FROM reservations WHERE market_id = $1 AND state = 'live' GROUP BY batch_id) r ON r.batch_id = b.id
		WHERE b.market_id = $1 AND b.reserved <> COALESCE(r.sum, 0) ORDER BY b.id`,
		"SELECT count(*) FROM reservations WHERE market_id = $1 AND state = 'live'")
}

// onHand: what is on hand is the sum of what came and left.
func onHand(tx *storage.Tx) (int64, []string, error) {
	return run(tx, "batch %s has %d on hand, its moves sum up to %d",
		moved("on_hand", "'receive', 'ship', 'return', 'correct'"), countMoves)
}

// reserved: what is reserved is the sum of what was promised, let go and shipped.
func reserved(tx *storage.Tx) (int64, []string, error) {
	return run(tx, "batch %s has %d reserved, its moves sum up to %d",
		moved("reserved", "'reserve', 'let_go', 'ship'"), countMoves)
}

const countMoves = "SELECT count(*) FROM stock_moves WHERE market_id = $1"

// moved compares one figure of the batches with the moves that change it.
func moved(figure, kinds string) string {
	return `SELECT b.id, b.` + figure + ` AS is, COALESCE(m.sum, 0) AS ought FROM batches b
		LEFT JOIN (SELECT batch_id, sum(quantity)::bigint AS sum FROM stock_moves WHERE market_id = $1 AND kind IN (` + kinds + `) GROUP BY batch_id) m ON m.batch_id = b.id
		WHERE b.market_id = $1 AND b.` + figure + ` <> COALESCE(m.sum, 0) ORDER BY b.id`
}

// shipped: what sales keep as shipped and not returned has left the batch.
func shipped(tx *storage.Tx) (int64, []string, error) {
	return run(tx, "batch %s: %d kept by sales as shipped, its moves say %d",
		`SELECT COALESCE(r.batch_id, m.batch_id) AS id, COALESCE(r.sum, 0) AS is, COALESCE(m.sum, 0) AS ought
		FROM (SELECT batch_id, sum(quantity - returned)::bigint AS sum FROM reservations WHERE market_id = $1 AND state = 'shipped' GROUP BY batch_id) r
		FULL JOIN (SELECT batch_id, -sum(quantity)::bigint AS sum FROM stock_moves WHERE market_id = $1 AND kind IN ('ship', 'return') GROUP BY batch_id) m
			ON m.batch_id = r.batch_id
		WHERE COALESCE(r.sum, 0) <> COALESCE(m.sum, 0) ORDER BY 1`,
		"SELECT count(*) FROM reservations WHERE market_id = $1 AND state = 'shipped'")
}

// run counts what is looked at and says of each row that breaks the rule why.
func run(tx *storage.Tx, sentence, query, count string) (int64, []string, error) {
	var n int64
	if err := tx.Get(&n, count, tx.Market); err != nil {
		return 0, nil, err
	}
	var rows []row
	if err := tx.Select(&rows, query, tx.Market); err != nil {
		return 0, nil, err
	}
	var wrong []string
	for _, r := range rows {
		wrong = append(wrong, fmt.Sprintf(sentence, r.Batch, r.Is, r.Ought))
	}
	return n, wrong, nil
}
