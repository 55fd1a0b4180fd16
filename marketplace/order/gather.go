package order

import (
	"context"
	"slices"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

// One checkout over several markets. Each market places in a transaction of its
// own, the home market last: its commit writes the payment, and with it the
// whole checkout stands. Until then nobody can pay for any of it.
//
// Who gives up writes into the home market, under the payment's id, that it will
// not come to be (payment.Never); the primary key decides between the two, so a
// checkout that was cut in the middle is either finished by whoever repeats it
// or undone by the job that each other market wrote with its part, never both.

// unfinished is how long a part waits for the home market before its own market
// asks what became of the checkout.
const unfinished = 2 * time.Minute

// gather places in all markets, or in none.
func (p *Pipeline) gather(ctx context.Context, key once.Key, kind Kind, a Ask, markets []placing) (Checkout, error) {
	if c, done, err := once.Answered[Checkout](ctx, p.db, markets[0].market.ID, key); err != nil || done {
		return c, err
	}
	// All that can be known beforehand is told at once, and promises nothing.
	if _, err := p.quote(ctx, kind, a, markets); err != nil {
		return Checkout{}, err
	}
	for range 5 { // the same press may have been undone by another of its repetitions
		c, undone, err := p.tryGather(ctx, key, kind, a, markets)
		if !undone {
			return c, err
		}
		for i := range markets { // the next try writes baskets of its own
			markets[i].basket = id.New()
			if err := p.seal(&markets[i], a.DeliverTo); err != nil {
				return Checkout{}, err
			}
		}
	}
	return Checkout{}, fault.Conflict("conflict")
}

func (p *Pipeline) tryGather(ctx context.Context, key once.Key, kind Kind, a Ask, markets []placing) (c Checkout, undone bool, err error) {
	home, others := markets[0], markets[1:]
	c = begin(a, home)
	var parts []Basket
	for i, m := range slices.Backward(others) {
		part, err := p.placePart(ctx, key, kind, a, c, m)
		if err != nil {
			return p.giveUp(ctx, key, c, others, err)
		}
		if i == len(others)-1 {
			c.Payment = part.Payment // of whichever repetition of this press was first
		} else if part.Payment != c.Payment { // which was cut between the two: neither comes to be
			if _, undone, err = p.giveUp(ctx, key, c, others, nil); !undone {
				return c, false, err
			}
			c.Payment = part.Payment
			return p.giveUp(ctx, key, c, others, nil)
		}
		parts = append([]Basket{part.Baskets[0]}, parts...)
	}
	done, err := once.Do(ctx, p.db, c.Market, key, func(tx *storage.Tx) (Checkout, error) {
		return p.place(tx, kind, a, c, home, parts)
	})
	switch {
	case err == nil:
		return done, false, nil
	case payment.Met(err): // a repetition has given up what this one takes part in
		return p.giveUp(ctx, key, c, others, nil)
	}
	return p.giveUp(ctx, key, c, others, home.named(err))
}

// placePart places in a market that is not the payment's home.
func (p *Pipeline) placePart(ctx context.Context, key once.Key, kind Kind, a Ask, c Checkout, m placing) (Checkout, error) {
	part, err := once.Do(ctx, p.db, m.market.ID, key, func(tx *storage.Tx) (Checkout, error) {
		jobs.Add(tx, JobFollow, c.Payment.String()+":placed", followJob{Home: c.Market, Payment: c.Payment, Key: key.Key}, tx.Now.Add(unfinished))
		return p.place(tx, kind, a, c, m, nil)
	})
	return part, m.named(err)
}

// giveUp decides in the home market that a checkout will not come to be and undoes
// its parts. It gives why back, or undone where there is no reason but the haste
// of another repetition. Where the checkout stands already, that repetition was
// faster, and its answer is the answer. A part that cannot be undone now is undone
// by its own job.
func (p *Pipeline) giveUp(ctx context.Context, key once.Key, c Checkout, others []placing, why error) (_ Checkout, undone bool, _ error) {
	if _, refused := fault.As(why); why != nil && !refused {
		return c, false, why // unknown what has happened: the jobs find out
	}
	state, err := p.never(ctx, c.Market, c.Payment, c.Way, c.Currency)
	if err != nil {
		return c, false, err
	}
	if state != payment.Closed {
		if done, found, err := once.Answered[Checkout](ctx, p.db, c.Market, key); err != nil || found {
			return done, false, err
		}
	}
	for _, m := range others {
		_ = p.follow(ctx, m.market.ID, followJob{Home: c.Market, Payment: c.Payment, Key: key.Key}) // else by its job
	}
	return c, why == nil, why
}

// never writes that a payment will not come to be, and gives the state that it
// has now: closed, unless it stands already.
func (p *Pipeline) never(ctx context.Context, home int32, pay id.ID, way, currency string) (payment.State, error) {
	err := p.db.Update(ctx, home, func(tx *storage.Tx) error {
		tx.Keyed()
		payment.Never(tx, pay, way, currency)
		return nil
	})
	if err != nil {
		return "", err
	}
	var is payment.Payment
	err = p.db.View(ctx, home, func(tx *storage.Tx) (err error) { is, err = payment.Find(tx, pay); return })
	return is.State, err
}
