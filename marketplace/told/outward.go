package told

import (
	"context"
	"net/url"
	"strings"
	"time"

	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/marketplace/hook"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// What is told to operators' own systems: the same deeds, from the same jobs.
// Data holds ids, numbers, states and sums; docs/webhooks.md shows each.

type call = func(ctx context.Context, j jobs.Job) (finish, error)

// outward is a handler that ends with what a market's hooks are told of its deed.
// Where no hook listens it costs one look.
func (t *Teller) outward(tell call, events func(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error)) jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (finish, error) {
		end, err := tell(ctx, j)
		if err != nil {
			return nil, err
		}
		var listening bool
		if err := t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { listening, err = hook.Listening(tx); return }); err != nil || !listening {
			return end, err
		}
		m, err := t.books.Market(ctx, j.Market)
		if err != nil {
			return nil, err
		}
		all, err := events(ctx, j, m)
		if err != nil {
			return nil, err
		}
		return both(end, func(tx *storage.Tx) error { return hook.Put(tx, all...) }), nil
	}}
}

type movedOut struct {
	Order    id.ID       `json:"order"`
	Number   string      `json:"number"`
	Kind     string      `json:"kind"`
	From     order.State `json:"from"`
	State    order.State `json:"state"`
	Payment  *id.ID      `json:"payment,omitempty"` // none: a contract covers it
	Seller   *id.ID      `json:"producer,omitempty"`
	Currency string      `json:"currency"`
	Total    int64       `json:"total_minor"`
	Due      *time.Time  `json:"due_at,omitempty"` // by when the next move must be made
	Lines    []lineOut   `json:"lines"`
}

type lineOut struct {
	Listing  *id.ID `json:"listing"`
	Unit     string `json:"unit"`
	UnitBase int64  `json:"unit_base"`
	Quantity int64  `json:"quantity"` // base units
	Total    int64  `json:"total_minor"`
}

type capturedOut struct {
	Payment   id.ID  `json:"payment"`
	Reference string `json:"reference"`
	Gateway   string `json:"gateway"`
	Currency  string `json:"currency"`
	Captured  int64  `json:"captured_minor"`
}

// movedEvents are an order's move, and with the one that secures it its payment.
func (t *Teller) movedEvents(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
	body, err := read[moveJob](j)
	if err != nil {
		return nil, err
	}
	o, err := t.orders.Find(ctx, order.Ref{Market: j.Market, ID: body.Order})
	if err != nil {
		return nil, err
	}
	out := movedOut{o.ID, o.Number, o.Kind, body.From, body.To, nil, o.Seller, o.Currency, o.Total, body.Due, []lineOut{}}
	for _, l := range o.Lines {
		out.Lines = append(out.Lines, lineOut{l.Listing, l.Unit, l.UnitBase, l.Quantity, l.Total})
	}
	if o.Payment != id.None {
		out.Payment = &o.Payment
	}
	all := []hook.Event{{Type: hook.OrderMoved, Key: j.Key, Market: m.Code, At: body.At, Data: out}}
	if body.To != order.Secured || o.Payment == id.None {
		return all, nil
	}
	pay, err := t.paymentOf(ctx, j.Market, o.Payment)
	if err != nil {
		return nil, err
	}
	return append(all, hook.Event{Type: hook.PaymentCaptured, Key: pay.ID.String(), Market: m.Code, At: body.At,
		Data: capturedOut{pay.ID, pay.Reference, pay.Gateway, pay.Currency, pay.Captured}}), nil
}

type refundOut struct {
	Refund   id.ID               `json:"refund"`
	Payment  id.ID               `json:"payment"`
	Sale     id.ID               `json:"sale"`
	State    payment.RefundState `json:"state"`
	Currency string              `json:"currency"`
	Amount   int64               `json:"amount_minor"`
}

// refundEvents are how a refund ended; one that is under way is no event.
func (t *Teller) refundEvents(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
	news, err := read[payment.RefundNews](j)
	if err != nil || news.State == payment.RefundAsked {
		return nil, err
	}
	var r payment.Refund
	if err := t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { r, err = payment.FindRefund(tx, news.Refund); return }); err != nil || r.ForMarket != nil {
		return nil, err // carried out for another market, which tells it itself
	}
	pay, err := t.paymentOf(ctx, j.Market, r.Payment)
	if err != nil {
		return nil, err
	}
	kind := hook.RefundSent
	if news.State == payment.RefundFailed {
		kind = hook.RefundFailed
	}
	return []hook.Event{{Type: kind, Key: j.Key, Market: m.Code, At: news.At, Data: refundOut{r.ID, r.Payment, r.Sale, news.State, pay.Currency, r.Amount}}}, nil
}

type payoutOut struct {
	Payout   id.ID  `json:"payout"`
	Batch    id.ID  `json:"batch"`
	Number   string `json:"number"`
	Payee    id.ID  `json:"payee"`
	Kind     string `json:"payee_kind"`
	State    string `json:"state"`
	Currency string `json:"currency"`
	Amount   int64  `json:"amount_minor"`
}

