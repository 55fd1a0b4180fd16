package marketplace_test

import (
	"slices"
	"time"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/commission"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/terms"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

const oneDay = 24 * time.Hour

// tell lets everything happen once.
func (o *odd) tell() {
	o.must(o.Desk.Capital(o.ctx, o.markets[0], o.boss.ID, 10_000_000, "IN"))
	o.must(o.Desk.Capital(o.ctx, o.markets[1], o.boss.ID, 10_000_000, "IN"))
	o.must(o.Desk.Capital(o.ctx, o.markets[0], o.boss.ID, -1_000, "OUT"))
	o.must(o.Desk.Available(o.ctx, o.markets[1], o.boss.ID, 5_000, "CLEARED"))
	o.must(o.Desk.Banked(o.ctx, o.markets[1], o.boss.ID, 4_000, "SWEPT"))
	o.upTo("bank", 1, order.Completed)
	o.gives(ordertest.GiftKind, id.New(), 7000)
	o.must(o.Desk.Keep(o.ctx, o.markets[0], o.boss.ID, 20, "MEETING 2")) // before banks take more than is earned
	o.selfDealing()
	o.released()
	o.beforeRelease()
	o.odds()
	o.transfers()
	o.overTwo()
	o.gift(3000) // more than fee, tax and commission together
	o.released()
	o.beforeRelease()
	o.overTwo()
	o.paid("bank", 1)
	o.gift(0)
	o.forAccounts()
	o.underContract()
	o.owing()
	o.byGateway()
	o.lines()
	o.inCash()
	o.onDelivery()
	o.must(o.Desk.Tax(o.ctx, o.markets[0], o.boss.ID, 100, "TAX"))
	o.must(o.Desk.Guarantee(o.ctx, o.markets[0], o.boss.ID, 5_000, "MEETING 1"))
	o.pass(3 * oneDay)
	o.gatewayDay()
}

// released: money goes back, to payer or bank, from those who have it: while the
// commission waits, when it is payable, and when all has been paid out.
func (o *odd) released() {
	pending, charged := o.upTo("stripe", 1, order.Completed), o.upTo("stripe", 1, order.Completed)
	o.givesBack(o.upTo("stripe", 1, order.Completed).ref(), 1000)
	o.refund(pending.ref(), 2000)
	o.takenBack(charged, 0, false)
	owed, owedCharged := o.upTo("stripe", 1, order.Completed), o.upTo("stripe", 1, order.Completed)
	paid, paidCharged := o.upTo("stripe", 1, order.Completed), o.upTo("stripe", 1, order.Completed)
	owedBack, paidBack := o.upTo("stripe", 1, order.Completed), o.upTo("stripe", 1, order.Completed)
	o.pass(7*oneDay + oneDay/2) // the commission is theirs, and the goods may still go back
	o.givesBack(owedBack.ref(), 1000)
	o.refund(owed.ref(), 2000)
	o.takenBack(owedCharged, 0, false)
	o.payOut(0, payout.Paid)
	o.givesBack(paidBack.ref(), 5000)
	o.refund(paid.ref(), 0)
	o.takenBack(paidCharged, 0, false)
}

// givesBack lets the buyer of an order give so many grams of it back.
func (o *odd) givesBack(ref order.Ref, grams int64) {
	made, err := o.Orders.Find(o.ctx, ref)
	o.must(err)
	buyer := order.By{Person: people.Person{ID: made.Buyer}, As: order.AsBuyer}
	name, err := o.Returns.Ask(o.ctx, once.Key{}, buyer, ref, returns.Wish{Lines: map[int]int64{1: grams}})
	o.must(err)
	back := returns.Ref{Order: ref, ID: name}
	o.must(o.Returns.Approve(o.ctx, o.boss, back, returns.Answer{To: "兴平村 3 号"}))
	o.must(o.Returns.Send(o.ctx, buyer, back, "sf", "SF1"))
	o.must(o.Returns.Receive(o.ctx, o.boss, back, order.FateBack))
	o.drain()
}

// beforeRelease: what is held goes back, for each reason that there is.
func (o *odd) beforeRelease() {
	ref := o.paid("stripe", 1).ref()
	o.must(o.Orders.AcceptPart(o.ctx, o.growers[0], ref, map[int]int64{1: 4000}))
	o.must(o.Orders.Pack(o.ctx, o.growers[0], ref, map[int]int64{1: 3900}))
	for range 3 {
		o.must(o.Orders.Ship(o.ctx, o.growers[0], ref, order.Parcel{Carrier: "中通", Number: id.New().String()[24:], Lines: map[int]int64{1: 1000}}))
	}
	s, err := o.Orders.Story(o.ctx, ref)
	o.must(err)
	o.must(o.Orders.Lost(o.ctx, o.boss, ref, s.Shipments[0].ID, "掉了"))
	o.must(o.Orders.Returned(o.ctx, o.growers[0], ref, s.Shipments[2].ID, "没人收", order.FateBack))
	o.pass(40 * oneDay) // the rest was never sent
	o.refund(o.paid("stripe", 1).ref(), 1000)
	o.must(o.Orders.Cancel(o.ctx, o.boss, o.paid("stripe", 1).ref(), "卖完了"))
	o.givesBack(o.upTo("stripe", 1, order.Delivered).ref(), 2000)
	o.takenBack(o.paid("stripe", 1), 0, true)
	o.takenBack(o.paid("stripe", 1), 5000, false)
	o.drain()
}

// odds: sums that are not what was asked, or come too late, or come back.
func (o *odd) odds() {
	larger := o.paid("stripe", 1)
	o.takenBack(larger, larger.Total+2000, false)
	other := o.place("stripe", 1)
	o.bank.Pay(other.object, stripetest.Paying{Amount: 7000})
	o.hear()
	o.takenBack(other, 7000, false)
	late := o.place("stripe", 1)
	o.bank.Pay(late.object, stripetest.Paying{Async: true})
	o.hear()
	o.pass(oneDay)
	o.bank.Answer(late.object, true)
	o.hear()
	o.bank.Slow(true)
	o.refund(o.paid("stripe", 1).ref(), 1000)
	o.comesBack()
	o.bank.Slow(false)
	o.inParts(o.place("sandbox", 1))
}

// comesBack lets the last refund succeed and come back after days, and sends it again
// where it is at home.
func (o *odd) comesBack() {
	all := o.bank.Refunds()
	o.bank.Finish(all[len(all)-1], true)
	o.hear()
	o.bank.Finish(all[len(all)-1], false)
	o.hear()
	o.bank.Slow(false)
	var failed []id.ID
	o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) error {
		return tx.Select(&failed, "SELECT id FROM refunds WHERE market_id = $1 AND state = 'failed' AND for_market IS NULL ORDER BY id DESC LIMIT 1", tx.Market)
	}))
	for _, r := range failed {
		_, err := o.Desk.Repeat(o.ctx, o.markets[0], r, o.boss.ID)
		o.must(err)
	}
	o.byBank()
	o.drain()
}

