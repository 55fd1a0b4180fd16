package sandbox

import (
	"context"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
)

// What the sandbox takes for a chargeback, and how long its bank waits for evidence.
const (
	ChargebackFee  = 1500
	ChargebackTime = 7 * 24 * time.Hour
)

type chargeback struct {
	ID       string    `db:"id"`
	Object   string    `db:"object_id"`
	Amount   int64     `db:"amount_minor"`
	State    string    `db:"state"`
	Evidence string    `db:"evidence"`
	DueAt    time.Time `db:"due_at"`
}

func findChargeback(tx *storage.Tx, name, lock string) (chargeback, error) {
	var c chargeback
	err := tx.Get(&c, "SELECT id, object_id, amount_minor, state, evidence, due_at FROM sandbox_chargebacks WHERE market_id = $1 AND id = $2"+lock, tx.Market, name)
	if err == storage.ErrNone {
		return c, fault.NotFound("not_found")
	}
	return c, err
}

// TakeBack lets the payer's bank take a payment back, and news of it go out: a sum,
// which may be larger than the payment as a bank's may, or with none all that was
// paid. Taking it back twice is taking it back once, the first sum. It refuses what
// was never paid (refund_not_paid) and no sum at all (out_of_range).
func (g *Gateway) TakeBack(ctx context.Context, market int32, object string, sum int64) error {
	return g.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := find(tx, object, " FOR UPDATE")
		if err != nil {
			return err
		}
		switch {
		case o.State != "captured":
			return fault.Conflict("refund_not_paid")
		case sum < 0 || sum > payment.MostSum:
			m, err := region.FindMarket(tx, market)
			if err != nil {
				return err
			}
			return fault.Invalid("amount", "out_of_range", fault.Args{"min": int64(1), "max": payment.MostSum, "currency": m.Currency})
		case sum == 0:
			sum = o.Captured
		}
		name := "cb_" + object
		tx.Queue("INSERT INTO sandbox_chargebacks (market_id, id, object_id, amount_minor, state, due_at, created_at) VALUES ($1, $2, $3, $4, 'open', $5, $6) ON CONFLICT DO NOTHING",
			market, name, object, sum, tx.Now.Add(ChargebackTime), tx.Now)
		tellBank(tx, o, name, "open")
		return nil
	})
}

// Decide is the word of the sandbox's bank on a chargeback. The first word stands:
// the same again changes nothing, another is refused (chargeback_closed).
func (g *Gateway) Decide(ctx context.Context, market int32, name string, won bool) error {
	state := "lost"
	if won {
		state = "won"
	}
	return g.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		c, err := findChargeback(tx, name, " FOR UPDATE")
		if err != nil || c.State == state {
			return err
		}
		if c.State != "open" {
			return fault.Conflict("chargeback_closed")
		}
		o, err := find(tx, c.Object, "")
		if err != nil {
			return err
		}
		tx.Queue("UPDATE sandbox_chargebacks SET state = $3 WHERE market_id = $1 AND id = $2", market, name, state)
		tellBank(tx, o, name, state)
		return nil
	})
}

func tellBank(tx *storage.Tx, o object, name, state string) {
	jobs.Add(tx, JobNews, name+":"+state, newsJob{Object: name, Payment: o.Payment, Event: "evt_" + name + "_" + state, Charged: true})
}

// LookChargeback says how a chargeback stands.
func (g *Gateway) LookChargeback(ctx context.Context, market int32, name string) (payment.Charged, error) {
	var c chargeback
	var o object
	err := g.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		if c, err = findChargeback(tx, name, ""); err == nil {
			o, err = find(tx, c.Object, "")
		}
		return err
	})
	return payment.Charged{ID: c.ID, Market: market, Payment: o.Payment, Amount: c.Amount, Fee: ChargebackFee, Currency: o.Currency, Reason: "sandbox",
		State: payment.ChargebackState(c.State), Due: c.DueAt}, err
}

// Contest keeps what speaks against a chargeback.
func (g *Gateway) Contest(ctx context.Context, market int32, name, text, _ string) error {
	return g.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		c, err := findChargeback(tx, name, " FOR UPDATE")
		if err != nil {
			return err
		}
		if c.State != "open" {
			return &payment.Refused{Why: "dispute_closed"}
		}
		tx.Queue("UPDATE sandbox_chargebacks SET evidence = $3 WHERE market_id = $1 AND id = $2", market, name, text)
		return nil
	})
}
