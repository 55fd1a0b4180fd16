package returns

import (
	"context"
	"strings"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
	"commonfield/storage/written"
)

// Ref names one return of an order.
type Ref struct {
	Order order.Ref
	ID    id.ID
}

// step makes one step of a return, both it and its order locked; made already, it
// is left alone. An operator who bought, sold or earned on the order makes none
// (dispute_own).
func (r *Room) step(ctx context.Context, by order.By, ref Ref, deed string, made func(Return) bool, do func(*storage.Tx, Return) error) error {
	if by.As == order.AsOperator {
		if err := r.orders.Apart(ctx, by.ID, ref.Order); err != nil {
			return err
		}
	}
	return r.db.Update(ctx, ref.Order.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, b, err := r.hold(tx, ref)
		if err != nil || made(b) {
			return err
		}
		if !b.may(by.As, deed) {
			if !b.Open() {
				return fault.Conflict("return_ended")
			}
			return fault.Conflict("return_turn")
		}
		if by.As == order.AsOperator {
			trail.Write(tx, by.ID, "return."+deed, "order:"+o.ID.String(), "")
		}
		return do(tx, b)
	})
}

// is says of a return that it stands somewhere already.
func is(state State) func(Return) bool { return func(b Return) bool { return b.State == state } }

// hold locks an order and its return, in this order.
func (r *Room) hold(tx *storage.Tx, ref Ref) (order.Order, Return, error) {
	o, err := r.orders.Hold(tx, ref.Order)
	if err != nil {
		return o, Return{}, err
	}
	var b Return
	err = tx.Get(&b, "SELECT "+columns+" FROM returns WHERE market_id = $1 AND order_id = $2 AND id = $3 FOR UPDATE", tx.Market, o.ID, ref.ID)
	if err == storage.ErrNone {
		return o, b, fault.NotFound("not_found")
	}
	if err == nil {
		err = b.read()
	}
	return o, b, err
}

// Answer is a seller's approval: where to send the goods, and who pays the way.
type Answer struct {
	To   string
	Pays string // BuyerPays or SellerPays; empty: the buyer
}

// Approve takes a return on, by the seller or an operator; where silence has, it says
// where to send the goods. Calling it twice is calling it once.
func (r *Room) Approve(ctx context.Context, by order.By, ref Ref, a Answer) error {
	a.To = written.Plain(a.To)
	var wrong []error
	switch {
	case a.To == "":
		wrong = append(wrong, fault.Invalid("to", "required"))
	case len([]rune(a.To)) > MostTo:
		wrong = append(wrong, fault.Invalid("to", "too_long", fault.Args{"most": MostTo}))
	}
	if a.Pays == "" {
		a.Pays = BuyerPays
	}
	if a.Pays != BuyerPays && a.Pays != SellerPays {
		wrong = append(wrong, fault.Invalid("pays", "required"))
	}
	if err := fault.All(wrong...); err != nil {
		return err
	}
	sealed, err := r.box.Seal([]byte(a.To), "return:"+ref.ID.String())
	if err != nil {
		return err
	}
	made := func(b Return) bool { return b.State == Approved && b.Sealed != nil }
	return r.step(ctx, by, ref, DeedApprove, made, func(tx *storage.Tx, b Return) error {
		b.approve(tx, by.ID, a.Pays, sealed)
		return nil
	})
}

func (r Return) approve(tx *storage.Tx, by id.ID, pays string, to []byte) {
	due := tx.Now.Add(sendTime)
	r.State, r.DueAt, r.Sealed = Approved, &due, to
	tx.Queue("UPDATE returns SET state = $3, due_at = $4, approved_at = $5, approved_by = $6, pays = $7, send_to_sealed = $8 WHERE market_id = $1 AND id = $2",
		tx.Market, r.ID, string(r.State), due, tx.Now, by, pays, to)
	tell(tx, r, by)
	timed(tx, r)
}

