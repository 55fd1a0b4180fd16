package payment

import (
	"context"
	"fmt"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// Oddity is money at a gateway that is not what was asked. Nothing is secured by
// it and nothing given back by itself: a person looks at it.
type Oddity struct {
	Payment   id.ID      `db:"payment_id"`
	Reference string     `db:"reference"`
	Gateway   string     `db:"gateway"`
	Why       string     `db:"why"` // amount, currency, payment
	Object    string     `db:"object"`
	Asked     int64      `db:"asked_minor"`
	AskedIn   string     `db:"asked_in"`
	Seen      int64      `db:"seen_minor"`
	SeenIn    string     `db:"seen_in"`
	SeenAt    time.Time  `db:"seen_at"`
	SettledBy *id.ID     `db:"settled_by"`
	SettledAt *time.Time `db:"settled_at"`
}

// Odd says what is wrong with what a gateway has taken; nothing, when it is what
// was asked, or may still become it.
func (p Payment) Odd(o Object) string {
	switch {
	case o.Payment != p.ID:
		return "payment"
	case o.Currency != p.Currency:
		return "currency"
	case o.Final && o.Captured != p.Due:
		return "amount"
	}
	return ""
}

// Hold keeps what is odd for a person: the payment expects nothing any more, and
// its checkout will end. A sum of the right currency is booked as unclaimed, less
// what the gateway keeps; another currency has no place in the market's book and
// is only written down. The caller holds the payment's lock.
func (d *Desk) Hold(tx *storage.Tx, p Payment, o Object, why string) error {
	g, err := d.Gateway(p.Gateway)
	if err != nil {
		return err
	}
	tx.Queue(`INSERT INTO payment_oddities (market_id, payment_id, why, object, asked_minor, asked_in, seen_minor, seen_in, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, tx.Market, p.ID, why, o.ID, p.Due, p.Currency, o.Captured, o.Currency, tx.Now)
	if why != "amount" {
		tx.Queue("UPDATE payments SET state = 'closed', pending = false WHERE market_id = $1 AND id = $2", tx.Market, p.ID)
		return nil
	}
	tx.Queue("UPDATE payments SET state = 'closed', pending = false, captured_minor = $3, fee_minor = $5, captured_at = $4 WHERE market_id = $1 AND id = $2", tx.Market, p.ID, o.Captured, tx.Now, o.Fee)
	return ledger.Post(tx, ledger.Entry{Cause: fmt.Sprintf("payment:%s:captured:%d", p.ID, o.Captured), Note: p.Reference, Legs: []ledger.Leg{
		{Debit: g.Arrives(), Credit: ledger.Unclaimed(p.ID.String()), Amount: o.Captured - p.Captured},
		{Debit: ledger.CostGateway, Credit: g.Arrives(), Amount: o.Fee}}})
}

const oddColumns = `o.payment_id, p.reference, p.gateway, o.why, o.object, o.asked_minor, o.asked_in, o.seen_minor, o.seen_in, o.seen_at, o.settled_by, o.settled_at
	FROM payment_oddities o JOIN payments p ON p.market_id = o.market_id AND p.id = o.payment_id WHERE o.market_id = $1`

const waiting = ` AND o.settled_at IS NULL ORDER BY o.seen_at LIMIT 200`

// Oddities lists what waits for a person, oldest first.
func Oddities(tx *storage.Tx) ([]Oddity, error) {
	var all []Oddity
	err := tx.Select(&all, "SELECT "+oddColumns+waiting, tx.Market)
	return all, err
}

// Settle says that a person has dealt with what was odd about a payment: has given
// it back, or has mended it at the gateway. Saying it twice is saying it once; it
// refuses while its money still waits here as unclaimed (still_unclaimed).
func (d *Desk) Settle(ctx context.Context, market int32, payment, by id.ID) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if _, err := Find(tx, payment); err != nil {
			return err
		}
		account := ledger.Unclaimed(payment.String())
		have, err := ledger.Balance(tx, account)
		if err != nil {
			return err
		}
		if have[account] > 0 {
			return fault.Conflict("still_unclaimed")
		}
		n, err := tx.Exec("UPDATE payment_oddities SET settled_by = $3, settled_at = $4 WHERE market_id = $1 AND payment_id = $2 AND settled_at IS NULL", tx.Market, payment, by, tx.Now)
		if err == nil && n > 0 {
			trail.Write(tx, by, "payment.settle_odd", "payment:"+payment.String(), "")
		}
		return err
	})
}

// Alarms are what an operator should know of payments.
func Alarms() []audit.Alarm {
	return []audit.Alarm{{Name: "payment: not what was asked", Run: func(tx *storage.Tx) ([]audit.Values, error) {
		return audit.Hear(tx, "SELECT why AS say, reference, gateway, object, asked_minor, asked_in, seen_minor, seen_in FROM (SELECT "+oddColumns+waiting+") o", tx.Market)
	}}, {Name: "payment: a promise was called in, and its gateway has not answered for a day", Run: func(tx *storage.Tx) ([]audit.Values, error) {
		return audit.Hear(tx, `SELECT p.reference, p.due_minor, s.called_at FROM payments p JOIN payment_promises s ON s.market_id = p.market_id AND s.payment_id = p.id
			WHERE p.market_id = $1 AND p.state = 'open' AND p.promise = 'called' AND s.called_at < $2 ORDER BY p.id LIMIT 100`, tx.Market, tx.Now.AddDate(0, 0, -1))
	}}, {Name: "payment: a bank takes money back", Run: func(tx *storage.Tx) ([]audit.Values, error) {
		return audit.Hear(tx, `SELECT p.reference, c.amount_minor FROM chargebacks c
			JOIN payments p ON p.market_id = c.market_id AND p.id = c.payment_id WHERE c.market_id = $1 AND c.state = 'open' AND c.evidence = '' ORDER BY c.id`, tx.Market)
	}}}
}
