package payment

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// Refund is money on its way back to the payer.
type Refund struct {
	ID        id.ID       `db:"id"`
	Payment   id.ID       `db:"payment_id"`
	Sale      id.ID       `db:"sale_id"`
	Cause     string      `db:"cause"`
	Amount    int64       `db:"amount_minor"`
	State     RefundState `db:"state"`
	Reason    string      `db:"reason"`
	By        id.ID       `db:"asked_by"`
	CreatedAt time.Time   `db:"created_at"`
	ChangedAt time.Time   `db:"changed_at"`
	ForMarket *int32      `db:"for_market"` // at home: the market whose refund this carries out,
	ForRefund *id.ID      `db:"for_refund"` // and that refund there
	Object    string      `db:"object"`     // the gateway's own name of it
	// ByTransfer says that a person sends it, from the bank of its own market, though the
	// payment came another way: its gateway could not carry it out.
	ByTransfer bool `db:"by_transfer"`
}

const refundColumns = "id, payment_id, sale_id, cause, amount_minor, state, reason, asked_by, created_at, changed_at, for_market, for_refund, object, by_transfer"

// JobRefund carries a refund to the gateway.
const JobRefund = "payment:refund"

// JobRefundNews says how a refund stands: sent, failed, or waiting for somebody
// to send it by hand, for the rooms above to tell.
const JobRefundNews = "payment:refund-news"

// RefundNews is the body of JobRefundNews.
type RefundNews struct {
	Refund id.ID       `json:"refund"`
	State  RefundState `json:"state"`
	At     time.Time   `json:"at"`
}

type refundJob struct {
	Refund id.ID `json:"refund"`
}

// Ask writes a refund down, in the transaction that moved its money to
// ledger.TransitRefund, together with the job that carries it out. The cause
// is unique in the market: asking twice fails on refunds_once.
func Ask(tx *storage.Tx, r Refund) {
	tx.Queue("INSERT INTO refunds (market_id, id, payment_id, sale_id, cause, amount_minor, state, reason, asked_by, created_at, changed_at, for_market, for_refund, object, by_transfer) VALUES ($1, $2, $3, $4, $5, $6, 'asked', $7, $8, $9, $9, $10, $11, $12, $13)",
		tx.Market, r.ID, r.Payment, r.Sale, r.Cause, r.Amount, r.Reason, r.By, tx.Now, r.ForMarket, r.ForRefund, r.Object, r.ByTransfer)
	jobs.Add(tx, JobRefund, r.ID.String(), refundJob{r.ID})
}

