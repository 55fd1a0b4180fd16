package recon

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/tally"
)

// Runs gives the readings, newest first, at most n.
func Runs(tx *storage.Tx, n int) ([]Run, error) {
	var all []Run
	err := tx.Select(&all, `SELECT `+runColumns+` FROM gateway_runs WHERE market_id = $1 ORDER BY began_at DESC, key DESC LIMIT $2`, tx.Market, n)
	return all, err
}

// Undecided gives the lines that a person must look at, oldest first, at most n.
func Undecided(tx *storage.Tx, n int) ([]Line, error) {
	var all []Line
	err := tx.Select(&all, `SELECT `+lineColumns+` FROM gateway_lines WHERE `+undecided+` ORDER BY id LIMIT $2`, tx.Market, n)
	return all, err
}

const undecided = `market_id = $1 AND state IN ('waits', 'differs')`

// Tallies are what waits for a person: lines that nobody has explained.
func Tallies() []tally.Of {
	return []tally.Of{{Name: "gateway_lines", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM gateway_lines WHERE ` + undecided}}
}

// Lines gives the lines, newest first, older than after (none: from the newest).
func Lines(tx *storage.Tx, after id.ID, n int) ([]Line, error) {
	var all []Line
	err := tx.Select(&all, `SELECT `+lineColumns+` FROM gateway_lines WHERE market_id = $1 AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR id < $2::uuid) ORDER BY id DESC LIMIT $3`, tx.Market, after, n)
	return all, err
}

// Banked books by hand that the gateway has paid its balance to our bank. It refuses
// a sum that is in the books by itself (line_known): that line is met by the bank's.
func (d *Desk) Banked(ctx context.Context, market int32, by id.ID, sum int64, bankRef string, within ...string) error {
	if err := d.Unknown(ctx, market, sum); err != nil {
		return err
	}
	return d.payments.Banked(ctx, market, by, sum, bankRef, within...)
}

// Unknown refuses a sum that a payout of the gateway's has which may still be on its
// way to our bank.
func (d *Desk) Unknown(ctx context.Context, market int32, sum int64) error {
	return d.db.View(ctx, market, func(tx *storage.Tx) error {
		all, err := Paid(tx, tx.Now.Add(-grace*5), sum)
		if err == nil && len(all) > 0 {
			err = fault.Conflict("line_known").On("target")
		}
		return err
	})
}

// Now reads the balance at once, for whoever presses the button: at most once a
// minute. Only the keeper has the account (not_the_keeper).
func (d *Desk) Now(ctx context.Context, market int32) error {
	keeper, err := d.Keeper(ctx)
	if err != nil {
		return err
	}
	if keeper.ID != market || !d.Reads() {
		return fault.Conflict("not_the_keeper")
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		d.Due(tx, tx.Now.UTC().Format("2006-01-02T15:04"))
		return nil
	})
}
