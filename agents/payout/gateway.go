package payout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Transfers is the layout of a batch that a gateway pays: it has no file, and each
// of its payouts is a transfer from our account there to its payee's.
const Transfers = "transfers"

// ByBank says in SQL that a bank pays a batch: no hand, no gateway.
const ByBank = `layout NOT IN ('cash', 'transfers')`

// Gateway is where payees have accounts of their own, and which pays them from ours.
// Of a call that goes wrong it says either that it was refused (Refused), or
// nothing is known of its end.
type Gateway interface {
	Name() string
	Title() string // as people call it
	// Enrol makes an account and gives its name; the same key gives the same one.
	Enrol(ctx context.Context, e Enrolment) (object string, err error)
	// Link gives an address where the account's holder tells the gateway who they
	// are. It is good once, for minutes, and lies nowhere.
	Link(ctx context.Context, object, back string) (url string, err error)
	// Stands says how an account stands: pending, active, restricted or closed.
	Stands(ctx context.Context, object string) (string, error)
	// Transfer pays, once for a key.
	Transfer(ctx context.Context, t Transfer) (Sent, error)
	// Find looks for a transfer by its name, or by ours.
	Find(ctx context.Context, t Transfer) (s Sent, found bool, err error)
	// Reverse takes a whole transfer back from the payee's account, once for a key.
	Reverse(ctx context.Context, t Transfer) (Sent, error)
}

// Enrolment is what a gateway is told of a payee: names of ours, nobody's own.
type Enrolment struct {
	Key     string
	Market  int32
	Payee   id.ID
	Account id.ID
}

// Transfer is one payout by a gateway.
type Transfer struct {
	Key      string
	Market   int32
	Payout   id.ID
	Batch    id.ID
	Number   string // of the batch and the payout, as people call it
	Object   string // the payee's account there
	Name     string // the gateway's name of the transfer, once it is known
	Amount   int64
	Currency string
}

// Sent is a transfer as the gateway has it.
type Sent struct {
	Name     string
	Amount   int64
	Back     int64 // taken back of it
	Currency string
}

// Refused is the gateway's own no.
type Refused struct {
	Why   string
	Poor  bool // there is not enough at the gateway, now
	Done  bool // it may have done the work nevertheless: it is asked first
	Cause error
}

func (r *Refused) Error() string { return "payout: the gateway refused: " + r.Why }

// Unwrap gives the gateway's words.
func (r *Refused) Unwrap() error { return r.Cause }

// Through says which gateway pays those who have an account there.
func (d *Desk) Through(g Gateway) { d.payer = g }

// Payer is its name; empty when there is none.
func (d *Desk) Payer() string {
	if d.payer == nil {
		return ""
	}
	return d.payer.Name()
}

// PayerTitle is what people call it; empty when there is none.
func (d *Desk) PayerTitle() string {
	if d.payer == nil {
		return ""
	}
	return d.payer.Title()
}

// gateway gives the one that has an account.
func (d *Desk) gateway(name string) (Gateway, error) {
	if d.payer == nil || d.payer.Name() != name {
		return nil, fault.Conflict("gateway_off")
	}
	return d.payer, nil
}

// keptFor is how long a gateway surely knows a key; it forgets them after a day.
const keptFor = 20 * time.Hour

// try is one call out. It is a row before the call is made; while its end is not
// written there, nobody knows what the gateway has done.
type try struct {
	id    id.ID
	key   string
	again bool // an earlier call was made, whatever came of it
}

// attempt writes down that a call is about to be made. A call whose end is unknown
// is made again under the same key, so that the work is done once, also for two who
// press at once; after an answer that refused, or a day, the key is another.
func attempt(tx *storage.Tx, subject id.ID, what string) (try, error) {
	var before struct {
		Made  int `db:"made"`
		Spent int `db:"spent"`
	}
	err := tx.Get(&before, `SELECT count(*) AS made, count(*) FILTER (WHERE state = 'failed' OR created_at < $4) AS spent
FROM payout_attempts WHERE market_id = $1 AND subject_id = $2 AND what = $3`, tx.Market, subject, what, tx.Now.Add(-keptFor))
	t := try{id: id.New(), key: fmt.Sprintf("payout:%s:%s:%d", subject, what, before.Spent+1), again: before.Made > 0}
	tx.Queue(`INSERT INTO payout_attempts (market_id, id, subject_id, what, key, state, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, 'unknown', $6, $6)`,
		tx.Market, t.id, subject, what, t.key, tx.Now)
	return t, err
}

func (d *Desk) attempt(ctx context.Context, market int32, subject id.ID, what string) (t try, err error) {
	err = d.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed() // a row more that nobody has answered: the key is the same
		t, err = attempt(tx, subject, what)
		return err
	})
	return t, err
}

// lastUnknown is when the last call since a moment was made of whose end nobody
// knows; nil without one.
func lastUnknown(tx *storage.Tx, subject id.ID, what string, since time.Time) (last *time.Time, err error) {
	err = tx.Get(&last, `SELECT max(created_at) FROM payout_attempts WHERE market_id = $1 AND subject_id = $2 AND what = $3 AND state = 'unknown' AND created_at > $4`, tx.Market, subject, what, since)
	return last, err
}

func answered(tx *storage.Tx, t try, state, answer string) {
	tx.Queue(`UPDATE payout_attempts SET state = $3, answer = $4, changed_at = $5 WHERE market_id = $1 AND id = $2`, tx.Market, t.id, state, answer, tx.Now)
}

// refusal gives the gateway's own no, or nothing where the end is unknown. What it
// said is written to the attempt.
func (d *Desk) refusal(ctx context.Context, market int32, t try, err error) (*Refused, error) {
	no, said := errors.AsType[*Refused](err)
	if !said {
		return nil, fault.Unavailable("gateway_down").Because(err)
	}
	write := d.db.Update(context.WithoutCancel(ctx), market, func(tx *storage.Tx) error {
		tx.Keyed()
		answered(tx, t, "failed", no.Why)
		return nil
	})
	if write != nil {
		return nil, write
	}
	if no.Done {
		return nil, fault.Unavailable("gateway_down").Because(err)
	}
	return no, nil
}
