package order

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// A promise is an order whose buyer has saved a way to pay and is charged later,
// when what it is for has come about. Nothing of it is in the books until then. Its
// life before that: the buyer saves (promised), somebody calls it in (Charge), and it
// is taken (secured), or it is refused and the buyer has some days to pay by hand.

const (
	// JobCharge takes the sum of one promise that was called in.
	JobCharge = "order:charge"
	// JobDrop lets one promise go that will not be called in.
	JobDrop = "order:drop"
	// JobRefused says that a promise could not be taken, for the rooms above to tell.
	JobRefused = "order:refused"
)

// ByRefusal is why an order was cancelled whose promise could be taken neither by
// what was saved nor by hand.
const ByRefusal = "card_refused"

// repair is how long a buyer may pay by hand where their kind says nothing.
const repair = 7 * 24 * time.Hour

type (
	chargeJob struct {
		Payment id.ID `json:"payment"`
	}
	dropJob struct {
		Payment id.ID  `json:"payment"`
		Why     string `json:"why"`
	}
)

// Refused is the body of JobRefused.
type Refused struct {
	Payment id.ID     `json:"payment"`
	Order   id.ID     `json:"order"` // the first of its basket
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"` // by when it may be paid by hand
}

// promise is what an ask makes of its payment.
func (a Ask) promise() payment.Promise {
	if a.Later {
		return payment.PromiseAsked
	}
	return ""
}

// mayPromise refuses a promise of a kind that is paid at once (cannot_promise), by a
// way that saves nothing (way_saves_nothing), or over several markets
// (promise_one_market).
func (p *Pipeline) mayPromise(kind Kind, a Ask, markets int) error {
	switch {
	case !a.Later:
		return nil
	case !slices.Contains(kind.Path, Promised):
		return fault.Invalid("kind", "cannot_promise")
	case !p.desk.Saves(a.Way):
		return fault.Invalid("way", "way_saves_nothing", fault.Args{"way": a.Way})
	case markets > 1:
		return fault.Invalid("items", "promise_one_market")
	}
	return nil
}

// bound refuses to end what is called in: its sum may be on its way at this moment.
// One that was refused is the buyer's to pay, or to let pass.
func bound(due payment.Payment, by By) error {
	if due.State == payment.Open && (due.Promise == payment.PromiseCalled || due.Promise == payment.PromiseRefused && by.As == AsBuyer) {
		return fault.Conflict("promise_called")
	}
	return nil
}

// promise writes down that the buyer of a checkout has saved a way to pay. Where the
// checkout has ended meanwhile, what was saved is forgotten again.
func (p *Pipeline) promise(ctx context.Context, market int32, pay id.ID, seen payment.Object) (payment.Payment, error) {
	var due payment.Payment
	return due, p.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		var orders []Order
		if due, orders, err = lockPaid(tx, pay); err != nil || due.Promise != payment.PromiseAsked {
			return err // somebody was first
		}
		if seen.Payment != due.ID || seen.Saved == "" {
			return fmt.Errorf("order: the gateway's object %s has nothing saved for payment %s", seen.ID, due.ID)
		}
		payment.Save(tx, due, seen)
		due.Promise = payment.PromiseSaved
		if due.State != payment.Open || len(orders) == 0 || orders[0].State != Placed {
			due.Over(tx)
			return nil
		}
		tx.Queue("UPDATE baskets SET state = 'promised' WHERE market_id = $1 AND id = $2", market, due.Sale)
		all := make([]*Order, len(orders))
		for i := range orders {
			all[i] = &orders[i]
		}
		return p.moveAll(tx, all, Promised, System, "")
	})
}

// batch is how many orders one transaction calls in.
const batch = 200

// Charge calls promised orders in: what they were promised for has come about, and
// each is taken by a job of its own. It gives how many were called in now. Those that
// are called in already, paid, or have ended are left as they are, so that calling
// twice is calling once. A basket of several orders is called in as one.
func (p *Pipeline) Charge(ctx context.Context, by By, market int32, orders ...id.ID) (int, error) {
	if by.As != AsOperator && by.As != AsSystem {
		return 0, fault.Forbidden("forbidden")
	}
	called := 0
	for some := range slices.Chunk(orders, batch) {
		n := 0
		err := p.db.Update(ctx, market, func(tx *storage.Tx) error {
			tx.Keyed()
			var rows []struct {
				Payment id.ID `db:"payment_id"`
				Order   id.ID `db:"order_id"`
			}
			err := tx.Select(&rows, `SELECT p.id AS payment_id, o.id AS order_id FROM payments p JOIN orders o ON o.market_id = p.market_id AND o.basket_id = p.sale_id
				WHERE p.market_id = $1 AND p.state = 'open' AND p.promise = 'saved' AND o.state = 'promised'
				AND p.sale_id IN (SELECT basket_id FROM orders WHERE market_id = $1 AND id = ANY($2::uuid[])) ORDER BY p.id, o.id FOR NO KEY UPDATE OF p FOR UPDATE OF o`, market, names(some))
			if err != nil {
				return err
			}
			var payments []id.ID
			for _, r := range rows {
				wrote(tx, r.Order, Promised, Promised, by, "called")
				if len(payments) == 0 || payments[len(payments)-1] != r.Payment {
					payments = append(payments, r.Payment)
					jobs.Add(tx, JobCharge, r.Payment.String(), chargeJob{r.Payment})
				}
			}
			if n = len(payments); n > 0 {
				payment.Call(tx, by.ID, payments...)
			}
			if n > 0 && by.As == AsOperator {
				trail.Write(tx, by.ID, "order.charge", "payment:"+payments[0].String(), fmt.Sprint(n))
			}
			return nil
		})
		if called += n; err != nil {
			return called, err
		}
	}
	return called, nil
}

