package main

import (
	"context"
	"fmt"

	"commonfield/agents/payout"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// deed is one operation on money. ready brings a new subject so far and gives what
// is pressed, which may be pressed again: it carries its key.
type deed struct {
	name   string
	ready  func(l *lane) func() error
	must   []string // of these functions and jobs a point must be passed
	person bool     // cut off in its middle it goes on when its person comes back
	gone   effect   // what may have come and ended beside it
	tidy   func(l *lane)
}

// pressed is one request of somebody, under a key of its own.
func (l *lane) pressed(by order.By, path string, in any) func() error {
	key := id.New().String()
	return func() error { _, err := l.post(l.token(by), path, key, in); return err }
}

// heard is the news of one kind that Stripe's stand-in has, which the program hears as
// often as it is sent.
func (l *lane) heard(kind string) func() error {
	news := l.bank.News()
	return func() error {
		for _, e := range news {
			if e.Type != kind {
				continue
			}
			if _, err := l.send("/hooks/stripe", e.Body, map[string]string{"Stripe-Signature": e.Signature()}); err != nil {
				return err
			}
		}
		return nil
	}
}

var address = object{"name": "王芳", "phone": "+8613900000000", "street": "学院路 1 号"}

func (l *lane) checkout(way string, markets int) func() error {
	var items []object
	for i := range markets {
		items = append(items, object{"market": l.markets[i].Code, "listing": l.goods[i].ID.String(), "quantity": 5000})
	}
	return l.pressed(l.buyer, "/api/v1/checkouts", object{"way": way, "items": items, "deliver_to": address, "agent_link": l.agent.Code})
}

func (l *lane) refund(b bought, n int, minor int64) func() error {
	ref := b.Orders()[n]
	return l.pressed(l.boss, l.api("orders", ref.Market, ref.ID, "refunds"), object{"lines": []object{{"line": 1, "amount_minor": minor}}, "reason": "有几颗坏的"})
}

// wake makes a job due that waits for a day to come.
func (l *lane) wake(kind, key string) func() error {
	return func() error {
		_, err := l.owner.Exec("UPDATE jobs SET run_at = now() WHERE state = 'ready' AND kind = $1 AND key LIKE $2", kind, key+"%")
		return err
	}
}

// drafted is a batch of what the grower of the first market has earned with one order.
func (l *lane) drafted() payout.Batch {
	l.upTo("sandbox", order.Completed)
	b, err := l.m.Payouts.Draft(l.ctx, once.Key{}, l.markets[0].ID, l.boss.ID, l.payees[:1])
	l.ok(err)
	return b
}

func (l *lane) rows(b payout.Batch) (rows []payout.Payout) {
	l.ok(l.m.DB.View(l.ctx, l.markets[0].ID, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
	return rows
}

func (l *lane) sent() payout.Batch {
	b := l.drafted()
	b, err := l.m.Payouts.Approve(l.ctx, l.markets[0].ID, b.ID, l.second.ID)
	l.ok(err)
	return b
}

func (l *lane) settled() payout.Batch {
	b := l.sent()
	var says payout.Answers
	for _, o := range l.rows(b) {
		says.Rows = append(says.Rows, payout.Answer{Payout: o.ID, State: payout.Paid})
	}
	_, err := l.m.Payouts.Answer(l.ctx, once.Key{}, l.markets[0].ID, b.ID, says)
	l.ok(err)
	return b
}

// payOut ends every batch and pays out what is open, so that the next subject's
// earnings are the only ones.
func (l *lane) payOut() { l.payAll(l.m.Payouts.Draft, l.payees[0]) }

// transferAll is payOut for the far grower.
func (l *lane) transferAll() { l.payAll(l.m.Payouts.DraftTransfers, l.farther) }

func (l *lane) payAll(draft func(context.Context, once.Key, int32, id.ID, []id.ID) (payout.Batch, error), payee id.ID) {
	market := l.markets[0].ID
	var batches []payout.Batch
	l.ok(l.m.DB.View(l.ctx, market, func(tx *storage.Tx) (err error) { batches, err = payout.Batches(tx, id.None, 5); return }))
	for _, b := range batches {
		if b.State == payout.Draft {
			l.ok(l.m.Payouts.Cancel(l.ctx, market, b.ID, l.boss.ID, "next"))
		}
	}
	b, err := draft(l.ctx, once.Key{}, market, l.boss.ID, []id.ID{payee})
	if err != nil {
		return // nothing is open
	}
	_, err = l.m.Payouts.Approve(l.ctx, market, b.ID, l.second.ID)
	l.ok(err)
	l.quiet()
}

// carried is a batch of what the far grower has earned with one order, to go there by
// a transfer.
func (l *lane) carried() payout.Batch {
	var has int64 // chargebacks and refunds may have left too little
	for _, line := range l.bank.Balance() {
		has += line.Net
	}
	if has < 100_000 {
		l.pay("stripe", l.buy("stripe", 100_000, l.goods[0]))
	}
	l.goOn(l.pay("stripe", l.buy("stripe", 5000, l.far)), order.Completed)
	l.usable()
	b, err := l.m.Payouts.DraftTransfers(l.ctx, once.Key{}, l.markets[0].ID, l.boss.ID, []id.ID{l.farther})
	l.ok(err)
	return b
}

// transferred is such a batch whose transfer was made.
func (l *lane) transferred() payout.Batch {
	b := l.carried()
	b, err := l.m.Payouts.Approve(l.ctx, l.markets[0].ID, b.ID, l.second.ID)
	l.ok(err)
	l.quiet()
	if rows := l.rows(b); len(rows) != 1 || rows[0].State != payout.Paid {
		l.fail("the transfer is %+v", rows)
	}
	return b
}

// line is a line of the bank's statement that says nothing of what it is.
func (l *lane) line(minor int64) id.ID {
	market := l.markets[0].ID
	name := id.New().String()
	_, err := l.m.Bank.Import(l.ctx, market, l.boss.ID, fmt.Appendf(nil, "date,reference,amount\n%s,%s,%d.%02d\n", l.m.DB.Now().Format("2006-01-02"), name, minor/100, max(minor, -minor)%100))
	l.ok(err)
	l.quiet()
	var lines []bank.Line
	l.ok(l.m.DB.View(l.ctx, market, func(tx *storage.Tx) (err error) { lines, err = bank.Lines(tx, id.None, 1); return }))
	return lines[0].ID
}

// disputed is an order, paid at Stripe, whose payer's bank has taken the sum back.
func (l *lane) disputed(state order.State) (bought, string) {
	b := l.upTo("stripe", state)
	d := l.bank.Dispute(b.session, 0)
	l.ok(l.heard("charge.dispute.created")())
	l.quiet()
	return b, d
}

func (l *lane) complained() (bought, id.ID) {
	b := l.upTo("sandbox", order.Completed)
	d, err := l.m.Disputes.Complain(l.ctx, once.Key{}, l.buyer, b.ref, dispute.Complaint{Said: dispute.Said{Text: "碎了"}, Reason: "quality"})
	l.ok(err)
	return b, d
}

// sentBack is an order whose goods are on their way back.
func (l *lane) sentBack(state order.State) (bought, id.ID) {
	b := l.upTo("sandbox", state)
	name, err := l.m.Returns.Ask(l.ctx, once.Key{}, l.buyer, b.ref, returns.Wish{Lines: map[int]int64{1: 2000}})
	l.ok(err)
	back := returns.Ref{Order: b.ref, ID: name}
	l.ok(l.m.Returns.Approve(l.ctx, l.growers[0], back, returns.Answer{To: "兴平村 3 号"}))
	l.ok(l.m.Returns.Send(l.ctx, l.buyer, back, "sf", "SF1"))
	return b, name
}

var deeds = []deed{
	{name: "place", must: []string{"order.(*Pipeline).Place", "payment.(*Desk).attempt", "payment.(*Desk).Begin"}, person: true,
		ready: func(l *lane) func() error { return l.checkout("sandbox", 1) }},
	{name: "place in two markets", must: []string{"order.(*Pipeline).placePart", "order.(*Pipeline).tryGather"}, person: true,
		// The part of the second market is there before the whole is: it waits a minute for
		// it and is let go, and the buyer who comes back later gets another.
		gone:  effect{"order * cancelled 13000": 1, "promised * let_go 5000": 1, "stock * reserve 5000": 1, "stock * let_go -5000": 1, "payment * sandbox closed 0": 2},
		ready: func(l *lane) func() error { return l.checkout("sandbox", 2) }},
	{name: "pay and secure by the sandbox's news", must: []string{"sandbox.(*Gateway).Pay", "sandbox:news", "payment.(*Desk).Receive", "payment:news", "order.(*Pipeline).Captured"},
		ready: func(l *lane) func() error {
			b := l.place("sandbox", 1)
			return l.pressed(l.buyer, l.api("payments", b.Market, b.Payment, "sandbox"), object{"outcome": "pay"})
		}},
	{name: "one payment over two markets", must: []string{"order.(*Pipeline).Captured", "order.(*Pipeline).Spread"},
		ready: func(l *lane) func() error {
			b := l.place("sandbox", 2)
			return l.pressed(l.buyer, l.api("payments", b.Market, b.Payment, "sandbox"), object{"outcome": "pay"})
		}},
	{name: "place to be paid on delivery", must: []string{"order.(*Pipeline).Place"}, person: true,
		ready: func(l *lane) func() error { return l.checkout("cash", 1) }},
	{name: "cash on delivery taken", must: []string{"order.(*Pipeline).TakeCash"},
		ready: func(l *lane) func() error {
			b := l.upTo("cash", order.Shipped)
			return l.pressed(l.growers[0], l.api("orders", b.Market, b.ref.ID, "cash"), object{"sum_minor": b.Total})
		}},
	{name: "transfer confirmed", must: []string{"order.(*Pipeline).Confirm"},
		ready: func(l *lane) func() error {
			b := l.place("bank", 1)
			return l.pressed(l.boss, l.api("payments", b.Market, b.Payment, "transfers"), object{"amount_minor": b.Total, "bank_reference": "L-" + b.Payment.String()})
		}},
	{name: "Stripe: place and open", must: []string{"payment.(*Desk).attempt", "stripe.(*Gateway).Open", "payment.(*Desk).Begin"}, person: true,
		ready: func(l *lane) func() error { return l.checkout("stripe", 1) }},
	{name: "Stripe: capture by news", must: []string{"payment.(*Desk).Receive", "payment:news", "order.(*Pipeline).Captured"},
		ready: func(l *lane) func() error {
			b := l.place("stripe", 1)
			l.bank.News()
			l.bank.Pay(b.session, stripetest.Paying{})
			return l.heard("checkout.session.completed")
		}},
	{name: "Stripe: refund", must: []string{"order.(*Pipeline).Refund", "payment:refund", "payment.(*Desk).attempt", "stripe.(*Gateway).Refund"},
		ready: func(l *lane) func() error { return l.refund(l.paid("stripe", 1), 0, 1000) }},
	{name: "refund before release", must: []string{"order.(*Pipeline).Refund", "payment:refund", "payment.(*Desk).attempt", "sandbox.(*Gateway).Refund"},
		ready: func(l *lane) func() error { return l.refund(l.paid("sandbox", 1), 0, 1000) }},
	{name: "refund after release", must: []string{"order.(*Pipeline).Refund", "payment:refund", "payment.(*Desk).attempt", "sandbox.(*Gateway).Refund"},
		ready: func(l *lane) func() error { return l.refund(l.upTo("sandbox", order.Completed), 0, 1000) }},
	{name: "refund of another market's share", must: []string{"payment.(*Desk).hand", "sandbox.(*Gateway).Refund", "payment:back", "payment.(*Desk).Returned"},
		ready: func(l *lane) func() error { return l.refund(l.paid("sandbox", 2), 1, 1000) }},
	{name: "refund by transfer", must: []string{"payment.(*Desk).Finish"},
		ready: func(l *lane) func() error {
			b := l.paid("bank", 1)
			r, err := l.m.Orders.Refund(l.ctx, once.Key{}, l.boss, b.ref, []order.Part{{Line: 1, Amount: 1000}}, "有几颗坏的")
			l.ok(err)
			return l.pressed(l.boss, l.api("refunds", b.Market, r, "finish"), object{"done": true})
		}},
	{name: "excess given back", must: []string{"payment.(*Desk).GiveBack"},
		ready: func(l *lane) func() error {
			b := l.paid("bank", 1)
			_, err := l.m.Orders.Confirm(l.ctx, l.boss, b.Market, b.Payment, 700, "MORE-"+b.Payment.String())
			l.ok(err)
			return l.pressed(l.boss, l.api("payments", b.Market, b.Payment, "give-back"), object{"reason": "多付了"})
		}},
	{name: "packed with less", must: []string{"order.(*Pipeline).Pack", "payment:refund"},
		ready: func(l *lane) func() error {
			b := l.upTo("sandbox", order.Accepted)
			return l.pressed(l.growers[0], l.api("orders", b.Market, b.ref.ID, "pack"), object{"weights": []object{{"line": 1, "quantity": 4900}}})
		}},
	{name: "cancel", must: []string{"order.(*Pipeline).Cancel", "payment:refund"},
		ready: func(l *lane) func() error {
			b := l.paid("sandbox", 1)
			return l.pressed(l.boss, l.api("orders", b.Market, b.ref.ID, "cancel"), object{"reason": "卖完了"})
		}},
	{name: "expire", must: []string{"sandbox.(*Gateway).Close", "order.(*Pipeline).tryEnd"},
		ready: func(l *lane) func() error {
			b := l.place("sandbox", 1)
			_, err := l.m.Orders.Pay(l.ctx, b.Market, b.Payment, "/")
			l.ok(err)
			return l.wake("order:expire", b.Payment.String())
		}},
	{name: "release", must: []string{"order.(*Pipeline).simply"},
		ready: func(l *lane) func() error {
			b := l.upTo("sandbox", order.Delivered)
			return l.pressed(l.buyer, l.api("orders", b.Market, b.ref.ID, "complete"), nil)
		}},
	{name: "commission matures", must: []string{"commission:mature"},
		ready: func(l *lane) func() error {
			b := l.upTo("sandbox", order.Completed)
			_, err := l.owner.Exec("UPDATE commissions SET payable_at = now() WHERE sale_id = $1", b.ref.ID)
			l.ok(err)
			return l.wake("commission:mature", b.ref.ID.String())
		}},
	{name: "complaint decided", must: []string{"dispute.(*Room).Decide", "payment:refund"},
		ready: func(l *lane) func() error {
			b, d := l.complained()
			return l.pressed(l.boss, l.api("orders", b.Market, b.ref.ID, "disputes", d.String(), "decide"), object{"lines": []object{{"line": 1, "amount_minor": 5000}}, "goods": "kept", "reason": "一半是碎的"})
		}},
	{name: "offer taken", must: []string{"dispute.(*Room).Take", "payment:refund"},
		ready: func(l *lane) func() error {
			b, d := l.complained()
			l.ok(l.m.Disputes.Say(l.ctx, once.Key{}, l.growers[0], dispute.Ref{Order: b.ref, ID: d}, dispute.Said{Text: "赔一半"}, 5000))
			return l.pressed(l.buyer, l.api("orders", b.Market, b.ref.ID, "disputes", d.String(), "take"), object{"offer_minor": 5000})
		}},
	{name: "goods taken back before release", must: []string{"returns.(*Room).step", "payment:refund"},
		ready: func(l *lane) func() error {
			b, back := l.sentBack(order.Delivered)
			return l.pressed(l.growers[0], l.api("orders", b.Market, b.ref.ID, "returns", back.String(), "receive"), object{"goods": "back"})
		}},
	{name: "goods taken back after release", must: []string{"returns.(*Room).step", "payment:refund"},
		ready: func(l *lane) func() error {
			b, back := l.sentBack(order.Completed)
			return l.pressed(l.boss, l.api("orders", b.Market, b.ref.ID, "returns", back.String(), "receive"), object{"goods": "lost"})
		}},
	{name: "chargeback opened", must: []string{"payment.(*Desk).Receive", "payment:news", "order.(*Pipeline).Chargeback"},
		ready: func(l *lane) func() error {
			b := l.paid("stripe", 1)
			l.bank.News()
			l.bank.Dispute(b.session, 0)
			return l.heard("charge.dispute.created")
		}},
	{name: "chargeback won", must: []string{"payment.(*Desk).Receive", "payment:news", "order.(*Pipeline).Chargeback"},
		ready: func(l *lane) func() error {
			_, d := l.disputed(order.Secured)
			l.bank.Decide(d, true)
			return l.heard("charge.dispute.closed")
		}},
	{name: "chargeback lost before release", must: []string{"payment.(*Desk).Receive", "payment:news", "order.(*Pipeline).Chargeback"},
		ready: func(l *lane) func() error {
			_, d := l.disputed(order.Secured)
			l.bank.Decide(d, false)
			return l.heard("charge.dispute.closed")
		}},
	{name: "chargeback lost after release", must: []string{"payment.(*Desk).Receive", "payment:news", "order.(*Pipeline).Chargeback"},
		ready: func(l *lane) func() error {
			_, d := l.disputed(order.Completed)
			l.bank.Decide(d, false)
			return l.heard("charge.dispute.closed")
		}},
	{name: "payout drafted", must: []string{"payout.(*Desk).Draft"}, tidy: (*lane).payOut,
		ready: func(l *lane) func() error {
			l.upTo("sandbox", order.Completed)
			return l.pressed(l.boss, "/api/v1/payouts", object{"market": "YL", "payees": []string{l.payees[0].String()}})
		}},
	{name: "payout approved and submitted", must: []string{"payout.(*Desk).Approve", "file of payout.(*Desk).submit", "commit of payout.(*Desk).submit"}, tidy: (*lane).payOut,
		ready: func(l *lane) func() error {
			b := l.drafted()
			return l.pressed(l.second, l.api("payouts", l.markets[0].ID, b.ID, "approve"), nil)
		}},
	{name: "payout paid", must: []string{"payout.(*Desk).Answer"}, tidy: (*lane).payOut,
		ready: func(l *lane) func() error {
			b := l.sent()
			return l.pressed(l.boss, l.api("payouts", l.markets[0].ID, b.ID, "answers"), object{"rows": []object{{"payout": l.rows(b)[0].ID.String(), "state": "paid"}}})
		}},
	{name: "payout returned", must: []string{"payout.(*Desk).Returned"}, tidy: (*lane).payOut,
		ready: func(l *lane) func() error {
			b := l.settled()
			return l.pressed(l.boss, l.api("payouts", l.markets[0].ID, b.ID, l.rows(b)[0].ID.String(), "returned"), object{"reason": "户名不符"})
		}},
	{name: "payout transferred", must: []string{"payout.(*Desk).Approve", "payout.(*Desk).carry", "stripe.(*Gateway).Transfer", "payout.(*Desk).sent", "payout:transfer"}, tidy: (*lane).transferAll,
		ready: func(l *lane) func() error {
			b := l.carried()
			return l.pressed(l.second, l.api("payouts", l.markets[0].ID, b.ID, "approve"), nil)
		}},
	{name: "transfer taken back", must: []string{"payout.(*Desk).Recall", "payout.(*Desk).attempt", "stripe.(*Gateway).Reverse", "payout.(*Desk).sent", "payout:reverse"}, tidy: (*lane).transferAll,
		ready: func(l *lane) func() error {
			b := l.transferred()
			return l.pressed(l.boss, l.api("payouts", l.markets[0].ID, b.ID, l.rows(b)[0].ID.String(), "recall"), object{"reason": "算错了"})
		}},
	{name: "bank line that pays", must: []string{"bank.(*Desk).take", "order.(*Pipeline).Confirm", "bank.(*Desk).Decide"},
		ready: func(l *lane) func() error {
			b := l.place("bank", 1)
			return l.pressed(l.boss, l.api("bank/lines", b.Market, l.line(b.Total)), object{"deed": "payment", "target": b.Payment.String()})
		}},
	{name: "bank line of nobody", must: []string{"bank.(*Desk).take", "bank.(*Desk).post", "bank.(*Desk).Decide"},
		ready: func(l *lane) func() error {
			return l.pressed(l.boss, l.api("bank/lines", l.markets[0].ID, l.line(700)), object{"deed": "unclaimed"})
		}},
	{name: "market square", must: []string{"payment.(*Desk).Square", "payment.(*Desk).squared", "payment:square"},
		ready: func(l *lane) func() error {
			l.paid("sandbox", 2)
			return l.pressed(l.boss, "/api/v1/between", object{"market": "YL", "to": "CJ", "amount_minor": 5000, "bank_reference": "S-" + id.New().String()})
		}},
}
