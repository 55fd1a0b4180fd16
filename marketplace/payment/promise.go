package payment

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// Promise is how far a payment has come whose payer saves a way to pay now and is
// charged later. Such a payment stays open until its sum has come.
type Promise string

// The steps of a promise. One that was refused is paid by hand, on a page of the
// gateway's like any other, until the payment expires.
const (
	PromiseAsked   Promise = "asked"   // the payer is to save a way to pay
	PromiseSaved   Promise = "saved"   // it is saved; nothing is taken
	PromiseCalled  Promise = "called"  // its sum is being taken
	PromiseRefused Promise = "refused" // it could not be taken
)

// Saver is a gateway that saves a way to pay and charges it later, without the payer.
// Its Look gives the objects of both: one at which a payer saves is open, saved or
// closed; a charge is captured, pending or refused, and open while that is not known.
type Saver interface {
	Gateway
	// Save makes the object at which a payer saves a way to pay. Nothing is taken.
	Save(ctx context.Context, i Intent) (Object, error)
	// Charge takes the sum by what was saved. Asked again it looks first what has
	// come of it. An answer that it was refused is final: the gateway has let go of
	// it, and no money comes of it later.
	Charge(ctx context.Context, c Charge) (Object, error)
	// Forget lets go of what was saved. Letting go of what is gone is no error.
	Forget(ctx context.Context, market int32, saved string) error
}

// Charge is what a gateway needs to take a sum by what was saved.
type Charge struct {
	Key       string // of this attempt
	Again     bool   // an earlier attempt was made: ask before doing
	Market    int32
	Payment   id.ID
	Reference string
	Amount    int64 // minor units
	Currency  string
	Saved     string
}

// Promised says whether a way to pay was saved for a payment.
func (p Payment) Promised() bool { return p.Promise != "" && p.Promise != PromiseAsked }

// Saves says whether a way to pay can be saved at a gateway.
func (d *Desk) Saves(way string) bool {
	_, can := d.gateways[way].(Saver)
	return can
}

// opening is what makes the object that this payment's payer goes to, and what its
// attempts are called.
func (p Payment) opening(g Gateway) (string, func(context.Context, Intent) (Object, error)) {
	if s, can := g.(Saver); can && p.Promise == PromiseAsked {
		return "save", s.Save
	}
	return "open", g.Open
}

// Save writes down that a payer has saved a way to pay. The caller holds the
// payment's lock.
func Save(tx *storage.Tx, p Payment, o Object) {
	tx.Queue("UPDATE payments SET promise = 'saved', pay_url = '', pending = false WHERE market_id = $1 AND id = $2", tx.Market, p.ID)
	tx.Queue("INSERT INTO payment_promises (market_id, payment_id, saved, saved_at) VALUES ($1, $2, $3, $4)", tx.Market, p.ID, o.Saved, tx.Now)
}

// Call says that saved sums are to be taken now. The caller holds the payments'
// locks and lets Desk.Charge follow, by jobs.
func Call(tx *storage.Tx, by id.ID, payments ...id.ID) {
	tx.Queue("UPDATE payments SET promise = 'called' WHERE market_id = $1 AND id = ANY($2::uuid[]) AND promise = 'saved'", tx.Market, ids(payments))
	tx.Queue("UPDATE payment_promises SET called_at = $3, called_by = $4 WHERE market_id = $1 AND payment_id = ANY($2::uuid[])", tx.Market, ids(payments), tx.Now, by)
}

// Turn says that a sum was refused: until a day it may be paid by hand. The caller
// holds the payment's lock.
func Turn(tx *storage.Tx, p Payment, why string, until time.Time) {
	tx.Queue("UPDATE payments SET promise = 'refused', object = '', pay_url = '', pending = false, expires_at = $3 WHERE market_id = $1 AND id = $2", tx.Market, p.ID, until)
	tx.Queue("UPDATE payment_promises SET refused_at = $3, why = $4 WHERE market_id = $1 AND payment_id = $2", tx.Market, p.ID, tx.Now, why)
}

