package order

import (
	"cmp"

	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// takeFrom says from which accounts the sum comes. Before release everything is
// held, or still with what covers the order. After it each payee gives what the lines
// gave him; what he no longer has becomes his debt.
func (p *Pipeline) takeFrom(tx *storage.Tx, o *Order, taken []cut, total Shares, d deed) ([]ledger.Leg, error) {
	at := p.kinds[o.Kind].accounts(*o)
	to := cmp.Or(d.to, at.Cover, ledger.TransitRefund(d.refund))
	var agent agentShare
	// A cancelled sale's commission becomes void as a whole: nothing to reverse.
	if o.Agent != nil && total.Agent > 0 && d.label != "cancel" {
		var err error
		if agent, err = reverse(tx, o, taken, d); err != nil {
			return nil, err
		}
	}
	switch {
	case o.CoveredBy != nil:
		var err error
		if taken, err = o.given(tx, taken, d.cause); err != nil || len(taken) == 0 {
			return nil, err
		}
		if total, _ = sum(taken); total.Agent == 0 {
			agent = agentShare{} // not given yet: only the forecast is less
		}
		Passed(tx, *o.For, to, d.cause)
	case o.ReleasedAt == nil:
		return []ledger.Leg{{Debit: ledger.HeldOrder(o.ID), Credit: to, Amount: total.Sum()}}, nil
	}
	legs := []ledger.Leg{
		{Debit: at.Fee, Credit: to, Amount: total.Fee},
		{Debit: ledger.TaxDue, Credit: to, Amount: total.Tax},
	}
	tellTaken(tx, o, taken, d)
	if at.Owner != "" && total.Seller > 0 {
		more, err := p.kinds[o.Kind].fromOwner(tx, o, at, total.Seller, to, d)
		if err != nil {
			return nil, err
		}
		legs = append(legs, more...)
	}
	owing := map[id.ID]int64{}
	if o.SellerPayee != nil && total.Seller > 0 {
		owing[*o.SellerPayee] += total.Seller
	}
	if agent.pending > 0 {
		legs = append(legs, ledger.Leg{Debit: ledger.Commission(agent.payee), Credit: to, Amount: agent.pending})
	}
	if agent.payable > 0 {
		owing[agent.payee] += agent.payable
	}
	// With the payees', in one order, what else is locked here: a release takes the
	// commission first.
	var beside []string
	if agent.pending > 0 {
		beside = append(beside, ledger.Commission(agent.payee))
	}
	if o.CoveredBy != nil {
		beside = append(beside, to)
	}
	more, err := o.fromPayees(tx, owing, beside, to, d)
	return append(legs, more...), err
}

// fromPayees takes from each payee what is owed to them; the rest is their debt. Both
// accounts of every payee, and those beside, are locked before any is read.
func (o *Order) fromPayees(tx *storage.Tx, owing map[id.ID]int64, beside []string, to string, d deed) (legs []ledger.Leg, err error) {
	if len(owing) == 0 {
		return nil, nil
	}
	for payee := range owing {
		beside = append(beside, ledger.Owed(payee), ledger.Receivable(payee))
	}
	have, err := ledger.Lock(tx, beside...)
	if err != nil {
		return nil, err
	}
	for payee, sum := range owing {
		part := min(sum, have[ledger.Owed(payee)])
		if part < sum && d.by.As == AsSeller {
			return nil, fault.Conflict("refund_paid_out")
		}
		legs = append(legs,
			ledger.Leg{Debit: ledger.Owed(payee), Credit: to, Amount: part},
			ledger.Leg{Debit: ledger.Receivable(payee), Credit: to, Amount: sum - part})
		payable.Add(tx, payable.Row{Payee: payee, Cause: "order:" + o.ID.String() + ":" + d.cause, Amount: -sum, Sale: o.ID})
	}
	return legs, nil
}

// agentShare is what the agent gives back, by where it is now.
type agentShare struct {
	payee            id.ID
	pending, payable int64
}

// reverse writes the reversals of the lines' commissions and says which part
// still waits (commission account) and which is the agent's already (owed).
func reverse(tx *storage.Tx, o *Order, taken []cut, d deed) (agentShare, error) {
	var a agentShare
	earned, err := commission.Remaining(tx, o.ID)
	if err != nil {
		return a, err
	}
	for _, s := range taken {
		if s.Agent == 0 {
			continue
		}
		root := earned[s.line]
		a.payee = root.Payee
		if root.State == "payable" {
			a.payable += s.Agent
		} else {
			a.pending += s.Agent
		}
		if err := commission.Reverse(tx, o.ID, s.line, d.cause, s.Agent, d.reason); err != nil {
			return a, err
		}
	}
	return a, nil
}
