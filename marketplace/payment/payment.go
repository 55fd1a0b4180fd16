// Package payment is money in and money back: a payment waits for its sum at
// a gateway, an attempt is written before every call out, news lands in an
// inbox and only says where to look, and a refund is a row that a job carries
// to the gateway. What a payment is for, and to whom its money goes, is above
// this room: it knows a neutral sale.
//
// A payment over several markets is at home in one of them, where its whole sum,
// its attempts, its news and its refunds are; each other market has a row of the
// same id with its share (share.go).
package payment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// State of a payment.
type State string

// The states of a payment; everything finer is computed from rows.
const (
	Open     State = "open"     // may still bring money
	Captured State = "captured" // its whole sum has come
	Closed   State = "closed"   // no money is expected any more
)

// Payment is one sum that a payer owes for one sale; outside its home market it
// is that market's share of the sum.
type Payment struct {
	ID         id.ID      `db:"id"`
	Home       int32      `db:"home_market"` // where it is opened, asked about and given back
	Shares     int        `db:"shares"`      // at home: how many other markets have one
	Sale       id.ID      `db:"sale_id"`
	Gateway    string     `db:"gateway"`
	Reference  string     `db:"reference"`
	Object     string     `db:"object"`
	PayURL     string     `db:"pay_url"`
	Currency   string     `db:"currency"`
	Due        int64      `db:"due_minor"`
	Captured   int64      `db:"captured_minor"`
	Fee        int64      `db:"fee_minor"` // at home: what the gateway has kept of it
	State      State      `db:"state"`
	CreatedAt  time.Time  `db:"created_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	CapturedAt *time.Time `db:"captured_at"`
	Pending    bool       `db:"pending"` // the payer has paid, a bank has not answered
	Promise    Promise    `db:"promise"` // where the payer saves a way to pay and is charged later
}

const columns = "id, home_market, shares, sale_id, gateway, reference, object, pay_url, currency, due_minor, captured_minor, fee_minor, state, created_at, expires_at, captured_at, pending, promise"

// Expect writes down that a sum is due, with what of it is another market's. The
// caller opens it at the gateway after the commit, with Begin.
func Expect(tx *storage.Tx, p Payment, shares ...Share) {
	tx.Queue("INSERT INTO payments (market_id, id, home_market, shares, sale_id, gateway, reference, currency, due_minor, state, created_at, expires_at, promise) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12)",
		tx.Market, p.ID, p.Home, len(shares), p.Sale, p.Gateway, p.Reference, p.Currency, p.Due, tx.Now, p.ExpiresAt, string(p.Promise))
	writeShares(tx, p.ID, shares)
}

// Find gives one payment.
func Find(tx *storage.Tx, payment id.ID) (Payment, error) {
	return one(tx, "SELECT "+columns+" FROM payments WHERE market_id = $1 AND id = $2", payment)
}

// Lock gives one payment and keeps it for this transaction. It is taken before
// the orders it pays. The lock is one that a new refund's foreign key does not
// wait for: whoever refunds holds the order already, and would wait in a circle.
func Lock(tx *storage.Tx, payment id.ID) (Payment, error) {
	return one(tx, "SELECT "+columns+" FROM payments WHERE market_id = $1 AND id = $2 FOR NO KEY UPDATE", payment)
}

// Columns are a payment's columns in a query that joins the table under a name, for
// whoever locks a payment together with what it pays: sqlx reads them into a field
// tagged with that name.
func Columns(of string) string {
	all := strings.Split(columns, ", ")
	for i, c := range all {
		all[i] = fmt.Sprintf(`%s.%s AS "%s.%s"`, of, c, of, c)
	}
	return strings.Join(all, ", ")
}

func one(tx *storage.Tx, query string, key any) (Payment, error) {
	var p Payment
	err := tx.Get(&p, query, tx.Market, key)
	if err == storage.ErrNone {
		return p, fault.NotFound("not_found")
	}
	return p, err
}

// Count adds a sum that has come, and what the gateway kept of it, to what the
// payment has, and says in which state it is now. The caller holds its lock and
// posts the money.
func Count(tx *storage.Tx, p Payment, sum, fee int64) Payment {
	p.Captured += sum
	p.Fee += fee
	if p.State == Open && p.Captured >= p.Due {
		p.State = Captured
	}
	tx.Queue("UPDATE payments SET captured_minor = $3, fee_minor = $6, state = $4::text, pending = false, captured_at = CASE WHEN $4::text = 'captured' AND captured_at IS NULL THEN $5::timestamptz ELSE captured_at END WHERE market_id = $1 AND id = $2",
		tx.Market, p.ID, p.Captured, string(p.State), tx.Now, p.Fee)
	return p
}

// CountLast is Count where nothing more is expected after that sum, though less may
// have come than was due when it was placed: what is paid on delivery is what is left
// then. Of a payment that brought nothing nothing came: it is closed.
func CountLast(tx *storage.Tx, p Payment, sum int64) Payment {
	if p.State == Open && p.Captured+sum == 0 {
		Shut(tx, p.ID)
		p.State = Closed
		return p
	}
	if p.State == Open {
		p.State = Captured
	}
	return Count(tx, p, sum, 0)
}

// Shut marks that no money is expected any more; what comes late goes back.
func Shut(tx *storage.Tx, payment id.ID) {
	tx.Queue("UPDATE payments SET state = 'closed' WHERE market_id = $1 AND id = $2 AND state = 'open'", tx.Market, payment)
}

// Note writes down, outside what else is done, how the gateway's object of a
// payment stands that has brought no money: on its way, so that the sweeper asks
// until it is decided; or dead, so that the payer is given another one.
func (d *Desk) Note(ctx context.Context, p Payment, o Object) error {
	pending := o.State == ObjectPending
	dead := o.State == ObjectClosed && p.State == Open && p.Object != ""
	if pending == p.Pending && !dead {
		return nil
	}
	return d.db.Update(ctx, p.Home, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("UPDATE payments SET pending = $4 WHERE market_id = $1 AND id = $2 AND object = $3", tx.Market, p.ID, p.Object, pending)
		if dead {
			if err := tx.Flush(); err != nil { // the same row twice
				return err
			}
			tx.Queue("UPDATE payment_attempts SET state = 'failed', changed_at = $3 WHERE market_id = $1 AND payment_id = $2 AND what IN ('open', 'save')", tx.Market, p.ID, tx.Now) // their key is spent
			tx.Queue("UPDATE payments SET object = '', pay_url = '' WHERE market_id = $1 AND id = $2 AND object = $3 AND state = 'open'", tx.Market, p.ID, p.Object)
		}
		return nil
	})
}

// Desk makes the calls to the gateways. It is made once, by the root.
type Desk struct {
	db       *storage.DB
	gateways map[string]Gateway
	gate     func(tx *storage.Tx, p Payment) error
}

// New gives a desk with its gateways.
func New(db *storage.DB, gateways ...Gateway) *Desk {
	d := &Desk{db: db, gateways: map[string]Gateway{}}
	for _, g := range gateways {
		d.gateways[g.Name()] = g
	}
	return d
}

// Gate hands in what may stop refunds of a payment in its home market, a
// chargeback for one: a refund of another market's share waits there until the
// gate lets it through.
func (d *Desk) Gate(stops func(tx *storage.Tx, p Payment) error) { d.gate = stops }

// Ways lists the names of the gateways that a buyer may choose; cash is beside them,
// where all sellers of what is bought take it.
func (d *Desk) Ways() []string {
	var names []string
	for _, n := range []string{"stripe", "sandbox", "bank"} {
		if _, ok := d.gateways[n]; ok {
			names = append(names, n)
		}
	}
	return names
}

// Gateway gives a gateway by its name.
func (d *Desk) Gateway(name string) (Gateway, error) {
	g, ok := d.gateways[name]
	if !ok {
		return nil, fault.Invalid("way", "unknown_way", fault.Args{"way": name})
	}
	return g, nil
}

// Begin opens the payment at its gateway and gives it with the address of the
// pay page; what is paid in cash has none. Calling it twice is calling it once: the attempt's key is the
// payment's id. When the payment was shut meanwhile, what was opened is closed
// again, and the payment comes back closed and without a page: nobody can pay
// for what has ended.
func (d *Desk) Begin(ctx context.Context, market int32, payment id.ID, back string) (Payment, error) {
	var p Payment
	var shares []Share
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		if p, err = Find(tx, payment); err == nil && p.Home == market && p.Object == "" {
			shares, err = p.Split(tx)
		}
		return err
	})
	if err == nil && p.Home != market {
		return d.Begin(ctx, p.Home, payment, back)
	}
	if err != nil || p.State != Open || p.Object != "" || p.Gateway == Cash {
		return p, err
	}
	g, err := d.Gateway(p.Gateway)
	if err != nil {
		return p, err
	}
	what, open := p.opening(g)
	try, err := d.attempt(ctx, market, payment, what)
	if err != nil {
		return p, err
	}
	o, err := open(ctx, Intent{
		Key: try.key, Since: try.since, Market: market, Payment: payment, Sale: p.Sale,
		Reference: p.Reference, Amount: p.Due, Currency: p.Currency, Back: back, ExpiresAt: p.ExpiresAt, Shares: shares,
	})
	if err != nil {
		return p, d.unanswered(ctx, market, try, err)
	}
	err = d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		answered(tx, try, "done", string(o.State)+" "+o.ID)
		tx.Expect(1, errMoved, "UPDATE payments SET object = $3, pay_url = $4 WHERE market_id = $1 AND id = $2 AND state = 'open' AND object IN ('', $3)",
			market, payment, o.ID, o.PayURL)
		return nil
	})
	if errors.Is(err, errMoved) {
		return d.late(ctx, market, payment, g, try, o)
	}
	if err == nil {
		p.Object, p.PayURL = o.ID, o.PayURL
	}
	return p, err
}

// errMoved says that a payment was closed or opened by somebody else while the gateway was asked.
var errMoved = errors.New("payment: it has moved meanwhile")

// late keeps what a gateway has opened for a payment that was closed meanwhile, to close it
// there too, and closes what is opened beside another object.
func (d *Desk) late(ctx context.Context, market int32, payment id.ID, g Gateway, try try, o Object) (Payment, error) {
	var now Payment
	var spare string // an object that nobody will pay
	err := d.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		if now, err = Lock(tx, payment); err != nil {
			return err
		}
		answered(tx, try, "done", string(o.State)+" "+o.ID)
		if spare = ""; now.Object != "" && now.Object != o.ID {
			spare = o.ID
			return nil
		}
		tx.Queue("UPDATE payments SET object = $3, pay_url = $4 WHERE market_id = $1 AND id = $2", market, payment, o.ID, o.PayURL)
		now.Object, now.PayURL = o.ID, o.PayURL
		return nil
	})
	if err != nil {
		return now, err
	}
	if spare != "" {
		_, err = g.Close(ctx, market, spare)
		return now, err
	}
	if now.State == Closed {
		_, err = d.Close(ctx, market, now)
		now.PayURL = ""
	}
	return now, err
}

// Look asks the gateway how a payment stands now.
func (d *Desk) Look(ctx context.Context, market int32, p Payment) (Object, error) {
	g, err := d.Gateway(p.Gateway)
	if err != nil {
		return Object{}, err
	}
	if p.Object == "" {
		return Object{State: ObjectOpen}, nil
	}
	o, err := g.Look(ctx, market, p.Object)
	if err != nil {
		return o, fault.Unavailable("gateway_down").Because(err)
	}
	return o, nil
}

// Close tells the gateway to take no money any more and gives the final state:
// it may have been captured a moment before.
func (d *Desk) Close(ctx context.Context, market int32, p Payment) (Object, error) {
	g, err := d.Gateway(p.Gateway)
	if err != nil {
		return Object{}, err
	}
	if p.Object == "" {
		return Object{State: ObjectClosed}, nil
	}
	try, err := d.attempt(ctx, market, p.ID, "close")
	if err != nil {
		return Object{}, err
	}
	o, err := g.Close(ctx, market, p.Object)
	if err != nil {
		return o, d.unanswered(ctx, market, try, err)
	}
	return o, d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		answered(tx, try, "done", string(o.State))
		return nil
	})
}
