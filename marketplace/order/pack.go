package order

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// Pack records the final weights, in base units by line number. Each must lie
// within the band that the buyer agreed to; what is less is refunded at once
// from what is held, what is more is the seller's gift. A line that is not
// named was packed as ordered. Calling it twice is calling it once.
func (p *Pipeline) Pack(ctx context.Context, by By, ref Ref, weights map[int]int64) error {
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.lock(tx, ref)
		if err != nil || o.State == Packed {
			return err
		}
		if err := withLines(tx, &o); err != nil {
			return err
		}
		parts, err := weigh(tx, &o, weights)
		if err != nil {
			return err
		}
		if err := p.move(tx, &o, Packed, by, ""); err != nil {
			return err
		}
		if len(parts) == 0 {
			return nil
		}
		return p.takeBack(tx, &o, parts, deed{refund: id.New(), label: "weight", cause: "pack", reason: "weight", by: by})
	})
}

// weigh holds the weights against the lines and gives what is to be refunded.
func weigh(tx *storage.Tx, o *Order, weights map[int]int64) ([]Part, error) {
	for no := range weights {
		if _, err := o.line(no); err != nil {
			return nil, err
		}
	}
	var parts []Part
	var wrong []error
	var line, base pq.Int64Array
	for i := range o.Lines {
		l := &o.Lines[i]
		packed, weighed := weights[l.No]
		taken := l.Taken()
		if !weighed {
			packed = taken
		}
		band := money.Part(taken, l.BandBP)
		if packed < taken-band || packed > taken+band {
			wrong = append(wrong, fault.Invalid(fmt.Sprintf("weight_%d", l.No), "weight_band",
				fault.Args{"line": l.No, "ordered": taken, "packed": packed, "over": max(taken-band-packed, packed-taken-band), "unit": l.Unit, "band": l.BandBP}))
			continue
		}
		line, base = append(line, int64(l.No)), append(base, packed)
		l.Packed = &packed
		less, err := l.costs(taken, packed)
		if err != nil {
			return nil, err
		}
		if less > 0 {
			parts = append(parts, Part{Line: l.No, Amount: less})
		}
	}
	tx.Queue(`UPDATE order_lines l SET packed = u.base FROM unnest($3::int[], $4::bigint[]) AS u (no, base)
		WHERE l.market_id = $1 AND l.order_id = $2 AND l.line_no = u.no`, o.Market, o.ID, line, base)
	return parts, fault.All(wrong...)
}

// costs is what goes back when less of a line is delivered than was taken on. A
// refund made before has taken its part already.
func (l Line) costs(taken, now int64) (int64, error) {
	if now >= taken {
		return 0, nil
	}
	before, err := money.MulDiv(l.Cost, taken, l.Quantity)
	if err != nil {
		return 0, err
	}
	worth, err := money.MulDiv(l.Cost, now, l.Quantity)
	return max(min(before-worth, l.Back()), 0), err
}

// PackedOf gives the weights of a packed order by line number, for the kind
// that takes them out of its store.
func PackedOf(tx *storage.Tx, o Order) (map[int]int64, error) {
	if o.Lines == nil {
		if err := withLines(tx, &o); err != nil {
			return nil, err
		}
	}
	return o.sending(), nil
}