// byBank has what else has failed there sent by bank transfer.
func (o *odd) byBank() {
	var failed []payment.Refund
	o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) (err error) { failed, err = payment.Unclaimed(tx); return }))
	for _, r := range failed {
		again, err := o.Desk.Transfer(o.ctx, o.markets[0], r.ID, o.boss.ID)
		o.must(err)
		o.must(o.Desk.Finish(o.ctx, o.markets[0], again.ID, true))
	}
}

// inParts lets the sandbox capture nine tenths of a sum first.
func (o *odd) inParts(s oddSale) {
	for _, tenths := range []int64{9, 10} {
		o.sql(s.Market, "UPDATE sandbox_objects SET state = 'captured', captured_minor = amount_minor * $3 / 10 WHERE market_id = $1 AND id = $2", s.object, tenths)
		_, err := o.Orders.Settle(o.ctx, s.Market, s.Payment)
		o.must(err)
	}
	o.drain()
}

// transfers come in parts, too much, too late, and go back by hand.
func (o *odd) transfers() {
	s := o.place("bank", 1)
	o.confirm(s, 5000)
	o.confirm(s, s.Total-5000)
	o.confirm(s, 700)
	_, err := o.Desk.GiveBack(o.ctx, s.Market, s.Payment, o.boss.ID, "多付了")
	o.must(err)
	for _, done := range []bool{true, false} {
		o.must(o.Desk.Finish(o.ctx, s.Market, o.refund(s.ref(), 1000), done))
		o.drain()
	}
	part, late := o.place("bank", 1), o.place("bank", 1)
	o.confirm(part, 5000)
	o.pass(4 * oneDay)
	o.confirm(late, late.Total)
}

