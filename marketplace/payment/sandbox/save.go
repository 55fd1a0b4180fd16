package sandbox

import (
	"context"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
)

// Save makes the object at which a payer saves a way to pay, on the sandbox's own
// page; the same key gives the same object.
func (g *Gateway) Save(ctx context.Context, i payment.Intent) (payment.Object, error) {
	return g.open(ctx, i, "sb_save_", true)
}

// Charge takes a sum by what was saved, once for a payment, or declines it when the
// payer has said so on the page. News of it goes out a moment later. What was
// forgotten is declined.
func (g *Gateway) Charge(ctx context.Context, c payment.Charge) (payment.Object, error) {
	name := "sb_charge_" + c.Payment.String()
	err := g.db.Update(ctx, c.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		saved, err := find(tx, c.Saved, " FOR UPDATE")
		if err != nil {
			return err
		}
		if _, err := find(tx, name, ""); err == nil || !fault.Has(err, "not_found") {
			return err
		}
		state, captured := "captured", c.Amount
		if saved.Declines || saved.State != "saved" {
			state, captured = "failed", 0
		}
		tx.Queue("INSERT INTO sandbox_objects (market_id, id, payment_id, sale_id, amount_minor, currency, captured_minor, state, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
			c.Market, name, c.Payment, saved.Sale, c.Amount, c.Currency, captured, state, tx.Now)
		jobs.Add(tx, JobNews, name+":0", newsJob{Object: name, Payment: c.Payment, Event: "evt_" + name})
		return nil
	})
	if err != nil {
		return payment.Object{}, err
	}
	return g.Look(ctx, c.Market, name)
}

// Forget lets go of what was saved; twice is once.
func (g *Gateway) Forget(ctx context.Context, market int32, saved string) error {
	return g.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("UPDATE sandbox_objects SET state = 'closed', changed_at = $3 WHERE market_id = $1 AND id = $2 AND state = 'saved'", market, saved, tx.Now)
		return nil
	})
}
