package order

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// An order is sent in one parcel or in several. It is on its way when the first is
// handed over, and has arrived when all of it was sent and every parcel is there
// or lost.

// Parcel is what is handed to a carrier: so much of each line, in base units by its
// number; without lines all that has not been sent yet.
type Parcel struct {
	Carrier, Number string
	Lines           map[int]int64
}

// Shipment is one parcel on its way.
type Shipment struct {
	ID        id.ID         `db:"id"`
	Carrier   string        `db:"carrier"`
	Number    string        `db:"number"`
	State     string        `db:"state"` // sent, arrived, lost, returned
	Why       string        `db:"why"`
	At        time.Time     `db:"shipped_at"`
	Delivered *time.Time    `db:"delivered_at"`
	Held      []byte        `db:"holds"`
	Lines     map[int]int64 `db:"-"` // what it holds, in base units
	came      map[int]int64 // what of it came back from the buyer
}

// The states of a parcel.
const (
	ParcelSent     = "sent"
	ParcelArrived  = "arrived"
	ParcelLost     = "lost"
	ParcelReturned = "returned" // the carrier brought it back
)

// parcels reads the parcels of an order, whose lines are known.
func parcels(tx *storage.Tx, o *Order) ([]Shipment, error) {
	var all []Shipment
	err := tx.Select(&all, "SELECT id, carrier, number, state, why, shipped_at, delivered_at, holds FROM shipments WHERE market_id = $1 AND order_id = $2 ORDER BY id", o.Market, o.ID)
	for i := range all {
		if all[i].Held == nil {
			all[i].Lines = o.sending()
		} else if e := json.Unmarshal(all[i].Held, &all[i].Lines); e != nil {
			return nil, e
		}
	}
	return all, err
}

// holdSent is Hold with the order's parcels.
func (p *Pipeline) holdSent(tx *storage.Tx, ref Ref) (Order, []Shipment, error) {
	o, err := p.Hold(tx, ref)
	if err != nil {
		return o, nil, err
	}
	sent, err := parcels(tx, &o)
	return o, sent, err
}

// sending is how much of each line there is to send.
func (o *Order) sending() map[int]int64 {
	all := map[int]int64{}
	for _, l := range o.Lines {
		n := l.Taken()
		if l.Packed != nil {
			n = *l.Packed
		}
		if n > 0 {
			all[l.No] = n
		}
	}
	return all
}

// Unsent is what is in none of its parcels yet.
func (o *Order) Unsent(sent []Shipment) map[int]int64 {
	rest := o.sending()
	for _, s := range sent {
		for no, n := range s.Lines {
			if rest[no] -= n; rest[no] <= 0 {
				delete(rest, no)
			}
		}
	}
	return rest
}

// check gives the parcel as it is kept.
func (parcel Parcel) check() (Parcel, error) {
	parcel.Carrier, parcel.Number = strings.TrimSpace(parcel.Carrier), strings.TrimSpace(parcel.Number)
	var tooLong, missing error
	if parcel.Carrier == "" {
		missing = fault.Invalid("carrier", "required")
	}
	if len(parcel.Carrier) > 80 || len(parcel.Number) > 80 {
		tooLong = fault.Invalid("number", "too_long", fault.Args{"most": 80})
	}
	return parcel, fault.All(missing, tooLong)
}

// Ship hands packed goods over, all that is left or some of each line; the first
// parcel makes the order shipped. The same parcel (carrier, number and lines) is
// handed over once, however often it is said; so is a parcel without lines, where
// nothing is left. Refusals: parcel_more, parcel_empty.
func (p *Pipeline) Ship(ctx context.Context, by By, ref Ref, parcel Parcel) error {
	parcel, err := parcel.check()
	if err != nil {
		return err
	}
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, sent, err := p.holdSent(tx, ref)
		if err != nil {
			return err
		}
		rest := o.Unsent(sent)
		lines := parcel.Lines
		if lines == nil {
			if o.State == Shipped && len(rest) == 0 {
				return nil
			}
			lines = rest // never sent before, though another half may look the same
		}
		for _, s := range sent {
			if parcel.Lines != nil && s.Carrier == parcel.Carrier && s.Number == parcel.Number && maps.Equal(s.Lines, lines) {
				return nil
			}
		}
		if err := p.maySend(tx, &o, by, lines, rest); err != nil {
			return err
		}
		return p.send(tx, &o, by, Parcel{parcel.Carrier, parcel.Number, lines})
	})
}