// overTwo: one payment over two markets, and what goes back of it.
func (o *odd) overTwo() {
	s := o.paid("stripe", 2)
	there := s.Orders()[1]
	o.refund(there, 3000)
	o.bank.Slow(true)
	o.refund(there, 1000)
	o.comesBack()
	o.takenBack(s, 0, false) // more than the other market's order still has
	b := o.paid("bank", 2)
	o.refund(b.Orders()[1], 1000)
	var asked id.ID
	o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) error {
		return tx.Get(&asked, "SELECT id FROM refunds WHERE market_id = $1 AND state = 'asked' AND for_market IS NOT NULL ORDER BY id DESC LIMIT 1", tx.Market)
	}))
	o.must(o.Desk.Finish(o.ctx, o.markets[0], asked, true))
	o.drain()
	o.inParts(o.place("sandbox", 2))
	o.must(o.Desk.Square(o.ctx, o.markets[0], o.markets[1], o.boss.ID, 5000, id.New().String()))
	o.drain()
}

// owing: a payout settles a debt, fails, is made again, and comes back after it was paid.
func (o *odd) owing() {
	debtor := o.upTo("stripe", 1, order.Completed)
	o.pass(8 * oneDay)
	o.payOut(0, payout.Paid)
	o.refund(debtor.ref(), 3000)
	o.upTo("stripe", 1, order.Completed)
	o.upTo("stripe", 1, order.Completed)
	o.pass(8 * oneDay)
	o.payOut(0, payout.Failed)
	for _, r := range o.payOut(0, payout.Paid) {
		o.must(o.Payouts.Returned(o.ctx, o.markets[0], r.ID, "账户已注销", o.boss.ID))
	}
	o.drain()
}

// selfDealing: an agent buys and gives as a guest by their own link and claims it:
// while the commission waits, when it is payable, when it is paid out.
func (o *odd) selfDealing() {
	kinds := []string{ordertest.GiftKind, ordertest.BackingKind, ordertest.DepositKind}
	for _, kind := range kinds { // which earn nothing without a rule of their own
		_, err := commission.AddRule(o.ctx, o.DB, o.markets[0], commission.Rule{Kind: kind, RateBP: 600, HoldDays: 7}, o.boss.ID, commission.Known{Kinds: kinds})
		o.must(err)
	}
	buys := func() (guests []people.Person) {
		guest := func() people.Person {
			guests = append(guests, people.Person{ID: id.New(), Guest: true})
			return guests[len(guests)-1]
		}
		o.upTo("sandbox", 1, order.Completed, guest())
		for _, kind := range kinds {
			o.gives(kind, id.New(), 5000, guest())
		}
		return guests
	}
	paid := buys()
	o.pass(8 * oneDay)
	o.payOut(0, payout.Paid)
	owed := buys()
	o.pass(8 * oneDay)
	for _, guest := range slices.Concat(owed, buys(), paid) {
		o.must(o.Orders.Claim(o.ctx, guest, o.agentBy))
		o.drain()
	}
}

// lines: what only the bank's statement tells.
func (o *odd) lines() {
	for i, line := range []struct {
		sum  int64
		deed string
	}{{-350, bank.Fee}, {700, bank.Unclaimed}} {
		var have map[string]int64
		o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, ledger.BankOperating); return }))
		statement, of := o.statement(line.sum, have[ledger.BankOperating]+line.sum+[]int64{1000, -1000}[i])
		_, err := o.Bank.Decide(o.ctx, o.markets[0], of, o.boss.Person, bank.Say{Deed: line.deed})
		o.must(err)
		o.must(o.Bank.Reconcile(o.ctx, o.markets[0], statement, o.boss.ID, "差额"))
		o.pass(oneDay)
	}
	o.nobodys()
}

// nobodys: of two lines of nobody one is found to be a payment's, one goes back.
func (o *odd) nobodys() {
	say := func(sum int64, deed, target string) id.ID {
		var have map[string]int64
		o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, ledger.BankOperating); return }))
		_, of := o.statement(sum, have[ledger.BankOperating]+sum)
		_, err := o.Bank.Decide(o.ctx, o.markets[0], of, o.boss.Person, bank.Say{Deed: deed, Target: target})
		o.must(err)
		return of
	}
	found, back := say(1200, bank.Unclaimed, ""), say(800, bank.Unclaimed, "")
	bought := o.place("bank", 1)
	o.must(o.Bank.Match(o.ctx, o.markets[0], found, o.boss.Person, bought.Payment))
	say(-800, bank.SentBack, back.String())
}

