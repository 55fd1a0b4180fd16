package told

import (
	"cmp"
	"context"
	"strings"
	"time"

	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// refund tells how a refund stands: the buyer when it is sent, the operators when
// somebody must send it or it could not be sent, the agent what it takes back.
func (t *Teller) refund(ctx context.Context, j jobs.Job) (finish, error) {
	news, err := read[payment.RefundNews](j)
	if err != nil {
		return nil, err
	}
	var r payment.Refund
	err = t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { r, err = payment.FindRefund(tx, news.Refund); return })
	if err != nil {
		return nil, err
	}
	pay, err := t.paymentOf(ctx, j.Market, r.Payment)
	if err != nil {
		return nil, err
	}
	if r.ForMarket != nil && news.State != payment.RefundAsked {
		return nothing() // its own market tells how it ended
	}
	n := notice.Notice{Key: "refund:" + j.Key, Market: j.Market, Way: refundsWay, At: news.At,
		Facts: notice.Facts{Number: pay.Reference, Sum: r.Amount, Currency: pay.Currency}}
	switch news.State {
	case payment.RefundAsked:
		if !r.SentByHand(pay) {
			return nothing() // a machine is at it
		}
		n.Kind = notice.DeskRefund
		return t.desk(ctx, n)
	case payment.RefundFailed:
		n.Kind = notice.DeskUnclaimed
		return t.desk(ctx, n)
	}
	o, err := t.saleOf(ctx, j.Market, r.Sale)
	if err != nil {
		return nil, err
	}
	n.Kind, n.Person, n.Facts.Number = notice.Refunded, o.Buyer, o.Number
	if r.ByTransfer {
		n.Kind = notice.RefundedBank
	}
	if n.Way, err = t.wayOf(ctx, j.Market, o.ID); err != nil {
		return nil, err
	}
	all := []notice.Notice{n}
	taken, err := t.reversed(ctx, o, r)
	if err != nil {
		return nil, err
	}
	if taken > 0 {
		agent, err := t.agentOf(ctx, o)
		if err != nil {
			return nil, err
		}
		n.Kind, n.Person, n.Way, n.Facts.Sum = notice.CommissionReversed, agent, agentWay, taken
		all = append(all, n)
	}
	return t.notices.Tell(ctx, all...)
}

// saleOf gives the order of a sale; of a basket, its first.
func (t *Teller) saleOf(ctx context.Context, market int32, sale id.ID) (order.Order, error) {
	o, err := t.orders.Find(ctx, order.Ref{Market: market, ID: sale})
	if !missing(err) {
		return o, err
	}
	basket, err := t.orders.List(ctx, order.Filter{Markets: []int32{market}, Basket: sale, N: 1})
	if err == nil && len(basket) == 0 {
		err = fault.NotFound("not_found")
	}
	if err != nil {
		return o, err
	}
	return basket[0], nil
}

// reversed is what a refund took back from the agent of its order. Weighing is
// no news: it is told with the order.
func (t *Teller) reversed(ctx context.Context, o order.Order, r payment.Refund) (int64, error) {
	cause, ours := strings.CutPrefix(r.Cause, "order:"+o.ID.String()+":")
	if !ours || cause == "pack" || o.Agent == nil {
		return 0, nil
	}
	var sum int64
	err := t.view(ctx, o.Market, func(tx *storage.Tx) error {
		all, err := commission.OfSale(tx, o.ID)
		for _, e := range all {
			if e.Kind == "reversal" && e.Cause == cause {
				sum -= e.Amount
			}
		}
		return err
	})
	return sum, err
}

type payableJob struct {
	At time.Time `json:"at"`
}