// Refuse says no with a reason that the buyer reads. A seller's no before the goods
// were sent lets the buyer call an operator; of goods that are here it calls one at
// once, for the buyer has neither goods nor money. An operator's is the end. Calling
// it twice is calling it once.
func (r *Room) Refuse(ctx context.Context, by order.By, ref Ref, why string) error {
	why = written.Plain(why)
	switch {
	case why == "":
		return fault.Invalid("why", "required")
	case len([]rune(why)) > MostText:
		return fault.Invalid("why", "too_long", fault.Args{"most": MostText})
	}
	made := func(b Return) bool {
		switch by.As {
		case order.AsSeller:
			return b.ObjectedAt != nil && (b.State == Objected || b.State == Called)
		case order.AsOperator:
			return b.State == Refused
		}
		return false // a buyer never refuses
	}
	return r.step(ctx, by, ref, DeedRefuse, made, func(tx *storage.Tx, b Return) error {
		if by.As != order.AsSeller {
			return b.end(tx, by.ID, Refused, why, b.Fate, 0)
		}
		b.Objection, b.ObjectedAt = why, &tx.Now
		if b.State == Sent {
			b.call(tx, by.ID, "")
			return nil
		}
		due := tx.Now.Add(callTime)
		b.State, b.DueAt = Objected, &due
		tx.Queue("UPDATE returns SET state = $3, due_at = $4, objection = $5, objected_at = $6 WHERE market_id = $1 AND id = $2", tx.Market, b.ID, string(b.State), due, why, tx.Now)
		tell(tx, b, by.ID)
		timed(tx, b)
		return nil
	})
}

// Call asks an operator to decide, by the buyer whose seller said no. Calling it
// twice is calling it once.
func (r *Room) Call(ctx context.Context, by order.By, ref Ref) error {
	return r.step(ctx, by, ref, DeedCall, is(Called), func(tx *storage.Tx, b Return) error {
		b.call(tx, by.ID, "")
		return nil
	})
}

// call makes it an operator's to decide; of goods that are here with what was seen.
func (r Return) call(tx *storage.Tx, by id.ID, fate string) {
	r.State, r.DueAt = Called, nil
	came := &tx.Now
	if fate == "" {
		came = r.CameAt
	}
	tx.Queue("UPDATE returns SET state = $3, due_at = NULL, called_at = $4, came_at = $5, fate = $6, objection = $7, objected_at = $8 WHERE market_id = $1 AND id = $2",
		tx.Market, r.ID, string(r.State), tx.Now, came, fate, r.Objection, r.ObjectedAt)
	tell(tx, r, by)
}

// Send says that the goods are on their way back, by the buyer. Calling it twice is
// calling it once.
func (r *Room) Send(ctx context.Context, by order.By, ref Ref, carrier, number string) error {
	carrier, number = strings.TrimSpace(written.Plain(carrier)), strings.TrimSpace(written.Plain(number))
	var wrong []error
	for _, one := range []struct{ field, text string }{{"carrier", carrier}, {"number", number}} {
		switch {
		case one.text == "":
			wrong = append(wrong, fault.Invalid(one.field, "required"))
		case len([]rune(one.text)) > 40:
			wrong = append(wrong, fault.Invalid(one.field, "too_long", fault.Args{"most": 40}))
		}
	}
	if err := fault.All(wrong...); err != nil {
		return err
	}
	return r.step(ctx, by, ref, DeedSend, is(Sent), func(tx *storage.Tx, b Return) error {
		due := tx.Now.Add(receiveTime)
		b.State, b.DueAt = Sent, &due
		tx.Queue("UPDATE returns SET state = $3, due_at = $4, carrier = $5, number = $6, sent_at = $7 WHERE market_id = $1 AND id = $2",
			tx.Market, b.ID, string(b.State), due, carrier, number, tx.Now)
		tell(tx, b, by.ID)
		timed(tx, b)
		return nil
	})
}
