package payment

import (
	"context"
	"encoding/json"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// A refund of a share is asked for in its own market and carried out in the home
// market, which posts what it has paid against the other market; a job posts it
// back under the same key. What the gateway could not give back stays with the
// market that asked.

// JobBack tells the market of a share what became of its refund.
const JobBack = "payment:back"

type backJob struct {
	Market int32       `json:"market"`
	Refund id.ID       `json:"refund"`
	State  RefundState `json:"state"`
	Late   bool        `json:"late,omitempty"` // it had been sent
}

// between is the key of a refund's two entries, one in each market's book.
func between(refund id.ID) string { return "refund:" + refund.String() + ":across" }

// hand brings a share's refund to the home market. Handing twice is handing once.
func (d *Desk) hand(ctx context.Context, market int32, p Payment, r Refund) error {
	if r.State != RefundAsked {
		return nil
	}
	cause := "share:" + r.ID.String()
	return d.db.Update(ctx, p.Home, func(tx *storage.Tx) error {
		tx.Keyed()
		home, err := Lock(tx, p.ID)
		if err != nil {
			return err
		}
		if _, err := RefundByCause(tx, cause); err == nil || !fault.Has(err, "not_found") {
			return err
		}
		if d.gate != nil {
			if err := d.gate(tx, home); fault.Has(err, "refund_frozen") {
				return &jobs.Again{At: tx.Now.Add(24 * time.Hour)} // the bank decides first
			} else if err != nil {
				return err
			}
		}
		Ask(tx, Refund{ID: id.New(), Payment: p.ID, Sale: r.Sale, Cause: cause, Amount: r.Amount, Reason: r.Reason, By: r.By, ForMarket: &market, ForRefund: &r.ID, Object: r.Object})
		return nil
	})
}

// tell posts what the home market has paid for another one, or what came back to
// it afterwards, and adds the job that tells it.
func tell(tx *storage.Tx, r Refund, g Gateway, state RefundState) error {
	late := r.State == RefundSucceeded
	key := r.ID.String()
	if late {
		key += ":late"
	}
	jobs.Add(tx, JobBack, key, backJob{*r.ForMarket, *r.ForRefund, state, late})
	other := ledger.Intermarket(*r.ForMarket)
	e := ledger.Entry{Cause: between(*r.ForRefund), By: r.By, Note: r.Reason, Legs: []ledger.Leg{{Debit: other, Credit: g.Leaves(), Amount: r.Amount}}}
	switch {
	case late:
		e.Cause, e.Legs[0].Debit, e.Legs[0].Credit = e.Cause+":late", g.Leaves(), other
	case state == RefundFailed:
		return nil
	}
	return ledger.Post(tx, e)
}

// Returned is the job of JobBack: the market whose share it was books the end of its
// refund.
func (d *Desk) Returned(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var t backJob
	if err := json.Unmarshal(j.Body, &t); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, d.db.Update(ctx, t.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		r, err := lockRefund(tx, t.Refund)
		if err != nil || r.State == t.State {
			return err // told already
		}
		switch {
		case t.Late && r.State == RefundAsked:
			return &jobs.Again{At: tx.Now.Add(time.Minute)} // first that it was sent, then that it came back
		case t.Late && r.State != RefundSucceeded, !t.Late && r.State != RefundAsked:
			return fault.Conflict("conflict")
		}
		tx.Queue("UPDATE refunds SET state = $3, changed_at = $4 WHERE market_id = $1 AND id = $2", tx.Market, r.ID, string(t.State), tx.Now)
		jobs.Add(tx, JobRefundNews, r.ID.String()+":"+string(t.State), RefundNews{r.ID, t.State, tx.Now})
		e := ledger.Entry{Cause: between(r.ID), By: r.By, Note: r.Reason,
			Legs: []ledger.Leg{{Debit: ledger.TransitRefund(r.ID), Credit: ledger.Intermarket(j.Market), Amount: r.Amount}}}
		switch {
		case t.Late:
			e.Cause += ":late"
			e.Legs[0].Debit, e.Legs[0].Credit = ledger.Intermarket(j.Market), ledger.Unclaimed(r.ID.String())
		case t.State == RefundFailed:
			e.Cause = "refund:" + r.ID.String() + ":" + string(t.State)
			e.Legs[0].Credit = ledger.Unclaimed(r.ID.String())
		}
		return ledger.Post(tx, e)
	})
}
