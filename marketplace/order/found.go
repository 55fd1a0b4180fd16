package order

import (
	"context"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Left is what of a payment could still go back to its payer: of one line or charge.
type Left struct {
	Ref    Ref
	Number string
	Part   Part // its amount is all that is left
	Title  string
	Label  string // of a charge
}

// Left lists what of a payment could still go back, over all its markets. Of an
// order that is not paid, or has ended, nothing.
func (p *Pipeline) Left(ctx context.Context, home int32, pay id.ID) ([]Left, error) {
	due, shares, err := p.whole(ctx, home, pay)
	if err != nil {
		return nil, err
	}
	markets := []int32{due.Home}
	for _, s := range shares {
		markets = append(markets, s.Market)
	}
	var all []Left
	for _, market := range markets {
		err := p.db.View(ctx, market, func(tx *storage.Tx) error {
			var orders []Order
			if err := tx.Select(&orders, "SELECT "+columns+bears+` FROM payments p JOIN baskets b ON b.market_id = p.market_id AND b.id = p.sale_id
				JOIN orders o ON o.market_id = b.market_id AND o.basket_id = b.id WHERE p.market_id = $1 AND p.id = $2 ORDER BY o.id`, market, pay); err != nil {
				return err
			}
			for i := range orders {
				o := &orders[i]
				if o.mayGiveBack() != nil {
					continue
				}
				if err := withLines(tx, o); err != nil {
					return err
				}
				all = append(all, o.lefts()...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (o *Order) lefts() []Left {
	var all []Left
	backs := o.backs()
	for i, part := range o.whole() {
		if part.Amount = backs[i]; part.Amount == 0 {
			continue
		}
		l := Left{Ref: o.Ref(), Number: o.Number, Part: part}
		for _, line := range o.Lines {
			if line.No == part.Line {
				l.Title = line.Title
			}
		}
		for _, c := range o.Charges {
			if c.No == part.Charge {
				l.Label = c.Label
			}
		}
		all = append(all, l)
	}
	return all
}

// Found writes down what somebody has given back in the gateway's own pages, as a
// refund of these parts: from whom the money is with now. Its gateway has paid it
// already, and is only asked how it stands. Once for an order and the gateway's name
// of it. It refuses what Refund refuses.
func (p *Pipeline) Found(ctx context.Context, by By, ref Ref, parts []Part, object, reason string) error {
	cause := "refund:" + object
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.lock(tx, ref)
		if err != nil {
			return err
		}
		if _, err := payment.RefundByCause(tx, "order:"+o.ID.String()+":"+cause); err == nil || !fault.Has(err, "not_found") {
			return err
		}
		if err := o.mayGiveBack(); err != nil {
			return err
		}
		if err := withLines(tx, &o); err != nil {
			return err
		}
		return p.takeBack(tx, &o, parts, deed{refund: id.New(), label: "refund", cause: cause, reason: reason, by: by, object: object})
	})
}

// mayGiveBack refuses where no money has come, or all has gone back.
func (o *Order) mayGiveBack() error {
	switch o.State {
	case Secured, Accepted, Packed, Shipped:
		if o.Way != payment.Cash {
			return nil
		}
	case Delivered, Completed:
		return nil
	}
	return fault.Conflict("refund_not_paid")
}
