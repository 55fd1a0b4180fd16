package order

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// Accept promises that the seller delivers. Calling it twice is calling it once.
// It refuses (fault.Conflict, with the moves allowed) unless the order is secured.
func (p *Pipeline) Accept(ctx context.Context, by By, ref Ref) error {
	return p.simply(ctx, by, ref, Accepted, nil)
}

// AcceptPart promises a part: how much of each line, in base units by its number;
// a line that is not named is taken whole. What is missing is refunded at once,
// its goods go back on the shelf, its commission is taken back, and the delivery
// is reckoned again by the tariff it was placed on. Calling it twice is calling it
// once. Refusals: accept_nothing (that is a decline), accept_more.
func (p *Pipeline) AcceptPart(ctx context.Context, by By, ref Ref, quantities map[int]int64) error {
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.lock(tx, ref)
		if err != nil || o.State == Accepted {
			return err
		}
		if err := withLines(tx, &o); err != nil {
			return err
		}
		missing, parts, err := o.takeOn(quantities)
		if err != nil {
			return err
		}
		why := ""
		if len(missing) > 0 {
			why = "part"
		}
		if err := p.move(tx, &o, Accepted, by, why); err != nil {
			return err
		}
		if len(missing) == 0 {
			return nil
		}
		tookOn(tx, &o)
		if kind := p.kinds[o.Kind]; kind.Less != nil {
			if err := kind.Less(tx, o, missing, by.ID); err != nil {
				return err
			}
		}
		return p.takeBack(tx, &o, parts, deed{refund: id.New(), label: "part", cause: "part", reason: "part", by: by})
	})
}

// takeOn writes on the lines what is taken of them, and gives by line what is
// missing and what of its money goes back.
func (o *Order) takeOn(quantities map[int]int64) (missing map[int]int64, parts []Part, err error) {
	for no := range quantities {
		if _, err := o.line(no); err != nil {
			return nil, nil, err
		}
	}
	missing = map[int]int64{}
	var wrong []error
	some := false
	for i := range o.Lines {
		l := &o.Lines[i]
		taken, named := quantities[l.No]
		if !named {
			taken = l.Quantity
		}
		if taken < 0 || taken > l.Quantity {
			wrong = append(wrong, fault.Invalid(fmt.Sprintf("take.%d", l.No), "accept_more", fault.Args{"ordered": l.Quantity, "unit": l.Unit}))
			continue
		}
		some = some || taken > 0
		if taken == l.Quantity {
			continue
		}
		less, err := l.costs(l.Quantity, taken)
		if err != nil {
			return nil, nil, err
		}
		l.Accepted, missing[l.No] = &taken, l.Quantity-taken
		switch {
		case taken == 0:
			parts = append(parts, Part{Line: l.No}) // all that is left of it
		case less > 0:
			parts = append(parts, Part{Line: l.No, Amount: less})
		}
	}
	if !some && wrong == nil {
		wrong = append(wrong, fault.Conflict("accept_nothing"))
	}
	bring, err := o.bringsLess(missing)
	if err != nil {
		return nil, nil, err
	}
	return missing, append(parts, bring...), fault.All(wrong...)
}

// bringsLess reckons a delivery again for what is left of the goods.
func (o *Order) bringsLess(missing map[int]int64) ([]Part, error) {
	var parts []Part
	for _, c := range o.Charges {
		if c.Label != Delivery || c.Tariff == nil || len(missing) == 0 {
			continue
		}
		var was Brought
		if err := json.Unmarshal(c.Tariff, &was); err != nil {
			return nil, err
		}
		grams := was.Grams
		for i, l := range o.Lines {
			if less := missing[l.No]; less > 0 && i < len(was.Lines) {
				gone, err := money.MulDiv(was.Lines[i], less, l.Quantity)
				if err != nil {
					return nil, err
				}
				grams -= gone
			}
		}
		now, err := was.Costs(grams, 0)
		if err != nil {
			return nil, err
		}
		if less := min(c.Amount-now, c.Left.Sum()); less > 0 {
			parts = append(parts, Part{Charge: c.No, Amount: less})
		}
	}
	return parts, nil
}

// tookOn writes what was taken of the lines.
func tookOn(tx *storage.Tx, o *Order) {
	var no, taken pq.Int64Array
	for _, l := range o.Lines {
		if l.Accepted != nil {
			no, taken = append(no, int64(l.No)), append(taken, *l.Accepted)
		}
	}
	tx.Queue(`UPDATE order_lines l SET accepted = u.taken FROM unnest($3::int[], $4::bigint[]) AS u (no, taken)
		WHERE l.market_id = $1 AND l.order_id = $2 AND l.line_no = u.no`, o.Market, o.ID, no, taken)
}
