package order

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"

	"commonfield/agents/terms"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// A buyer may pick an order up where its seller's terms have a point, and says so when
// they place it (Ask.Collect: no delivery is paid) or until it is packed. The goods
// wait there (shipped: ready), and whoever types the buyer's code hands them over,
// which is their delivery.
//
// The code must be seen again by the buyer and known by nobody else. So no row holds
// it, not even its hash: like a claim code it is drawn from the sealed address of
// the basket, whose nonce nobody can guess, and compared in a time that tells
// nothing. Six digits can be said on a telephone; how often one may try is limited
// by the door, for the order and not for the asker.

// ByPickup is the carrier of goods that wait at a point.
const ByPickup = "pickup"

// Pickup is where an order waits.
type Pickup struct {
	Order id.ID `db:"order_id"`
	terms.Point
}

// PickUp says that the buyer comes for the order instead of having it sent. What was
// paid for the delivery goes back at once. Only before it is packed (pickup_late),
// and only where the seller's or the market's terms have a point (pickup_none).
// Twice is once.
func (p *Pipeline) PickUp(ctx context.Context, by By, ref Ref) error {
	if by.As != AsBuyer {
		return fault.Forbidden("move_not_yours")
	}
	if err := p.atHome(ctx, ref); err != nil {
		return err
	}
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.Hold(tx, ref)
		if err != nil {
			return err
		}
		if was, err := pickupOf(tx, o.ID); err != nil || was != nil {
			return err
		}
		if o.State != Secured && o.State != Accepted {
			return fault.Conflict("pickup_late")
		}
		at, err := pointOf(tx, o)
		if err != nil {
			return err
		}
		if at == nil {
			return fault.Conflict("pickup_none")
		}
		comes(tx, o, *at, by.ID)
		var bring []Part
		for _, c := range o.Charges {
			if c.Label == Delivery && c.Left.Sum() > 0 {
				bring = append(bring, Part{Charge: c.No})
			}
		}
		if len(bring) == 0 {
			return nil
		}
		refund := id.New()
		return p.takeBack(tx, &o, bring, deed{refund: refund, label: "refund", cause: "refund:" + refund.String(), reason: ByPickup, by: by})
	})
}

// comes writes down that an order's buyer comes for it, and where to.
func comes(tx *storage.Tx, o Order, at terms.Point, by id.ID) {
	tx.Queue("INSERT INTO pickups (market_id, order_id, name, address, hours, chosen_by, chosen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		o.Market, o.ID, at.Name, at.Address, at.Hours, by, tx.Now)
}

// Point is where an order's seller lets goods be picked up, or nothing.
func (p *Pipeline) Point(ctx context.Context, o Order) (at *terms.Point, err error) {
	err = p.db.View(ctx, o.Market, func(tx *storage.Tx) (err error) { at, err = pointOf(tx, o); return })
	return at, err
}

// pointOf is where an order's seller lets goods be picked up, by the terms of now.
func pointOf(tx *storage.Tx, o Order) (*terms.Point, error) {
	if o.Seller == nil {
		return nil, nil
	}
	own, err := terms.Find(tx, *o.Seller)
	if err != nil {
		return nil, err
	}
	market, err := terms.OfMarket(tx)
	if err != nil {
		return nil, err
	}
	on, _ := terms.On(own.Terms, market)
	return on.Pickup, nil
}

func pickupOf(tx *storage.Tx, order id.ID) (*Pickup, error) {
	var at Pickup
	err := tx.Get(&at, "SELECT order_id, name, address, hours FROM pickups WHERE market_id = $1 AND order_id = $2", tx.Market, order)
	if err == storage.ErrNone {
		return nil, nil
	}
	return &at, err
}

// Pickups gives where the orders of a list are picked up; those that are sent are
// not in it.
func (p *Pipeline) Pickups(ctx context.Context, market int32, orders []id.ID) (map[id.ID]Pickup, error) {
	at := map[id.ID]Pickup{}
	if len(orders) == 0 {
		return at, nil
	}
	var rows []Pickup
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, "SELECT order_id, name, address, hours FROM pickups WHERE market_id = $1 AND order_id = ANY($2)", market, names(orders))
	})
	for _, r := range rows {
		at[r.Order] = r
	}
	return at, err
}

// Offered is where an order that is sent could be picked up; nothing where it
// cannot, or can no more.
func (p *Pipeline) Offered(ctx context.Context, o Order) (*terms.Point, error) {
	if o.State != Secured && o.State != Accepted {
		return nil, nil
	}
	return p.Point(ctx, o)
}

// Ready says that a packed order waits for its buyer, who shows the code. Twice is
// once. Refusals: pickup_not_chosen.
func (p *Pipeline) Ready(ctx context.Context, by By, ref Ref) error {
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, sent, err := p.holdSent(tx, ref)
		if err != nil {
			return err
		}
		at, err := pickupOf(tx, o.ID)
		if err != nil {
			return err
		}
		if at == nil {
			return fault.Conflict("pickup_not_chosen")
		}
		if len(sent) > 0 {
			return nil
		}
		o.waits = true
		return p.send(tx, &o, by, Parcel{Carrier: ByPickup, Lines: o.Unsent(nil)})
	})
}

// Collect hands an order over to whoever says the buyer's code: it is delivered.
// Who may type it, and how often, the door says. Twice is once. Refusals:
// pickup_code, pickup_not_chosen.
func (p *Pipeline) Collect(ctx context.Context, by By, ref Ref, code string) error {
	if by.As != AsSeller && by.As != AsOperator {
		return fault.Forbidden("move_not_yours")
	}
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, err := p.Hold(tx, ref)
		if err != nil {
			return err
		}
		at, err := pickupOf(tx, o.ID)
		if err != nil {
			return err
		}
		if at == nil {
			return fault.Conflict("pickup_not_chosen")
		}
		if err := sameCode(tx, o, code); err != nil {
			return err
		}
		if o.State == Delivered || o.State == Completed {
			return nil
		}
		// The code makes the move, in the name of whoever typed it.
		if err := p.move(tx, &o, Delivered, By{Person: by.Person, As: AsSystem}, ""); err != nil {
			return err
		}
		arrived(tx, o, id.None)
		return nil
	})
}

// coded refuses whoever cannot say the code of an order that is picked up.
func coded(tx *storage.Tx, o Order, code string) error {
	if at, err := pickupOf(tx, o.ID); err != nil || at == nil {
		return err
	}
	return sameCode(tx, o, code)
}

func sameCode(tx *storage.Tx, o Order, code string) error {
	want, err := pickupCode(tx, o)
	if err != nil {
		return err
	}
	typed := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, code)
	if want == "" || subtle.ConstantTimeCompare([]byte(typed), []byte(want)) != 1 {
		return fault.Invalid("code", "pickup_code")
	}
	return nil
}

// PickupCode is the code of an order that is picked up, for its buyer alone.
func (p *Pipeline) PickupCode(ctx context.Context, o Order) (string, error) {
	var code string
	err := p.db.View(ctx, o.Market, func(tx *storage.Tx) (err error) { code, err = pickupCode(tx, o); return })
	return code, err
}

func pickupCode(tx *storage.Tx, o Order) (string, error) {
	var sealed []byte
	err := tx.Get(&sealed, "SELECT deliver_to_sealed FROM baskets WHERE market_id = $1 AND id = $2", o.Market, o.Basket)
	if err != nil || len(sealed) == 0 {
		return "", err
	}
	sum := sha256.Sum256(append([]byte("pickup:"+o.ID.String()+":"), sealed...))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum[:8])%1_000_000), nil
}