// maySend refuses, after the move was looked at, what is picked up and a parcel
// that holds more than is left.
func (p *Pipeline) maySend(tx *storage.Tx, o *Order, by By, lines, rest map[int]int64) error {
	if o.State != Shipped {
		if err := p.mayMove(tx, o, Shipped, by); err != nil {
			return err
		}
	} else if by.As != AsSeller && by.As != AsOperator {
		return p.refuse(*o, Shipped, by.As, tx.Now)
	}
	if at, err := pickupOf(tx, o.ID); err != nil || at != nil {
		if err == nil {
			err = fault.Conflict("pickup_chosen")
		}
		return err
	}
	if o.Way == payment.Cash && !maps.Equal(lines, o.Unsent(nil)) {
		return fault.Conflict("cash_one_parcel") // its money is taken once
	}
	return o.fits(lines, rest)
}

// send writes a parcel; the first makes the order shipped.
func (p *Pipeline) send(tx *storage.Tx, o *Order, by By, parcel Parcel) error {
	if o.State != Shipped {
		if err := p.move(tx, o, Shipped, by, ""); err != nil {
			return err
		}
	}
	holds, err := json.Marshal(parcel.Lines)
	if err != nil {
		return err
	}
	tx.Queue("INSERT INTO shipments (market_id, id, order_id, carrier, number, holds, shipped_by, shipped_at) VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)",
		o.Market, id.New(), o.ID, parcel.Carrier, parcel.Number, string(holds), by.ID, tx.Now)
	return nil
}

// fits refuses a parcel that holds more than is left, or nothing.
func (o *Order) fits(lines, rest map[int]int64) error {
	var wrong []error
	if len(lines) == 0 {
		wrong = append(wrong, fault.Conflict("parcel_empty"))
	}
	for no, n := range lines {
		l, err := o.line(no)
		if err != nil {
			return err
		}
		if n <= 0 || n > rest[no] {
			wrong = append(wrong, fault.Invalid(fmt.Sprintf("send.%d", no), "parcel_more", fault.Args{"line": no, "left": rest[no], "unit": l.Unit}))
		}
	}
	return fault.All(wrong...)
}

// Deliver says that the goods have arrived: every parcel that is on its way, and
// all of the order was sent (parcel_missing, else). Calling it twice is calling it
// once.
func (p *Pipeline) Deliver(ctx context.Context, by By, ref Ref) error {
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, sent, err := p.holdSent(tx, ref)
		if err != nil || o.State == Delivered {
			return err
		}
		if o.State == Shipped && len(o.Unsent(sent)) > 0 {
			return fault.Conflict("parcel_missing")
		}
		if err := p.move(tx, &o, Delivered, by, ""); err != nil {
			return err
		}
		arrived(tx, o, id.None)
		return nil
	})
}

// arrived writes that one parcel of an order, or all, came.
func arrived(tx *storage.Tx, o Order, parcel id.ID) {
	tx.Queue(`UPDATE shipments SET state = 'arrived', delivered_at = $3 WHERE market_id = $1 AND order_id = $2 AND state = 'sent'
		AND ($4 = '00000000-0000-0000-0000-000000000000'::uuid OR id = $4)`, o.Market, o.ID, tx.Now, parcel)
}

// Arrive says that one parcel has arrived; the last one delivers the order. Calling
// it twice is calling it once.
func (p *Pipeline) Arrive(ctx context.Context, by By, ref Ref, parcel id.ID) error {
	return p.parcel(ctx, by, ref, parcel, Delivered, func(tx *storage.Tx, o *Order, sent []Shipment, s *Shipment) error {
		s.State = ParcelArrived
		arrived(tx, *o, s.ID)
		return p.all(tx, o, sent, by)
	})
}

// all delivers an order when nothing of it is on its way any more.
func (p *Pipeline) all(tx *storage.Tx, o *Order, sent []Shipment, by By) error {
	for _, s := range sent {
		if s.State == ParcelSent {
			return nil
		}
	}
	if len(o.Unsent(sent)) > 0 {
		return nil
	}
	return p.move(tx, o, Delivered, by, "")
}

