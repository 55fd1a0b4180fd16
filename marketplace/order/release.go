package order

import (
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/storage"
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
// charges of what is left of each share. Of an order that is covered nothing is
// held: what covers it gives what it may.
func (p *Pipeline) release(tx *storage.Tx, o *Order, by By) error {
	if o.Lines == nil {
		if err := withLines(tx, o); err != nil {
			return err
		}
	}
	if o.CoveredBy != nil {
		return p.pay(tx, o, by)
	}
	at := p.kinds[o.Kind].accounts(*o)
	left := o.left()
	agents := map[id.ID]int64{}
	for _, l := range o.Lines {
		if l.AgentPayee != nil {
			agents[*l.AgentPayee] += l.Left.Agent
		}
	}
	held := ledger.HeldOrder(o.ID)
	legs := []ledger.Leg{
		{Debit: held, Credit: at.Fee, Amount: left.Fee},
		{Debit: held, Credit: ledger.TaxDue, Amount: left.Tax},
	}
	if at.Owner != "" {
		legs = append(legs, ledger.Leg{Debit: held, Credit: at.Owner, Amount: left.Seller})
	}
	if at.Feeds {
		Passed(tx, *o.For, at.Owner, o.ID.String())
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
