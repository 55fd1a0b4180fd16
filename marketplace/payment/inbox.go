package payment

import (
	"context"
	"encoding/json"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobNews looks at a payment that a gateway sent news about.
const JobNews = "payment:news"

// News is what a gateway has sent: where to look, never what to believe. The
// state is fetched from the gateway.
type News struct {
	Provider string `json:"provider"` // the gateway's name
	Event    string `json:"event"`    // the gateway's own name of it
	Object   string `json:"object"`   // what it is about, at the gateway
	Payment  id.ID  `json:"payment"`
	Refund   id.ID  `json:"refund"`            // one of ours, where it is about one
	Charged  bool   `json:"charged,omitempty"` // the object is a chargeback
}

// Receive puts news into the inbox, once per provider and event, and adds the
// job that looks. The same news again changes nothing. What is kept of the body
// is for the caller to say: nothing personal.
func (d *Desk) Receive(ctx context.Context, market int32, n News, body []byte) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("INSERT INTO payment_inbox (market_id, provider, event, object, body, received_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
			market, n.Provider, n.Event, n.Object, body, tx.Now)
		jobs.Add(tx, JobNews, n.Provider+":"+n.Event, n)
		return nil
	})
}

// ReadNews gives what a job of JobNews carries.
func ReadNews(j jobs.Job) (News, error) {
	var n News
	err := json.Unmarshal(j.Body, &n)
	return n, err
}

// Stale lists the payments that are open or on their way, after the last one seen,
// whose gateway can be asked about them, for the sweeper: everything converges also without news. Of
// a transfer only a person can tell, and many wait for days, as promises that nobody
// has called in wait for months: they must not stand before the others.
func Stale(tx *storage.Tx, after id.ID, n int) ([]Payment, error) {
	var ps []Payment
	err := tx.Select(&ps, "SELECT "+columns+" FROM payments WHERE market_id = $1 AND home_market = $1 AND (state = 'open' OR pending) AND object <> '' AND gateway <> 'bank' AND promise <> 'saved' AND id > $2 ORDER BY id LIMIT $3", tx.Market, after, n)
	return ps, err
}

const openTransfers = "WHERE market_id = $1 AND home_market = $1 AND state = 'open' AND gateway = 'bank'"

// OpenTransfers lists the payments by bank transfer that still wait.
func OpenTransfers(tx *storage.Tx) ([]Payment, error) {
	var ps []Payment
	err := tx.Select(&ps, "SELECT "+columns+" FROM payments "+openTransfers+" ORDER BY created_at LIMIT 200", tx.Market)
	return ps, err
}

func ids(of []id.ID) any {
	s := make(pq.StringArray, len(of))
	for i, x := range of {
		s[i] = x.String()
	}
	return s
}

// Knows says whether a payment is at home in a market.
func (d *Desk) Knows(ctx context.Context, market int32, payment id.ID) (bool, error) {
	var known bool
	err := d.db.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Get(&known, "SELECT EXISTS (SELECT 1 FROM payments WHERE market_id = $1 AND id = $2 AND home_market = $1)", tx.Market, payment)
	})
	return known, err
}

// KnowsOf gives those of payments that are at home in a market.
func (d *Desk) KnowsOf(ctx context.Context, market int32, payments []id.ID) ([]id.ID, error) {
	var known []id.ID
	err := d.db.View(ctx, market, func(tx *storage.Tx) error {
		known = nil
		return tx.Select(&known, "SELECT id FROM payments WHERE market_id = $1 AND home_market = $1 AND id = ANY($2)", tx.Market, ids(payments))
	})
	return known, err
}
