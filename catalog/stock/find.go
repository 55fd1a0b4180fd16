package stock

import (
	"commonfield/storage"
	"commonfield/storage/id"
)

// Available is what is free of a listing in tx's market, base units; 0 for an
// unknown one.
func Available(tx *storage.Tx, listing id.ID) (int64, error) {
	var free int64
	err := tx.Get(&free, `SELECT COALESCE(sum(on_hand - reserved), 0)::bigint FROM batches
		WHERE market_id = $1 AND listing_id = $2`, tx.Market, listing)
	return free, err
}

// Batches lists a listing's batches in the order they came.
func Batches(tx *storage.Tx, listing id.ID) ([]Holding, error) {
	var held []Holding
	err := tx.Select(&held, `SELECT id, listing_id, harvest_on, grade, place, on_hand, reserved, created_at FROM batches
		WHERE market_id = $1 AND listing_id = $2 ORDER BY id`, tx.Market, listing)
	return held, err
}

// Moves lists what happened to a batch, newest first, n rows before the move
// before (id.None: from the newest on).
func Moves(tx *storage.Tx, batch, before id.ID, n int) ([]Move, error) {
	if before == id.None {
		before = id.ID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	}
	var moves []Move
	err := tx.Select(&moves, `SELECT id, batch_id, kind, quantity, sale_id, line_no, why, moved_by, moved_at FROM stock_moves
		WHERE market_id = $1 AND batch_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`, tx.Market, batch, before, n)
	return moves, err
}
