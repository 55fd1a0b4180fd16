package recon

import (
	"context"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// byHand is how much earlier than the gateway a person may have booked that it has
// paid to the bank.
const byHand = 24 * time.Hour

// payout books that the gateway pays its balance to the keeper's bank. What of it
// is other markets' the keeper owes them from there. Somebody may have booked the
// same sum by hand: then a person says whether it is that.
func (d *Desk) payout(ctx context.Context, market int32, l Line) error {
	if ok, err := d.mine(ctx, market, l); !ok {
		return err
	}
	if l.Deed != Payout {
		var hand []string
		err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { hand, err = handed(tx, l); return })
		if err != nil {
			return err
		}
		if len(hand) > 0 {
			return d.waits(ctx, market, l, "banked")
		}
	}
	shared, err := d.plan(ctx, market, l, Payout, func() ([]part, error) {
		return d.weighed(ctx, market, l, func(tx *storage.Tx) (int64, error) {
			have, err := ledger.Balance(tx, ledger.GatewayAvailable)
			return max(have[ledger.GatewayAvailable], 0), err
		})
	})
	if err != nil {
		return err
	}
	// Home first: the others' sides follow under its key.
	var own int64
	var legs []ledger.Leg
	for _, p := range shared {
		if p.market == market {
			own = p.sum
			legs = append(legs, moved(ledger.BankOperating, p.sum))
		} else {
			legs = append(legs, ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.Intermarket(p.market), Amount: -p.sum})
		}
	}
	if err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		return l.post(tx, posting{deed: Payout, amount: own, legs: legs})
	}); err != nil {
		return err
	}
	for _, p := range shared {
		if p.market == market {
			continue
		}
		if err := d.db.Update(ctx, p.market, func(tx *storage.Tx) error {
			tx.Keyed()
			return l.post(tx, posting{deed: Payout, amount: p.sum, legs: []ledger.Leg{moved(ledger.Intermarket(market), p.sum)}})
		}); err != nil {
			return err
		}
	}
	return d.shared(ctx, market, l)
}

// handed gives the causes by which somebody has booked this payout by hand, perhaps.
func handed(tx *storage.Tx, l Line) ([]string, error) {
	var causes []string
	err := tx.Select(&causes, `SELECT e.cause FROM ledger_entries e JOIN ledger_postings p ON p.market_id = e.market_id AND p.entry_id = e.id
		WHERE e.market_id = $1 AND e.cause LIKE 'banked:%' AND e.posted_at >= $2 AND p.amount_minor = $3
		AND NOT EXISTS (SELECT 1 FROM gateway_lines g WHERE g.market_id = $1 AND g.kind = 'payout' AND g.target = e.cause) ORDER BY e.id`, tx.Market, l.At.Add(-byHand), -l.Net())
	return causes, err
}

// cameBack books that a payout did not reach our bank: the keeper has it at the
// gateway again, and what it owes other markets it owes them still.
func (d *Desk) cameBack(ctx context.Context, market int32, l Line) error {
	if ok, err := d.mine(ctx, market, l); !ok {
		return err
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		l.end(tx, PayoutBack, "")
		return l.post(tx, posting{deed: PayoutBack, amount: l.Net(), legs: []ledger.Leg{moved(ledger.BankOperating, l.Net())}})
	})
}

// Paying is a payout of the gateway to our bank that is in the books. Whether a line
// of the bank's statement has met it, the room of the bank knows.
type Paying struct {
	ID        id.ID     `db:"id"`
	Reference string    `db:"object"`
	Amount    int64     `db:"amount"`
	At        time.Time `db:"moved_at"`
	Gateway   string    `db:"gateway"`
}

// Paid lists the payouts since a moment, of so much or of any sum when it is 0,
// oldest first.
func Paid(tx *storage.Tx, since time.Time, sum int64) ([]Paying, error) {
	var all []Paying
	err := tx.Select(&all, `SELECT id, object, -(amount_minor - fee_minor) AS amount, moved_at, gateway FROM gateway_lines
		WHERE market_id = $1 AND kind = 'payout' AND moved_at > $2 AND state = 'done' AND deed = 'payout' AND ($3::bigint = 0 OR amount_minor - fee_minor = -$3::bigint) ORDER BY moved_at, id`, tx.Market, since, sum)
	return all, err
}

// PaidCause is the cause under which the books have a payout; it refuses one of
// another sum (line_sum), and what is none (not_found).
func PaidCause(tx *storage.Tx, line id.ID, sum int64) (string, error) {
	l, err := Find(tx, line)
	switch {
	case err != nil:
		return "", err
	case l.Kind != payment.MovedPayout || l.Deed != Payout || l.State != Done:
		return "", fault.NotFound("not_found")
	case l.Net() != -sum:
		return "", fault.Conflict("line_sum").On("target")
	}
	return l.cause(Payout), nil
}
