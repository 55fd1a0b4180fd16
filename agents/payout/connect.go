package payout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commonfield/agents/payable"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// Connect gives a payee an account at the gateway, in the place of what they had,
// and an address where they tell it who they are; of one they have, another address.
// Doing it twice is having one account. Until the gateway has said that it may be
// paid to, nothing goes there. It refuses without a gateway (fault.Conflict
// gateway_off), and where the gateway does not answer (gateway_down): then it is
// tried again.
func (d *Desk) Connect(ctx context.Context, market int32, payee, by id.ID, back string) (payable.BankAccount, string, error) {
	var a payable.BankAccount
	g, err := d.gateway(d.Payer())
	if err != nil {
		return a, "", err
	}
	err = d.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed() // the same gateway is looked up first
		a, err = payable.SetGateway(tx, payee, g.Name(), g.Title(), by)
		return err
	})
	if err != nil {
		return a, "", err
	}
	if a.Object == "" {
		if a, err = d.enrol(ctx, g, market, a); err != nil {
			return a, "", err
		}
	}
	url, err := g.Link(ctx, a.Object, back)
	if err != nil {
		return a, "", down(err)
	}
	return a, url, nil
}

// enrol makes the account at the gateway, and writes its name down.
func (d *Desk) enrol(ctx context.Context, g Gateway, market int32, a payable.BankAccount) (payable.BankAccount, error) {
	t, err := d.attempt(ctx, market, a.ID, "account")
	if err != nil {
		return a, err
	}
	object, err := g.Enrol(ctx, Enrolment{Key: t.key, Market: market, Payee: a.Payee, Account: a.ID})
	if err != nil {
		no, err := d.refusal(ctx, market, t, err)
		if no != nil {
			err = fault.Conflict("gateway_refused").Because(no)
		}
		return a, err
	}
	err = d.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed() // the first name stands
		answered(tx, t, "done", object)
		payable.Named(tx, a.ID, object)
		jobs.Add(tx, JobAsk, a.ID.String()+":made", asked{a.ID}, tx.Now.Add(2*time.Minute))
		if err := tx.Flush(); err != nil {
			return err
		}
		a, err = payable.FindAccount(tx, a.ID)
		return err
	})
	return a, err
}

func down(err error) error {
	if no, said := errors.AsType[*Refused](err); said && !no.Done {
		return fault.Conflict("gateway_refused").Because(err)
	}
	return fault.Unavailable("gateway_down").Because(err)
}

// JobAsk asks the gateway how a payee's account stands.
const JobAsk = "payout:ask"

type asked struct {
	Account id.ID `json:"account"`
}

// Asker is the handler of JobAsk.
func (d *Desk) Asker() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		body, err := readJob[asked](j)
		if err != nil {
			return nil, err
		}
		return func(*storage.Tx) error { return nil }, d.Ask(ctx, j.Market, body.Account)
	}}
}

// Ask asks the gateway how an account stands, and writes it down. Twice is once.
func (d *Desk) Ask(ctx context.Context, market int32, account id.ID) error {
	var a payable.BankAccount
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { a, err = payable.FindAccount(tx, account); return })
	if err != nil || a.Object == "" || a.State == payable.Closed {
		return err
	}
	g, err := d.gateway(a.Gateway)
	if err != nil {
		return err
	}
	told, err := g.Stands(ctx, a.Object)
	if err != nil {
		return down(err)
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the same word changes nothing
		return payable.Heard(tx, account, told)
	})
}

// News is what a gateway tells of a payee's account or of a payout: where to look,
// nothing more.
type News struct {
	Event  string
	Object string // the account's name there
	Payout id.ID  // ours
}

// Hear takes news of the gateway that pays: once for an event. What is not of an
// account or a payout of ours leaves nothing.
func (d *Desk) Hear(ctx context.Context, market int32, gateway string, n News) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the event is the key
		if n.Payout != id.None {
			o, err := FindPayout(tx, n.Payout)
			if err == nil && o.Gateway == gateway {
				jobs.Add(tx, JobLook, n.Event, looked{n.Payout})
			}
			return unless(err, "payout_unknown")
		}
		a, err := payable.AccountAt(tx, gateway, n.Object)
		if err == nil {
			jobs.Add(tx, JobAsk, n.Event, asked{a.ID})
		}
		return unless(err, "bank_account_missing")
	})
}

func unless(err error, code string) error {
	if fault.Has(err, code) {
		return nil
	}
	return err
}

// How long nobody asks of an account by itself: of one that is not ready, of others.
const (
	soonAsked = 15 * time.Minute
	lateAsked = 24 * time.Hour
)

// Sweep asks the gateway of what is under way: transfers, what is asked back, and
// accounts of which nothing was heard. With it everything ends well though no news
// comes. It tells what went wrong of all, after it has tried all.
func (d *Desk) Sweep(ctx context.Context, market int32) error {
	if d.payer == nil {
		return nil
	}
	var flying, recalled []id.ID
	var accounts []payable.BankAccount
	err := d.db.View(ctx, market, func(tx *storage.Tx) error {
		if err := tx.Select(&flying, `SELECT o.id FROM payouts o JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
WHERE o.market_id = $1 AND o.state = 'in_transit' AND a.gateway = $2 AND o.changed_at < $3
  AND NOT EXISTS (SELECT 1 FROM payout_attempts t WHERE t.market_id = $1 AND t.subject_id = o.id AND t.what = 'transfer' AND t.created_at > $4) ORDER BY o.id LIMIT 200`,
			market, d.payer.Name(), tx.Now.Add(-quiet), tx.Now.Add(-poorAgain-quiet)); err != nil {
			return err
		}
		if err := tx.Select(&recalled, `SELECT id FROM payouts WHERE market_id = $1 AND state = 'paid' AND recalled_at < $2 ORDER BY id LIMIT 200`, market, tx.Now.Add(-quiet)); err != nil {
			return err
		}
		var err error
		accounts, err = payable.ToAsk(tx, tx.Now.Add(-soonAsked), tx.Now.Add(-lateAsked), 100)
		return err
	})
	failed := []error{err}
	for _, o := range flying {
		if err := d.carry(ctx, market, o); err != nil && !isAgain(err) {
			failed = append(failed, fmt.Errorf("payout %s: %w", o, err))
		}
	}
	for _, o := range recalled {
		if err := d.reverse(ctx, market, o); err != nil && !isAgain(err) {
			failed = append(failed, fmt.Errorf("payout %s: %w", o, err))
		}
	}
	for _, a := range accounts {
		failed = append(failed, d.Ask(ctx, market, a.ID))
	}
	return errors.Join(failed...)
}

// quiet is how long the sweeper leaves to the jobs.
const quiet = 5 * time.Minute

func isAgain(err error) bool {
	_, is := errors.AsType[*jobs.Again](err)
	return is
}