// Charge lets the gateway take what was promised and has been called in, and gives
// the object of the charge. It may be called as often as one likes, by as many as
// like: the attempt is a row before the call, its key stays the same until the
// gateway has answered, and whoever calls again asks first.
func (d *Desk) Charge(ctx context.Context, p Payment) (Object, error) {
	g, err := d.saver(p.Gateway)
	if err != nil {
		return Object{}, err
	}
	c := Charge{Market: p.Home, Payment: p.ID, Reference: p.Reference, Amount: p.Due, Currency: p.Currency}
	err = d.db.View(ctx, p.Home, func(tx *storage.Tx) error {
		return tx.Get(&c.Saved, "SELECT saved FROM payment_promises WHERE market_id = $1 AND payment_id = $2", tx.Market, p.ID)
	})
	if err != nil {
		return Object{}, err
	}
	try, err := d.attempt(ctx, p.Home, p.ID, "charge")
	if err != nil {
		return Object{}, err
	}
	c.Key, c.Again = try.key, try.again
	o, err := g.Charge(ctx, c)
	if no, said := errors.AsType[*Refused](err); said && !no.Done {
		// It has done nothing, and kept nothing under the key: with another key two
		// calls that are under way could both be carried out.
		return o, fault.Conflict("gateway_refused").Because(err)
	}
	if err != nil {
		return o, d.unanswered(ctx, p.Home, try, err)
	}
	return o, d.db.Update(ctx, p.Home, func(tx *storage.Tx) error {
		tx.Keyed()
		answered(tx, try, "done", string(o.State)+" "+o.ID)
		if o.ID != "" && o.State != ObjectRefused {
			tx.Queue("UPDATE payments SET object = $3, pay_url = '', pending = $4 WHERE market_id = $1 AND id = $2 AND state = 'open' AND promise = 'called'", tx.Market, p.ID, o.ID, o.State == ObjectPending)
		}
		return nil
	})
}

func (d *Desk) saver(way string) (Saver, error) {
	g, err := d.Gateway(way)
	if err != nil {
		return nil, err
	}
	s, can := g.(Saver)
	if !can {
		return nil, fault.Invalid("way", "way_saves_nothing", fault.Args{"way": way})
	}
	return s, nil
}

// JobForget lets the gateway forget what was saved, once nothing is to be taken by
// it any more.
const JobForget = "payment:forget"

type forgetJob struct {
	Payment id.ID `json:"payment"`
}

// Over says that a promise has ended, whatever came of it: what was saved is
// forgotten, by a job. It does nothing where nothing was saved.
func (p Payment) Over(tx *storage.Tx) {
	if p.Promised() {
		jobs.Add(tx, JobForget, p.ID.String(), forgetJob{p.ID})
	}
}

// Forget is the job of JobForget.
func (d *Desk) Forget(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var f forgetJob
	if err := json.Unmarshal(j.Body, &f); err != nil {
		return nil, err
	}
	var p Payment
	var saved string
	err := d.db.View(ctx, j.Market, func(tx *storage.Tx) (err error) {
		if p, err = Find(tx, f.Payment); err != nil {
			return err
		}
		return tx.Get(&saved, "SELECT saved FROM payment_promises WHERE market_id = $1 AND payment_id = $2", tx.Market, f.Payment)
	})
	if err != nil {
		return nil, err
	}
	if p.State == Open {
		return nil, fault.Conflict("conflict") // whoever has added the job ends it
	}
	g, err := d.saver(p.Gateway)
	if err != nil {
		return nil, err
	}
	if err := g.Forget(ctx, j.Market, saved); err != nil {
		return nil, fault.Unavailable("gateway_down").Because(err)
	}
	return func(tx *storage.Tx) error {
		tx.Queue("UPDATE payment_promises SET forgotten_at = $3, saved = '' WHERE market_id = $1 AND payment_id = $2 AND forgotten_at IS NULL", tx.Market, f.Payment, tx.Now)
		return nil
	}, nil
}
