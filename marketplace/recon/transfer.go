package recon

import (
	"context"

	"commonfield/agents/payout"
	"commonfield/storage"
	"commonfield/storage/id"
)

// knowsPayouts gives those of payouts that are a market's, paid by a gateway.
func (d *Desk) knowsPayouts(ctx context.Context, market int32, payouts []id.ID) ([]id.ID, error) {
	if d.payouts == nil {
		return nil, nil
	}
	return d.payouts.Knows(ctx, market, payouts)
}

// payoutOf gives the payout of a line. Where the books do not know of the line yet,
// the gateway is asked, which books what nobody has heard of.
func (d *Desk) payoutOf(ctx context.Context, market int32, l Line, known func(payout.Payout) bool) (o payout.Payout, found bool, err error) {
	read := func() error {
		return d.db.View(ctx, market, func(tx *storage.Tx) (err error) { o, err = payout.FindPayout(tx, *l.Payout); return })
	}
	if err := read(); err != nil || known(o) {
		return o, err == nil, err
	}
	if err := d.payouts.Look(ctx, market, *l.Payout); err != nil {
		return o, false, err
	}
	err = read()
	return o, err == nil && known(o), err
}

// transfer holds a transfer to a payee against its payout. One that the books say
// was never made is a difference, in its time.
func (d *Desk) transfer(ctx context.Context, market int32, l Line) (bool, error) {
	o, found, err := d.payoutOf(ctx, market, l, func(o payout.Payout) bool {
		return o.Transfer == l.Object && (o.State == payout.Paid || o.State == payout.Returned)
	})
	if err != nil || !found {
		return false, err
	}
	return true, d.agree(ctx, market, l, l.Net()+o.Amount)
}

// transferBack holds what came back of a transfer against its payout: all of it, or
// a person looks at the difference.
func (d *Desk) transferBack(ctx context.Context, market int32, l Line) (bool, error) {
	o, found, err := d.payoutOf(ctx, market, l, func(o payout.Payout) bool { return o.State == payout.Returned })
	if err != nil || !found {
		return false, err
	}
	return true, d.agree(ctx, market, l, l.Net()-o.Amount)
}
