package order

import (
	"context"
	"errors"
	"fmt"

	"commonfield/agents/commission"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// Pay opens a checkout's payment at its gateway and gives it with the address
// of the pay page. Calling it twice is calling it once.
func (p *Pipeline) Pay(ctx context.Context, market int32, payment id.ID, back string) (payment.Payment, error) {
	return p.desk.Begin(ctx, market, payment, back)
}

// Settle asks the gateway how a payment stands and, when its money has come,
// secures the checkout. The browser's return, the gateway's news and the sweeper
// all end here; whichever is first does the work, the others change nothing. From
// another market than the payment's home it settles at home.
func (p *Pipeline) Settle(ctx context.Context, market int32, pay id.ID) (payment.Payment, error) {
	var due payment.Payment
	err := p.db.View(ctx, market, func(tx *storage.Tx) (err error) { due, err = payment.Find(tx, pay); return })
	if err == nil && due.Home != market {
		return p.Settle(ctx, due.Home, pay)
	}
	if err != nil || due.State == payment.Captured {
		return due, err
	}
	if due.Promise == payment.PromiseSaved || due.Promise == payment.PromiseCalled {
		return p.callIn(ctx, due)
	}
	seen, err := p.desk.Look(ctx, market, due)
	if err != nil {
		return due, err
	}
	switch seen.State {
	case payment.ObjectCaptured:
		return p.Captured(ctx, market, pay, seen)
	case payment.ObjectSaved:
		return p.promise(ctx, market, pay, seen)
	}
	return due, p.desk.Note(ctx, due, seen)
}

// Captured writes down what the gateway says it has taken. What is not what was
// asked is held for a person, and nothing is secured by it.
func (p *Pipeline) Captured(ctx context.Context, market int32, pay id.ID, seen payment.Object) (payment.Payment, error) {
	var due payment.Payment
	err := p.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		var orders []Order
		if due, orders, err = lockPaid(tx, pay); err != nil || due.Captured >= seen.Captured {
			return err // somebody was first
		}
		if why := due.Odd(seen); why != "" {
			if due.State == payment.Closed && due.Captured == 0 && why != "amount" {
				return nil // held already
			}
			if due.Promise == payment.PromiseCalled {
				jobs.Add(tx, JobExpire, pay.String()+":repair", expireJob{Payment: pay, Drop: true})
			}
			err = p.desk.Hold(tx, due, seen, why)
			due.State = payment.Closed
			return err
		}
		g, err := p.desk.Gateway(due.Gateway)
		if err != nil {
			return err
		}
		payment.Later(tx, due, seen)
		due, err = p.arrive(tx, due, orders, arrival{sum: seen.Captured - due.Captured, fee: max(seen.Fee-due.Fee, 0), account: g.Arrives(), cause: fmt.Sprintf("payment:%s:captured:%d", due.ID, seen.Captured), by: System, seen: &seen})
		return err
	})
	if err == nil {
		p.now(ctx, due, ending{})
	}
	return due, err
}

// Confirm says that a transfer has come to the bank; only an operator or the
// system may. The bank's own reference is the business key: confirming the same
// line of the statement twice is confirming it once, and one that was booked for
// another payment or sum is refused (reference_used). A smaller sum is kept until the rest comes; what is too
// much waits as unclaimed; money for a basket that has ended goes back. Over
// several markets an operator of the payment's home confirms the whole sum.
func (p *Pipeline) Confirm(ctx context.Context, by By, market int32, pay id.ID, sum int64, bankRef string) (payment.Payment, error) {
	var due payment.Payment
	if by.As != AsOperator && by.As != AsSystem {
		return due, fault.Forbidden("forbidden")
	}
	if sum <= 0 || sum > payment.MostSum {
		m, err := p.books.Market(ctx, market)
		if err != nil {
			return due, err
		}
		return due, fault.Invalid("amount", "out_of_range", fault.Args{"min": int64(1), "max": payment.MostSum, "currency": m.Currency})
	}
	if bankRef == "" {
		return due, fault.Invalid("bank_reference", "required")
	}
	cause := "transfer:" + bankRef
	err := p.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		var orders []Order
		if due, orders, err = lockPaid(tx, pay); err != nil {
			return err
		}
		g, err := p.desk.Gateway(due.Gateway)
		if err != nil {
			return err
		}
		if g.Name() != "bank" {
			return fault.Conflict("not_a_transfer")
		}
		if due.Home != market {
			return fault.Conflict("confirm_at_home")
		}
		was, err := ledger.OfCause(tx, cause)
		if err != nil {
			return err
		}
		if len(was) > 0 {
			return sameTransfer(was, due, g.Arrives(), sum)
		}
		due, err = p.arrive(tx, due, orders, arrival{sum: sum, account: g.Arrives(), cause: cause, by: by})
		return err
	})
	if err == nil && due.State == payment.Captured {
		p.now(ctx, due, ending{})
	}
	return due, err
}

