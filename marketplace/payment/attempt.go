package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// keptFor is how long a gateway surely knows a key. Stripe forgets keys after a
// day at the earliest: with an older one the work would be done anew.
const keptFor = 20 * time.Hour

// try is one call out. It is a row before the call is made; while its end is not
// written there, nobody knows what the gateway has done.
type try struct {
	id    id.ID
	key   string
	since time.Time // when the first call with this key was made
	again bool      // an earlier call was made, whatever came of it
}

// attempt writes down that a call is about to be made. A call whose end is unknown
// is made again with the same key, so that the gateway does its work once, also
// for two who press at once; after an answer that refused, or a day, the key is
// another: the gateway would repeat its refusal.
func (d *Desk) attempt(ctx context.Context, market int32, payment id.ID, what string) (try, error) {
	var t try
	return t, d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		var before struct {
			Made  int        `db:"made"`
			Spent int        `db:"spent"`
			Since *time.Time `db:"since"`
		}
		err := tx.Get(&before, `SELECT count(*) AS made, count(*) FILTER (WHERE state = 'failed' OR created_at < $4) AS spent,
			min(created_at) FILTER (WHERE state <> 'failed' AND created_at >= $4) AS since
			FROM payment_attempts WHERE market_id = $1 AND payment_id = $2 AND what = $3`, market, payment, what, tx.Now.Add(-keptFor))
		if err != nil {
			return err
		}
		t = try{id: id.New(), key: fmt.Sprintf("%s:%s:%d", payment, what, before.Spent+1), since: tx.Now, again: before.Made > 0}
		if before.Since != nil {
			t.since = *before.Since
		}
		tx.Queue("INSERT INTO payment_attempts (market_id, id, payment_id, what, key, state, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, 'unknown', $6, $6) ON CONFLICT DO NOTHING",
			market, t.id, payment, what, t.key, tx.Now)
		return nil
	})
}

func answered(tx *storage.Tx, t try, state, answer string) {
	tx.Queue("UPDATE payment_attempts SET state = $3, answer = $4, changed_at = $5 WHERE market_id = $1 AND id = $2", tx.Market, t.id, state, answer, tx.Now)
}

// unanswered is what a caller hears of a call that did not go well. The gateway's
// own refusal is written to the attempt; without an answer it stays unknown.
func (d *Desk) unanswered(ctx context.Context, market int32, t try, err error) error {
	no, said := errors.AsType[*Refused](err)
	if !said {
		return fault.Unavailable("gateway_down").Because(err)
	}
	write := d.db.Update(context.WithoutCancel(ctx), market, func(tx *storage.Tx) error {
		tx.Keyed()
		answered(tx, t, "failed", no.Why)
		return nil
	})
	if write != nil {
		return write
	}
	switch {
	case no.Done:
		return fault.Unavailable("gateway_down").Because(err)
	case no.Frozen:
		return fault.Conflict("refund_frozen").Because(err)
	}
	return fault.Conflict("gateway_refused").Because(err)
}

// Calls is what is known of how the gateways of a market answer, from the last calls
// out; the bank and hands are asked nothing.
type Calls struct {
	Answered time.Time // when one was asked last and answered; zero: none was
	Silent   int       // calls since then of which no answer came
}

const (
	lastCalls = 50          // are looked at
	callTakes = time.Minute // before it counts as silent
)

// CallsOf says how the gateways of a market have answered lately.
func CallsOf(tx *storage.Tx) (c Calls, err error) {
	var calls []struct {
		Answered bool      `db:"answered"`
		Made     time.Time `db:"created_at"`
	}
	err = tx.Select(&calls, `SELECT a.answer <> '' AS answered, a.created_at FROM (SELECT id, payment_id, answer, created_at FROM payment_attempts WHERE market_id = $1 ORDER BY id DESC LIMIT $2) a
		JOIN payments p ON p.market_id = $1 AND p.id = a.payment_id WHERE p.gateway NOT IN ('bank', 'cash') ORDER BY a.id DESC`, tx.Market, lastCalls)
	for _, one := range calls {
		if one.Answered {
			c.Answered = one.Made
			break
		}
		if tx.Now.Sub(one.Made) > callTakes {
			c.Silent++
		}
	}
	return c, err
}
