package order

import (
	"commonfield/agents/payable"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// unfrozen refuses while a freeze is open on the order.
func unfrozen(tx *storage.Tx, order id.ID) error {
	var reasons []string
	if err := tx.Select(&reasons, "SELECT reason FROM freezes WHERE market_id = $1 AND order_id = $2 AND lifted_at IS NULL", tx.Market, order); err != nil {
		return err
	}
	if len(reasons) > 0 {
		return fault.Conflict("order_frozen", fault.Args{"reason": reasons[0]})
	}
	return nil
}

// Frozen says whether a freeze is open on a sale: for what matures later. It
// keeps the order for this transaction, so that no freeze slips in beside it.
func Frozen(tx *storage.Tx, sale id.ID) (bool, error) {
	if err := keep(tx, sale); err != nil {
		return false, err
	}
	err := unfrozen(tx, sale)
	if fault.Has(err, "order_frozen") {
		return true, nil
	}
	return false, err
}

// FrozenFor says whether an order, kept for this transaction, has an open freeze
// for a reason.
func FrozenFor(tx *storage.Tx, order id.ID, reason string) (bool, error) {
	var open bool
	err := tx.Get(&open, "SELECT EXISTS (SELECT 1 FROM freezes WHERE market_id = $1 AND order_id = $2 AND lifted_at IS NULL AND reason = $3)", tx.Market, order, reason)
	return open, err
}

func keep(tx *storage.Tx, order id.ID) error {
	var there id.ID
	err := tx.Get(&there, "SELECT id FROM orders WHERE market_id = $1 AND id = $2 FOR UPDATE", tx.Market, order)
	if err == storage.ErrNone {
		return fault.NotFound("not_found")
	}
	return err
}

// Freeze stops completion and release of an order until it is lifted, and after
// release the payout of what it gave: the payables of seller and agent stay, and
// the commission does not mature. Nothing is posted. Rooms above (disputes,
// returns, chargebacks) call it in their own transaction.
func Freeze(tx *storage.Tx, order id.ID, reason string, by id.ID) (id.ID, error) {
	if err := keep(tx, order); err != nil {
		return id.None, err
	}
	freeze := id.New()
	tx.Queue("INSERT INTO freezes (market_id, id, order_id, reason, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5, $6)", tx.Market, freeze, order, reason, by, tx.Now)
	payable.Freeze(tx, order, true)
	return freeze, nil
}

// Lift ends a freeze of an order. Its payables may be paid out again when no
// other freeze is open. Lifting twice is lifting once.
func Lift(tx *storage.Tx, order, freeze, by id.ID) error {
	if err := keep(tx, order); err != nil {
		return err
	}
	var others bool
	if err := tx.Get(&others, "SELECT EXISTS (SELECT 1 FROM freezes WHERE market_id = $1 AND order_id = $2 AND id <> $3 AND lifted_at IS NULL)", tx.Market, order, freeze); err != nil {
		return err
	}
	tx.Queue("UPDATE freezes SET lifted_by = $3, lifted_at = $4 WHERE market_id = $1 AND id = $2 AND lifted_at IS NULL", tx.Market, freeze, by, tx.Now)
	if !others {
		payable.Freeze(tx, order, false)
	}
	return nil
}

// frozenOf says which of some orders, all locked, have an open freeze: what they
// give a payee meanwhile waits with the rest.
func frozenOf(tx *storage.Tx, orders []id.ID) (map[id.ID]bool, error) {
	var open []id.ID
	err := tx.Select(&open, "SELECT DISTINCT order_id FROM freezes WHERE market_id = $1 AND order_id = ANY($2::uuid[]) AND lifted_at IS NULL", tx.Market, names(orders))
	of := map[id.ID]bool{}
	for _, o := range open {
		of[o] = true
	}
	return of, err
}