// Called is the job of JobCharge.
func (p *Pipeline) Called(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var c chargeJob
	if err := json.Unmarshal(j.Body, &c); err != nil {
		return nil, err
	}
	if _, err := p.Settle(ctx, j.Market, c.Payment); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, nil
}

// callIn takes what was called in. Job, news and sweeper end here, and each asks the
// gateway what has come of an earlier call before it makes another.
func (p *Pipeline) callIn(ctx context.Context, due payment.Payment) (payment.Payment, error) {
	if due.Promise != payment.PromiseCalled || due.State != payment.Open {
		return due, nil
	}
	if due.Pending { // the bank has not answered: it is only looked at
		seen, err := p.desk.Look(ctx, due.Home, due)
		if err != nil || seen.State == payment.ObjectPending {
			return due, err
		}
	}
	seen, err := p.desk.Charge(ctx, due)
	if err != nil {
		return due, err
	}
	switch seen.State {
	case payment.ObjectCaptured:
		return p.Captured(ctx, due.Home, due.ID, seen)
	case payment.ObjectRefused:
		return p.refused(ctx, due.Home, due.ID, seen.Why)
	case payment.ObjectPending:
		return due, nil // its news, or the sweeper
	}
	return due, fault.Unavailable("gateway_down") // it is not known: asked again
}

// refused gives the buyer some days to pay by hand what could not be taken.
func (p *Pipeline) refused(ctx context.Context, market int32, pay id.ID, why string) (payment.Payment, error) {
	var due payment.Payment
	return due, p.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		var orders []Order
		due, orders, err = lockPaid(tx, pay)
		if err != nil || due.Promise != payment.PromiseCalled || due.State != payment.Open || len(orders) == 0 {
			return err // somebody was first
		}
		days := p.kinds[orders[0].Kind].Repair
		if days == 0 {
			days = repair
		}
		until := tx.Now.Add(days)
		payment.Turn(tx, due, why, until)
		due.Promise, due.Object, due.PayURL, due.ExpiresAt = payment.PromiseRefused, "", "", until
		tx.Expect(int64(len(orders)), fault.Conflict("conflict"), "UPDATE orders SET due_at = $3, version = version + 1 WHERE market_id = $1 AND basket_id = $2 AND state = 'promised'", market, due.Sale, until)
		for _, o := range orders {
			wrote(tx, o.ID, Promised, Promised, System, "refused")
		}
		jobs.Add(tx, JobExpire, pay.String()+":repair", expireJob{Payment: pay, Drop: true}, until)
		jobs.Add(tx, JobRefused, pay.String(), Refused{pay, orders[0].ID, tx.Now, until})
		return nil
	})
}

// Drop lets promised orders go that will not be called in: what they were promised
// for has failed. Each ends by a job of its own, as cancelled by the system for this
// reason. Those that are called in, or were paid at once, are left as they are: theirs
// is a cancel with a refund.
func (p *Pipeline) Drop(ctx context.Context, market int32, why string, orders ...id.ID) error {
	for some := range slices.Chunk(orders, batch) {
		err := p.db.Update(ctx, market, func(tx *storage.Tx) error {
			tx.Keyed()
			var payments []id.ID
			err := tx.Select(&payments, `SELECT DISTINCT p.id FROM payments p JOIN orders o ON o.market_id = p.market_id AND o.basket_id = p.sale_id
				WHERE p.market_id = $1 AND p.state = 'open' AND o.id = ANY($2::uuid[]) AND o.state IN ('placed', 'promised') ORDER BY p.id`, market, names(some))
			for _, pay := range payments {
				jobs.Add(tx, JobDrop, pay.String(), dropJob{pay, why})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Dropped is the job of JobDrop.
func (p *Pipeline) Dropped(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var d dropJob
	if err := json.Unmarshal(j.Body, &d); err != nil {
		return nil, err
	}
	err := p.end(ctx, System, j.Market, d.Payment, Cancelled, d.Why)
	if fault.Has(err, "promise_called") {
		err = nil // called in a moment before
	}
	if err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, nil
}
