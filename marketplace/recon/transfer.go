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

// payoutOf asks how the payout of a line stands, which books what nobody has heard of.
func (d *Desk) payoutOf(ctx context.Context, market int32, l Line) (payout.Payout, error) {
	if err := d.payouts.Look(ctx, market, *l.Payout); err != nil {
		return payout.Payout{}, err
	}
	var o payout.Payout
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { o, err = payout.FindPayout(tx, *l.Payout); return })
	return o, err
}

// transfer holds a transfer to a payee against its payout. One that the books say
// was never made is a difference, in its time.
func (d *Desk) transfer(ctx context.Context, market int32, l Line) (bool, error) {
	o, err := d.payoutOf(ctx, market, l)
	if err != nil || o.Transfer != l.Object || o.State != payout.Paid && o.State != payout.Returned {
		return false, err
	}
	return true, d.agree(ctx, market, l, l.Net()+o.Amount)
}

// transferBack holds what came back of a transfer against its payout: all of it, or
// a person looks at the difference.
func (d *Desk) transferBack(ctx context.Context, market int32, l Line) (bool, error) {
	o, err := d.payoutOf(ctx, market, l)
	if err != nil || o.State != payout.Returned {
		return false, err
	}
	return true, d.agree(ctx, market, l, l.Net()-o.Amount)
}
