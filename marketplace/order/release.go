package order

import (
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// left is what charges have left of each share, over lines and charges that add.
func (o *Order) left() Shares {
	var sum Shares
	for _, l := range o.Lines {
		sum = sum.plus(l.Left)
	}
	for _, c := range o.Charges {
		sum = sum.plus(c.Left)
	}
	return sum
}

// release gives what is held to its owners, exactly: the sum over lines and
// charges of what is left of each share.
func (p *Pipeline) release(tx *storage.Tx, o *Order, by By) error {
	if o.Lines == nil {
		if err := withLines(tx, o); err != nil {
			return err
		}
	}
	left := o.left()
	agents := map[id.ID]int64{}
	for _, l := range o.Lines {
		if l.AgentPayee != nil {
			agents[*l.AgentPayee] += l.Left.Agent
		}
	}
	held := ledger.HeldOrder(o.ID)
	legs := []ledger.Leg{
		{Debit: held, Credit: ledger.IncomeFees, Amount: left.Fee},
		{Debit: held, Credit: ledger.TaxDue, Amount: left.Tax},
	}
	if o.SellerPayee != nil {
		legs = append(legs, ledger.Leg{Debit: held, Credit: ledger.Owed(*o.SellerPayee), Amount: left.Seller})
	}
	for payee, sum := range agents {
		legs = append(legs, ledger.Leg{Debit: held, Credit: ledger.Commission(payee), Amount: sum})
	}
	cause := "order:" + o.ID.String() + ":release"
	if left.Sum() > 0 {
		if err := ledger.Post(tx, ledger.Entry{Cause: cause, By: by.ID, Legs: legs}); err != nil {
			return err
		}
	}
	if o.SellerPayee != nil && left.Seller > 0 {
		payable.Add(tx, payable.Row{Payee: *o.SellerPayee, Cause: cause, Amount: left.Seller, Sale: o.ID})
	}
	tellReleased(tx, o)
	if o.Agent != nil {
		return commission.Pend(tx, o.ID, tx.Now)
	}
	return nil
}

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

func keep(tx *storage.Tx, order id.ID) error {
	var there id.ID
	err := tx.Get(&there, "SELECT id FROM orders WHERE market_id = $1 AND id = $2 FOR UPDATE", tx.Market, order)
	if err == storage.ErrNone {
		return fault.NotFound("not_found")
	}
	return err
}

// Freeze stops completion and release of an order until it is lifted. Rooms
// above (disputes, returns, chargebacks) call it in their own transaction.
func Freeze(tx *storage.Tx, order id.ID, reason string, by id.ID) (id.ID, error) {
	if err := keep(tx, order); err != nil {
		return id.None, err
	}
	freeze := id.New()
	tx.Queue("INSERT INTO freezes (market_id, id, order_id, reason, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5, $6)", tx.Market, freeze, order, reason, by, tx.Now)
	return freeze, nil
}

// Lift ends a freeze. Lifting twice is lifting once.
func Lift(tx *storage.Tx, freeze, by id.ID) {
	tx.Queue("UPDATE freezes SET lifted_by = $3, lifted_at = $4 WHERE market_id = $1 AND id = $2 AND lifted_at IS NULL", tx.Market, freeze, by, tx.Now)
}
