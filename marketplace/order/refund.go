package order

import (
	"context"
	"strings"

	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// Part is how much to give back of one line; 0 means all that is left of it.
type Part struct {
	Line   int   `json:"line"`
	Amount int64 `json:"amount_minor"`
}

// Refund gives money back by line; no parts means all that is left of the
// order. It takes from whom the money is with now: what is held, or the
// payees of those lines, by largest remainder over what each still has, so
// that no share ever grows and n refunds end at the whole to the fen. The same
// key gives the same refund. A seller gives back what is held; after release,
// when a seller who was paid out would give back the market's money, an operator
// does. Refusals: refund_too_large with what is left,
// refund_frozen while a chargeback is open, refund_not_paid before money has come.
func (p *Pipeline) Refund(ctx context.Context, key once.Key, by By, ref Ref, parts []Part, reason string) (id.ID, error) {
	if by.As != AsOperator && by.As != AsSeller {
		return id.None, fault.Forbidden("forbidden")
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return id.None, fault.Invalid("reason", "required")
	}
	if len([]rune(reason)) > 500 {
		return id.None, fault.Invalid("reason", "too_long", fault.Args{"most": 500})
	}
	if err := p.atHome(ctx, ref); err != nil {
		return id.None, err
	}
	return once.Do(ctx, p.db, ref.Market, key, func(tx *storage.Tx) (id.ID, error) {
		o, err := p.lock(tx, ref)
		if err != nil {
			return id.None, err
		}
		switch o.State {
		case Secured, Accepted, Packed, Shipped, Delivered, Completed:
		default:
			return id.None, fault.Conflict("refund_not_paid")
		}
		if o.State == Completed && by.As != AsOperator {
			return id.None, fault.Forbidden("forbidden")
		}
		charges, err := withLines(tx, &o)
		if err != nil {
			return id.None, err
		}
		take := parts
		if take == nil {
			take = o.whole()
		}
		refund := id.New()
		return refund, p.takeBack(tx, &o, len(charges), take, deed{refund: refund, label: "refund", cause: "refund:" + refund.String(), reason: reason, by: by})
	})
}

// whole names all that is left of every line.
func (o *Order) whole() []Part {
	parts := make([]Part, len(o.Lines))
	for i, l := range o.Lines {
		parts[i] = Part{Line: l.No}
	}
	return parts
}

// deed is why money goes back: the charge's label, and the cause that makes it
// unique on the order.
type deed struct {
	refund               id.ID
	label, cause, reason string
	by                   By
}

// takeBack is the only way money leaves an order for its payer: one negative
// charge per line, the shares it takes, the postings, the agent's reversals,
// the payees' negative payables and the refund's row, in one transaction.
func (p *Pipeline) takeBack(tx *storage.Tx, o *Order, charges int, parts []Part, d deed) error {
	if err := chargeback(tx, o.ID); err != nil {
		return err
	}
	taken, total, err := o.take(parts)
	if err != nil {
		return err
	}
	writeCharges(tx, o, charges, taken, d)
	if total.Sum() == 0 {
		if d.label == "refund" {
			return fault.Invalid("amount", "refund_too_large", fault.Args{"left": int64(0), "currency": o.Currency})
		}
		return nil
	}
	legs, err := p.takeFrom(tx, o, taken, total, d)
	if err != nil {
		return err
	}
	if err := ledger.Post(tx, ledger.Entry{Cause: "order:" + o.ID.String() + ":" + d.cause, By: d.by.ID, Legs: legs}); err != nil {
		return err
	}
	payment.Ask(tx, payment.Refund{ID: d.refund, Payment: o.Payment, Sale: o.ID, Cause: "order:" + o.ID.String() + ":" + d.cause, Amount: total.Sum(), By: d.by.ID, Reason: d.reason})
	return nil
}

// take cuts the parts out of what the lines still have, each shared among its
// payees by largest remainder over what each still has. The cumulative form
// (share of the sum refunded so far, less what was taken) is not monotone: a
// small refund could pay a payee.
func (o *Order) take(parts []Part) (map[int]Shares, Shares, error) {
	taken := map[int]Shares{}
	var total Shares
	for _, part := range parts {
		line, err := o.line(part.Line)
		if err != nil {
			return nil, total, err
		}
		left := line.Left.Sum()
		amount := part.Amount
		if amount == 0 {
			amount = left
		}
		if amount < 0 || amount > left {
			return nil, total, fault.Invalid("amount", "refund_too_large", fault.Args{"left": left, "currency": o.Currency})
		}
		if amount == 0 {
			continue
		}
		s := shares(money.Split(amount, line.Left.list()))
		line.Left = line.Left.minus(s)
		taken[line.No] = taken[line.No].plus(s)
		total = total.plus(s)
	}
	return taken, total, nil
}

func (o *Order) line(no int) (*Line, error) {
	for i := range o.Lines {
		if o.Lines[i].No == no {
			return &o.Lines[i], nil
		}
	}
	return nil, fault.Invalid("line", "no_such_line", fault.Args{"line": no})
}

// takeFrom says from which accounts the sum comes. Before release everything is
// held. After it each payee gives what the lines gave him; what he no longer
// has becomes his debt.
func (p *Pipeline) takeFrom(tx *storage.Tx, o *Order, taken map[int]Shares, total Shares, d deed) ([]ledger.Leg, error) {
	to := ledger.TransitRefund(d.refund)
	released := o.State == Completed
	var agent agentShare
	// A cancelled sale's commission becomes void as a whole: nothing to reverse.
	if o.Agent != nil && total.Agent > 0 && d.label != "cancel" {
		var err error
		if agent, err = reverse(tx, o, taken, d); err != nil {
			return nil, err
		}
	}
	if !released {
		return []ledger.Leg{{Debit: ledger.HeldOrder(o.ID), Credit: to, Amount: total.Sum()}}, nil
	}
	legs := []ledger.Leg{
		{Debit: ledger.IncomeFees, Credit: to, Amount: total.Fee},
		{Debit: ledger.TaxDue, Credit: to, Amount: total.Tax},
	}
	tellTaken(tx, o, taken, d)
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
	if len(owing) == 0 {
		return legs, nil
	}
	// Both accounts of every payee are locked before any is read, and with them,
	// in one order, what else is locked here: a release takes the commission first.
	var accounts []string
	if agent.pending > 0 {
		accounts = append(accounts, ledger.Commission(agent.payee))
	}
	for payee := range owing {
		accounts = append(accounts, ledger.Owed(payee), ledger.Receivable(payee))
	}
	have, err := ledger.Lock(tx, accounts...)
	if err != nil {
		return nil, err
	}
	for payee, sum := range owing {
		part := min(sum, have[ledger.Owed(payee)])
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
func reverse(tx *storage.Tx, o *Order, taken map[int]Shares, d deed) (agentShare, error) {
	var a agentShare
	earned, err := commission.Remaining(tx, o.ID)
	if err != nil {
		return a, err
	}
	for no, s := range taken {
		if s.Agent == 0 {
			continue
		}
		root := earned[no]
		a.payee = root.Payee
		if root.State == "payable" {
			a.payable += s.Agent
		} else {
			a.pending += s.Agent
		}
		if err := commission.Reverse(tx, o.ID, no, d.cause, s.Agent, d.reason); err != nil {
			return a, err
		}
	}
	return a, nil
}

// chargeback refuses a refund while the payer's bank is taking the payment back.
func chargeback(tx *storage.Tx, order id.ID) error {
	var open bool
	if err := tx.Get(&open, "SELECT EXISTS (SELECT 1 FROM freezes WHERE market_id = $1 AND order_id = $2 AND lifted_at IS NULL AND reason = 'chargeback')", tx.Market, order); err != nil {
		return err
	}
	if open {
		return fault.Conflict("refund_frozen")
	}
	return nil
}

// atHome refuses a refund of a share while the home market of its payment refuses
// refunds: the gateway is there, and so is a chargeback.
func (p *Pipeline) atHome(ctx context.Context, ref Ref) error {
	var due struct {
		Home int32 `db:"home_market"`
		ID   id.ID `db:"id"`
	}
	err := p.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		err := tx.Get(&due, `SELECT p.home_market, p.id FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id
			JOIN payments p ON p.market_id = b.market_id AND p.id = b.payment_id WHERE o.market_id = $1 AND o.id = $2`, ref.Market, ref.ID)
		if err == storage.ErrNone {
			return fault.NotFound("not_found")
		}
		return err
	})
	if err != nil || due.Home == ref.Market {
		return err
	}
	return p.db.View(ctx, due.Home, func(tx *storage.Tx) error { return gate(tx, payment.Payment{ID: due.ID}) })
}

// gate stops refunds of a payment in its home market while the payer's bank is
// taking it back.
func gate(tx *storage.Tx, due payment.Payment) error {
	var open bool
	err := tx.Get(&open, `SELECT EXISTS (SELECT 1 FROM baskets b JOIN orders o ON o.market_id = b.market_id AND o.basket_id = b.id
		JOIN freezes f ON f.market_id = o.market_id AND f.order_id = o.id
		WHERE b.market_id = $1 AND b.payment_id = $2 AND f.lifted_at IS NULL AND f.reason = 'chargeback')`, tx.Market, due.ID)
	if err == nil && open {
		return fault.Conflict("refund_frozen")
	}
	return err
}