// byGateway: the grower is paid by transfers: one is taken back, one stays. Then they
// go back to their bank.
func (o *odd) byGateway() {
	market := o.markets[0]
	for range 2 {
		o.upTo("stripe", 1, order.Completed)
	}
	_, _, err := o.Payouts.Connect(o.ctx, market, o.payees[0], o.growers[0].ID, "/me/gateway")
	o.must(err)
	o.bank.Stand(o.bank.Connected()[0], "active")
	o.hear()
	o.pass(8 * oneDay)
	for _, back := range []bool{true, false} {
		b, err := o.Payouts.DraftTransfers(o.ctx, once.Key{}, market, o.boss.ID, nil)
		o.must(err)
		_, err = o.Payouts.Approve(o.ctx, market, b.ID, o.second)
		o.must(err)
		o.drain()
		var rows []payout.Payout
		o.must(o.DB.View(o.ctx, market, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
		if rows[0].State != payout.Paid {
			o.t.Fatalf("%+v", rows)
		}
		if back {
			o.must(o.Payouts.Recall(o.ctx, market, rows[0].ID, o.boss.ID, "算错了"))
			o.drain()
		}
		o.pass(time.Hour)
	}
	o.account(market, o.payees[0], "农户 OA")
	o.pass(4 * oneDay)
}

// inCash: a float goes to the agent, the grower collects from it, the rest is banked.
func (o *odd) inCash() {
	market := o.markets[0]
	for range 3 {
		o.upTo("sandbox", 1, order.Completed)
	}
	var hand id.ID
	o.must(o.DB.View(o.ctx, market, func(tx *storage.Tx) error {
		in, err := agents.InMarket(tx, o.agent.ID)
		hand = in.PayeeID
		return err
	}))
	o.must(cash.Trust(o.ctx, o.DB, market, hand, 10_000_00, o.boss.ID))
	o.must(cash.Give(o.ctx, o.DB, market, hand, o.boss.ID, 9_000_00, "FLOAT"))
	o.must(cash.Choose(o.ctx, o.DB, market, o.payees[0], hand, o.boss.ID))
	o.pass(8 * oneDay)
	b, err := o.Payouts.DraftCash(o.ctx, once.Key{}, market, o.boss.ID, nil)
	o.must(err)
	_, err = o.Payouts.Approve(o.ctx, market, b.ID, o.second)
	o.must(err)
	var rows []payout.Payout
	o.must(o.DB.View(o.ctx, market, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
	code, err := o.Payouts.Code(o.ctx, market, rows[0].ID, o.boss.Person)
	o.must(err)
	_, err = o.Payouts.HandOver(o.ctx, market, rows[0].ID, o.agentBy, payout.Proof{Code: code})
	o.must(err)
	o.must(cash.Bank(o.ctx, o.DB, market, hand, o.boss.ID, 1_000_00, "BANKED"))
}

// onDelivery: goods are paid when they arrive, to their seller and to the agent, with
// what the market takes off; a part goes back by the bank; the seller banks it.
func (o *odd) onDelivery() {
	market := o.markets[0]
	var hand id.ID
	o.must(o.DB.View(o.ctx, market, func(tx *storage.Tx) error {
		in, err := agents.InMarket(tx, o.agent.ID)
		hand = in.PayeeID
		return err
	}))
	o.must(cash.Trust(o.ctx, o.DB, market, o.payees[0], 10_000_00, o.boss.ID))
	o.gift(500)
	for _, of := range []id.ID{id.None, hand} {
		o.collectedBy(of)
		s := o.place(payment.Cash, 1)
		ref := s.Orders()[0]
		o.walk(ref, o.growers[0], order.Shipped)
		o.must(o.Orders.TakeCash(o.ctx, o.boss, ref, order.Taking{Sum: s.Total}))
		o.refund(ref, 1000)
		o.must(o.Orders.Complete(o.ctx, o.boss, ref))
	}
	o.gift(0)
	o.must(o.Orders.Cancel(o.ctx, o.boss, o.place(payment.Cash, 1).Orders()[0], "没有了"))
	o.must(cash.Bank(o.ctx, o.DB, market, o.payees[0], o.boss.ID, 50_00, "COLLECTED"))
	o.drain()
}

// collectedBy sets by whom the first grower is paid on delivery.
func (o *odd) collectedBy(hand id.ID) {
	var was terms.Kept
	o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) (err error) { was, err = terms.Find(tx, o.goods[0].ProducerID); return }))
	_, err := terms.Set(o.ctx, o.DB, o.markets[0], o.goods[0].ProducerID, o.boss.ID, was.Version, terms.Terms{Cash: &terms.Cash{Hand: hand}})
	o.must(err)
}
