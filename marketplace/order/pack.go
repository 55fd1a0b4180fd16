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
		charges, err := withLines(tx, &o)
		if err != nil {
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
		return p.takeBack(tx, &o, len(charges), parts, deed{refund: id.New(), label: "weight", cause: "pack", reason: "weight", by: by})
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
		if !weighed {
			packed = l.Quantity
		}
		band := money.Part(l.Quantity, l.BandBP)
		if packed < l.Quantity-band || packed > l.Quantity+band {
			wrong = append(wrong, fault.Invalid(fmt.Sprintf("weight_%d", l.No), "weight_band",
				fault.Args{"line": l.No, "ordered": l.Quantity, "packed": packed, "over": max(l.Quantity-band-packed, packed-l.Quantity-band), "unit": l.Unit, "band": l.BandBP}))
			continue
		}
		line, base = append(line, int64(l.No)), append(base, packed)
		l.Packed = &packed
		if packed >= l.Quantity {
			continue
		}
		worth, err := money.MulDiv(l.Total, packed, l.Quantity)
		if err != nil {
			return nil, err
		}
		// A refund made before packing has taken its part already.
		if less := min(l.Total-worth, l.Left.Sum()); less > 0 {
			parts = append(parts, Part{Line: l.No, Amount: less})
		}
	}
	tx.Queue(`UPDATE order_lines l SET packed = u.base FROM unnest($3::int[], $4::bigint[]) AS u (no, base)
		WHERE l.market_id = $1 AND l.order_id = $2 AND l.line_no = u.no`, o.Market, o.ID, line, base)
	return parts, fault.All(wrong...)
}

// PackedOf gives the weights of a packed order by line number, for the kind
// that takes them out of its store.
func PackedOf(tx *storage.Tx, o Order) (map[int]int64, error) {
	if o.Lines == nil {
		if _, err := withLines(tx, &o); err != nil {
			return nil, err
		}
	}
	packed := map[int]int64{}
	for _, l := range o.Lines {
		packed[l.No] = l.Quantity
		if l.Packed != nil {
			packed[l.No] = *l.Packed
		}
	}
	return packed, nil
}
