package payout

import (
	"context"
	"fmt"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// JobTransfer carries one payout to the gateway; its key is the payout.
const JobTransfer = "payout:transfer"

// Why a transfer came to nothing, besides the gateway's own words.
const (
	NotEnough = "balance_insufficient" // for three days there was too little at the gateway
	noAccount = "account_stopped"      // since the approval the account was stopped or changed
)

const (
	poorAgain = time.Hour        // how soon it is tried again where there was too little
	poorFor   = 72 * time.Hour   // and how long
	unsure    = 10 * time.Minute // how long a call without an answer may still have its work done
)

// dispatch lets the payouts of an approved batch go to the gateway, each by a job of
// its own. Twice is once.
func (d *Desk) dispatch(ctx context.Context, market int32, batch id.ID) (Batch, error) {
	return d.underway(ctx, market, batch, func(tx *storage.Tx, all []Payout) {
		for _, o := range all {
			jobs.Add(tx, JobTransfer, o.ID.String(), struct{}{})
		}
	})
}

// Carrier is the handler of JobTransfer.
func (d *Desk) Carrier() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		payout, ok := id.Parse(j.Key)
		if !ok {
			return nil, fmt.Errorf("payout: the job's key is no payout: %q", j.Key)
		}
		return func(*storage.Tx) error { return nil }, d.carry(ctx, j.Market, payout)
	}}
}

// outgoing reads what a call about a payout needs.
func (d *Desk) outgoing(ctx context.Context, market int32, payout id.ID) (o Payout, t Transfer, err error) {
	err = d.db.View(ctx, market, func(tx *storage.Tx) error {
		if o, err = FindPayout(tx, payout); err == nil {
			_, t, err = o.transfer(tx)
		}
		return err
	})
	return o, t, err
}

// transfer is the payout as a gateway is asked for it, and the account it goes to.
func (p Payout) transfer(tx *storage.Tx) (payable.BankAccount, Transfer, error) {
	a, err := payable.FindAccount(tx, p.AccountID)
	if err != nil {
		return a, Transfer{}, err
	}
	b, err := Find(tx, p.BatchID)
	return a, Transfer{Market: tx.Market, Payout: p.ID, Batch: b.ID, Number: b.Number + "-" + p.Number(), Object: a.Object, Name: p.Transfer, Amount: p.Amount, Currency: b.Currency}, err
}

// carry makes a transfer, or finds that it was made. A call whose end is unknown is
// asked about before another is made. What the gateway refuses comes to nothing: its
// request is posted back and its payables are open again; where there is too little
// at the gateway it is tried again for three days.
func (d *Desk) carry(ctx context.Context, market int32, payout id.ID) error {
	var o Payout
	var a payable.BankAccount
	var t Transfer
	var g Gateway
	var call *try
	err := d.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		g, call = nil, nil
		tx.Keyed() // a row more that nobody has answered: the key is the same
		// Under the batch's lock: what came to nothing is called no more, and what
		// is being called does not come to nothing.
		if o, err = hold(tx, payout); err != nil || o.State != InTransit || o.Gateway == "" {
			return err
		}
		if g, err = d.gateway(o.Gateway); err != nil {
			return err
		}
		if a, t, err = o.transfer(tx); err != nil || a.State != payable.Active {
			return err
		}
		made, err := attempt(tx, payout, "transfer")
		call, t.Key = &made, made.key
		return err
	})
	if err != nil || g == nil {
		return err
	}
	if call == nil || call.again {
		s, found, err := g.Find(ctx, t)
		if err != nil {
			return fault.Unavailable("gateway_down").Because(err)
		}
		if found {
			return d.sent(ctx, market, t, call, s)
		}
	}
	if call == nil {
		return d.cameToNothing(ctx, market, payout, noAccount)
	}
	s, err := g.Transfer(ctx, t)
	if err == nil {
		return d.sent(ctx, market, t, call, s)
	}
	no, err := d.refusal(ctx, market, *call, err)
	switch {
	case err != nil:
		return err
	case no.Poor && d.db.Now().Sub(o.ChangedAt) < poorFor:
		return d.poor(ctx, market, payout)
	case no.Poor:
		return d.cameToNothing(ctx, market, payout, NotEnough)
	}
	if err := d.cameToNothing(ctx, market, payout, no.Why); err != nil {
		return err
	}
	return d.Ask(ctx, market, a.ID) // what it refuses it may have said of the account
}

// poor writes down that there was too little at the gateway, and lets it be tried again.
func (d *Desk) poor(ctx context.Context, market int32, payout id.ID) error {
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE payouts SET bank_status = $3 WHERE market_id = $1 AND id = $2 AND state = 'in_transit'`, market, payout, NotEnough)
		return nil
	})
	if err != nil {
		return err
	}
	return &jobs.Again{At: d.db.Now().Add(poorAgain)}
}

// cameToNothing posts a payout back that the gateway has not made. While another
// call may still be at work it waits.
func (d *Desk) cameToNothing(ctx context.Context, market int32, payout id.ID, why string) error {
	var atWork *time.Time
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		o, err := hold(tx, payout)
		if err != nil || o.State != InTransit {
			return err
		}
		if atWork, err = lastUnknown(tx, payout, "transfer", tx.Now.Add(-unsure)); err != nil || atWork != nil {
			return err
		}
		trail.Write(tx, people.System.ID, "payout.answer", "payout_batch:"+o.BatchID.String(), why)
		return takeBack(tx, o, people.System.ID, why)
	})
	if err == nil && atWork != nil {
		err = &jobs.Again{At: atWork.Add(unsure)}
	}
	return err
}

// sent posts that a payout was transferred, and, where all of it was taken back by
// then, that it came home. It refuses another sum than was asked for.
func (d *Desk) sent(ctx context.Context, market int32, t Transfer, of *try, s Sent) error {
	if s.Amount != t.Amount || s.Currency != t.Currency {
		return fmt.Errorf("payout: %s is %d %s, the gateway has transferred %d %s as %s", t.Payout, t.Amount, t.Currency, s.Amount, s.Currency, s.Name)
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		o, err := hold(tx, t.Payout)
		if err != nil {
			return err
		}
		if of != nil {
			answered(tx, *of, "done", s.Name)
		}
		if o.State == InTransit {
			b, all, err := batchOf(tx, o)
			if err != nil {
				return err
			}
			tx.Queue(`UPDATE payouts SET transfer = $3, bank_status = '' WHERE market_id = $1 AND id = $2`, market, o.ID, s.Name)
			if err := tx.Flush(); err != nil { // its row is written again
				return err
			}
			trail.Write(tx, people.System.ID, "payout.answer", "payout_batch:"+b.ID.String(), "")
			if err := b.settle(tx, people.System.ID, all, heard{paid: []Payout{o}}); err != nil {
				return err
			}
			if o.State = Paid; s.Back != s.Amount {
				return nil
			}
			if err := tx.Flush(); err != nil {
				return err
			}
		}
		if o.State != Paid || s.Back != s.Amount {
			return nil
		}
		by, why, err := recaller(tx, o.ID)
		if err != nil {
			return err
		}
		return cameHome(tx, o, by, why)
	})
}
