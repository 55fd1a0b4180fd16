package marketplace_test

import (
	"commonfield/agents/attribution"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// gives pays a sum by card, for a fund, a campaign or a contract; a guest comes by the
// agent's link.
func (o *odd) gives(kind string, of id.ID, sum int64, guest ...people.Person) oddSale {
	o.t.Helper()
	buyer := append(guest, o.buyer.Person)[0]
	a := order.Ask{Kind: kind, Buyer: buyer, PlacedBy: buyer, Seen: -1, Way: "stripe", Items: []order.Item{{Market: o.markets[0], Listing: of, Quantity: sum}}}
	if buyer.Guest {
		a.Agent = attribution.Ask{Link: o.link, LinkAt: o.now()}
	}
	c, err := o.Orders.Place(o.ctx, once.Key{}, a)
	o.must(err)
	p, err := o.Orders.Pay(o.ctx, c.Market, c.Payment, "/pay/result")
	o.must(err)
	o.bank.Pay(p.Object, stripetest.Paying{})
	_, err = o.Orders.Settle(o.ctx, c.Market, c.Payment)
	o.must(err)
	o.drain()
	return oddSale{c, p.Object}
}

// forAccounts: what was given to a fund, a campaign or a contract goes back to its
// payer or is taken by a bank, wholly or in part.
func (o *odd) forAccounts() {
	for _, kind := range []string{ordertest.GiftKind, ordertest.BackingKind, ordertest.DepositKind} {
		one, other := id.New(), id.New() // two of each, so that one could be taken for the other
		o.gives(kind, other, 7000)
		o.refund(o.gives(kind, one, 10_000).ref(), 4000)
		o.takenBack(o.gives(kind, one, 3000), 0, false)
		o.takenBack(o.gives(kind, one, 2000), 0, true)
	}
	o.freed()
	o.succeeded()
	declined := o.gives(ordertest.RewardKind, id.New(), 1500)
	o.must(o.Orders.Cancel(o.ctx, o.growers[0], declined.ref(), "没有了"))
	o.drain()
}

// freed: what was given may be spent, and goes back from there; what is spent already
// and a bank takes back, the market's guarantee bears as far as it goes.
func (o *odd) freed() {
	market, one, other := o.markets[0], id.New(), id.New()
	free := func(fund id.ID) {
		o.must(ordertest.Free(o.ctx, o.DB, market, fund, o.balance(ledger.FundHeld(fund)), id.New().String()))
	}
	back, taken, spent := o.gives(ordertest.GiftKind, one, 4000), o.gives(ordertest.GiftKind, one, 3000), o.gives(ordertest.GiftKind, one, 2000)
	o.gives(ordertest.GiftKind, other, 7000)
	free(one)
	free(other)
	o.refund(back.ref(), 0)
	o.takenBack(taken, 0, false)
	o.must(ordertest.Spend(o.ctx, o.DB, market, one, o.balance(ledger.FundFree(one)), id.New().String()))
	o.must(o.Desk.Guarantee(o.ctx, market, o.boss.ID, 500, "MEETING 3"))
	o.takenBack(spent, 0, false)
}

// succeeded: campaigns have what was pledged, and give it back from there.
func (o *odd) succeeded() {
	one, other := id.New(), id.New()
	back, taken := o.gives(ordertest.BackingKind, one, 4000), o.gives(ordertest.BackingKind, one, 3000)
	o.gives(ordertest.BackingKind, other, 7000)
	for _, campaign := range []id.ID{one, other} {
		o.must(ordertest.Succeed(o.ctx, o.DB, o.markets[0], campaign, 400))
	}
	o.refund(back.ref(), 1000)
	o.takenBack(taken, 0, false)
}

// underContract: goods are called off, a contract pays for them in parts, and gets
// back what comes back: while the commission waits, when it is payable, when all has
// been paid out. A bank takes more of it than is there.
func (o *odd) underContract() {
	c := &o.about
	c.ID, c.Price, c.Quantity, c.FeeBP, c.TaxBP = id.New(), 2000, 1_000_000, 200, 900
	first := o.gives(ordertest.DepositKind, c.ID, 15_000)
	call := func() oddSale {
		a := order.Ask{Kind: ordertest.CallOffKind, Buyer: o.buyer.Person, PlacedBy: o.buyer.Person, Seen: -1, Items: []order.Item{{Market: o.markets[0], Listing: c.ID, Quantity: 5000}},
			Agent: attribution.Ask{Link: o.link, LinkAt: o.now()}, DeliverTo: &order.Address{Name: "王芳", Phone: "+8613900000000", Region: "北京市", Street: "1"}}
		placed, err := o.Orders.Place(o.ctx, once.Key{}, a)
		o.must(err)
		o.walk(placed.Orders()[0], o.growers[0], order.Completed)
		o.drain()
		return oddSale{Checkout: placed}
	}
	pending, returned := call(), call() // the second waits for its money
	o.gives(ordertest.DepositKind, c.ID, 100_000)
	o.refund(pending.ref(), 2000)
	o.givesBack(returned.ref(), 1000)
	owed, owedBack, paid, paidBack := call(), call(), call(), call()
	o.pass(7*oneDay + oneDay/2)
	o.refund(owed.ref(), 2000)
	o.givesBack(owedBack.ref(), 1000)
	o.payOut(0, payout.Paid)
	o.givesBack(paidBack.ref(), 5000)
	o.refund(paid.ref(), 0)
	for o.balance(ledger.Contract(c.ID)) > 5000 {
		call()
	}
	o.takenBack(first, 0, false)
}

// balance is what an account has.
func (o *odd) balance(account string) int64 {
	o.t.Helper()
	var have map[string]int64
	o.must(o.DB.View(o.ctx, o.markets[0], func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, account); return }))
	return have[account]
}
