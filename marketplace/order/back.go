package order

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/written"
)

// Goods come back in two ways: a carrier brings a parcel back that never arrived,
// or their buyer gives them back, by the law of seven days or as a complaint was
// decided. Whoever has them in hand says whether they can be sold again.

// What becomes of goods that came back.
const (
	FateBack = "back" // in the store again
	FateLost = "lost" // written off
)

// Returned says that the carrier has brought one parcel back, by its seller or an
// operator, who have looked at what is in it. What it held is refunded; when no
// parcel is left, the order is cancelled. The claim on the carrier is noted with the
// reason that stands here. Calling it twice is calling it once.
func (p *Pipeline) Returned(ctx context.Context, by By, ref Ref, parcel id.ID, why, fate string) error {
	why = written.Plain(why)
	var wrong []error
	if why == "" {
		wrong = append(wrong, fault.Invalid("reason", "required"))
	}
	if len([]rune(why)) > 500 {
		wrong = append(wrong, fault.Invalid("reason", "too_long", fault.Args{"most": 500}))
	}
	if fate != FateBack && fate != FateLost {
		wrong = append(wrong, fault.Invalid("goods", "required"))
	}
	if err := fault.All(wrong...); err != nil {
		return err
	}
	if by.As != AsSeller && by.As != AsOperator {
		return fault.Forbidden("forbidden")
	}
	if err := p.atHome(ctx, ref); err != nil {
		return err
	}
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		o, sent, err := p.holdSent(tx, ref)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(sent, func(s Shipment) bool { return s.ID == parcel })
		switch {
		case at < 0:
			return fault.NotFound("not_found")
		case sent[at].State == ParcelReturned:
			return nil
		case sent[at].State != ParcelSent:
			return fault.Conflict("parcel_settled")
		case o.State != Shipped:
			return p.refuse(o, Cancelled, by.As, tx.Now)
		}
		return p.returned(tx, &o, sent, at, by, why, fate)
	})
}

func (p *Pipeline) returned(tx *storage.Tx, o *Order, sent []Shipment, at int, by By, why, fate string) error {
	s := &sent[at]
	out, left, err := o.remains(tx, sent)
	if err != nil {
		return err
	}
	held := s.rest(out)
	s.State = ParcelReturned
	tx.Queue("UPDATE shipments SET state = 'returned', why = $3 WHERE market_id = $1 AND id = $2 AND state = 'sent'", o.Market, s.ID, why)
	if fate == FateBack {
		if err := p.kinds[o.Kind].back(tx, *o, held, by.ID); err != nil {
			return err
		}
	}
	if gone(sent) && len(o.Unsent(sent)) == 0 {
		return p.cancelSecured(tx, o, By{Person: by.Person, As: AsSystem}, "returned")
	}
	parts, err := o.missing(held, left)
	if err != nil {
		return err
	}
	if err := p.takeBack(tx, o, parts, deed{refund: id.New(), label: "returned", cause: "returned:" + s.ID.String(), reason: why, by: By{Person: by.Person, As: AsSystem}}); err != nil {
		return err
	}
	return p.all(tx, o, sent, System)
}

// cameBack is how much of each line came back from its buyer already: of the parcels
// of which an operator decided it, which are named in its cause, and of all that came.
func cameBack(tx *storage.Tx, order id.ID) (of map[id.ID]map[int]int64, all map[int]int64, err error) {
	var rows []struct {
		Line     int    `db:"line_no"`
		Quantity int64  `db:"quantity"`
		Cause    string `db:"cause"`
	}
	err = tx.Select(&rows, "SELECT line_no, quantity, cause FROM goods_back WHERE market_id = $1 AND order_id = $2", tx.Market, order)
	of, all = map[id.ID]map[int]int64{}, map[int]int64{}
	for _, r := range rows {
		parcel, is := id.Parse(r.Cause[strings.LastIndexByte(r.Cause, ':')+1:])
		if !is || strings.Count(r.Cause, ":") < 2 {
			all[r.Line] += r.Quantity
			continue
		}
		if of[parcel] == nil {
			of[parcel] = map[int]int64{}
		}
		of[parcel][r.Line] += r.Quantity
	}
	return of, all, err
}

// came writes down what came back.
func came(tx *storage.Tx, order id.ID, cause string, lines map[int]int64, fate string) {
	for _, no := range slices.Sorted(maps.Keys(lines)) {
		if lines[no] > 0 {
			tx.Queue("INSERT INTO goods_back (market_id, order_id, cause, line_no, quantity, fate, came_at) VALUES ($1, $2, $3, $4, $5, $6, $7)", tx.Market, order, cause, no, lines[no], fate, tx.Now)
		}
	}
}

// remains is how much of each line is in parcels that are on their way or there, less
// what came back from the buyer, and how much that is with what was never sent. From
// here on the parcels know what of them came back.
func (o *Order) remains(tx *storage.Tx, sent []Shipment) (out, left map[int]int64, err error) {
	of, before, err := cameBack(tx, o.ID)
	out = map[int]int64{}
	for i := range sent {
		s := &sent[i]
		s.came = of[s.ID]
		for no, n := range s.Lines {
			if s.State != ParcelLost && s.State != ParcelReturned {
				out[no] += n - s.came[no]
			}
		}
	}
	for no := range out {
		if out[no] -= before[no]; out[no] <= 0 {
			delete(out, no)
		}
	}
	left = o.Unsent(sent)
	for no, n := range out {
		left[no] += n
	}
	return out, left, err
}

// rest is what a parcel holds that did not come back another way.
func (s *Shipment) rest(out map[int]int64) map[int]int64 {
	held := map[int]int64{}
	for no, n := range s.Lines {
		if n = min(n-s.came[no], out[no]); n > 0 {
			held[no] = n
		}
	}
	return held
}

// Has gives an order, kept for this transaction, how much of each line its buyer
// has, and since when: only what has arrived counts.
func (p *Pipeline) Has(tx *storage.Tx, ref Ref) (o Order, has map[int]int64, since time.Time, err error) {
	o, sent, err := p.holdSent(tx, ref)
	if err != nil {
		return o, nil, since, err
	}
	has, since, err = o.has(tx, sent)
	return o, has, since, err
}

// Had is Has for a page: nothing is kept.
func (p *Pipeline) Had(ctx context.Context, ref Ref) (o Order, has map[int]int64, since time.Time, err error) {
	err = p.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		if o, err = find(tx, ref); err != nil {
			return err
		}
		if err = withLines(tx, &o); err != nil {
			return err
		}
		sent, err := parcels(tx, &o)
		if err != nil {
			return err
		}
		has, since, err = o.has(tx, sent)
		return err
	})
	return o, has, since, err
}

func (o *Order) has(tx *storage.Tx, sent []Shipment) (has map[int]int64, since time.Time, err error) {
	var at []time.Time
	if err = tx.Select(&at, "SELECT moved_at FROM order_history WHERE market_id = $1 AND order_id = $2 AND to_state = 'delivered' ORDER BY id DESC LIMIT 1", tx.Market, o.ID); err != nil || len(at) == 0 {
		return map[int]int64{}, since, err
	}
	has, _, err = o.remains(tx, sent)
	return has, at[0], err
}