// FindRefund gives one refund.
func FindRefund(tx *storage.Tx, refund id.ID) (Refund, error) {
	var r Refund
	err := tx.Get(&r, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 AND id = $2", tx.Market, refund)
	if err == storage.ErrNone {
		return r, fault.NotFound("not_found")
	}
	return r, err
}

// lockRefund gives one refund and keeps it for this transaction.
func lockRefund(tx *storage.Tx, refund id.ID) (Refund, error) {
	var r Refund
	err := tx.Get(&r, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 AND id = $2 FOR UPDATE", tx.Market, refund)
	if err == storage.ErrNone {
		return r, fault.NotFound("not_found")
	}
	return r, err
}

// RefundByCause gives the refund that a cause made.
func RefundByCause(tx *storage.Tx, cause string) (Refund, error) {
	var r Refund
	err := tx.Get(&r, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 AND cause = $2", tx.Market, cause)
	if err == storage.ErrNone {
		return r, fault.NotFound("not_found")
	}
	return r, err
}

// OfObject lists the refunds that a gateway has under one name: more than one where
// several orders gave their part.
func OfObject(tx *storage.Tx, payment id.ID, object string) ([]Refund, error) {
	var rs []Refund
	err := tx.Select(&rs, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 AND payment_id = $2 AND object = $3 ORDER BY id", tx.Market, payment, object)
	return rs, err
}

// RefundsOf lists the refunds of a sale, oldest first.
func RefundsOf(tx *storage.Tx, sales ...id.ID) ([]Refund, error) {
	var rs []Refund
	err := tx.Select(&rs, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 AND sale_id = ANY($2) ORDER BY id", tx.Market, ids(sales))
	return rs, err
}

// Waiting lists the refunds that the gateway has not finished, oldest first:
// for a bank transfer, those that an operator must send.
func Waiting(tx *storage.Tx) ([]Refund, error) {
	var rs []Refund
	err := tx.Select(&rs, "SELECT "+refundColumns+" FROM refunds WHERE market_id = $1 AND state = 'asked' ORDER BY id LIMIT 200", tx.Market)
	return rs, err
}

// Carry is the job that brings a refund to its gateway, or to the home market
// of its payment, which alone can reach the gateway.
func (d *Desk) Carry(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var body refundJob
	if err := json.Unmarshal(j.Body, &body); err != nil {
		return nil, err
	}
	var r Refund
	var p Payment
	var stopped bool
	err := d.db.View(ctx, j.Market, func(tx *storage.Tx) (err error) {
		if r, err = FindRefund(tx, body.Refund); err != nil {
			return err
		}
		if p, err = Find(tx, r.Payment); err == nil {
			stopped, err = Disputed(tx, r.Payment)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.Home != j.Market && !r.ByTransfer {
		return func(*storage.Tx) error { return nil }, d.hand(ctx, j.Market, p, r)
	}
	if stopped {
		return nil, &jobs.Again{At: d.db.Now().Add(24 * time.Hour)} // the bank decides first
	}
	if r.State != RefundAsked {
		return func(*storage.Tx) error { return nil }, nil
	}
	g, err := d.Gateway(r.way(p))
	if err != nil {
		return nil, err
	}
	if r.ByTransfer { // a person sends it, who is told so
		return func(tx *storage.Tx) error { return finish(tx, r.ID, g, Given{State: RefundAsked}) }, nil
	}
	if r.Object != "" {
		return func(*storage.Tx) error { return nil }, d.Follow(ctx, j.Market, r.ID)
	}
	try, err := d.attempt(ctx, j.Market, p.ID, "refund:"+r.ID.String())
	if err != nil {
		return nil, err
	}
	b := back(j.Market, p, r)
	b.Key, b.Again = try.key, try.again
	given, err := g.Refund(ctx, b)
	if err != nil {
		if no := d.unanswered(ctx, j.Market, try, err); fault.Has(no, "refund_frozen") {
			return nil, &jobs.Again{At: d.db.Now().Add(24 * time.Hour)} // the bank decides first
		}
		return nil, fmt.Errorf("refund %s at %s: %w", r.ID, p.Gateway, err)
	}
	return func(tx *storage.Tx) error {
		answered(tx, try, "done", string(given.State)+" "+given.ID)
		return finish(tx, r.ID, g, given)
	}, nil
}

// way is the gateway by which a refund goes back.
func (r Refund) way(p Payment) string {
	if r.ByTransfer {
		return bankWay
	}
	return p.Gateway
}

// SentByHand says whether a person sends a refund of a payment.
func (r Refund) SentByHand(p Payment) bool { return ByHand(r.way(p)) }

// back is what a gateway must know of a refund.
func back(market int32, p Payment, r Refund) Back {
	return Back{Refund: r.ID, Market: market, Payment: p.ID, Object: p.Object, Given: r.Object, Amount: r.Amount}
}

// Finish records what an operator did with a refund by bank transfer (of what was
// paid in cash too): sent, or
// not possible. Doing it twice is doing it once. It refuses a refund that a
// machine carries (not_a_transfer): its gateway may be sending the money at this
// very moment; and another answer than the first (conflict).
func (d *Desk) Finish(ctx context.Context, market int32, refund id.ID, done bool) error {
	err := d.stoppedAtHome(ctx, market, refund, func(_ *storage.Tx, r Refund) (bool, error) {
		return done && r.ByTransfer && r.State == RefundAsked, nil
	})
	if err != nil {
		return err
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		r, err := FindRefund(tx, refund)
		if err != nil {
			return err
		}
		p, err := Find(tx, r.Payment)
		if err != nil {
			return err
		}
		g, err := d.Gateway(r.way(p))
		if err != nil {
			return err
		}
		if !ByHand(g.Name()) || p.Home != market && !r.ByTransfer {
			return fault.Conflict("not_a_transfer") // a share's goes back from its home market
		}
		if r.ByTransfer && done && r.State == RefundAsked {
			if disputed, err := Disputed(tx, r.Payment); err != nil || disputed {
				return cmp.Or[error](err, fault.Conflict("refund_frozen"))
			}
		}
		if r.State != RefundAsked && (r.State == RefundSucceeded) != done {
			return fault.Conflict("conflict")
		}
		state := RefundSucceeded
		if !done {
			state = RefundFailed
		}
		return finish(tx, refund, g, Given{State: state})
	})
}
