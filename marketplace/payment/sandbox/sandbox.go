// Package sandbox is a gateway without money: it behaves like a real one,
// with a memory of its own, a pay page of its own, news that comes later, and
// it can be told to repeat its news or to send none. serve refuses it in
// production.
package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
)

// feeBP is what the sandbox keeps of a payment, like a wallet does.
const feeBP = 60

// JobNews sends the sandbox's news, later than the payment itself.
const JobNews = "sandbox:news"

// Gateway is the sandbox.
type Gateway struct {
	db      *storage.DB
	deliver func(ctx context.Context, market int32, n payment.News, body []byte) error
}

// New gives a sandbox. Its news goes to Deliver, which the root sets to the
// payment desk's inbox.
func New(db *storage.DB) *Gateway { return &Gateway{db: db} }

// Deliver says who hears the news.
func (g *Gateway) Deliver(to func(ctx context.Context, market int32, n payment.News, body []byte) error) {
	g.deliver = to
}

// Name is the word in rows and addresses.
func (g *Gateway) Name() string { return "sandbox" }

// Arrives is the money on its way from the gateway.
func (g *Gateway) Arrives() string { return ledger.GatewayClearing }

// Leaves is the gateway's balance that refunds are taken from.
func (g *Gateway) Leaves() string { return ledger.GatewayAvailable }

type object struct {
	ID       string    `db:"id"`
	Payment  id.ID     `db:"payment_id"`
	Sale     id.ID     `db:"sale_id"`
	Amount   int64     `db:"amount_minor"`
	Currency string    `db:"currency"`
	Captured int64     `db:"captured_minor"`
	State    string    `db:"state"`
	Back     string    `db:"return_url"`
	Shares   string    `db:"shares"`
	Created  time.Time `db:"created_at"`
	Saves    bool      `db:"saves"`    // a way to pay is saved, nothing is taken
	Declines bool      `db:"declines"` // a later charge is declined
}

// Page is what the pay page shows.
type Page struct {
	Object, Currency, State, Back string
	Amount                        int64
	Payment                       id.ID
	Saves                         bool
}

// view is the object as a gateway tells of it; its pay page is one of our own.
func (o object) view(in region.Market) (payment.Object, error) {
	shares, err := payment.Heard(o.Shares)
	v := payment.Object{ID: o.ID, PayURL: "/pay/" + in.Code + "/" + o.Payment.String(), State: payment.ObjectOpen,
		Captured: o.Captured, Currency: o.Currency, Payment: o.Payment, Shares: shares}
	switch o.State {
	case "captured":
		v.State, v.Fee = payment.ObjectCaptured, money.Part(o.Captured, feeBP)
	case "saved":
		v.State, v.Saved = payment.ObjectSaved, o.ID
	case "failed":
		v.State, v.Why = payment.ObjectRefused, "card_declined"
	case "closed":
		v.State = payment.ObjectClosed
	}
	return v, err
}

// told is the object as its market shows it, unless it could not be read.
func (o object) told(in region.Market, err error) (payment.Object, error) {
	if err != nil {
		return payment.Object{}, err
	}
	return o.view(in)
}

// Open makes the object; the same key gives the same object.
func (g *Gateway) Open(ctx context.Context, i payment.Intent) (payment.Object, error) {
	return g.open(ctx, i, "sb_", false)
}

func (g *Gateway) open(ctx context.Context, i payment.Intent, prefix string, saves bool) (payment.Object, error) {
	name := prefix + i.Payment.String()
	err := g.db.Update(ctx, i.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("INSERT INTO sandbox_objects (market_id, id, payment_id, sale_id, amount_minor, currency, state, return_url, shares, saves, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10, $10) ON CONFLICT DO NOTHING",
			i.Market, name, i.Payment, i.Sale, i.Amount, i.Currency, i.Back, payment.Told(i.Shares), saves, tx.Now)
		return nil
	})
	if err != nil {
		return payment.Object{}, err
	}
	return g.Look(ctx, i.Market, name)
}

// Look gives the object as it is now.
func (g *Gateway) Look(ctx context.Context, market int32, name string) (payment.Object, error) {
	var o object
	var in region.Market
	err := g.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		if o, err = find(tx, name, ""); err == nil {
			in, err = region.FindMarket(tx, market)
		}
		return err
	})
	return o.told(in, err)
}

// Show gives what the pay page needs.
func (g *Gateway) Show(ctx context.Context, market int32, name string) (Page, error) {
	var o object
	err := g.db.View(ctx, market, func(tx *storage.Tx) (err error) { o, err = find(tx, name, ""); return })
	return Page{Object: o.ID, Currency: o.Currency, State: o.State, Back: o.Back, Amount: o.Amount, Payment: o.Payment, Saves: o.Saves}, err
}