// sameTransfer refuses a line of the statement that was booked as another.
func sameTransfer(was []ledger.Posting, due payment.Payment, account string, sum int64) error {
	for _, l := range was {
		if l.Debit == account {
			sum -= l.Amount
		}
	}
	if sum != 0 || was[0].Note != due.Reference {
		return fault.Conflict("reference_used").On("bank_reference")
	}
	return nil
}

type arrival struct {
	sum, fee int64  // what has come now, and what the gateway kept of that
	account  string // where the money is now
	cause    string
	by       By
	seen     *payment.Object // the gateway's, where it has one
}

// arrive books money that has come for a locked payment and does what follows.
func (p *Pipeline) arrive(tx *storage.Tx, due payment.Payment, orders []Order, a arrival) (payment.Payment, error) {
	before := due.Captured
	waiting := len(orders) > 0 && orders[0].State.Waits()
	due = payment.Count(tx, due, a.sum, a.fee)
	unclaimed := ledger.Unclaimed(due.ID.String())
	entry := ledger.Entry{Cause: a.cause, By: a.by.ID, Note: due.Reference, Legs: []ledger.Leg{{Debit: ledger.CostGateway, Credit: a.account, Amount: a.fee}}}
	switch {
	case due.State == payment.Captured && waiting:
		due.Over(tx)
		return due, p.take(tx, due, orders, before, a)
	case waiting: // a part of the sum: kept until the rest comes
		partCame(tx, due.ID, a.cause)
		entry.Legs = append(entry.Legs, ledger.Leg{Debit: a.account, Credit: unclaimed, Amount: a.sum})
		return due, ledger.Post(tx, entry)
	case len(orders) > 0 && !orders[0].State.dead(): // paid already: too much
		entry.Legs = append(entry.Legs, ledger.Leg{Debit: a.account, Credit: unclaimed, Amount: a.sum})
		return due, ledger.Post(tx, entry)
	}
	// The basket has ended: money that comes late is given back by itself.
	r := payment.Refund{ID: id.New(), Payment: due.ID, Sale: due.Sale, Cause: "late:" + a.cause, Amount: a.sum, By: System.ID, Reason: "late"}
	entry.Legs = append(entry.Legs,
		ledger.Leg{Debit: a.account, Credit: unclaimed, Amount: a.sum},
		ledger.Leg{Debit: unclaimed, Credit: ledger.TransitRefund(r.ID), Amount: a.sum})
	payment.Ask(tx, r)
	return due, ledger.Post(tx, entry)
}

// Waits says whether an order waits for its money.
func (s State) Waits() bool { return s == Placed || s == Promised }

// dead says whether an order came to nothing.
func (s State) dead() bool { return s == Cancelled || s == Expired }

// take secures a basket whose whole sum has come: the home market's own part is
// held for its orders, the others' shares are owed to their markets, which take
// them by their own jobs.
func (p *Pipeline) take(tx *storage.Tx, due payment.Payment, orders []Order, before int64, a arrival) error {
	shares, err := due.Elsewhere(tx)
	if err != nil {
		return err
	}
	if a.seen != nil && len(shares) > 0 {
		if err := knows(*a.seen, tx.Market, due, due.Own(shares)); err != nil {
			return err
		}
	}
	fees := costs{payment.ShareFee(tx, due, shares, due.Fee) - (due.Fee - a.fee), a.fee, a.account}
	from := purse{waits: ledger.Unclaimed(due.ID.String()), before: before, account: a.account, now: a.sum}
	entries := []ledger.Entry{{Cause: a.cause, By: a.by.ID, Note: due.Reference, Legs: fees.own()}}
	for _, o := range orders {
		entries[0].Legs = append(append(entries[0].Legs, from.give(ledger.HeldOrder(o.ID), o.Total)...), o.borne())
	}
	// The rest is nobody's yet: the shares go on from there, what is too much stays.
	entries[0].Legs = append(entries[0].Legs, ledger.Leg{Debit: a.account, Credit: from.waits, Amount: from.now})
	for _, s := range shares {
		other := ledger.Intermarket(s.Market)
		entries = append(entries, ledger.Entry{Cause: shareCause(due.ID, s.Market), By: a.by.ID, Note: due.Reference,
			Legs: append(fees.of(other, s.Fee), ledger.Leg{Debit: from.waits, Credit: other, Amount: s.Amount})})
	}
	if err := ledger.Post(tx, entries...); err != nil {
		return err
	}
	spread(tx, due, payment.Captured, ending{})
	return p.secure(tx, orders, a.by)
}

