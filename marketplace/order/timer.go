package order

import (
	"context"
	"encoding/json"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// The jobs of this room.
const (
	JobExpire = "order:expire" // a checkout whose money did not come in time
	JobTimer  = "order:timer"  // an order that stayed in a state as long as it may
	JobSeen   = "order:seen"   // a person has something in this market
	JobSweep  = "order:sweep"  // look at the open payments of a market
	JobSpread = "order:spread" // tell the other markets what became of a payment
	JobFollow = "order:follow" // do what the home market of a payment has decided
)

type (
	expireJob struct {
		Payment id.ID `json:"payment"`
		Drop    bool  `json:"drop,omitempty"` // a promise that was not paid by hand either
	}
	timerJob struct {
		Order id.ID `json:"order"`
		State State `json:"state"`
	}
	seenJob struct {
		Person id.ID `json:"person"`
	}
)

// Expire is the timer of a checkout: what was not paid in time ends.
func (p *Pipeline) Expire(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var e expireJob
	if err := json.Unmarshal(j.Body, &e); err != nil {
		return nil, err
	}
	to, why := Expired, "timeout"
	if e.Drop {
		to, why = Cancelled, ByRefusal
	}
	if err := p.end(ctx, System, j.Market, e.Payment, to, why); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, nil
}

// afterwards is what the system does with an order that stayed too long.
var afterwards = map[State]State{
	Secured:   Cancelled, // the seller was silent
	Accepted:  Cancelled, // never packed
	Packed:    Cancelled, // never shipped
	Shipped:   Delivered,
	Delivered: Completed,
}

// Timer is the timer of one state of one order. When the order has moved on,
// there is nothing to do. A frozen order is asked again a day later.
func (p *Pipeline) Timer(tx *storage.Tx, j jobs.Job) error {
	var t timerJob
	if err := json.Unmarshal(j.Body, &t); err != nil {
		return err
	}
	o, err := p.lock(tx, Ref{j.Market, t.Order})
	if err != nil || o.State != t.State {
		return err
	}
	to, known := afterwards[o.State]
	if !known {
		return nil
	}
	if to == Delivered || to == Completed {
		if frozen, err := Frozen(tx, o.ID); err != nil {
			return err
		} else if frozen {
			return &jobs.Again{At: tx.Now.AddDate(0, 0, 1)}
		}
	}
	switch to {
	case Cancelled:
		err = p.cancelSecured(tx, &o, System, "timeout")
	case Delivered:
		err = p.waited(tx, &o)
	default:
		err = p.move(tx, &o, to, System, "timeout")
	}
	if fault.Has(err, "refund_frozen") {
		return &jobs.Again{At: tx.Now.AddDate(0, 0, 1)} // its refund waits for the bank's decision
	}
	return err
}

// Seen writes the market into the person's own list, so that "my orders" knows
// where to look.
func (p *Pipeline) Seen(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var s seenJob
	if err := json.Unmarshal(j.Body, &s); err != nil {
		return nil, err
	}
	err := p.db.UpdateUser(ctx, s.Person, func(tx *storage.Tx) error {
		tx.Keyed()
		people.Seen(tx, j.Market)
		return nil
	})
	if err != nil {
		return nil, err
	}
	// After the commit: a guest who was claimed before this market was written
	// down is claimed here.
	var owner id.ID
	err = p.db.ViewUser(ctx, s.Person, func(tx *storage.Tx) (err error) { owner, err = ownerOf(tx, s.Person); return })
	return func(tx *storage.Tx) error {
		if owner == id.None {
			return nil
		}
		jobs.Add(tx, JobClaim, s.Person.String()+":later", claimJob{Guest: s.Person, Person: owner}, tx.Now.Add(straggler))
		return p.claim(tx, claimJob{Guest: s.Person, Person: owner})
	}, err
}