// payoutEvents are what the bank did, one for each payout.
func (t *Teller) payoutEvents(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
	body, err := read[payout.Answered](j)
	if err != nil {
		return nil, err
	}
	payouts, payees, err := t.answered(ctx, j.Market, body)
	if err != nil {
		return nil, err
	}
	kind := hook.PayoutPaid
	if body.State != payout.Paid {
		kind = hook.PayoutFailed
	}
	var all []hook.Event
	for _, o := range payouts {
		all = append(all, hook.Event{Type: kind, Key: o.ID.String() + ":" + body.State, Market: m.Code, At: body.At,
			Data: payoutOut{o.ID, o.BatchID, o.Number(), o.PayeeID, payees[o.PayeeID].Kind, body.State, m.Currency, o.Amount}})
	}
	return all, nil
}

type draftedOut struct {
	Batch    id.ID  `json:"batch"`
	Number   string `json:"number"`
	Payouts  int64  `json:"payouts"`
	Currency string `json:"currency"`
	Total    int64  `json:"total_minor"`
}

func (t *Teller) draftedEvents(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
	body, err := read[payout.Drafted](j)
	if err != nil {
		return nil, err
	}
	var b payout.Batch
	if err := t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { b, err = payout.Find(tx, body.Batch); return }); err != nil {
		return nil, err
	}
	return []hook.Event{{Type: hook.PayoutDrafted, Key: j.Key, Market: m.Code, At: body.At, Data: draftedOut{b.ID, b.Number, int64(b.Payouts), b.Currency, b.Total}}}, nil
}

type disputeOut struct {
	Dispute  id.ID  `json:"dispute"`
	Order    id.ID  `json:"order"`
	What     string `json:"what"`
	Reason   string `json:"reason"`
	Currency string `json:"currency"`
	Offer    int64  `json:"offer_minor"`
	Back     int64  `json:"back_minor"`
}

// disputeEvents are the steps of a complaint; what is said on the way is no event,
// nor is a reminder.
func (t *Teller) disputeEvents(ctx context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
	news, err := read[dispute.News](j)
	if err != nil {
		return nil, err
	}
	switch news.What {
	case "said", "waits", "silent":
		return nil, nil
	}
	d, err := t.disputes.Find(ctx, j.Market, news.Dispute)
	if err != nil {
		return nil, err
	}
	return []hook.Event{{Type: hook.DisputeMoved, Key: j.Key, Market: m.Code, At: news.At,
		Data: disputeOut{d.ID, d.Order, news.What, d.Reason, m.Currency, d.Offer, d.Back}}}, nil
}

type changedOut struct {
	ID      id.ID  `json:"id"`
	Version string `json:"version"`
}

// Indexed is the handler that tells hooks of a changed row, and then brings it to
// search. What it says now, a receiver asks the API, which reads the rows: so
// hooks are told first, in a transaction of their own, and hear of it also while
// the engine is away. A second try tells nothing twice.
func (t *Teller) Indexed(bring call) jobs.Handler {
	tell := t.outward(func(context.Context, jobs.Job) (finish, error) { return nothing() }, changedEvents(t.db.Now))
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (finish, error) {
		put, err := tell.Call(ctx, j)
		if err == nil && put != nil {
			err = t.db.Update(ctx, j.Market, func(tx *storage.Tx) error { tx.Keyed(); return put(tx) })
		}
		if err != nil {
			return nil, err
		}
		return bring(ctx, j)
	}}
}

func changedEvents(now func() time.Time) func(context.Context, jobs.Job, region.Market) ([]hook.Event, error) {
	return func(_ context.Context, j jobs.Job, m region.Market) ([]hook.Event, error) {
		c, err := read[jobs.Changed](j)
		kind := map[string]string{"listing": hook.ListingChanged, "producer": hook.ProducerChanged}[c.Kind]
		if err != nil || kind == "" {
			return nil, err
		}
		version := strings.TrimPrefix(j.Key, c.Kind+":"+c.ID.String()+":")
		return []hook.Event{{Type: kind, Key: j.Key, Market: m.Code, At: now(), Data: changedOut{c.ID, version}}}, nil
	}
}

// unheard tells operators that a system of theirs does not take what it is told.
func (t *Teller) unheard(ctx context.Context, j jobs.Job) (finish, error) {
	n, err := read[hook.News](j)
	if err != nil {
		return nil, err
	}
	var h hook.Hook
	err = t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { h, err = hook.Find(tx, n.Hook); return })
	if missing(err) {
		return nothing() // removed meanwhile
	}
	if err != nil {
		return nil, err
	}
	kind := notice.DeskHook
	if n.Why != hook.GivenUp {
		kind = notice.DeskHookPaused
	}
	host := h.URL
	if u, err := url.Parse(h.URL); err == nil {
		host = u.Hostname() // the rest may hold a secret
	}
	return t.desk(ctx, notice.Notice{Key: "hook:" + j.Key, Kind: kind, Market: j.Market, Way: hooksWay, Facts: notice.Facts{Word: host}, At: n.At})
}