// Lost says that one parcel will not come: what it held is refunded at once, and
// the claim on the carrier is the operator's, with the reason that stands here.
// The stock stays gone. When every parcel is lost, the order is cancelled. Only an
// operator says so; calling it twice is calling it once.
func (p *Pipeline) Lost(ctx context.Context, by By, ref Ref, parcel id.ID, why string) error {
	why = strings.TrimSpace(why)
	if why == "" {
		return fault.Invalid("reason", "required")
	}
	if len([]rune(why)) > 500 {
		return fault.Invalid("reason", "too_long", fault.Args{"most": 500})
	}
	return p.parcel(ctx, by, ref, parcel, Cancelled, func(tx *storage.Tx, o *Order, sent []Shipment, s *Shipment) error {
		out, left, err := o.remains(tx, sent)
		if err != nil {
			return err
		}
		held := s.rest(out)
		s.State = ParcelLost
		tx.Queue("UPDATE shipments SET state = 'lost', why = $3 WHERE market_id = $1 AND id = $2 AND state = 'sent'", o.Market, s.ID, why)
		if gone(sent) && len(o.Unsent(sent)) == 0 {
			return p.cancelSecured(tx, o, by, "lost")
		}
		parts, err := o.missing(held, left)
		if err != nil {
			return err
		}
		if err := p.takeBack(tx, o, parts, deed{refund: id.New(), label: "lost", cause: "lost:" + s.ID.String(), reason: why, by: by}); err != nil {
			return err
		}
		return p.all(tx, o, sent, System)
	})
}

// gone says whether every parcel is lost or was brought back.
func gone(sent []Shipment) bool {
	for _, s := range sent {
		if s.State != ParcelLost && s.State != ParcelReturned {
			return false
		}
	}
	return true
}

// missing is what goes back of the lines when so much of what is left of them is
// gone.
func (o *Order) missing(gone, left map[int]int64) ([]Part, error) {
	var parts []Part
	for _, no := range slices.Sorted(maps.Keys(gone)) { // charges are numbered by it
		l, err := o.line(no)
		if err != nil {
			return nil, err
		}
		before := min(left[no], l.Quantity)
		less, err := l.costs(before, max(before-gone[no], 0))
		if err != nil {
			return nil, err
		}
		if less > 0 {
			parts = append(parts, Part{Line: no, Amount: less})
		}
	}
	return parts, nil
}

// parcel does something with one parcel that is on its way, as a party that makes
// a move from there; what was done to it already is done.
func (p *Pipeline) parcel(ctx context.Context, by By, ref Ref, parcel id.ID, as State, do func(*storage.Tx, *Order, []Shipment, *Shipment) error) error {
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, sent, err := p.holdSent(tx, ref)
		if err != nil {
			return err
		}
		for i := range sent {
			s := &sent[i]
			if s.ID != parcel {
				continue
			}
			if s.State != ParcelSent {
				if s.State == map[State]string{Delivered: ParcelArrived, Cancelled: ParcelLost}[as] {
					return nil
				}
				return fault.Conflict("parcel_settled")
			}
			if err := p.mayMove(tx, &o, as, by); err != nil {
				return err
			}
			return do(tx, &o, sent, s)
		}
		if err := p.mayMove(tx, &o, as, by); err != nil {
			return err
		}
		return fault.NotFound("not_found")
	})
}

// waited ends an order that was long enough on its way: what was never sent goes
// back, its money to the buyer, its goods to the store, and the rest counts as
// arrived. Where every parcel was lost or brought back there is no rest: it is
// cancelled.
func (p *Pipeline) waited(tx *storage.Tx, o *Order) error {
	if err := withLines(tx, o); err != nil {
		return err
	}
	sent, err := parcels(tx, o)
	if err != nil {
		return err
	}
	if gone(sent) {
		return p.cancelSecured(tx, o, System, "timeout")
	}
	if err := p.unsent(tx, o, sent); err != nil {
		return err
	}
	return p.move(tx, o, Delivered, System, "timeout")
}

func (p *Pipeline) unsent(tx *storage.Tx, o *Order, sent []Shipment) error {
	rest := o.Unsent(sent)
	if len(rest) == 0 {
		return nil
	}
	_, left, err := o.remains(tx, sent)
	if err != nil {
		return err
	}
	parts, err := o.missing(rest, left)
	if err != nil {
		return err
	}
	if err := p.kinds[o.Kind].back(tx, *o, rest, System.ID); err != nil {
		return err
	}
	return p.takeBack(tx, o, parts, deed{refund: id.New(), label: "lost", cause: "unsent", reason: "unsent", by: System})
}