// payable tells an agent that a commission can be paid out.
func (t *Teller) payable(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[payableJob](j)
	if err != nil {
		return nil, err
	}
	sale, _ := id.Parse(j.Key)
	sums := map[id.ID]int64{}
	err = t.view(ctx, j.Market, func(tx *storage.Tx) error {
		all, err := commission.OfSale(tx, sale)
		for _, e := range all {
			if e.State == "payable" {
				sums[e.Agent] += e.Amount
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: sale})
	if err != nil {
		return nil, err
	}
	var all []notice.Notice
	for agent, sum := range sums {
		if sum <= 0 {
			continue
		}
		person, err := t.agentPerson(ctx, agent)
		if err != nil {
			return nil, err
		}
		all = append(all, notice.Notice{Person: person, Key: "commission:" + j.Key + ":payable", Kind: notice.CommissionPayable, Market: j.Market, Way: agentWay,
			Facts: notice.Facts{Number: o.Number, Sum: sum, Currency: o.Currency}, At: body.At})
	}
	return t.notices.Tell(ctx, all...)
}

// payout tells payees what the bank did with their payout.
func (t *Teller) payout(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[payout.Answered](j)
	if err != nil {
		return nil, err
	}
	m, err := t.books.Market(ctx, j.Market)
	if err != nil {
		return nil, err
	}
	payouts, payees, err := t.answered(ctx, j.Market, body)
	if err != nil {
		return nil, err
	}
	var all []notice.Notice
	for _, o := range payouts {
		payee, kind, way, why := payees[o.PayeeID], notice.PayoutPaid, incomeWay, ""
		switch {
		case o.HandID != id.None && body.State == payout.Paid:
			kind, way = notice.CashPaid, ownCashWay
		case o.HandID != id.None:
			kind, way = notice.CashBack, ownCashWay
		case o.Gateway != "" && body.State == payout.Paid:
			kind, way = notice.TransferPaid, ownGatewayWay
		case o.Gateway != "":
			kind, way = notice.TransferFailed, ownGatewayWay
		case body.State != payout.Paid:
			kind, way, why = notice.PayoutFailed, accountWay, o.Reason
		case payee.Kind == payable.Agent:
			way = agentWay
		}
		all = append(all, notice.Notice{Person: payee.PersonID, Key: "payout:" + o.ID.String() + ":" + body.State, Kind: kind, Market: j.Market, Way: way,
			Facts: notice.Facts{Number: o.Number(), Sum: o.Amount, Currency: m.Currency, Tail: o.Tail, Word: cmp.Or(o.Hand, o.Bank), Why: why}, At: body.At})
	}
	return t.notices.Tell(ctx, all...)
}

// laid tells those who are paid in cash where their money waits, and the hands
// that somebody will come.
func (t *Teller) laid(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[payout.Laid](j)
	if err != nil {
		return nil, err
	}
	m, err := t.books.Market(ctx, j.Market)
	if err != nil {
		return nil, err
	}
	var out []payout.Handed
	hands := map[id.ID]payable.Payee{}
	err = t.view(ctx, j.Market, func(tx *storage.Tx) (err error) {
		if out, err = payout.HandedOf(tx, body.Batch); err != nil {
			return err
		}
		var ids []id.ID
		for _, o := range out {
			ids = append(ids, o.HandID)
		}
		hands, err = payable.FindPayees(tx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []notice.Notice
	sums, counts := map[id.ID]int64{}, map[id.ID]int64{}
	for _, o := range out {
		if o.State != payout.InTransit {
			continue // collected before anybody could be told
		}
		sums[o.HandID] += o.Amount
		counts[o.HandID]++
		all = append(all, notice.Notice{Person: o.Person, Key: "payout:" + o.ID.String() + ":laid", Kind: notice.CashReady, Market: j.Market, Way: ownCashWay,
			Facts: notice.Facts{Number: o.Number(), Sum: o.Amount, Currency: m.Currency, Word: o.Hand, Until: new(o.Until)}, At: body.At})
	}
	for hand, sum := range sums {
		all = append(all, notice.Notice{Person: hands[hand].PersonID, Key: "payout:" + j.Key + ":hand", Kind: notice.CashToGive, Market: j.Market, Way: handWay,
			Facts: notice.Facts{Sum: sum, Count: counts[hand], Currency: m.Currency}, At: body.At})
	}
	return t.notices.Tell(ctx, all...)
}

// answered gives the payouts that the bank has answered, and whom they are for.
func (t *Teller) answered(ctx context.Context, market int32, body payout.Answered) (payouts []payout.Payout, payees map[id.ID]payable.Payee, err error) {
	err = t.view(ctx, market, func(tx *storage.Tx) (err error) {
		if payouts, err = payout.FindPayouts(tx, body.Payouts); err != nil {
			return err
		}
		whose := make([]id.ID, len(payouts))
		for i, o := range payouts {
			whose[i] = o.PayeeID
		}
		payees, err = payable.FindPayees(tx, whose)
		return err
	})
	return payouts, payees, err
}

// account tells a payee that payouts go to another account: whoever did not
// change it has the time of its cooling to say so.
func (t *Teller) account(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[payable.NewAccount](j)
	if err != nil {
		return nil, err
	}
	person, err := t.payeeOf(ctx, j.Market, body.Payee)
	if err != nil {
		return nil, err
	}
	if body.Gateway != "" {
		return t.notices.Tell(ctx, notice.Notice{Person: person, Key: "bank:" + j.Key, Kind: notice.GatewayChosen, Market: j.Market, Way: ownGatewayWay,
			Facts: notice.Facts{Word: body.Bank, Until: new(body.UsableAt)}, At: body.At})
	}
	if body.Hand != id.None {
		var hand payable.Payee
		if err := t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { hand, err = payable.FindPayee(tx, body.Hand); return }); err != nil {
			return nil, err
		}
		return t.notices.Tell(ctx, notice.Notice{Person: person, Key: "bank:" + j.Key, Kind: notice.CashChosen, Market: j.Market, Way: ownCashWay,
			Facts: notice.Facts{Word: hand.Name, Until: new(body.UsableAt)}, At: body.At})
	}
	return t.notices.Tell(ctx, notice.Notice{Person: person, Key: "bank:" + j.Key, Kind: notice.BankChanged, Market: j.Market, Way: accountWay,
		Facts: notice.Facts{Tail: body.Tail, Until: new(body.UsableAt)}, At: body.At})
}

// accountStands tells a payee that their account was looked at or stopped; that
// they closed it they know.
func (t *Teller) accountStands(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[payable.Standing](j)
	if err != nil {
		return nil, err
	}
	kind := notice.BankChecked
	switch body.State {
	case payable.Restricted:
		kind = notice.BankStopped
	case payable.Active:
	default:
		return nothing()
	}
	person, err := t.payeeOf(ctx, j.Market, body.Payee)
	if err != nil {
		return nil, err
	}
	if body.Gateway != "" {
		kind = map[bool]notice.Kind{true: notice.GatewayReady, false: notice.GatewayStopped}[body.State == payable.Active]
		return t.notices.Tell(ctx, notice.Notice{Person: person, Key: "bank:" + j.Key, Kind: kind, Market: j.Market, Way: ownGatewayWay, Facts: notice.Facts{Word: body.Bank}, At: body.At})
	}
	return t.notices.Tell(ctx, notice.Notice{Person: person, Key: "bank:" + j.Key, Kind: kind, Market: j.Market, Way: accountWay,
		Facts: notice.Facts{Tail: body.Tail, Why: body.Why}, At: body.At})
}

// drafted tells the operators that a batch waits, but whoever made it.
func (t *Teller) drafted(ctx context.Context, j jobs.Job) (finish, error) {
	body, err := read[payout.Drafted](j)
	if err != nil {
		return nil, err
	}
	var b payout.Batch
	err = t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { b, err = payout.Find(tx, body.Batch); return })
	if err != nil || b.State != payout.Draft {
		return nil, err // approved before anybody could be told
	}
	all, err := t.operators(ctx, j.Market)
	if err != nil {
		return nil, err
	}
	var tell []notice.Notice
	for _, p := range all {
		tell = append(tell, notice.Notice{Person: p.ID, Key: "payout:" + j.Key + ":drafted", Kind: notice.DeskPayout, Market: j.Market, Way: payoutsWay,
			Facts: notice.Facts{Number: b.Number, Sum: b.Total, Count: int64(b.Payouts), Currency: b.Currency}, At: body.At})
	}
	return t.notices.Tell(ctx, without(body.By, tell)...)
}