func find(tx *storage.Tx, name, lock string) (object, error) {
	var o object
	err := tx.Get(&o, "SELECT id, payment_id, sale_id, amount_minor, currency, captured_minor, state, return_url, shares, created_at, saves, declines FROM sandbox_objects WHERE market_id = $1 AND id = $2"+lock, tx.Market, name)
	if err == storage.ErrNone {
		return o, fault.NotFound("not_found")
	}
	return o, err
}

// Close takes no money any more, unless it was taken already.
func (g *Gateway) Close(ctx context.Context, market int32, name string) (payment.Object, error) {
	var o object
	var in region.Market
	err := g.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		if in, err = region.FindMarket(tx, market); err != nil {
			return err
		}
		if o, err = find(tx, name, " FOR UPDATE"); err != nil || o.State != "open" {
			return err
		}
		o.State = "closed"
		tx.Queue("UPDATE sandbox_objects SET state = 'closed', changed_at = $3 WHERE market_id = $1 AND id = $2", market, name, tx.Now)
		return nil
	})
	return o.told(in, err)
}

// News says how the sandbox tells of a payment.
type News struct {
	Delay  time.Duration // how long after the payment
	Repeat int           // how often: 0 is no news at all

	Declines bool // of a way to pay that is saved: a later charge will be declined
}

// Pay is the button of the pay page: the sum is captured, or the way to pay saved,
// and news of it goes out as n says. Paying twice is paying once; a closed object
// refuses.
func (g *Gateway) Pay(ctx context.Context, market int32, name string, n News) error {
	return g.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := find(tx, name, " FOR UPDATE")
		if err != nil {
			return err
		}
		switch o.State {
		case "captured", "saved":
			return nil
		case "closed":
			return fault.Conflict("payment_closed")
		}
		tx.Queue(`UPDATE sandbox_objects SET state = CASE WHEN saves THEN 'saved' ELSE 'captured' END, captured_minor = CASE WHEN saves THEN 0 ELSE amount_minor END,
			declines = saves AND $4, changed_at = $3 WHERE market_id = $1 AND id = $2`, market, name, tx.Now, n.Declines)
		for i := range n.Repeat {
			jobs.Add(tx, JobNews, fmt.Sprintf("%s:%d", name, i), newsJob{Object: name, Payment: o.Payment, Event: "evt_" + name}, tx.Now.Add(n.Delay))
		}
		return nil
	})
}

type newsJob struct {
	Object  string `json:"object"`
	Event   string `json:"event"`
	Payment id.ID  `json:"payment"`
	Charged bool   `json:"charged,omitempty"`
}

// Tell is the job that sends news, as a webhook would come.
func (g *Gateway) Tell(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var n newsJob
	if err := json.Unmarshal(j.Body, &n); err != nil {
		return nil, err
	}
	if err := g.deliver(ctx, j.Market, payment.News{Provider: "sandbox", Event: n.Event, Object: n.Object, Payment: n.Payment, Charged: n.Charged}, j.Body); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, nil
}

// Refund gives money back, once per refund, never more than was captured.
func (g *Gateway) Refund(ctx context.Context, r payment.Back) (payment.Given, error) {
	key := r.Refund.String()
	var state string
	err := g.db.Update(ctx, r.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		state = "succeeded"
		o, err := find(tx, r.Object, " FOR UPDATE")
		if err != nil {
			return err
		}
		var before struct {
			State string `db:"state"`
		}
		err = tx.Get(&before, "SELECT state FROM sandbox_refunds WHERE market_id = $1 AND object_id = $2 AND key = $3", r.Market, r.Object, key)
		if err == nil {
			state = before.State
			return nil
		}
		if err != storage.ErrNone {
			return err
		}
		var given int64
		if err := tx.Get(&given, "SELECT coalesce(sum(amount_minor), 0) FROM sandbox_refunds WHERE market_id = $1 AND object_id = $2 AND state = 'succeeded'", r.Market, r.Object); err != nil {
			return err
		}
		if given+r.Amount > o.Captured {
			state = "failed"
		}
		tx.Queue("INSERT INTO sandbox_refunds (market_id, object_id, key, amount_minor, state, created_at) VALUES ($1, $2, $3, $4, $5, $6)", r.Market, r.Object, key, r.Amount, state, tx.Now)
		return nil
	})
	return payment.Given{ID: key, State: payment.RefundState(state)}, err
}

// LookRefund says how a refund stands that was given.
func (g *Gateway) LookRefund(ctx context.Context, r payment.Back) (payment.Given, error) {
	given := payment.Given{ID: r.Refund.String()}
	err := g.db.View(ctx, r.Market, func(tx *storage.Tx) error {
		err := tx.Get(&given.State, "SELECT state FROM sandbox_refunds WHERE market_id = $1 AND object_id = $2 AND key = $3", r.Market, r.Object, given.ID)
		if err == storage.ErrNone {
			return fault.NotFound("not_found")
		}
		return err
	})
	return given, err
}