// borne is what the market pays of an order, by its discount.
func (o Order) borne() ledger.Leg {
	return ledger.Leg{Debit: ledger.CostDiscount, Credit: ledger.HeldOrder(o.ID), Amount: o.Bears}
}

// purse is money that has come: what waited from earlier transfers goes first,
// then what has come now.
type purse struct {
	waits       string
	before, now int64
	account     string
}

func (p *purse) give(to string, want int64) []ledger.Leg {
	first := min(want, p.before)
	then := min(want-first, p.now)
	p.before, p.now = p.before-first, p.now-then
	var legs []ledger.Leg
	if first > 0 {
		legs = append(legs, ledger.Leg{Debit: p.waits, Credit: to, Amount: first})
	}
	if then > 0 {
		legs = append(legs, ledger.Leg{Debit: p.account, Credit: to, Amount: then})
	}
	return legs
}

// secure moves all orders of a basket: from here on each lives for itself.
func (p *Pipeline) secure(tx *storage.Tx, orders []Order, by By) error {
	tx.Queue("UPDATE baskets SET state = 'secured' WHERE market_id = $1 AND id = $2", tx.Market, orders[0].Basket)
	var earning []id.ID
	for _, o := range orders {
		if o.Agent != nil {
			earning = append(earning, o.ID)
		}
	}
	if err := commission.Earn(tx, earning...); err != nil {
		return err
	}
	all := make([]*Order, len(orders))
	for i := range orders {
		all[i] = &orders[i]
		if p.kinds[orders[i].Kind].Release == Secured {
			// What is shared out at once must know its lines.
			if err := withLines(tx, all[i]); err != nil {
				return err
			}
		}
	}
	if err := p.moveAll(tx, all, Secured, by.orSystem(), ""); err != nil {
		return err
	}
	for _, o := range all {
		if p.kinds[o.Kind].after(Secured) == Completed {
			if err := p.move(tx, o, Completed, System, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// orSystem: only the system or an operator secures.
func (b By) orSystem() By {
	if b.As == AsOperator {
		return b
	}
	return System
}

// News is the job that looks at a payment, or a refund, after the gateway's news.
func (p *Pipeline) News(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	n, err := payment.ReadNews(j)
	if err != nil {
		return nil, err
	}
	if n.Charged {
		return func(*storage.Tx) error { return nil }, p.heardOfBank(ctx, j.Market, n, j.Body)
	}
	if n.Refund != id.None {
		return func(*storage.Tx) error { return nil }, p.desk.Follow(ctx, j.Market, n.Refund)
	}
	if _, err := p.Settle(ctx, j.Market, n.Payment); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, nil
}

// Sweep looks at every open payment of a market, so that everything converges
// also when no news ever comes. It gives how many were captured. One that fails
// does not keep the others from being looked at.
func (p *Pipeline) Sweep(ctx context.Context, market int32) (int, error) {
	const page = 100
	n, last := 0, id.None
	var failed []error
	for {
		var open []payment.Payment
		err := p.db.View(ctx, market, func(tx *storage.Tx) (err error) { open, err = payment.Stale(tx, last, page); return })
		if err != nil {
			return n, err
		}
		for _, due := range open {
			last = due.ID
			got, err := p.Settle(ctx, market, due.ID)
			if err != nil {
				failed = append(failed, err)
			} else if got.State == payment.Captured {
				n++
			}
		}
		if len(open) < page || ctx.Err() != nil {
			return n, errors.Join(failed...)
		}
	}
}
