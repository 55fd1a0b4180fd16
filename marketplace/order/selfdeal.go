package order

import (
	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/statement"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// An agent who buys through their own link earns nothing. Who buys as a guest,
// with another phone, is seen to be the agent only when they claim the order:
// then what the agent has of it goes to whoever would have had it: its seller, or the
// fund, campaign or contract that it is for.

// selfDealt locks the orders that a claim brings to the agent who earns from
// them, in the order of their ids.
func selfDealt(tx *storage.Tx, c claimJob) ([]Order, error) {
	var os []Order
	err := tx.Select(&os, "SELECT "+columns+from+`WHERE o.market_id = $1 AND o.buyer_id = $2
		AND ($4 = '00000000-0000-0000-0000-000000000000'::uuid OR b.payment_id = $4) AND o.agent_id IS NOT NULL
		AND (EXISTS (SELECT 1 FROM agents a WHERE a.id = o.agent_id AND a.person_id = $3)
			OR EXISTS (SELECT 1 FROM order_lines l JOIN payees p ON p.market_id = l.market_id AND p.id = l.agent_payee
				WHERE l.market_id = o.market_id AND l.order_id = o.id AND p.person_id = $3))
		ORDER BY o.id FOR UPDATE OF o`, tx.Market, c.Guest, c.Person, c.Payment)
	return os, err
}

// unearn takes from such orders what their agent has. Until release it is a
// forecast, which becomes void; after it, it comes from where it is now: the
// commission's account, what the agent is owed, or their debt.
func (p *Pipeline) unearn(tx *storage.Tx, orders []Order) error {
	var gone []gift
	for i := range orders {
		o := &orders[i]
		attribution.Refuse(tx, o.ID, attribution.SelfDealing)
		if o.State.dead() {
			continue // void already
		}
		if err := withLines(tx, o); err != nil {
			return err
		}
		d := deed{label: attribution.SelfDealing, cause: attribution.SelfDealing, reason: attribution.SelfDealing, by: System}
		given := o.give()
		putCharges(tx, o.less(given, d, tx.Now))
		if free, err := unreleased(tx, o, given, d); err != nil {
			return err
		} else if free {
			if err := commission.Void(tx, o.ID, attribution.SelfDealing); err != nil {
				return err
			}
			continue
		}
		one, err := p.takeShare(tx, o, given, d)
		if err != nil {
			return err
		}
		gone = append(gone, one)
	}
	return handOver(tx, gone)
}

// unreleased says whether the agent's share lies where it lay before anybody was
// given anything; of a covered order that has given it, its owners change.
func unreleased(tx *storage.Tx, o *Order, gone []cut, d deed) (bool, error) {
	if o.CoveredBy == nil || o.ReleasedAt == nil {
		return o.ReleasedAt == nil, nil
	}
	given, _, err := givenOf(tx, o.ID)
	if err != nil {
		return false, err
	}
	for _, c := range gone {
		if given[c.line].Agent == 0 {
			return true, nil
		}
		give(tx, o.ID, d.cause, c.line, Shares{}.minus(c.Shares))
	}
	return false, nil
}

// give is, by line, the agent's share going to where the seller's is: a charge of nothing.
func (o *Order) give() []cut {
	var given []cut
	for _, l := range o.Lines {
		if l.Left.Agent > 0 {
			given = append(given, cut{line: l.No, Shares: Shares{Agent: l.Left.Agent, Seller: -l.Left.Agent}})
		}
	}
	return given
}

// gift is what one released order's agent gives back, and to which account.
type gift struct {
	order *Order
	cause string
	from  agentShare
	to    string
}

// takeShare writes the reversals of an order's commissions and tells both
// statements.
func (p *Pipeline) takeShare(tx *storage.Tx, o *Order, given []cut, d deed) (gift, error) {
	from, err := reverse(tx, o, given, d)
	if err != nil {
		return gift{}, err
	}
	back := statement.Sale{ID: o.ID, Number: o.Number, Cause: d.cause, Back: true, Why: d.reason}
	more := statement.Sale{ID: o.ID, Number: o.Number, Cause: d.cause, Same: true, Why: d.reason}
	for _, s := range given {
		l, err := o.line(s.line)
		if err != nil {
			return gift{}, err
		}
		if l.AgentPayee == nil {
			continue
		}
		share := statement.Share{Payee: *l.AgentPayee, No: l.No, Title: l.Title, TitleEN: l.TitleEN, Category: l.Category, Amount: s.Agent}
		back.Lines = append(back.Lines, share)
		if o.SellerPayee != nil {
			share.Payee = *o.SellerPayee
			more.Lines = append(more.Lines, share)
		}
	}
	statement.Record(tx, back)
	statement.Record(tx, more)
	g := gift{o, "order:" + o.ID.String() + ":" + d.cause, from, ""}
	if o.SellerPayee != nil {
		g.to = ledger.Owed(*o.SellerPayee)
		return g, nil
	}
	at := p.kinds[o.Kind].accounts(*o)
	if g.to = at.Owner; at.Feeds {
		Passed(tx, *o.For, at.Owner, d.cause+":"+o.ID.String())
	}
	return g, nil
}

// handOver posts all gifts as one, after every account that they touch was locked
// in one order.
func handOver(tx *storage.Tx, gifts []gift) error {
	var accounts []string
	for _, g := range gifts {
		accounts = append(accounts, ledger.Commission(g.from.payee), ledger.Owed(g.from.payee), ledger.Receivable(g.from.payee), g.to)
	}
	if len(accounts) == 0 {
		return nil
	}
	have, err := ledger.Lock(tx, accounts...)
	if err != nil {
		return err
	}
	var names []id.ID
	for _, g := range gifts {
		names = append(names, g.order.ID)
	}
	frozen, err := frozenOf(tx, names)
	if err != nil {
		return err
	}
	var entries []ledger.Entry
	var rows []payable.Row
	for _, g := range gifts {
		if g.order.SellerPayee != nil {
			rows = append(rows, payable.Row{Payee: *g.order.SellerPayee, Cause: g.cause, Amount: g.from.pending + g.from.payable, Sale: g.order.ID, Frozen: frozen[g.order.ID]})
		}
		rows = append(rows, payable.Row{Payee: g.from.payee, Cause: g.cause, Amount: -g.from.payable, Sale: g.order.ID})
		owed := ledger.Owed(g.from.payee)
		part := min(g.from.payable, have[owed])
		have[owed] -= part
		entries = append(entries, ledger.Entry{Cause: g.cause, By: people.System.ID, Note: g.order.Number, Legs: []ledger.Leg{
			{Debit: ledger.Commission(g.from.payee), Credit: g.to, Amount: g.from.pending},
			{Debit: owed, Credit: g.to, Amount: part},
			{Debit: ledger.Receivable(g.from.payee), Credit: g.to, Amount: g.from.payable - part},
		}})
	}
	payable.Add(tx, rows...)
	return ledger.Post(tx, entries...)
}

// taken names orders, for the statement that gives them their buyer.
func taken(orders []Order) any {
	ids := make([]id.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	return names(ids)
}
